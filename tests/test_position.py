"""Positions as data: what can be chosen, and what is refused with which sentence."""

import math
from importlib.resources import files

import pytest

from psoas.errors import InputError
from psoas.position import SURFACES, position, positions, upright_position

CENTIMETRE, INCH = 0.01, 0.0254


def test_there_are_four_and_python_has_its_own_names():
    assert set(positions()) == {"supine", "constructive-rest", "bolstered", "calves-on-chair", "side-lying"}
    assert position("hook_lying") is position("constructive-rest")
    assert position("supine").legs == "straight"
    assert position("hook_lying").legs == "sole"


def test_every_file_in_the_folder_is_a_position():
    found = [f for f in files("psoas.positions").iterdir() if f.name.endswith(".toml")]
    assert {f.name.removesuffix(".toml") for f in found} == set(positions())


def test_the_sources_say_12_to_16_inches():
    """Seeds 001 and 002; the usual distance is the middle, 14 inches."""
    resting = position("constructive-rest")
    said = {s.seed: (s.low, s.high) for s in resting.sources if s.parameter == "heel_distance"}
    assert said["001"] == pytest.approx((16 * INCH, 16 * INCH))
    assert said["002"] == pytest.approx((12 * INCH, 16 * INCH))
    assert resting.usual_heel_distance == pytest.approx(14 * INCH)
    assert resting.number("heel_distance") is None  # it follows from the body


@pytest.mark.parametrize("name", ["supine", "constructive-rest"])
def test_every_default_and_every_saying_could_be_asked_for(name):
    resting = position(name)
    for parameter in resting.parameters.values():
        assert parameter.title
        assert bool(parameter.unit) != bool(parameter.choices)
        if parameter.default is not None:
            assert resting.with_values(**{parameter.name: parameter.default})[parameter.name] == parameter.default
    for saying in resting.sources:
        assert saying.says
        if saying.parameter:
            asked = resting.parameters[saying.parameter]
            assert asked.low <= saying.low <= saying.high <= asked.high


def test_values_are_set_on_a_copy():
    resting = position("constructive-rest")
    changed = resting.with_values(surface="mat", heel_distance=0.30, arms="ribs")
    assert changed.number("heel_distance") == 0.30
    assert changed["arms"] == "ribs"
    assert changed.surface == "mat"
    assert resting.number("heel_distance") is None
    assert resting["arms"] == "belly"
    assert resting.surface == "floor"
    assert resting.with_values(heel_distance=None).number("heel_distance") is None
    with pytest.raises(TypeError):
        resting.values["arms"] = "sides"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"heel_distance": 0.04}, "heel distance is 4 cm; give 5 to 90 cm"),
        ({"heel_distance": 0.91}, "heel distance is 91 cm; give 5 to 90 cm"),
        ({"heel_distance": math.nan}, "heel distance is nan cm; give 5 to 90 cm"),
        ({"heel_distance": math.inf}, "heel distance is inf cm; give 5 to 90 cm"),
        ({"arms": "overhead"}, "arms is 'overhead'; give sides, belly or ribs"),
        ({"surface": "bed"}, "surface is 'bed'; give floor, mat or mattress"),
        ({"head": 0.1}, "constructive-rest has no head; it has heel_distance, foot_width, arms, lateral_tone"),
    ],
)
def test_what_is_refused_and_how(given, sentence):
    with pytest.raises(InputError) as caught:
        position("constructive-rest").with_values(**given)
    assert str(caught.value) == sentence


def test_what_there_is_one_of_is_named_alone():
    with pytest.raises(InputError, match=r"^arms is 'up'; give sides$"):
        upright_position("standing").with_values(arms="up")


def test_centimeters_that_were_read_as_meters_are_told():
    with pytest.raises(InputError, match=r"^seat height is 4000 cm; give 20 to 80 cm, or 0\.4 m if 40 cm were meant$"):
        upright_position("sitting").with_values(seat_height=40)


@pytest.mark.parametrize("end", [0.05, 0.90, 0.90 * (1.0 + 1e-12)])
def test_an_end_of_a_range_is_taken(end):
    assert position("constructive-rest").with_values(heel_distance=end).number("heel_distance") == end


def test_a_word_for_a_number_is_bad_input():
    with pytest.raises(InputError, match="heel distance is 'far'"):
        position("constructive-rest").with_values(heel_distance="far")


def test_a_position_nobody_knows():
    with pytest.raises(
        InputError,
        match="position is 'suppine'; give bolstered, calves-on-chair, constructive-rest, side-lying or supine; did you mean",
    ):
        position("suppine")
    with pytest.raises(
        InputError, match="position is 'zz'; give bolstered, calves-on-chair, constructive-rest, side-lying or supine$"
    ):
        position("zz")


def test_every_surface_can_be_lain_on():
    for surface in SURFACES:
        assert position("supine").with_values(surface=surface).surface == surface
