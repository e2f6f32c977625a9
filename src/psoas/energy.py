r"""The energy of a resting body, its gradient and its Hessian, written once.

.. math:: E(q) = \sum m g z + \sum E_{joint}(q_i) + \sum E_{muscle}(L_m(q)) + \sum E_{contact}(x_k(q)) + \text{grips, ties}

All of it but the joints is a function of points on a tree of turning segments, for which (with a, p a coordinate's axis and
centre, i nearer the root than j)

.. math:: \partial_i x = a_i \times (x - p_i), \qquad \partial_i\partial_j x = a_i \times \partial_j x

so that the second-order part is a sum over each joint's subtree, with :math:`W_j = \sum (x - p_j) G^T` and G the energy's
gradient at x:  :math:`H_{ij} = a_i^T W_j a_j - (a_i \cdot a_j)\,\mathrm{tr} W_j`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from psoas.body.kinematics import Pose, cross, pose, rows
from psoas.body.model import GRAVITY, Array, Body
from psoas.body.paths import Paths, Plan, muscle_paths, plan_of
from psoas.mechanics.contact import press, rounded_box_distance
from psoas.mechanics.joint import passive_resistance
from psoas.mechanics.muscle import MuscleState, equilibrate
from psoas.support import Support

UP = np.array([0.0, 0.0, 1.0])


class Touch(NamedTuple):
    """The skin against the floor and props."""

    centers: Array
    """(B, skin, 3) [m]."""
    floor: Array
    """Upward force of the floor on each patch (B, skin) [N]."""
    floor_stiffness: Array
    """(B, skin) [N/m]."""
    props: Array
    """Force of each prop on each patch along its normal (B, props, skin) [N]."""
    prop_stiffness: Array
    """(B, props, skin) [N/m]."""
    prop_normal: Array
    """(B, props, skin, 3) [-]."""
    prop_curvature: Array
    """(B, props, skin) [1/m]."""
    energy: Array
    """(B,) [J]."""


@dataclass(frozen=True)
class Evaluation:
    """Everything known about a body at some coordinates."""

    energy: Array
    """(B,) [J]."""
    gradient: Array
    """(B, coordinates) [N, N·m]."""
    hessian: Array | None
    """(B, coordinates, coordinates), where it was asked for."""
    pose: Pose
    paths: Paths
    muscle: MuscleState
    touch: Touch
    mass_centers: Array
    """(B, segments, 3) [m]."""
    grip_points: Array
    """(B, grips, 3) [m]."""
    grip_force: Array
    """Force of the floor on each sticking patch, in the floor's plane (B, grips, 2) [N]."""
    tie_points: Array
    """(B, ties, 2, 3) [m]."""
    joint_force: Array
    """Force on each segment and all it carries from the segment below it, across its joint, leaving out muscles that
    bend over a cylinder (none does above the pelvis) (B, segments, 3) [N]."""


def muscle_state(body: Body, length: Array) -> MuscleState:
    """Tension, stiffness, energy and fiber length of all muscles at their lengths (B, muscles) [m]."""
    return equilibrate(
        length,
        max_isometric_force=body.max_isometric_force,
        optimal_fiber_length=body.optimal_fiber_length,
        tendon_slack_length=body.tendon_slack_length,
        pennation_angle=body.pennation_angle,
        passive_shape=body.passive_shape,
        passive_strain=body.passive_strain,
        passive_start=body.passive_start,
        tone=body.tone,
        tendon=body.tendon,
    )


def touch(body: Body, support: Support, frame: Pose) -> Touch:
    """Forces of the floor and props on the skin at a pose."""
    plan = plan_of(body.tree)
    centers = frame.locate(plan.skin_segments, body.skin_center)
    floor = press(body.skin_radius - centers[..., 2], support.floor_coefficient)
    seen = centers[:, None][..., [0, 2]]
    shape = rounded_box_distance(
        seen, support.prop_center, support.prop_half_size, support.prop_rounding
    )
    props = press(body.skin_radius[:, None] - shape.distance, support.prop_coefficient)
    normal = np.zeros((*shape.distance.shape, 3))
    normal[..., 0], normal[..., 2] = shape.normal[..., 0], shape.normal[..., 1]
    energy = floor.energy.sum(-1) + props.energy.sum((-1, -2))
    return Touch(
        centers, floor.force, floor.stiffness, props.force, props.stiffness, normal, shape.curvature, energy
    )


def evaluate(body: Body, support: Support, coordinates: Array, *, second: bool = True) -> Evaluation:
    """Energy, gradient and (if asked) Hessian of ``B`` bodies at their coordinates.

    Args:
        body: The bodies.
        support: What carries them.
        coordinates: All slides and turns (B, coordinates) [m, rad].
        second: Whether to compute the Hessian.
    Returns:
        See :class:`Evaluation`.
    """
    tree, plan = body.tree, plan_of(body.tree)
    frame = pose(body, coordinates)
    paths = muscle_paths(body, frame)
    muscle = muscle_state(body, paths.length)
    contact = touch(body, support, frame)

    everything = np.arange(len(tree.segments))
    mass_centers = frame.locate(everything, body.mass_center)
    weight = body.mass * GRAVITY

    grip_segments = plan.skin_segments[support.grip_skin]
    grip_points = frame.locate(grip_segments, support.grip_point)
    slip = grip_points[..., :2] - support.grip_anchor
    grip_force = -support.grip_stiffness * slip

    tie_segments = support.tie_segments.T
    tie_points = np.stack(
        [frame.locate(tie_segments[side], support.tie_points[:, :, side]) for side in (0, 1)], axis=2
    )
    stretch = tie_points[:, :, 1] - tie_points[:, :, 0]
    tie_pull = support.tie_stiffness[..., None] * stretch

    joint = passive_resistance(
        coordinates, body.neutral, body.stop_threshold, body.stop_scale, body.stop_rate, body.stiffness
    )
    held = coordinates - support.tone_angle

    energy = (
        np.sum(weight * mass_centers[..., 2], -1)
        + contact.energy
        + muscle.energy.sum(-1)
        + joint.energy.sum(-1)
        + 0.5 * np.sum(support.tone_stiffness * held**2, -1)
        + 0.5 * np.sum(support.grip_stiffness * slip**2, (-1, -2))
        + 0.5 * np.sum(support.tie_stiffness * np.sum(stretch**2, -1), -1)
    )

    # The energy's gradient at every point that carries one: (position, gradient, segment).
    down = np.zeros_like(mass_centers)
    down[..., 2] = weight
    on_skin = -(contact.prop_normal * contact.props[..., None]).sum(1)
    on_skin[..., 2] -= contact.floor
    sideways = np.zeros_like(grip_points)
    sideways[..., :2] = -grip_force
    tension = muscle.tension
    pull = (tension @ plan.straight_muscles)[..., None] * paths.direction
    point_segments = plan.point_segments
    at = np.concatenate(
        [
            mass_centers,
            contact.centers,
            grip_points,
            tie_points[:, :, 1],
            tie_points[:, :, 0],
            paths.points[:, plan.straight_end],
            paths.points[:, plan.straight_start],
        ],
        axis=1,
    )
    push = np.concatenate([down, on_skin, sideways, tie_pull, -tie_pull, pull, -pull], axis=1)
    owners = np.concatenate(
        [
            everything,
            plan.skin_segments,
            grip_segments,
            tie_segments[1],
            tie_segments[0],
            point_segments[plan.straight_end],
            point_segments[plan.straight_start],
        ]
    )
    below = tree.moved_by[owners].T  # coordinates x points: which points each coordinate moves
    outer = at[..., :, None] * push[..., None, :]
    total = below @ np.concatenate([push, outer.reshape(*outer.shape[:2], 9)], axis=-1)
    force, moment = total[..., :3], total[..., 3:].reshape(*total.shape[:2], 3, 3)
    torque = np.stack(
        [
            moment[..., 1, 2] - moment[..., 2, 1],
            moment[..., 2, 0] - moment[..., 0, 2],
            moment[..., 0, 1] - moment[..., 1, 0],
        ],
        axis=-1,
    )
    bend_tension = tension[:, plan.bend_muscle]
    bend_arms = (paths.bends.gradient[:, :, None, :] @ paths.bend_rows)[:, :, 0]
    gradient = (
        np.sum(frame.axis * torque + frame.moment * force, -1)
        + (bend_tension[:, None, :] @ bend_arms)[:, 0]
        + joint.moment
        + support.tone_stiffness * held
    )

    hessian = None
    if second:
        hessian = _hessian(
            body, support, plan, frame, paths, muscle, contact, force, moment, grip_points, tie_points, joint.stiffness
        )
    return Evaluation(
        energy, gradient, hessian, frame, paths, muscle, contact, mass_centers, grip_points, grip_force, tie_points,
        force[:, 3::3],
    )  # fmt: skip


def _hessian(
    body: Body,
    support: Support,
    plan: Plan,
    frame: Pose,
    paths: Paths,
    muscle: MuscleState,
    contact: Touch,
    force: Array,
    moment: Array,
    grip_points: Array,
    tie_points: Array,
    joint_stiffness: Array,
) -> Array:
    tree = body.tree
    count, size = frame.axis.shape[:2]

    # Second order of the points: W about each joint's centre, applied to its axis.
    reach = np.zeros((count, size, 3))
    reach[:, 3:] = np.repeat(frame.position, 3, axis=1)
    w = moment - reach[..., :, None] * force[..., None, :]
    turned = (w @ frame.axis[..., None])[..., 0] - frame.axis * np.trace(w, axis1=-2, axis2=-1)[..., None]
    hessian = (frame.axis @ np.swapaxes(turned, -1, -2)) * plan.later
    diagonal = np.einsum("bii->bi", hessian).copy()
    hessian = hessian + np.swapaxes(hessian, -1, -2)
    index = np.arange(size)
    hessian[:, index, index] -= diagonal

    # Everything of the form row x weight x row.
    left, right = [paths.arms], [paths.arms * muscle.stiffness[..., None]]

    def add(table: Array, weight: Array) -> None:
        left.append(table)
        right.append(table * weight[..., None])

    tension = muscle.tension @ plan.straight_muscles
    sideways = _perpendicular(paths.direction)
    for across in sideways:
        table = rows(frame, tree, plan.point_segments[plan.straight_end], paths.points[:, plan.straight_end], across)
        table -= rows(
            frame, tree, plan.point_segments[plan.straight_start], paths.points[:, plan.straight_start], across
        )
        add(table, tension / paths.span_length)

    skin = plan.skin_segments
    up = np.broadcast_to(UP, contact.centers.shape)
    add(rows(frame, tree, skin, contact.centers, up), contact.floor_stiffness)
    for prop in range(contact.props.shape[1]):
        normal = contact.prop_normal[:, prop]
        along = np.stack([normal[..., 2], np.zeros_like(normal[..., 0]), -normal[..., 0]], axis=-1)
        add(rows(frame, tree, skin, contact.centers, normal), contact.prop_stiffness[:, prop])
        add(
            rows(frame, tree, skin, contact.centers, along),
            -contact.props[:, prop] * contact.prop_curvature[:, prop],
        )
    for k, axis in enumerate(np.eye(3)[:2]):
        add(
            rows(frame, tree, skin[support.grip_skin], grip_points, np.broadcast_to(axis, grip_points.shape)),
            support.grip_stiffness[..., k],
        )
    ties = support.tie_segments.T
    for axis in np.eye(3):
        direction = np.broadcast_to(axis, tie_points[:, :, 0].shape)
        table = rows(frame, tree, ties[1], tie_points[:, :, 1], direction)
        table -= rows(frame, tree, ties[0], tie_points[:, :, 0], direction)
        add(table, support.tie_stiffness)

    bend_tension = muscle.tension[:, plan.bend_muscle]
    weighted = (paths.bends.hessian * bend_tension[..., None, None]) @ paths.bend_rows
    left.append(paths.bend_rows.reshape(count, -1, size))
    right.append(weighted.reshape(count, -1, size))
    hessian += np.swapaxes(np.concatenate(left, axis=1), -1, -2) @ np.concatenate(right, axis=1)

    # Second order of the bends' ends, each of which moves against its cylinder by one joint.
    columns = 3 + 3 * plan.turn_joint[:, None] + np.arange(3)
    axis, start = frame.axis[:, columns], frame.moment[:, columns]
    side = plan.turn_end
    ends = np.where(
        (side == 0)[:, None],
        paths.points[:, plan.bend_start[plan.turn_bend]],
        paths.points[:, plan.bend_end[plan.turn_bend]],
    )
    slopes = paths.bends.gradient[:, plan.turn_bend].reshape(count, -1, 2, 3)[:, np.arange(side.size), side]
    pulls = (paths.bend_frame[:, plan.turn_bend] @ slopes[..., None])[..., 0] * bend_tension[:, plan.turn_bend, None]
    velocity = start + cross(axis, ends[:, :, None])
    block = (axis @ np.swapaxes(cross(velocity, pulls[:, :, None]), -1, -2)) * plan.turn_order
    block = block + np.swapaxes(block, -1, -2) - block * np.eye(3)
    summed = (plan.turn_scatter @ block.reshape(count, -1, 9)).reshape(count, -1, 3, 3)
    for k, joint in enumerate(plan.turn_joints):
        place = slice(3 + 3 * joint, 6 + 3 * joint)
        hessian[:, place, place] += summed[:, k]

    hessian[:, index, index] += joint_stiffness + support.tone_stiffness
    return hessian


def _perpendicular(direction: Array) -> tuple[Array, Array]:
    """Two unit vectors across each direction (..., 3)."""
    helper = np.zeros_like(direction)
    smallest = np.argmin(np.abs(direction), axis=-1)
    np.put_along_axis(helper, smallest[..., None], 1.0, axis=-1)
    first = cross(direction, helper)
    first /= np.sqrt(np.sum(first**2, axis=-1, keepdims=True))
    return first, cross(direction, first)
