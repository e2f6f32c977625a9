"""What a person sees and feels of themselves, as it is read and kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psoas import noticing
from psoas.errors import InputError
from psoas.journal import PLACES

MILLIMETER = 1e-3


@pytest.mark.parametrize(
    ("text", "value"),
    [("3", 0.03), ("3 cm", 0.03), ("1in", 0.0254), ("0", 0.0), ("12 mm", 0.012), ("2 fingers", 0.036), ("1 finger", 0.018),
     ("one finger", 0.018), ("2f", 0.036), ("half a finger", 0.009), (" 2   Fingers ", 0.036)],
)  # fmt: skip
def test_a_gap_is_read(text, value):
    found = noticing.seen(text, "helper")
    assert found.value == pytest.approx(value)
    assert found.low <= found.value <= found.high


@pytest.mark.parametrize("text", ["can't tell", "Can’t tell", "cant tell", "?"])
def test_cant_tell_is_an_answer(text):
    found = noticing.seen(text)
    assert (found.value, found.low, found.high, found.said) == (None, None, None, noticing.CANT_TELL)


@pytest.mark.parametrize("text", ["", "some", "-1", "nan", "inf", "2 toes", "20", "30 fingers", "1e9", "2 kg"])
def test_what_is_no_gap_is_one_sentence(text):
    with pytest.raises(InputError) as refused:
        noticing.seen(text, name="Small of the back")
    said = str(refused.value)
    assert said.startswith("Small of the back is")
    assert "give " in said
    assert "\n" not in said


def test_how_a_gap_was_taken_decides_its_range():
    ranges = {how: noticing.seen("3 cm", how) for how in noticing.HOWS}
    for how, found in ranges.items():
        assert found.high - found.value == pytest.approx(noticing.TAKEN_WITHIN[how])
    with pytest.raises(InputError, match="strip, photo, helper or guess"):
        noticing.seen("3 cm", "eye")


def test_fingers_carry_the_spread_of_fingers():
    found = noticing.seen("2 fingers", "helper")
    middle, low, high = noticing.finger()
    assert low < middle < high
    assert found.low == pytest.approx(2 * low - noticing.TAKEN_WITHIN["helper"])
    assert found.high == pytest.approx(2 * high + noticing.TAKEN_WITHIN["helper"])


@given(st.floats(0, 15), st.sampled_from(noticing.HOWS))
def test_a_range_holds_its_value_and_no_gap_is_negative(centimeters, how):
    found = noticing.seen(f"{centimeters:.3f} cm", how)
    assert 0 <= found.low <= found.value <= found.high <= noticing.most() + 0.02 + MILLIMETER


def test_a_look_keeps_only_what_was_answered():
    kept = noticing.look({"ribs_left": "1 cm", "ribs_right": "", "lumbar_arch": "can't tell"}, "strip")
    assert list(kept) == ["lumbar_arch", "ribs_left"]
    assert kept["lumbar_arch"]["value"] is None
    with pytest.raises(InputError, match="place is 'knee'"):
        noticing.look({"knee": "1"})


def test_the_journal_knows_every_place():
    assert tuple(place.id for place in noticing.places()) == PLACES


def test_every_place_can_be_taken_alone_without_lifting_or_reaching():
    for place in noticing.places():
        assert place.alone
        assert place.helper.startswith(("Someone", "Flat"))
        assert not any(word in place.alone for word in ("lift", "reach under", "raise"))


def test_words_are_offered_once_and_nothing_comes_first():
    ids = [word.id for word in noticing.words()]
    assert ids[0] == "nothing"
    assert len(ids) == len(set(ids))
    assert {70, 71, *range(76, 89)} <= {number for word in noticing.words() for number in word.features}


def test_noticed_words_are_checked_and_put_in_order():
    assert noticing.noticed(["tears", "nothing", "tears"]) == ("nothing", "tears")
    with pytest.raises(InputError, match="what was noticed is 'joy'"):
        noticing.noticed(["joy"])


def test_the_words_interpret_nothing():
    for word in noticing.words():
        assert not any(said in word.text.lower() for said in ("trauma", "release", "stored", "because", "sign of", "!"))


# -- as it is kept ------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["3 cm", "2 fingers", "0", "can't tell"])
def test_a_gap_comes_back_as_it_was_kept(said):
    gap = noticing.seen(said, "photo")
    assert noticing.kept(gap.as_dict()) == gap


@pytest.mark.parametrize(
    "odd",
    [
        None, 3, {}, {"value": 0.03}, {"value": 0.03, "low": None, "high": None, "said": "3 cm", "how": "guess"},
        {"value": "wide", "low": 0.0, "high": 0.1, "said": "", "how": ""},
        {"value": [], "low": 0, "high": 0, "said": "", "how": ""},
    ],
)  # fmt: skip
def test_what_came_without_a_range_or_is_no_gap_is_none(odd):
    assert noticing.kept(odd) is None
