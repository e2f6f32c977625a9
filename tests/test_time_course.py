"""Minutes of rest: energy only falls, the first moment is the resting body, the last one that of tissue long held."""

import json
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psoas import cli, mjcf
from psoas import time_course as room
from psoas.body.build import build
from psoas.body.model import stack
from psoas.cli import main
from psoas.energy import evaluate
from psoas.equilibrium import rest, settle
from psoas.errors import InputError
from psoas.mechanics.relaxation import remaining
from psoas.person import Limb, Person
from psoas.position import position
from psoas.props import furnished
from psoas.quantities import measure
from psoas.time_course import (
    drawn_law,
    flowed,
    giving_way,
    long_held,
    moments,
    run,
    time_course,
    usual_law,
)
from psoas.uncertainty import estimate
from psoas.validation import population
from psoas.validation.population import people

DEGREE, MILLIMETER, NEWTON = 1.0, 1.0, 1.0  # of quantities, which are in these units
SAME = 1e-6  # the limit on mirrored results, in each quantity's unit
ROUNDING = 1e-9  # of energies of some 100 J, resting within 1e-6 N·m [J]
WOMAN = Person("female", 1.72, 68.0)
TIGHT = Person("male", 1.83, 88.0, tone=0.01, left=Limb(0.25), right=Limb(0.10))
POSITIONS = ("supine", "constructive-rest")
EVERY = population.POSITIONS
HOUR = 3600.0


@pytest.fixture(scope="module", params=POSITIONS)
def lying(request):
    """Three people at rest: average, lopsided with some tone, and small."""
    found = lie(stack([build(p) for p in (WOMAN, TIGHT, Person("female", 1.52, 47.0))]), request.param)
    assert found.converged.all()
    return found


@pytest.fixture(scope="module", params=POSITIONS)
def answer(request):
    return estimate(TIGHT, position(request.param), members=8, alternatives=False)


@pytest.fixture(scope="module")
def course(answer):
    return time_course(answer, 20.0, members=6)


def lie(body, where):
    """At rest in a position, on what it needs."""
    where = position(where) if isinstance(where, str) else where
    return rest(body, where, furnished(where.under))


def value(state, name):
    return measure(state)[name].values


# -- the law ------------------------------------------------------------------------------------------


def test_held_at_one_length_fibers_keep_what_the_prony_series_says(lying):
    """In any number of steps."""
    law = usual_law(lying.body)
    length = lying.evaluation().muscle.fiber_length
    ends = []
    for steps in (1, 7):
        body = giving_way(lying.body, law)
        for _ in range(steps):
            body = flowed(body, law, lying.coordinates, length, 300.0 / steps)
        at = length / body.optimal_fiber_length
        curve = room.passive_fiber_curve
        shape, strain, start = (x[..., None] for x in (body.passive_shape, body.passive_strain, body.passive_start))
        parts = curve(at[..., None] - body.passive_flow, shape, strain, start).force
        ends.append(np.sum(body.passive_share * parts, -1))
    whole = curve(at, body.passive_shape, body.passive_strain, body.passive_start).force
    left = remaining(300.0, law.muscle_share, law.muscle_time)[:, None]
    assert (whole > 1e-3).sum() > 10  # some of these muscles pull
    for found in ends:
        assert found == pytest.approx(whole * left, rel=1e-8, abs=1e-12)


def test_only_spine_and_hip_bending_give_way_beside_muscle(lying):
    names = np.array(lying.body.tree.coordinates)[(usual_law(lying.body).joint_share > 0.0).all(0)]
    assert len(names) == 6 * 3 + 2
    assert {n.rsplit("_", 1)[0] for n in names} == {"L5", "L4", "L3", "L2", "L1", "T12", "femur_r", "femur_l"}


def test_the_same_member_draws_the_same_law(lying):
    one, other = drawn_law(lying.body, [4, 9, 2]), drawn_law(lying.body, [9, 4, 2])
    for name in vars(one):
        assert np.array_equal(getattr(one, name)[[1, 0, 2]], getattr(other, name))
    many = build(WOMAN).take(np.zeros(200, dtype=int))
    drawn = drawn_law(many, range(200))
    lost = drawn.muscle_share.sum(1)
    assert np.percentile(lost, [5, 95]) == pytest.approx([0.25, 0.52], abs=0.05)  # what was read allows that much
    assert 0.0 < drawn.joint_share.max() < 0.7
    assert drawn.muscle_time.min() > 0.0
    assert np.all(drawn.muscle_time[:, 0] < drawn.muscle_time[:, 1])


@pytest.mark.parametrize("stands_for", room.STANDS_FOR)
def test_shares_add_up_to_what_the_resting_body_stands_for(lying, stands_for):
    law = usual_law(lying.body)
    body = giving_way(lying.body, law, stands_for)
    total = body.passive_share.sum(-1) if stands_for == "start" else body.passive_share[..., 0]
    assert total == pytest.approx(1.0)
    total = body.joint_share.sum(-1) if stands_for == "start" else body.joint_share[..., 0]
    assert total == pytest.approx(1.0)


# -- the energy ---------------------------------------------------------------------------------------


def test_gradient_and_hessian_stay_exact_where_tissue_has_flowed(lying):
    law = usual_law(lying.body)
    done = run(lying, law, np.array([0.0, 60.0, 600.0])).states[-1]
    body, support = done.body, done.support
    rng = np.random.default_rng(3)
    at = done.coordinates.copy()
    active = body.tree.active
    at[:, active] += 0.01 * rng.standard_normal((body.count, active.size))
    found = evaluate(body, support, at)
    way = rng.standard_normal((body.count, active.size))
    step = 1e-6

    def moved(by):
        there = at.copy()
        there[:, active] += by * way
        return evaluate(body, support, there, second=False)

    ahead, behind = moved(step), moved(-step)
    slope = (ahead.energy - behind.energy) / (2 * step)
    assert slope == pytest.approx(np.sum(found.gradient[:, active] * way, 1), rel=1e-6)
    bend = (ahead.gradient - behind.gradient)[:, active] / (2 * step)
    told = np.einsum("nij,nj->ni", found.hessian, way)
    assert np.abs(bend - told).max() < 1e-5 * np.abs(told).max()


@settings(max_examples=12)
@given(
    st.integers(0, 10_000),
    st.lists(st.floats(0.05, 2000.0), min_size=1, max_size=5),
    st.sampled_from(EVERY),
    st.sampled_from(room.STANDS_FOR),
)
def test_energy_never_rises(seed, steps, where, stands_for):
    """Random bodies, laws and steps, short and long in any order."""
    drawn = people(40)
    some = [drawn[k] for k in np.random.default_rng(seed).integers(0, 40, 3)]
    found = lie(stack([build(p) for p in some]), where)
    law = drawn_law(found.body, [seed, seed + 1, seed + 2], tone_fall=0.5)
    done = run(found, law, np.concatenate([[0.0], np.cumsum(steps)]), stands_for)
    rises = np.diff(done.energy, axis=0)[:, found.converged]
    assert rises.size == 0 or rises.max() < ROUNDING


def test_taking_hold_anew_costs_no_energy(lying):
    """Grips roll under their patches between two moments; what they store stays."""
    done = run(lying, usual_law(lying.body), np.array([0.0, 300.0])).states[-1]
    now = done.evaluation()
    rolled = room.anchor(done.body, done.support, done.coordinates, now.grip_force)
    assert evaluate(done.body, rolled, done.coordinates, second=False).energy == pytest.approx(now.energy, abs=1e-9)


# -- first and last -----------------------------------------------------------------------------------


def test_the_first_moment_is_the_resting_body(lying):
    first = run(lying, usual_law(lying.body), np.array([0.0, 60.0])).states[0]
    before, after = measure(lying), measure(first)
    assert before.keys() == after.keys()
    for name, found in before.items():
        assert after[name].values == pytest.approx(found.values, rel=1e-9, abs=1e-9), name


def test_long_held_tissue_rests_where_its_lasting_laws_put_it(lying):
    """After ten thousand hours no dashpot carries anything: the minimum of the lasting shares alone, on the same grips."""
    law = usual_law(lying.body)
    times = np.concatenate([[0.0], np.geomspace(10.0, 1e4 * HOUR, 40)])
    last = run(lying, law, times).states[-1]
    assert last.converged.all()
    found, _ = settle(long_held(last.body), last.support, last.coordinates, damping=1e-6)
    assert np.abs(found.x - last.coordinates[:, last.body.tree.active]).max() < 1e-6  # [rad, m]


def test_long_held_tissue_laid_down_anew_rests_there_too():
    """Lying straight nothing but the pelvis sticks, so that the way there hardly matters; with bent legs it would."""
    lying = rest(stack([build(WOMAN), build(TIGHT)]), position("supine"))
    law = usual_law(lying.body)
    last = run(lying, law, np.concatenate([[0.0], np.geomspace(10.0, 1e4 * HOUR, 40)])).states[-1]
    anew = rest(long_held(giving_way(lying.body, law)), lying.position)
    for name, close in {"lumbar_lordosis": 0.1 * DEGREE, "psoas_major_passive_force_left": 0.1 * NEWTON}.items():
        assert value(last, name) == pytest.approx(value(anew, name), abs=close)


def test_if_the_resting_body_stands_for_the_end_it_ends_there():
    found = rest(build(WOMAN), position("supine"))
    done = run(found, usual_law(found.body), np.concatenate([[0.0], np.geomspace(10.0, 1e4 * HOUR, 40)]), "end")
    name = "psoas_major_passive_force_left"
    assert value(done.states[0], name) > 1.2 * value(found, name)
    assert value(done.states[-1], name) == pytest.approx(value(found, name), abs=0.1 * NEWTON)
    assert value(done.states[-1], "lumbar_lordosis") == pytest.approx(value(found, "lumbar_lordosis"), abs=0.1 * DEGREE)


# -- steps, sides, order ------------------------------------------------------------------------------


def test_finer_steps_agree_and_the_error_halves_with_the_step(lying):
    law = usual_law(lying.body)
    follow = lambda times: run(lying, law, times).states[-1]  # noqa: E731
    grid = lambda n: np.concatenate([[0.0], np.geomspace(5.0, 1200.0, n)])  # noqa: E731
    fine, half, coarse = follow(grid(81)), follow(grid(21)), follow(grid(11))
    usual = follow(moments(20.0))
    for name, close in {
        "lumbar_lordosis": 0.1 * DEGREE,  # a twentieth of how much it changes, a hundredth of its range
        "hip_flexion_left": 0.1 * DEGREE,
        "psoas_major_passive_force_left": 0.1 * NEWTON,
        "lumbar_gap": 0.1 * MILLIMETER,
    }.items():
        assert value(usual, name) == pytest.approx(value(fine, name), abs=close), name
    apart = lambda state: np.abs(value(state, "lumbar_lordosis") - value(fine, "lumbar_lordosis"))  # noqa: E731
    assert np.all(apart(half) < 0.7 * apart(coarse))  # first order; the fine one still errs by an eighth


@pytest.mark.parametrize("where", EVERY)
def test_a_mirrored_person_has_a_mirrored_course(where):
    people_ = [TIGHT, TIGHT.mirrored()]
    other_way = position(where).with_values(side="left") if position(where).on_side else where
    here, there = (lie(build(p), at) for p, at in zip(people_, (where, other_way), strict=True))
    one, other = (run(s, usual_law(s.body), moments(20.0)) for s in (here, there))
    other_side = {"left": "right", "right": "left"}
    for a, b in zip(one.states, other.states, strict=True):
        left, right = measure(a), measure(b)
        for name, found in left.items():
            stem, _, side = name.rpartition("_")
            name_there = f"{stem}_{other_side[side]}" if side in other_side else name
            assert right[name_there].values == pytest.approx(found.values, abs=SAME, rel=SAME), name


def test_bodies_in_one_batch_do_not_know_of_each_other(lying):
    law = usual_law(lying.body)
    together = run(lying, law, moments(5.0)).states[-1]
    for k in range(lying.body.count):
        alone = lying.take([k])
        found = run(alone, usual_law(alone.body), moments(5.0)).states[-1]
        assert value(found, "lumbar_lordosis") == pytest.approx(value(together, "lumbar_lordosis")[k], abs=1e-4)


@pytest.mark.parametrize("where", EVERY)
def test_mujoco_lets_tissue_that_gave_way_rest_where_we_do(where):
    """The second opinion, on the last of twenty minutes."""
    found = lie(build(WOMAN), where)
    done = run(found, usual_law(found.body), moments(20.0))
    settled = mjcf.settle(done.states[-1])
    assert settled.rest.agrees, settled.message
    # A hundredth of what changed [rad]; between two legs a tendon pulls a little along what lies between, our tie does not.
    assert settled.rest.turn_difference < (2e-4 if position(where).on_side else 1e-4)
    assert np.abs(done.states[-1].coordinates - found.coordinates).max() > 1e-2


# -- the answer ---------------------------------------------------------------------------------------


def test_the_answer_is_frozen_and_ordered(course):
    assert course.status == "converged"
    assert course.message == "At rest throughout 20 minutes."
    assert course.times[0] == 0.0 and course.times[-1] == 1200.0 and np.all(np.diff(course.times) > 0.0)
    assert [course.times[k] for k in course.shown] == [0.0, 60.0, 300.0, 600.0, 1200.0]
    assert course.energy.shape == course.times.shape and course.energy[0] == 0.0
    assert np.diff(course.energy).max() < ROUNDING
    for band in course.quantities.values():
        assert band.low.shape == band.median.shape == band.high.shape == course.times.shape
        assert np.all(band.low <= band.median) and np.all(band.median <= band.high)
        assert np.isfinite(band.low).all() and np.isfinite(band.high).all()
    with pytest.raises(FrozenInstanceError):
        course.status = "other"


def test_what_is_followed_is_posture_pull_and_gaps_and_no_single_fascicle(course, answer):
    assert {"lumbar_lordosis", "pelvic_tilt", "psoas_major_passive_force_left", "iliacus_passive_force_right",
            "lumbar_gap", "rib_gap_left", "compression_L5_S1", "support_force_total"} <= set(course.quantities)  # fmt: skip
    assert not [name for name in course.quantities if "L3_TP" in name or name.startswith("iliacus_1")]
    assert set(course.quantities) <= set(answer.quantities)


def test_psoas_pull_falls_and_weight_does_not(course, answer):
    lost = course.changes["psoas_major_passive_force_left"]
    assert lost.sure and lost.quantity.high < 0.0
    pull = course.quantities["psoas_major_passive_force_left"].median
    assert 0.4 < pull[-1] / pull[0] < 0.9  # by what the law gives, and the body's yielding
    weight = course.quantities["support_force_total"]
    assert weight.low == pytest.approx(weight.low[0], abs=0.01 * NEWTON)
    assert weight.low[0] == pytest.approx(answer.nominal.body.weight[0], abs=0.01 * NEWTON)


def test_the_same_question_has_the_same_answer(answer, course):
    again = time_course(answer, 20.0, members=6)
    for name, band in course.quantities.items():
        for part in ("low", "median", "high"):
            assert np.array_equal(getattr(band, part), getattr(again.quantities[name], part)), name


def test_the_first_moment_of_the_answer_is_the_answer():
    answer = estimate(WOMAN, position("supine"), members=0, alternatives=False)
    course = time_course(answer, 5.0, members=0)
    assert course.members == 0 and course.changes == {}
    for name, band in course.quantities.items():
        assert band.median[0] == pytest.approx(answer.quantities[name].value, rel=1e-9, abs=1e-9)
        assert np.array_equal(band.low, band.high)


def test_tone_stays_unless_someone_assumes_otherwise(answer):
    name = "psoas_major_passive_force_right"
    stays, falls = (time_course(answer, 20.0, members=0, tone_fall=fall) for fall in (0.0, 1.0))
    assert stays.tone_fall == 0.0
    assert stays.quantities[name].median[0] == falls.quantities[name].median[0]
    assert falls.quantities[name].median[-1] < stays.quantities[name].median[-1] - 1.0 * NEWTON
    assert not stays.warnings and not falls.warnings
    slack = estimate(WOMAN, position("supine"), members=0, alternatives=False)
    assert "no resting tone" in time_course(slack, 2.0, tone_fall=0.5).warnings[0]


@pytest.mark.parametrize("minutes", [1, 1.5, 7, 20, 45, 60])
def test_moments_grow_and_hold_the_shown_ones(minutes):
    found = moments(minutes)
    assert found[0] == 0.0 and found[-1] == 60.0 * minutes and np.all(np.diff(found) > 0.0)
    assert {t for t in room.SHOWN if t <= 60.0 * minutes} <= set(found)
    assert found.size <= 24
    assert np.diff(found).max() <= 0.45 * found[-1]


# -- what cannot be -----------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [0, 0.5, 61, 10_000, -5, float("nan"), float("inf")])
def test_a_length_that_is_no_rest_is_refused(answer, minutes):
    with pytest.raises(InputError, match=r"^minutes is .*; give 1 to 60$"):
        time_course(answer, minutes)


def test_other_misuse_is_refused(answer):
    with pytest.raises(InputError, match="tone fall is 1.5; give 0 to 1"):
        time_course(answer, tone_fall=1.5)
    with pytest.raises(InputError, match="stands_for is 'middle'; give start or end"):
        time_course(answer, stands_for="middle")
    with pytest.raises(InputError, match="stands_for is 'middle'"):
        run(answer.nominal, usual_law(answer.nominal.body), moments(1), "middle")


def test_an_answer_without_rest_has_no_course(answer):
    lost = replace(answer, status="not_converged", message="No resting place was found.")
    course = time_course(lost)
    assert (course.status, course.message, course.quantities) == ("not_converged", lost.message, {})


def loose_law(body, tone_fall=0.0):
    """Tissue that lets go of nearly everything."""
    law = usual_law(body, tone_fall)
    return replace(law, muscle_share=np.full_like(law.muscle_share, 0.49))


@pytest.fixture(scope="module")
def unsteady():
    """Legs held up by passive muscle alone."""
    held = position("constructive-rest").with_values(lateral_tone=0.0)
    return estimate(Person("male", 1.85, 95.0), held, members=4, alternatives=False)


def test_legs_that_fall_are_said_to_and_leave_no_numbers(unsteady, monkeypatch):
    """Big and muscle-held: with its muscle let go a leg falls."""
    assert unsteady.status == "converged"
    state = unsteady.nominal
    done = run(state, loose_law(state.body), moments(20.0))
    assert 0.0 < done.lost[0] <= 1200.0
    assert done.states[0].converged[0] and not done.states[-1].converged[0]
    assert np.diff(done.energy[:, 0]).max() < ROUNDING  # it falls downhill
    monkeypatch.setattr(room, "usual_law", loose_law)
    course = time_course(unsteady)
    assert course.status == "not_converged"
    assert course.message.startswith("After ") and course.message.endswith("it would move on from here.")
    assert course.quantities == {} and course.changes == {}


def test_too_few_that_keep_resting_are_no_range(unsteady, monkeypatch):
    monkeypatch.setattr(room, "drawn_law", lambda body, places, tone_fall: loose_law(body, tone_fall))
    members = unsteady.ensemble
    lost = run(members, loose_law(members.body), moments(20.0)).lost < np.inf
    course = time_course(unsteady)
    kept = int((~lost).sum())
    if kept < room.FEWEST * lost.size:
        assert course.message == f"Only {kept} of {lost.size} bodies kept resting, too few for an honest range."
        assert course.quantities == {}
    else:
        assert course.members == kept
        assert bool(course.warnings) == (kept < lost.size)


# -- the command --------------------------------------------------------------------------------------


EXAMPLE = ("rest", "--sex", "female", "--stature", "172", "--mass", "68", "--members", "6", "--position", "supine")


def command(capsys, *words):
    """Exit code, what was printed, and what was complained of."""
    with pytest.raises(SystemExit) as left:
        main([*EXAMPLE, *words])
    said = capsys.readouterr()
    return left.value.code, said.out, said.err


def test_the_command_prints_a_table_against_minutes(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    code, told, complaint = command(capsys, "--minutes", "20")
    assert (code, complaint) == (0, "")
    table = told.partition("Over 20 minutes")[2]
    head = next(line for line in table.splitlines() if line.strip().startswith("minutes"))
    assert head.split() == ["minutes", "0", "1", "5", "10", "20", "change"]
    for word in ("Psoas pull, N", "Lordosis", "Small of back", "Thighs, mm"):
        assert word in table
    assert "A model's estimate, not a measurement." in " ".join(table.split())
    assert "says nothing about what will be felt" in " ".join(table.split())
    assert max(len(line) for line in told.splitlines()) <= 80


def test_thighs_that_are_meant_to_be_up_are_not_followed(capsys):
    _, told, _ = command(capsys, "--minutes", "2", "--position", "constructive-rest")
    head = next(line for line in told.splitlines() if line.strip().startswith("minutes"))
    assert head.split() == ["minutes", "0", "1", "2", "change"]
    assert "Thighs, mm" not in told


def test_json_holds_the_whole_course(capsys):
    code, told, _ = command(capsys, "--minutes", "7.5min", "--json")
    course = json.loads(told)["time_course"]
    assert code == 0 and course["status"] == "converged"
    assert course["times"]["value"][0] == 0.0 and course["times"]["value"][-1] == 450.0
    for band in course["quantities"].values():
        assert len(band["low"]) == len(band["median"]) == len(band["high"]) == len(course["times"]["value"])
        assert band["sources"]
    assert course["members"] == 6 and course["stands_for"] == "start"
    assert course["changes"]["psoas_major_passive_force_left"]["sign"] == -1


def test_both_sides_are_told_of_who_has_two(capsys):
    _, told, _ = command(capsys, "--minutes", "2", "--left-shortening", "0.2", "--members", "0")
    assert "Psoas pull, left" in told and "Psoas pull, right" in told
    assert "one body stands for all" in told


@pytest.mark.parametrize("minutes", ["0", "10000", "-3", "soon", "nan", "", "61"])
def test_the_command_refuses_what_is_no_rest_before_anyone_waits(capsys, monkeypatch, minutes):
    monkeypatch.setattr(cli, "_estimate", None)
    code, told, complaint = command(capsys, "--minutes", minutes)
    assert (code, told, complaint) == (2, "", f"minutes is {minutes!r}; give 1 to 60.\n")


def test_the_command_refuses_a_fall_of_tone_that_cannot_be(capsys):
    for words, sentence in {
        ("--tone-fall", "0.5"): "tone fall is '0.5' without a time to fall in; give --minutes 20 with it.\n",
        ("--tone-fall", "150%", "--minutes", "5"): "tone fall is '150%'; give 0 to 1, or 0% to 100%.\n",
        ("--tone-fall", "much", "--minutes", "5"): "tone fall is 'much'; give a fraction, such as 0.2 or 20%.\n",
    }.items():
        assert command(capsys, *words) == (2, "", sentence)


def test_the_command_says_when_a_rest_is_lost(capsys, monkeypatch):
    lost = lambda answer, **_: replace(  # noqa: E731
        time_course(answer, 1.0, members=0), status="not_converged", message="After 2 minutes it ends.", quantities={}
    )
    monkeypatch.setattr(room, "time_course", lost)
    code, told, complaint = command(capsys, "--minutes", "5")
    assert (code, complaint) == (3, "Lying straight: After 2 minutes it ends.\n")
    assert "Over 5 minutes" not in told and "Psoas major" in told
    code, told, _ = command(capsys, "--minutes", "5", "--json")
    assert code == 3 and json.loads(told)["time_course"]["status"] == "not_converged"
