"""Person and variation to one :class:`~psoas.body.Body`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from psoas.body.kinematics import pose
from psoas.body.model import Body, Tree, stack
from psoas.body.muscles import build_muscles, fiber_and_tendon, layout
from psoas.body.paths import muscle_paths
from psoas.body.skeleton import FREE, PARENTS, SEGMENTS, build_skeleton
from psoas.body.skin import Skin, build_flank, build_skin
from psoas.body.variation import Variation
from psoas.person import Person, value


@lru_cache(maxsize=4)
def _tree(
    names: tuple[str, ...], segments: tuple[int, ...], regions: tuple[str, ...], flank: tuple[tuple, tuple, tuple]
) -> Tree:
    lines = layout()
    return Tree(
        segments=SEGMENTS,
        parents=PARENTS,
        free=FREE,
        muscles=lines.names,
        point_segments=tuple(place.segment for place in lines.points),
        spans=lines.spans,
        cylinder_segments=tuple(place.segment for place in lines.cylinders),
        skin=names,
        skin_segments=segments,
        skin_regions=regions,
        flank=flank[0],
        flank_segments=flank[1],
        flank_regions=flank[2],
    )


def tree_of(skin: Skin, flank: Skin | None = None) -> Tree:
    """The tree that all bodies of this package share.

    Args:
        skin: Names the patches; from :func:`psoas.body.skin.build_skin`.
        flank: Those of the sides; from :func:`psoas.body.skin.build_flank`.
    Returns:
        The tree, the same object for the same patches.
    Raises:
        DataError: ``muscles.csv`` lacks a row.
    """
    sides = (flank.names, flank.segments, flank.regions) if flank else ((), (), ())
    return _tree(skin.names, skin.segments, skin.regions, sides)


def build(person: Person, variation: Variation | None = None) -> Body:
    """One body from a person's measurements, by the tables of ``psoas/anatomy``.

    Args:
        person: Measurements.
        variation: Which of the bodies with these measurements; the default rows where not given.
    Returns:
        A :class:`~psoas.body.Body` of one.
    Raises:
        DataError: A table lacks a row, or gives no body of this stature.
    """
    variation = variation or Variation()
    skeleton = build_skeleton(person, variation)
    muscles = build_muscles(person, variation, skeleton)
    skin = build_skin(person, variation, skeleton)
    flank = build_flank(person, variation, skeleton, skin)
    unknown = np.ones((1, muscles.max_isometric_force.size))
    body = Body(
        tree=tree_of(skin, flank),
        joint_position=skeleton.joint_position[None],
        joint_orientation=skeleton.joint_orientation[None],
        mass=skeleton.mass[None],
        mass_center=skeleton.mass_center[None],
        inertia=skeleton.inertia[None],
        neutral=skeleton.neutral[None],
        stop_threshold=skeleton.stop_threshold[None],
        stop_scale=skeleton.stop_scale[None],
        stop_rate=skeleton.stop_rate[None],
        stiffness=skeleton.stiffness[None],
        points=muscles.points[None],
        cylinder_center=muscles.cylinder_center[None],
        cylinder_axes=muscles.cylinder_axes[None],
        cylinder_radius=muscles.cylinder_radius[None],
        max_isometric_force=muscles.max_isometric_force[None],
        optimal_fiber_length=unknown,
        tendon_slack_length=unknown,
        pennation_angle=muscles.pennation_angle[None],
        passive_shape=muscles.passive_shape[None],
        passive_strain=muscles.passive_strain[None],
        passive_start=muscles.passive_start[None],
        tone=muscles.tone[None],
        tendon=tuple(value("tissues", "tendon", c) for c in ("c1", "c2", "c3", "k")),  # type: ignore[arg-type]
        skin_center=skin.center[None],
        skin_radius=skin.radius[None],
        skin_modulus=skin.modulus[None],
        skin_thickness=skin.thickness[None],
        seat_edge=skin.seat_edge[None],
        standing=skeleton.standing[None],
        flank_center=flank.center[None],
        flank_radius=flank.radius[None],
        flank_modulus=flank.modulus[None],
        flank_thickness=flank.thickness[None],
    )
    lengths = muscle_paths(body, pose(body, body.standing)).length[0]
    fiber, tendon = fiber_and_tendon(person, variation, lengths, muscles.pennation_angle)
    return replace(body, optimal_fiber_length=fiber[None], tendon_slack_length=tendon[None])


def build_many(person: Person, variations: Sequence[Variation]) -> Body:
    """An ensemble of bodies with the same measurements.

    Args:
        person: Measurements.
        variations: One for each body, at least one.
    Returns:
        Bodies in that order.
    Raises:
        DataError: A table lacks a row, or gives no body of this stature.
    """
    return stack([build(person, variation) for variation in variations])
