"""A comparison through its pages, and what the looks tell: by forms alone, without script, on a clock that is moved."""

import csv
import io
import re
from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import pytest

from psoas import comparison, noticing
from psoas.app import chart
from psoas.app.views import journal
from psoas.app.views.comparison import BLIND, CHOICES, OUTCOMES
from psoas.journal import exchange


@pytest.fixture(autouse=True)
def one_lot(monkeypatch):
    """The plans of these tests are the same each time."""
    monkeypatch.setattr("psoas.app.views.comparison.secrets", SimpleNamespace(randbelow=lambda most: 20260412 % most))


def begun(at, who=None, **chosen):
    """A comparison, by its form as it stands but for what is given; the page that comes, and the comparison."""
    who = who or at.store.add_person(created_at=at.clock()).id
    form = at.get(f"/people/{who}/compare").form(f"/people/{who}/compare")
    page = at.post(form.action, form.filled(**chosen))
    assert page.status == 200, page.problem
    return page, at.store.comparison(at.path(page).split("/")[2])


def rests(at, who, *, before="4", after="6", was=None, **more):
    """One rest from Begin to the check back, by forms; what it was is left as the page has it, unless it is given."""
    entry = at.begin(who)
    page = at.screened(entry)
    if page.h1 == "Is this for you today?":
        raise AssertionError(page.problem)
    at.post(f"/rest/{entry}/look", {"how": "strip", "comfort_before": before, **more.get("look", {})})
    form = at.get(f"/rest/{entry}/set-up").form(f"/rest/{entry}/set-up")
    assert at.path(at.post(form.action, form.filled(do="go"))) == f"/rest/{entry}/session"
    at.post(f"/rest/{entry}/done")
    if "again" in more:
        at.post(f"/rest/{entry}/look-again", {"how": "strip", **more["again"]})
    form = at.get(f"/rest/{entry}/check-back").form(f"/rest/{entry}/check-back")
    filled = {"comfort_after": after, **({"compared": was} if was else {}), **more.get("back", {})}
    assert at.post(form.action, form.filled(**filled)).status == 200
    return SimpleNamespace(id=entry, entry=at.store.entry(entry), set_up=form)


def lived(at, made, better=0, scatter=1, seed=5):
    """All days of a plan, comfort after so much higher on days of B."""
    rng = np.random.default_rng(seed)
    for step, way in enumerate(made.order):
        at.clock.later(days=1 + step % 2)
        after = 4 + better * (way == "B") + int(rng.integers(-scatter, scatter + 1))
        rests(at, made.person_id, before="3", after=str(min(max(after, 0), 10)))


# -- from the form to the end -------------------------------------------------------------------------


def test_from_the_form_to_what_the_days_say(at):
    page, made = begun(at, outcome="comfort", pairs="6", what="legs")
    who = made.person_id
    assert at.path(page) == f"/comparison/{made.id}"
    assert page.h1 == "Knees bent or legs straight"
    assert (made.outcome, made.method, made.block) == ("comfort", "randomized", 2)
    assert tuple(made.order) == comparison.plan("randomized", 6, 2, made.seed)  # what is kept is what it was drawn from
    first = {"A": "knees bent", "B": "legs straight"}[made.order[0]]
    assert f"Next is {made.order[0]}: {first}." in page.text
    today = at.get(f"/people/{who}")
    assert f"next is {made.order[0]}: {first}" in today.text
    assert f"/comparison/{made.id}" in today.links
    lived(at, made, better=4)
    today = at.get(f"/people/{who}")
    assert "The days of your comparison are through" in today.text
    page = at.get(f"/comparison/{made.id}")
    assert "Higher on days of B." in page.text
    said = (
        r"On days of B, comfort, after minus before, was higher than on days of A: B minus A is N points \(N to N\)\."
    )
    value, low, high = map(float, re.search(said.replace("N", r"([\d.]+)"), page.text).groups())
    assert low <= value <= high
    assert 3.0 < value < 5.0
    assert "6 of A and 6 of B count; each was as planned." in page.text
    assert BLIND in page.text
    assert "a straight trend" not in page.text
    assert page.response.text.count('class="before"') + page.response.text.count('class="after"') == 12 + 1
    table = list(
        csv.DictReader(io.StringIO(at.client.get(f"/comparison/{made.id}/days.csv").content.decode("utf-8-sig")))
    )
    assert [row["planned"] for row in table] == list(made.order)
    assert [row["step"] for row in table] == [str(k + 1) for k in range(12)]
    kept = {day.entry_id: day for day in at.store.comparison_days(who)}
    by_hand = [comparison.Day(kept[e.id].step, kept[e.id].planned, kept[e.id].done, e.comfort_after - e.comfort_before, 0.0)
               for e in at.store.entries(who)]  # fmt: skip
    assert value == pytest.approx(comparison.difference(by_hand, "randomized").value, abs=0.06)
    for day in ("knees bent", "legs straight"):
        assert f"Planned: {day}. It was: {day}." in "".join(at.get(f"/rest/{e.id}").text for e in at.store.entries(who))


def test_a_plan_sets_what_a_rest_begins_with_and_no_more(at):
    for what, told in (("legs", "way"), ("towel", "prop"), ("minutes", "minutes")):
        _, made = begun(at, what=what)
        at.clock.later(days=1)
        for _ in range(2):
            way = made.order[len(at.store.comparison_days(made.person_id))]
            wanted = CHOICES[what].sets["AB".index(way)]
            entry = at.begin(made.person_id)
            at.screened(entry)
            form = at.get(f"/rest/{entry}/set-up").form(f"/rest/{entry}/set-up")
            [shown] = form.data[told]
            assert shown == str(wanted.get(told, wanted.get("options", {}).get(told))), (what, way)
            at.post(form.action, form.filled(do="go"))
            at.post(f"/rest/{entry}/done")
            at.clock.later(days=1)


@pytest.mark.parametrize(
    ("what", "changed", "was"),
    [
        ("legs", {}, "planned"), ("legs", {"way": "other"}, "other"), ("legs", {"way": "chair", "minutes": "10"}, "neither"),
        ("minutes", {"minutes": "other"}, "other"), ("minutes", {"minutes": "15"}, "neither"),
        ("towel", {"prop": "other"}, "other"), ("towel", {"prop": "pillow"}, "neither"), ("towel", {}, "planned"),
        ("own", {"minutes": "15"}, "planned"),
    ],
)  # fmt: skip
def test_the_check_back_has_what_the_set_up_says_ticked(at, what, changed, was):
    _, made = begun(at, what=what, name_a="floor", name_b="bed")
    entry = at.begin(made.person_id)
    at.screened(entry)
    planned = made.order[0]
    other = "AB"[planned == "A"]
    sets = {"A": made.set_a, "B": made.set_b}[other]
    for name, text in changed.items():
        if text == "other":
            changed = {**changed, name: str(sets.get(name, sets.get("options", {}).get(name)))}
    page = at.get(f"/rest/{entry}/set-up" + (f"?way={changed['way']}" if "way" in changed else ""))
    form = page.form(f"/rest/{entry}/set-up")
    assert at.path(at.post(form.action, form.filled(**changed, do="go"))) == f"/rest/{entry}/session"
    at.post(f"/rest/{entry}/done")
    form = at.get(f"/rest/{entry}/check-back").form(f"/rest/{entry}/check-back")
    assert form.data["compared"] == [{"planned": planned, "other": other, "neither": "neither"}[was]]
    assert at.store.comparison_days(made.person_id)[0].done is None  # until somebody says so


@pytest.mark.parametrize(("outcome", "path"), [("comfort", "look"), ("gap-ribs-left", "look"), ("sleep", "set-up")])
def test_what_counts_is_asked_where_it_is_told(at, outcome, path):
    """Later rests go straight to how to lie, except where the look is what a comparison counts."""
    _, made = begun(at, outcome=outcome)
    rests(at, made.person_id)
    at.clock.later(days=1)
    entry = at.begin(made.person_id)
    assert at.path(at.screened(entry)) == f"/rest/{entry}/{path}"


def test_a_warning_sign_still_comes_first(at):
    """A comparison opens no way that the answers close."""
    _, made = begun(at, what="legs")
    if made.order[0] == "A":
        rests(at, made.person_id)
        at.clock.later(days=1)
    at.clock.later(days=1)
    while made.order[len(at.store.comparison_days(made.person_id))] != "B":
        rests(at, made.person_id)
        at.clock.later(days=1)
    entry = at.begin(made.person_id)
    assert at.store.entry(entry).way == "supine"
    page = at.screened(entry, "chest")
    assert at.path(page) == f"/rest/{entry}/answer"
    assert at.path(at.get(f"/rest/{entry}/session")) == f"/rest/{entry}/answer"


# -- skipping, doing otherwise, stopping --------------------------------------------------------------


def test_a_day_without_a_rest_changes_nothing_and_a_second_rest_of_a_day_stays_out(at):
    _, made = begun(at)
    who = made.person_id
    rests(at, who)
    today = at.get(f"/people/{who}")
    assert "has had its rest of today" in today.text
    second = rests(at, who)
    assert len(at.store.comparison_days(who)) == 1
    assert "compared" not in second.set_up.data
    at.clock.later(days=30)
    assert "Step 2 of 16" in at.get(f"/people/{who}").text
    entry = at.begin(who)  # begun, and left
    at.clock.later(days=1)
    assert "Step 2 of 16" in at.get(f"/people/{who}").text
    rests(at, who)
    rested = [day for day in at.store.comparison_days(who) if at.store.entry(day.entry_id).record]
    assert [day.step for day in rested] == [0, 1]
    assert at.store.entry(entry).record is None
    for word in ("streak", "missed", "in a row", "well done"):
        assert word not in at.get(f"/comparison/{made.id}").text.lower()


def test_what_was_done_counts_and_what_was_planned_is_said_beside_it(at):
    _, made = begun(at, what="own", name_a="floor", name_b="bed", pairs="6")
    who = made.person_id
    for step, way in enumerate(made.order):
        at.clock.later(days=1)
        other = {"A": "B", "B": "A"}[way] if step in (0, 1) else None
        done = other or way
        day = rests(at, who, before="3", after="8" if done == "B" else str(4 + step % 2), was=other)
        assert "planned was: " + {"A": "floor", "B": "bed"}[way] in at.get(f"/rest/{day.id}/check-back").text
    page = at.get(f"/comparison/{made.id}")
    assert "On 2 of the days it was the other way than planned" in page.text
    assert "Counted as they were planned:" in page.text
    lead, planned = page.text.split("Counted as they were planned:")
    assert "Higher on days of B." in lead
    assert "and zero is among that" in planned


def test_a_rest_can_be_left_out_and_one_that_nobody_checked_is_not_counted(at):
    _, made = begun(at, pairs="5")
    rests(at, made.person_id, was="neither")
    at.clock.later(days=1)
    entry = at.ready()  # rested, and no more
    at.post(f"/rest/{entry}/done")
    at.clock.later(days=1)
    page = at.post(f"/comparison/{made.id}/stop")
    assert at.path(page) == f"/comparison/{made.id}"
    assert "Nobody can tell yet." in page.text and "0 days of A and 0 of B count" in page.text
    assert "It would take at least 5 pairs more" in page.text
    assert "neither" in page.text and "not said" in page.text
    assert "stopped before its plan was through" in page.text


def test_stopping_is_one_press_and_another_can_begin(at):
    _, made = begun(at)
    who = made.person_id
    page = at.get(f"/people/{who}/compare")
    assert [form.action for form in page.forms] == []
    again = at.post(f"/people/{who}/compare", {"what": "legs", "outcome": "comfort", "deal": "turn", "pairs": "8"})
    assert again.status == 422
    assert "another comparison is running" in again.problem.lower()
    assert "Stop here" in at.get(f"/comparison/{made.id}").text
    at.post(at.get(f"/comparison/{made.id}").form(f"/comparison/{made.id}/stop").action)
    assert "omparison" not in at.get(f"/people/{who}").text
    assert "Stop here" not in at.get(f"/comparison/{made.id}").text
    page, other = begun(at, who, deal="turn", outcome="sleep", what="minutes")
    assert other.method == "alternating"
    assert all(one != two for one, two in zip(other.order, other.order[1:], strict=False))
    assert "The night after" in page.text or "the night after" in page.text
    entry = rests(at, who)
    assert at.store.comparison_days(who)[0].entry_id == entry.id
    refused = at.post(f"/comparison/{other.id}/delete")
    assert (refused.status, refused.h1) == (422, "Not deleted")
    at.post(f"/comparison/{other.id}/delete", {"sure": "yes"})
    assert at.store.comparison_days(who) == ()
    assert at.store.entry(entry.id).record  # the rest stays
    assert at.client.get(f"/comparison/{other.id}").status_code == 404


def test_a_rest_that_was_deleted_is_no_day_any_more_and_its_step_is_not_given_again(at):
    _, made = begun(at)
    first = rests(at, made.person_id)
    at.clock.later(days=1)
    rests(at, made.person_id)
    at.post(f"/rest/{first.id}/delete", {"sure": "yes"})
    at.clock.later(days=1)
    assert "Step 3 of 16" in at.get(f"/people/{made.person_id}").text


def test_nothing_is_worked_out_before_the_end(at):
    _, made = begun(at, pairs="5")
    for _ in range(3):
        rests(at, made.person_id)
        at.clock.later(days=1)
    page = at.get(f"/comparison/{made.id}")
    assert "Nothing is worked out before the end" in page.text
    for said in ("cannot tell", "higher", "lower", "Nobody can tell yet"):
        assert said not in page.text
    assert "<svg" not in page.response.text


# -- every outcome ------------------------------------------------------------------------------------


def test_days_in_turn_say_what_they_cannot_rule_out(at):
    _, made = begun(at, deal="turn", pairs="4")
    lived(at, made)
    page = at.get(f"/comparison/{made.id}")
    assert "a straight trend over time was taken out" in page.text
    assert "every other day, cannot be told from a difference" in page.text


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_is_taken_from_its_own_answers(at, outcome):
    """Days that differ by nothing else than the way: the difference is what was put in, in the unit it is read in."""
    _, made = begun(at, outcome=outcome, pairs="5", what="own", name_a="a", name_b="b")
    who = made.person_id
    place = OUTCOMES[outcome].place
    shifts = {"comfort": 2, "better": 20, "sleep": 1}
    for way in made.order:
        at.clock.later(days=1)
        second = way == "B"
        more = {}
        if place:
            more = {"look": {place: "5 cm"}, "again": {place: "3 cm" if second else "4 cm"}}
        day = rests(at, who, before="3", after="6" if second else "4", back={"better": "20" if second else "0"}, **more)
        at.post(f"/rest/{day.id}/morning", {"sleep": "better" if second else "usual"})
    page = at.get(f"/comparison/{made.id}")
    wanted = "−1" if place else {"comfort": "2", "better": "20", "sleep": "1"}[outcome]
    assert f"{'Lower' if place else 'Higher'} on days of B." in page.text
    assert re.search(rf"B minus A is {wanted}(\.0*)? (points|%|steps|cm) \({wanted}", page.text), page.text
    table = list(
        csv.DictReader(io.StringIO(at.client.get(f"/comparison/{made.id}/days.csv").content.decode("utf-8-sig")))
    )
    [column] = [name for name in table[0] if name.startswith(outcome)]
    values = {row["planned"]: float(row[column]) for row in table}
    shift = -0.01 if place else shifts[outcome]
    assert values["B"] - values["A"] == pytest.approx(shift)
    assert column.endswith("_m") == bool(place)


def test_a_value_that_is_missing_is_a_dash_and_no_zero(at):
    _, made = begun(at, pairs="5")
    rests(at, made.person_id, before="", after="6")
    page = at.get(f"/comparison/{made.id}")
    assert "–" in page.text
    at.post(f"/comparison/{made.id}/stop")
    assert "0 days of A and 0 of B count" in at.get(f"/comparison/{made.id}").text


# -- out, in, gone ------------------------------------------------------------------------------------


def test_a_comparison_goes_out_and_comes_in_and_goes_on_where_it_was(at, open_app, tmp_path):
    _, made = begun(at, what="own", name_a="canary7531 a", name_b="b")
    for _ in range(3):
        rests(at, made.person_id)
        at.clock.later(days=1)
    told = at.client.get(f"/people/{made.person_id}/export.json").content
    there = open_app(tmp_path / "other")
    there.clock.time = at.clock.time
    exchange.from_json(there.store, told)
    here, other = (one.get(f"/comparison/{made.id}") for one in (at, there))
    assert here.text == other.text
    assert "Step 4 of 16" in there.get(f"/people/{made.person_id}").text
    at.post(f"/people/{made.person_id}/erase", {"sure": "yes", "what": "me"})
    assert not [path for path in at.folder.rglob("*") if path.is_file() and b"canary7531" in path.read_bytes()]


# -- the looks ----------------------------------------------------------------------------------------


def looked(at, who, *looks, rest=True):
    """Rests with these looks before, a day apart; the first one first."""
    made = []
    for look in looks:
        entry = at.store.begin_entry(
            who, practice="rest", created_at=at.clock(), look_before=noticing.look(look, "helper"), stage="checked"
        )
        if rest:
            at.store.deliver(entry.id, f"k-{entry.id}", {"rested_seconds": 600})
        made.append(entry)
        at.clock.later(days=1)
    return made


MEASURES = {"sex": "female", "stature": 1.7, "mass": 65.0}


def test_the_looks_are_told_as_a_series_of_the_latest(at):
    who = at.store.add_person(created_at=at.clock(), measures=MEASURES).id
    looked(at, who, *({"lumbar_arch": f"{1 + k / 10} cm"} for k in range(15)), {"lumbar_arch": "can't tell"})
    at.clock.later(days=2)
    looked(at, who, {"thigh_left": "2 fingers"})
    assert f"/people/{who}/looks" in at.get(f"/people/{who}/journal").links
    page = at.get(f"/people/{who}/looks")
    assert f"of 16 rests with a look, these are the latest {journal.MOST_LOOKS}" in page.text
    [part] = [has["data-estimate"] for _, has in page.tags if "data-estimate" in has]
    alone = at.get(f"/people/{who}/looks?part=yes&page=1")
    assert alone.h1 == "What the looks tell"
    shown = at.get(part)
    for told in (shown, alone):
        assert (
            told.response.text.count('class="range"') == journal.MOST_LOOKS
        )  # one parameter is told, the other is not
        assert "Stiffness of the discs" in told.text
        assert "A look cannot tell these apart." in told.text
        assert "1 answers on day 14.00" in told.text  # counted from the first of them, with the days between
    assert "Traceback" not in shown.text


def test_a_person_without_measures_is_asked_for_them_and_one_without_a_look_has_none(at):
    who = at.store.add_person(created_at=at.clock()).id
    assert "There is no look yet" in at.get(f"/people/{who}/looks").text
    assert f"/people/{who}/looks" not in at.get(f"/people/{who}/journal").links
    looked(at, who, {"lumbar_arch": "1 cm"})
    page = at.get(f"/people/{who}/looks")
    assert "your height, weight and sex first" in page.text
    assert not [has for _, has in page.tags if "data-estimate" in has]
    assert "come first" in at.get(f"/people/{who}/looks?part=yes").text


def test_a_rest_shows_each_gap_before_and_after_with_its_range(at):
    who = at.store.add_person(created_at=at.clock(), measures=MEASURES).id
    before = noticing.look({"lumbar_arch": "4 cm", "ribs_left": "can't tell", "thigh_left": "2 cm"}, "photo")
    after = noticing.look({"lumbar_arch": "1 cm", "thigh_left": "2.2 cm"}, "photo")
    entry = at.store.begin_entry(
        who, practice="rest", created_at=at.clock(), look_before=before, look_after=after, stage="checked"
    )
    page = at.get(f"/rest/{entry.id}")
    assert page.response.text.count('class="band before"') == page.response.text.count('class="band after"') == 2
    assert "4.0 cm (3.5 to 4.5), then 1.0 cm (0.5 to 1.5): less" in page.text
    assert "2.0 cm (1.5 to 2.5), then 2.2 cm (1.7 to 2.7): no change that this can tell" in page.text


def test_three_hundred_rests_are_a_page_of_bounded_charts(at):
    who = at.store.add_person(created_at=at.clock(), measures=MEASURES).id
    at.clock.later(days=-400)
    for number in range(300):
        entry = at.store.begin_entry(
            who, practice="rest", created_at=at.clock() + timedelta(days=number), stage="checked", comfort_before=3,
            comfort_after=number % 10, look_before=noticing.look({"lumbar_arch": "3 cm"}, "strip"),
            look_after=noticing.look({"lumbar_arch": "2 cm"}, "strip"),
        )  # fmt: skip
        assert entry
    page = at.get(f"/people/{who}/journal")
    assert f"The latest {chart.SHOWN} rests." in page.text
    assert page.response.text.count("<circle") == 2 * 2 * chart.SHOWN  # comfort and the small of the back
    assert "of 300 rests with a look, these are the latest 12" in at.get(f"/people/{who}/looks").text


# -- charts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high"), [(0, 0.3), (-3.2, 7), (0, 12), (18, 64), (0.4, 1.9), (-1, 1), (0, 250), (0, 0)]
)
def test_the_ticks_of_an_axis_are_few_round_and_hold_what_is_drawn(low, high):
    ticks = chart._ticks(low, high)
    assert ticks[0] <= low and ticks[-1] >= high and ticks[-1] > ticks[0]
    assert 2 <= len(ticks) <= 6
    assert all(float(f"{tick:.3g}") == pytest.approx(tick, abs=1e-9) for tick in ticks)
