"""Laying a body down: feet where they were asked for, skin on the floor, grips that hold what they carry."""

import numpy as np
import pytest

from psoas.body.build import build
from psoas.body.kinematics import pose
from psoas.body.model import stack
from psoas.energy import evaluate
from psoas.errors import InputError
from psoas.person import Limb, Person
from psoas.placement import FEET, anchor, buttock_edge, carry_back, conditions, grip_groups, heel_distance, place
from psoas.position import position
from psoas.props import prop

MICROMETRE, MILLIMETRE = 1e-6, 1e-3
BENT, STRAIGHT = position("constructive-rest"), position("supine")


def skin(body, support, *names):
    centers = pose(body, support.start).locate(np.array(body.tree.skin_segments), body.skin_center)
    rows = [body.tree.skin.index(name) for name in names]
    return centers[:, rows], body.skin_radius[:, rows]


@pytest.mark.parametrize("distance", [0.25, 0.356, 0.45])
def test_heels_are_placed_at_the_distance_asked_for_with_the_soles_flat(body, distance):
    where = BENT.with_values(heel_distance=distance)
    support = place(body, where)
    edge = buttock_edge(body, pose(body, support.start))
    for end in ("_r", "_l"):
        centers, radius = skin(body, support, *(name + end for name in FEET))
        assert centers[0, 0, 0] - radius[0, 0] - edge[0] == pytest.approx(distance, abs=MICROMETRE)
        lowest = centers[0, :, 2] - radius[0]
        assert np.ptp(lowest) < 2 * MILLIMETRE  # heel and both balls of the foot


@pytest.mark.parametrize("width", [0.10, 0.30, 0.50])
def test_feet_are_placed_as_wide_as_asked_for(body, width):
    support = place(body, BENT.with_values(foot_width=width))
    heels, _ = skin(body, support, "heel_r", "heel_l")
    nearly = 0.12 * width  # rest() brings them the rest of the way
    assert heels[0, 1, 1] - heels[0, 0, 1] == pytest.approx(width, abs=nearly)


def test_the_usual_distance_grows_with_the_legs(average):
    tall = build(Person("female", 1.92, 85.0))
    shank = [b.joint_position[0, b.tree.segment("foot_r"), 1] + b.joint_position[0, b.tree.segment("tibia_r"), 1]
             for b in (average, tall)]  # fmt: skip
    ratio = heel_distance(tall, BENT) / heel_distance(average, BENT)
    assert ratio[0] == pytest.approx(shank[1] / shank[0], rel=1e-9)
    assert heel_distance(tall, BENT.with_values(heel_distance=0.3))[0] == 0.3


def test_heels_farther_than_the_legs_reach_are_refused_with_how_far_they_do(average):
    sentence = r"^heel distance is 85 cm; these legs reach (\d+) cm with the soles on the floor$"
    with pytest.raises(InputError, match=sentence) as caught:
        place(average, BENT.with_values(heel_distance=0.85))
    reach = int(str(caught.value).split("reach ")[1].split()[0])
    assert 40 < reach < 80
    place(average, BENT.with_values(heel_distance=0.01 * reach - 0.005))
    with pytest.raises(InputError, match="these legs reach"):
        place(average, BENT.with_values(heel_distance=0.01 * reach + 0.01))


def test_legs_of_different_length_stand_equally_far(average):
    shorter = build(
        Person("female", 1.72, 68.0, left=Limb(leg_length=0.97 * Person("female", 1.72, 68.0).expected_leg_length))
    )
    support = place(shorter, BENT)
    heels, radius = skin(shorter, support, "heel_r", "heel_l")
    assert heels[0, 0, 0] - radius[0, 0] == pytest.approx(heels[0, 1, 0] - radius[0, 1], abs=MICROMETRE)


@pytest.mark.parametrize("where", [STRAIGHT, BENT], ids=lambda p: p.id)
def test_it_starts_where_its_skin_carries_it(body, where):
    support = place(body, where, [prop("towel")])
    touch = evaluate(body, support, support.start, second=False).touch
    carried = touch.floor.sum() + (touch.props * touch.prop_normal[..., 2]).sum()
    assert carried == pytest.approx(body.weight[0], rel=1e-3)


@pytest.mark.parametrize("where", [STRAIGHT, BENT], ids=lambda p: p.id)
def test_both_ends_of_the_trunk_and_the_head_lie_on_something(body, where):
    support = place(body, where, [prop("towel")])
    touch = evaluate(body, support, support.start, second=False).touch
    regions = np.array(body.tree.skin_regions)
    assert touch.floor[0, regions == "pelvis"].sum() > 10.0
    assert touch.floor[0, np.isin(regions, ["upper_back", "ribs"])].sum() > 10.0
    assert touch.props[0, 0, regions == "head"].sum() > 1.0


def test_a_symmetric_body_is_laid_down_symmetric(average):
    for where in (STRAIGHT, BENT):
        start = place(average, where).start
        target, sign = average.tree.mirror
        assert (start * sign)[:, target] == pytest.approx(start, abs=1e-12)


def test_hands_are_held_where_the_arms_rest(body):
    for where, home in (("belly", "L3"), ("ribs", "thorax")):
        support = place(body, BENT.with_values(arms=where))
        assert [[body.tree.segments[s] for s in pair] for pair in support.tie_segments] == [
            [home, "forearm_r"], [home, "forearm_l"]
        ]  # fmt: skip
        now = evaluate(body, support, support.start, second=False)
        apart = np.linalg.norm(now.tie_points[0, :, 1] - now.tie_points[0, :, 0], axis=1)
        assert np.all(apart < 0.15)  # a start from which the spring need not fling the arm
    assert place(body, BENT.with_values(arms="sides")).tie_segments.shape == (0, 2)


def test_props_are_stacked_under_the_head(average):
    first, second = prop("folded-blanket", 0.05), prop("towel", 0.03)
    support = place(average, STRAIGHT, [first, second])
    assert support.prop_center[0, :, 1] == pytest.approx([0.025, 0.065])
    half = support.prop_half_size[0] + support.prop_rounding[0][:, None]
    assert 2 * half[:, 1] == pytest.approx([0.05, 0.03])
    assert 2 * half[:, 0] == pytest.approx([first.length, second.length])
    head, radius = skin(average, support, "occiput")
    assert abs(support.prop_center[0, 0, 0] - head[0, 0, 0]) < 0.5 * first.length
    assert head[0, 0, 2] - radius[0, 0] == pytest.approx(0.08, abs=0.02)


def test_softer_surfaces_press_softer(average):
    stiffness = [
        place(average, STRAIGHT.with_values(surface=s)).floor_coefficient for s in ("floor", "mat", "mattress")
    ]
    assert np.all(stiffness[0] > stiffness[1])
    assert np.all(stiffness[1] > stiffness[2])


def test_a_new_grip_carries_what_it_is_told_to(lopsided, rng):
    support = place(lopsided, BENT, (), conditions(lopsided, BENT, grips="both"))
    at = support.start + 0.05 * rng.normal(size=support.start.shape)
    force = rng.normal(size=support.grip_anchor.shape) * 20.0
    held = anchor(lopsided, support, at, force)
    now = evaluate(lopsided, held, at, second=False)
    assert now.grip_force == pytest.approx(np.where(held.grip_stiffness > 0.0, force, 0.0), abs=1e-6)
    assert now.grip_points[..., 2] == pytest.approx(0.0, abs=1e-12)  # in the plane of the floor
    under = now.touch.centers[:, held.grip_skin, :2]
    assert now.grip_points[..., :2] == pytest.approx(under, abs=1e-12)


def test_what_grips(average):
    """By default the pelvis; in a position without held feet the pelvis always does, and the back never."""
    right, left, pelvis, back = grip_groups()
    for where, name, holds in (
        (BENT, "pelvis", (True, True, True, False)),
        (BENT, "back", (True, True, False, True)),
        (BENT, "both", (True, True, True, True)),
        (STRAIGHT, "pelvis", (False, False, True, False)),
        (STRAIGHT, "back", (False, False, True, False)),
    ):
        stiffness = place(average, where, (), conditions(average, where, grips=name)).grip_stiffness[0, :, 0]
        assert tuple(bool(stiffness[group].any()) for group in (right, left, pelvis, back)) == holds


def test_an_unknown_part_cannot_grip(average):
    with pytest.raises(InputError, match="head"):
        conditions(average, BENT, grips="head")


def test_each_body_of_an_ensemble_may_grip_differently(average, lopsided):
    both = stack([average, lopsided])
    given = conditions(both, BENT, friction=np.array([1.0, 2.0]), tone=0.5, grips=["pelvis", "back"])
    assert list(given.pelvis_grips) == [True, False]
    assert list(given.back_grips) == [False, True]
    assert given.friction[1] == pytest.approx(2.0 * given.friction[0])
    assert given.lateral_tone == pytest.approx(0.5 * BENT.number("lateral_tone"))
    assert np.all(conditions(both, BENT, feet_hold=True).friction > 1e6)


def test_the_back_keeps_its_place_beside_the_pelvis(average):
    """Marks of the back lie as far from the pelvis's first mark as they did lying straight."""
    given = conditions(average, BENT, grips="both")
    lying = place(average, STRAIGHT)
    support = place(average, BENT, (), given)
    carried = carry_back(support, average, lying, lying.start, given)
    _, _, pelvis, back = grip_groups()
    first = pelvis.start
    here = carried.grip_anchor[:, back] - carried.grip_anchor[:, first, None]
    before = anchor(average, lying, lying.start)
    there = before.grip_anchor[:, back] - before.grip_anchor[:, first, None]
    assert here == pytest.approx(there, abs=1e-12)
    loose = conditions(average, BENT)
    untouched = carry_back(support, average, lying, lying.start, loose)
    assert np.array_equal(untouched.grip_anchor, support.grip_anchor)
