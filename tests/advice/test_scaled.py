"""The sources' numbers, carried over to a body."""

from __future__ import annotations

import numpy as np
import pytest

from psoas import units
from psoas.advice import average_leg, leg_length, length, set_up, spoken
from psoas.body.build import build
from psoas.errors import InputError
from psoas.person import Limb, Person
from psoas.placement import heel_distance
from psoas.position import position
from psoas.props import prop

WOMAN, MAN = Person("female", 1.60, 60.0), Person("male", 1.85, 85.0)
REST = position("constructive-rest")


def line(setup, name):
    return next(one for one in setup.lines if one.name == name)


@pytest.mark.parametrize("person", [WOMAN, MAN], ids=["woman", "man"])
def test_the_heel_distance_is_the_one_the_body_is_laid_down_with(person):
    found = line(set_up(person, REST), "heel_distance").quantity
    assert found.value == pytest.approx(heel_distance(build(person), REST)[0])


def test_the_sources_numbers_scale_with_the_leg():
    for person in (WOMAN, MAN):
        found = line(set_up(person, REST), "heel_distance").quantity
        scale = leg_length(person) / average_leg()
        assert found.low == pytest.approx(units.to_si(12.0, "in") * scale)
        assert found.high == pytest.approx(units.to_si(16.0, "in") * scale)
        assert found.low < found.value < found.high


def test_a_leg_as_long_as_the_average_gets_the_sources_own_inches():
    leg = average_leg()
    person = Person("female", 1.65, 65.0)
    scale = leg / (person.thigh_length + person.shank_length)
    same = Limb(leg_length=person.expected_leg_length * scale)
    found = line(set_up(Person("female", 1.65, 65.0, left=same, right=same), REST), "heel_distance").quantity
    assert spoken(found, "in") == "14 in (12 to 16)"


def test_the_feet_are_as_far_apart_as_the_hip_sockets():
    for person in (WOMAN, MAN):
        body = build(person)
        hips = [body.joint_position[0, body.tree.segment(f"femur{end}")] for end in ("_r", "_l")]
        found = line(set_up(person, REST), "foot_width").quantity
        assert found.value == pytest.approx(np.linalg.norm(hips[0] - hips[1]))


def test_a_persons_own_choice_is_kept_and_told_beside_the_sources():
    own = REST.with_values(None, heel_distance=0.25)
    found = line(set_up(WOMAN, own), "heel_distance")
    assert found.quantity.value == 0.25
    assert found.reason.startswith("Your own choice")
    assert set_up(WOMAN, own).position["heel_distance"] == 0.25


def test_each_source_is_shown_as_it_gave_the_number():
    given = line(set_up(WOMAN, REST), "heel_distance").given
    assert [(s.seed, round(units.from_si(s.low, "in")), round(units.from_si(s.high, "in"))) for s in given] == [
        ("001", 16, 16), ("002", 12, 16),
    ]  # fmt: skip


def test_the_sentence_says_all_of_it():
    said = set_up(MAN, REST.with_values("mat"), [prop("towel", 0.03)]).sentence()
    for words in ("on the mat", "knees bent", "heels about", "a towel of 3 cm under your head", "hands on your belly"):
        assert words in said
    assert said.endswith(".")
    assert " cm" not in set_up(MAN, REST, [prop("towel", 0.03)]).sentence("in")


def test_legs_straight_have_no_numbers():
    found = set_up(WOMAN, position("supine"))
    assert found.lines == ()
    assert "legs straight" in found.sentence()


@pytest.mark.parametrize(
    ("metres", "unit", "said"), [(0.36, "cm", "36 cm"), (0.036, "cm", "3.5 cm"), (0.03, "in", "1 in")]
)
def test_lengths_read_as_people_say_them(metres, unit, said):
    assert length(metres, unit) == said


def test_another_unit_is_refused():
    with pytest.raises(InputError, match="unit is 'ft'; give cm or in"):
        length(1.0, "ft")
