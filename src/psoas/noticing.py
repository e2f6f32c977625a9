"""What a person can tell of themselves: gaps to the floor, and words for what was noticed.

Data in ``noticing.toml``. Nothing here interprets what was felt; a gap is a length with a range, or "can't tell".
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from psoas import units
from psoas.errors import InputError

CANT_TELL = "can't tell"
"""An answer in full."""
HOWS = ("strip", "photo", "helper", "guess")
"""How a gap was taken: a strip drawn out, a photograph, somebody's fingers, a guess."""
TAKEN_WITHIN: Mapping[str, float] = MappingProxyType({"strip": 0.010, "photo": 0.005, "helper": 0.005, "guess": 0.020})
"""How far off a gap taken that way may be; assumed [m]."""
_FINGERS = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?|half an?|one|two|three|four|five)\s*(?:f|fingers?)\s*", re.IGNORECASE)
_COUNTS = {"half a": 0.5, "half an": 0.5, "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0}


@dataclass(frozen=True)
class Place:
    """One place to look at, lying flat with the legs straight."""

    id: str
    title: str
    quantity: str
    """The model's quantity for the same gap, such as ``lumbar_gap``."""
    ask: str
    alone: str
    """How one person takes it without lifting or reaching."""
    helper: str
    features: tuple[int, ...]


@dataclass(frozen=True)
class Word:
    """One thing people report after a rest, in neutral words."""

    id: str
    text: str
    features: tuple[int, ...]


@dataclass(frozen=True)
class Seen:
    """One gap as somebody took it, at the end of a quiet out-breath.

    Attributes:
        value: The gap, ``None`` where nobody can tell [m].
        low, high: What it may be, from how it was taken; assumed spreads [m].
        said: As it was typed.
        how: One of :data:`HOWS`.
    """

    value: float | None
    low: float | None
    high: float | None
    said: str
    how: str = "guess"

    def as_dict(self) -> dict[str, Any]:
        """Plain values for storage."""
        return {"value": self.value, "low": self.low, "high": self.high, "said": self.said, "how": self.how}


def kept(found: Any) -> Seen | None:
    """A gap from what :meth:`Seen.as_dict` made; ``None`` where it is none of those, or came without a range, as from a table."""
    try:
        value, low, high = (None if found[k] is None else float(found[k]) for k in ("value", "low", "high"))
        whole = value is None or (low is not None and high is not None)
        return Seen(value, low, high, str(found["said"]), str(found["how"])) if whole else None
    except (KeyError, TypeError, ValueError):
        return None


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads((files("psoas") / "noticing.toml").read_text(encoding="utf-8"))


@cache
def places() -> tuple[Place, ...]:
    """The places to look at, in order."""
    return tuple(Place(**{**entry, "features": tuple(entry["features"])}) for entry in _data()["place"])


@cache
def words() -> tuple[Word, ...]:
    """What people report, from ``noticing.toml``, features 70, 71 and 76 to 88; "nothing" comes first and is a full answer."""
    return tuple(Word(entry["id"], entry["text"], tuple(entry["features"])) for entry in _data()["word"])


def finger() -> tuple[float, float, float]:
    """Breadth of one finger and the ends of its spread, assumed (3,) [m]."""
    entry = _data()["finger"]
    low, middle, high = (units.to_si(float(entry[key]), entry["unit"]) for key in ("low", "value", "high"))
    return middle, low, high


def most() -> float:
    """The largest gap that is taken; assumed [m]."""
    entry = _data()["most"]
    return units.to_si(float(entry["value"]), entry["unit"])


def seen(text: str, how: str = "guess", *, name: str = "the gap") -> Seen:
    """A gap as a person types it.

    Args:
        text: ``3 cm``, ``1in``, ``2 fingers``, ``0`` or ``can't tell``; a bare number is centimeters.
        how: One of :data:`HOWS`.
        name: What the gap is called, for the message.
    Returns:
        The gap with the range its way of taking leaves.
    Raises:
        InputError: It is neither, is negative, or is larger than a body lying flat has.
    """
    if how not in HOWS:
        raise InputError(f"{name} was taken by {how!r}; give {', '.join(HOWS[:-1])} or {HOWS[-1]}")
    said = " ".join(str(text).split())
    if said.lower().replace("’", "'") in (CANT_TELL, "cant tell", "cant-tell", "?"):
        return Seen(None, None, None, CANT_TELL, how)
    match = _FINGERS.fullmatch(said)
    if match:
        count = _COUNTS.get(match[1].lower()) or float(match[1])
        value, low, high = (count * breadth for breadth in finger())
    else:
        try:
            value = low = high = units.parse_length(said, name=name)
        except InputError:
            raise InputError(
                f"{name} is {said!r}; give fingers or a length, such as 2 fingers or 3 cm, or can't tell"
            ) from None
    if not units.within(value, 0.0, most()):
        raise InputError(
            f"{name} is {said}, {units.format_length(value)}; give 0 to {units.format_length(most())}, or can't tell"
        )
    off = TAKEN_WITHIN[how]
    return Seen(value, max(low - off, 0.0), high + off, said, how)


def look(answers: Mapping[str, str], how: str = "guess") -> dict[str, dict[str, Any]]:
    """A whole look on the floor, ready to be stored.

    Args:
        answers: What was typed, by place id; a place left empty is not part of the look.
        how: One of :data:`HOWS`.
    Returns:
        :meth:`Seen.as_dict` by place id.
    Raises:
        InputError: As :func:`seen`, or no such place.
    """
    known = {place.id: place for place in places()}
    for id in answers:
        if id not in known:
            raise InputError(f"place is {id!r}; give any of {', '.join(known)}")
    return {
        id: seen(answers[id], how, name=place.title).as_dict()
        for id, place in known.items()
        if str(answers.get(id, "")).strip()
    }


def noticed(ids: Iterable[str]) -> tuple[str, ...]:
    """Checked ids of :func:`words`, in the order of the list, each once.

    Raises:
        InputError: No such word.
    """
    given, known = set(ids), [word.id for word in words()]
    unknown = sorted(given.difference(known))
    if unknown:
        raise InputError(f"what was noticed is {unknown[0]!r}; give any of {', '.join(known)}")
    return tuple(id for id in known if id in given)
