"""What is noticed by eye: a note with "can't tell" everywhere, no finding, no hands, and a grade of its own elsewhere."""

import re
import tomllib
from importlib.resources import files

import pytest

from psoas.clues import CANT_TELL, NOTHING, clues, seen, told, worth
from psoas.errors import InputError

WRITTEN = tomllib.loads((files("psoas") / "clues.toml").read_text(encoding="utf-8"))
FORBIDDEN = re.compile(
    r"!|\b(should|must|safe\w*|need to|try|diagnos\w*|abnormal|normal|healthy|weak|faulty|dysfunction\w*|correct\w*|wrong"
    r"|disease\w*|heal\w*|cure\w*|metres?|grey|colour)\b",
    re.IGNORECASE,
)
HANDS = re.compile(r"\b(press|push|pull|palpat|squeez|dig)(s|es|ing|e|ed)?\b", re.IGNORECASE)


def by_id(id):
    return next(clue for clue in clues() if clue.id == id)


def test_the_features_are_all_there():
    assert {number for clue in clues() for number in clue.features} >= {*range(56, 65), 170}
    assert all(170 in clue.features and clue.sources for clue in clues())
    assert len({clue.id for clue in clues()}) == len(clues())


def test_every_clue_can_be_left_untold_and_names_the_page_of_its_grade():
    for clue in clues():
        ids = [answer.id for answer in clue.answers]
        assert ids[-1] == CANT_TELL and len(set(ids)) == len(ids)
        assert (NOTHING in ids) != clue.one
        assert 105 <= clue.evidence <= 163  # the claims that have pages
        assert clue.look and clue.claims and clue.model
        assert "model" in clue.model
        assert set(clue.tell) <= set(ids) and bool(clue.tell) == bool(clue.worth)


def test_nobody_is_touched_and_nothing_is_found():
    """Feature 95: nobody presses the psoas, and 170: non-invasive only."""
    texts = [
        text
        for clue in clues()
        for text in (clue.title, clue.look, clue.claims, clue.model, clue.worth, *(a.text for a in clue.answers))
    ]
    assert len(texts) > 70
    assert not [text for text in texts if FORBIDDEN.search(text)]
    assert not [clue.id for clue in clues() if HANDS.search(clue.look)]


def test_a_note_is_kept_in_the_order_of_looking():
    assert seen({"stride": ["same"], "pelvis": ["turns", "tips-back", "turns"], "foot": []}) == {
        "pelvis": ["tips-back", "turns"], "stride": ["same"],
    }  # fmt: skip
    assert seen({"pelvis": [CANT_TELL], "foot": [NOTHING]}) == {"pelvis": [CANT_TELL], "foot": [NOTHING]}
    assert seen({}) == {}


@pytest.mark.parametrize(
    ("ticked", "sentence"),
    [
        ({"nose": ["long"]}, "^what was looked at is 'nose'; give any of pelvis, "),
        ({"pelvis": ["bent"]}, "^the pelvis has 'bent'; give any of tips-forward, .*, nothing, cant-tell$"),
        (
            {"pelvis": ["turns", "cant-tell"]},
            """^the pelvis has "one side is turned forward" and "can't tell" together; leave one of them$""",
        ),
        ({"foot": ["nothing", "limp"]}, "^feet and limp has "),
        ({"hours-sat": ["under-4", "over-8"]}, "^hours that are sat has "),
    ],
)
def test_what_cannot_be_a_note(ticked, sentence):
    with pytest.raises(InputError, match=sentence):
        seen(ticked)


def test_a_note_is_told_in_words_and_what_is_unknown_is_passed_over():
    note = {"foot": ["limp", "out-left"], "pelvis": ["from elsewhere"], "other": ["x"], "stride": "same", "stoop": [3]}
    assert [(clue.id, text) for clue, text in told(note)] == [("foot", "The left turns out more; A limp")]


def test_falls_height_and_a_limp_lead_to_a_doctor_without_alarm():
    """Features 63, 64, 98 and 104."""
    assert worth({"pelvis": ["turns"], "stoop": ["nothing"], "foot": ["out-left"], "stride": ["shorter"]}) == ()
    for answer in ("stoops", "fell", "shorter"):
        [said] = worth({"stoop": [answer]})
        assert "worth telling a doctor at the next visit" in said and "emergency" not in said
    assert worth({"foot": ["limp"], "stoop": ["fell", "shorter"]}) == (by_id("stoop").worth, by_id("foot").worth)
    assert worth({"stoop": "fell"}) == ()
