"""Bodies at rest: forces add up, invariances hold, friction keeps its law, and what fails says why."""

from dataclasses import fields, replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from psoas.body.build import build
from psoas.body.kinematics import LYING, pose
from psoas.body.model import stack
from psoas.body.skin import on_side
from psoas.equilibrium import RESIDUAL_FORCE, RESIDUAL_MOMENT, free_hessian, rest, settle
from psoas.errors import InputError
from psoas.person import Limb, Person
from psoas.placement import buttock_edge, conditions, grip_groups, place
from psoas.position import position
from psoas.props import furnished, prop
from psoas.quantities import measure
from psoas.validation.population import FLAT, POSITIONS, balance, describe, people

COUNT = 40
MILLIMETRE, DEGREE = 1e-3, np.deg2rad(1.0)
THOUSANDTH = 1e-3  # of the weight, the limit
SAME = 1e-6  # the limit on mirrored results, in each quantity's unit
BENT = position("constructive-rest")


def lie(body, where, given=(), **more):
    """At rest in a position, by name or with its parameters set, on whatever it needs beside what is given."""
    where = position(where) if isinstance(where, str) else where
    return rest(body, where, furnished(where.under, given), **more)


def lay(body, where):
    """Laid down there."""
    where = position(where) if isinstance(where, str) else where
    return place(body, where, furnished(where.under))


@pytest.fixture(scope="module", params=POSITIONS)
def population(request):
    """The first forty of the five hundred bodies of ``make validate``, all at once."""
    drawn = people(COUNT)
    return drawn, lie(stack([build(person) for person in drawn]), request.param)


# -- forty random bodies --------------------------------------------------------------------------------


def test_the_population_is_as_varied_as_promised():
    drawn = people(COUNT)
    assert drawn == people(500)[:COUNT]
    stature, bmi = np.array([(p.stature, p.bmi) for p in drawn]).T
    assert stature.min() < 1.45 and stature.max() > 1.98
    assert bmi.min() < 17.5 and bmi.max() > 38.5
    assert {p.sex for p in drawn} == {"female", "male"}
    assert {p.psoas_minor for p in drawn} == {True, False}
    tight = [limb.hip_flexor_shortening for p in drawn for limb in (p.left, p.right)]
    assert min(tight) < 0.02 and max(tight) > 0.33
    assert not any(p.warnings for p in drawn)


def test_ninety_nine_in_a_hundred_come_to_rest(population):
    drawn, found = population
    assert found.converged.mean() >= 0.99, [
        f"{describe(drawn[k])}: {found.messages[k]}" for k in np.flatnonzero(~found.converged)
    ]
    at_rest = found.converged
    assert found.residual_force[at_rest].max() < 1e-3  # [N]
    assert found.residual_moment[at_rest].max() < 1e-4  # [N m]
    assert (RESIDUAL_FORCE, RESIDUAL_MOMENT) == (1e-3, 1e-4)
    for converged, message in zip(found.converged, found.messages, strict=True):
        assert message.startswith("At rest" if converged else "No resting place was found:")
        assert message.endswith(".")


def test_the_forces_on_each_body_add_up(population):
    """From points and forces alone: gravity, floor and friction."""
    _, found = population
    sums = balance(found.take(np.flatnonzero(found.converged)))
    assert np.abs(sums.weight).max() < THOUSANDTH
    assert sums.force.max() < RESIDUAL_FORCE
    assert sums.moment.max() < RESIDUAL_MOMENT
    if found.position.id in FLAT:
        assert sums.center_of_pressure.max() < MILLIMETRE


def test_every_rest_is_a_minimum(population):
    """Not a saddle: every small motion would cost energy."""
    _, found = population
    assert np.linalg.eigvalsh(free_hessian(found)).min() > 0.0


def test_no_one_lies_impossibly(population):
    """On the back, limbs within their joints' ranges, nothing sunk into the floor."""
    drawn, found = population
    tree, at = found.body.tree, found.coordinates
    turned = at[:, tree.coordinate("pelvis", "rotation")]
    if found.position.on_side:  # the right one, and rolled a little onto the front
        assert np.all((turned > -125 * DEGREE) & (turned < -85 * DEGREE))
    else:
        assert np.abs(turned).max() < 15 * DEGREE
    assert np.abs(at[:, tree.coordinate("pelvis", "flexion")]).max() < 35 * DEGREE
    for end in ("_r", "_l"):
        knee = at[:, tree.coordinate("tibia" + end, "flexion")]
        assert knee.max() < 15 * DEGREE and knee.min() > -130 * DEGREE
        hip = at[:, tree.coordinate("femur" + end, "flexion")]
        assert hip.min() > -30 * DEGREE and hip.max() < 100 * DEGREE
    sunk = found.body.skin_radius - found.evaluation().touch.centers[..., 2]
    assert np.all(sunk < found.body.skin_thickness), describe(drawn[int(np.argmax(sunk.max(1)))])


# -- friction -------------------------------------------------------------------------------------------


def test_no_grip_carries_more_than_friction_can(population):
    """Feet and pelvis each at most the coefficient times what presses them down."""
    _, found = population
    now = found.evaluation()
    side = found.position.on_side
    for k, group in enumerate(grip_groups(side)):
        if (k < 2 and not found.position.legs_bent and not side) or (k == 1 and side):
            assert np.all(now.grip_force[:, group] == 0.0)
            continue
        limit = found.conditions.friction if k < 2 else found.conditions.trunk_friction
        upward = now.touch.floor + (now.touch.props * now.touch.prop_normal[..., 2]).sum(1)
        pressed = upward[:, found.support.grip_skin[group]].sum(1)
        carried = np.linalg.norm(now.grip_force[:, group].sum(1), axis=1)
        assert np.all(carried <= limit * pressed * (1.0 + 1e-4) + 1e-5)


def test_friction_acts_in_the_plane_of_the_floor_or_the_seat(population):
    _, found = population
    now = found.evaluation()
    carries = np.linalg.norm(now.grip_force, axis=-1) > 1e-6
    above = now.grip_points[..., 2] - found.support.grip_height
    assert np.abs(above[carries]).max() < 2e-4  # [m]


def heels(found):
    now, tree = found.evaluation(), found.body.tree
    rows = [tree.skin.index(name) for name in ("heel_r", "heel_l")]
    edge = buttock_edge(found.body, now.pose)[:, None]
    return now.touch.centers[:, rows, 0] - found.body.skin_radius[:, rows] - edge, now.touch.centers[:, rows, 1]


@pytest.mark.parametrize("distance", [0.25, 0.35, 0.45])
def test_the_heels_rest_at_the_distance_asked_for(lopsided, distance):
    found = rest(lopsided, BENT.with_values(heel_distance=distance))
    assert found.messages == ("At rest.",)
    assert heels(found)[0] == pytest.approx(distance, abs=0.1 * MILLIMETRE)


@pytest.mark.parametrize("width", [0.15, 0.30])
def test_the_feet_rest_as_wide_as_asked_for(average, width):
    found = rest(average, BENT.with_values(foot_width=width))
    assert found.messages == ("At rest.",)
    sideways = heels(found)[1][0]
    assert sideways[1] - sideways[0] == pytest.approx(width, abs=MILLIMETRE)


def test_the_feet_rest_flat_and_parallel(average):
    found = rest(average, BENT)
    frame, tree = found.evaluation().pose, average.tree
    for end in ("_r", "_l"):
        forward, up = frame.rotation[0, tree.segment("foot" + end)][:, :2].T
        assert abs(np.arctan2(forward[1], forward[0])) < 3 * DEGREE
        assert np.arccos(up[2]) < 3 * DEGREE


def test_the_heels_cannot_be_farther_than_the_legs_reach(average):
    with pytest.raises(InputError, match="these legs reach"):
        rest(average, BENT.with_values(heel_distance=0.8))


def test_on_a_smooth_floor_the_feet_slide_away(average):
    """With less friction than the legs ask for, every centimeter outward asks for more: no rest, and a sentence."""
    held = rest(average, BENT)
    demand = measure(held)["friction_demand_heel_left"].values[0]
    floor = held.conditions.friction[0]
    assert demand < floor
    smooth = rest(average, BENT, (), conditions(average, BENT, friction=0.8 * demand / floor))
    assert not smooth.converged[0]
    assert smooth.messages[0] == (
        "No resting place was found: the feet keep sliding, so this surface does not hold them at this distance."
    )


def test_heels_cannot_be_nearer_than_the_knees_fold(average):
    with pytest.raises(
        InputError, match=r"^heel distance is 6 cm; these knees fold to \d+ cm with the soles on the floor$"
    ):
        rest(average, BENT.with_values(heel_distance=0.06))


def slippery(body, position, coefficient):
    given = conditions(body, position)
    return replace(given, friction=np.full(body.count, coefficient))


@pytest.mark.parametrize("distance", [0.175, 0.19])
def test_feet_slide_until_the_floor_holds_them(average, distance):
    """Drawn in closer than about 25 cm they need more friction than a little farther away. Then the friction is what the
    floor can give, and the sentence says that they slid."""
    close = BENT.with_values(heel_distance=distance)
    held = rest(average, close)
    assert not held.slipping[0]
    coefficient = 0.97 * measure(held)["friction_demand_heel_left"].values[0]
    found = rest(average, close, (), slippery(average, close, coefficient))
    assert found.messages == ("At rest, after the feet slid from where they were placed.",)
    assert found.converged[0] and found.slipping[0]
    assert np.all(heels(found)[0] > distance + 0.5 * MILLIMETRE)
    demand = measure(found)["friction_demand_heel_left"].values[0]
    assert demand <= coefficient * 1.0001
    assert demand > 0.95 * coefficient  # they stop as soon as they can


def test_held_feet_do_not_slide_whatever_it_takes(average):
    close = BENT.with_values(heel_distance=0.18)
    given = conditions(average, close, feet_hold=True)
    found = rest(average, close, (), given)
    assert found.messages == ("At rest.",)
    assert heels(found)[0] == pytest.approx(0.18, abs=0.1 * MILLIMETRE)
    demand = measure(found)["friction_demand_heel_left"].values[0]
    assert rest(average, close, (), slippery(average, close, 0.97 * demand)).slipping[0]


# -- invariances ----------------------------------------------------------------------------------------


def swapped(name):
    for one, other in (("_left", "_right"), ("_right", "_left")):
        if name.endswith(one):
            return name.removesuffix(one) + other
    return name


def mirrored(where):
    """On the other side, if on any."""
    return where.with_values(side="left") if where.on_side else where


def differences(first, second, rename=lambda name: name):
    one, other = measure(first), measure(second)
    assert set(one) == {rename(name) for name in other}
    return {name: float(np.abs(one[name].values - other[rename(name)].values).max()) for name in one}


@pytest.mark.parametrize("name", POSITIONS)
def test_a_mirrored_person_gives_mirrored_results(name):
    """Twenty people of the population, each with one side tighter than the other, and one with a shorter leg."""
    drawn = [replace(person, psoas_minor=True) for person in people(20)]
    even = Person("male", 1.80, 75.0, psoas_minor=True)
    drawn.append(replace(even, left=Limb(0.2, leg_length=0.96 * even.expected_leg_length)))
    where = position(name)
    under = [prop("towel", under="between-knees" if where.on_side else "head")]
    here, there = (
        lie(stack([build(p) for p in group]), at, under)
        for at, group in ((where, drawn), (mirrored(where), [p.mirrored() for p in drawn]))
    )
    assert here.converged.all() and there.converged.all()
    apart = differences(here, there, swapped)
    assert max(apart.values()) < SAME, max(apart, key=apart.get)


@pytest.mark.parametrize("name", [name for name in POSITIONS if not position(name).on_side])
def test_a_symmetric_person_rests_symmetric(name):
    """Thin and heavy, short and tall."""
    drawn = [
        Person(sex, h, bmi * h * h)
        for sex in ("female", "male")
        for h in (1.50, 1.72, 1.95)
        for bmi in (17.0, 24.0, 34.0)
    ]
    found = lie(stack([build(p) for p in drawn]), name)
    assert found.converged.all()
    apart = differences(found, found, swapped)
    assert max(apart.values()) < SAME, max(apart, key=apart.get)


def moved(body, support, turn, way):
    """A support and its start, turned about the vertical and carried along the floor."""
    about = Rotation.from_euler("z", turn).as_matrix()
    start = support.start.copy()
    for member in range(body.count):
        root = about @ LYING @ Rotation.from_euler("ZXY", start[member, 3:6]).as_matrix()
        start[member, 3:6] = Rotation.from_matrix(LYING.T @ root).as_euler("ZXY")
        start[member, :3] = about @ start[member, :3] + [*way, 0.0]
    return replace(
        support,
        start=start,
        grip_anchor=support.grip_anchor @ about[:2, :2].T + np.array(way),
        prop_center=support.prop_center + np.array([way[0], 0.0]),
    )


@pytest.mark.parametrize("name", POSITIONS)
@pytest.mark.parametrize(("turn", "way"), [(0.0, (0.7, -0.4)), (0.5, (0.0, 0.0)), (2.5, (1.0, 2.0))])
def test_where_on_the_floor_and_which_way_round_changes_nothing(lopsided, name, turn, way):
    """Beyond what the solver leaves. What lies under a body is not turned: it has a width of no end, and one way to lie."""
    where = position(name)
    if where.under:
        turn = 0.0
    here = lie(lopsided, where, support=lay(lopsided, where))
    there = lie(lopsided, where, support=moved(lopsided, lay(lopsided, where), turn, way))
    assert there.converged[0]
    apart = differences(here, there)
    assert max(apart.values()) < SAME, max(apart, key=apart.get)


@pytest.mark.parametrize("name", POSITIONS)
def test_a_start_a_little_aside_ends_in_the_same_place(lopsided, name, rng):
    where = position(name)
    start = lay(lopsided, where).start
    aside = start.copy()
    aside[:, :3] += [0.03, -0.02, 0.01]
    aside[:, lopsided.tree.active[3:]] += rng.normal(size=lopsided.tree.active.size - 3) * 1.5 * DEGREE
    apart = differences(lie(lopsided, where, start=start), lie(lopsided, where, start=aside))
    assert max(apart.values()) < 0.02, max(apart, key=apart.get)  # friction holds where its history left it


@pytest.mark.parametrize("name", POSITIONS)
def test_a_search_from_the_average_rest_ends_where_one_from_the_start_does(lopsided, name):
    """But for feet that slid to where they just hold, by another way."""
    where = position(name)
    apart = differences(lie(lopsided, where), lie(lopsided, where, start=lay(lopsided, where).start))
    assert max(apart.values()) < 0.1, max(apart, key=apart.get)


@pytest.mark.parametrize("name", POSITIONS)
def test_a_rerun_is_bit_identical(lopsided, name):
    first, second = (lie(build(Person("male", 1.83, 88.0, right=Limb(0.15))), name) for _ in range(2))
    for field in fields(first):
        one, other = getattr(first, field.name), getattr(second, field.name)
        if isinstance(one, np.ndarray):
            assert np.array_equal(one, other), field.name
    assert first.messages == second.messages


def test_bodies_rest_together_as_they_do_alone(average, lopsided):
    """Up to how sums over a stack round."""
    both = rest(stack([average, lopsided]), BENT)
    for member, body in enumerate((average, lopsided)):
        alone = rest(body, BENT)
        assert alone.coordinates[0] == pytest.approx(both.coordinates[member], abs=1e-7)
        assert alone.messages[0] == both.messages[member]
        assert both.take([member]).coordinates[0] == pytest.approx(both.coordinates[member], abs=0.0)


def test_a_given_support_is_left_as_it_was(average):
    support = place(average, BENT)
    arrays = {f.name: a for f in fields(support) if isinstance(a := getattr(support, f.name), np.ndarray)}
    before = {name: array.copy() for name, array in arrays.items()}
    rest(average, BENT, support=support)
    for name, was in before.items():
        assert np.array_equal(getattr(support, name), was), name


# -- the solver -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", POSITIONS)
def test_within_one_friction_state_the_energy_never_rises(name):
    bodies = stack([build(person) for person in people(10)])
    bodies = on_side(bodies) if position(name).on_side else bodies
    support = lay(bodies, name)
    found, _ = settle(bodies, support, support.start)
    assert found.converged.all()
    energies = np.array(found.energies)
    assert energies.shape[0] > 5
    assert np.all(np.diff(energies, axis=0) <= 1e-11 * np.abs(energies[:-1]))  # rounding


def test_props_lift_the_head(average):
    flat, raised = rest(average, position("supine")), rest(average, position("supine"), [prop("pillow", 0.10)])
    assert raised.converged[0]
    head = average.tree.skin.index("occiput")
    rise = (raised.evaluation().touch.centers - flat.evaluation().touch.centers)[0, head, 2]
    assert 0.03 < rise < 0.10  # the pillow gives way
    assert measure(raised)["support_force_head"].values[0] > 20.0
    assert balance(raised).moment[0] < RESIDUAL_MOMENT


@pytest.mark.parametrize("surface", ["mat", "mattress"])
@pytest.mark.parametrize("name", POSITIONS)
def test_softer_surfaces_carry_a_body_too(average, name, surface):
    """And leave less room under the small of the back."""
    hard, soft = lie(average, name), lie(average, position(name).with_values(surface=surface))
    assert soft.converged[0]
    assert balance(soft).moment[0] < RESIDUAL_MOMENT
    if not position(name).on_side:
        assert measure(soft)["lumbar_gap"].values[0] < measure(hard)["lumbar_gap"].values[0]


def test_out_of_rounds_there_is_a_sentence_and_no_claim(average, monkeypatch):
    monkeypatch.setattr("psoas.equilibrium.ROUNDS", 0)
    found = rest(average, BENT)
    assert not found.converged[0]
    assert found.messages == ("No resting place was found: the solver did not bring the unbalanced moments to zero.",)


def test_the_root_slides_only_where_nothing_holds_it(average):
    """The pelvis stays where it was laid, to the give of skin and cloth."""
    for name in POSITIONS:
        if position(name).on_side:
            continue  # there it rolls
        found = lie(average, name)
        start = pose(average, found.support.start).position[0, 0]
        assert np.abs(found.evaluation().pose.position[0, 0, 1] - start[1]) < MILLIMETRE
