"""Muscle lines: where they run on this skeleton, and how strong, long and slack they are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from psoas.anatomy import tables
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
ENDS = ("_r", "_l")


@dataclass(frozen=True)
class Layout:
    """What all bodies share: names, the points' segments, spans and cylinders."""

    names: tuple[str, ...]
    point_segments: tuple[int, ...]
    spans: tuple[Span, ...]
    cylinder_segments: tuple[int, ...]


@dataclass(frozen=True)
class Muscles:
    """One body's muscles; arrays as in :class:`psoas.body.Body` without the leading axis."""

    points: Array
    cylinder_center: Array
    cylinder_axes: Array
    cylinder_radius: Array
    max_isometric_force: Array
    pennation_angle: Array
    passive_shape: Array
    passive_strain: Array
    passive_start: Array
    tone: Array


@lru_cache(maxsize=1)
def layout() -> Layout:
    """Names and connections of all lines, right and left."""
    table = tables.load("muscles")
    at = {name: s for s, name in enumerate(SEGMENTS)}
    names: list[str] = []
    points: list[int] = []
    spans: list[Span] = []
    cylinders: list[int] = []
    for end in ENDS:
        for line in LINES:
            muscle = len(names)
            names.append(line + end)
            rows = [table.get(line, f"point_{k}") for k in range(1, _point_count(line) + 1)]
            wrapped = _wrapped_span(line)
            for k, row in enumerate(rows):
                points.append(at[_sided(row.body, end)])
                if k == 0:
                    continue
                cylinder = -1
                if wrapped == k:
                    cylinder = len(cylinders)
                    cylinders.append(at[_sided(table.get(line, "wrap_center").body, end)])
                spans.append(Span(muscle, len(points) - 2, len(points) - 1, cylinder))
    return Layout(tuple(names), tuple(points), tuple(spans), tuple(cylinders))


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
    """Place the lines on a skeleton and set their strength.

    Args:
        person: Measurements.
        variation: Which of the bodies with these measurements.
        skeleton: From :func:`psoas.body.skeleton.build_skeleton`.
    Returns:
        Points, cylinders and strengths; lengths follow from the standing paths in ``build``.
    """
    table = tables.load("muscles")
    points, centers, axes, radii = [], [], [], []
    force, pennation, shape, strain, start, tone = [], [], [], [], [], []
    thorax = SEGMENTS.index("thorax")
    shared = layout()
    place = 0
    for end, sign in zip(ENDS, (1.0, -1.0), strict=True):
        flip = np.array([1.0, 1.0, sign])
        limb = person.right if end == "_r" else person.left
        del limb
        for line in LINES:
            path = variation.psoas_path if line in PSOAS_MAJOR else ""
            reference = np.array(_rival_points(line, path))
            shift = reference[1] - np.array(_rival_points(line, ""))[1] if path else np.zeros(3)
            for local in reference:
                segment = shared.point_segments[place]
                place += 1
                name = SEGMENTS[segment]
                where = bend_thorax(local, skeleton.bend) if segment == thorax else local
                points.append(where * skeleton.scale[name] * flip)
            if _wrapped_span(line):
                home = _sided(table.get(line, "wrap_center").body, end)
                size = skeleton.scale[home]
                centers.append((np.array(values("muscles", line, "wrap_center")) + shift) * size * flip)
                toward = np.array(values("muscles", line, "wrap_side"))
                along = np.array(values("muscles", line, "wrap_axis"))
                toward = toward - along * (toward @ along) / (along @ along)
                toward, along = toward / np.linalg.norm(toward) * flip, along / np.linalg.norm(along) * flip
                axes.append(np.array([toward, np.cross(along, toward), along]))
                radii.append(value("muscles", line, "wrap_radius") * float(size[0]))
            strength = value("muscles", line, "max_isometric_force")
            activity = 0.0
            k, e, first = (
                value("tissues", "fiber_passive", "shape"),
                value("tissues", "fiber_passive", "strain"),
                1.0,
            )
            if line in PSOAS_MAJOR:
                if variation.psoas_areas == "even":
                    strength = sum(value("muscles", f, "max_isometric_force") for f in PSOAS_MAJOR) / len(PSOAS_MAJOR)
                strength *= variation.psoas_area
            if line in ILIACUS:
                strength *= variation.iliacus_area
            if line in PSOAS_MINOR and person.psoas_minor is not True:
                strength = 0.0
            if line in PSOAS_MAJOR or line in ILIACUS:
                activity = person.tone + variation.tone
                group = "psoas_major" if line in PSOAS_MAJOR else "iliacus"
                if variation.passive_curve != "thelen2003":
                    zero, one = (
                        _rival_value("tissues", group, f"passive_strain_{which}_force", variation.passive_curve)
                        for which in ("zero", "one")
                    )
                    first, e = 1.0 + zero, one - zero
            force.append(strength * person.mass / REFERENCE_MASS * (REFERENCE_STATURE / person.stature))
            pennation.append(value("muscles", line, "pennation_angle"))
            shape.append(k)
            strain.append(e)
            start.append(first)
            tone.append(activity)
    return Muscles(
        np.array(points), np.array(centers), np.array(axes), np.array(radii), np.array(force), np.array(pennation),
        np.array(shape), np.array(strain), np.array(start), np.array(tone),
    )  # fmt: skip


REFERENCE_MASS, REFERENCE_STATURE = 75.3, 1.70
"""Of the generic adult whose strengths the table gives (Rajagopal 2016) [kg], [m]; area grows as mass over length."""


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
            if line in PSOAS_MAJOR or line in ILIACUS:
                shortening = limb.hip_flexor_shortening
            along = np.sqrt(max(stretch**2 - np.sin(pennation[muscle]) ** 2, 1e-6)) * fiber
            slack[muscle] = max(lengths[muscle] - along, 0.05 * lengths[muscle])
            optimal[muscle] = fiber * (1.0 - shortening)
            muscle += 1
    return optimal, slack
