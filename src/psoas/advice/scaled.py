"""A set-up: the sources' numbers as given, the same scaled to these legs, and one sentence to lie down by.

Nothing is searched for here: the sources' numbers are carried over to a body's size, and the resting body says
elsewhere what comes of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from psoas import units
from psoas.body.build import build
from psoas.errors import InputError
from psoas.person import SIDES, Person, value
from psoas.position import Position, Saying
from psoas.props import Prop, where_words
from psoas.units import Quantity

HIP_WIDTH_SPREAD = 0.10
"""Half the interval of the width between the hip sockets over its middle; assumed [-]."""


@dataclass(frozen=True)
class Line:
    """One number of a set-up.

    Attributes:
        name: A parameter of the position, or ``towel``.
        title: What it measures, in words.
        quantity: For this body: middle and range, with the sources it rests on.
        given: What each source says, unscaled; empty where none gives a number.
        reason: Why this number, in one sentence.
    """

    name: str
    title: str
    quantity: Quantity
    given: tuple[Saying, ...]
    reason: str


@dataclass(frozen=True)
class Setup:
    """How to lie in one position with this body.

    Attributes:
        position: With the values of the lines set, ready for the resting body.
        props: What lies under the head.
        lines: The numbers.
        measured: Whether the person's own measures were used, or an average adult's.
    """

    position: Position
    props: tuple[Prop, ...]
    lines: tuple[Line, ...]
    measured: bool

    def sentence(self, unit: str = "cm") -> str:
        """The whole set-up in one sentence.

        Args:
            unit: ``cm`` or ``in``, for lengths.
        Returns:
            The sentence.
        """
        of = {line.name: line.quantity for line in self.lines}
        if self.position.legs == "sole":
            apart = length(of["foot_width"].value, unit)
            parts = [
                f"On your back on the {self.position.surface}, knees bent, feet flat and parallel, about {apart} apart"
            ]
            parts.append(
                f"heels about {spoken(of['heel_distance'], unit)} from your buttocks, or where they like to stand"
            )
        elif self.position.legs == "seat":
            parts = [
                f"On your back on the {self.position.surface}, knees bent, calves on a seat whose edge is just behind the knees"
            ]
        elif self.position.on_side:
            parts = [f"On your {self.position['side']} side on the {self.position.surface}, hips and knees bent"]
        else:
            parts = [f"On your back on the {self.position.surface}, legs straight and let go"]
        if self.props:
            parts += [
                f"a {prop.id.replace('-', ' ')} of {length(prop.thickness, unit)} {where_words(prop.under, 'your')}"
                for prop in self.props
            ]
        arms = {
            "sides": "by your sides", "belly": "on your belly", "ribs": "on your ribs", "front": "in front of you",
            "hip": "in front of you and on your hip",
        }  # fmt: skip
        parts.append(f"hands {arms[str(self.position['arms'])]}")
        return "; ".join([", ".join(parts[:2]), *parts[2:]]) + "."


def average_leg() -> float:
    """Hip to ankle of the average adult, whom the sources' numbers are taken to be about; assumed [m].

    Raises:
        DataError: ``bones.csv`` lacks the average leg.
    """
    return value("bones", "average_leg", "length")


def leg_length(person: Person) -> float:
    """Hip to ankle of this person, the mean of both sides [m]."""
    straight = person.thigh_length + person.shank_length
    return straight * sum(person.leg_scale(side) for side in SIDES) / len(SIDES)


def set_up(person: Person, position: Position, props: Sequence[Prop] = (), *, measured: bool = True) -> Setup:
    """The sources' numbers for one position, scaled to one body.

    Args:
        person: Whose legs and hips.
        position: A position; a value already set in it is kept and said to be the person's own.
        props: What lies under the head.
        measured: Whether ``person`` is the reader, or an average adult standing in.
    Returns:
        The set-up.
    Raises:
        InputError: The position's value is outside its range.
        DataError: A table lacks a row.
    """
    lines: list[Line] = []
    chosen: dict[str, float] = {}
    if "heel_distance" in position.parameters:
        line = _heels(person, position)
        lines.append(line)
        chosen["heel_distance"] = line.quantity.value
    if "foot_width" in position.parameters:
        line = _feet(person, position)
        lines.append(line)
        chosen["foot_width"] = line.quantity.value
    set_position = position.with_values(None, **chosen)
    return Setup(set_position, tuple(props), tuple(lines), measured)


def _heels(person: Person, position: Position) -> Line:
    given = tuple(s for s in position.sources if s.parameter == "heel_distance" and s.low is not None)
    scale = leg_length(person) / average_leg()
    low, high = min(s.low or 0.0 for s in given) * scale, max(s.high or 0.0 for s in given) * scale
    own = position.number("heel_distance")
    middle = 0.5 * (low + high) if own is None else own
    if own is None:
        reason = (
            f"The sources' {_span(given)}, times your legs over an average adult's"
            f" ({units.format_length(leg_length(person))} over {units.format_length(average_leg())}, hip to ankle)."
        )
    else:
        reason = (
            f"Your own choice; scaled to your legs the sources would say {length(low, 'cm')} to {length(high, 'cm')}."
        )
    title = position.parameters["heel_distance"].title
    ends = (low, high) if own is None else (own, own)
    quantity = Quantity("heel_distance", middle, "m", *ends, tuple(s.seed for s in given))
    return Line("heel_distance", title, quantity, given, reason)


def _feet(person: Person, position: Position) -> Line:
    own = position.number("foot_width")
    hips = _hip_width(person)
    width = hips if own is None else own
    reason = (
        "As wide as the hip sockets of a pelvis of your size; the sources say the front of the sockets, and give no number."
        if own is None
        else f"Your own choice; the hip sockets of a pelvis of your size are {length(hips, 'cm')} apart."
    )
    quantity = Quantity(
        "foot_width", width, "m", hips * (1 - HIP_WIDTH_SPREAD), hips * (1 + HIP_WIDTH_SPREAD), ("001", "002")
    )
    return Line("foot_width", position.parameters["foot_width"].title, quantity, (), reason)


@lru_cache(maxsize=64)  # every page of a set-up asks, and every move of a slider
def _hip_width(person: Person) -> float:
    """Between the hip sockets [m]."""
    return float(build(person).hip_width[0])


def _span(given: Sequence[Saying]) -> str:
    """What the sources say between them: ``12 to 16 inches``."""
    low, high = (units.from_si(pick(x or 0.0 for x in ends), "in") for pick, ends in (
        (min, [s.low for s in given]), (max, [s.high for s in given])))  # fmt: skip
    return f"{low:.0f} to {high:.0f} inches" if low != high else f"{low:.0f} inches"


def spoken(quantity: Quantity, unit: str = "cm") -> str:
    """A length of a set-up for reading: ``37 cm (31 to 42)``, or in half inches; alone where somebody chose it, or where it
    lies outside its range."""
    middle, low, high = (_number(x, unit) for x in (quantity.value, quantity.low, quantity.high))
    inside = quantity.low <= quantity.value <= quantity.high
    return f"{middle} {_named(unit)}" + (f" ({low} to {high})" if low != high and inside else "")


def length(metres: float, unit: str) -> str:
    """One length for reading, rounded as a tape is read."""
    return f"{_number(metres, unit)} {_named(unit)}"


def _number(metres: float, unit: str) -> str:
    """Whole centimeters from 10 on; halves of an inch, and of what is small."""
    number = units.from_si(metres, unit)
    return f"{number:.0f}" if unit == "cm" and number >= 10 else f"{round(2 * number) / 2:g}"


def _named(unit: str) -> str:
    if unit not in ("cm", "in"):
        raise InputError(f"unit is {unit!r}; give cm or in")
    return unit if unit == "cm" else "in"
