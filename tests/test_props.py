"""Props: what there is, how thick it may be, and what is refused."""

import math

import pytest

from psoas.errors import InputError
from psoas.props import prop, props


def test_there_are_three_and_all_lie_under_the_head():
    assert set(props()) == {"towel", "pillow", "folded-blanket"}
    for known in props().values():
        assert known.under == "head"
        assert known.low <= known.thickness <= known.high
        assert 0.05 < known.length < 1.0
        assert known.modulus > 0.0
        assert known.title


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
    with pytest.raises(
        InputError, match=r"^prop is 'towl'; give towel, pillow or folded-blanket; did you mean towel\?$"
    ):
        prop("towl")
    with pytest.raises(InputError, match=r"^prop is 'zz'; give towel, pillow or folded-blanket$"):
        prop("zz")
