"""A chair for one body: the rule holds on the seat that it gives, its ends are where it stops holding, and what cannot be."""

import json
from dataclasses import replace

import pytest

from psoas.advice.chair import ABOVE, chair
from psoas.cli import main
from psoas.errors import InputError
from psoas.person import Limb, Person
from psoas.props import props
from psoas.upright import estimate

MAN, WOMAN = Person("male", 1.75, 75.0), Person("female", 1.55, 55.0)
FEW = 4
millimeter = 1e-3
ASKED = ["--sex", "male", "--stature", "175", "--mass", "75", "--position", "sitting", "--members", "4"]


def lines(found):
    return {line.name: line.quantity for line in found.setup.lines}


@pytest.mark.parametrize("person", [MAN, WOMAN])
def test_on_the_seat_as_set_up_the_solved_hips_lie_above_the_knees(person):
    found = chair(person, members=FEW)
    assert found.feasible
    sat = estimate(person, found.setup.position.with_values(trunk="upright"), members=0)
    assert sat.status == "converged"
    over = sat.quantities["hip_over_knee_left"].value * millimeter
    assert 0.0 < over < 0.06
    assert over == pytest.approx(found.hip_over_knee.value * millimeter, abs=12 * millimeter)
    assert sat.quantities["support_force_foot_left"].value > 20.0


def test_the_ends_of_the_heights_are_where_the_rule_ends():
    found = chair(MAN, members=FEW)
    height = lines(found)["seat_height"]
    assert height.low < height.value < height.high
    assert height.high - height.low == pytest.approx(ABOVE[1] - ABOVE[0], abs=millimeter)
    lowest = chair(MAN, seat_height=height.low + millimeter, members=FEW)
    below = chair(MAN, seat_height=height.low - millimeter, members=FEW)
    assert lines(lowest)["wedge"].value == 0.0
    assert lines(below)["wedge"].value > 0.0


def test_a_low_seat_gets_a_wedge_that_makes_up_for_it():
    low, own = chair(MAN, seat_height=0.38, members=FEW), chair(MAN, members=FEW)
    wedge, height = lines(low)["wedge"], lines(own)["seat_height"]
    assert 0.38 + wedge.value == pytest.approx(height.value, abs=millimeter)
    assert low.hip_over_knee.value == pytest.approx(own.hip_over_knee.value, abs=1.0)
    assert "folded towel" in low.setup.sentence()
    assert "38 cm high" in low.setup.sentence()


def test_a_high_seat_is_told_to_be_too_high():
    found = chair(WOMAN, seat_height=0.62, members=FEW)
    assert not found.feasible
    said = found.setup.sentence()
    assert said.startswith(
        "Your seat of 62 cm is 20 cm too high for these legs. A flat, firm one about 40 cm (39 to 42) high"
    )
    assert said.endswith("would do, or something firm, 20 cm thick, under both feet.")
    assert "Your seat of 24.5 in is 8 in too high" in found.setup.sentence("in")
    assert lines(found)["wedge"].value == 0.0
    own = chair(
        WOMAN, members=FEW
    )  # what is told of its hips is of a seat that would do, and so is what would be drawn
    assert found.hip_over_knee == own.hip_over_knee
    assert found.setup.position == own.setup.position


def test_a_seat_that_no_towel_makes_up_for_is_told_to_be_too_low():
    low = chair(MAN, seat_height=0.25, members=FEW)
    assert not low.feasible
    assert low.setup.sentence().startswith(
        "Your seat of 25 cm is 21 cm too low for these legs, more than a folded towel makes"
    )
    assert "firm cushion" in low.setup.sentence()
    wedge = low.setup.lines[2]
    assert wedge.quantity.value == 0.0 and "a towel is folded to 12 cm at most" in wedge.reason
    most = lines(low)["seat_height"].value - props()["towel"].high
    towel, cushion = (chair(MAN, seat_height=most + off * millimeter, members=FEW) for off in (1.0, -1.0))
    assert towel.feasible and "folded towel or wedge under" in towel.setup.sentence()
    assert not cushion.feasible and lines(cushion)["wedge"].value == 0.0


def test_a_seat_that_serves_is_told_as_it_is():
    height = lines(chair(MAN, members=FEW))["seat_height"]
    suits = chair(MAN, seat_height=height.value, members=FEW)
    assert suits.setup.sentence().startswith("Your seat of 46 cm suits these legs")
    higher = chair(MAN, seat_height=height.high + 20 * millimeter, members=FEW)
    assert (
        higher.feasible
        and "2 cm higher than the rule asks for, and both feet still stand flat" in higher.setup.sentence()
    )
    assert higher.hip_over_knee.value > suits.hip_over_knee.value


def test_longer_legs_want_a_higher_seat():
    assert (
        lines(chair(MAN, members=FEW))["seat_height"].value
        > lines(chair(WOMAN, members=FEW))["seat_height"].value + 0.03
    )


def test_the_higher_knee_sets_the_height():
    longer = replace(MAN, right=Limb(leg_length=1.03 * MAN.expected_leg_length))
    assert lines(chair(longer, members=FEW))["seat_height"].value > lines(chair(MAN, members=FEW))["seat_height"].value
    assert any("Left and right differ" in note for note in chair(longer, members=FEW).notes)


def test_a_car_seat_is_filled():
    found = chair(MAN, car=True, members=FEW)
    wedge = lines(found)["wedge"]
    assert 0.0 < wedge.low < wedge.value < wedge.high < 0.15
    assert any("In a car" in note for note in found.notes)
    assert found.setup.sentence() == (
        "In a car: a folded towel or wedge, 5.5 cm (2.5 to 8.5) thick at the back of the seat, fills its hollow, so that its"
        " floor is level under your sit bones."
    )
    assert any("changes nothing here" in note for note in chair(MAN, car=True, seat_height=0.3, members=FEW).notes)


def test_every_line_has_a_reason_and_the_sources_words():
    for line in chair(MAN, members=FEW).setup.lines:
        assert line.reason
        assert [saying.seed for saying in line.given] == ["001"]


def test_what_cannot_be_is_refused():
    with pytest.raises(InputError, match="seat height is 500 cm; give 20 to 80 cm"):
        chair(MAN, seat_height=5.0)
    with pytest.raises(InputError, match="members is 0; give at least 1"):
        chair(MAN, members=0)


def run(*words):
    with pytest.raises(SystemExit) as left:
        main(list(words))
    return left.value.code or 0


def test_the_command_tells_it(capsys):
    assert run("set-up", *ASKED) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "On a flat, firm seat" in said
    assert "Hip sockets over the knees: 25 mm" in said
    assert "car" not in said
    assert run("set-up", *ASKED, "--set", "seat_height=60") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "too high for these legs" in said and "Hip sockets over the knees on a seat that would do: 25 mm" in said
    assert run("why", *ASKED, "--set", "seat_height=15in") == 0
    said = capsys.readouterr().out
    assert "15 in high" in said and "seat_height" not in said
    assert run("set-up", *ASKED, "--car") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "In a car: a folded towel" in said and "fills a bucket seat" in said
    assert "Hip sockets over" not in said and "From the floor" not in said
    assert run("set-up", *ASKED, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "psoas.chair/1"
    assert [line["name"] for line in told["chair"]["lines"]] == ["seat_height", "seat_depth", "wedge"]
    assert run("set-up", *ASKED, "--car", "--json") == 0
    in_car = json.loads(capsys.readouterr().out)
    assert in_car["sentence"].startswith("In a car") and not told["sentence"].startswith("In a car")
    assert {k: v for k, v in in_car.items() if k != "sentence"} == {k: v for k, v in told.items() if k != "sentence"}


def test_the_picture_of_a_seat_that_does_not_serve_is_of_one_that_would(tmp_path):
    file = tmp_path / "seat.svg"
    assert run("set-up", *ASKED, "--set", "seat_height=60", "--picture", str(file)) == 0
    assert "Sitting on a seat that would do" in file.read_text(encoding="utf-8")


def test_the_command_refuses_in_one_sentence(capsys):
    assert run("set-up", *ASKED, "--set", "seat_height=5m") == 2
    assert capsys.readouterr().err.strip() == "seat height is 500 cm; give 20 to 80 cm."


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--prop", "towel=3"), "--prop is 'towel=3', which sitting has no use for; leave it out."),
        (("--surface", "mattress"), "--surface is 'mattress', which sitting has no use for"),
        (("--heel-distance", "35"), "--heel-distance is '35', which sitting has no use for"),
        (("--foot-width", "20"), "--foot-width is '20', which sitting has no use for"),
        (("--arms", "thighs"), "--arms is 'thighs', which sitting has no use for"),
        (("--look", "lumbar_arch=3"), "--look is 'lumbar_arch=3', which sitting has no use for"),
        (("--how", "strip"), "--how is 'strip', which sitting has no use for"),
        (("--set", "seat_depth=50"), "give seat_height, or give seat_depth to psoas sit."),
        (("--set", "support=backrest"), "give seat_height, or give support to psoas sit."),
        (("--set", "knees=3"), "sitting has no knees; it has seat_height,"),
        (("--car", "--picture", "car.svg"), "a car's seat is not drawn; leave it or --car out."),
        (("--car", "--set", "seat_height=30"), "a car's seat is as high as it is; leave it or --car out."),
        (("--position", "supine", "--car"), "give --position sitting with it."),
        (("--position", "car"), "give bolstered, calves-on-chair, constructive-rest, side-lying, sitting or supine."),
        (
            ("--position", "standing"),
            "in which nobody lies; give bolstered, calves-on-chair, constructive-rest, side-lying, sitting or",
        ),
    ],
)
def test_what_a_chair_has_no_use_for_is_refused(words, said, capsys):
    assert run("set-up", *ASKED, *words) == 2
    complaint = capsys.readouterr().err
    assert said in complaint
    assert complaint.count("\n") == 1
