"""One published number beside ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from psoas.errors import PsoasError
from psoas.person import Person
from psoas.position import position
from psoas.uncertainty import Estimate, estimate

MEMBERS = 64
"""Bodies behind each of our ranges."""
ADULTS = {"man": Person("male", 1.75, 75.0), "woman": Person("female", 1.62, 62.0)}
"""The two average adults that the calibrations were done on."""

Kind = Literal["fitted", "input", "held out", "model"]
KINDS: dict[Kind, str] = {
    "fitted": "fitted to: agreement is no evidence",
    "input": "put in, and read back: agreement shows only that nothing was lost on the way",
    "held out": "held out: measured on people, used nowhere in the model",
    "model": "another model's number: agreement is not truth",
}
"""What a case is worth."""


@dataclass(frozen=True)
class Found:
    """Our number, with the range of the ensemble where there is one."""

    value: float
    low: float
    high: float

    @classmethod
    def single(cls, value: float) -> Found:
        """A number without a range."""
        return cls(value, value, value)


@dataclass(frozen=True)
class Case:
    """What was published, and how we come to the same thing."""

    title: str
    kind: Kind
    unit: str
    published: str
    """As the source says it."""
    low: float
    high: float
    """What would agree with the source, in ``unit``."""
    source: str
    """Who, where read, and how far."""
    ours: Callable[[str], Found]
    """Ours for one of :data:`ADULTS`."""
    note: str = ""

    def verdict(self, found: Found) -> str:
        """``inside`` when our value lies in the published range, ``overlaps`` when only our range meets it, else ``outside``."""
        if self.low <= found.value <= self.high:
            return "inside"
        return "overlaps" if found.low <= self.high and found.high >= self.low else "outside"


@cache
def resting(who: str, name: str) -> Estimate:
    """One of the adults in a position, worked out once.

    Args:
        who: A key of :data:`ADULTS`.
        name: The position.
    Returns:
        The estimate; it has come to rest.
    Raises:
        PsoasError: If it has not.
    """
    found = estimate(ADULTS[who], position(name), members=MEMBERS, alternatives=False)
    if found.status != "converged":
        raise PsoasError(f"the average {who} does not come to rest in {name}: {found.message}")
    return found


def quantity(name: str, at: str) -> Callable[[str], Found]:
    """A reported quantity in a position, as a case's ``ours``."""

    def ours(who: str) -> Found:
        found = resting(who, at).quantities[name]
        return Found(found.value, found.low, found.high)

    return ours
