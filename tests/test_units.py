import contextlib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psoas import units
from psoas.errors import InputError
from psoas.units import Quantity, parse_angle, parse_length, parse_mass, within

rounding = 1e-15  # relative; a decimal times an exact factor may differ by the last bit


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("35", 0.35),
        (35, 0.35),
        (0.35, 0.0035),
        (np.float64(35), 0.35),
        ("12 cm", 0.12),
        ("14in", 14 * 0.0254),
        ("14 Inches", 14 * 0.0254),
        ("1.72 m", 1.72),
        (" 172 ", 1.72),
        ("1720mm", 1.72),
        (".5m", 0.5),
        ("1e2 cm", 1.0),
        ("5ft 8in", 68 * 0.0254),
        ("5 ft 8.5 in", 68.5 * 0.0254),
        ("5'8\"", 68 * 0.0254),
        ("5′ 8″", 68 * 0.0254),
        ("5'8", 68 * 0.0254),
        ("5 feet", 60 * 0.0254),
        ("1,72 m", 1.72),
        ("68,5", 0.685),
        ("0", 0.0),
        ("-0", 0.0),
    ],
)
def test_lengths_as_people_type_them(text, metres):
    assert parse_length(text) == pytest.approx(metres, rel=rounding)


@pytest.mark.parametrize(
    ("text", "kilograms"),
    [
        ("68", 68.0),
        (68.5, 68.5),
        ("68kg", 68.0),
        ("150 lb", 150 * 0.45359237),
        ("150lbs", 150 * 0.45359237),
        ("10st 7lb", 147 * 0.45359237),
        ("10 stone", 140 * 0.45359237),
        ("500 g", 0.5),
    ],
)
def test_masses_as_people_type_them(text, kilograms):
    assert parse_mass(text) == pytest.approx(kilograms, rel=rounding)


@pytest.mark.parametrize(
    ("text", "radians"),
    [
        ("180", math.pi),
        (-90, -math.pi / 2),
        ("45°", math.pi / 4),
        ("0.8 rad", 0.8),
        ("-10 deg", -math.pi / 18),
    ],
)
def test_angles_may_be_negative(text, radians):
    assert parse_angle(text) == pytest.approx(radians, rel=rounding)


def test_a_bare_number_takes_the_default_unit():
    assert parse_length(1.72, "m") == 1.72
    assert parse_length("5ft 8", "m") == pytest.approx(68 * 0.0254, rel=rounding)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "tall", "12 kg", "12 parsec", "172 cm 5", "5 8", "5in 8ft", "5ft -8in", "1,720", "1,7,2", "1_000",
        "0x10", "1/2 m", "--3", "1.2.3", True, None, [172], {"cm": 172},
    ],
)  # fmt: skip
def test_what_is_no_length_is_refused_with_its_value_and_what_would_do(text):
    with pytest.raises(InputError) as refusal:
        parse_length(text, name="stature")
    assert str(refusal.value) == (
        f"stature is {text!r}; give a length in centimeters, or with its unit, such as 172, 1.72 m, 14in or 5ft 8in"
    )


@pytest.mark.parametrize("text", ["nan", "NaN", "inf", "-inf", "1e999", math.nan, math.inf, 10**400])
@pytest.mark.parametrize("parse", [parse_length, parse_mass, parse_angle])
def test_what_is_not_finite_is_refused(parse, text):
    with pytest.raises(InputError, match="not a finite number; give"):
        parse(text)


@pytest.mark.parametrize("text", ["-3", -3, "-3 cm", "-5ft 8in", -1e-9])
def test_negative_lengths_are_refused(text):
    with pytest.raises(InputError, match=r"^heel distance is .*, which is negative; give a length"):
        parse_length(text, name="heel distance")


def test_a_length_that_may_be_negative_is_so_in_all_its_parts():
    assert parse_length("-1cm", signed=True) == pytest.approx(-0.01)
    assert parse_length("-5ft 8in", signed=True) == pytest.approx(-parse_length("5ft 8in"))
    assert parse_length("3 cm", signed=True) == pytest.approx(0.03)


def test_an_end_that_was_typed_lies_within():
    assert 230 * 0.01 > 2.3  # what the slack is for
    assert within(230 * 0.01, 1.3, 2.3) and within(203 * 0.01, 1.42, 2.03)
    assert not within(2.3001, 1.3, 2.3) and not within(math.nan, 0.0, 1.0) and not within(math.inf, 0.0, math.inf)


def test_negative_masses_are_refused():
    with pytest.raises(InputError, match="which is negative; give a mass"):
        parse_mass("-1 lb")


@given(st.text(max_size=12))
def test_any_text_gives_a_finite_length_or_is_refused(text):
    with contextlib.suppress(InputError):
        value = parse_length(text)
        assert math.isfinite(value)
        assert value >= 0


@pytest.mark.parametrize(
    ("symbol", "factor", "dimension"),
    [
        ("1", 1.0, (0, 0, 0, 0)),
        ("N m/rad", 1.0, (2, 1, -2, -1)),
        ("Nm/rad", 1.0, (2, 1, -2, -1)),
        ("N·m/deg", 180 / math.pi, (2, 1, -2, -1)),
        ("N*m", 1.0, (2, 1, -2, 0)),
        ("N/cm2", 1e4, (-1, 1, -2, 0)),
        ("cm^2", 1e-4, (2, 0, 0, 0)),
        ("cm²", 1e-4, (2, 0, 0, 0)),
        ("kg m2", 1.0, (2, 1, 0, 0)),
        ("1/rad", 1.0, (0, 0, 0, -1)),
        ("N s/m", 1.0, (0, 1, -1, 0)),
        ("m/s/s", 1.0, (1, 0, -2, 0)),
        ("m s-2", 1.0, (1, 0, -2, 0)),
        ("%", 0.01, (0, 0, 0, 0)),
    ],
)
def test_units_compose(symbol, factor, dimension):
    unit = units.unit(symbol)
    assert unit.factor == pytest.approx(factor, rel=1e-14)
    assert unit.dimension == dimension


@pytest.mark.parametrize("symbol", ["", "furlong", "m; rad", "/s", "m//s", "N m rad-", "2m"])
def test_an_unknown_unit_is_refused_with_those_that_are_known(symbol):
    with pytest.raises(InputError, match=r"is not a unit.*known parts are 1, %, m, cm"):
        units.unit(symbol)


@pytest.mark.parametrize("symbol", units.UNITS)
def test_there_and_back(symbol):
    values = np.array([0.0, -1.5, 3e7])
    np.testing.assert_allclose(units.from_si(units.to_si(values, symbol), symbol), values, rtol=rounding)


@pytest.mark.parametrize(
    ("value", "low", "high", "unit", "text"),
    [
        (38.412, 29.05, 47.77, "deg", "38 (29 to 48) deg"),  # half width 9.36: one digit
        (1.0412, 0.93, 1.18, "1", "1.04 (0.93 to 1.18)"),  # 0.125: two digits
        (23.4, 0.0, 140.0, "N", "20 (0 to 140) N"),  # 70: tens
        (23.4, 16.0, 48.0, "N", "23 (16 to 48) N"),  # 16: two digits
        (-0.0012, -0.4, 0.5, "mm", "0.0 (-0.4 to 0.5) mm"),  # 0.45: one digit, and no -0.0
        (667.0822, 667.0822, 667.0822, "N", "667.1 (667.1 to 667.1) N"),  # no width: four digits
        (667.0822, 667.08219, 667.08221, "N", "667.1 (667.1 to 667.1) N"),
        (0.0, 0.0, 0.0, "N", "0 (0 to 0) N"),
        (5.0, 6.0, 9.0, "mm", "5.0 (6.0 to 9.0) mm"),  # the value may lie outside
    ],
)
def test_a_quantity_prints_the_digits_its_interval_supports(value, low, high, unit, text):
    assert Quantity("x", value, unit, low, high).format() == text


numbers = st.floats(-1e6, 1e6)


@given(st.tuples(numbers, numbers, numbers))
def test_rounding_stays_within_a_tenth_of_the_interval_or_four_digits(three):
    low, value, high = sorted(three)
    places = units.decimal_places(value, low, high)
    error = abs(float(units.format_number(value, places)) - value)
    # One digit of a half width of 3.55 or more: half a unit is at most 0.5/3.55 of the half width.
    assert error <= max(0.15 * (high - low) / 2, 5e-4 * max(abs(low), abs(high))) + 1e-12


@pytest.mark.parametrize(
    "broken",
    [
        {"value": math.nan},
        {"low": -math.inf},
        {"high": math.inf},
        {"low": 2.0, "high": 1.0},
        {"unit": "furlong"},
    ],
)
def test_a_broken_quantity_cannot_be_made(broken):
    with pytest.raises(InputError):
        Quantity(**{"name": "x", "value": 1.0, "unit": "N", "low": 0.0, "high": 2.0, **broken})


def test_a_quantity_for_json_keeps_full_precision():
    quantity = Quantity("pelvic_tilt", 1 / 3, "deg", 0.1, 0.7, ("ward2009",))
    assert quantity.as_dict() == {
        "value": 1 / 3, "unit": "deg", "low": 0.1, "high": 0.7, "sources": ["ward2009"],
    }  # fmt: skip


def test_measures_for_reading():
    assert units.format_length(1.72) == "172 cm"
    assert units.format_length(0.3556) == "35.6 cm"
    assert units.format_length(0.0034) == "3.4 mm"
    assert units.format_mass(68.0) == "68 kg"
    assert units.format_mass(68.04) == "68 kg"
    assert units.format_angle(math.pi / 4) == "45 deg"
    assert units.format_angle(-1e-9) == "0 deg"
