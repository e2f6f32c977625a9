"""A person: what was measured, and what published anthropometry says of the rest."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Literal

from psoas import units
from psoas.anatomy import tables
from psoas.errors import InputError

Sex = Literal["female", "male"]
Side = Literal["left", "right"]
SIDES: tuple[Side, Side] = ("left", "right")

STATURE_RANGE = (1.30, 2.30)
"""Statures that are taken at all [m]; outside ``COVERED_STATURE`` with a warning."""
MASS_RANGE = (25.0, 300.0)
"""Masses that are taken at all [kg]."""
COVERED_STATURE = (1.42, 2.03)
"""Statures that the anthropometry covers (ANSUR II, 2012: its shortest woman and tallest man) [m]."""
COVERED_BMI = (16.0, 40.0)
"""Body mass index the anthropometry covers [kg/m²]."""
GIRTHS = {
    "waist": "waistcircumference",
    "hip": "buttockcircumference",
    "thigh": "thighcircumference",
    "calf": "calfcircumference",
}
GIRTH_RANGE = (0.15, 2.50)
"""Girths that are taken [m]."""
SHORTENING_RANGE = (0.0, 0.5)
"""Hip flexor shortening that is taken [-]."""


@dataclass(frozen=True)
class Limb:
    """What is known of one side; a :class:`Person` checks it.

    Both are measured or judged on the person; neither has a published default.
    """

    hip_flexor_shortening: float = 0.0
    """Fraction by which the optimal fiber lengths of psoas major and iliacus are reduced, in ``SHORTENING_RANGE``; 0 is
    none [-]."""
    leg_length: float | None = None
    """From the front of the pelvis (ASIS) to the inner ankle bone, as measured lying, within a fifth of what stature lets
    expect; ``None`` where nobody measured [m]."""


@dataclass(frozen=True)
class Person:
    """A person's measurements.

    What nobody measured follows from sex, stature and mass by ``segments.csv`` (regressions on ANSUR II, 2012) and
    ``bones.csv``.

    Args:
        sex: ``female`` or ``male``; picks the anthropometry.
        stature: Standing height, in ``STATURE_RANGE`` [m].
        mass: In ``MASS_RANGE`` [kg].
        age: From 16 to 110; reported only, no number of the body follows from it [years].
        waist, hip, thigh, calf: Girths, where measured, in ``GIRTH_RANGE`` [m].
        psoas_minor: Whether there is a psoas minor; ``None`` if nobody knows, which counts as none.
        left, right: What is known of either side.
        tone: Resting activity of psoas major and iliacus, a fraction of maximum isometric force, 0 to 0.2 [-].
    Raises:
        InputError: A value is not a number, or outside what a body can be.
        DataError: A leg length was given, and the tables lack a row to compare it with.
    """

    sex: Sex
    stature: float
    mass: float
    age: float | None = None
    waist: float | None = None
    hip: float | None = None
    thigh: float | None = None
    calf: float | None = None
    psoas_minor: bool | None = None
    left: Limb = field(default_factory=Limb)
    right: Limb = field(default_factory=Limb)
    tone: float = 0.0

    def __post_init__(self) -> None:
        if self.sex not in ("female", "male"):
            raise InputError(f"sex is {self.sex!r}; give female or male")
        _within("stature", self.stature, STATURE_RANGE, 100.0, "cm")
        _within("mass", self.mass, MASS_RANGE, 1.0, "kg")
        if self.age is not None:
            _within("age", self.age, (16.0, 110.0), 1.0, "years")
        for name in GIRTHS:
            value = getattr(self, name)
            if value is not None:
                _within(name, value, GIRTH_RANGE, 100.0, "cm")
        _within("tone", self.tone, (0.0, 0.2), 1.0, "1")
        for side in SIDES:
            limb = self.limb(side)
            _within(f"{side} hip flexor shortening", limb.hip_flexor_shortening, SHORTENING_RANGE, 1.0, "1")
            if limb.leg_length is not None:
                expected = self.expected_leg_length
                _within(f"{side} leg length", limb.leg_length, (0.8 * expected, 1.2 * expected), 100.0, "cm")

    @property
    def bmi(self) -> float:
        """Body mass index [kg/m²]."""
        return self.mass / self.stature**2

    @property
    def symmetric(self) -> bool:
        """Whether left and right are alike."""
        return self.left == self.right

    def limb(self, side: Side) -> Limb:
        """One side."""
        return self.left if side == "left" else self.right

    def mirrored(self) -> Person:
        """The same person with left and right changed over."""
        return replace(self, left=self.right, right=self.left)

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """Sentences on what lies outside the data this rests on, ``COVERED_STATURE`` and ``COVERED_BMI``."""
        said = []
        low, high = COVERED_STATURE
        if not units.within(self.stature, low, high):
            said.append(
                f"stature {self.stature * 100:.0f} cm lies outside the {low * 100:.0f} to {high * 100:.0f} cm that the"
                " anthropometry covers; read the result with care"
            )
        low, high = COVERED_BMI
        if not units.within(self.bmi, low, high):
            said.append(
                f"a body mass index of {self.bmi:.1f} kg/m² lies outside the {low:.0f} to {high:.0f} that the"
                " anthropometry covers; read the result with care"
            )
        return tuple(said)

    def anthropometry(self, name: str) -> float:
        """A body measure from stature and body mass index (``segments.csv``, ANSUR II, 2012), unless it was measured.

        Args:
            name: An id of ``segments.csv`` with a ``regression``, such as ``waistcircumference``.
        Returns:
            The measure [m].
        Raises:
            DataError: No such row.
        """
        for girth, row in GIRTHS.items():
            measured = getattr(self, girth)
            if row == name and measured is not None:
                return float(measured)
        return self.expected(name)

    def expected(self, name: str) -> float:
        """The regression of :meth:`anthropometry` alone [m].

        Raises:
            DataError: No such row.
        """
        base, per_metre, per_bmi = values("segments", name, "regression", self.sex)
        return base + per_metre * self.stature + per_bmi * self.bmi

    def girth_ratio(self, girth: str) -> float:
        """Measured over expected girth; 1 where nobody measured [-].

        Args:
            girth: A key of ``GIRTHS``: ``waist``, ``hip``, ``thigh`` or ``calf``.
        Raises:
            DataError: The girth has no regression.
        """
        measured = getattr(self, girth)
        return 1.0 if measured is None else float(measured) / self.expected(GIRTHS[girth])

    @property
    def thigh_length(self) -> float:
        """Hip to knee centre before any measured leg length, a share of stature (``bones.csv``) [m].

        Raises:
            DataError: No such row.
        """
        return value("bones", "femur", "length_over_stature", self.sex) * self.stature

    @property
    def shank_length(self) -> float:
        """Knee to ankle centre before any measured leg length, a share of stature (``bones.csv``) [m].

        Raises:
            DataError: No such row.
        """
        return value("bones", "tibia", "length_over_stature", self.sex) * self.stature

    @property
    def pelvis_scale(self) -> float:
        """Size of the pelvis over that of the reference bones (``bones.csv``, ``reference``) [-].

        Raises:
            DataError: No such row.
        """
        reference = value("bones", "reference", "stature")
        return value("bones", "reference", "leg_scale") * self.stature / reference

    @property
    def expected_leg_length(self) -> float:
        """ASIS to inner ankle, straight, from stature (``bones.csv``) [m].

        Raises:
            DataError: No such row.
        """
        asis = values("bones", "asis_r", "position")
        down = self.thigh_length + self.shank_length
        return math.hypot(asis[1] * self.pelvis_scale + down, asis[0] * self.pelvis_scale)

    def leg_scale(self, side: Side) -> float:
        """Measured over expected leg length; 1 where nobody measured [-].

        Raises:
            DataError: The tables lack a row of the expected length.
        """
        measured = self.limb(side).leg_length
        return 1.0 if measured is None else measured / self.expected_leg_length


@cache
def values(table: str, id: str, quantity: str, sex: str = "both") -> tuple[float, ...]:
    """The default row of an anatomy table as plain SI numbers (n,).

    Args:
        table: Its name without ``.csv``.
        id, quantity, sex: As in :meth:`psoas.anatomy.tables.Table.get`.
    Raises:
        DataError: No such table or row.
    """
    return tuple(float(x) for x in tables.load(table).get(id, quantity, sex).si)


@cache
def value(table: str, id: str, quantity: str, sex: str = "both") -> float:
    """The default row of an anatomy table as one SI number.

    Args:
        table, id, quantity, sex: As in :func:`values`.
    Raises:
        DataError: No such table or row, or the row holds a vector.
    """
    return tables.load(table).get(id, quantity, sex).number


def _within(name: str, given: object, bounds: tuple[float, float], factor: float, unit: str) -> None:
    low, high = bounds
    if unit == "1":
        said, accepted = "", f"give {low:g} to {high:g}, or {100 * low:g}% to {100 * high:g}%"
    else:
        # Inward, so that both ends are taken; what a conversion leaves in the last digits is no reason to round.
        whole = math.ceil(round(low * factor, 9)), math.floor(round(high * factor, 9))
        said, accepted = f" {unit}", f"give {whole[0]} to {whole[1]} {unit}"
    if not isinstance(given, (int, float)) or isinstance(given, bool):
        raise InputError(f"{name} is {given!r}; {accepted}")
    if unit == "cm" and not low <= given <= high and low <= given * factor <= high:
        accepted += f", or {given * factor:g} m if meters were meant"  # 1.72 alone was read as centimeters
    if not units.within(given, low, high):
        raise InputError(f"{name} is {given * factor:g}{said}; {accepted}")
