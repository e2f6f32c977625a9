"""Props: what there is, how thick it may be, and what is refused."""

import math

import pytest

from psoas.errors import InputError
from psoas.props import PLACES, furnished, prop, props


def test_every_prop_has_a_place_and_sizes_that_can_be():
    assert {known.under for known in props().values()} == set(PLACES) - {
        "between-knees"
    }  # there only if somebody says so
    for known in props().values():
        assert known.low <= known.thickness <= known.high
        assert 0.05 < known.length < 1.0
        assert known.modulus > 0.0
        assert known.title
        assert 0.0 < known.soft <= known.thickness


def test_what_gives_way_is_all_of_a_cushion_and_the_padding_of_a_chair():
    assert prop("cushion", 0.08).compliance == pytest.approx(0.08 / prop("cushion").modulus)
    assert prop("chair", 0.30).soft == prop("chair", 0.50).soft < 0.1


def test_a_place_can_be_chosen():
    assert prop("towel", 0.02, "shoulders").under == "shoulders"
    with pytest.raises(InputError, match=r"^towel lies under 'knees'; give head, shoulders, calves or between-knees$"):
        prop("towel", under="knees")
    with pytest.raises(InputError, match=r"^towel lies under the calves; only a chair carries the calves$"):
        prop("towel", under="calves")
    with pytest.raises(InputError, match=r"^chair lies under the head; a chair carries the calves$"):
        prop("chair", under="head")


def test_what_a_position_needs_is_there():
    assert [p.id for p in furnished({"shoulders": "bolster"})] == ["bolster"]
    own = [prop("cushion", 0.10), prop("towel")]
    assert furnished({"shoulders": "bolster"}, own) == own
    assert furnished({}) == []


def test_a_thickness_is_taken_in_metres():
    assert prop("towel", 0.05).thickness == 0.05
    assert prop("towel").thickness == props()["towel"].thickness
    assert prop("towel", 0.05).modulus == prop("towel").modulus


@pytest.mark.parametrize("thickness", [0.0, -0.03, 1.0, math.nan, math.inf])
def test_a_thickness_it_cannot_have(thickness):
    with pytest.raises(InputError, match=r"^towel thickness is .* cm; give 0.5 to 12 cm$"):
        prop("towel", thickness)


def test_the_ends_of_the_range_are_in_it():
    for known in props().values():
        assert prop(known.id, known.low).thickness == known.low
        assert prop(known.id, known.high).thickness == known.high


def test_a_prop_nobody_knows():
    with pytest.raises(InputError, match=r"^prop is 'towl'; give towel, pillow, .* or chair; did you mean towel\?$"):
        prop("towl")
    with pytest.raises(InputError, match=r"^prop is 'zz'; give towel, pillow, .* or chair$"):
        prop("zz")


def test_a_blanket_is_a_folded_blanket():
    assert prop("blanket") == prop("folded-blanket")
    assert prop("blanket", 0.04, "shoulders") == prop("folded-blanket", 0.04, "shoulders")
