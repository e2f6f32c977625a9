"""The two values this room hands on: the tree's shape (:class:`Tree`) and the numbers of its bodies (:class:`Body`).

Every number carries a leading axis: one body is an ensemble of one. The tree is the same for all of them.
Segment frames: X forward, Y toward the head, Z to the right, as in standing. A joint turns its segment about Z, then X,
then Y, each in the frame turned so far; the root also slides along the world's axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Flags = NDArray[np.bool_]
T = TypeVar("T")

AXES = ("flexion", "abduction", "rotation")
"""The three turns of a joint, in order: about Z, X and Y of the segment."""


class Span(NamedTuple):
    """A stretch of a muscle between two of its points, which may bend over a cylinder."""

    muscle: int
    """Index of the muscle among ``Tree.muscles``."""
    start: int
    """Index of the point it leaves."""
    end: int
    """Index of the point it reaches."""
    cylinder: int
    """Index of the cylinder it may bend over, or -1."""


@dataclass(frozen=True, eq=False)
class Tree:
    """What all bodies of an ensemble share: names and connections."""

    segments: tuple[str, ...]
    """Names, the root first (segments,)."""
    parents: tuple[int, ...]
    """Parent of each segment; the root's is -1. Parents come before their children (segments,)."""
    free: tuple[tuple[int, int], ...]
    """The free turns, (segment, axis), ordered as the segments are; axes as in ``AXES``."""
    muscles: tuple[str, ...]
    """Names of the lines (muscles,)."""
    point_segments: tuple[int, ...]
    """Segment that each muscle point is fixed in (points,)."""
    spans: tuple[Span, ...]
    """The stretches of all muscles, in their order from origin to insertion."""
    cylinder_segments: tuple[int, ...]
    """Segment that each cylinder is fixed in (cylinders,)."""
    skin: tuple[str, ...]
    """Names of the patches of skin (skin,)."""
    skin_segments: tuple[int, ...]
    """Segment that each patch is fixed in (skin,)."""
    skin_regions: tuple[str, ...]
    """Region that each patch is counted to (skin,)."""
    flank: tuple[str, ...] = ()
    """Names of the patches of the body's sides, which only :func:`psoas.body.skin.on_side` puts among the skin (flank,)."""
    flank_segments: tuple[int, ...] = ()
    """Segment that each of them is fixed in (flank,)."""
    flank_regions: tuple[str, ...] = ()
    """Region that each of them is counted to (flank,)."""

    def segment(self, name: str) -> int:
        """Index of a segment by name; the name must be one of ``segments``."""
        return self.segments.index(name)

    @cached_property
    def coordinates(self) -> tuple[str, ...]:
        """Names of all coordinates (coordinates,): the root's three slides [m], then three turns for each segment [rad]."""
        turns = tuple(f"{name}_{axis}" for name in self.segments for axis in AXES)
        return ("slide_x", "slide_y", "slide_z", *turns)

    @cached_property
    def active(self) -> Index:
        """Indices of the free coordinates among :attr:`coordinates` (free,)."""
        return np.array([0, 1, 2, *(3 + 3 * s + a for s, a in self.free)], dtype=np.intp)

    def coordinate(self, segment: str, axis: str) -> int:
        """Index of a turn among :attr:`coordinates`.

        Args:
            segment: One of ``segments``.
            axis: One of ``AXES``.
        """
        return 3 + 3 * self.segment(segment) + AXES.index(axis)

    @cached_property
    def levels(self) -> tuple[Index, ...]:
        """Indices of the segments grouped by how many joints lie between them and the root, nearest first (n,) each; the
        root is left out."""
        depth = [0] * len(self.parents)
        for s, parent in enumerate(self.parents):
            depth[s] = 0 if parent < 0 else depth[parent] + 1
        return tuple(
            np.array([s for s, d in enumerate(depth) if d == level], dtype=np.intp)
            for level in range(1, max(depth) + 1)
        )

    @cached_property
    def moved_by(self) -> Array:
        """1 where a coordinate moves a segment, else 0 (segments, coordinates) [-]."""
        count = len(self.segments)
        moved = np.zeros((count, 3 + 3 * count))
        moved[:, :3] = 1.0
        for s in range(count):
            ancestor = s
            while ancestor >= 0:
                moved[s, 3 + 3 * ancestor : 6 + 3 * ancestor] = 1.0
                ancestor = self.parents[ancestor]
        return moved

    @cached_property
    def mirror(self) -> tuple[Index, Array]:
        """Where each coordinate goes when left and right change places (coordinates,), and the sign it takes (coordinates,)
        [-]."""
        target = np.arange(3 + 3 * len(self.segments))
        sign = np.ones(target.shape)
        sign[1] = -1.0
        for s, name in enumerate(self.segments):
            target[3 + 3 * s : 6 + 3 * s] = 3 + 3 * self.segment(other_side(name)) + np.arange(3)
            sign[4 + 3 * s : 6 + 3 * s] = -1.0
        return target, sign


def other_side(name: str) -> str:
    """The same name on the other side of the body; a name of neither side is its own."""
    if name.endswith("_r"):
        return name[:-2] + "_l"
    if name.endswith("_l"):
        return name[:-2] + "_r"
    return name


@dataclass(frozen=True)
class Body:
    """An ensemble of ``B`` bodies on one :class:`Tree`; SI units, right-handed segment frames.

    The numbers come from the tables of ``psoas/anatomy`` by :func:`psoas.body.build.build`: lengths from ``bones.csv`` and
    ``segments.csv``, masses from ``segments.csv``, muscles from ``muscles.csv``, passive laws from ``joints.csv``,
    ``tissues.csv`` and ``fitted.csv``, skin from ``skin.csv`` and ``tissues.csv``.
    """

    tree: Tree
    """Names and connections, the same for all."""

    joint_position: Array
    """Joint centre in the parent's frame; for the root, unused (B, segments, 3) [m]."""
    joint_orientation: Array
    """The segment's axes in its parent's frame at zero angle (B, segments, 3, 3) [-]."""
    mass: Array
    """Of each segment and its flesh (B, segments) [kg]."""
    mass_center: Array
    """In the segment's frame (B, segments, 3) [m]."""
    inertia: Array
    """Principal moments about the mass centre along the segment's axes (B, segments, 3) [kg·m²]."""

    neutral: Array
    """Angle of no passive moment (B, coordinates) [rad]; coefficients as in ``mechanics.joint.passive_resistance``."""
    stop_threshold: Array
    """From neutral, for the negative and positive side (B, coordinates, 2) [rad]."""
    stop_scale: Array
    """(B, coordinates, 2) [N·m]."""
    stop_rate: Array
    """(B, coordinates, 2) [1/rad]."""
    stiffness: Array
    """(B, coordinates, 2, 3) [N·m/rad, N·m/rad², N·m/rad³]."""

    points: Array
    """Muscle points in their segment's frame (B, points, 3) [m]."""
    cylinder_center: Array
    """In its segment's frame (B, cylinders, 3) [m]."""
    cylinder_axes: Array
    """Rows: from the centre toward the side the muscle passes on, across, and along the axis (B, cylinders, 3, 3) [-]."""
    cylinder_radius: Array
    """(B, cylinders) [m]."""
    max_isometric_force: Array
    """(B, muscles) [N]."""
    optimal_fiber_length: Array
    """(B, muscles) [m]."""
    tendon_slack_length: Array
    """(B, muscles) [m]."""
    pennation_angle: Array
    """(B, muscles) [rad]."""
    passive_shape: Array
    """Shape factor of ``mechanics.muscle.passive_fiber_curve`` (B, muscles) [-]."""
    passive_strain: Array
    """Strain to unit force, of the same (B, muscles) [-]."""
    passive_start: Array
    """Stretch at which passive force begins (B, muscles) [-]."""
    tone: Array
    """Resting activity, a fraction of maximum isometric force (B, muscles) [-]."""
    tendon: tuple[float, float, float, float]
    """c1, c2, c3 and k of ``mechanics.muscle.tendon_curve``, the same for all bodies and muscles [-]."""

    skin_center: Array
    """Centres of the rounded patches of skin in their segment's frame (B, skin, 3) [m]."""
    skin_radius: Array
    """(B, skin) [m]."""
    skin_modulus: Array
    """(B, skin) [Pa]."""
    skin_thickness: Array
    """(B, skin) [m]."""

    seat_edge: Array
    """Fold of the buttocks, from where heel distance is measured, in the pelvis frame (B, 3) [m]."""

    standing: Array
    """Coordinates of standing upright, the reference of all lengths (B, coordinates) [m, rad]."""

    passive_share: Array | None = None
    """Shares of the passive fibers that give way with time, see ``mechanics.muscle.relaxed_fiber_curve``; nothing where
    nothing gives way (B, muscles, terms) [-]."""
    passive_flow: Array | None = None
    """How far each has flowed, over optimal fiber length (B, muscles, terms) [-]."""
    joint_share: Array | None = None
    """Shares of a joint's passive law that give way with time, see ``mechanics.joint.relaxed_resistance``; nothing where
    nothing gives way (B, coordinates, terms) [-]."""
    joint_flow: Array | None = None
    """How far each has flowed (B, coordinates, terms) [rad]."""

    flank_center: Array | None = None
    """Of the patches of the sides, as ``skin_center`` (B, flank, 3) [m]; nothing where they are among the skin already."""
    flank_radius: Array | None = None
    """(B, flank) [m]."""
    flank_modulus: Array | None = None
    """(B, flank) [Pa]."""
    flank_thickness: Array | None = None
    """(B, flank) [m]."""

    @property
    def count(self) -> int:
        """How many bodies, ``B``."""
        return int(self.mass.shape[0])

    @property
    def hip_width(self) -> Array:
        """Between the hip joints (B,) [m]."""
        right, left = (self.joint_position[:, self.tree.segment(name)] for name in ("femur_r", "femur_l"))
        return np.asarray(np.linalg.norm(right - left, axis=-1))

    @property
    def weight(self) -> Array:
        """Total mass times standard gravity (B,) [N]."""
        return self.mass.sum(axis=1) * GRAVITY

    def take(self, members: Index | Sequence[int] | slice) -> Body:
        """The bodies at these places of the ensemble, (n,) or a slice, in that order."""
        return take(self, members)


SHARED = {"shared": True}
"""Metadata of a field whose array is the same for all members, and has no leading axis for them."""
NESTED = {"nested": True}
"""Metadata of a field that holds another dataclass of such arrays, or nothing."""

GRAVITY = 9.80665
"""Standard acceleration of gravity (ISO 80000-3) [m/s²]."""


def take(values: T, members: Index | Sequence[int] | slice) -> T:
    """A frozen dataclass of arrays with only these members of its leading axis.

    Args:
        values: Its arrays are (B, ...), but for fields marked ``SHARED``; fields that are no arrays stay as they are.
        members: Places in the ensemble (n,), or a slice.
    Returns:
        A new one of the same class, its arrays (n, ...).
    """
    changed: dict[str, object] = {
        field.name: value[members]
        for field in fields(values)  # type: ignore[arg-type]
        if isinstance(value := getattr(values, field.name), np.ndarray) and not field.metadata.get("shared")
    }
    changed |= {
        field.name: take(value, members)
        for field in fields(values)  # type: ignore[arg-type]
        if field.metadata.get("nested") and (value := getattr(values, field.name)) is not None
    }
    return type(values)(**{**_shallow(values), **changed})


def stack(parts: Sequence[T]) -> T:
    """One ensemble from several of the same tree: arrays (B, ...) joined along their leading axis.

    Args:
        parts: At least one; what is no array, or marked ``SHARED``, is taken from the first.
    """
    joined = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(parts[0])  # type: ignore[arg-type]
        if isinstance(getattr(parts[0], field.name), np.ndarray) and not field.metadata.get("shared")
    }
    return type(parts[0])(**{**_shallow(parts[0]), **joined})


def _shallow(values: object) -> dict[str, object]:
    return {field.name: getattr(values, field.name) for field in fields(values)}  # type: ignore[arg-type]
