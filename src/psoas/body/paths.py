"""Muscle lines over the tree: their lengths and moment arms, over brims and round joints."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from psoas.body.kinematics import Bend, Pose, bend, cross, rows
from psoas.body.model import Array, Body, Index, Span, Tree


class Paths(NamedTuple):
    """Muscle lines at a pose."""

    points: Array
    """(B, points, 3) [m]."""
    length: Array
    """(B, muscles) [m]."""
    arms: Array
    """Change of each length with each coordinate; the moment arm is minus this (B, muscles, coordinates) [m/rad or -]."""
    direction: Array
    """Unit vector along each straight span that crosses a joint (B, straight, 3) [-]."""
    span_length: Array
    """(B, straight) [m]."""
    bends: Bend
    """The spans with cylinders, in the cylinders' frames."""
    bend_frame: Array
    """Axes of those cylinders in the world, as columns (B, bends, 3, 3) [-]."""
    bend_center: Array
    """(B, bends, 3) [m]."""
    bend_rows: Array
    """How their two ends move in the cylinders' frames (B, bends, 6, coordinates) [m/rad or -]."""


@dataclass(frozen=True, eq=False)
class Plan:
    """Index arrays that follow from a tree (see :class:`Paths` for what they serve)."""

    point_segments: Index
    straight_start: Index
    straight_end: Index
    straight_muscles: Array  # muscles x straight
    bend_start: Index
    bend_end: Index
    bend_cylinder: Index
    bend_muscles: Array  # muscles x bends
    bend_muscle: Index
    bend_mask: Array  # bends x 2 x 1 x coordinates
    turn_bend: Index  # the ends of bends that move against their cylinder
    turn_end: Index
    turn_joint: Index
    turn_order: Array  # ends x 3 x 3
    turn_scatter: Array  # joints x ends
    turn_joints: Index
    cylinder_segments: Index
    skin_segments: Index
    later: Array  # coordinates x coordinates: 1 where the row's coordinate carries the column's


@lru_cache(maxsize=8)
def plan_of(tree: Tree) -> Plan:
    """The index arrays of a tree, worked out once.

    Raises:
        ValueError: If a cylinder does not sit next to the ends of its span.
    """
    segments = np.array(tree.point_segments, dtype=np.intp)
    straight = [s for s in tree.spans if s.cylinder < 0]
    bends = [s for s in tree.spans if s.cylinder >= 0]

    def muscles(spans: list[Span]) -> Array:
        table = np.zeros((len(tree.muscles), len(spans)))
        for column, span in enumerate(spans):
            table[span.muscle, column] = 1.0
        return table

    moved = tree.moved_by
    mask = np.zeros((len(bends), 2, 1, moved.shape[1]))
    turns: list[tuple[int, int, int, int]] = []
    for row, span in enumerate(bends):
        home = tree.cylinder_segments[span.cylinder]
        for side, point in enumerate((span.start, span.end)):
            segment = segments[point]
            mask[row, side, 0] = moved[segment] - moved[home]
            if segment == home:
                continue
            if tree.parents[segment] == home:
                turns.append((row, side, int(segment), 1))
            elif tree.parents[home] == segment:
                turns.append((row, side, home, -1))
            else:
                raise ValueError(
                    f"a cylinder must sit on a segment next to the span's ends, not {tree.segments[home]} for"
                    f" {tree.muscles[span.muscle]}"
                )
    joints = sorted({joint for _, _, joint, _ in turns})
    upper = np.triu(np.ones((3, 3)))

    coordinates = moved.shape[1]
    owner = np.array([0, 0, 0, *np.repeat(np.arange(len(tree.segments)), 3)])
    later = moved[owner].T * np.triu(np.ones((coordinates, coordinates)))
    return Plan(
        point_segments=segments,
        straight_start=np.array([s.start for s in straight], dtype=np.intp),
        straight_end=np.array([s.end for s in straight], dtype=np.intp),
        straight_muscles=muscles(straight),
        bend_start=np.array([s.start for s in bends], dtype=np.intp),
        bend_end=np.array([s.end for s in bends], dtype=np.intp),
        bend_cylinder=np.array([s.cylinder for s in bends], dtype=np.intp),
        bend_muscles=muscles(bends),
        bend_muscle=np.array([s.muscle for s in bends], dtype=np.intp),
        bend_mask=mask,
        turn_bend=np.array([t[0] for t in turns], dtype=np.intp),
        turn_end=np.array([t[1] for t in turns], dtype=np.intp),
        turn_joint=np.array([t[2] for t in turns], dtype=np.intp),
        turn_order=np.array([upper if t[3] > 0 else upper.T for t in turns]).reshape(-1, 3, 3),
        turn_scatter=np.array([[float(t[2] == joint) for t in turns] for joint in joints]).reshape(
            len(joints), len(turns)
        ),
        turn_joints=np.array(joints, dtype=np.intp),
        cylinder_segments=np.array(tree.cylinder_segments, dtype=np.intp),
        skin_segments=np.array(tree.skin_segments, dtype=np.intp),
        later=later,
    )


def muscle_paths(body: Body, frame: Pose) -> Paths:
    """Lengths and moment arms of all muscles at a pose.

    Args:
        body: ``B`` bodies.
        frame: From :func:`psoas.kinematics.pose`.
    Returns:
        The muscles' lines.
    """
    tree, plan = body.tree, plan_of(body.tree)
    points = frame.locate(plan.point_segments, body.points)

    start, end = points[:, plan.straight_start], points[:, plan.straight_end]
    away = end - start
    span_length = np.sqrt(np.sum(away**2, axis=-1))
    direction = away / span_length[..., None]
    arms_straight = rows(frame, tree, plan.point_segments[plan.straight_end], end, direction) - rows(
        frame, tree, plan.point_segments[plan.straight_start], start, direction
    )

    home = plan.cylinder_segments
    axes = (frame.rotation[:, home] @ np.swapaxes(body.cylinder_axes, -1, -2))[:, plan.bend_cylinder]
    center = frame.locate(home, body.cylinder_center)[:, plan.bend_cylinder]
    ends = np.stack([points[:, plan.bend_start], points[:, plan.bend_end]], axis=2)
    local = (ends - center[:, :, None]) @ axes
    bends = bend(local[:, :, 0], local[:, :, 1], body.cylinder_radius[:, plan.bend_cylinder])
    velocity = (
        frame.moment[:, None, None] + cross(frame.axis[:, None, None], ends[..., None, :])
    )  # B, bends, 2, coordinates, 3
    moved = np.swapaxes(velocity @ axes[:, :, None], -1, -2) * plan.bend_mask
    bend_rows = moved.reshape(*moved.shape[:2], 6, -1)
    arms_bent = (bends.gradient[:, :, None, :] @ bend_rows)[:, :, 0]

    length = span_length @ plan.straight_muscles.T + bends.length @ plan.bend_muscles.T
    arms = plan.straight_muscles @ arms_straight + plan.bend_muscles @ arms_bent
    return Paths(points, length, arms, direction, span_length, bends, axes, center, bend_rows)
