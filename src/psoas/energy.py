r"""The energy of a resting body, its gradient and its Hessian, written once.

.. math:: E(q) = \sum m g z + \sum E_{joint}(q_i) + \sum E_{muscle}(L_m(q)) + \sum E_{contact}(x_k(q)) + \text{grips, ties}

All of it but the joints is a function of points on a tree of turning segments, for which (with a, p a coordinate's axis and
centre, i nearer the root than j)

.. math:: \partial_i x = a_i \times (x - p_i), \qquad \partial_i\partial_j x = a_i \times \partial_j x

so that the second-order part is a sum over each joint's subtree, with :math:`W_j = \sum (x - p_j) G^T` and G the energy's
gradient at x:  :math:`H_{ij} = a_i^T W_j a_j - (a_i \cdot a_j)\,\mathrm{tr} W_j`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from psoas.body.kinematics import Pose, cross, pose
from psoas.body.model import GRAVITY, Array, Body, Index, Tree
from psoas.body.paths import Paths, muscle_paths, plan_of
from psoas.mechanics.contact import press, rounded_box_distance
from psoas.mechanics.joint import relaxed_resistance
from psoas.mechanics.muscle import MuscleState, equilibrate
from psoas.support import Pairs, Support

UP = np.array([0.0, 0.0, 1.0])
EYE = np.eye(3)


class Legs(NamedTuple):
    """One leg on the other: pairs of patches that press and stick, see :class:`psoas.support.Pairs`."""

    force: Array
    """Each patch on the other, along the line between their centres (B, pairs) [N]."""
    stiffness: Array
    """(B, pairs) [N/m]."""
    normal: Array
    """From the lower to the upper (B, pairs, 3) [-]."""
    distance: Array
    """Between the centres (B, pairs) [m]."""
    points: Array
    """That stick together, of the upper and the lower segment (B, pairs, 2, 3) [m]."""
    friction: Array
    """On the upper segment, across the normal where they took hold (B, pairs, 3) [N]."""
    energy: Array
    """(B,) [J]."""


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
    """Everything known about ``B`` bodies at some coordinates."""

    energy: Array
    """(B,) [J]."""
    gradient: Array
    """(B, coordinates) [N, N·m]."""
    hessian: Array | None
    """Over the free coordinates (B, free, free), where it was asked for [N/m, N, N·m/rad]."""
    pose: Pose
    """Frames of the segments."""
    paths: Paths
    """Muscle lines."""
    muscle: MuscleState
    """What the muscles do at these lengths (B, muscles)."""
    touch: Touch
    """The skin against the floor and props."""
    mass_centers: Array
    """(B, segments, 3) [m]."""
    grip_points: Array
    """(B, grips, 3) [m]."""
    grip_force: Array
    """Force of the floor on each sticking patch, in the floor's plane (B, grips, 2) [N]."""
    tie_points: Array
    """(B, ties, 2, 3) [m]."""
    legs: Legs | None
    """One leg on the other, where the position has that."""
    joint_force: Array
    """Force on each segment and all it carries from the segment below it, across its joint, leaving out muscles that
    bend over a cylinder (none does above the pelvis) (B, segments, 3) [N]."""


def muscle_state(body: Body, length: Array) -> MuscleState:
    """Tension, stiffness, energy and fiber length of all muscles at their lengths.

    Args:
        body: ``B`` bodies.
        length: Muscle-tendon lengths (B, muscles) [m].
    Returns:
        See :class:`~psoas.mechanics.muscle.MuscleState`; arrays (B, muscles).
    """
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
        passive_share=body.passive_share,
        passive_flow=body.passive_flow,
    )


def press_skin(body: Body, support: Support, centers: Array) -> Touch:
    """Forces of the floor and props on the skin.

    Args:
        body: ``B`` bodies.
        support: What carries them.
        centers: Centres of the patches of skin in the world (B, skin, 3) [m].
    Returns:
        Forces [N], stiffnesses [N/m] and energy [J], see :class:`Touch`.
    """
    floor = press(body.skin_radius - centers[..., 2], support.floor_coefficient, support.floor_limit)
    seen = centers[:, None][..., [0, 2]]
    middle, angle = support.prop_center, support.prop_angle
    if angle is not None:  # into the frames of the props, and out again below
        seen, middle = turned(seen - middle[:, :, None], -angle), np.zeros_like(middle)
    shape = rounded_box_distance(seen, middle, support.prop_half_size, support.prop_rounding)
    props = press(body.skin_radius[:, None] - shape.distance, support.prop_coefficient, support.prop_limit)
    facing = shape.normal if angle is None else turned(shape.normal, angle)
    normal = np.zeros((*shape.distance.shape, 3))
    normal[..., 0], normal[..., 2] = facing[..., 0], facing[..., 1]
    energy = floor.energy.sum(-1) + props.energy.sum((-1, -2))
    return Touch(centers, floor.force, floor.stiffness, props.force, props.stiffness, normal, shape.curvature, energy)


def turned(plane: Array, angle: Array) -> Array:
    """Vectors of the vertical plane (B, props, n, 2) turned by an angle of each prop, + from X toward Z (B, props) [rad]."""
    c, s = np.cos(angle)[..., None], np.sin(angle)[..., None]
    x, z = plane[..., 0], plane[..., 1]
    return np.stack([c * x - s * z, s * x + c * z], axis=-1)


def press_legs(body: Body, pairs: Pairs, frame: Pose, centers: Array) -> Legs:
    """Forces of one leg on the other, equal and opposite.

    They press along the line between their centres and stick by springs between two points, so that neither turns the body as a
    whole: the springs as long as they pull across the normal, which is where they take hold.

    Args:
        body: ``B`` bodies.
        pairs: Which patches meet, and what lies between.
        frame: Their pose.
        centers: Of the skin in the world (B, skin, 3) [m].
    Returns:
        See :class:`Legs`.
    """
    upper, lower = pairs.skin.T
    apart = centers[:, upper] - centers[:, lower]
    distance = np.sqrt(np.sum(apart**2, axis=-1))
    reach = body.skin_radius[:, upper] + body.skin_radius[:, lower] + pairs.thickness
    pressed = press(reach - distance, pairs.coefficient, pairs.limit)
    segments = plan_of(body.tree).skin_segments[pairs.skin]
    points = np.stack([frame.locate(segments[:, side], pairs.points[:, :, side]) for side in (0, 1)], axis=2)
    slip = points[:, :, 0] - points[:, :, 1]
    slip = slip - pairs.normal * np.sum(pairs.normal * slip, axis=-1, keepdims=True)
    energy = pressed.energy.sum(-1) + 0.5 * np.sum(pairs.stiffness * np.sum(slip**2, -1), -1)
    return Legs(
        pressed.force, pressed.stiffness, apart / distance[..., None], distance, points,
        -pairs.stiffness[..., None] * slip, energy,
    )  # fmt: skip


def evaluate(body: Body, support: Support, coordinates: Array, *, second: bool = True) -> Evaluation:
    """Energy, gradient and (if asked) Hessian of ``B`` bodies at their coordinates.

    Args:
        body: The bodies.
        support: What carries them.
        coordinates: All slides and turns (B, coordinates) [m, rad].
        second: Whether to compute the Hessian.
    Returns:
        See :class:`Evaluation`.
    Raises:
        DataError: The tree has a span that cannot be, see :func:`psoas.body.paths.plan_of`.
    """
    tree, plan = body.tree, plan_of(body.tree)
    frame = pose(body, coordinates)
    paths = muscle_paths(body, frame)
    muscle = muscle_state(body, paths.length)
    contact = press_skin(body, support, frame.locate(plan.skin_segments, body.skin_center))

    everything = np.arange(len(tree.segments))
    mass_centers = frame.locate(everything, body.mass_center)
    weight = body.mass * GRAVITY

    grip_segments = plan.skin_segments[support.grip_skin]
    grip_points = frame.locate(grip_segments, support.grip_point)
    slip = grip_points[..., :2] - support.grip_anchor
    grip_force = -support.grip_stiffness * slip

    tie_segments = support.tie_segments.T
    tie_points = np.stack([frame.locate(tie_segments[side], support.tie_points[:, :, side]) for side in (0, 1)], axis=2)
    stretch = tie_points[:, :, 1] - tie_points[:, :, 0]
    tie_pull = support.tie_stiffness[..., None] * stretch

    legs = press_legs(body, support.pairs, frame, contact.centers) if support.pairs is not None else None

    joint = relaxed_resistance(
        coordinates, body.neutral, body.stop_threshold, body.stop_scale, body.stop_rate, body.stiffness,
        body.joint_share, body.joint_flow,
    )  # fmt: skip
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

    if legs is not None:
        energy = energy + legs.energy

    # The energy's gradient at every point that carries one: where, how much, on which segment.
    down = np.zeros_like(mass_centers)
    down[..., 2] = weight
    on_skin = -(contact.prop_normal * contact.props[..., None]).sum(1)
    on_skin[..., 2] -= contact.floor
    stuck_at, stuck = [], []
    if legs is not None and support.pairs is not None:
        for side, sign in ((0, -1.0), (1, 1.0)):
            meets = (support.pairs.skin[:, side] == np.arange(on_skin.shape[1])[:, None]).astype(float)
            on_skin += meets @ (sign * legs.normal * legs.force[..., None])
            stuck_at.append(legs.points[:, :, side])
            stuck.append(sign * legs.friction)
    sideways = np.zeros_like(grip_points)
    sideways[..., :2] = -grip_force
    tension = muscle.tension
    pull = (tension @ plan.crossing_muscles)[..., None] * paths.direction[:, plan.crossing]
    ends, starts = paths.points[:, plan.crossing_end], paths.points[:, plan.crossing_start]
    at = np.concatenate(
        [mass_centers, contact.centers, grip_points, tie_points[:, :, 1], tie_points[:, :, 0], ends, starts, *stuck_at],
        axis=1,
    )
    push = np.concatenate([down, on_skin, sideways, tie_pull, -tie_pull, pull, -pull, *stuck], axis=1)
    outer = at[..., :, None] * push[..., None, :]
    total = springs_of(tree, support).carried @ np.concatenate([push, outer.reshape(*outer.shape[:2], 9)], axis=-1)
    load = Load(total[..., :3], total[..., 3:].reshape(*total.shape[:2], 3, 3))
    force, torque = np.repeat(load.force, 3, axis=1), np.repeat(_torque(load.moment), 3, axis=1)

    bent = np.zeros_like(coordinates)
    slope = paths.bends.gradient.reshape(*paths.bends.gradient.shape[:2], 2, 3)[:, plan.turn_bend, plan.turn_end]
    bend_tension = tension @ plan.bend_muscles.T
    turning = (slope[:, :, None, :] @ paths.turn_rows)[:, :, 0] * bend_tension[:, plan.turn_bend, None]
    for columns, turns in plan.turn_joints:
        bent[:, columns] = turning[:, turns].sum(1)
    gradient = (
        np.sum(frame.axis * torque + frame.moment * force, -1) + bent + joint.moment + support.tone_stiffness * held
    )
    found = Evaluation(
        energy, gradient, None, frame, paths, muscle, contact, mass_centers, grip_points, grip_force, tie_points,
        legs, load.force[:, 1:],
    )  # fmt: skip
    if not second:
        return found
    stiffness = joint.stiffness + support.tone_stiffness
    return replace(found, hessian=_hessian(body, support, found, load, stiffness))


class Load(NamedTuple):
    """The energy's gradient by points, summed over all that a joint carries: the slides first, then each segment."""

    force: Array
    """Sum of the gradients (B, joints, 3) [N]."""
    moment: Array
    """Sum of position times gradient, transposed (B, joints, 3, 3) [N·m]."""


def _torque(moment: Array) -> Array:
    """The vector of the antisymmetric part: sum of position cross gradient (..., 3) [N·m]."""
    return np.stack(
        [
            moment[..., 1, 2] - moment[..., 2, 1],
            moment[..., 2, 0] - moment[..., 0, 2],
            moment[..., 0, 1] - moment[..., 1, 0],
        ],
        axis=-1,
    )


def _hessian(body: Body, support: Support, now: Evaluation, load: Load, stiffness: Array) -> Array:
    """Hessian over the free coordinates (B, free, free)."""
    plan, frame, paths = plan_of(body.tree), now.pose, now.paths
    count, size = frame.axis.shape[:2]
    joints = size // 3

    # Second order of the points: W about each joint's centre, applied to its axis.
    reach = np.zeros((count, joints, 3))
    reach[:, 1:] = frame.position
    w = load.moment - reach[..., :, None] * load.force[..., None, :]
    axis = frame.axis.reshape(count, joints, 3, 3)
    turned = axis @ np.swapaxes(w, -1, -2) - axis * np.trace(w, axis1=-2, axis2=-1)[..., None, None]
    hessian = (frame.axis @ np.swapaxes(turned.reshape(count, size, 3), -1, -2)) * plan.later
    hessian += np.swapaxes(hessian, -1, -2) * (1.0 - np.eye(size))

    # First order of the points: stiffness between segments, as seen by the twists of the joints that carry them.
    between = _segment_stiffness(body, support, now)
    segments = between.shape[1]
    carried = plan.carries @ between.reshape(count, segments, segments * 36)
    carried = plan.carries @ carried.reshape(count, joints, segments, 36)
    carried = carried.reshape(count, joints, joints, 6, 6)
    twist = np.concatenate([frame.axis, frame.moment], axis=-1).reshape(count, joints, 3, 6)
    left = twist @ carried.transpose(0, 1, 3, 2, 4).reshape(count, joints, 6, joints * 6)
    left = left.reshape(count, size, joints, 6).transpose(0, 2, 1, 3)
    hessian += (left @ np.swapaxes(twist, -1, -2)).transpose(0, 2, 1, 3).reshape(count, size, size)

    # Bent spans: their ends move against the cylinder by one joint each.
    tension = now.muscle.tension @ plan.bend_muscles.T
    curved = (
        paths.bends.hessian.reshape(*paths.bends.hessian.shape[:2], 2, 3, 2, 3) * tension[..., None, None, None, None]
    )
    first, second = plan.pair_first, plan.pair_second
    curved = curved[:, plan.turn_bend[first], plan.turn_end[first], :, plan.turn_end[second]]
    # Numpy puts the indexed axes first when a slice lies between them.
    curved = np.moveaxis(curved, 0, 1)
    block = np.swapaxes(paths.turn_rows[:, first], -1, -2) @ curved @ paths.turn_rows[:, second]
    for a, b, rows in plan.pair_blocks:
        hessian[:, 3 + 3 * a : 6 + 3 * a, 3 + 3 * b : 6 + 3 * b] += block[:, rows].sum(1)

    slope = paths.bends.gradient.reshape(*paths.bends.gradient.shape[:2], 2, 3)[:, plan.turn_bend, plan.turn_end]
    pulls = (paths.bend_frame[:, plan.turn_bend] @ slope[..., None])[..., 0] * tension[:, plan.turn_bend, None]
    velocity = (paths.bend_frame[:, plan.turn_bend] @ paths.turn_rows) * plan.turn_sign[:, None, None]
    velocity = np.swapaxes(velocity, -1, -2)
    block = (
        frame.axis[:, plan.turn_columns] @ np.swapaxes(cross(velocity, pulls[:, :, None]), -1, -2)
    ) * plan.turn_order
    block = block + np.swapaxes(block, -1, -2) - block * np.eye(3)
    for columns, turns in plan.turn_joints:
        hessian[:, columns, columns] += block[:, turns].sum(1)

    free = body.tree.active
    hessian = hessian[:, free[:, None], free]
    arms = paths.arms[:, :, free]
    hessian += np.swapaxes(arms * now.muscle.stiffness[..., None], -1, -2) @ arms
    diagonal = np.arange(free.size)
    hessian[:, diagonal, diagonal] += stiffness[:, free]
    return hessian


def _segment_stiffness(body: Body, support: Support, now: Evaluation) -> Array:
    """Stiffness of all springs between the segments' twists about the world's origin (B, segments, segments, 36)."""
    tree, plan, paths, touched = body.tree, plan_of(body.tree), now.paths, now.touch
    count, segments = now.energy.size, len(tree.segments)

    # Springs between two points: straight spans, stiff across their line, and ties, stiff all ways.
    along = paths.direction[:, plan.crossing]
    pull = (now.muscle.tension @ plan.crossing_muscles) / paths.span_length[:, plan.crossing]
    across = pull[..., None, None] * (EYE - along[..., :, None] * along[..., None, :])
    tied = support.tie_stiffness[..., None, None] * EYE
    springs_between = [across, tied]
    ones = [paths.points[:, plan.crossing_start], now.tie_points[:, :, 0]]
    twos = [paths.points[:, plan.crossing_end], now.tie_points[:, :, 1]]
    if now.legs is not None and support.pairs is not None:
        legs, pairs = now.legs, support.pairs
        along = legs.normal[..., :, None] * legs.normal[..., None, :]
        held = pairs.normal[..., :, None] * pairs.normal[..., None, :]
        push = (legs.force / legs.distance)[..., None, None]
        springs_between += [
            legs.stiffness[..., None, None] * along - push * (EYE - along),
            pairs.stiffness[..., None, None] * (EYE - held),
        ]
        ones += [touched.centers[:, pairs.skin[:, 0]], legs.points[:, :, 0]]
        twos += [touched.centers[:, pairs.skin[:, 1]], legs.points[:, :, 1]]
    spring = np.concatenate(springs_between, axis=1)
    at_one = _spread(np.concatenate(ones, axis=1))
    at_two = _spread(np.concatenate(twos, axis=1))
    felt = spring @ at_two
    own_two = np.swapaxes(at_two, -1, -2) @ felt
    mixed = -(np.swapaxes(at_one, -1, -2) @ felt)
    own_one = np.swapaxes(at_one, -1, -2) @ (spring @ at_one)

    # Springs to the world, each along one direction: floor, props and grips.
    up = np.broadcast_to(UP, touched.centers.shape)
    wrenches, weights, _owners = (
        [_wrench(touched.centers, up)],
        [touched.floor_stiffness],
        [plan.skin_segments],
    )
    for prop in range(touched.props.shape[1]):
        normal = touched.prop_normal[:, prop]
        level = np.stack([normal[..., 2], np.zeros_like(normal[..., 0]), -normal[..., 0]], axis=-1)
        wrenches += [_wrench(touched.centers, normal), _wrench(touched.centers, level)]
        weights += [
            touched.prop_stiffness[:, prop],
            -touched.props[:, prop] * touched.prop_curvature[:, prop],
        ]
    for k, direction in enumerate(EYE[:2]):
        wrenches.append(_wrench(now.grip_points, np.broadcast_to(direction, now.grip_points.shape)))
        weights.append(support.grip_stiffness[..., k])
    wrench, weight = np.concatenate(wrenches, axis=1), np.concatenate(weights, axis=1)
    grounded = (wrench * weight[..., None])[..., :, None] * wrench[..., None, :]

    springs = springs_of(tree, support)
    table = np.zeros((count, segments, segments, 36))
    everything = np.arange(segments)
    blocks = np.concatenate([b.reshape(count, -1, 36) for b in (own_one, own_two, grounded)], axis=1)
    table[:, everything, everything] = springs.alone @ blocks
    summed = springs.paired @ mixed.reshape(count, -1, 36)
    table[:, springs.first, springs.second] += summed
    table[:, springs.second, springs.first] += np.swapaxes(summed.reshape(count, -1, 6, 6), -1, -2).reshape(
        count, -1, 36
    )
    return table


class Springs(NamedTuple):
    """Which segments carry what, for one tree and the grips, ties, props and pairs of a support."""

    carried: Array
    """1 where a joint carries a point of the energy's gradient, in the order of ``evaluate`` (joints, points) [-]."""
    alone: Array
    """1 where a spring's stiffness falls on one segment: the starts and ends of spans, ties and pairs, then those to the world
    (segments, springs) [-]."""
    paired: Array
    """1 where a span or tie leads between a pair of segments (pairs, spans and ties) [-]."""
    first: Index
    """Segment that a pair's spans start on (pairs,)."""
    second: Index
    """Segment that they end on (pairs,)."""


def springs_of(tree: Tree, support: Support) -> Springs:
    """The index tables of a tree on a support, worked out once.

    Raises:
        DataError: As :func:`psoas.body.paths.plan_of`.
    """
    grips = tuple(int(k) for k in support.grip_skin)
    ties = tuple((int(a), int(b)) for a, b in support.tie_segments)
    pairs = () if support.pairs is None else tuple((int(a), int(b)) for a, b in support.pairs.skin)
    return _springs(tree, grips, ties, support.prop_center.shape[1], pairs)


@lru_cache(maxsize=64)
def _springs(
    tree: Tree,
    grips: tuple[int, ...],
    ties: tuple[tuple[int, int], ...],
    props: int,
    meeting: tuple[tuple[int, int], ...],
) -> Springs:
    plan = plan_of(tree)
    segments = np.arange(len(tree.segments))
    gripped = plan.skin_segments[np.array(grips, dtype=np.intp)]
    resting = np.array(ties, dtype=np.intp).reshape(-1, 2)
    starts, ends = plan.point_segments[plan.crossing_start], plan.point_segments[plan.crossing_end]
    legs = plan.skin_segments[np.array(meeting, dtype=np.intp).reshape(-1, 2)]
    points = np.concatenate(
        [segments, plan.skin_segments, gripped, resting[:, 1], resting[:, 0], ends, starts, legs[:, 0], legs[:, 1]]
    )
    # Pairs of legs press between their patches and stick between two more points.
    one = np.concatenate([starts, resting[:, 0], legs[:, 0], legs[:, 0]])
    two = np.concatenate([ends, resting[:, 1], legs[:, 1], legs[:, 1]])
    world = [plan.skin_segments] * (1 + 2 * props) + [gripped] * 2
    alone = np.concatenate([one, two, *world])
    pairs, which = np.unique(one * segments.size + two, return_inverse=True)
    return Springs(
        plan.carries[:, points],
        (alone == segments[:, None]).astype(float),
        (which == np.arange(pairs.size)[:, None]).astype(float),
        pairs // segments.size,
        pairs % segments.size,
    )


def _spread(at: Array) -> Array:
    """How points move with the twist of their segment about the world's origin (B, n, 3, 6)."""
    table = np.zeros((*at.shape, 6))
    table[..., 0, 1], table[..., 0, 2] = at[..., 2], -at[..., 1]
    table[..., 1, 0], table[..., 1, 2] = -at[..., 2], at[..., 0]
    table[..., 2, 0], table[..., 2, 1] = at[..., 1], -at[..., 0]
    table[..., :, 3:] = EYE
    return table


def _wrench(at: Array, direction: Array) -> Array:
    """Moment about the world's origin and force of unit pulls (B, n, 6)."""
    return np.concatenate([cross(at, direction), direction], axis=-1)
