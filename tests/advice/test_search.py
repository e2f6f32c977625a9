"""The search: its rules on tables made up for them, then on real bodies, and what it says where nothing suits."""

import io
import json
from dataclasses import replace

import numpy as np
import pytest

from psoas.advice import words
from psoas.advice.search import (
    HEEL_QUANTITIES,
    SAME_PULL,
    THIGH_LOAD,
    build_pile,
    grip,
    heel_band,
    heel_trouble,
    pile_band,
    pile_trouble,
    pull,
    search,
)
from psoas.advice.sweep import Sweep, head_tilt, over_heel_distance, over_props
from psoas.equilibrium import rest_again
from psoas.errors import InputError
from psoas.evaluation import evaluate
from psoas.noticing import seen
from psoas.person import Limb, Person
from psoas.position import position
from psoas.props import prop
from psoas.uncertainty import settle_all, usual

WOMAN = Person("female", 1.72, 68.0)
BENT, BOLSTERED = position("constructive-rest"), position("bolstered")
FEW = 6
DISTANCES = np.arange(0.10, 0.601, 0.05)


def heels(**of):
    """A sweep of two bodies alike, over ``DISTANCES``."""
    columns = {name: np.zeros(DISTANCES.size) for name in HEEL_QUANTITIES}
    columns |= {f"lateral_stiffness_supply_{side}": np.full(DISTANCES.size, 50.0) for side in ("left", "right")}
    for name, column in of.items():
        for side in ("left", "right"):
            columns[f"{name}_{side}"] = np.asarray(column, dtype=float)
    return Sweep("heel_distance", DISTANCES, {n: np.stack([c, c], 1) for n, c in columns.items()}, {}, {})


# -- the rules ------------------------------------------------------------------------------------------


def test_what_can_be_counted_on_is_less_than_what_is_assumed():
    assert grip("floor") == pytest.approx(0.6)
    assert grip("mat") > grip("floor")


def test_where_nothing_differs_everything_is_equally_good():
    band = heel_band(heels(), "floor")
    assert (band.low, band.high, band.holds) == (pytest.approx(0.10), pytest.approx(0.60), True)
    assert (band.nearer, band.farther) == ("nearer was not tried", "farther was not tried")


def test_a_pull_that_rises_with_distance_ends_the_band():
    band = heel_band(heels(psoas_major_passive_force=100.0 * DISTANCES), "floor")
    assert band.low == pytest.approx(0.10)
    assert band.high == pytest.approx(0.10 + SAME_PULL / 100.0, abs=0.006)
    assert "over 10 N a side more" in band.farther
    wider = heel_band(heels(psoas_major_passive_force=100.0 * DISTANCES), "floor", same_pull=20.0)
    assert wider.high == pytest.approx(0.30, abs=0.006)


def test_feet_that_slide_and_knees_that_fold_or_fall_are_left_out():
    near = DISTANCES < 0.24
    assert heel_band(heels(friction_demand_heel=np.where(near, 0.9, 0.3)), "floor").low >= 0.20
    assert heel_band(heels(knee_flexion=np.where(near, 130.0, 100.0)), "floor").low >= 0.20
    falls = heel_band(heels(lateral_stiffness_demand=np.where(near, 60.0, 10.0)), "floor")
    assert falls.low >= 0.20 and falls.nearer == "the knees may fall to a side"


def test_one_body_in_ten_that_slides_is_enough_to_leave_a_distance_out():
    sweep = heels()
    demand = np.full((DISTANCES.size, 8), 0.3)
    demand[:4, 0] = 0.9
    many = {n: np.repeat(q[:, :1], 8, 1) for n, q in sweep.quantities.items()}
    many["friction_demand_heel_left"] = demand
    assert heel_band(replace(sweep, quantities=many), "floor").low > 0.20


def test_where_no_distance_holds_it_says_so_and_takes_where_most_bodies_stand():
    sweep = heels()
    demand = np.full((DISTANCES.size, 4), 0.9)
    demand[4, :2] = 0.3
    many = {n: np.repeat(q[:, :1], 4, 1) for n, q in sweep.quantities.items()} | {"friction_demand_heel_left": demand}
    band = heel_band(replace(sweep, quantities=many), "floor")
    assert not band.holds
    assert band.low == band.high == pytest.approx(DISTANCES[4], abs=0.006)


def test_the_reach_is_where_all_but_the_pull_is_satisfied():
    held = np.where((DISTANCES > 0.17) & (DISTANCES < 0.46), 0.3, 0.9)
    band = heel_band(heels(friction_demand_heel=held, psoas_major_passive_force=200.0 * DISTANCES), "floor")
    assert band.high < 0.28
    assert band.reach == (pytest.approx(band.low), pytest.approx(0.46, abs=0.03))


def test_where_bodies_laid_down_at_once_do_not_hold_a_little_farther_is_tried(monkeypatch):
    found = search(WOMAN, BENT, [], members=2)
    high = next(line for line in found.setup.lines if line.name == "heel_distance").quantity.high

    def near(rested):
        return ["the feet may slide"] if rested.position.number("heel_distance") < high + 0.015 else []

    monkeypatch.setattr("psoas.advice.search.heel_trouble", near)
    again = search(WOMAN, BENT, [], members=2)
    line = next(line for line in again.setup.lines if line.name == "heel_distance")
    assert again.feasible
    assert line.quantity.value == line.quantity.low == line.quantity.high == pytest.approx(high + 0.02)
    assert "Laid down there at once they do not quite hold; at " in line.reason


def test_a_foot_that_is_drawn_off_the_floor_is_named():
    band = heel_band(heels(friction_demand_heel=np.where(DISTANCES > 0.44, 1e9, 0.3)), "floor")
    assert band.holds and band.high < 0.45
    assert band.farther == "the hip flexors may draw a foot off the floor"


def pile(load, ribs, gap):
    heights = np.array([0.0, 0.1, 0.2, 0.3])
    of = {f"support_force_thigh_{s}": load for s in ("left", "right")}
    of |= {f"thigh_gap_{s}": gap for s in ("left", "right")} | {"support_force_ribs": ribs}
    return Sweep("height", heights, {n: np.array(x, dtype=float)[:, None] for n, x in of.items()}, {}, {})


def test_the_least_height_that_brings_the_thighs_down():
    band, flat = pile_band(pile([0, 2 * THIGH_LOAD, 2 * THIGH_LOAD, 2 * THIGH_LOAD], [0, 0, 0, 100], [30, 5, 5, 5]))
    assert not flat and band.holds
    assert band.low == pytest.approx(0.05, abs=0.006)
    assert 0.20 < band.high < 0.23 and "ribs" in band.farther


def test_lying_flat_may_do_and_no_height_may_do():
    assert pile_band(pile([50] * 4, [0] * 4, [3] * 4))[1]
    band, _ = pile_band(pile([0] * 4, [0] * 4, [60, 40, 22, 20]))
    assert not band.holds
    assert band.low == pytest.approx(0.19, abs=0.02)  # from there on the gap is as small as it gets, to 5 mm


def test_a_pile_from_what_is_at_hand():
    have = [prop("towel", 0.03), prop("bolster", 0.15), prop("folded-blanket", 0.05), prop("chair")]
    of = lambda h: [p.id for p in build_pile(have, h)]  # noqa: E731
    assert of(0.15) == ["bolster"]
    assert of(0.20) == ["bolster", "folded-blanket"]
    assert of(0.08) == ["folded-blanket"]
    assert [p.id for p in build_pile([prop("towel")], 0.1)] == ["towel"]
    assert {p.under for p in build_pile(have, 0.20)} == {"shoulders"}
    assert build_pile([prop("chair")], 0.1) == []


# -- real bodies ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bent():
    return search(WOMAN, BENT, [prop("towel")], members=FEW)


@pytest.fixture(scope="module")
def raised():
    return search(WOMAN, BOLSTERED, [prop("bolster"), prop("towel")], members=FEW)


def test_a_set_up_is_a_position_with_everything_set(bent):
    lying = bent.setup.position
    heel = next(line for line in bent.setup.lines if line.name == "heel_distance")
    assert lying.number("heel_distance") == heel.quantity.value
    assert heel.quantity.low <= heel.quantity.value <= heel.quantity.high
    assert lying.number("foot_width") == pytest.approx(0.16, abs=0.03)
    assert {p.under for p in bent.setup.props} <= {"head"}
    assert "heels about" in bent.setup.sentence()


def test_the_reason_names_the_rule_and_what_the_sources_say(bent):
    heel = next(line for line in bent.setup.lines if line.name == "heel_distance")
    assert "nine bodies of ten" in heel.reason
    assert "The sources' " in heel.reason
    assert [s.seed for s in heel.given] == ["001", "002"]


def test_it_is_the_same_every_time(bent):
    again = search(WOMAN, BENT, [prop("towel")], members=FEW)
    assert words.set_up_json(again) == words.set_up_json(bent)


def test_pull_falls_and_knees_fold_as_the_heels_come_nearer(bent):
    sweep = bent.sweeps["heel_distance"]
    psoas, knee = (
        np.nanmedian(sweep.quantities[f"{n}_left"], 1) for n in ("psoas_major_passive_force", "knee_flexion")
    )
    assert np.all(np.diff(psoas) > -0.5)
    assert np.all(np.diff(knee) < 0.0)


def test_warm_steps_end_where_cold_ones_do():
    names = ("psoas_major_passive_force_left", "knee_flexion_left")
    warm = over_heel_distance(usual(WOMAN, FEW), BENT, [], np.array([0.30, 0.36, 0.42]), names)
    cold = over_heel_distance(usual(WOMAN, FEW), BENT, [], np.array([0.42]), names)
    for name in names:
        assert warm.quantities[name][-1] == pytest.approx(cold.quantities[name][0], abs=0.3)


def test_a_straight_line_through_two_distances_only_saves_steps():
    near = [settle_all(usual(WOMAN, FEW), BENT.with_values(heel_distance=0.36))]
    near.append(rest_again(near[0], BENT.with_values(heel_distance=0.33)))
    there = BENT.with_values(heel_distance=0.30)
    plain, led = rest_again(near[1], there), rest_again(near[1], there, near[0])
    assert led.iterations.sum() < 0.8 * plain.iterations.sum()
    assert led.coordinates == pytest.approx(plain.coordinates, abs=1e-8)


def test_nothing_is_tried_nearer_than_near_enough():
    def bends(found):
        return bool(np.degrees(-found.coordinates[:, found.body.tree.coordinate("tibia_r", "flexion")]).min() > 115.0)

    distances = np.arange(0.15, 0.46, 0.06)
    sweep = over_heel_distance(usual(WOMAN, 2), BENT, [], distances, ("knee_flexion_left",), nearest=bends)
    bent = sweep.quantities["knee_flexion_left"].min(1)
    assert bent[0] > 115.0 > bent[1]
    assert sweep.values[-1] == distances[-1] and sweep.values[0] > distances[0]
    all_bend = over_heel_distance(usual(WOMAN, 2), BENT, [], distances, ("knee_flexion_left",), nearest=lambda _: True)
    assert all_bend.values[-1] == distances[-1]  # farther ones are tried all the same


def test_piles_much_alike_end_where_each_laid_down_anew_does():
    piles = {h: [prop("towel", h, "head")] for h in (0.02, 0.06)}
    bodies = usual(WOMAN, FEW)
    anew, near = (
        over_props(bodies, BENT, piles, ("head_tilt",), known=known).quantities["head_tilt"]
        for known in (None, settle_all(bodies, BENT, piles[0.02]))
    )
    assert near[0] == pytest.approx(anew[0], abs=1e-12)
    assert near == pytest.approx(anew, abs=0.2)  # degrees: a towel is chosen to 5 mm, or 1.7


def test_a_value_that_a_person_chose_stays():
    own = search(WOMAN, BENT.with_values(heel_distance=0.50), [], members=FEW)
    heel = next(line for line in own.setup.lines if line.name == "heel_distance")
    assert heel.quantity.value == 0.50
    assert heel.reason.startswith("Your own choice, outside what is equally good.")


def test_under_the_shoulders_lies_what_is_at_hand(raised):
    assert [p.id for p in raised.setup.props if p.under == "shoulders"]
    assert any(note.startswith("On the floor first: a ") for note in raised.notes)
    height = next(line for line in raised.setup.lines if line.name == "height")
    assert "thighs" in height.reason
    used = [p.id for p in raised.setup.props]
    assert len(used) == len(set(used))  # one towel does not lie in two places


def test_tight_hips_may_have_no_height():
    tight = Person("male", 1.80, 80.0, left=Limb(hip_flexor_shortening=0.3), right=Limb(hip_flexor_shortening=0.3))
    found = search(tight, BOLSTERED, [prop("bolster")], members=FEW)
    height = next(line for line in found.setup.lines if line.name == "height")
    assert not found.feasible
    assert height.reason.startswith(
        "In the model no height lets both thighs rest on the floor, so it names none: up to 30 cm the thighs do not both"
        " come to bear"
    )


def test_a_look_on_the_floor_decides_which_bodies_lie_down(bent):
    look = {"thigh_left": seen("9 cm", "helper"), "thigh_right": seen("9 cm", "helper")}
    known = evaluate(WOMAN, look)
    found = search(WOMAN, BENT, [prop("towel")], seen=known, members=FEW)
    assert found.notes[0] == f"From your look on the floor: these are {FEW} bodies that fit it."
    tighter, usual_pull = (np.nanmedian(pull(f.sweeps["heel_distance"]), 1).mean() for f in (found, bent))
    assert tighter > usual_pull + 20.0  # thighs so far off the floor mean flexors that pull


def test_a_look_that_tells_nothing_changes_nothing(bent):
    known = evaluate(WOMAN, {"lumbar_arch": seen("can't tell")})
    found = search(WOMAN, BENT, [prop("towel")], seen=known, members=FEW)
    assert found.setup.lines == bent.setup.lines
    assert found.notes[0] == "The look told nothing, so these are bodies of your measures alone."


def test_told_how_far_it_is():
    heard = []
    search(WOMAN, position("calves-on-chair"), [], members=2, told=heard.append)
    assert heard == sorted(heard) and heard[-1] == 1.0 and len(heard) > 3


def test_impossible_wishes_say_what_is_accepted():
    with pytest.raises(InputError, match="chair thickness is 60 cm; .* give a lower seat"):
        search(WOMAN, position("calves-on-chair"), [prop("chair", 0.60)], members=2)


@pytest.mark.parametrize("why", [False, True])
def test_words_and_json(bent, raised, why):
    from rich.console import Console

    for found in (bent, raised):
        console = Console(width=100, record=True, file=io.StringIO())
        console.print(words.set_up_report(found, why=why))
        text = console.export_text()
        assert "model's estimate" in text
        assert ("The sources" in text) == why
        told = json.loads(json.dumps(words.set_up_json(found), allow_nan=False))
        assert told["sentence"] == found.setup.sentence()
        assert told["tried"]


# -- what a person gives, and what they lack ------------------------------------------------------------


def test_a_set_up_that_is_called_feasible_is_so_as_a_whole(bent, raised):
    assert bent.feasible and heel_trouble(bent.rested) == []
    assert raised.feasible == (pile_trouble(raised.rested) == [])
    assert bent.rested.position == bent.setup.position
    assert bent.rested.support.prop_places == tuple(p.under for p in bent.setup.props)


def test_a_choice_of_ones_own_that_does_not_hold_says_what_does_not():
    own = search(WOMAN, BENT.with_values(heel_distance=0.60), [], members=FEW)
    heel = next(line for line in own.setup.lines if line.name == "heel_distance")
    assert not own.feasible
    assert "At 60 cm itself it does not hold: the feet may slide." in heel.reason
    assert heel.quantity.high < 0.60


def test_a_choice_outside_what_is_equally_good_stands_alone_in_the_sentence():
    own = search(WOMAN, BENT.with_values(heel_distance=0.50), [], members=FEW)
    assert "heels about 50 cm from your buttocks" in own.setup.sentence()
    assert "heels about 50 cm (" not in own.setup.sentence()


def test_where_the_rule_does_not_hold_the_report_says_so_unasked():
    from rich.console import Console

    tight = Person("male", 1.80, 80.0, left=Limb(hip_flexor_shortening=0.3), right=Limb(hip_flexor_shortening=0.3))
    found = search(tight, BOLSTERED, [prop("bolster")], members=FEW)
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(words.set_up_report(found))
    assert not found.feasible
    assert "In the model no height lets both thighs rest on the floor" in " ".join(console.export_text().split())


def test_what_is_not_to_be_moved_stays_and_the_rest_follows():
    own = search(WOMAN, BENT.with_values(foot_width=0.25), given=[prop("towel", 0.09)], members=FEW)
    assert own.setup.position.number("foot_width") == 0.25
    assert [(p.id, p.thickness) for p in own.setup.props] == [("towel", 0.09)]
    towel = next(line for line in own.setup.lines if line.name == "towel")
    assert towel.reason.startswith("Your own choice; with it the forehead tips up by about ")


def test_a_pile_of_ones_own_stays():
    own = search(WOMAN, BOLSTERED, [prop("bolster")], given=[prop("block", 0.08)], members=FEW)
    height = next(line for line in own.setup.lines if line.name == "height")
    assert [p.id for p in own.setup.props if p.under == "shoulders"] == ["block"]
    assert height.quantity.value == pytest.approx(0.08)
    assert height.reason.startswith("Your own choice, ")
    assert any("004 says a couple of inches" in note for note in own.notes)


@pytest.mark.parametrize(
    ("lying", "given", "said"),
    [
        (BENT.with_values(heel_distance=0.85), [], "heel distance is 85 cm; these legs reach [0-9]+ cm"),
        (BENT.with_values(heel_distance=0.05), [], "heel distance is 5 cm; these knees fold to [0-9]+ cm"),
        (BENT, [prop("bolster")], "bolster"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_tried(lying, given, said, monkeypatch):
    monkeypatch.setattr("psoas.advice.search.over_heel_distance", lambda *_, **__: pytest.fail("it was tried"))
    with pytest.raises(InputError, match=said):
        search(WOMAN, lying, given=given, members=FEW)


def test_nothing_at_hand_still_gives_numbers_and_says_for_what():
    found = search(WOMAN, BOLSTERED, members=FEW)
    assert any(
        note.startswith("Nothing was named for the shoulders; the numbers are for a firm cushion.")
        for note in found.notes
    )
    assert {p.id for p in found.setup.props if p.under == "shoulders"} == {"cushion"}
    chair = search(WOMAN, position("calves-on-chair"), members=2)
    assert "No chair was named; the numbers are for a seat of 44 cm." in chair.notes


def test_a_small_person_lies_on_the_low_seat_they_have():
    small = Person("female", 1.43, 45.0)
    with pytest.raises(InputError, match="chair thickness is 44 cm; .* give a lower seat"):
        search(small, position("calves-on-chair"), members=2)
    found = search(small, position("calves-on-chair"), [prop("chair", 0.32)], members=2)
    assert [p.thickness for p in found.setup.props if p.under == "calves"] == [0.32]


def test_what_is_at_hand_and_too_thick_is_left_out():
    found = search(WOMAN, BENT, [prop("pillow", 0.14)], members=FEW)
    towel = next(line for line in found.setup.lines if line.name == "towel")
    assert found.setup.props == ()
    assert "What is at hand, 14 cm, is too thick for that, so nothing lies there." in towel.reason


def test_what_can_be_folded_is_folded():
    found = search(WOMAN, BENT, [prop("pillow", 0.14), prop("towel", 0.01)], members=FEW)
    [towel] = found.setup.props
    assert towel.id == "towel" and towel.thickness > 0.015
    assert abs(np.median(head_tilt(found.rested))) < 3.0  # degrees


def test_a_firm_cushion_of_any_height_is_a_pile_of_cushions():
    from psoas.advice.search import _cushions

    assert [p.thickness for p in _cushions(0.12)] == [0.12]
    assert [p.thickness for p in _cushions(0.28)] == pytest.approx([0.14, 0.14])


def test_one_side_seen_alone_is_enough_to_go_on():
    known = evaluate(WOMAN, {"thigh_left": seen("6 cm", "helper")})
    found = search(WOMAN, BENT, [prop("towel")], seen=known, members=FEW)
    tree, fibers = found.rested.body.tree, found.rested.body.optimal_fiber_length
    left, right = (np.median(fibers[:, tree.muscles.index(f"iliacus_1_{end}")]) for end in "lr")
    assert left < right  # the side that was seen off the floor is the tighter one
    assert found.notes[0].startswith("From your look on the floor")


def test_a_look_that_contradicts_itself_still_gives_a_set_up_and_is_said():
    known = evaluate(
        WOMAN,
        {"lumbar_arch": seen("14 cm", "photo"), "ribs_left": seen("0", "photo"), "ribs_right": seen("0", "photo")},
    )
    found = search(WOMAN, BENT, [prop("towel")], seen=known, members=FEW)
    assert any("No body of these measures fits all of it" in note for note in found.notes)
    assert any(line.name == "heel_distance" for line in found.setup.lines)
