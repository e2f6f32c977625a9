"""Positions a body can rest in: data files, their parameters, and what the sources say of them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from psoas import units
from psoas.errors import InputError

SURFACES = ("floor", "mat", "mattress")
"""What a body can lie on."""


@dataclass(frozen=True)
class Parameter:
    """One thing that can be chosen about a position, as its file in ``psoas/positions`` gives it."""

    name: str
    """As a key of ``Position.values``, such as ``heel_distance``."""
    title: str
    """In people's words."""
    unit: str
    """As people read it, a unit of ``psoas.units``; empty for a choice. The numbers here are SI whatever it says."""
    default: float | str | None
    """A number [SI], or a word; ``None`` where it follows from the body."""
    low: float
    """Least that is taken; 0 for a choice [SI]."""
    high: float
    """Most that is taken; 0 for a choice [SI]."""
    choices: tuple[str, ...]
    """Words that are taken; empty for a number."""
    note: str
    """Where the default comes from; may be empty."""


@dataclass(frozen=True)
class Saying:
    """What a source says of a position, in our words."""

    seed: str
    """The source's number, such as ``002``; several with commas between them."""
    says: str
    """Sentences."""
    parameter: str = ""
    """Name of the parameter that ``low`` and ``high`` are for; empty where no number is said."""
    low: float | None = None
    """Least that is said [SI]."""
    high: float | None = None
    """Most that is said [SI]."""


@dataclass(frozen=True)
class Position:
    """A position with its parameters set, read from a file in ``psoas/positions`` by :func:`position`.

    ``position["arms"]`` gives one of its values; change them with :meth:`with_values`.
    """

    id: str
    """Its name on the command line and in files, such as ``constructive-rest``."""
    python: str
    """Its other name, such as ``hook_lying``; :func:`position` takes both."""
    title: str
    """In people's words, such as ``Constructive rest``."""
    summary: str
    """One sentence: how someone lies."""
    legs: str
    """``straight``; ``sole``: feet flat on the floor; ``seat``: calves on a chair; ``side``: one on the other, the body on
    its side; or upright, ``standing`` or ``chair``."""
    pelvis_held: bool
    """Whether the pelvis may stick to the surface along the body; sideways it does in every position."""
    under: Mapping[str, str]
    """Places that something must lie under, as in ``psoas.props.PLACES``, and the id of what usually does."""
    feet_held: bool
    """Whether the feet stick where they were placed, as far as friction goes."""
    parameters: Mapping[str, Parameter]
    """What can be chosen, by name."""
    sources: tuple[Saying, ...]
    """What the sources say of it; :attr:`usual_heel_distance` comes from here."""
    values: Mapping[str, float | str | None]
    """Numbers [SI] and words by parameter name; ``None`` where it follows from the body."""
    surface: str = "floor"
    """What they lie on, one of :data:`SURFACES`."""

    def __getitem__(self, name: str) -> float | str | None:
        return self.values[name]

    def number(self, name: str) -> float | None:
        """A numeric value [SI], ``None`` where it follows from the body or the position has none."""
        found = self.values.get(name)
        return float(found) if isinstance(found, (int, float)) else None

    @property
    def legs_bent(self) -> bool:
        """Whether the knees stand up, free to fall to a side."""
        return self.legs in ("sole", "seat")

    @property
    def on_side(self) -> bool:
        """Whether the body lies on its side."""
        return self.legs == "side"

    @property
    def upright(self) -> bool:
        """Whether the body stands or sits, and does not lie."""
        return self.legs in ("standing", "chair")

    @property
    def usual_heel_distance(self) -> float:
        """Middle of what the position's sources say, for the average adult [m]; only where one of them says a number."""
        said = [s for s in self.sources if s.parameter == "heel_distance" and s.low is not None and s.high is not None]
        lowest, highest = min(s.low or 0.0 for s in said), max(s.high or 0.0 for s in said)
        return 0.5 * (lowest + highest)

    def with_values(self, surface: str | None = None, **given: float | str | None) -> Position:
        """The same position with these values.

        Args:
            surface: One of :data:`SURFACES`.
            given: Numbers [SI] or words by parameter name; ``None`` keeps what is set.
        Returns:
            A new position; this one stays as it is.
        Raises:
            InputError: No such parameter, surface or choice, or a number outside its range.
        """
        chosen = dict(self.values)
        for name, value in given.items():
            if value is None:
                continue
            if name not in self.parameters:
                raise InputError(f"{self.id} has no {name}; it has {', '.join(self.parameters)}")
            chosen[name] = _checked(self.parameters[name], value)
        if surface is not None and surface not in SURFACES:
            raise InputError(f"surface is {surface!r}; give {', '.join(SURFACES[:-1])} or {SURFACES[-1]}")
        return replace(self, values=MappingProxyType(chosen), surface=surface or self.surface)

    def without(self, *names: str) -> Position:
        """The same position with these values left to the body and the position's own defaults."""
        values = {**self.values, **{name: self.parameters[name].default for name in names}}
        return replace(self, values=MappingProxyType(values))


def either(words: Sequence[str]) -> str:
    """Words to choose from, at least one: ``a``, ``a or b``, ``a, b or c``."""
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _checked(parameter: Parameter, value: float | str) -> float | str:
    name = parameter.name.replace("_", " ")
    if parameter.choices:
        if value not in parameter.choices:
            raise InputError(f"{name} is {value!r}; give {either(parameter.choices)}")
        return value
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not units.within(number, parameter.low, parameter.high):
        factor = units.to_si(1.0, parameter.unit)
        low, high = parameter.low / factor, parameter.high / factor
        given = repr(value) if isinstance(value, str) else f"{number / factor:g} {parameter.unit}"
        meant = ""
        if parameter.unit == "cm" and 0.0 < low <= number <= high:  # in Python a height of 40 was taken for meters
            meant = f", or {number / 100:g} m if {number:g} cm were meant"
        raise InputError(f"{name} is {given}; give {low:g} to {high:g} {parameter.unit}{meant}")
    return number


@cache
def positions() -> Mapping[str, Position]:
    """All positions by id, each with its defaults, from the TOML files in ``psoas/positions``.

    Raises:
        InputError: A position's file holds a unit that is none.
    """
    folder = files("psoas.positions")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    read = (_read(tomllib.loads((folder / name).read_text(encoding="utf-8"))) for name in names)
    return MappingProxyType({position.id: position for position in read})


@cache
def upright_positions() -> Mapping[str, Position]:
    """Standing and sitting by id, from the TOML files in ``psoas/positions/upright``: :mod:`psoas.upright` takes them, and
    nothing that lies.

    Raises:
        InputError: A position's file holds a unit that is none.
    """
    folder = files("psoas.positions") / "upright"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    read = (_read(tomllib.loads((folder / name).read_text(encoding="utf-8"))) for name in names)
    return MappingProxyType({position.id: position for position in read})


def upright_position(id: str) -> Position:
    """``standing`` or ``sitting``, with its defaults.

    Raises:
        InputError: No such position.
    """
    known = upright_positions()
    if id not in known:
        raise InputError(f"position is {id!r}; give {' or '.join(sorted(known))}")
    return known[id]


def position(id: str, also: Sequence[str] = ()) -> Position:
    """One position by id (``constructive-rest``) or Python name (``hook_lying``).

    Args:
        id: Either name.
        also: Ids that whoever asks takes as well, to be listed where this one is not known.
    Returns:
        The position with its defaults, on the floor.
    Raises:
        InputError: No such position.
    """
    known = positions()
    for found in known.values():
        if id in (found.id, found.python):
            return found
    taken = sorted([*known, *also])
    listed = either(taken)
    if id in upright_positions():
        raise InputError(f"position is {id!r}, in which nobody lies; give {listed}")
    near = get_close_matches(id, taken, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise InputError(f"position is {id!r}; give {listed}{hint}")


def _read(data: dict) -> Position:
    parameters = {name: _parameter(name, entry) for name, entry in data.get("parameters", {}).items()}
    sayings = tuple(
        Saying(s["seed"], s["says"], s.get("parameter", ""), _si(s.get("low")), _si(s.get("high")))
        for s in data.get("sources", ())
    )
    return Position(
        id=data["id"],
        python=data["python"],
        title=data["title"],
        summary=data["summary"],
        legs=data["legs"]["place"],
        pelvis_held=data["held"]["pelvis"],
        under=MappingProxyType(dict(data.get("under", {}))),
        feet_held=data["held"]["feet"],
        parameters=MappingProxyType(parameters),
        sources=sayings,
        values=MappingProxyType({name: p.default for name, p in parameters.items()}),
    )


def _parameter(name: str, entry: dict) -> Parameter:
    choices = tuple(entry.get("choices", ()))
    default = entry.get("default")
    return Parameter(
        name=name,
        title=entry["title"],
        unit=entry.get("unit", ""),
        default=default if choices or default is None else _si(default),
        low=_si(entry.get("low")) or 0.0,
        high=_si(entry.get("high")) or 0.0,
        choices=choices,
        note=entry.get("note", ""),
    )


def _si(text: str | None) -> float | None:
    """A number with its unit from a position's file, in SI."""
    if text is None:
        return None
    number, unit = text.split(" ", 1)
    return float(units.to_si(float(number), unit))
