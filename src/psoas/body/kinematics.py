"""Where the segments and muscle lines of a body are, and how they move with its coordinates."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from psoas.body.model import Array, Body, Index

LYING = np.array([[0.0, -1.0, 0.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0]])
"""The root's axes (columns) in the world when lying on the back with no turn [-].

World: X along the floor from head to feet, Y to the body's left, Z up. Forward is up, the head is at -X."""


class Pose(NamedTuple):
    """Frames and joint axes in the world at some coordinates."""

    rotation: Array
    """(B, segments, 3, 3) [-]."""
    position: Array
    """Segment origins, which are their joint centres (B, segments, 3) [m]."""
    axis: Array
    """Direction of each coordinate's turn, 0 for a slide (B, coordinates, 3) [-]."""
    moment: Array
    """Velocity that each coordinate gives to a point at the world's origin (B, coordinates, 3) [m/rad or -]."""

    def locate(self, segments: Index, local: Array) -> Array:
        """World position of points fixed in segments.

        Args:
            segments: The segment of each point (n,).
            local: Points in their segment's frame (B, n, 3) [m].
        Returns:
            The points in the world (B, n, 3) [m].
        """
        turned = self.rotation[:, segments] @ local[..., None]
        return self.position[:, segments] + turned[..., 0]

    def localize(self, segments: Index, world: Array) -> Array:
        """The inverse of :meth:`locate`: points of the world (B, n, 3) in their segment's frame (B, n, 3) [m]."""
        away = world - self.position[:, segments]
        return np.einsum("bnij,bni->bnj", self.rotation[:, segments], away)


def pose(body: Body, coordinates: Array) -> Pose:
    """Place the segments of a body.

    Args:
        body: ``B`` bodies.
        coordinates: Slides and turns (B, coordinates) [m, rad].
    Returns:
        Frames and axes in the world, see :class:`Pose`.
    """
    tree = body.tree
    count, size = coordinates.shape[0], len(tree.segments)
    angle = coordinates[:, 3:].reshape(count, size, 3)
    (cz, cx, cy), (sz, sx, sy) = np.moveaxis(np.cos(angle), 2, 0), np.moveaxis(np.sin(angle), 2, 0)

    turn = np.empty((count, size, 3, 3))
    turn[..., 0, 0], turn[..., 0, 1], turn[..., 0, 2] = (
        cz * cy - sz * sx * sy,
        -sz * cx,
        cz * sy + sz * sx * cy,
    )
    turn[..., 1, 0], turn[..., 1, 1], turn[..., 1, 2] = (
        sz * cy + cz * sx * sy,
        cz * cx,
        sz * sy - cz * sx * cy,
    )
    turn[..., 2, 0], turn[..., 2, 1], turn[..., 2, 2] = -cx * sy, sx, cx * cy
    axes = np.zeros((count, size, 3, 3))  # columns: the three axes in the joint's own frame
    axes[..., 2, 0] = 1.0
    axes[..., 0, 1], axes[..., 1, 1] = cz, sz
    axes[..., 0, 2], axes[..., 1, 2], axes[..., 2, 2] = -sz * cx, cz * cx, sx

    turn = body.joint_orientation @ turn
    axes = body.joint_orientation @ axes
    rotation, position = np.empty((count, size, 3, 3)), np.empty((count, size, 3))
    rotation[:, 0], position[:, 0] = LYING @ turn[:, 0], coordinates[:, :3]
    for level in tree.levels:
        above = np.asarray(tree.parents)[level]
        frame = rotation[:, above]
        rotation[:, level] = frame @ turn[:, level]
        position[:, level] = position[:, above] + (frame @ body.joint_position[:, level, :, None])[..., 0]

    parents = np.array(tree.parents[1:], dtype=np.intp)
    axis, moment = np.zeros((count, 3 + 3 * size, 3)), np.zeros((count, 3 + 3 * size, 3))
    moment[:, :3] = np.eye(3)
    axis[:, 3:6] = np.swapaxes(LYING @ axes[:, 0], -1, -2)
    axis[:, 6:] = np.swapaxes(rotation[:, parents] @ axes[:, 1:], -1, -2).reshape(count, -1, 3)
    moment[:, 3:] = cross(np.repeat(position, 3, axis=1), axis[:, 3:])
    return Pose(rotation, position, axis, moment)


def cross(a: Array, b: Array) -> Array:
    """Cross product along the last axis (..., 3), in the product of the units; several times faster than the general one."""
    out = np.empty(np.broadcast_shapes(a.shape, b.shape))
    out[..., 0] = a[..., 1] * b[..., 2] - a[..., 2] * b[..., 1]
    out[..., 1] = a[..., 2] * b[..., 0] - a[..., 0] * b[..., 2]
    out[..., 2] = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    return out


class Bend(NamedTuple):
    """Length of a path from one point to another that may bend over a cylinder; see :func:`bend`."""

    length: Array
    """(...) [m]."""
    gradient: Array
    """By the two points' coordinates in the cylinder's frame (..., 6) [-]."""
    hessian: Array
    """By the same, twice (..., 6, 6) [1/m]."""
    touches: Array
    """Whether it bends (...)."""
    tangents: Array
    """Where it meets and leaves the cylinder (its ends where it does not touch) (..., 2, 3) [m]."""


def bend(start: Array, end: Array, radius: Array) -> Bend:
    r"""Shortest path on one side of a cylinder, with exact first and second derivatives.

    A cylinder and its tangent planes unroll into a plane, so the path's length is
    :math:`\sqrt{s^2 + \Delta z^2}` with :math:`s` the length of its projection along the axis:
    :math:`s = t_1 + t_2 + r\beta`, :math:`t_i = \sqrt{\rho_i^2 - r^2}`, and :math:`\beta` the angle of contact.
    The path goes round the side of +x in the order start, +x, end; where the angle of contact would be negative it is straight.

    Args:
        start, end: Points in the cylinder's frame: x toward the side it passes on, z along the axis (..., 3) [m].
        radius: (...) [m]; a point inside is treated as lying on the surface.
    Returns:
        Length and its derivatives.
    """
    rho = np.stack([np.hypot(start[..., 0], start[..., 1]), np.hypot(end[..., 0], end[..., 1])], axis=-1)
    r = radius[..., None]
    out = np.maximum(rho, r * (1.0 + 1e-9))
    tangent = np.sqrt(out**2 - r**2)
    lean = np.arccos(r / out)
    # angles measured from +x, positive toward the start's side
    phi_start = np.arctan2(start[..., 1], start[..., 0])
    phi_end = np.arctan2(end[..., 1], end[..., 0])
    way = np.where(phi_start >= phi_end, 1.0, -1.0)
    apart = np.abs(phi_start - phi_end)
    contact = apart - lean[..., 0] - lean[..., 1]
    touches = contact > 0.0

    # Bent: s depends on each point through rho (slope t/rho) and its polar angle (slope +-r).
    x, y = np.stack([start[..., 0], end[..., 0]], -1), np.stack([start[..., 1], end[..., 1]], -1)
    along = np.stack([way, -way], axis=-1)
    radial = np.stack([x, y], -1) / out[..., None]
    polar = np.stack([-y, x], -1) / out[..., None]
    bent_slope = radial * (tangent / out)[..., None] + polar * (along * r / out)[..., None]
    normal = np.stack([-bent_slope[..., 1], bent_slope[..., 0]], -1)
    bent_curve = normal[..., :, None] * normal[..., None, :] / tangent[..., None, None]
    bent_length = tangent.sum(-1) + radius * contact

    flat = np.stack([start[..., 0] - end[..., 0], start[..., 1] - end[..., 1]], -1)
    flat_length = np.maximum(np.sqrt(np.sum(flat**2, -1)), 1e-9)
    unit = flat / flat_length[..., None]
    across = np.stack([-unit[..., 1], unit[..., 0]], -1)
    flat_curve = across[..., :, None] * across[..., None, :] / flat_length[..., None, None]

    s = np.where(touches, bent_length, flat_length)
    slope = np.zeros((*s.shape, 6))
    curve = np.zeros((*s.shape, 6, 6))
    t = touches[..., None]
    slope[..., 0:2] = np.where(t, bent_slope[..., 0, :], unit)
    slope[..., 3:5] = np.where(t, bent_slope[..., 1, :], -unit)
    t = t[..., None]
    curve[..., 0:2, 0:2] = np.where(t, bent_curve[..., 0, :, :], flat_curve)
    curve[..., 3:5, 3:5] = np.where(t, bent_curve[..., 1, :, :], flat_curve)
    mixed = np.where(t, 0.0, -flat_curve)
    curve[..., 0:2, 3:5] = mixed
    curve[..., 3:5, 0:2] = mixed

    rise = start[..., 2] - end[..., 2]
    length = np.sqrt(s**2 + rise**2)
    climb = np.zeros((*s.shape, 6))
    climb[..., 2], climb[..., 5] = 1.0, -1.0
    gradient = (s[..., None] * slope + rise[..., None] * climb) / length[..., None]
    inner = (
        slope[..., :, None] * slope[..., None, :]
        + climb[..., :, None] * climb[..., None, :]
        + s[..., None, None] * curve
        - gradient[..., :, None] * gradient[..., None, :]
    )
    hessian = inner / length[..., None, None]

    foot = radius[..., None] * np.stack(
        [np.cos(phi_start - way * lean[..., 0]), np.sin(phi_start - way * lean[..., 0])], -1
    )
    leave = radius[..., None] * np.stack(
        [np.cos(phi_end + way * lean[..., 1]), np.sin(phi_end + way * lean[..., 1])], -1
    )
    share = np.stack([tangent[..., 0], tangent[..., 0] + radius * contact], -1) / np.maximum(s, 1e-9)[..., None]
    height = start[..., 2, None] - rise[..., None] * share
    met = np.stack([np.concatenate([foot, height[..., :1]], -1), np.concatenate([leave, height[..., 1:]], -1)], axis=-2)
    tangents = np.where(t, met, np.stack([start, end], axis=-2))
    return Bend(length, gradient, hessian, touches, tangents)
