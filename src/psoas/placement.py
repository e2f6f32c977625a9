"""Lay a body down: a position and its props become the start, the supports and what does not slide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from psoas.anatomy import tables
from psoas.body.kinematics import Pose, pose
from psoas.body.model import Array, Body, Flags, Index, Tree
from psoas.body.skin import on_side
from psoas.energy import press_skin
from psoas.errors import InputError
from psoas.mechanics.contact import foundation_coefficient, pair_coefficient, pressing_limit
from psoas.person import value
from psoas.position import Position
from psoas.props import PLACES, Prop, where_words
from psoas.support import Pairs, Support

FEET = ("heel", "ball_medial", "ball_lateral")
CALVES = ("calf_2", "calf_3", "calf_4")
PELVIS = ("sacrum_r", "sacrum_l", "buttock_r", "buttock_l", "buttock_low_r", "buttock_low_l")
BACK = tuple(f"thorax_{k}{end}" for k in range(1, 7) for end in ("_r", "_l"))
SIDE_LEG = (
    "thigh_2",
    "thigh_3",
    "thigh_4",
    "thigh_5",
    "knee",
    "calf_1",
    "calf_2",
    "calf_3",
    "ankle",
    "heel",
    "ball_lateral",
)
SIDE_PELVIS = ("thigh_1", "trochanter", "buttock", "buttock_low", "crest_front", "crest_back")
SIDE_TRUNK = (
    "shoulder", *(f"side_rib_{k}_{place}" for k in (1, 2, 3) for place in ("front", "back")), "waist_L2", "waist_L4",
)  # fmt: skip
"""Patches that stick when someone lies on them on the side: of the lower leg, of the hips, of the trunk."""
LEG_ON_LEG = ("thigh_4", "thigh_5", "calf_1", "calf_2", "calf_3", "calf_4", "heel")
"""Patches of the upper leg that may rest on the same ones of the lower; the flesh of the upper thighs gives way instead."""
SIDE_ARMS = {
    # lower arm: forward, toward the floor, outward turn, elbow; upper arm: the same
    "front": ((1.45, 0.0, 0.0, 0.9), (1.25, 0.55, 0.0, 0.35)),
    "hip": ((1.45, 0.0, 0.0, 0.9), (0.15, 0.0, 0.0, 0.3)),
}
"""How the arms are laid on the side, assumed; soft springs keep the upper one about there [rad]."""
HAND_ON_HIP = ("pelvis", 0.03, 0.02, 0.17)
"""Where the upper hand rests on the side, assumed, on a pelvis of the reference size (segment; forward, up, out [m])."""
HOLDS = np.inf
"""Coefficient of friction of feet that do not slide [-]."""
GRIPPING = ("pelvis", "back", "both")
"""Parts of the trunk that may stick."""
EDGE = 0.010
"""Rounding of a prop's edges; assumed, 3 to 30 mm [m]."""
SEAT_EDGE = 0.020
"""The same of a chair's; assumed, 10 to 40 mm [m]."""
SEAT_MARGIN = 0.010
"""How far the thighs stay from a chair's edge when nobody says where it stands; assumed, 0 to 50 mm [m]."""
STEEPEST_THIGH = np.deg2rad(80.0)
"""How steep the thighs stand at most when the calves are laid on a chair [rad]."""
HANGING = 0.06
"""How much higher than that a seat may be, the legs drawing the pelvis up a little; assumed, 30 to 100 mm [m]."""
MOST_KNEE_FLEXION = np.deg2rad(150.0)
"""Knee flexion from which a bent leg is not laid out; the knee's stop begins at 137 degrees (Falisse 2019) [rad]."""
NECK_MARGIN = 0.05
"""How far from the base of the neck a prop under the head ends; assumed, 0 to 80 mm [m]."""
ARMS = {
    # upper arm to the side, its outward turn, elbow flexion; where the hand rests (segment, forward, up, out)
    "sides": ((0.30, 0.3, 0.20), None),
    "belly": ((0.58, -0.96, 1.93), ("L3", 0.115, 0.02, 0.07)),
    "ribs": ((0.62, -1.1, 2.20), ("thorax", 0.120, 0.03, 0.08)),
}
"""Where the arms are laid; the hands' places on the trunk are assumed, and a spring holds them there [rad, m]."""


@dataclass(frozen=True)
class Conditions:
    """What holds besides the body and the position; arrays over the bodies (B,)."""

    friction: Array
    """Coefficient of friction of the feet on the surface, or of the calves on a chair [-]."""
    trunk_friction: Array
    """Coefficient of friction of the clothed trunk on the surface [-]."""
    lateral_tone: Array
    """Resting stiffness of each hip to the side, in positions that need it [N·m/rad]."""
    pelvis_grips: Flags
    """Whether the pelvis sticks along the body (B,)."""
    back_grips: Flags
    """Whether the back sticks (B,)."""


def conditions(
    body: Body,
    position: Position,
    *,
    friction: float | Array = 1.0,
    tone: float | Array = 1.0,
    grips: Sequence[str] | str = "pelvis",
    feet_hold: bool = False,
) -> Conditions:
    """The usual conditions of a position, with the spread an ensemble gives them.

    Args:
        body: The bodies.
        position: The position.
        friction: Multiplies the surface's coefficient of friction (``props.csv``), one for all or (B,) [-].
        tone: Multiplies the position's lateral tone, one for all or (B,) [-].
        grips: Which part of the trunk does not slide: ``pelvis``, ``back`` or ``both``, for all or each.
        feet_hold: Whether the feet stay where they are placed whatever friction that takes.
    Returns:
        See :class:`Conditions`; arrays (B,).
    Raises:
        InputError: No such part of the trunk.
        DataError: ``props.csv`` lacks the surface.
    """
    table = tables.load("props")
    surface = table.get(position.surface, "friction").number
    legs = table.get("chair", "friction").number if position.legs == "seat" else surface
    count = body.count
    names = [grips] * count if isinstance(grips, str) else list(grips)
    unknown = [name for name in names if name not in GRIPPING]
    if unknown:
        raise InputError(f"what grips is {unknown[0]!r}; give pelvis, back or both")
    return Conditions(
        friction=np.full(count, HOLDS) if feet_hold else _each(legs * np.asarray(friction, dtype=float), count),
        trunk_friction=_each(surface * np.asarray(friction, dtype=float), count),
        lateral_tone=_each((position.number("lateral_tone") or 0.0) * np.asarray(tone, dtype=float), count),
        # Where nothing else holds the body, the pelvis keeps it in its place without force.
        pelvis_grips=np.array([name != "back" or not position.feet_held for name in names]) & position.pelvis_held,
        back_grips=np.array([name != "pelvis" for name in names]) & position.feet_held,
    )


def _each(value: float | Array, count: int) -> Array:
    return np.broadcast_to(np.asarray(value, dtype=float), (count,)).copy()


def place(body: Body, position: Position, props: Sequence[Prop] = (), given: Conditions | None = None) -> Support:
    """Lay ``B`` bodies down.

    What the surface and the grips give way by comes from ``props.csv``, what shoulder and elbow hold from ``joints.csv``.

    Args:
        body: The bodies; of those on their side the support is that of :func:`psoas.body.skin.on_side`.
        position: The position, its parameters set.
        props: What lies under them.
        given: See :class:`Conditions`.
    Returns:
        The support, with coordinates to start from.
    Raises:
        InputError: The heels are farther away than the legs reach, or nearer than the knees fold; a prop lies where this
            position has no place for it, or a place has none; or the seat does not suit the thighs.
        DataError: A table lacks a row.
    """
    piles = _piles(position, props)
    given = given or conditions(body, position)
    if position.on_side:
        return _place_on_side(on_side(body), position, piles, given)
    tree = body.tree
    count = body.count
    patch = {name: k for k, name in enumerate(tree.skin)}
    start = np.zeros((count, len(tree.coordinates)))
    for name in _spine(tree):
        start[:, tree.coordinate(name, "flexion")] = body.standing[:, tree.coordinate(name, "flexion")]

    # Trunk: the standing shape, turned until the buttocks and the back lie on what is under them.
    segments = np.array(tree.skin_segments)
    seat = [patch[name] for name in PELVIS]
    back = [patch[name] for name in BACK]
    pelvis = tree.coordinate("pelvis", "flexion")
    every = np.arange(count)
    raised = sum(prop.thickness for prop in piles["shoulders"])
    for _ in range(6 if raised else 3):
        frame = pose(body, start)
        centers = frame.locate(segments, body.skin_center)
        low = centers[..., 2] - body.skin_radius
        low -= np.where(centers[..., 0] < _below_arms(body, frame, position)[:, None], raised, 0.0)
        s, b = np.array(seat)[np.argmin(low[:, seat], 1)], np.array(back)[np.argmin(low[:, back], 1)]
        start[:, pelvis] -= np.arctan2(low[every, s] - low[every, b], centers[every, s, 0] - centers[every, b, 0])

    # Floor under the skin.
    surface = tables.load("props").get(position.surface, "compliance").number
    layers = (body.skin_radius, body.skin_modulus, body.skin_thickness)
    floor, floor_limit = foundation_coefficient(*layers, surface), pressing_limit(*layers[1:], surface)
    frame = pose(body, start)
    centers = frame.locate(segments, body.skin_center)
    shoulders = _below_arms(body, frame, position)
    low = centers[..., 2] - body.skin_radius
    low -= np.where(centers[..., 0] < shoulders[:, None], raised, 0.0)
    ground = np.min(low[:, seat + back], axis=1)
    start[:, 2] -= ground
    centers[..., 2] -= ground[:, None]

    # Props on the floor and on each other; what lies lower gives way as well.
    boxes: list[
        tuple[Prop, Array, float, float]
    ] = []  # edge toward the feet or, of a chair, toward the head; from; below
    height, below = 0.0, surface
    for prop in piles["shoulders"]:
        below += prop.compliance
        boxes.append((prop, shoulders - 0.5 * prop.length, height, below))
        height += prop.thickness
    # A prop under the head ends at the base of the neck, short of the shoulders.
    neck = pose(body, start).position[:, tree.segment("head"), 0] - NECK_MARGIN
    for prop in piles["head"]:
        below += prop.compliance
        boxes.append((prop, neck - 0.5 * prop.length, height, below))
        height += prop.thickness
    head_floor = height

    # Head: let it down on what lies there.
    nod = tree.coordinate("head", "flexion")
    base = pose(body, start).position[:, tree.segment("head")]
    rise = centers[:, patch["occiput"], 2] - body.skin_radius[:, patch["occiput"]] - head_floor
    reach = np.maximum(base[:, 0] - centers[:, patch["occiput"], 0], 0.05)
    start[:, nod] += np.arctan2(rise, reach)

    if position.legs == "straight":
        _straight_legs(body, start, pelvis)
    elif position.legs == "sole":
        _bent_legs(body, start, pelvis, position, patch)
    else:
        [chair] = piles["calves"]
        edge = _legs_on_seat(body, start, pelvis, position, chair)
        boxes.append((chair, edge + 0.5 * chair.length, 0.0, chair.compliance))
    number = len(boxes)
    prop_center, prop_half = np.zeros((count, number, 2)), np.zeros((count, number, 2))
    rounding = np.zeros((count, number))
    prop_coefficient, prop_limit = np.zeros((2, count, number, len(tree.skin)))
    for k, (prop, middle, bottom, below) in enumerate(boxes):
        edges = min(SEAT_EDGE if prop.under == "calves" else EDGE, 0.45 * prop.thickness)
        prop_center[:, k, 0], prop_center[:, k, 1] = middle, bottom + 0.5 * prop.thickness
        prop_half[:, k] = 0.5 * prop.length - edges, 0.5 * prop.thickness - edges
        rounding[:, k] = edges
        # Props are as wide as the trunk: the arms lie beside them.
        beside = np.array([region.startswith("arm") for region in tree.skin_regions])
        prop_coefficient[:, k] = np.where(beside, 0.0, foundation_coefficient(*layers, below))
        prop_limit[:, k] = pressing_limit(*layers[1:], below)

    ties, tie_points = _lay_arms(body, start, str(position["arms"] or "sides"))

    grips = np.array(
        [patch[name + end] for end in ("_r", "_l") for name in (CALVES if position.legs == "seat" else FEET)]
        + [patch[n] for n in (*PELVIS, *BACK)],
        dtype=np.intp,
    )
    stiffness = np.zeros((count, len(grips), 2))
    shear = tables.load("props").get("grip", "shear_stiffness").number
    feet, rest = 2 * len(FEET), len(PELVIS)
    grip_height = np.zeros((count, len(grips)))
    if position.legs_bent:
        stiffness[:, :feet] = 2.0 * shear
    if position.legs == "seat":
        grip_height[:, :feet] = piles["calves"][0].thickness
    # A pelvis that slides does so along the body; sideways it still holds, or the legs would push it over.
    stiffness[:, feet : feet + rest, 0] = np.where(given.pelvis_grips, shear, 0.0)[:, None]
    stiffness[:, feet : feet + rest, 1] = shear
    stiffness[:, feet + rest :] = np.where(given.back_grips, shear / 2.0, 0.0)[:, None, None]

    tone_angle, tone = start.copy(), arms_held(tree, start)
    if position.legs_bent:
        for end in ("_r", "_l"):
            for sideways in ("abduction", "rotation"):
                tone[:, tree.coordinate("femur" + end, sideways)] = given.lateral_tone

    support = Support(
        start=start,
        floor_coefficient=floor,
        floor_limit=floor_limit,
        prop_coefficient=prop_coefficient,
        prop_limit=prop_limit,
        prop_places=tuple(prop.under for prop, *_ in boxes),
        prop_center=prop_center,
        prop_half_size=prop_half,
        prop_rounding=rounding,
        grip_skin=grips,
        grip_stiffness=stiffness,
        grip_point=np.zeros((count, len(grips), 3)),
        grip_anchor=np.zeros((count, len(grips), 2)),
        grip_height=grip_height,
        tie_segments=ties,
        tie_points=tie_points,
        tie_stiffness=np.full((count, len(ties)), tables.load("props").get("hand", "rest_stiffness").number),
        tone_angle=tone_angle,
        tone_stiffness=tone,
    )
    start[:, 2] += lift(body, support, start)
    return anchor(body, replace(support, start=start), start)


def _piles(position: Position, props: Sequence[Prop]) -> dict[str, list[Prop]]:
    """Props by the place they lie under, the lowest first.

    Raises:
        InputError: A prop lies where this position has no place for it, or a place has none.
    """
    piles: dict[str, list[Prop]] = {place: [prop for prop in props if prop.under == place] for place in PLACES}
    places = ["head", *position.under, *(["between-knees"] if position.on_side else [])]
    for place, found in piles.items():
        if found and place not in places:
            raise InputError(
                f"{found[0].id} lies {where_words(place)}, where {position.id} has nothing; give it to a position that"
                " does, or another place"
            )
        if place in position.under and not found:
            usual = position.under[place]
            raise InputError(
                f"{position.id} has nothing {where_words(place)}; give something, such as a {usual.replace('-', ' ')}"
            )
    if len(piles["calves"]) > 1:
        raise InputError(f"{len(piles['calves'])} chairs stand under the calves; give one")
    return piles


def _below_arms(body: Body, frame: Pose, position: Position) -> Array:
    """How far toward the feet a support under the shoulders reaches, at a pose (B,) [m]."""
    arms = [body.tree.segment("upper_arm" + end) for end in ("_r", "_l")]
    half_arm = body.skin_radius[:, body.tree.skin.index("upper_arm_r")]
    return np.asarray(frame.position[:, arms, 0].mean(1) + half_arm + (position.number("edge") or 0.0))


def anchor(body: Body, support: Support, coordinates: Array, force: Array | None = None) -> Support:
    """Let every grip take hold where its skin now meets the floor, carrying a force (none if not given).

    Args:
        body: The bodies.
        support: Their support.
        coordinates: Where they are (B, coordinates) [m, rad].
        force: Force of the floor on each grip (B, grips, 2) [N].
    Returns:
        The support with new grips: points in the plane they hold in, under the patches' centres.
    """
    frame = pose(body, coordinates)
    segments = np.array(body.tree.skin_segments)[support.grip_skin]
    point = frame.locate(segments, body.skin_center[:, support.grip_skin])
    point[..., 2] = support.grip_height
    held = point[..., :2].copy()
    if force is not None:
        stiffness = support.grip_stiffness
        held += np.where(stiffness > 0.0, force / np.where(stiffness > 0.0, stiffness, 1.0), 0.0)
    return replace(support, grip_point=frame.localize(segments, point), grip_anchor=held)


def carry_back(support: Support, body: Body, lying: Support, at: Array, given: Conditions) -> Support:
    """Let the back keep hold of the floor where it lay before the legs were drawn up.

    Args:
        support: Of the new position.
        body: The bodies.
        lying: Support of the position they lay in before.
        at: Coordinates they rested at there (B, coordinates) [m, rad].
        given: Which bodies' backs grip.
    Returns:
        The support with those bodies' back grips anchored as far from the pelvis as they lay.
    """
    _, _, pelvis, back = grip_groups()
    before = anchor(body, lying, at)
    away = before.grip_anchor[:, back] - before.grip_anchor[:, pelvis].mean(1, keepdims=True)
    now = support.grip_anchor[:, pelvis].mean(1, keepdims=True)
    ahead = slice(0, pelvis.stop)
    held = given.back_grips[:, None, None]
    return replace(
        support,
        grip_point=np.concatenate(
            [
                support.grip_point[:, ahead],
                np.where(held, before.grip_point[:, back], support.grip_point[:, back]),
            ],
            1,
        ),
        grip_anchor=np.concatenate(
            [
                support.grip_anchor[:, ahead],
                np.where(held, now + away, support.grip_anchor[:, back]),
            ],
            1,
        ),
    )


def grip_groups(on_side: bool = False) -> tuple[slice, slice, slice, slice]:
    """Places among the grips (slices of their axis) of the right foot, the left foot, the pelvis and the back; on a chair the
    calves stand where the feet do, on the side the legs, the hips and the trunk where feet, pelvis and back do."""
    feet, rest = (len(SIDE_LEG), 2 * len(SIDE_PELVIS)) if on_side else (len(FEET), len(PELVIS))
    return (
        slice(0, feet),
        slice(feet, 2 * feet),
        slice(2 * feet, 2 * feet + rest),
        slice(2 * feet + rest, None),
    )


def _spine(tree: Tree) -> list[str]:
    return [name for name in tree.segments if name in ("L5", "L4", "L3", "L2", "L1", "T12")]


def _straight_legs(body: Body, start: Array, pelvis: int) -> None:
    """Legs along the floor, feet fallen slightly outward."""
    tree = body.tree
    for end, sign in (("_r", 1.0), ("_l", -1.0)):
        hip = pose(body, start).position[:, tree.segment("femur" + end), 2]
        heel = tree.skin.index("heel" + end)
        ankle = body.skin_radius[:, heel] - body.skin_center[:, heel, 0]
        leg = (
            -body.joint_position[:, tree.segment("tibia" + end), 1]
            - body.joint_position[:, tree.segment("foot" + end), 1]
        )
        start[:, tree.coordinate("femur" + end, "flexion")] = -start[:, pelvis] - np.arcsin((hip - ankle) / leg)
        start[:, tree.coordinate("femur" + end, "rotation")] = -0.3 * sign
        start[:, tree.coordinate("foot" + end, "flexion")] = -0.3


def _bent_legs(body: Body, start: Array, pelvis: int, position: Position, patch: dict[str, int]) -> None:
    """Feet flat on the floor at a distance from the buttocks: hip, knee and ankle of a two-link leg."""
    tree = body.tree
    frame = pose(body, start)
    edge = buttock_edge(body, frame)
    distance = heel_distance(body, position)
    width = position.number("foot_width")
    for end, sign in (("_r", 1.0), ("_l", -1.0)):
        heel = patch["heel" + end]
        hip = frame.position[:, tree.segment("femur" + end)]
        radius, local = body.skin_radius[:, heel], body.skin_center[:, heel]
        # With the sole flat, forward in the foot's frame is along the floor and its up is up.
        ankle_x = edge + distance + radius - local[:, 0]
        ankle_z = radius - local[:, 1]
        thigh = -body.joint_position[:, tree.segment("tibia" + end), 1]
        shank = -body.joint_position[:, tree.segment("foot" + end), 1]
        sideways = 0.0 if width is None else sign * 0.5 * width - sign * np.abs(hip[:, 1])
        away_x, away_z = ankle_x - hip[:, 0], ankle_z - hip[:, 2]
        reach = np.hypot(away_x, away_z)
        limit = thigh + shank
        if np.any(reach > 0.999 * limit):
            most = float(np.min(np.sqrt((0.999 * limit) ** 2 - away_z**2) + hip[:, 0] + local[:, 0] - radius - edge))
            raise InputError(
                f"heel distance is {float(distance[0]) * 100:.0f} cm; these legs reach"
                f" {np.floor(max(most, 0.0) * 100):.0f} cm with the soles on the floor"
            )
        folded = np.sqrt(thigh**2 + shank**2 - 2.0 * thigh * shank * np.cos(np.pi - MOST_KNEE_FLEXION))
        if np.any(reach < folded):
            nearest = np.sqrt(np.maximum(folded**2 - away_z**2, 0.0)) + hip[:, 0] + local[:, 0] - radius - edge
            raise InputError(
                f"heel distance is {float(distance[0]) * 100:.0f} cm; these knees fold to"
                f" {max(float(np.max(nearest)), 0.0) * 100:.0f} cm with the soles on the floor"
            )
        cosine = np.clip((thigh**2 + shank**2 - reach**2) / (2.0 * thigh * shank), -1.0, 1.0)
        knee = np.arccos(cosine) - np.pi
        toward = np.arctan2(away_z, away_x)
        raised = np.arccos(np.clip((thigh**2 + reach**2 - shank**2) / (2.0 * thigh * reach), -1.0, 1.0))
        femur = toward + raised
        start[:, tree.coordinate("femur" + end, "flexion")] = femur - start[:, pelvis]
        start[:, tree.coordinate("tibia" + end, "flexion")] = knee
        start[:, tree.coordinate("foot" + end, "flexion")] = -0.5 * np.pi - femur - knee
        # The turn is about the thigh's own front, so the shank counts by how far it goes on along the thigh.
        lever = thigh + shank * np.cos(knee)
        start[:, tree.coordinate("femur" + end, "abduction")] = -np.arcsin(np.clip(sideways / lever, -0.8, 0.8))
    if width is None:
        return
    for _ in range(3):
        aside = heel_places(body, pose(body, start))[1]
        for foot, (end, sign) in enumerate((("_r", -1.0), ("_l", 1.0))):
            tibia, foot_ = (tree.segment(name + end) for name in ("tibia", "foot"))
            lever = -body.joint_position[:, tibia, 1] - body.joint_position[:, foot_, 1] * np.cos(
                start[:, tree.coordinate("tibia" + end, "flexion")]
            )
            missing = sign * 0.5 * width - aside[:, foot]
            start[:, tree.coordinate("femur" + end, "abduction")] += np.clip(missing / lever, -0.3, 0.3)


def _legs_on_seat(body: Body, start: Array, pelvis: int, position: Position, chair: Prop) -> Array:
    """Calves level on a seat, thighs as steep as that takes; the seat's front edge along the floor (B,) [m]."""
    tree, seat = body.tree, chair.thickness
    frame = pose(body, start)
    edge = np.full(body.count, -np.inf)
    for end in ("_r", "_l"):
        calves = [k for k, region in enumerate(tree.skin_regions) if region == "calf" + end]
        knee = seat + np.max(body.skin_radius[:, calves] - body.skin_center[:, calves, 0], axis=1)
        hip = frame.position[:, tree.segment("femur" + end), 2]
        thigh = -body.joint_position[:, tree.segment("tibia" + end), 1]
        steep = (knee - hip) / thigh
        over = knee - hip - np.sin(STEEPEST_THIGH) * thigh
        if np.any(over > HANGING):
            most = float(np.min(seat - over)) + HANGING
            raise InputError(
                f"chair thickness is {seat * 100:g} cm; with the calves on it these thighs reach"
                f" {max(np.floor(most * 100), 0.0):.0f} cm; give a lower seat"
            )
        raised = np.arcsin(np.clip(steep, -0.2, np.sin(STEEPEST_THIGH)))
        start[:, tree.coordinate("femur" + end, "flexion")] = raised - start[:, pelvis]
        start[:, tree.coordinate("tibia" + end, "flexion")] = -raised
        start[:, tree.coordinate("foot" + end, "flexion")] = -0.3
    frame = pose(body, start)
    for end in ("_r", "_l"):
        flesh = [k for k, region in enumerate(tree.skin_regions) if region == "thigh" + end]
        at = frame.locate(np.array(tree.skin_segments)[flesh], body.skin_center[:, flesh])
        radius = body.skin_radius[:, flesh]
        over = np.maximum(at[..., 2] - seat, 0.0)
        reach = at[..., 0] + np.sqrt(np.maximum(radius**2 - over**2, 0.0))
        knee_x = frame.position[:, tree.segment("tibia" + end), 0]
        edge = np.maximum(
            edge, np.maximum(np.max(np.where(over < radius, reach, -np.inf), axis=1), knee_x) + SEAT_MARGIN
        )
    asked = position.number("seat_distance")
    if asked is None:
        return edge
    away = asked - (edge - buttock_edge(body, frame))
    shank = -body.joint_position[:, tree.segment("foot_r"), 1]
    if np.any(away < -SEAT_MARGIN) or np.any(away > 0.5 * shank):
        near, far = float(np.max(asked - away - SEAT_MARGIN)), float(np.min(asked - away + 0.5 * shank))
        raise InputError(
            f"seat distance is {asked * 100:g} cm; with this seat these legs need {near * 100:.0f} to {far * 100:.0f} cm"
        )
    return edge + away


def heel_distance(body: Body, position: Position) -> Array:
    """The heel distance asked for, else the sources' middle scaled from the average adult's legs to these.

    Args:
        body: The bodies.
        position: One that has a heel distance, asked for or said by its sources.
    Returns:
        From the buttocks to the back of the heels (B,) [m].
    Raises:
        DataError: ``bones.csv`` lacks the average leg.
    """
    asked = position.number("heel_distance")
    if asked is not None:
        return np.full(body.count, asked)
    tree = body.tree
    leg = [body.joint_position[:, tree.segment(s + end), 1] for s in ("tibia", "foot") for end in ("_r", "_l")]
    return np.asarray(
        position.usual_heel_distance * -0.5 * np.sum(leg, axis=0) / value("bones", "average_leg", "length")
    )


def buttock_edge(body: Body, frame: Pose) -> Array:
    """How far along the world's x the fold of the buttocks lies, at a pose (B,) [m]."""
    pelvis = np.array([body.tree.segment("pelvis")])
    return np.asarray(frame.locate(pelvis, body.seat_edge[:, None])[:, 0, 0])


def heading(body: Body, frame: Pose) -> tuple[Array, Array]:
    """Along the floor from the pelvis toward the feet, and to the body's left (B, 2) each [-]."""
    down = -frame.rotation[:, body.tree.segment("pelvis"), :2, 1]
    along = down / np.sqrt(np.sum(down**2, axis=1, keepdims=True))
    return along, np.stack([-along[:, 1], along[:, 0]], axis=1)


def heel_places(body: Body, frame: Pose) -> tuple[Array, Array]:
    """How far the back of each heel lies from the buttocks, and its middle to the body's left of the hips.

    Args:
        body: The bodies.
        frame: Their pose.
    Returns:
        Right and left (B, 2) each [m].
    """
    along, left = heading(body, frame)
    heels = np.array([body.tree.skin.index("heel" + end) for end in ("_r", "_l")])
    at = frame.locate(np.array(body.tree.skin_segments)[heels], body.skin_center[:, heels])[..., :2]
    pelvis = np.array([body.tree.segment("pelvis")])
    edge = frame.locate(pelvis, body.seat_edge[:, None])[:, 0, :2]
    far = np.sum((at - edge[:, None]) * along[:, None], -1) - body.skin_radius[:, heels]
    aside = np.sum((at - frame.position[:, pelvis, :2]) * left[:, None], -1)
    return far, aside


def _lay_arms(body: Body, start: Array, where: str) -> tuple[Index, Array]:
    tree = body.tree
    (abduction, rotation, elbow), rest = ARMS[where]
    ties: list[tuple[int, int]] = []
    points: list[Array] = []
    for end, sign in (("_r", 1.0), ("_l", -1.0)):
        shoulder = pose(body, start).position[:, tree.segment("upper_arm" + end), 2]
        upper = -body.joint_position[:, tree.segment("forearm" + end), 1]
        down = np.arcsin(np.clip((shoulder - 0.04) / upper, -0.5, 0.5))
        level = _angle_of(body, start, "thorax")
        start[:, tree.coordinate("upper_arm" + end, "flexion")] = -level - down
        start[:, tree.coordinate("upper_arm" + end, "abduction")] = -abduction * sign
        start[:, tree.coordinate("upper_arm" + end, "rotation")] = -rotation * sign
        start[:, tree.coordinate("forearm" + end, "flexion")] = elbow
        if rest is None:
            continue
        segment, forward, up, out = rest
        home = tree.segment(segment)
        size = body.joint_position[:, tree.segment("L4"), 1] / 0.0388
        hand = body.skin_center[:, tree.skin.index("hand" + end)]
        ties.append((home, tree.segment("forearm" + end)))
        points.append(np.stack([np.stack([forward * size, up * size, sign * out * size], -1), hand], axis=1))
    if not ties:
        return np.zeros((0, 2), dtype=np.intp), np.zeros((body.count, 0, 2, 3))
    return np.array(ties, dtype=np.intp), np.stack(points, axis=1)


def arms_held(tree: Tree, start: Array) -> Array:
    """Stiffness with which shoulders and elbows keep where they are laid, zero elsewhere (B, coordinates) [N·m/rad]."""
    tone = np.zeros_like(start)
    table = tables.load("joints")
    for end in ("_r", "_l"):
        for name in ("flexion", "abduction", "rotation"):
            tone[:, tree.coordinate("upper_arm" + end, name)] = table.get("shoulder", f"{name}_stiffness").number
        tone[:, tree.coordinate("forearm" + end, "flexion")] = table.get("elbow", "flexion_stiffness").number
    return tone


def _angle_of(body: Body, start: Array, segment: str) -> Array:
    """How far a segment is turned about the world's side axis from lying level (B,) [rad]."""
    up = pose(body, start).rotation[:, body.tree.segment(segment), :, 1]
    return np.arctan2(-up[:, 2], -up[:, 0])


def lift(body: Body, support: Support, start: Array) -> Array:
    """How far to lift the laid-out body so that its contacts carry its weight.

    Args:
        body: The bodies.
        support: What carries them.
        start: Their coordinates (B, coordinates) [m, rad].
    Returns:
        Upward, between -0.15 and 0.15 (B,) [m].
    """
    centers = pose(body, start).locate(np.array(body.tree.skin_segments), body.skin_center)
    low, high = np.full(body.count, -0.15), np.full(body.count, 0.15)
    for _ in range(25):
        middle = 0.5 * (low + high)
        lifted = centers + middle[:, None, None] * [0.0, 0.0, 1.0]
        contact = press_skin(body, support, lifted)
        carried = contact.floor.sum(1) + (contact.props * contact.prop_normal[..., 2]).sum((1, 2))
        heavy = carried > body.weight
        low, high = np.where(heavy, middle, low), np.where(heavy, high, middle)
    return high


def _place_on_side(body: Body, position: Position, piles: dict[str, list[Prop]], given: Conditions) -> Support:
    """Lay bodies on their side; the skin of their sides is among their skin already.

    The trunk keeps its standing shape and is turned a quarter about its length, the face toward the world's -y on the right
    side and +y on the left; the legs are laid one on the other, the head on what lies there.
    """
    tree, count = body.tree, body.count
    patch = {name: k for k, name in enumerate(tree.skin)}
    segments = np.array(tree.skin_segments)
    low, high, sign = ("_r", "_l", 1.0) if position["side"] == "right" else ("_l", "_r", -1.0)
    table = tables.load("props")
    surface, shear = table.get(position.surface, "compliance").number, table.get("grip", "shear_stiffness").number
    layers = (body.skin_radius, body.skin_modulus, body.skin_thickness)

    start = np.zeros((count, len(tree.coordinates)))
    for name in _spine(tree):
        start[:, tree.coordinate(name, "flexion")] = body.standing[:, tree.coordinate(name, "flexion")]
    start[:, tree.coordinate("pelvis", "rotation")] = -sign * 0.5 * np.pi
    # Along the floor from head to feet: from the pelvis to the neck.
    away = pose(body, start).position[:, tree.segment("head")] - start[:, :3]
    start[:, tree.coordinate("pelvis", "flexion")] = sign * np.arctan2(-away[:, 1], -away[:, 0])
    trunk = [patch[name + low] for name in ("shoulder", "crest_back", "trochanter", "side_rib_1_front")]
    centers = pose(body, start).locate(segments, body.skin_center)
    start[:, 2] -= np.mean(np.sort(centers[:, trunk, 2] - body.skin_radius[:, trunk], axis=1)[:, :2], axis=1)

    # Props: a pile under the head, its edge short of the shoulder.
    frame = pose(body, start)
    neck = frame.position[:, tree.segment("head"), 0] - NECK_MARGIN
    boxes, height, below = [], 0.0, surface
    for prop in piles["head"]:
        below += prop.compliance
        boxes.append((prop, neck - 0.5 * prop.length, height, below))
        height += prop.thickness
    centers = frame.locate(segments, body.skin_center)
    side_of_head = patch["temple" + low]
    rise = centers[:, side_of_head, 2] - body.skin_radius[:, side_of_head] - height
    reach = np.maximum(frame.position[:, tree.segment("head"), 0] - centers[:, side_of_head, 0], 0.05)
    start[:, tree.coordinate("head", "abduction")] = sign * np.arctan2(rise, reach)

    pairs = _legs_on_side(body, start, position, piles["between-knees"], shear, low, high, sign)
    ties, tie_points = _arms_on_side(body, start, str(position["arms"] or "front"), low, high, sign)

    number = len(boxes)
    prop_center, prop_half = np.zeros((count, number, 2)), np.zeros((count, number, 2))
    rounding = np.zeros((count, number))
    prop_coefficient, prop_limit = np.zeros((2, count, number, len(tree.skin)))
    carried = np.array([region == "head" for region in tree.skin_regions])
    for k, (prop, middle, bottom, beneath) in enumerate(boxes):
        edges = min(EDGE, 0.45 * prop.thickness)
        prop_center[:, k, 0], prop_center[:, k, 1] = middle, bottom + 0.5 * prop.thickness
        prop_half[:, k] = 0.5 * prop.length - edges, 0.5 * prop.thickness - edges
        rounding[:, k] = edges
        prop_coefficient[:, k] = np.where(carried, foundation_coefficient(*layers, beneath), 0.0)
        prop_limit[:, k] = pressing_limit(*layers[1:], beneath)

    ends = ("_r", "_l")
    grips = np.array(
        [patch[name + end] for end in ends for name in SIDE_LEG]
        + [patch[name + end] for name in SIDE_PELVIS for end in ends]
        + [patch[name + end] for name in SIDE_TRUNK for end in ends],
        dtype=np.intp,
    )
    lower = np.array([tree.skin[k].endswith(low) for k in grips])
    stiffness = np.zeros((count, len(grips), 2))
    right, left, pelvis, chest = grip_groups(on_side=True)
    stiffness[:, left if low == "_l" else right] = 2.0 * shear
    stiffness[:, pelvis], stiffness[:, chest] = shear, shear / 2.0
    stiffness[:, ~lower] = 0.0

    tone_angle, tone = start.copy(), arms_held(tree, start)

    support = Support(
        start=start,
        floor_coefficient=foundation_coefficient(*layers, surface),
        floor_limit=pressing_limit(*layers[1:], surface),
        prop_coefficient=prop_coefficient,
        prop_limit=prop_limit,
        prop_places=tuple(prop.under for prop, *_ in boxes),
        prop_center=prop_center,
        prop_half_size=prop_half,
        prop_rounding=rounding,
        grip_skin=grips,
        grip_stiffness=stiffness,
        grip_point=np.zeros((count, len(grips), 3)),
        grip_anchor=np.zeros((count, len(grips), 2)),
        grip_height=np.zeros((count, len(grips))),
        tie_segments=ties,
        tie_points=tie_points,
        tie_stiffness=np.full((count, len(ties)), table.get("hand", "rest_stiffness").number),
        tone_angle=tone_angle,
        tone_stiffness=tone,
        pairs=pairs,
    )
    start[:, 2] += lift(body, support, start)
    support = anchor(body, replace(support, start=start), start)
    return hold_legs(body, support, start)


def _legs_on_side(
    body: Body, start: Array, position: Position, pile: Sequence[Prop], shear: float, low: str, high: str, sign: float
) -> Pairs:
    """Bend both legs alike and let the upper one down on the lower, or on what lies between the knees."""
    tree, count = body.tree, body.count
    patch = {name: k for k, name in enumerate(tree.skin)}
    segments = np.array(tree.skin_segments)
    hip, knee = position.number("hip_flexion") or 0.0, position.number("knee_flexion") or 0.0
    for end in (low, high):
        start[:, tree.coordinate("femur" + end, "flexion")] = hip
        start[:, tree.coordinate("tibia" + end, "flexion")] = -knee
        start[:, tree.coordinate("foot" + end, "flexion")] = -0.3
    skin = np.array([[patch[name + high], patch[name + low]] for name in LEG_ON_LEG], dtype=np.intp)
    upper, lower = skin.T

    # A prop reaches from the knee along thigh and shank by half its length.
    knees = [patch["thigh_5" + end] for end in (high, low)]
    reach = np.abs(body.skin_center[:, upper, 1] - np.where(
        segments[upper] == segments[knees[0]], body.skin_center[:, knees[0], 1, None], 0.0
    ))  # fmt: skip
    foot = tree.segment("foot" + high)
    reach = np.where(segments[upper] == foot, -body.joint_position[:, foot, 1, None], reach)
    between, thickness = np.zeros((count, len(skin))), np.zeros((count, len(skin)))
    for prop in pile:
        covered = reach <= 0.5 * prop.length
        thickness += np.where(covered, prop.thickness, 0.0)
        between += np.where(covered, prop.compliance, 0.0)

    # Let the upper knee down.
    frame = pose(body, start)
    at = frame.locate(segments, body.skin_center)
    apart = at[:, knees[0], 2] - at[:, knees[1], 2]
    wanted = body.skin_radius[:, knees].sum(1) + thickness[:, LEG_ON_LEG.index("thigh_5")]
    thigh = -body.joint_position[:, tree.segment("tibia" + high), 1]
    start[:, tree.coordinate("femur" + high, "abduction")] = -sign * np.arcsin(
        np.clip((apart - wanted) / thigh, -0.6, 0.6)
    )
    of = lambda values: (values[:, upper], values[:, lower])  # noqa: E731
    coefficient = pair_coefficient(of(body.skin_radius), of(body.skin_modulus), of(body.skin_thickness), between)
    limit = body.skin_thickness[:, upper] + body.skin_thickness[:, lower] + body.skin_modulus[:, upper] * between
    stiffness = shear / (1.0 + thickness / SHEARED)
    none = np.zeros((count, len(skin), 3))
    return Pairs(skin, thickness, coefficient, limit, stiffness, np.zeros((count, len(skin), 2, 3)), none)


SHEARED = 0.03
"""Thickness of a prop that halves the shear stiffness of skin on skin; assumed, 10 to 100 mm [m]."""


def hold_legs(body: Body, support: Support, coordinates: Array, friction: Array | None = None) -> Support:
    """Let the upper leg take hold of the lower where it now lies on it, carrying a force across (none if not given).

    Args:
        body: The bodies.
        support: Their support, with pairs.
        coordinates: Where they are (B, coordinates) [m, rad].
        friction: Force on the upper leg of each pair; its part along the normal is dropped (B, pairs, 3) [N].
    Returns:
        The support with the pairs' new points and normals.
    """
    pairs = support.pairs
    if pairs is None:
        return support
    frame, segments = pose(body, coordinates), np.array(body.tree.skin_segments)
    centers = frame.locate(segments, body.skin_center)
    upper, lower = pairs.skin.T
    apart = centers[:, upper] - centers[:, lower]
    distance = np.sqrt(np.sum(apart**2, axis=-1, keepdims=True))
    normal = apart / distance
    # In the middle of what lies between the two.
    middle = centers[:, lower] + normal * 0.5 * (
        distance + (body.skin_radius[:, lower] - body.skin_radius[:, upper])[..., None]
    )
    slip = np.zeros_like(middle)
    if friction is not None:
        across = friction - normal * np.sum(normal * friction, axis=-1, keepdims=True)
        slip = -across / np.where(pairs.stiffness > 0.0, pairs.stiffness, np.inf)[..., None]
    points = np.stack(
        [frame.localize(segments[upper], middle + 0.5 * slip), frame.localize(segments[lower], middle - 0.5 * slip)],
        axis=2,
    )
    return replace(support, pairs=replace(pairs, points=points, normal=normal))


def _arms_on_side(body: Body, start: Array, where: str, low: str, high: str, sign: float) -> tuple[Index, Array]:
    """The lower arm along the floor in front, the upper one in front with its hand on the floor, or along the body with its
    hand on the hip."""
    tree = body.tree
    for end, (forward, down, turn, elbow), side in (
        (low, SIDE_ARMS[where][0], sign),
        (high, SIDE_ARMS[where][1], -sign),
    ):
        start[:, tree.coordinate("upper_arm" + end, "flexion")] = forward
        start[:, tree.coordinate("upper_arm" + end, "abduction")] = side * down
        start[:, tree.coordinate("upper_arm" + end, "rotation")] = side * turn
        start[:, tree.coordinate("forearm" + end, "flexion")] = elbow
    if where != "hip":
        return np.zeros((0, 2), dtype=np.intp), np.zeros((body.count, 0, 2, 3))
    segment, ahead, up, out = HAND_ON_HIP
    home = tree.segment(segment)
    size = body.joint_position[:, tree.segment("L4"), 1] / 0.0388
    hand = body.skin_center[:, tree.skin.index("hand" + high)]
    place = np.stack([ahead * size, up * size, -sign * out * size], -1)
    return np.array([[home, tree.segment("forearm" + high)]], dtype=np.intp), np.stack([place, hand], axis=1)[:, None]
