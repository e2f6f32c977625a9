"""How to set up a chair for one body: seat height, seat depth and a wedge, so that the hip sockets lie a little above the knees.

The rule is the source's (001) and geometry; the limits of "a little" are assumed and say so. The seat's give under this body's
weight is that of the same bodies that sit in :mod:`psoas.upright`. What sitting so does to psoas and spine is told beside the
lines, and chooses none of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from psoas.advice.scaled import Line, Setup, length, spoken
from psoas.body.build import build, build_many
from psoas.body.model import Array, Body
from psoas.errors import InputError
from psoas.person import Person
from psoas.position import Position, Saying, upright_position
from psoas.props import props
from psoas.uncertainty import HIGH, LOW, fitted_draws
from psoas.units import Quantity
from psoas.upright.place import buttock_back, hip_height, knee_height, seated, thigh_underside

MEMBERS = 32
"""Bodies of a person's ensemble that the ranges are taken over."""
ABOVE = (0.01, 0.04)
"""What counts as hip sockets slightly above the knees; assumed, 0 to 2 cm and 3 to 6 cm [m]."""
CLEAR = (0.03, 0.08)
"""Room between the seat's front edge and the backs of the knees; assumed, two to four fingers and more [m]."""
FEWEST_CARRIED = 0.5
"""Share of the way from the back of the buttocks to the backs of the knees that a seat must at least carry; assumed [-]."""
BUCKET = (np.deg2rad(5.0), np.deg2rad(15.0))
"""How far a car's bucket seat slopes back under its sitter; assumed, 3 to 20 degrees [rad]."""
SEED = "001"
SOURCES = ("deleva1996", "ansur2012", "dumas2007")
CAR_REASON = (
    "A bucket seat lets the pelvis roll back into its hollow: a folded towel or wedge, thick end at the back, makes its floor"
    " level again under the sit bones (001)."
)


@dataclass(frozen=True)
class Seat(Setup):
    """A set-up to sit.

    Attributes:
        height: Of the seat there is [m]; ``None`` where it can be any.
        off: How much too high (above 0) or too low (below 0) that is to be made up for by a towel [m]; 0 where it serves.
        car: Whether it is a car's bucket seat.
    """

    height: float | None
    off: float
    car: bool

    def sentence(self, unit: str = "cm") -> str:
        """The whole set-up in a sentence; of a seat that does not serve, what is wrong with it, and in another what would do.

        Args:
            unit: ``cm`` or ``in``, for lengths.
        Returns:
            The sentence.
        """
        of = {line.name: line.quantity for line in self.lines}
        wedge, best = of["wedge"], of["seat_height"]
        size = f"about {spoken(best, unit)} high and {spoken(of['seat_depth'], unit)} deep"
        flat = "both feet flat on the floor"
        if self.car:
            return (
                f"In a car: a folded towel or wedge, {spoken(wedge, unit)} thick at the back of the seat, fills its hollow, so"
                " that its floor is level under your sit bones."
            )
        if self.height is None:
            return f"On a flat, firm seat {size}; {flat}."
        own = length(self.height, unit)
        if self.off > 0.0:
            return (
                f"Your seat of {own} is {length(self.off, unit)} too high for these legs. A flat, firm one {size} would do, or"
                f" something firm, {length(self.off, unit)} thick, under both feet."
            )
        if self.off < 0.0:
            return (
                f"Your seat of {own} is {length(-self.off, unit)} too low for these legs, more than a folded towel makes up"
                f" for. A flat, firm one {size} would do, or a firm cushion that is still as thick once you sit on it."
            )
        if wedge.value:
            return (
                f"On a flat, firm seat {own} high and {spoken(of['seat_depth'], unit)} deep, with {length(wedge.value, unit)} of"
                f" folded towel or wedge under your sit bones; {flat}."
            )
        if self.height > best.high:
            return (
                f"Your seat of {own} is {length(self.height - best.high, unit)} higher than the rule asks for, and both feet"
                f" still stand flat; the rule asks for one {size}."
            )
        return f"Your seat of {own} suits these legs, sat on {spoken(of['seat_depth'], unit)} deep; {flat}."


@dataclass(frozen=True)
class Chair:
    """A chair for one body, as :func:`chair` gives it."""

    setup: Seat
    """The lines: seat height, seat depth, wedge. Its position sits on the seat there is, or, where that does not serve, on one
    that would do."""
    notes: tuple[str, ...]
    """What to know beside the lines, a sentence each."""
    feasible: bool
    """Whether both feet stand flat and the hip sockets lie above both knees: with a given seat, perhaps only on a towel. Where
    not, the set-up's sentence says what is wrong and what would do."""
    hip_over_knee: Quantity
    """How far the hip sockets lie above the knees on the seat that the position sits on: this body's, and its ensemble's range.
    Geometry: both feet flat, the shanks upright [mm]."""


def chair(person: Person, *, seat_height: float | None = None, car: bool = False, members: int = MEMBERS) -> Chair:
    """Seat height, depth and wedge for one body.

    Args:
        person: Who sits.
        seat_height: Of the chair there is, if it cannot be changed [m]; the best height is told beside what makes up for it.
        car: Whether it is a car's bucket seat, whose hollow is filled instead of its height changed.
        members: Bodies that the ranges are taken over, at least one.
    Returns:
        See :class:`Chair`. Intervals are what does equally well by the rule for the default body, widened or narrowed by nothing
        else; ``hip_over_knee`` says how sure the height is.
    Raises:
        InputError: The seat's height is none that a chair has, or ``members`` is less than one.
        DataError: A table lacks a row, or gives no body of this stature.
    """
    if members < 1:
        raise InputError(f"members is {members}; give at least 1")
    sitting = upright_position("sitting")
    if seat_height is not None:
        sitting = sitting.with_values(seat_height=seat_height)  # says at once what no chair has
    body = seated(build(person))
    many = seated(build_many(person, fitted_draws(person, members)))
    low, best, high = _heights(body)
    height = best if seat_height is None else seat_height
    lines = [
        _height_line(sitting, (low, best, high)),
        _depth_line(sitting, body),
        _wedge_line(sitting, body, height, car),
    ]
    lift = 0.0 if car else lines[2].quantity.value  # what fills a car seat's hollow lifts nobody
    flat, carried = height + lift <= _highest(body), car or height + lift > low - ABOVE[0]
    off = 0.0 if car or (flat and carried) else height - (best if flat else high)
    raised = best if off else height + lift
    usable = sitting.with_values(seat_height=raised, seat_depth=lines[1].quantity.value)
    over, own = _over(many, raised), _over(body, raised)
    bottom, top = (float(x) for x in np.percentile(over, [LOW, HIGH]))
    quantity = Quantity(
        "hip_over_knee", 1e3 * float(own[0]), "mm", 1e3 * min(bottom, own[0]), 1e3 * max(top, own[0]), SOURCES
    )  # fmt: skip
    return Chair(
        Seat(usable, (), tuple(lines), _measured(person), seat_height, off, car),
        _notes(person, seat_height, car),
        bool(own[0] > 0.0 and flat and carried),
        quantity,
    )


def _over(body: Body, height: float) -> Array:
    """How far the hip sockets lie above the higher knee on a seat (B,) [m]."""
    return np.asarray(height + hip_height(body) - knee_height(body).max(1))


def _heights(body: Body) -> tuple[float, float, float]:
    """Least, best and most height of a seat by the rule [m]: below both hips still lie above the higher knee, above the feet of
    the shorter leg would still stand flat."""
    level = float(knee_height(body).max(1)[0] - hip_height(body)[0])
    low, high = level + ABOVE[0], min(level + ABOVE[1], _highest(body))
    return low, 0.5 * (low + high), high


def _highest(body: Body) -> float:
    """Height of a seat at which the thigh of the shorter leg would slope too far for its foot to stand flat with ease [m]."""
    knees, thigh = knee_height(body).min(1), thigh_underside(body)
    return float((knees - hip_height(body) + np.sin(MOST_SLOPE) * thigh)[0])


MOST_SLOPE = np.deg2rad(15.0)
"""How far the thighs may slope down before a seat presses them more than it carries; assumed, 10 to 25 degrees [rad]."""


def _height_line(sitting: Position, heights: tuple[float, float, float]) -> Line:
    low, best, high = heights
    return Line(
        "seat_height",
        "from the floor to the seat's top under the sit bones",
        Quantity("seat_height", best, "m", low, high, SOURCES),
        _said(sitting, "seat_height"),
        f"Between these heights the hip sockets lie {100 * ABOVE[0]:.0f} to {100 * ABOVE[1]:.0f} cm above the knees with both"
        " feet flat, the seat pressed as this weight presses it (001; how far above is assumed).",
    )


def _depth_line(sitting: Position, body: Body) -> Line:
    whole = float((buttock_back(body) + thigh_underside(body))[0])
    high, low = whole - CLEAR[0], max(whole - CLEAR[1], FEWEST_CARRIED * whole)
    return Line(
        "seat_depth",
        "from the back of the buttocks to the seat's front edge",
        Quantity("seat_depth", 0.5 * (low + high), "m", low, high, SOURCES),
        _said(sitting, "seat_depth"),
        f"{100 * CLEAR[0]:.0f} to {100 * CLEAR[1]:.0f} cm stay free behind the knees; a deeper seat is sat on toward its front,"
        " the back of it left empty or filled (001 sits on top and in front of the sit bones; the room is assumed).",
    )


def _wedge_line(sitting: Position, body: Body, height: float, car: bool) -> Line:
    low, best, high = _heights(body)
    if car:
        across = float(buttock_back(body)[0]) + 0.5 * float(thigh_underside(body)[0])
        thin, thick = (across * float(np.tan(slope)) for slope in BUCKET)
        return Line(
            "wedge",
            "thickness at the back of a folded towel or wedge that fills a bucket seat",
            Quantity("wedge", 0.5 * (thin + thick), "m", thin, thick, SOURCES),
            _said(sitting, "wedge"),
            f"{CAR_REASON} It rises over {100 * across:.0f} cm of this body's seat by 5 to 15 degrees, which is assumed.",
        )  # fmt: skip
    least, middle, most = (max(x - height, 0.0) for x in (low, best, high))
    needed, towel = (middle if least > 0.0 else 0.0), props()["towel"].high
    if needed > towel:
        return Line(
            "wedge",
            "thickness of a folded towel or wedge under the sit bones",
            Quantity("wedge", 0.0, "m", 0.0, 0.0, SOURCES),
            _said(sitting, "wedge"),
            f"The seat is {100 * needed:.0f} cm too low, and a towel is folded to {100 * towel:.0f} cm at most (assumed).",
        )
    reason = (
        "The seat is high enough; nothing goes on it."
        if needed == 0.0
        else "So much under the sit bones, firmly folded or as a wedge with its thick end at the back, brings the hip sockets"
        " above the knees (001)."
    )
    return Line(
        "wedge",
        "thickness of a folded towel or wedge under the sit bones",
        Quantity("wedge", needed, "m", (least if needed else 0.0), (most if needed else 0.0), SOURCES),
        _said(sitting, "wedge"),
        reason,
    )


def _said(sitting: Position, name: str) -> tuple[Saying, ...]:
    """What the sources say of sitting; they give no numbers."""
    return tuple(replace(said, parameter=name) for said in sitting.sources if said.seed == SEED)


def _notes(person: Person, seat_height: float | None, car: bool) -> tuple[str, ...]:
    said = [
        "The source asks for a flat, firm or padded seat, both feet on the floor, and sitting on top and in front of the sit"
        " bones (001). It gives no numbers; these are this body's.",
    ]
    if car:
        said.append(
            "In a car the pedals, the wheel and the belt come first: nothing under you may slide or lift you out of them."
        )
    if car and seat_height is not None:
        said.append("A car's seat is as high as it is: its height changes nothing here.")
    if not person.symmetric:
        said.append("Left and right differ; the higher knee and the shorter leg set the limits.")
    said.append("Whether sitting so feels or does better is not known from the model: it is geometry.")
    return tuple(said)


def _measured(person: Person) -> bool:
    return person.left.leg_length is not None or person.right.leg_length is not None


__all__ = ["ABOVE", "CLEAR", "MEMBERS", "Chair", "Seat", "chair"]
