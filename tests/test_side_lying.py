"""Bodies on their side: one leg on the other, what holds and what rolls, mirror, balance, derivatives, a second opinion."""

import json
from dataclasses import fields, replace

import mujoco
import numpy as np
import pytest
import shapely
import shapely.affinity

from psoas import drawing, mjcf
from psoas.body.build import build
from psoas.body.model import stack, take
from psoas.body.skin import on_side
from psoas.body.variation import Variation
from psoas.cli import main
from psoas.energy import evaluate
from psoas.equilibrium import RESIDUAL_MOMENT, free_hessian, rest, settle
from psoas.errors import InputError
from psoas.mechanics.contact import foundation_coefficient, pair_coefficient, press
from psoas.person import Limb, Person
from psoas.placement import LEG_ON_LEG, conditions, grip_groups, place
from psoas.position import position
from psoas.props import furnished, prop
from psoas.quantities import measure
from psoas.uncertainty import changes, estimate
from psoas.validation.population import balance, describe, people
from psoas.weights import weight

SIDE = position("side-lying")
WOMAN = Person("female", 1.72, 68.0)
LOPSIDED = Person("male", 1.80, 84.0, left=Limb(hip_flexor_shortening=0.25), right=Limb(hip_flexor_shortening=0.05))
PILLOW = prop("pillow", 0.10, "between-knees")
UNDER = {
    "leg on leg": [],
    "a pillow between": [PILLOW],
    "a pile between": [prop("block", 0.05, "between-knees"), PILLOW],
}
MILLIMETER, DEGREE = 1e-3, np.deg2rad(1.0)
AGREES, STEP = 1e-8, 2e-6  # of derivatives, relative to the largest entry; as for the other positions


def lie(body, where=SIDE, given=(), **more):
    return rest(body, where, furnished(where.under, given), **more)


def value(found, name):
    return float(measure(found)[name].values[0])


@pytest.fixture(scope="module", params=UNDER, ids=list(UNDER))
def lying(request):
    found = lie(stack([build(WOMAN), build(LOPSIDED)]), given=UNDER[request.param])
    assert found.converged.all(), found.messages
    return found


# -- the skin of the sides ------------------------------------------------------------------------------


def test_the_sides_have_skin_that_no_one_on_the_back_carries_about():
    body = build(WOMAN)
    assert set(body.tree.flank).isdisjoint(body.tree.skin)
    for name in ("supine", "constructive-rest", "bolstered", "calves-on-chair"):
        where = position(name)
        found = rest(body, where, furnished(where.under))
        assert found.body.tree is body.tree
        assert found.support.pairs is None and found.evaluation().legs is None
    aside = on_side(body)
    assert aside.tree.skin == body.tree.skin + body.tree.flank
    assert on_side(aside) is aside
    assert on_side(body).tree is aside.tree  # one tree for all
    assert aside.skin_center.shape == (1, len(aside.tree.skin), 3)


def test_a_body_is_as_broad_as_it_was_measured():
    """Of the average adult, by the rows of ANSUR II that the sides are made from."""
    body = on_side(build(WOMAN))
    tree = body.tree
    reach = lambda name: abs(body.skin_center[0, tree.skin.index(name), 2]) + body.skin_radius[0, tree.skin.index(name)]  # noqa: E731
    hip = body.joint_position[0, tree.segment("femur_r"), 2]
    assert 2 * (reach("trochanter_r") + hip) == pytest.approx(WOMAN.anthropometry("hipbreadth"), abs=1e-9)
    assert 2 * reach("temple_l") == pytest.approx(WOMAN.anthropometry("headbreadth"), abs=1e-9)
    assert 2 * reach("ankle_r") == pytest.approx(WOMAN.anthropometry("bimalleolarbreadth"), abs=1e-9)
    assert 2 * reach("side_rib_2_front_r") == pytest.approx(WOMAN.anthropometry("chestbreadth"), abs=0.02)
    broad = on_side(build(replace(WOMAN, hip=1.15)))
    k = tree.skin.index("trochanter_r")
    assert broad.skin_center[0, k, 2] > body.skin_center[0, k, 2] + 0.01


def test_the_sides_differ_within_an_ensemble():
    thin, thick = (on_side(build(WOMAN, Variation(flank=z))) for z in (-2.0, 2.0))
    k = thin.tree.skin.index("shoulder_r")
    assert thick.skin_thickness[0, k] > 2.0 * thin.skin_thickness[0, k]
    broad = on_side(build(WOMAN, Variation(breadth=(1.0, 1.0, 1.0, 1.0))))
    plain = on_side(build(WOMAN))
    for name, more in (("shoulder_r", 0.010), ("trochanter_r", 0.5 * 0.0148), ("waist_L4_r", 0.5 * 0.0181)):
        k = broad.tree.skin.index(name)  # the spreads of skin.csv, and of ANSUR II's women about stature and mass
        assert broad.skin_center[0, k, 2] - plain.skin_center[0, k, 2] == pytest.approx(more, abs=2e-4)


# -- one leg on the other ------------------------------------------------------------------------------


def test_two_like_patches_give_way_twice_as_far_as_one_on_a_floor():
    """Closed form: each meets the plane between them as it would meet a floor with half of what lies between."""
    radius, modulus, thickness, between = np.array([0.06]), np.array([6e4]), np.array([0.03]), 7e-6
    pair = pair_coefficient((radius, radius), (modulus, modulus), (thickness, thickness), between)
    one = foundation_coefficient(radius, modulus, thickness, between / 2.0)
    assert pair == pytest.approx(one / 4.0)  # F = one d^2 = pair (2 d)^2
    on_flat = pair_coefficient((radius, 1e6 * radius), (modulus, modulus), (thickness, 0.0 * thickness))
    assert on_flat == pytest.approx(foundation_coefficient(radius, modulus, thickness), rel=1e-5)


def test_a_leg_presses_as_deep_as_it_lies_in_the_other(lying):
    legs, pairs, body = lying.evaluation().legs, lying.support.pairs, lying.body
    upper, lower = pairs.skin.T
    apart = np.linalg.norm(
        lying.evaluation().touch.centers[:, upper] - lying.evaluation().touch.centers[:, lower], axis=-1
    )
    depth = body.skin_radius[:, upper] + body.skin_radius[:, lower] + pairs.thickness - apart
    assert legs.force == pytest.approx(press(depth, pairs.coefficient, pairs.limit).force)
    assert np.all(legs.force.sum(1) > 40.0)  # a good part of a leg
    assert np.all(depth < pairs.limit)


def test_a_pillow_lies_about_the_knees_and_not_at_the_feet():
    support = place(build(WOMAN), SIDE, [prop("pillow"), PILLOW])
    between = dict(zip(LEG_ON_LEG, support.pairs.thickness[0], strict=True))
    assert between["thigh_5"] == between["calf_1"] == 0.10
    assert between["heel"] == between["calf_4"] == 0.0


def test_a_pillow_holds_the_knees_apart():
    knees = []
    for given in ([], [prop("pillow", 0.05, "between-knees")], [PILLOW], [prop("block", 0.10, "between-knees")]):
        found = lie(build(WOMAN), given=given)
        at = found.evaluation().touch.centers[0]
        knees.append(at[found.body.tree.skin.index("thigh_5_l"), 2] - at[found.body.tree.skin.index("thigh_5_r"), 2])
    assert np.all(np.diff(knees) > 0.005)
    assert knees[-1] - knees[0] == pytest.approx(0.10, abs=0.03)  # a block hardly gives way


def test_legs_that_are_clear_of_each_other_do_not_stick(lying):
    pairs, legs = lying.support.pairs, lying.evaluation().legs
    clear = legs.force <= 0.0
    assert np.all(pairs.stiffness[clear] == 0.0)
    assert np.all(legs.friction[clear] == 0.0)
    assert (pairs.stiffness[~clear] > 0.0).any()


def test_friction_between_the_legs_is_across_and_within_what_they_press_with(lying):
    legs = lying.evaluation().legs
    along = np.abs(np.sum(legs.friction * legs.normal, -1))
    assert along.max() < 0.02  # [N]
    total = np.linalg.norm(legs.friction.sum(1), axis=-1)
    assert np.all(total <= lying.conditions.friction * legs.force.sum(1) * (1.0 + 1e-4) + 1e-4)


def test_what_lies_on_the_floor_sticks_within_what_presses_it(lying):
    now, support = lying.evaluation(), lying.support
    upward = now.touch.floor + (now.touch.props * now.touch.prop_normal[..., 2]).sum(1)
    for k, group in enumerate(grip_groups(on_side=True)):
        carried = np.linalg.norm(now.grip_force[:, group].sum(1), axis=-1)
        limit = lying.conditions.friction if k < 2 else lying.conditions.trunk_friction
        assert np.all(carried <= limit * upward[:, support.grip_skin[group]].sum(1) * (1.0 + 1e-4) + 1e-4)
    loose = upward[:, support.grip_skin] <= 0.0
    assert np.all(now.grip_force[loose] == 0.0)


# -- balance, mirror, invariance -----------------------------------------------------------------------


def test_the_floor_carries_the_weight_and_nothing_turns_the_body(lying):
    """One leg on the other adds nothing from outside, so that the floor's forces alone must balance."""
    sums = balance(lying)
    assert np.abs(sums.weight).max() < 1e-9
    assert sums.force.max() < 1e-6
    assert sums.moment.max() < RESIDUAL_MOMENT
    assert sums.center_of_pressure.max() < 1e-6  # the pillow under the head pushes straight up as well


def test_every_rest_is_a_minimum(lying):
    assert np.linalg.eigvalsh(free_hessian(lying)).min() > 0.1


@pytest.mark.parametrize("given", UNDER.values(), ids=list(UNDER))
@pytest.mark.parametrize("arms", ["front", "hip"])
def test_on_the_left_they_lie_as_their_mirror_image_on_the_right(given, arms):
    where = SIDE.with_values(arms=arms)
    right, left = (
        lie(build(who), where.with_values(side=side), given)
        for who, side in ((LOPSIDED, "right"), (LOPSIDED.mirrored(), "left"))
    )
    assert right.converged[0] and left.converged[0]
    target, sign = right.body.tree.mirror
    assert (right.coordinates * sign)[:, target] == pytest.approx(left.coordinates, abs=1e-9)
    for name in ("pelvis_roll", "thorax_roll", "lumbar_side_bend", "leg_on_leg_force", "support_force_shoulder"):
        assert value(right, name) == pytest.approx(value(left, name), abs=1e-6)
    for name in ("psoas_major_length", "hip_flexion", "support_force_thigh"):
        assert value(right, f"{name}_left") == pytest.approx(value(left, f"{name}_right"), abs=1e-6)


def test_even_a_symmetric_person_does_not_lie_symmetric():
    found = lie(build(WOMAN), given=[PILLOW])
    assert value(found, "support_force_thigh_right") > 100.0 > value(found, "support_force_thigh_left")
    assert value(found, "hip_flexion_right") > value(found, "hip_flexion_left") + 1.0


def test_bodies_rest_together_as_they_do_alone(lying):
    for member, who in enumerate((WOMAN, LOPSIDED)):
        alone = rest(build(who), SIDE, support=None, props=[prop("pillow"), *_between(lying)])
        assert alone.coordinates[0] == pytest.approx(lying.coordinates[member], abs=1e-7)


def _between(found):
    """What lay between the knees of a fixture's bodies."""
    return next(
        given for given in UNDER.values() if sum(p.thickness for p in given) == found.support.pairs.thickness.max()
    )


def test_carried_and_turned_on_the_floor_they_weigh_as_much(lying):
    """Energy, and how it changes; with a pillow under the head as wide as the floor."""
    wide = replace(lying.support, prop_half_size=lying.support.prop_half_size + [5.0, 0.0])
    here = evaluate(lying.body, wide, lying.coordinates)
    turn, way = 0.7, np.array([0.4, -0.9, 0.0])
    about = np.array([[np.cos(turn), -np.sin(turn), 0.0], [np.sin(turn), np.cos(turn), 0.0], [0.0, 0.0, 1.0]])
    from scipy.spatial.transform import Rotation

    from psoas.body.kinematics import LYING

    at = lying.coordinates.copy()
    for member in range(lying.body.count):
        root = about @ LYING @ Rotation.from_euler("ZXY", at[member, 3:6]).as_matrix()
        at[member, 3:6] = Rotation.from_matrix(LYING.T @ root).as_euler("ZXY")
        at[member, :3] = about @ at[member, :3] + way
    # Grips are as stiff along as across on the side, so that turning their marks turns all of it.
    assert np.all(wide.grip_stiffness[..., 0] == wide.grip_stiffness[..., 1])
    turned = replace(
        wide,
        grip_anchor=wide.grip_anchor @ about[:2, :2].T + way[:2],
        prop_center=wide.prop_center + [way[0], 0.0],
        pairs=replace(wide.pairs, normal=wide.pairs.normal @ about.T),
    )
    there = evaluate(lying.body, turned, at)
    assert there.energy == pytest.approx(here.energy, abs=1e-9)
    assert np.abs(there.gradient[:, lying.body.tree.active]).max() < 1e-4
    assert there.legs.force == pytest.approx(here.legs.force, abs=1e-9)


def test_laid_down_the_energy_never_rises():
    bodies = on_side(stack([build(person) for person in people(6)]))
    support = place(bodies, SIDE, [prop("pillow"), PILLOW])
    found, _ = settle(bodies, support, support.start)
    energies = np.array(found.energies)
    assert found.converged.all() and energies.shape[0] > 5
    assert np.all(np.diff(energies, axis=0) <= 1e-11 * np.abs(energies[:-1]))


# -- derivatives ---------------------------------------------------------------------------------------


def differences(of, count):
    """Fourth-order central differences of ``of``, which takes steps (n, count) all at once."""
    steps = np.concatenate([sign * STEP * np.eye(count) for sign in (1.0, -1.0, 2.0, -2.0)])
    near, less, far, far_less = np.split(of(steps), 4)
    return (8.0 * (near - less) - (far - far_less)) / (12.0 * STEP)


def posture(body, support, seed):
    """Near the start, legs pressed and dragged across each other, no skin just about to touch."""
    rng, active = np.random.default_rng(seed), body.tree.active
    for _ in range(300):
        at = support.start.copy()
        at[:, active] += rng.normal(size=active.size) * 0.05
        now = evaluate(body, support, at, second=False)
        clear = np.abs(now.touch.centers[..., 2] - body.skin_radius) > 10 * STEP
        aside = np.abs(now.touch.centers[:, None][..., [0, 2]] - support.prop_center[:, :, None])
        clear &= np.all(np.abs(aside - support.prop_half_size[:, :, None]) > 10 * STEP, axis=(1, 3))
        upper, lower = support.pairs.skin.T
        reach = body.skin_radius[:, upper] + body.skin_radius[:, lower] + support.pairs.thickness
        if clear.all() and np.all(np.abs(reach - now.legs.distance) > 10 * STEP) and now.legs.force.max() > 5.0:
            return at
    pytest.fail("no such posture was drawn")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("arms", ["front", "hip"])
def test_derivatives_agree_with_differences(seed, arms):
    body = on_side(build(LOPSIDED))
    support = place(body, SIDE.with_values(arms=arms), [prop("pillow"), PILLOW])
    at = posture(body, support, seed)
    now, active = evaluate(body, support, at), body.tree.active
    assert np.linalg.norm(now.legs.friction, axis=-1).max() > 5.0
    rows = np.zeros(4 * at.shape[1], dtype=np.intp)
    many, held = body.take(rows), take(support, rows)
    slope = differences(lambda d: evaluate(many, held, at[rows] + d, second=False).energy, at.shape[1])
    assert np.abs(slope - now.gradient[0]).max() < AGREES * np.abs(now.gradient).max()
    slope = differences(lambda d: evaluate(many, held, at[rows] + d, second=False).gradient, at.shape[1])
    assert np.abs(slope[np.ix_(active, active)] - now.hessian[0]).max() < AGREES * np.abs(now.hessian).max()
    assert np.abs(now.hessian[0] - now.hessian[0].T).max() < 1e-12 * np.abs(now.hessian).max()


def test_one_leg_pulls_the_other_as_it_is_pulled():
    """What one leg does to the other pushes no body as a whole, and turns none by what presses."""
    body = on_side(build(WOMAN))
    support = place(body, SIDE, [prop("pillow"), PILLOW])
    at = posture(body, support, 5)
    without = replace(support, pairs=None)
    both, alone = (evaluate(body, s, at, second=False) for s in (support, without))
    assert np.abs(both.gradient[0, :3] - alone.gradient[0, :3]).max() < 1e-9
    only_press = replace(support, pairs=replace(support.pairs, stiffness=0.0 * support.pairs.stiffness))
    pressed = evaluate(body, only_press, at, second=False)
    assert pressed.legs.force.sum() > 5.0
    assert np.abs(pressed.gradient[0, :6] - alone.gradient[0, :6]).max() < 1e-9


# -- many bodies ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [[], [PILLOW]], ids=["leg on leg", "a pillow between"])
def test_random_bodies_come_to_rest_on_their_side(given):
    drawn = people(40)
    found = lie(stack([build(person) for person in drawn]), given=given)
    assert found.converged.all(), [
        f"{describe(drawn[k])}: {found.messages[k]}" for k in np.flatnonzero(~found.converged)
    ]
    assert balance(found).moment.max() < RESIDUAL_MOMENT
    assert np.linalg.eigvalsh(free_hessian(found)).min() > 0.1
    roll = measure(found)["pelvis_roll"].values
    assert roll.min() > -10.0 and roll.max() < 45.0


def test_mujoco_comes_to_the_same_rest(lying):
    for member in range(lying.body.count):
        there = mjcf.settle(lying.take([member])).rest
        assert there is not None and there.agrees
        assert there.turn_difference < 0.005 * DEGREE
        assert there.force_difference < 0.05  # [N]


def test_mujoco_settles_a_light_foot_on_the_other():
    """With long steps alone it hops from one to the next for ever."""
    thin = next(person for person in people(100) if person.bmi < 16.3 and person.sex == "male")
    there = mjcf.settle(lie(build(thin)))
    assert there.rest is not None and there.rest.agrees, there.message


def test_the_exported_file_has_one_leg_on_the_other(lying):
    model = mujoco.MjModel.from_xml_string(mjcf.to_xml(lying))
    names = {
        model.geom(a).name + " " + model.geom(b).name for a, b in zip(model.pair_geom1, model.pair_geom2, strict=True)
    }
    assert {"skin_thigh_5_r skin_thigh_5_l", "skin_thigh_5_l skin_thigh_5_r"} & names
    assert any(model.tendon(k).name.startswith("legs_") for k in range(model.ntendon))


# -- named results -------------------------------------------------------------------------------------


def test_with_the_legs_hardly_bent_and_much_between_them_it_rolls_onto_its_front():
    straight = SIDE.with_values(hip_flexion=np.deg2rad(20.0), knee_flexion=np.deg2rad(20.0))
    found = lie(build(WOMAN), straight, [prop("pillow", 0.15, "between-knees")])
    assert not found.converged[0]
    assert found.messages[0] == (
        "No resting place was found: this body does not stay on its side with the legs like that and rolls onto its front."
    )
    answer = estimate(WOMAN, straight, furnished(SIDE.under, [prop("pillow", 0.15, "between-knees")]), members=4)
    assert answer.status == "not_converged" and not answer.quantities


@pytest.mark.parametrize(
    ("share", "between", "said"),
    [
        (0.3, [], "At rest, after the legs slid from where they were placed."),
        (0.2, [PILLOW], "No resting place was found: the upper leg keeps sliding off what it lies on."),
        (0.05, [], "No resting place was found: the trunk keeps sliding, so this surface does not hold it."),
    ],
)
def test_on_a_slippery_floor_what_slides_is_named(share, between, said):
    """As little as none of props.csv has."""
    body = build(Person("female", 1.72, 68.0))
    found = rest(body, SIDE, [prop("pillow"), *between], conditions(body, SIDE, friction=share))
    assert found.messages == (said,)
    assert found.converged[0] == said.startswith("At rest")
    assert found.slipping[0]


@pytest.mark.parametrize(
    ("where", "props", "said"),
    [
        (SIDE, [], "^side-lying has nothing under the head; give something, such as a pillow$"),
        (
            SIDE,
            [prop("pillow"), prop("bolster")],
            "bolster lies under the shoulders and head, where side-lying has nothing",
        ),
        (position("supine"), [PILLOW], "pillow lies between the knees, where supine has nothing"),
    ],
)
def test_what_cannot_be_is_one_sentence(where, props, said):
    with pytest.raises(InputError, match=said):
        place(build(WOMAN), where, props)


def test_numbers_and_words_that_cannot_be():
    with pytest.raises(InputError, match="^side is 'up'; give right or left$"):
        SIDE.with_values(side="up")
    with pytest.raises(InputError, match="^hip flexion is 120 deg; give 20 to 90 deg$"):
        SIDE.with_values(hip_flexion=np.deg2rad(120.0))
    with pytest.raises(InputError, match="^chair lies between the knees; only|^chair lies between the knees; a chair"):
        prop("chair", under="between-knees")
    with pytest.raises(InputError, match="between-knees$"):
        prop("pillow", under="knee")
    with pytest.raises(InputError, match="^2 kg lie on the belly, where nothing carries them on the side; leave"):
        estimate(WOMAN, SIDE, furnished(SIDE.under), weights=[weight("belly", 2.0)], members=0)


# -- what is told --------------------------------------------------------------------------------------


def test_what_makes_no_sense_on_the_side_is_not_told(lying):
    names = set(measure(lying))
    assert not {"lumbar_gap", "rib_gap_left", "thigh_gap_left", "pelvic_tilt", "lateral_stiffness_demand_left"} & names
    assert {"pelvis_roll", "thorax_roll", "lumbar_side_bend", "leg_on_leg_force", "friction_demand_upper_leg"} <= names
    assert {"lumbar_lordosis", "psoas_major_passive_force_left", "compression_L5_S1", "support_force_hip"} <= names
    total = measure(lying)["support_force_total"].values
    assert total == pytest.approx(lying.body.weight, abs=1e-6)


def test_a_mattress_lets_shoulder_and_hip_sink_in_and_carries_more_of_what_lies_between():
    hard, soft = (lie(build(WOMAN), SIDE.with_values(surface)) for surface in ("floor", "mattress"))
    assert soft.converged[0]
    assert value(soft, "lumbar_side_bend") < value(hard, "lumbar_side_bend")
    assert value(soft, "support_force_shoulder") < value(hard, "support_force_shoulder") - 10.0
    chest = [value(found, "support_force_waist") + value(found, "support_force_side") for found in (hard, soft)]
    assert chest[1] > chest[0] + 5.0


def test_an_answer_with_its_ranges():
    props = furnished(SIDE.under, [PILLOW])
    answer = estimate(WOMAN, SIDE, props, members=12)
    assert answer.status == "converged" and len(answer.members) == 12
    told = answer.quantities
    for name in ("lumbar_lordosis", "psoas_major_length_left", "support_force_shoulder", "leg_on_leg_force"):
        assert told[name].low < told[name].value < told[name].high
    straight = estimate(WOMAN, position("supine"), members=12)
    found = changes(straight, answer)
    assert found["psoas_major_length_left"].sure and found["psoas_major_length_left"].quantity.value < -10.0
    assert "lumbar_gap" not in found
    for field in fields(answer.typical.support):
        leaning = field.name == "prop_angle"  # of a chair's boards: what lies on the side leans on none
        assert (getattr(answer.typical.support, field.name) is None) == leaning


def test_the_command_line_end_to_end(tmp_path, capsys):
    who = ["--sex", "female", "--stature", "172", "--mass", "68", "--members", "0"]
    words = [
        "rest",
        *who,
        "--position",
        "side-lying",
        "--prop",
        "pillow=10@between-knees",
        "--set",
        "side=left",
        "--json",
    ]
    with pytest.raises(SystemExit) as left:
        main(words)
    told = json.loads(capsys.readouterr().out)
    assert left.value.code == 0
    assert told["position"]["values"]["side"] == "left"
    assert {(p["id"], p["under"]) for p in told["props"]} == {("pillow", "between-knees"), ("pillow", "head")}
    assert told["quantities"]["leg_on_leg_force"]["value"] > 40.0
    with pytest.raises(SystemExit) as left:
        main(words[:-1])
    out = capsys.readouterr().out
    assert left.value.code == 0
    assert "on the left side" in out and "between the knees" in out and "Upper leg on the lower" in out
    assert "Small of the back" not in out and "Gaps" not in out
    with pytest.raises(SystemExit) as left:
        main(["set-up", *who[:-2], "--position", "side-lying"])
    captured = capsys.readouterr()
    assert left.value.code == 2 and captured.err.count("\n") == 1 and "nothing to search yet" in captured.err


# -- the picture ---------------------------------------------------------------------------------------


def test_seen_from_above_left_is_the_mirror_image_of_right():
    right, left = (
        drawing.figure(lie(build(who), SIDE.with_values(side=side), [PILLOW]))
        for who, side in ((LOPSIDED, "right"), (LOPSIDED.mirrored(), "left"))
    )
    for view in (drawing.SIDE, drawing.FRONT):
        one, other = (drawing.silhouette(fig, view) for fig in (right, left))
        flipped = shapely.affinity.scale(one, -1.0, 1.0, origin=(0.0, 0.0))
        assert flipped.symmetric_difference(other).area < 1e-3 * other.area
    head = lambda fig: float(fig.frame.position[0, fig.body.tree.segment("head"), 0])  # noqa: E731
    assert head(right) > 0.3 and head(left) < -0.3


def test_the_picture_turns_the_body_and_changes_nothing_of_it():
    found = lie(build(LOPSIDED), given=[PILLOW])
    fig, state = drawing.figure(found), found.evaluation()
    assert fig.paths.length == pytest.approx(state.paths.length, abs=1e-12)
    # Up in the world is toward who looks down, and what is nearest there is the side that lies up.
    height = state.pose.position[0, :, 2]
    assert drawing.SIDE.depth(fig.frame.position[0]) == pytest.approx(height, abs=1e-12)
    assert fig.near == "_l"
    # From the front it stands on the floor.
    low = drawing.silhouette(fig, drawing.FRONT).bounds[1]
    assert low == pytest.approx(0.0, abs=0.002)
    thigh = found.body.tree.segment("femur_l")
    assert drawing.FRONT.flat(fig.frame.position[0, thigh])[1] == pytest.approx(height[thigh], abs=1e-12)


def test_the_plate_says_what_it_shows():
    plate = drawing.draw(lie(build(WOMAN), given=[PILLOW]), labels={"under_between-knees": "pillow 10 cm"}, fonts=False)
    assert "seen from above, lying on its right side on the floor, head to the right" in plate.words
    assert "A second view from the front" in plate.words
    assert "from the front" in plate.svg and "between the knees: pillow 10 cm" in plate.svg
    assert "under the small of the back" not in plate.words


def test_pictures_come_from_the_command_line(tmp_path, capsys):
    who = ["--sex", "female", "--stature", "172", "--mass", "68", "--members", "4"]
    for words in (
        ["rest", *who, "--position", "side-lying", "--prop", "towel@between-knees"],
        ["compare", *who, "--positions", "side-lying"],
    ):
        path = tmp_path / f"{words[0]}.svg"
        with pytest.raises(SystemExit) as left:
            main([*words, "--picture", str(path)])
        out = capsys.readouterr().out
        assert left.value.code == 0 and path.read_text(encoding="utf-8").startswith("<svg")
        assert "Pelvis bears" not in out


def test_scaled_numbers_have_a_sentence_for_the_side():
    from psoas.advice import scaled

    props = [prop("pillow"), PILLOW]
    said = scaled.set_up(WOMAN, SIDE, props).sentence()
    assert said.startswith("On your right side on the floor, hips and knees bent")
    assert "under your head" in said and "between your knees" in said
