"""What a reader gets: layout, rounding, and words that claim no more than the numbers."""

import json

import numpy as np
import pytest
from rich.console import Console

from psoas import report
from psoas.person import Limb, Person
from psoas.position import position, positions
from psoas.props import prop, props
from psoas.uncertainty import Alternative, Change, changes, estimate
from psoas.units import Quantity

PERSON = Person("female", 1.72, 68.0, psoas_minor=True, left=Limb(hip_flexor_shortening=0.2))


@pytest.fixture(scope="module")
def bent():
    return estimate(PERSON, position("constructive-rest"), [prop("towel", 0.0254)], members=2, alternatives=False)


@pytest.fixture(scope="module")
def straight():
    return estimate(PERSON, position("supine"), members=2, alternatives=False)


def printed(what, width=80):
    console = Console(width=width, highlight=False, markup=False)
    with console.capture() as told:
        console.print(what)
    return told.get()


def quantity(value, low, high, unit="N"):
    return Quantity("x", value, unit, low, high)


def test_the_full_table_holds_every_quantity_once(bent):
    placed = [n for s in report.sections(bent.quantities, full=True) for r in s.rows for n in r.names if n]
    assert sorted(placed) == sorted(bent.quantities)
    assert not any(s.title == "More" for s in report.sections(bent.quantities, full=True))


def test_an_unknown_quantity_is_not_lost():
    [section] = report.sections(["spleen_volume"], full=True)
    assert section.rows[0].names == ("spleen_volume",)


def test_few_rows_by_default(bent, straight):
    for answer in (bent, straight):
        assert sum(len(section.rows) for section in report.sections(answer.quantities)) < 40
        assert len(printed(report.rest_report(answer)).splitlines()) < 75


def test_a_gap_under_bent_thighs_is_told_only_in_full(bent, straight):
    assert "Thighs" not in printed(report.rest_report(bent))
    assert "Thighs" in printed(report.rest_report(bent, full=True))
    assert "Thighs" in printed(report.rest_report(straight))


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("full", [False, True])
def test_nothing_is_cut_off(bent, straight, width, full):
    for answer in (bent, straight):
        text = printed(report.rest_report(answer, 4, full=full), width)
        assert "…" not in text
        assert all(len(line.rstrip()) <= width for line in text.splitlines())
    pair = {"supine": straight, "constructive-rest": bent}
    found = {"constructive-rest": changes(straight, bent)}
    assert "…" not in printed(report.compare_report(pair, found, 4), width)


def test_one_red_thing(bent):
    console = Console(width=80, highlight=False, force_terminal=True, color_system="standard", no_color=False)
    with console.capture() as told:
        console.print(report.rest_report(bent))
    red = [line for line in told.get().splitlines() if "31m" in line]
    assert len(red) == 1
    assert "Psoas major" in red[0]


def test_json_takes_no_nan(bent):
    lost = Alternative("the legs do not stay up", {})
    json.dumps(report.rest_json(bent, 4), allow_nan=False)
    odd = report.rest_json(type(bent)(**{**vars(bent), "alternatives": (lost,)}), 4)
    assert json.loads(json.dumps(odd, allow_nan=False))["alternatives"] == [{"title": lost.title, "differs": {}}]


def test_what_the_body_decided_is_filled_in(bent):
    found = report.settings(bent)
    assert 30.0 < found["heel_distance"].number < 41.0
    assert 10.0 < found["foot_width"].number < 25.0
    assert not found["heel_distance"].given
    assert found["arms"].text == "belly"


def test_the_comparison_as_plain_values(bent, straight):
    found = report.compare_json(
        {"supine": straight, "constructive-rest": bent}, {"constructive-rest": changes(straight, bent)}, 4
    )
    json.dumps(found, allow_nan=False)
    assert found["changes"]["constructive-rest"]["psoas_major_length_left"]["sign"] == -1


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (quantity(26.4, 13.2, 49.1, "deg"), "26 (13 to 49) deg"),
        (quantity(103.04, 102.8, 105.1, "deg"), "103 (103 to 105) deg"),
        (quantity(0.9012, 0.861, 1.287, "1"), "0.90 (0.86 to 1.29)"),
        (quantity(0.0, 0.0, 0.0), "0 N"),
        (quantity(666.89, 666.89, 666.89), "667 N"),
        (quantity(0.0, 0.0, 2.94), "0.0 (0.0 to 2.9) N"),
        (quantity(10.3, 9.8, 131.0), "10 (10 to 130) N"),
        (quantity(0.8, -2.8, 4.0, "mm"), "0.8 (-2.8 to 4.0) mm"),
    ],
)
def test_no_more_digits_than_the_range_supports(given, text):
    assert report.value_text(given).plain == text


@pytest.mark.parametrize(
    ("value", "low", "high", "sure", "text"),
    [
        (-19.2, -22.1, -4.3, True, "-19 (-22 to -4) N"),
        (38.1, 36.4, 51.2, True, "+38 (36–51) N"),
        (-50.0, -140.0, 70.0, False, "cannot tell"),
    ],
)
def test_a_change_is_told_where_the_bodies_agree(value, low, high, sure, text):
    assert report.change_text(Change("x", quantity(value, low, high), sure)).plain == text


def test_headlines_do_not_guess(straight, bent):
    found = changes(straight, bent)
    undecided = {name: Change(name, change.quantity, False) for name, change in found.items()}
    text = printed(
        report.compare_report({"supine": straight, "constructive-rest": bent}, {"constructive-rest": undecided})
    )
    assert "Cannot tell whether more or less: lordosis" in text
    assert "In constructive rest:" not in text


def test_both_sides_are_told_where_they_differ(bent, straight):
    text = printed(
        report.compare_report(
            {"supine": straight, "constructive-rest": bent}, {"constructive-rest": changes(straight, bent)}
        )
    )
    assert "Psoas pull, left" in text
    assert "Psoas pull, right" in text


@pytest.mark.parametrize(
    ("differs", "text"),
    [
        ({}, "It falls."),
        ({"lumbar_lordosis": (2.0, "deg")}, "It falls: lumbar lordosis +2.0 deg."),
        ({"lumbar_lordosis": (0.1, "deg")}, "It falls: much the same."),
        (
            {"hip_flexion_left": (12.0, "deg"), "hip_flexion_right": (12.0, "deg")},
            "It falls: hip flexion +12 deg.",
        ),
        (
            {"hip_flexion_left": (12.0, "deg"), "hip_flexion_right": (-3.0, "deg")},
            "It falls: left hip flexion +12 deg, right hip flexion -3.0 deg.",
        ),
    ],
)
def test_other_resting_places_in_words(differs, text):
    assert report.alternative_words(Alternative("it falls", differs)) == text


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (0.8, 0.95, "shorter than its easy length"),
        (1.1, 1.3, "longer than its easy length"),
        (0.9, 1.2, "around its easy length"),
    ],
)
def test_the_picture_says_no_more_than_the_range(low, high, text):
    assert report.stretch_words([quantity(0.5 * (low + high), low, high, "1")]) == text


def test_labels_are_ones_the_picture_knows(bent):
    from psoas.drawing import LABELS

    labels = report.picture_labels(bent, {"heel_distance": "14in", "towel": "1 inch"})
    assert set(labels) <= set(LABELS)
    assert labels["under_head"] == "towel 1 in"
    assert labels["psoas_major"].startswith("left ")
    assert "; right " in labels["psoas_major"]


def test_both_sides_alike_are_told_once():
    both = Limb(hip_flexor_shortening=0.35)
    assert report.person_words(Person("male", 1.9, 62.0, left=both, right=both)).endswith(
        "62 kg, hip flexors 35 % shorter"
    )


def test_a_length_is_told_in_the_persons_own_unit(bent):
    assert report.heel_words(bent, {"heel_distance": "1ft 2in"}).endswith("in from the buttocks")
    assert report.heel_words(bent, {"heel_distance": "35 cm"}).endswith("cm from the buttocks")


def test_every_position_and_prop_is_listed():
    text = printed(report.positions_report(positions().values()))
    assert all(one.id in text and one.summary[:20] in text for one in positions().values())
    assert all(saying.seed in text for one in positions().values() for saying in one.sources)
    assert all(one in printed(report.props_report(props().values())) for one in props())


def test_a_person_in_one_line():
    said = report.person_words(
        Person("male", 1.8, 80.5, age=40, waist=0.9, right=Limb(0.1, 0.95), psoas_minor=True, tone=0.01)
    )
    assert said == (
        "male, 180 cm, 80.5 kg, 40 years, waist 90 cm, right hip flexors 10 % shorter, right leg 95 cm,"
        " with psoas minor, tone 1 %"
    )


def test_mirrored_people_are_told_mirrored(bent):
    """Left and right are never swapped on the way to the table."""
    row = next(r for s in report.sections(bent.quantities) for r in s.rows if r.title == "Passive force")
    assert [name.rsplit("_", 1)[1] for name in row.names] == ["left", "right"]
    stretch = [bent.quantities[f"psoas_major_normalized_fiber_length_{s}"].value for s in ("left", "right")]
    assert np.diff(stretch) < 0.0
