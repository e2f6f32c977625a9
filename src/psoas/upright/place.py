"""Where an upright body starts from, and what carries it: the floor, a seat, a backrest."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from psoas.anatomy import tables
from psoas.body.kinematics import pose
from psoas.body.model import Array, Body, Index, Tree
from psoas.body.paths import plan_of
from psoas.body.skin import ENDS
from psoas.errors import InputError
from psoas.mechanics.contact import foundation_coefficient, press, pressing_limit
from psoas.person import value, values
from psoas.placement import anchor, arms_held, lift
from psoas.position import Position
from psoas.props import props
from psoas.support import Support

SPINE = ("L5", "L4", "L3", "L2", "L1", "T12")
FEET = tuple(name + end for end, _ in ENDS for name in ("heel", "ball_medial", "ball_lateral"))
ISCHIA = tuple("ischium" + end for end, _ in ENDS)
THIGHS = tuple(f"thigh_{k}{end}" for k in range(1, 5) for end, _ in ENDS)
SEAT_ROUNDING = 0.02
"""Radius of a seat's front edge; assumed, 10 to 40 mm [m]."""
SEAT_HALF = 0.20
"""Half thickness of the seat and of the backrest in the model: thick, so that nothing falls through [m]."""
BACKREST_LENGTH = 0.65
"""Along the back, from the seat up; assumed, 50 to 80 cm [m]."""
UNDER_SIT_BONES = 0.62
"""Share of the weight that the sit bones carry, to tell how far they sink before anyone is solved for: about what the default
adults' do once they are, 0.55 to 0.70 [-]."""
STEEPEST = np.deg2rad(35.0)
"""How far from level the thighs may slope on a seat; assumed, 25 to 45 degrees [rad]."""
ROLLED, ROUND = np.deg2rad(25.0), np.deg2rad(50.0)
"""How far the pelvis is rolled back and the lumbar spine bent forward where the search for a trunk let go starts [rad]."""
FORWARD, MOST_BENT = np.deg2rad(5.0), np.deg2rad(130.0)
"""How far the upper arms hang forward where the hands lie on the thighs, and how far an elbow bends for it; assumed [rad]."""
ARM_LAID = 100.0
"""Stiffness of shoulders and elbows whose hands lie on something, which would let them sag no more; assumed [N·m/rad]."""
CARRIED = 2.0 / 3.0
"""Share of the way from the back of the buttocks to the backs of the knees that a seat is deep by default; assumed [-]."""


def seated(body: Body) -> Body:
    """The same bodies with flesh under their sit bones among their skin.

    The bone's place is ``bones.csv``'s (``ischial_tuberosity_r``), the flesh under it that of the buttock (``tissues.csv``), the
    rounding assumed (``skin.csv``, ``ischium``). The rounded buttocks of a body that lies take no part in sitting, and the thighs
    are flatter below than round (``thigh_seat``, assumed).

    Args:
        body: ``B`` bodies.
    Returns:
        Bodies with two patches more.
    Raises:
        DataError: A table lacks a row.
    """
    tree = body.tree
    if ISCHIA[0] in tree.skin:
        return body
    half = body.joint_position[:, tree.segment("femur_r"), 2]
    size = half / value("bones", "hip_r", "half_width")
    bone = np.array(values("bones", "ischial_tuberosity_r", "position"))
    flesh, radius = value("tissues", "buttock", "skin_thickness"), value("skin", "ischium", "radius")
    centers = np.stack(
        [
            bone * size[:, None] * [1.0, 1.0, sign] + np.array([0.0, radius - flesh, 0.0])
            for _, sign in ENDS
        ],
        axis=1,
    )  # fmt: skip
    count = body.count
    thighs, skin_center = _patches(body, THIGHS), body.skin_center.copy()
    skin_center[:, thighs, 0] += value("skin", "thigh_seat", "flattening") * body.skin_radius[:, thighs]
    modulus = body.skin_modulus[:, [tree.skin.index("buttock_r")] * 2]
    grown = lambda table, column: np.concatenate([table, column], axis=1)  # noqa: E731
    return replace(
        body,
        tree=_seated_tree(tree),
        skin_center=grown(skin_center, centers),
        skin_radius=grown(body.skin_radius, np.full((count, 2), radius)),
        skin_modulus=grown(body.skin_modulus, modulus),
        skin_thickness=grown(body.skin_thickness, np.full((count, 2), flesh)),
    )


@lru_cache(maxsize=4)
def _seated_tree(tree: Tree) -> Tree:
    """The same tree each time, so that what is worked out for it once is found again."""
    return replace(
        tree,
        skin=tree.skin + ISCHIA,
        skin_segments=(*tree.skin_segments, 0, 0),
        skin_regions=(*tree.skin_regions, "pelvis", "pelvis"),
    )


def place(body: Body, position: Position) -> tuple[Body, Support]:
    """Set ``B`` bodies upright.

    Args:
        body: The bodies.
        position: ``standing`` or ``sitting``, its parameters set.
    Returns:
        The bodies (their chests as they stand, see :func:`rounded`, and with flesh under their sit bones if they sit) and what
        carries them, with coordinates to start from: the standing profile over straight legs, or, on a seat, its unloaded shape,
        the shanks upright. The feet stick where they are.
    Raises:
        InputError: The seat is too high or too low for these legs, or too deep for these thighs; or the chest is to be held
            upright against a backrest.
        DataError: A table lacks a row.
    """
    if position.values.get("support") == "backrest" and position["trunk"] == "upright":
        raise InputError("trunk is 'upright', but against a backrest the chest is let go; leave trunk out")
    body = rounded(body)
    if position.legs == "standing":
        return body, _stand(body, position)
    body = seated(body)
    return body, _sit(body, position)


def rounded(body: Body) -> Body:
    """The same bodies with the round of their upper backs as it is upright.

    The chest is one piece on one joint, which no weight can round as it does a chain of ribbed vertebrae. So how much flatter it
    lies than it stands is a row of its own (``fitted.csv``, ``thorax``, ``rest_flattening``), fitted to bodies that lie; whoever
    is upright has none of it.

    Args:
        body: ``B`` bodies.
    Returns:
        Bodies whose chests rest on T12 as in the standing profile.
    """
    neutral = body.neutral.copy()
    neutral[:, body.tree.coordinate("thorax", "flexion")] = 0.0
    return replace(body, neutral=neutral)


def _stand(body: Body, position: Position) -> Support:
    tree = body.tree
    start = body.standing.copy()
    start[:, tree.coordinate("pelvis", "flexion")] -= 0.5 * np.pi
    # Lean as a whole from the ankles, the trunk staying upright.
    frame = pose(body, start)
    ankles = frame.position[:, [tree.segment("foot_r"), tree.segment("foot_l")]].mean(1)
    centers = frame.locate(np.arange(len(tree.segments)), body.mass_center)
    mass_center = np.sum(centers * body.mass[..., None], 1) / body.mass.sum(1, keepdims=True)
    ahead = (position.number("lean") or 0.0) - (mass_center - ankles)[:, 0]
    angle = np.arcsin(np.clip(ahead / (frame.position[:, 0, 2] - ankles[:, 2]), -0.3, 0.3))
    for end, _ in ENDS:
        start[:, tree.coordinate("femur" + end, "flexion")] = -angle
        start[:, tree.coordinate("foot" + end, "flexion")] = angle
    _level(body, start)
    return _settled(body, start, _carriers(body, start, []), _patches(body, FEET))


def _level(body: Body, start: Array) -> None:
    """Both soles on one floor: legs of two lengths tip the pelvis sideways, the legs and the spine staying upright."""
    tree = body.tree
    plan, feet = plan_of(tree), [_patches(body, tuple(name for name in FEET if name.endswith(end))) for end, _ in ENDS]
    frame = pose(body, start)
    sole = frame.locate(plan.skin_segments, body.skin_center)[..., 2] - body.skin_radius
    higher = sole[:, feet[0]].min(1) - sole[:, feet[1]].min(1)  # how much higher the first sole ends
    hips = frame.position[:, [tree.segment("femur" + end) for end, _ in ENDS]]
    apart = hips[:, 1, 1] - hips[:, 0, 1]
    tip = np.arcsin(np.clip(higher / apart, -0.3, 0.3))
    start[:, tree.coordinate("pelvis", "abduction")] += tip
    for end, _ in ENDS:
        start[:, tree.coordinate("femur" + end, "abduction")] -= tip
    for name in SPINE:
        start[:, tree.coordinate(name, "abduction")] -= tip / len(SPINE)


def _sit(body: Body, position: Position) -> Support:
    tree = body.tree
    count = body.count
    start = np.zeros_like(body.standing)
    total = np.zeros(count)
    for name in (*SPINE, "thorax"):
        c = tree.coordinate(name, "flexion")
        start[:, c] = body.neutral[:, c]
        total += body.standing[:, c] - body.neutral[:, c]
    start[:, tree.coordinate("pelvis", "flexion")] = total - 0.5 * np.pi
    back = 0.0
    if position["support"] == "backrest":
        back = position.number("recline") or 0.0
        start[:, tree.coordinate("pelvis", "flexion")] += back
    elif position["trunk"] == "let-go":
        # From a round back: from an upright one the search can end in a posture that is dearer than sinking together.
        start[:, tree.coordinate("pelvis", "flexion")] += ROLLED
        for name in SPINE[:-1]:
            start[:, tree.coordinate(name, "flexion")] -= ROUND / 5.0
        back = ROLLED - ROUND
    start[:, tree.coordinate("head", "flexion")] -= back

    # Shanks upright, thighs as steep as the seat makes them.
    heel = tree.skin.index("heel_r")
    ankle = body.skin_radius[:, heel] - body.skin_center[:, heel, 1]
    hips = hip_height(body)
    height = seat_height(body, position)
    for end, _ in ENDS:
        thigh = -body.joint_position[:, tree.segment("tibia" + end), 1]
        own = ankle - body.joint_position[:, tree.segment("foot" + end), 1]
        slope = (height + hips - own) / thigh  # + hip higher than knee
        if np.any(np.abs(slope) > np.sin(STEEPEST)):
            reach = np.sin(STEEPEST) * thigh
            low, high = float(np.max(own - hips - reach)), float(np.min(own - hips + reach))
            raise InputError(
                f"seat height is {100 * float(height[0]):.0f} cm, on which these feet would not stand flat with the thighs at"
                f" ease; give {100 * low:.0f} to {100 * high:.0f} cm"
            )
        sloping = np.arcsin(slope)
        pelvis = start[:, tree.coordinate("pelvis", "flexion")] + 0.5 * np.pi
        start[:, tree.coordinate("femur" + end, "flexion")] = 0.5 * np.pi - sloping - pelvis
        start[:, tree.coordinate("tibia" + end, "flexion")] = -(0.5 * np.pi - sloping)
    start[:, 2] = height + hips
    _hands(body, start, str(position["arms"]))

    depth = seat_depth(body, position)
    buttock = buttock_back(body)
    tilt = position.number("seat_tilt") or 0.0
    compliance = props()["chair"].compliance
    front = depth - buttock
    if np.any(front > thigh_underside(body)):
        raise InputError(
            f"seat depth is {100 * float(depth[0]):.0f} cm, which would press behind these knees; give at most"
            f" {100 * float(np.min(thigh_underside(body) + buttock)):.0f} cm"
        )
    # The seat's top passes under the sit bones at its height; turned by its tilt about that point.
    along, down = np.array([np.cos(tilt), -np.sin(tilt)]), np.array([-np.sin(tilt), -np.cos(tilt)])
    rear = buttock + 0.10
    middle = 0.5 * (front - rear)
    center = middle[:, None] * along + SEAT_HALF * down + np.stack([np.zeros(count), height], -1)
    half = np.stack([0.5 * (front + rear) - SEAT_ROUNDING, np.full(count, SEAT_HALF - SEAT_ROUNDING)], -1)
    carriers = [("seat", center, half, np.full(count, -tilt), _patches(body, (*ISCHIA, *THIGHS)), compliance)]
    if position["support"] == "backrest":
        recline = position.number("recline") or 0.0
        behind = [name for name in tree.skin if name.startswith(("thorax_", "sacrum")) or "_back_" in name]
        frame = pose(body, start)
        rows = _patches(body, tuple(behind))
        at = frame.locate(plan_of(tree).skin_segments[rows], body.skin_center[:, rows])
        outward = np.array([-np.cos(recline), 0.0, -np.sin(recline)])
        reach = (at @ outward + body.skin_radius[:, rows]).max(1)  # of the hindmost skin, behind
        up = np.array([-np.sin(recline), np.cos(recline)])
        face = np.array([-np.cos(recline), -np.sin(recline)])
        foot = np.stack([np.zeros(count), height], -1)
        base = foot + face * (reach - foot @ face)[:, None]
        center = base + up * 0.5 * BACKREST_LENGTH + face * SEAT_HALF
        half = np.tile([SEAT_HALF - SEAT_ROUNDING, 0.5 * BACKREST_LENGTH - SEAT_ROUNDING], (count, 1))
        carriers.append(("back", center, half, np.full(count, recline), rows, compliance))
    support = _carriers(body, start, carriers)
    if position["arms"] == "thighs":
        laid = np.where(support.tone_stiffness > 0.0, ARM_LAID, 0.0)
        support = replace(support, tone_stiffness=laid)
    return _settled(body, start, support, _patches(body, (*FEET, *ISCHIA)))


def hip_height(body: Body) -> Array:
    """How high the hip sockets lie over a seat into which ``UNDER_SIT_BONES`` of the weight presses the sit bones.

    Args:
        body: Bodies from :func:`seated`, upright (B,).
    Returns:
        Height (B,) [m].
    Raises:
        DataError: A table lacks a row.
    """
    row = body.tree.skin.index(ISCHIA[0])
    layers = (body.skin_radius[:, row], body.skin_modulus[:, row], body.skin_thickness[:, row])
    give = props()["chair"].compliance
    coefficient, limit = foundation_coefficient(*layers, give), pressing_limit(*layers[1:], give)
    low, high = np.zeros(body.count), limit.copy()
    for _ in range(40):
        middle = 0.5 * (low + high)
        heavy = 2.0 * press(middle, coefficient, limit).force > UNDER_SIT_BONES * body.weight
        low, high = np.where(heavy, low, middle), np.where(heavy, middle, high)
    return np.asarray(body.skin_radius[:, row] - body.skin_center[:, row, 1] - low)


def knee_height(body: Body) -> Array:
    """Of the knees over the floor, feet flat and shanks upright, right and left (B, 2) [m]."""
    heel = body.tree.skin.index("heel_r")
    ankle = body.skin_radius[:, heel] - body.skin_center[:, heel, 1]
    shanks = [-body.joint_position[:, body.tree.segment("foot" + end), 1] for end, _ in ENDS]
    return np.asarray(ankle[:, None] + np.stack(shanks, -1))


def seat_height(body: Body, position: Position) -> Array:
    """Of the seat, as asked for, or so that the thighs are level (B,) [m]."""
    asked = position.number("seat_height")
    level = knee_height(body).mean(1) - hip_height(body)
    return level if asked is None else np.full(body.count, asked)


def seat_depth(body: Body, position: Position) -> Array:
    """From the back of the buttocks to the seat's front edge, as asked for or by default (B,) [m]."""
    asked = position.number("seat_depth")
    usual = CARRIED * (buttock_back(body) + thigh_underside(body))
    return usual if asked is None else np.full(body.count, asked)


def buttock_back(body: Body) -> Array:
    """How far the buttocks reach behind the hips (B,) [m]."""
    row = body.tree.skin.index("buttock_r")
    return np.asarray(body.skin_radius[:, row] - body.skin_center[:, row, 0])


def thigh_underside(body: Body) -> Array:
    """From the hips forward to the backs of the knees, a thigh level, the shorter one (B,) [m]."""
    thighs = [-body.joint_position[:, body.tree.segment("tibia" + end), 1] for end, _ in ENDS]
    return np.asarray(np.min(thighs, axis=0) - body.skin_radius[:, body.tree.skin.index("calf_1_r")])


def _patches(body: Body, names: tuple[str, ...]) -> Index:
    return np.array([body.tree.skin.index(name) for name in names], dtype=np.intp)


def _hands(body: Body, start: Array, where: str) -> None:
    """Arms hanging, or bent so that the hands lie on the thighs."""
    if where != "thighs":
        return
    tree = body.tree
    for end, _ in ENDS:
        start[:, tree.coordinate("upper_arm" + end, "flexion")] = FORWARD
        elbow = tree.coordinate("forearm" + end, "flexion")
        start[:, elbow] = 0.0
        frame, rows = pose(body, start), _patches(body, ("hand" + end, "thigh_2" + end))
        hip, knee, bent = (
            frame.position[:, tree.segment(name + end)][:, [0, 2]] for name in ("femur", "tibia", "forearm")
        )
        hand = frame.locate(np.array([tree.segment("forearm" + end)]), body.skin_center[:, rows[:1]])[:, 0, [0, 2]]
        # Turned up by the elbow until it is above the thigh's midline by what both are thick.
        rises = np.arctan2(*(knee - hip).T[::-1])
        normal = np.stack([-np.sin(rises), np.cos(rises)], -1)
        wanted = body.skin_radius[:, rows].sum(1) - np.sum(normal * (bent - hip), -1)
        lower = hand - bent
        away = np.clip(wanted / np.linalg.norm(lower, axis=-1), -1.0, 1.0)
        start[:, elbow] = np.clip(np.arcsin(away) + rises - np.arctan2(*lower.T[::-1]), 0.0, MOST_BENT)


Carrier = tuple[str, Array, Array, Array, Index, float]


def _carriers(body: Body, start: Array, carriers: list[Carrier]) -> Support:
    """The floor under the feet, and boxes; nothing grips yet."""
    tree, count = body.tree, body.count
    layers = (body.skin_radius, body.skin_modulus, body.skin_thickness)
    surface = tables.load("props").get("floor", "compliance").number
    feet = np.isin(np.arange(len(tree.skin)), _patches(body, FEET))
    size = len(carriers)
    coefficient, limit = np.zeros((2, count, size, len(tree.skin)))
    center, half, angle = np.zeros((count, size, 2)), np.zeros((count, size, 2)), np.zeros((count, size))
    for k, (_, middle, reach, turn, rows, compliance) in enumerate(carriers):
        center[:, k], half[:, k], angle[:, k] = middle, reach, turn
        touches = np.isin(np.arange(len(tree.skin)), rows)
        coefficient[:, k] = np.where(touches, foundation_coefficient(*layers, compliance), 0.0)
        limit[:, k] = pressing_limit(*layers[1:], compliance)
    none = np.zeros(0, dtype=np.intp)
    return Support(
        start=start,
        floor_coefficient=np.where(feet, foundation_coefficient(*layers, surface), 0.0),
        floor_limit=pressing_limit(*layers[1:], surface),
        prop_coefficient=coefficient,
        prop_limit=limit,
        prop_places=tuple(name for name, *_ in carriers),
        prop_center=center,
        prop_half_size=half,
        prop_rounding=np.full((count, size), SEAT_ROUNDING),
        grip_skin=none,
        grip_stiffness=np.zeros((count, 0, 2)),
        grip_point=np.zeros((count, 0, 3)),
        grip_anchor=np.zeros((count, 0, 2)),
        grip_height=np.zeros((count, 0)),
        tie_segments=none.reshape(0, 2),
        tie_points=np.zeros((count, 0, 2, 3)),
        tie_stiffness=np.zeros((count, 0)),
        tone_angle=start.copy(),
        tone_stiffness=arms_held(tree, start),
        prop_angle=angle,
    )


def _settled(body: Body, start: Array, support: Support, grips: Index) -> Support:
    """Feet on the floor, carrying the weight between them and the seat; then the grips take hold where they are."""
    tree, count = body.tree, body.count
    if not support.prop_places:
        sole = pose(body, start).locate(plan_of(tree).skin_segments, body.skin_center)[..., 2] - body.skin_radius
        start[:, 2] -= sole[:, _patches(body, FEET)].min(1)
    start[:, 2] += lift(body, support, start)
    seat = [name in ISCHIA for name in (tree.skin[k] for k in grips)]
    height = np.zeros((count, grips.size))
    if any(seat):
        at = pose(body, start).locate(plan_of(tree).skin_segments[grips], body.skin_center[:, grips])
        height = np.where(seat, at[..., 2] - body.skin_radius[:, grips], 0.0)
    shear = tables.load("props").get("grip", "shear_stiffness").number
    held = replace(
        support,
        start=start,
        grip_skin=grips,
        grip_stiffness=np.full((count, grips.size, 2), 2.0 * shear),
        grip_point=np.zeros((count, grips.size, 3)),
        grip_anchor=np.zeros((count, grips.size, 2)),
        grip_height=height,
    )
    return anchor(body, held, start)
