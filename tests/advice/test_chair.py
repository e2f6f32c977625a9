"""A chair for one body: the rule holds on the seat that it gives, its ends are where it stops holding, and what cannot be."""

import json
from dataclasses import replace

import pytest

from psoas.advice.chair import ABOVE, chair
from psoas.cli import main
from psoas.errors import InputError
from psoas.person import Limb, Person
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
    assert any("under the feet" in note for note in found.notes)
    assert lines(found)["wedge"].value == 0.0


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
    assert "Hip sockets over the knees" in said
    assert run("set-up", *ASKED, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "psoas.chair/1"
    assert [line["name"] for line in told["chair"]["lines"]] == ["seat_height", "seat_depth", "wedge"]


def test_the_command_refuses_in_one_sentence(capsys):
    assert run("set-up", *ASKED, "--set", "seat_height=5m") == 2
    assert capsys.readouterr().err.strip() == "seat height is 500 cm; give 20 to 80 cm."
    assert run("set-up", *ASKED, "--prop", "towel=3") == 2
    assert "sitting has no use for" in capsys.readouterr().err
