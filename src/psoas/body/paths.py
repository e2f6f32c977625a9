"""Muscle lines over the tree: their lengths and moment arms, over brims and round joints."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from psoas.body.kinematics import Bend, Pose, bend, cross
from psoas.body.model import Array, Body, Index, Span, Tree
from psoas.errors import DataError


class Paths(NamedTuple):
    """Muscle lines at a pose."""

    points: Array
    """(B, points, 3) [m]."""
    length: Array
    """(B, muscles) [m]."""
    arms: Array
    """Change of each length with each coordinate; the moment arm is minus this (B, muscles, coordinates) [m/rad or -]."""
    direction: Array
    """Unit vector along each straight span (B, straight, 3) [-]."""
    span_length: Array
    """(B, straight) [m]."""
    bends: Bend
    """The spans with cylinders, in the cylinders' frames."""
    bend_frame: Array
    """Axes of those cylinders in the world, as columns (B, bends, 3, 3) [-]."""
    bend_center: Array
    """(B, bends, 3) [m]."""
    turn_rows: Array
    """How each end that moves against its cylinder does so, in the cylinder's frame, with the three turns of the one
    joint between (B, turns, 3, 3) [m/rad]."""


class Course(NamedTuple):
    """A span that one or several muscles share: its points and cylinder, as in ``Span``."""

    start: int
    """Index of the point it leaves."""
    end: int
    """Index of the point it reaches."""
    cylinder: int
    """Index of the cylinder it may bend over, or -1."""


@dataclass(frozen=True, eq=False)
class Plan:
    """Index arrays that follow from a tree (see :class:`Paths` for what they serve).

    Spans that several muscles share are listed once. ``straight`` spans have no cylinder, and ``crossing`` ones among
    them lead from one segment to another. A ``turn`` is an end of a bent span that moves against its cylinder;
    ``pair`` lists the turns that meet on one span, each with itself too.
    """

    point_segments: Index
    """Segment of each point (points,)."""
    straight_start: Index
    """Point (straight,)."""
    straight_end: Index
    """Point (straight,)."""
    straight_muscles: Array
    """1 where a span is a muscle's (straight, muscles) [-]."""
    crossing: Index
    """Places among the straight spans (crossing,)."""
    crossing_start: Index
    """Point (crossing,)."""
    crossing_end: Index
    """Point (crossing,)."""
    crossing_muscles: Array
    """1 where a span is a muscle's (muscles, crossing) [-]."""
    crossing_moved: Array
    """Whether a coordinate moves the end (1), the start (-1), or both alike (0) (crossing, coordinates) [-]."""
    bend_start: Index
    """Point (bends,)."""
    bend_end: Index
    """Point (bends,)."""
    bend_cylinder: Index
    """Cylinder (bends,)."""
    bend_muscles: Array
    """1 where a span is a muscle's (bends, muscles) [-]."""
    bend_of: dict[Span, int]
    """Place among the bent spans of each of the tree's spans with a cylinder."""
    turn_bend: Index
    """Place among the bent spans (turns,)."""
    turn_end: Index
    """0 for the span's start, 1 for its end (turns,)."""
    turn_sign: Array
    """1 where the joint moves the end, -1 where it moves the cylinder (turns,) [-]."""
    turn_order: Array
    """1 where an axis of the joint comes no later than another, as that sign sees it (turns, 3, 3) [-]."""
    turn_columns: Index
    """The joint's turns among the coordinates (turns, 3)."""
    turn_joints: tuple[tuple[slice, Index], ...]
    """Columns of each joint that turns belong to, and those turns (n,)."""
    pair_first: Index
    """Turn (pairs,)."""
    pair_second: Index
    """Turn (pairs,)."""
    pair_blocks: tuple[tuple[int, int, Index], ...]
    """Two joints, by the segments above them, and the pairs between them (n,)."""
    cylinder_segments: Index
    """Segment of each cylinder (cylinders,)."""
    skin_segments: Index
    """Segment of each patch of skin (skin,)."""
    carries: Array
    """1 where a joint carries a segment: the slides' row first, then each segment's turns (joints, segments) [-]."""
    later: Array
    """1 where the row's coordinate carries the column's (coordinates, coordinates) [-]."""


@lru_cache(maxsize=8)
def plan_of(tree: Tree) -> Plan:
    """The index arrays of a tree, worked out once.

    Raises:
        DataError: If a cylinder does not sit next to the ends of its span.
    """
    segments = np.array(tree.point_segments, dtype=np.intp)
    courses = list(dict.fromkeys(s[1:] for s in tree.spans))
    straight = [Course(*c) for c in courses if c[2] < 0]
    crossing = [k for k, s in enumerate(straight) if segments[s.start] != segments[s.end]]
    bends = [Course(*c) for c in courses if c[2] >= 0]

    def muscles(these: list[Course]) -> Array:
        table = np.zeros((len(these), len(tree.muscles)))
        for span in tree.spans:
            if Course(*span[1:]) in these:
                table[these.index(Course(*span[1:])), span.muscle] = 1.0
        return table

    turns: list[tuple[int, int, int, int]] = []
    for row, span in enumerate(bends):
        home = tree.cylinder_segments[span.cylinder]
        for side, point in enumerate((span.start, span.end)):
            segment = int(segments[point])
            if segment == home:
                continue
            if tree.parents[segment] == home:
                turns.append((row, side, segment, 1))
            elif tree.parents[home] == segment:
                turns.append((row, side, home, -1))
            else:
                raise DataError(
                    f"cylinder {span.cylinder} sits on {tree.segments[home]}; put it on a segment next to the ends of"
                    f" its span, {tree.segments[segments[span.start]]} and {tree.segments[segments[span.end]]}"
                )
    pairs = [(a, b) for a, first in enumerate(turns) for b, second in enumerate(turns) if first[0] == second[0]]
    blocks: dict[tuple[int, int], list[int]] = {}
    for k, (a, b) in enumerate(pairs):
        blocks.setdefault((turns[a][2], turns[b][2]), []).append(k)

    moved = tree.moved_by
    starts = np.array([straight[k].start for k in crossing], dtype=np.intp)
    ends = np.array([straight[k].end for k in crossing], dtype=np.intp)
    coordinates = moved.shape[1]
    owner = np.array([0, 0, 0, *np.repeat(np.arange(len(tree.segments)), 3)])
    later = moved[owner].T * np.triu(np.ones((coordinates, coordinates)))
    upper = np.triu(np.ones((3, 3)))
    joint = np.array([t[2] for t in turns], dtype=np.intp)
    return Plan(
        point_segments=segments,
        straight_start=np.array([s.start for s in straight], dtype=np.intp),
        straight_end=np.array([s.end for s in straight], dtype=np.intp),
        straight_muscles=muscles(straight),
        crossing=np.array(crossing, dtype=np.intp),
        crossing_start=starts,
        crossing_end=ends,
        crossing_muscles=muscles([straight[k] for k in crossing]).T.copy(),
        crossing_moved=moved[segments[ends]] - moved[segments[starts]],
        bend_start=np.array([s.start for s in bends], dtype=np.intp),
        bend_end=np.array([s.end for s in bends], dtype=np.intp),
        bend_cylinder=np.array([s.cylinder for s in bends], dtype=np.intp),
        bend_muscles=muscles(bends),
        bend_of={span: bends.index(Course(*span[1:])) for span in tree.spans if span.cylinder >= 0},
        turn_bend=np.array([t[0] for t in turns], dtype=np.intp),
        turn_end=np.array([t[1] for t in turns], dtype=np.intp),
        turn_sign=np.array([float(t[3]) for t in turns]),
        turn_order=np.array([upper if t[3] > 0 else upper.T for t in turns]).reshape(-1, 3, 3),
        turn_columns=3 + 3 * joint[:, None] + np.arange(3),
        turn_joints=tuple((slice(3 + 3 * k, 6 + 3 * k), np.flatnonzero(joint == k)) for k in np.unique(joint)),
        pair_first=np.array([a for a, _ in pairs], dtype=np.intp),
        pair_second=np.array([b for _, b in pairs], dtype=np.intp),
        pair_blocks=tuple((a, b, np.array(rows, dtype=np.intp)) for (a, b), rows in blocks.items()),
        cylinder_segments=np.array(tree.cylinder_segments, dtype=np.intp),
        skin_segments=np.array(tree.skin_segments, dtype=np.intp),
        carries=moved[:, [0, *range(3, coordinates, 3)]].T.copy(),
        later=later,
    )


def muscle_paths(body: Body, frame: Pose) -> Paths:
    """Lengths and moment arms of all muscles at a pose.

    Args:
        body: ``B`` bodies.
        frame: From :func:`psoas.body.kinematics.pose`.
    Returns:
        The muscles' lines, see :class:`Paths`.
    Raises:
        DataError: As :func:`plan_of`.
    """
    plan = plan_of(body.tree)
    points = frame.locate(plan.point_segments, body.points)

    away = points[:, plan.straight_end] - points[:, plan.straight_start]
    span_length = np.sqrt(np.sum(away**2, axis=-1))
    direction = away / span_length[..., None]

    # A pull along a line has the same moment at either end.
    along = direction[:, plan.crossing]
    wrench = np.concatenate([cross(points[:, plan.crossing_end], along), along], axis=-1)
    twist = np.concatenate([frame.axis, frame.moment], axis=-1)
    arms = plan.crossing_muscles @ ((wrench @ np.swapaxes(twist, -1, -2)) * plan.crossing_moved)

    home = plan.cylinder_segments
    axes = (frame.rotation[:, home] @ np.swapaxes(body.cylinder_axes, -1, -2))[:, plan.bend_cylinder]
    center = frame.locate(home, body.cylinder_center)[:, plan.bend_cylinder]
    ends = np.stack([points[:, plan.bend_start], points[:, plan.bend_end]], axis=2)
    local = (ends - center[:, :, None]) @ axes
    bends = bend(local[:, :, 0], local[:, :, 1], body.cylinder_radius[:, plan.bend_cylinder])

    where = ends[:, plan.turn_bend, plan.turn_end]
    turning, start = frame.axis[:, plan.turn_columns], frame.moment[:, plan.turn_columns]
    velocity = (start + cross(turning, where[:, :, None])) * plan.turn_sign[:, None, None]
    turn_rows = np.swapaxes(velocity @ axes[:, plan.turn_bend], -1, -2)
    slope = bends.gradient.reshape(*bends.gradient.shape[:2], 2, 3)[:, plan.turn_bend, plan.turn_end]
    turned = (slope[:, :, None, :] @ turn_rows)[:, :, 0]
    for columns, turns in plan.turn_joints:
        arms[:, :, columns] += plan.bend_muscles[plan.turn_bend[turns]].T @ turned[:, turns]

    length = span_length @ plan.straight_muscles + bends.length @ plan.bend_muscles
    return Paths(points, length, arms, direction, span_length, bends, axes, center, turn_rows)
