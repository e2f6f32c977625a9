"""A part of a body: some muscles, and the segments they run over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from psoas.body.model import Body, Span, Tree
from psoas.errors import InputError


def only(body: Body, muscles: Sequence[str]) -> Body:
    """The same bodies with these muscles alone, for paths and moment arms by the million.

    Args:
        body: ``B`` bodies.
        muscles: Names, as in ``body.tree.muscles``.
    Returns:
        Bodies on a smaller tree: the segments the lines touch and all between them and the root, no skin. It serves
        ``pose`` and ``muscle_paths``; weight and contact are left behind.
    Raises:
        InputError: If a muscle is not known.
    """
    tree = body.tree
    unknown = [name for name in muscles if name not in tree.muscles]
    if unknown:
        raise InputError(
            f"muscle is {unknown[0]!r}; give any of body.tree.muscles, such as {', '.join(tree.muscles[:3])}"
        )
    kept = [tree.muscles.index(name) for name in muscles]
    spans = [span for muscle in kept for span in tree.spans if span.muscle == muscle]
    points = sorted({p for span in spans for p in (span.start, span.end)})
    cylinders = sorted({span.cylinder for span in spans if span.cylinder >= 0})
    segments: set[int] = {0}
    for segment in [tree.point_segments[p] for p in points] + [tree.cylinder_segments[c] for c in cylinders]:
        while segment >= 0:
            segments.add(segment)
            segment = tree.parents[segment]
    order = sorted(segments)
    place = {segment: k for k, segment in enumerate(order)}
    point_place, cylinder_place = ({old: new for new, old in enumerate(olds)} for olds in (points, cylinders))
    smaller = Tree(
        segments=tuple(tree.segments[s] for s in order),
        parents=tuple(place[tree.parents[s]] if s else -1 for s in order),
        free=tuple((place[s], axis) for s, axis in tree.free if s in place),
        muscles=tuple(muscles),
        point_segments=tuple(place[tree.point_segments[p]] for p in points),
        spans=tuple(
            Span(
                kept.index(s.muscle),
                point_place[s.start],
                point_place[s.end],
                cylinder_place[s.cylinder] if s.cylinder >= 0 else -1,
            )
            for s in spans
        ),
        cylinder_segments=tuple(place[tree.cylinder_segments[c]] for c in cylinders),
        skin=(),
        skin_segments=(),
        skin_regions=(),
    )
    coordinates = np.array([0, 1, 2, *(3 + 3 * s + axis for s in order for axis in range(3))])
    by_segment = ("joint_position", "joint_orientation", "mass", "mass_center", "inertia")
    by_coordinate = ("neutral", "stop_threshold", "stop_scale", "stop_rate", "stiffness", "standing")
    by_cylinder = ("cylinder_center", "cylinder_axes", "cylinder_radius")
    by_muscle = (
        "max_isometric_force", "optimal_fiber_length", "tendon_slack_length", "pennation_angle", "passive_shape",
        "passive_strain", "passive_start", "tone",
    )  # fmt: skip
    by_skin = ("skin_center", "skin_radius", "skin_modulus", "skin_thickness")
    picks = [
        (by_segment, order), (by_coordinate, coordinates), (("points",), points), (by_cylinder, cylinders),
        (by_muscle, kept), (by_skin, []),
    ]  # fmt: skip
    arrays = {name: getattr(body, name)[:, np.array(rows, dtype=np.intp)] for names, rows in picks for name in names}
    return replace(
        body, tree=smaller, flank_center=None, flank_radius=None, flank_modulus=None, flank_thickness=None, **arrays
    )
