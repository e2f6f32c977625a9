"""Muscle lines: where they run on this skeleton, and how strong, long and slack they are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np

from psoas.anatomy import tables
from psoas.anatomy.tables import Row
from psoas.body.model import Array, Span
from psoas.body.skeleton import SEGMENTS, Skeleton, bend_thorax
from psoas.body.variation import Variation
from psoas.person import Person, value, values

PSOAS_MAJOR = (
    "psoas_major_T12_L1_IVD", "psoas_major_L1_L2_IVD", "psoas_major_L1_TP", "psoas_major_L2_L3_IVD",
    "psoas_major_L2_TP", "psoas_major_L3_L4_IVD", "psoas_major_L3_TP", "psoas_major_L4_L5_IVD",
    "psoas_major_L4_TP", "psoas_major_L5_VB", "psoas_major_L5_TP",
)  # fmt: skip
PSOAS_MINOR = ("psoas_minor",)
ILIACUS = ("iliacus_1", "iliacus_2")
HIP = (
    "rectus_femoris", "sartorius", "tensor_fasciae_latae", "semimembranosus", "semitendinosus",
    "biceps_femoris_long_head", "gluteus_maximus_1", "gluteus_maximus_2", "gluteus_maximus_3",
    "gluteus_medius_1", "gluteus_medius_2", "gluteus_medius_3", "adductor_longus", "adductor_magnus_1",
    "adductor_magnus_2", "gracilis", "piriformis",
)  # fmt: skip
TRUNK = (
    "erector_spinae_longissimus", "erector_spinae_iliocostalis", "multifidus_L2", "multifidus_L4",
    "quadratus_lumborum_1", "quadratus_lumborum_2", "rectus_abdominis", "external_oblique", "internal_oblique",
)  # fmt: skip
LINES = (*PSOAS_MAJOR, *PSOAS_MINOR, *ILIACUS, *HIP, *TRUNK)
GROUPS = {"psoas_major": PSOAS_MAJOR, "psoas_minor": PSOAS_MINOR, "iliacus": ILIACUS}
"""What results are given for, besides each line."""
FITTED = {
    **dict.fromkeys(("rectus_femoris",), "rectus_femoris"),
    **dict.fromkeys(("semimembranosus", "semitendinosus", "biceps_femoris_long_head"), "hamstrings"),
    **dict.fromkeys(("gluteus_maximus_1", "gluteus_maximus_2", "gluteus_maximus_3"), "gluteus_maximus"),
}
"""Lines whose neutral fiber length is fitted to the summed hip moment, and under what name."""
SHORTENED = (*PSOAS_MAJOR, *ILIACUS)
"""Lines that hip flexor shortening and tone act on, and whose passive curve has rivals."""
ENDS = ("_r", "_l")


class Place(NamedTuple):
    """Where a shared point or cylinder is read from."""

    line: str
    """Id of the line in ``muscles.csv``."""
    number: int
    """Of the point on its line, from 1; 0 for a cylinder."""
    end: str
    """``_r`` or ``_l``."""
    segment: int
    """Index of the segment it is fixed in, among ``SEGMENTS``."""


@dataclass(frozen=True)
class Layout:
    """What all bodies share. Lines that run through the same rows of the table share a point or cylinder."""

    names: tuple[str, ...]
    """Of the lines, right side first (muscles,)."""
    points: tuple[Place, ...]
    """(points,)."""
    spans: tuple[Span, ...]
    """By their indices among these lines, points and cylinders."""
    cylinders: tuple[Place, ...]
    """(cylinders,)."""


@dataclass(frozen=True)
class Muscles:
    """One body's muscles; arrays as in :class:`psoas.body.Body` without the leading axis."""

    points: Array
    """(points, 3) [m]."""
    cylinder_center: Array
    """(cylinders, 3) [m]."""
    cylinder_axes: Array
    """(cylinders, 3, 3) [-]."""
    cylinder_radius: Array
    """(cylinders,) [m]."""
    max_isometric_force: Array
    """(muscles,) [N]."""
    pennation_angle: Array
    """(muscles,) [rad]."""
    passive_shape: Array
    """(muscles,) [-]."""
    passive_strain: Array
    """(muscles,) [-]."""
    passive_start: Array
    """(muscles,) [-]."""
    tone: Array
    """(muscles,) [-]."""


@lru_cache(maxsize=1)
def layout() -> Layout:
    """Names and connections of all lines, right and left, from ``muscles.csv``.

    Raises:
        DataError: The table lacks a row.
    """
    table = tables.load("muscles")
    at = {name: s for s, name in enumerate(SEGMENTS)}
    points: dict[object, Place] = {}
    cylinders: dict[object, Place] = {}
    names: list[str] = []
    spans: list[Span] = []

    def index(known: dict[object, Place], rows: tuple[Row, ...], place: Place) -> int:
        key = (place.end, place.segment, tuple((row.source, row.body, row.value) for row in rows))
        known.setdefault(key, place)
        return list(known).index(key)

    for end in ENDS:
        for line in LINES:
            names.append(line + end)
            before = -1
            for k in range(1, _point_count(line) + 1):
                rows = table.rivals(line, f"point_{k}")
                here = index(points, rows, Place(line, k, end, at[_sided(rows[0].body, end)]))
                cylinder = -1
                if k > 1 and _wrapped_span(line) == k - 1:
                    wrap = tuple(table.get(line, f"wrap_{q}") for q in ("center", "axis", "side", "radius"))
                    cylinder = index(cylinders, wrap, Place(line, 0, end, at[_sided(wrap[0].body, end)]))
                if k > 1:
                    spans.append(Span(len(names) - 1, before, here, cylinder))
                before = here
    return Layout(tuple(names), tuple(points.values()), tuple(spans), tuple(cylinders.values()))


@cache
def _point_count(line: str) -> int:
    table = tables.load("muscles")
    count = 0
    while (line, f"point_{count + 1}") in table:
        count += 1
    return count


@cache
def _wrapped_span(line: str) -> int:
    """Number of the point from which the line bends over its cylinder, 0 if it does not."""
    table = tables.load("muscles")
    return int(table.get(line, "wrap_segment").number) if (line, "wrap_segment") in table else 0


def _sided(body: str, end: str) -> str:
    return body + end if body in ("femur", "tibia", "foot") else body


@cache
def _rival_points(line: str, path: str) -> tuple[tuple[float, float, float], ...]:
    """The points of a line on a rival course (n, 3), reference frames [m]."""
    table = tables.load("muscles")
    chosen = []
    for k in range(1, _point_count(line) + 1):
        rows = table.rivals(line, f"point_{k}")
        own = [row for row in rows if row.source == path and row.body == rows[0].body]
        chosen.append(tuple(float(x) for x in (own[0] if own else rows[0]).si))
    return tuple(chosen)  # type: ignore[arg-type]


def build_muscles(person: Person, variation: Variation, skeleton: Skeleton) -> Muscles:
    """Place the lines on a skeleton and set their strength, from ``muscles.csv`` and ``tissues.csv``.

    Strength goes as area: as mass over length, against the adult whose strengths the table gives.

    Args:
        person: Measurements.
        variation: Which of the bodies with these measurements.
        skeleton: From :func:`psoas.body.skeleton.build_skeleton`.
    Returns:
        Points, cylinders and strengths; lengths follow from the standing paths in ``build``.
    Raises:
        DataError: A table lacks a row.
    """
    shared = layout()
    points = np.array([_point(place, variation, skeleton) for place in shared.points])
    cylinders = [_cylinder(place, variation, skeleton) for place in shared.cylinders]
    size = person.mass / value("bones", "reference", "mass") * value("bones", "reference", "stature") / person.stature
    force, pennation, shape, strain, start, tone = [], [], [], [], [], []
    for _ in ENDS:
        for line in LINES:
            curve = _passive_curve(line, variation)
            force.append(_strength(line, person, variation) * size)  # area grows as mass over length
            pennation.append(value("muscles", line, "pennation_angle"))
            shape.append(curve[0])
            strain.append(curve[1])
            start.append(curve[2])
            tone.append(person.tone + variation.tone if line in SHORTENED else 0.0)
    return Muscles(
        points,
        np.array([c[0] for c in cylinders]),
        np.array([c[1] for c in cylinders]),
        np.array([c[2] for c in cylinders]),
        *(np.array(column) for column in (force, pennation, shape, strain, start, tone)),
    )


def _point(place: Place, variation: Variation, skeleton: Skeleton) -> Array:
    """A point on this skeleton, in its segment's frame (3,) [m]."""
    local = np.array(_rival_points(place.line, _path(place.line, variation))[place.number - 1])
    name = SEGMENTS[place.segment]
    where = bend_thorax(local, skeleton.bend) if name == "thorax" else local
    return np.asarray(where * skeleton.scale[name] * _flip(place.end))


def _cylinder(place: Place, variation: Variation, skeleton: Skeleton) -> tuple[Array, Array, float]:
    """Centre (3,) [m], axes (3, 3) and radius [m] of a cylinder on this skeleton; it goes with its line's rival course."""
    line, flip = place.line, _flip(place.end)
    size = skeleton.scale[SEGMENTS[place.segment]]
    shift = np.array(_rival_points(line, _path(line, variation))[1]) - np.array(_rival_points(line, "")[1])
    center = (np.array(values("muscles", line, "wrap_center")) + shift) * size * flip
    along = np.array(values("muscles", line, "wrap_axis"))
    toward = np.array(values("muscles", line, "wrap_side"))
    toward = toward - along * (toward @ along) / (along @ along)
    toward, along = toward / np.linalg.norm(toward) * flip, along / np.linalg.norm(along) * flip
    axes = np.array([toward, np.cross(along, toward), along])
    return center, axes, value("muscles", line, "wrap_radius") * float(size[0])


def _flip(end: str) -> Array:
    return np.array([1.0, 1.0, 1.0 if end == "_r" else -1.0])


def _path(line: str, variation: Variation) -> str:
    return variation.psoas_path if line in PSOAS_MAJOR else ""


def _strength(line: str, person: Person, variation: Variation) -> float:
    """Maximum isometric force on the reference adult [N]."""
    strength = value("muscles", line, "max_isometric_force")
    if line in PSOAS_MAJOR:
        if variation.psoas_areas == "even":
            strength = sum(value("muscles", f, "max_isometric_force") for f in PSOAS_MAJOR) / len(PSOAS_MAJOR)
        return strength * variation.psoas_area
    if line in ILIACUS:
        return strength * variation.iliacus_area
    if line in PSOAS_MINOR and person.psoas_minor is not True:
        return 0.0
    return strength


def _passive_curve(line: str, variation: Variation) -> tuple[float, float, float]:
    """Shape, strain and start of the passive curve [-]."""
    shape = value("tissues", "fiber_passive", "shape")
    if line not in SHORTENED or variation.passive_curve == "thelen2003":
        return shape, value("tissues", "fiber_passive", "strain"), 1.0
    group = "psoas_major" if line in PSOAS_MAJOR else "iliacus"
    zero, one = (
        _rival_value("tissues", group, f"passive_strain_{which}_force", variation.passive_curve)
        for which in ("zero", "one")
    )
    return shape, one - zero, 1.0 + zero


@cache
def _rival_value(name: str, id: str, quantity: str, source: str) -> float:
    rows = tables.load(name).rivals(id, quantity)
    own = [row for row in rows if row.source == source]
    return (own[0] if own else rows[0]).number


def fiber_and_tendon(person: Person, variation: Variation, lengths: Array, pennation: Array) -> tuple[Array, Array]:
    """Optimal fiber and tendon slack lengths from the standing path lengths.

    Fibers keep their published share of the path and their published stretch when standing; the tendon takes the rest.
    A shortened hip flexor then loses that fraction of its optimal fiber length, its tendon unchanged.

    Args:
        person, variation: As in :func:`build_muscles`.
        lengths: Path lengths when standing (muscles,) [m].
        pennation: At optimal fiber length (muscles,) [rad].
    Returns:
        Optimal fiber lengths and tendon slack lengths, each (muscles,) [m].
    Raises:
        DataError: ``muscles.csv`` or ``fitted.csv`` lacks a row.
    """
    optimal, slack = np.empty_like(lengths), np.empty_like(lengths)
    muscle = 0
    for end in ENDS:
        limb = person.right if end == "_r" else person.left
        for line in LINES:
            ratio = lengths[muscle] / value("muscles", line, "reference_path_length")
            fiber = value("muscles", line, "optimal_fiber_length") * ratio
            stretch = value("muscles", line, "normalized_fiber_length_neutral")
            shortening = 0.0
            if line in PSOAS_MAJOR or line in PSOAS_MINOR:
                stretch += variation.psoas_stretch
            elif line in ILIACUS:
                stretch += variation.iliacus_stretch
            elif line in FITTED:
                stretch = value("fitted", f"{FITTED[line]}_{variation.hip_sum}", "normalized_fiber_length_neutral")
                stretch += variation.neighbor_stretch
            if line in SHORTENED:
                shortening = limb.hip_flexor_shortening
            along = np.sqrt(max(stretch**2 - np.sin(pennation[muscle]) ** 2, 1e-6)) * fiber
            slack[muscle] = max(lengths[muscle] - along, 0.05 * lengths[muscle])
            optimal[muscle] = fiber * (1.0 - shortening)
            muscle += 1
    return optimal, slack
