"""Bodies on piles of cushions and with their calves on a chair: balance, mirror, what carries them, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from psoas import mjcf
from psoas.body.build import build
from psoas.body.model import stack
from psoas.equilibrium import rest
from psoas.errors import InputError
from psoas.person import Limb, Person
from psoas.placement import place
from psoas.position import position
from psoas.props import furnished, prop
from psoas.quantities import measure
from psoas.validation import population

BOLSTERED, SEATED = position("bolstered"), position("calves-on-chair")
WOMAN = Person("female", 1.72, 68.0)
LOPSIDED = Person("male", 1.80, 84.0, left=Limb(hip_flexor_shortening=0.25), right=Limb(hip_flexor_shortening=0.05))
PILES = {
    "a bolster": (BOLSTERED, [prop("bolster")]),
    "a pile": (BOLSTERED, [prop("block", 0.07, "shoulders"), prop("cushion", 0.10), prop("towel")]),
    "a chair": (SEATED, [prop("chair", 0.40), prop("towel")]),
}


def value(found, name):
    return float(measure(found)[name].values[0])


@pytest.fixture(scope="module", params=PILES, ids=list(PILES))
def raised(request):
    where, props = PILES[request.param]
    found = rest(stack([build(WOMAN), build(LOPSIDED)]), where, props)
    assert found.converged.all(), found.messages
    return found


def test_what_carries_them_carries_their_weight(raised):
    sums = population.balance(raised)
    assert np.abs(sums.weight).max() < 1e-8
    assert sums.force.max() < 1e-6
    assert sums.moment.max() < 1e-6


def test_mujoco_comes_to_the_same_rest(raised):
    for member in range(raised.body.count):
        there = mjcf.settle(raised.take([member])).rest
        assert there is not None and there.agrees
        assert there.force_difference < 0.05


@pytest.mark.parametrize("name", list(PILES))
def test_a_mirrored_body_rests_mirrored(name):
    where, props = PILES[name]
    one, other = (rest(build(who), where, props) for who in (LOPSIDED, LOPSIDED.mirrored()))
    target, sign = one.body.tree.mirror
    assert (one.coordinates * sign)[:, target] == pytest.approx(other.coordinates, abs=1e-7)


@pytest.mark.parametrize("name", list(PILES))
def test_a_symmetric_body_rests_symmetric(name):
    where, props = PILES[name]
    found = rest(build(WOMAN), where, props)
    target, sign = found.body.tree.mirror
    assert (found.coordinates * sign)[:, target] == pytest.approx(found.coordinates, abs=1e-7)


@pytest.mark.parametrize("name", ["bolstered", "calves-on-chair"])
def test_random_bodies_come_to_rest(name):
    [(found, _)] = population.solve(population.people(24), name, 24)
    assert found.converged.all(), [m for m in found.messages if m != "At rest."]
    assert np.abs(population.balance(found).weight).max() < 1e-6


def test_the_ribs_are_free_and_shoulders_and_head_carried():
    found = rest(build(WOMAN), BOLSTERED, [prop("bolster")])
    assert value(found, "support_force_ribs") < 0.02 * value(found, "support_force_total")
    assert value(found, "support_force_upper_back") > 50.0
    assert value(found, "support_force_head") > 20.0
    touch = found.evaluation().touch
    regions = np.array(found.body.tree.skin_regions)
    carried = np.isin(regions, ["upper_back", "head"])
    assert touch.floor[0, carried].sum() == 0.0  # all of it by the bolster


def test_the_cushions_show_below_the_arms_as_far_as_was_asked():
    body = build(WOMAN)
    found = {edge: place(body, BOLSTERED.with_values(edge=edge), [prop("bolster")]) for edge in (0.0, 0.05, 0.10)}
    ends = {
        edge: float(s.prop_center[0, 0, 0] + s.prop_half_size[0, 0, 0] + s.prop_rounding[0, 0])
        for edge, s in found.items()
    }
    assert ends[0.10] - ends[0.0] == pytest.approx(0.10, abs=0.02)  # the trunk tilts a little more
    from psoas.body.kinematics import pose

    arm = pose(body, found[0.05].start).position[0, body.tree.segment("upper_arm_r"), 0]
    radius = body.skin_radius[0, body.tree.skin.index("upper_arm_r")]
    assert ends[0.05] == pytest.approx(arm + radius + 0.05, abs=0.005)


def test_a_pile_is_as_high_as_it_is_pressed_not_as_it_was_stacked():
    """A soft cushion on a bolster holds the chest lower than a hard block of the same height."""
    body = build(WOMAN)

    def chest(*props):
        found = rest(body, BOLSTERED, list(props))
        assert found.converged.all()
        centers = found.evaluation().touch.centers[0, :, 2]
        return float(centers[body.tree.skin.index("thorax_4_r")])

    bolster = prop("bolster", 0.10)
    alone, block, soft = (
        chest(bolster),
        chest(bolster, prop("block", 0.08)),
        chest(bolster, prop("pillow", 0.08, "shoulders")),
    )
    assert alone < soft < block - 0.01
    swapped = chest(prop("block", 0.08), bolster)
    assert swapped == pytest.approx(block, abs=0.01)


def test_a_higher_pile_bends_the_hips_and_slackens_the_psoas():
    found = [rest(build(WOMAN), BOLSTERED, [prop("bolster", h)]) for h in (0.05, 0.15, 0.25)]
    flexion = [value(one, "hip_flexion_right") for one in found]
    assert flexion[0] < flexion[1] < flexion[2]
    fiber = [value(one, "psoas_major_normalized_fiber_length_right") for one in found]
    assert fiber[0] > fiber[1] > fiber[2]


def test_the_calves_hold_on_the_seat_and_the_shanks_lie_level():
    found = rest(build(WOMAN), SEATED, [prop("chair", 0.40)])
    assert value(found, "support_force_calf_right") > 20.0
    assert value(found, "friction_demand_calf_right") <= found.conditions.friction[0] + 1e-6
    tibia = found.evaluation().pose.rotation[0, found.body.tree.segment("tibia_r")]
    assert abs(np.degrees(np.arcsin(tibia[2, 1]))) < 12.0
    support = found.support
    assert np.all(support.grip_height[0, :6] == 0.40) and np.all(support.grip_height[0, 6:] == 0.0)


def test_calves_that_a_slippery_seat_does_not_hold_slide():
    body = build(WOMAN)
    from psoas.placement import conditions

    given = conditions(body, SEATED, friction=0.2)
    found = rest(body, SEATED, [prop("chair", 0.44)], given)
    assert found.slipping[0] or value(found, "friction_demand_calf_right") <= given.friction[0] + 1e-6


def test_the_chair_can_stand_farther_away():
    near, far = (
        place(build(WOMAN), SEATED.with_values(seat_distance=d), [prop("chair", 0.40)]).prop_center[0, 0, 0]
        for d in (0.25, 0.30)
    )
    assert far - near == pytest.approx(0.05, abs=1e-9)


@pytest.mark.parametrize(
    ("where", "props", "said"),
    [
        (BOLSTERED, [], "bolstered has nothing under the shoulders and head; give something, such as a bolster"),
        (SEATED, [], "calves-on-chair has nothing under the calves; give something, such as a chair"),
        (position("supine"), [prop("bolster")], "bolster lies under the shoulders and head, where supine has nothing"),
        (BOLSTERED, [prop("bolster"), prop("chair")], "chair lies under the calves, where bolstered has nothing"),
        (SEATED, [prop("chair"), prop("chair")], "2 chairs stand under the calves; give one"),
        (SEATED, [prop("chair", 0.60)], r"chair thickness is 60 cm; .* reach 50 cm; give a lower seat"),
        (SEATED.with_values(seat_distance=0.9), [prop("chair")], "seat distance is 90 cm; .* these legs need"),
    ],
)
def test_what_cannot_be_is_one_sentence(where, props, said):
    with pytest.raises(InputError, match=said):
        place(build(WOMAN), where, props)


def test_gaps_are_to_what_lies_right_below():
    found = rest(build(WOMAN), replace(BOLSTERED, surface="floor"), furnished(BOLSTERED.under))
    free = value(found, "rib_gap_right")
    wide = BOLSTERED.with_values(edge=0.20)
    under = rest(build(WOMAN), wide, [prop("bolster")])
    assert value(under, "rib_gap_right") < 20.0 < free
