"""The pages beside a rest: other ways and what is only named, things of a day, what is noticed by eye."""

import json
import re
from datetime import timedelta

import pytest

from psoas import clues, habits, session
from psoas.app import figures
from psoas.app.views.practice import evidence
from psoas.screening import OTHER_WAYS

TODAY = "2026-03-28"


@pytest.fixture
def who(at):
    return at.store.add_person("Kim", created_at=at.clock()).id


# -- other ways ---------------------------------------------------------------------------------------


def test_the_usual_ways_are_tabs_and_the_others_lie_in_a_fold(at):
    entry = at.begin()
    at.screened(entry)
    page = at.get(f"/rest/{entry}/set-up")
    nav = page.response.text.partition('class="tabs"')[2].partition("</nav>")[0]
    assert re.findall(r"way=([\w-]+)", nav) == [way.id for way in session.ways().values() if not way.other]
    fold = page.response.text.partition('<details class="others"')[2].partition("</details>")[0]
    assert not fold.startswith(" open")
    assert re.findall(r"way=([\w-]+)", fold) == list(OTHER_WAYS)
    assert f"/people/{at.who(entry)}/others" in page.links


@pytest.mark.parametrize("id", OTHER_WAYS)
def test_another_way_is_shown_set_up_rested_in_and_named_in_the_journal(at, id):
    way = session.way(id)
    entry = at.begin()
    at.screened(entry)
    page = at.get(f"/rest/{entry}/set-up?way={id}")
    for words in (
        way.summary,
        way.carried,
        *(cue.text for cue in (*way.down, *way.up)),
        *(one.words for one in way.not_for),
    ):
        assert words in page.text
    assert all(one.words in page.text for one in way.disagree) and way.minutes_note in page.text
    tabs = 1 if not way.near else 2
    assert page.response.text.count(f'/rest/{entry}/set-up?way={way.near or "supine"}"') == tabs
    assert '<details class="others" open>' in page.response.text
    assert page.form(f"/rest/{entry}/set-up").data["minutes"] == [str(way.minutes)]
    assert at.path(at.set_up(entry, id, "5")) == f"/rest/{entry}/session"
    at.post(f"/rest/{entry}/done")
    assert way.title in at.get(f"/people/{at.who(entry)}/journal").text
    assert at.get(f"/rest/{entry}/sheet").status == 200


def test_another_way_that_the_answers_leave_out_is_refused_with_its_reason(at):
    entry = at.begin()
    at.screened(entry, "knee")
    assert (
        "left out today: on the back with the knees drawn to the chest, between" in at.get(f"/rest/{entry}/answer").text
    )
    page = at.get(f"/rest/{entry}/set-up")
    out = "Knees drawn to the chest; Between the heels, leaning back; Child's pose"
    assert f"Left out after today’s answers: {out}." in page.text
    assert "way=virasana" not in page.response.text and "way=chair-backbend" in page.response.text
    page = at.set_up(entry, "virasana", "5")
    assert page.status == 422
    assert page.problem.startswith(
        "Resting between the heels, leaning back is not offered today. What folds the knees far"
    )


def test_where_none_of_the_others_is_left_the_fold_says_so(at):
    entry = at.begin()
    at.screened(entry, "heart")
    page = at.get(f"/rest/{entry}/set-up")
    assert "None of them is offered after today’s answers." in page.text
    assert not [id for id in OTHER_WAYS if f"way={id}" in page.response.text]


def test_before_exercise_and_beside_physiotherapy_stand_beside_the_sheet(at):
    """Features 14 and 172."""
    entry = at.begin()
    at.screened(entry)
    for way in ("constructive-rest", "chair"):
        text = at.get(f"/rest/{entry}/set-up?way={way}").text
        assert all(each.words in text for each in habits.besides())
        assert "for showing to whoever treats you" in text


def test_what_is_only_named_says_so_and_where_its_grade_is(at, who):
    page = at.get(f"/people/{who}/others")
    assert page.status == 200
    for each in session.pointers():
        assert each.title in page.text and each.says in page.text and each.unknown[1:] in page.text
        assert not each.evidence or evidence(each.evidence) in page.links
    for way in session.ways().values():
        assert (way.carried in page.text) == way.other
    assert at.get("/people/00000000-0000-4000-8000-000000000000/others").status == 404


# -- things of a day ----------------------------------------------------------------------------------


def test_an_empty_day_asks_for_nothing(at, who):
    page = at.get(f"/people/{who}/habits")
    assert (page.status, page.h1, page.problem) == (200, "Things of today", "")
    assert at.store.habit_days(who) == ()
    for habit in habits.habits():
        assert habit.title in page.text
    for check in habits.checks():
        assert all(point.text in page.text for point in check.items)
    assert not re.search(r"streak|in a row|well done|score|goal|!", page.text)


def test_a_day_is_kept_told_again_changed_and_deleted(at, who):
    given = {"day": TODAY, "done": ["feet", "walk"], "check_shoes": ["bends"], "note": " by the river\r\nand back "}
    page = at.post(f"/people/{who}/habits", given)
    assert page.response.url.query == b"day=2026-03-28"
    [kept] = at.store.habit_days(who)
    assert (kept.day, kept.done, kept.checks, kept.note) == (
        TODAY, ["walk", "feet"], {"shoes": ["bends"]}, "by the river\nand back",
    )  # fmt: skip
    assert "Of the 6 points that source 001 asks of shoes, 1 was ticked: a sole that bends." in page.text
    assert page.form(f"/people/{who}/habits").data["done"] == ["walk", "feet"]
    journal = at.get(f"/people/{who}/journal")
    assert "A leisurely walk; something for supple feet; shoes" in journal.text
    assert f"/people/{who}/habits?day={TODAY}" in journal.links
    at.post(f"/people/{who}/habits", {"day": TODAY, "done": ["bath"], "check_chair": ["none"]})
    [again] = at.store.habit_days(who)
    assert (again.id, again.done, again.checks, again.note) == (kept.id, ["bath"], {"chair": ["none"]}, "")
    at.post(f"/people/{who}/habits", {"day": TODAY, "do": "delete"})
    assert at.store.habit_days(who) == ()


def test_a_day_that_was_can_be_told_later(at, who):
    at.clock.later(days=3)
    at.post(f"/people/{who}/habits", {"day": TODAY, "done": ["before-exercise", "physiotherapy"]})
    page = at.get(f"/people/{who}/habits?day={TODAY}")
    assert page.h1 == "Things of 28 March 2026"
    assert page.form(f"/people/{who}/habits").data["done"] == ["before-exercise", "physiotherapy"]
    links = page.links
    assert f"/people/{who}/habits?day=2026-03-27" in links and f"/people/{who}/habits?day=2026-03-29" in links
    assert at.get(f"/people/{who}/habits?day=2026-03-30").h1 == "Things of yesterday"
    assert f"/people/{who}/habits?day=2026-04-01" not in at.get(f"/people/{who}/habits").links
    assert at.get(f"/people/{who}/habits?day=0001-01-01").h1 == "Things of 1 January 1"
    assert at.get(f"/people/{who}/habits").form(f"/people/{who}/habits").data.get("done") is None


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"day": "soon"}, "Day is 'soon'; give one such as 2026-03-28."),
        ({"day": "2026-03-29"}, "Day is 2026-03-29, which has not come yet; give 2026-03-28 or an earlier one."),
        ({"done": ["walk", "run"]}, "What the day had is 'run'; give any of walk, "),
        ({"check_shoes": ["bends", "none"]}, "Shoes has none and something as well; leave one of them."),
        ({"check_boots": ["bends"]}, "What was looked over is 'boots'; give any of shoes, "),
        ({"note": "x" * 2001}, "Note has 2001 characters; give 2000 at most."),
    ],
)
def test_a_day_that_cannot_be_kept_comes_back_with_all_that_was_typed(at, who, typed, told):
    given = {"day": TODAY, "done": ["walk"], "check_car": ["filled"], "note": "a long way\nhome", **typed}
    page = at.post(f"/people/{who}/habits", given)
    assert page.status == 422
    assert page.problem.startswith(told)
    data = page.form(f"/people/{who}/habits").data
    assert data["note"] == [given["note"]] and data["check_car"] == ["filled"]
    assert set(data["done"]) == set(given["done"]) - {"run"}
    assert at.store.habit_days(who) == ()


def test_an_address_with_a_day_that_is_none_says_so(at, who):
    for day in ("2026-02-30", "x" * 200, "2027-01-01"):
        page = at.get(f"/people/{who}/habits?day={day}")
        assert (page.status, page.h1) == (422, "Things of today")
        assert page.problem.startswith("Day is ") and len(page.problem) < 200


# -- what is noticed by eye ---------------------------------------------------------------------------


def test_every_clue_has_its_picture_its_claim_its_grade_and_what_the_model_says(at, who):
    page = at.get(f"/people/{who}/clues")
    assert page.status == 200
    for clue in clues.clues():
        for words in (clue.title, clue.look, clue.claims, clue.model, *(answer.text for answer in clue.answers)):
            assert words in page.text
        assert figures.picture(clue.id) in page.response.text
        assert evidence(clue.evidence) in page.links
    assert "nobody presses, pulls or lifts" in page.text
    assert at.store.clue_notes(who) == ()


def test_a_note_is_kept_read_changed_listed_and_deleted(at, who):
    given = {
        "clue_stoop": ["fell", "shorter"],
        "clue_hours-sat": "over-8",
        "clue_stride": "",
        "by": "a teacher",
        "words": "",
    }
    page = at.post(f"/people/{who}/clues", given)
    [note] = at.store.clue_notes(who)
    assert at.path(page) == f"/clues/{note.id}"
    assert note.seen == {"hours-sat": ["over-8"], "stoop": ["fell", "shorter"]}
    assert "worth telling a doctor at the next visit" in page.text
    data = page.form(f"/clues/{note.id}").data
    assert (data["clue_stoop"], data["clue_hours-sat"], data["clue_stride"], data["by"]) == (
        ["fell", "shorter"], ["over-8"], [""], ["a teacher"],
    )  # fmt: skip
    for listing in (f"/people/{who}/journal", f"/people/{who}/clues"):
        page = at.get(listing)
        assert "2 clues, a teacher" in page.text and f"/clues/{note.id}" in page.links
    at.post(f"/clues/{note.id}", {"clue_stoop": ["nothing"], "words": "one\r\ntwo"})
    changed = at.store.clue_note(note.id)
    assert (changed.seen, changed.words, changed.by) == ({"stoop": ["nothing"]}, "one\ntwo", "")
    assert "worth telling a doctor" not in at.get(f"/clues/{note.id}").text
    assert at.post(f"/clues/{note.id}/delete").h1 == "Not deleted"
    assert at.path(at.post(f"/clues/{note.id}/delete", {"sure": "yes"})) == f"/people/{who}/clues"
    assert at.store.clue_notes(who) == ()
    assert at.get(f"/clues/{note.id}").status == 404


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (
            {"clue_pelvis": ["turns", "cant-tell"]},
            'The pelvis has "one side is turned forward" and "can\'t tell" together;',
        ),
        ({"clue_nose": ["long"]}, "What was looked at is 'nose'; give any of pelvis, "),
        ({"clue_stride": ["same", "longer"]}, "Steps, before and after has "),
        ({"by": "x" * 201}, "By has 201 characters; give 200 at most."),
        ({"words": "", "clue_foot": []}, "The note is empty; tick an answer, such as can't tell, or write a word."),
    ],
)
@pytest.mark.parametrize("new", [True, False])
def test_a_note_that_cannot_be_kept_comes_back_with_all_that_was_typed(at, who, typed, told, new):
    note = at.store.add_clue_note(who, created_at=at.clock(), seen={"foot": ["limp"]}, words="as it was")
    path = f"/people/{who}/clues" if new else f"/clues/{note.id}"
    given = {"clue_foot": ["out-left"], "words": "slowly\nand long", **typed}
    page = at.post(path, given)
    assert page.status == 422
    assert page.problem.startswith(told)
    data = page.form(path).data
    assert data["words"] == [given["words"]]
    assert data.get("clue_foot", []) == given["clue_foot"]
    assert data.get("clue_pelvis", []) == given.get("clue_pelvis", [])
    assert at.store.clue_notes(who) == (note,)


def test_a_note_from_a_file_that_knows_other_clues_is_shown_as_far_as_it_is_known(at, who):
    note = at.store.add_clue_note(
        who, created_at=at.clock(), seen={"ear": ["red"], "foot": ["limp", "bare"], "pelvis": "x"}
    )
    page = at.get(f"/clues/{note.id}")
    assert page.status == 200 and page.form(f"/clues/{note.id}").data["clue_foot"] == ["limp"]
    day = {
        "day": TODAY,
        "created_at": at.clock(),
        "done": ["swim"],
        "checks": {"shoes": "x", "hat": ["on"], "car": [3]},
    }
    at.store.save_habit_day(who, **day)
    assert at.get(f"/people/{who}/habits").status == 200
    assert "Swim" in at.get(f"/people/{who}/journal").text


def test_all_of_it_goes_out_comes_in_and_is_erased(at, who, open_app, tmp_path):
    at.post(f"/people/{who}/habits", {"day": TODAY, "done": ["walk"], "check_chair": ["flat"], "note": "tea"})
    at.post(f"/people/{who}/clues", {"clue_pelvis": ["turns"], "words": "slowly"})
    out = at.client.get(f"/people/{who}/export.json").content
    told = json.loads(out)
    assert [len(told[kind]) for kind in ("habit_days", "clue_notes")] == [1, 1]
    there = open_app(tmp_path / "there")
    other = there.store.add_person("Somebody", created_at=there.clock()).id
    page = there.post(f"/people/{other}/import", files={"file": ("psoas.json", out)})
    assert "Taken in: 3 new" in page.text
    assert there.store.habit_days(who) == at.store.habit_days(who)
    assert there.store.clue_notes(who) == at.store.clue_notes(who)
    at.post(f"/people/{who}/erase", {"sure": "yes", "what": "me"})
    assert at.store.habit_days(who) == at.store.clue_notes(who) == ()


def test_today_leads_there_once_there_was_a_rest(at):
    assert "habits" not in at.get("/").response.text
    entry = at.rested()
    at.clock.later(days=1)
    assert f"/people/{at.who(entry)}/habits" in at.get(f"/people/{at.who(entry)}").links
    assert at.clock() - at.store.entry(entry).created_at == timedelta(days=1)
