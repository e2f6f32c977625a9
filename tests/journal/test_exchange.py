import base64
import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from psoas.errors import InputError, NotFoundError
from psoas.journal import OUTCOMES, PLACES, STAGES, Store, exchange, records
from psoas.journal.exchange import Taken, from_csv, from_json, guarded, to_csv, to_ics, to_json, unguarded

PROPERTY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
NOBODY = "00000000-0000-4000-8000-000000000000"

# -- anything a journal may hold ----------------------------------------------------------------------

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
LINE = TEXT.filter(lambda text: len(f"{text}x".splitlines()) <= 1 and text == text.rstrip("\r\n"))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
TABLE = st.dictionaries(TEXT, JSON, max_size=3)
IDS = st.lists(st.from_regex(r"[a-z0-9_-]{1,12}", fullmatch=True), max_size=4, unique=True)
MOMENT = st.builds(
    lambda utc, offset: utc.replace(tzinfo=UTC).astimezone(timezone(timedelta(seconds=offset))),
    st.datetimes(datetime(1900, 1, 2), datetime(2999, 1, 1)),
    st.integers(-23 * 3600, 23 * 3600),
)
GAP = st.floats(0, 0.5) | st.none()
LOOK = st.none() | st.dictionaries(
    st.sampled_from(PLACES), st.builds(lambda gap, said: {"value": gap, "said": said}, GAP, TEXT), max_size=5
)
PERSON = st.fixed_dictionaries(
    {"created_at": MOMENT},
    optional={
        "name": LINE, "measures": TABLE, "typed": TABLE, "units": LINE, "surface": LINE, "props": st.lists(JSON, max_size=2),
        "history": IDS, "inner_resources": TEXT, "outer_resources": TEXT, "crisis_number": LINE, "settings": TABLE,
    },
)  # fmt: skip
ENTRY = st.fixed_dictionaries(
    {"created_at": MOMENT, "practice": LINE.filter(bool)},
    optional={
        "way": LINE, "stage": st.sampled_from(STAGES), "screening": st.none() | TABLE, "look_before": LOOK,
        "look_after": LOOK, "minutes": st.none() | st.floats(0, 1440), "options": TABLE, "setup": st.none() | TABLE,
        "noticed": IDS, "words": TEXT, "comfort_before": st.none() | st.integers(0, 10),
        "comfort_after": st.none() | st.integers(0, 10), "better": st.none() | st.integers(-100, 100),
        "next_morning": st.none() | st.dictionaries(st.sampled_from(["sleep", "cramp", "note", "else"]), TEXT, max_size=4),
        "note": TEXT,
    },
)  # fmt: skip
RECORD = (
    st.none()
    | TABLE
    | st.builds(lambda seconds: {"rested_seconds": seconds}, st.floats(0, 7200) | st.integers(0, 7200))
)
TRIED = st.fixed_dictionaries(
    {"created_at": MOMENT, "what": LINE}, optional={"when": LINE, "outcome": st.sampled_from(OUTCOMES), "note": TEXT}
)
PHOTO = st.fixed_dictionaries(
    {"taken_at": MOMENT, "data": st.binary(min_size=1, max_size=50), "which": st.sampled_from(["before", "after"]),
     "mime": LINE.filter(bool), "width": st.integers(1, 9999), "height": st.integers(1, 9999), "scale_note": LINE}
)  # fmt: skip
REMINDER = st.fixed_dictionaries(
    {"created_at": MOMENT, "at": st.times().map(lambda at: at.replace(second=0, microsecond=0, fold=0))},
    optional={"days": st.lists(st.sampled_from(records.DAYS)), "title": LINE.filter(bool)},
)
COMPARISON = st.fixed_dictionaries(
    {"created_at": MOMENT, "name_a": LINE.filter(bool), "name_b": LINE.filter(bool), "outcome": LINE.filter(bool),
     "method": LINE.filter(bool), "order": st.lists(st.sampled_from("AB"), min_size=1, max_size=40)},
    optional={"block": st.sampled_from([2, 4]), "seed": st.integers(0, 2**31 - 1), "set_a": TABLE, "set_b": TABLE,
              "state": st.sampled_from(records.RUNS)},
)  # fmt: skip
DAY = st.fixed_dictionaries(
    {"created_at": MOMENT, "step": st.integers(0, 39), "planned": st.sampled_from("AB")},
    optional={"done": st.none() | st.sampled_from(records.DONE)},
)
HABITS = st.fixed_dictionaries(
    {"created_at": MOMENT, "day": st.dates().map(lambda day: day.isoformat())},
    optional={"done": IDS, "checks": TABLE, "note": TEXT},
)
CLUES = st.fixed_dictionaries({"created_at": MOMENT}, optional={"by": LINE, "seen": TABLE, "words": TEXT})
LIFE = st.tuples(
    PERSON,
    st.lists(st.tuples(ENTRY, RECORD, st.lists(PHOTO, max_size=1)), max_size=3),
    st.lists(TRIED, max_size=2),
    st.lists(REMINDER, max_size=2),
    st.lists(st.tuples(st.binary(min_size=1, max_size=20), st.floats(0, 60)), max_size=2),
    st.lists(st.tuples(COMPARISON, st.lists(DAY, max_size=3)), max_size=2),
    st.tuples(st.lists(HABITS, max_size=2), st.lists(CLUES, max_size=2)),
)


def live(store, life):
    """Store a drawn life; the id of whose it is."""
    person, entries, tried, reminders, recordings, comparisons, beside = life
    who = store.add_person(**person)
    for fields, record, photos in entries:
        entry = store.begin_entry(who.id, **fields)
        if record is not None:
            store.deliver(entry.id, f"key {entry.id}", record)
        for photo in photos:
            store.add_photo(who.id, entry_id=entry.id, **photo)
    for fields in tried:
        store.add_tried(who.id, **fields)
    for fields in reminders:
        store.add_reminder(who.id, **fields)
    for number, (data, seconds) in enumerate(recordings):
        store.save_recording(
            who.id, data, cue=f"cue {number}", mime="audio/flac", seconds=seconds, created_at=person["created_at"]
        )
    for fields, days in comparisons:
        made = store.begin_comparison(who.id, **fields)
        for entry, day in zip(store.entries(who.id), days, strict=False):
            store.add_comparison_day(who.id, comparison_id=made.id, entry_id=entry.id, **day)
    for fields in beside[0]:
        store.save_habit_day(who.id, **fields)
    for fields in beside[1]:
        store.add_clue_note(who.id, **fields)
    return who.id


def state(store):
    """Everything in a store, as its methods give it."""
    found = []
    for who in store.people():
        photos, voices = store.photos(who.id), store.recordings(who.id)
        found.append(
            (who, store.entries(who.id), store.tried(who.id), photos, voices, store.reminders(who.id),
             store.comparisons(who.id), store.comparison_days(who.id), store.habit_days(who.id), store.clue_notes(who.id),
             [store.photo_data(photo.id) for photo in photos], [store.recording_data(voice.id) for voice in voices])
        )  # fmt: skip
    return found


@pytest.fixture
def fresh(tmp_path_factory):
    """Makes empty stores, and closes them."""
    made = []

    def make():
        made.append(Store(tmp_path_factory.mktemp("fresh")))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def pair(fresh):
    return fresh(), fresh()


def taken_anew(found):
    """What a file brings: a rest that has not been comes without its answers, which are given anew."""
    return [
        (who, tuple(entry if entry.record else replace(entry, screening=None) for entry in entries), *rest)
        for who, entries, *rest in found
    ]


def emptied(store):
    store.erase_all()
    return store


# -- JSON ---------------------------------------------------------------------------------------------


@PROPERTY
@given(st.lists(LIFE, max_size=2))
def test_what_goes_out_as_json_comes_in_equal(pair, lives):
    here, there = map(emptied, pair)
    for life in lives:
        live(here, life)
    out = to_json(here)
    before = state(here)
    taken = from_json(there, out)
    assert state(there) == taken_anew(before)
    assert taken.changed == taken.same == 0
    for wins in (False, True):
        assert from_json(there, out, file_wins=wins) == Taken(0, 0, taken.added)
        assert from_json(here, out, file_wins=wins) == Taken(0, 0, taken.added)
    assert (state(here), state(there)) == (before, taken_anew(before))
    assert to_json(here) == out
    again = to_json(there)
    from_json(emptied(here), again)
    assert to_json(here) == again


@PROPERTY
@given(LIFE, LIFE)
def test_what_is_here_stays_whatever_an_older_copy_says(pair, old, new):
    """The same people and rests told twice: nothing told here is lost to the file, and what is empty here is filled."""
    here, there = map(emptied, pair)
    who = live(there, old)
    out = to_json(there, who)
    from_json(here, out)
    rewrite(here, who, new)
    before = state(here)
    from_json(here, out)
    for one, other in zip(before[0][1], state(here)[0][1], strict=True):
        assert STAGES.index(other.stage) >= STAGES.index(one.stage)
        for name in ("words", "note", "noticed", "comfort_before", "comfort_after", "better"):
            own, filed = getattr(one, name), getattr(there.entry(one.id), name)
            assert getattr(other, name) == (filed if own in ("", [], None) else own), name
        for name in ("look_before", "look_after"):
            own = getattr(one, name) or {}
            assert {**(getattr(there.entry(one.id), name) or {}), **own} == (getattr(other, name) or {})
        if not one.record:
            assert [getattr(other, name) for name in exchange.BEFORE] == [
                getattr(one, name) for name in exchange.BEFORE
            ]
    mine, theirs, now = before[0][0], there.person(who), here.person(who)
    assert set(now.history) == {*mine.history, *theirs.history}
    assert now.inner_resources == (mine.inner_resources or theirs.inner_resources)


def rewrite(store, who, life):
    """Tell the same person and rests something else."""
    person, entries, *_ = life
    store.change_person(who, **{name: own for name, own in person.items() if name != "created_at"})
    for entry, (fields, _, _) in zip(store.entries(who), entries, strict=False):
        store.change_entry(entry.id, **{name: own for name, own in fields.items() if name != "created_at"})


def test_the_json_says_what_it_is_and_holds_plain_values(store, fill):
    made = fill(store, "ö")
    told = json.loads(to_json(store))
    assert told["schema"] == "psoas.journal/1"
    assert {name: len(items) for name, items in told.items() if name != "schema"} == dict.fromkeys(records.KINDS, 1)
    assert told["entries"][0]["created_at"] == "2026-03-29T01:30:00+01:00"
    assert told["reminders"][0]["at"] == "19:30"
    assert base64.b64decode(told["photos"][0]["data"]) == store.photo_data(made.photo.id)


def test_one_person_goes_out_alone(store, fill, fresh):
    ann, bob = fill(store, "anneli"), fill(store, "bob")
    out = to_json(store, bob.person.id)
    assert b"anneli" not in out
    there = fresh()
    assert from_json(there, out) == Taken(10, 0, 0)
    assert there.people() == (bob.person,)
    with pytest.raises(NotFoundError):
        to_json(store, NOBODY)
    assert store.person(ann.person.id)


@pytest.mark.parametrize("wins", [False, True])
def test_a_merge_empties_nothing_and_the_file_wins_only_where_it_is_let(store, fill, fresh, wins):
    made = fill(store, "x")
    there = fresh()
    from_json(there, to_json(store))
    there.change_entry(made.entry.id, words="told there", note="", better=None, look_after=None)
    there.add_tried(made.person.id, what="walking", created_at=made.person.created_at)
    assert from_json(store, to_json(there), file_wins=wins) == Taken(added=1, changed=int(wins), same=10 - wins)
    assert store.entry(made.entry.id) == (replace(made.entry, words="told there") if wins else made.entry)
    assert {tried.what for tried in store.tried(made.person.id)} == {"yoga x", "walking"}


@pytest.mark.parametrize("wins", [False, True])
def test_no_file_changes_the_plan_of_a_comparison_or_goes_on_with_one_that_was_stopped(store, fill, wins):
    made = fill(store, "x")
    told = json.loads(to_json(store))
    told["comparisons"][0] |= {
        "order": ["B", "A"],
        "seed": 8,
        "name_a": "other",
        "outcome": "sleep",
        "state": "running",
    }
    told["comparison_days"][0] |= {"step": 3, "planned": "A", "done": "B"}
    stopped = store.change_comparison(made.comparison.id, state="stopped")
    from_json(store, json.dumps(told).encode(), file_wins=wins)
    assert store.comparison(made.comparison.id) == stopped
    assert store.comparison_days(made.person.id) == (replace(made.day, done="B" if wins else "A"),)
    told["comparisons"][0]["state"] = "stopped"
    assert from_json(store, json.dumps(told).encode(), file_wins=wins).changed == 0


def test_a_rest_is_one_day_of_one_comparison_whatever_a_file_says(store, fill):
    made = fill(store, "x")
    told = json.loads(to_json(store))
    told["comparison_days"].append({**told["comparison_days"][0], "id": NOBODY, "planned": "A"})
    assert from_json(store, json.dumps(told).encode()).added == 0
    assert store.comparison_days(made.person.id) == (made.day,)


@pytest.mark.parametrize("wins", [False, True])
def test_a_day_is_one_day_whatever_id_a_file_gives_it(store, fill, wins):
    made = fill(store, "x")
    told = json.loads(to_json(store))
    told["habit_days"][0] |= {"id": NOBODY, "done": ["bath"], "checks": {"chair": ["flat"]}, "note": "there"}
    assert from_json(store, json.dumps(told).encode(), file_wins=wins).added == 0
    [day] = store.habit_days(made.person.id)
    assert (day.id, day.day, day.created_at) == (made.habits.id, made.habits.day, made.habits.created_at)
    assert (day.done, day.note) == ((["bath"], "there") if wins else (made.habits.done, made.habits.note))
    assert day.checks == {**made.habits.checks, "chair": ["flat"]}


@pytest.mark.parametrize("day", ["2026-02-30", "20260301", "1 March", "", None, 3])
def test_a_file_with_a_day_that_is_none_changes_nothing(store, fill, day):
    made = fill(store, "x")
    told = json.loads(to_json(store))
    told["habit_days"][0] |= {"id": NOBODY, "day": day}
    with pytest.raises(InputError, match="^habit_days 1 in the file: day is .*; give a day such as 2026-03-01$"):
        from_json(store, json.dumps(told).encode())
    assert store.habit_days(made.person.id) == (made.habits,)


def test_a_file_from_before_there_were_days_and_notes_comes_in(store, fill, fresh):
    made = fill(store, "x")
    told = json.loads(to_json(store))
    del told["habit_days"], told["clue_notes"]
    there = fresh()
    assert from_json(there, json.dumps(told).encode()).added == 8
    assert there.people() == (made.person,) and there.habit_days(made.person.id) == ()


@pytest.mark.parametrize("wins", [False, True])
def test_a_file_fills_what_is_empty_here_part_by_part(store, fill, wins):
    made = fill(store, "x")
    out = to_json(store)
    store.change_entry(
        made.entry.id, words="", better=None, comfort_after=None, noticed=[], next_morning={"cramp": "left calf"},
        look_before={"lumbar_arch": {"value": None, "said": "can't tell"}}, look_after=None,
    )  # fmt: skip
    store.change_person(made.person.id, outer_resources="", measures={}, typed={}, props=[])
    assert from_json(store, out, file_wins=wins) == Taken(0, 2, 8)
    entry = store.entry(made.entry.id)
    old = made.entry
    assert (entry.words, entry.better, entry.comfort_after, entry.noticed, entry.look_after) == (
        old.words, old.better, old.comfort_after, old.noticed, old.look_after,
    )  # fmt: skip
    told = {**old.next_morning, "cramp": "none" if wins else "left calf"}
    assert entry.next_morning == told
    arch = old.look_before["lumbar_arch"] if wins else {"value": None, "said": "can't tell"}
    assert entry.look_before == {**old.look_before, "lumbar_arch": arch}
    assert store.person(made.person.id) == made.person


@pytest.mark.parametrize("wins", [False, True])
def test_measures_and_how_they_were_typed_come_from_one_place(store, fill, wins):
    made = fill(store)
    out = to_json(store)
    store.change_person(made.person.id, measures={"stature": 1.6, "mass": 60.0}, typed={})
    mine = store.person(made.person.id)
    from_json(store, out, file_wins=wins)
    assert store.person(made.person.id) == (made.person if wins else mine)


@pytest.mark.parametrize("wins", [False, True])
def test_a_history_is_united_and_no_stage_goes_back(store, now, wins):
    who = store.add_person(created_at=now, history=["thin-bones"])
    entry = store.begin_entry(who.id, practice="rest", created_at=now, stage="set-up")
    out = to_json(store)
    store.change_person(who.id, history=["vessel-unasked"])
    store.deliver(entry.id, "a key", {"a": 1})
    store.change_entry(entry.id, stage="checked")
    table = to_csv(store, who.id).replace(b"checked", b"set-up")
    from_json(store, out, file_wins=wins)
    from_csv(store, who.id, table, file_wins=wins)
    assert store.person(who.id).history == ["vessel-unasked", "thin-bones"]
    assert store.entry(entry.id).stage == "checked"
    assert store.entry(entry.id).record == {"a": 1}


@pytest.mark.parametrize("wins", [False, True])
def test_no_file_opens_a_rest_again(store, fresh, now, wins):
    """An older copy of a rest that was allowed then, over one whose answers speak against it now."""
    who = store.add_person(created_at=now)
    planned = {
        "way": "supine",
        "minutes": 60,
        "options": {"surface": "mat"},
        "setup": {"title": "old"},
        "stage": "set-up",
    }
    entry = store.begin_entry(who.id, practice="rest", created_at=now, screening={"answers": "none"}, **planned)
    copies = to_json(store), to_csv(store, who.id)
    now_here = {"way": "", "minutes": None, "options": {}, "setup": None, "stage": "screened"}
    store.change_entry(entry.id, screening={"answers": "an emergency"}, **now_here)
    kept = store.entry(entry.id)
    from_json(store, copies[0], file_wins=wins)
    from_csv(store, who.id, copies[1], file_wins=wins)
    assert store.entry(entry.id) == kept
    there = fresh()
    from_json(there, copies[0], file_wins=wins)
    assert there.entry(entry.id).screening is None  # asked anew
    assert (there.entry(entry.id).way, there.entry(entry.id).minutes) == ("supine", 60)


@pytest.mark.parametrize("wins", [False, True])
def test_a_rest_that_was_rested_elsewhere_comes_with_how_it_was_set_up(store, fresh, now, wins):
    who = store.add_person(created_at=now)
    entry = store.begin_entry(who.id, practice="rest", created_at=now, way="chair", words="here")
    there = fresh()
    from_json(there, to_json(store))
    there.change_entry(entry.id, way="supine", minutes=20, screening={"a": 1}, setup={"title": "there"}, words="there")
    there.deliver(entry.id, "there", {"a": 1})
    from_json(store, to_json(there), file_wins=wins)
    assert store.entry(entry.id) == replace(there.entry(entry.id), words="there" if wins else "here")


def test_a_delivered_record_outlives_a_merge(store, fresh, now):
    who = store.add_person(created_at=now)
    entry = store.begin_entry(who.id, practice="rest", created_at=now)
    there = fresh()
    from_json(there, to_json(store))
    store.deliver(entry.id, "here", {"a": 1})
    there.deliver(entry.id, "there", {"a": 2})
    from_json(store, to_json(there))
    assert (store.entry(entry.id).record, store.entry(entry.id).record_key) == ({"a": 1}, "here")


@pytest.mark.parametrize("wins", [False, True])
def test_a_recording_for_the_same_cue_is_the_same_one(store, fill, fresh, now, wins):
    made, there = fill(store), fresh()
    from_json(there, to_json(store))
    there.delete_recording(made.recording.id)
    there.save_recording(made.person.id, b"other voice", cue="settle", mime="audio/flac", seconds=3, created_at=now)
    mine = store.recording_data(made.recording.id)
    from_json(store, to_json(there), file_wins=wins)
    (voice,) = store.recordings(made.person.id)
    told = (b"other voice", 3) if wins else (mine, made.recording.seconds)
    assert (store.recording_data(voice.id), voice.seconds) == told


def change(out, kind, **fields):
    told = json.loads(out)
    told[kind][0].update(fields)
    return json.dumps(told).encode()


BAD_JSON = {
    "no JSON": lambda out: out[: len(out) // 2],
    "no UTF-8": lambda out: out + b"\xff",
    "deep": lambda out: b"[" * 200_000,
    "long number": lambda out: b"1" * 10_000,
    "a list": lambda out: b"[]",
    "another schema": lambda out: out.replace(b"psoas.journal/1", b"psoas.journal/2"),
    "an unknown kind": lambda out: out.replace(b'"tried"', b'"dreams"', 1),
    "no list": lambda out: b'{"schema": "psoas.journal/1", "people": {}}',
    "no records": lambda out: b'{"schema": "psoas.journal/1", "people": [3]}',
    "an unknown field": lambda out: change(out, "reminders", mood=3),
    "a field too few": lambda out: out.replace(b'"which": "before",', b""),
    "a bad id": lambda out: change(out, "tried", id="1"),
    "a time without offset": lambda out: change(out, "entries", created_at="2026-03-29T01:30:00"),
    "no time": lambda out: change(out, "entries", created_at=5),
    "a bad time of day": lambda out: change(out, "reminders", at="24:00"),
    "not a number": lambda out: change(out, "entries", minutes=float("nan")),
    "out of range": lambda out: change(out, "entries", comfort_after=11),
    "no base64": lambda out: change(out, "photos", data="%%%"),
    "no bytes": lambda out: change(out, "recordings", data=None),
    "nobody's": lambda out: change(out, "reminders", person_id=NOBODY),
    "no such entry": lambda out: change(out, "photos", entry_id=NOBODY),
    "a key alone": lambda out: change(out, "entries", record=None),
    "a key twice": lambda out: twice(out, "entries"),
}


def twice(out, kind):
    told = json.loads(out)
    told[kind].append({**told[kind][0], "id": NOBODY})
    return json.dumps(told).encode()


@pytest.mark.parametrize("how", BAD_JSON)
def test_a_bad_json_file_is_refused_in_one_sentence_and_nothing_changes(store, fill, fresh, how):
    fill(store, "file")
    bad = BAD_JSON[how](to_json(store))
    there = fresh()
    fill(there, "mine")
    before = state(there)
    with pytest.raises(InputError, match="; ") as refused:
        from_json(there, bad)
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 400
    assert state(there) == before


def test_an_id_of_somebody_else_is_refused(store, fill, now):
    made, other = fill(store), store.add_person("Bob", created_at=now)
    before = state(store)
    with pytest.raises(InputError, match="belongs to somebody else"):
        from_json(store, change(to_json(store), "tried", person_id=other.id))
    assert state(store) == before and made


# -- CSV ----------------------------------------------------------------------------------------------


def table(data):
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@PROPERTY
@given(LIFE)
def test_what_the_columns_hold_goes_round(pair, life):
    here, there = map(emptied, pair)
    who = live(here, life)
    out, before = to_csv(here, who), state(here)
    entries = len(here.entries(who))
    assert from_csv(here, who, out) == Taken(0, 0, entries)
    assert state(here) == before
    them = there.add_person(created_at=life[0]["created_at"])
    from_csv(there, them.id, out)
    assert to_csv(there, them.id) == out
    assert from_csv(there, them.id, out) == Taken(0, 0, entries)
    kept = [
        "id", "created_at", "practice", "way", "stage", "noticed", "words", "comfort_before", "comfort_after", "better", "note"
    ]  # fmt: skip
    for one, other in zip(here.entries(who), there.entries(them.id), strict=True):
        assert [getattr(one, name) for name in kept] == [getattr(other, name) for name in kept]


def test_cells_carry_their_unit_in_the_header(store, fill):
    made = fill(store)
    (row,) = table(to_csv(store, made.person.id))
    assert row["lumbar_gap_before_mm"] == "31"
    assert row["rib_gap_left_after_mm"] == "can't tell"
    assert row["thigh_gap_left_before_mm"] == ""
    assert (row["rested_min"], row["planned_min"], row["better_percent"]) == ("20.008", "20", "-15")
    assert row["began_at"] == "2026-03-29T01:30:00+01:00"


def test_a_changed_cell_changes_its_field_and_nothing_else(store, fill):
    made = fill(store)
    (row,) = table(to_csv(store, made.person.id))
    row |= {"lumbar_gap_before_mm": "25.5", "rib_gap_left_before_mm": "", "words": "still", "cramp": "left calf"}
    row |= {"noticed": "", "comfort_after_0_to_10": " "}
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, row)
    writer.writeheader()
    writer.writerow(row)
    assert from_csv(store, made.person.id, text.getvalue().encode()) == Taken(0, 0, 1)
    assert store.entry(made.entry.id) == made.entry
    assert from_csv(store, made.person.id, text.getvalue().encode(), file_wins=True) == Taken(0, 1, 0)
    entry = store.entry(made.entry.id)
    seen = entry.look_before["lumbar_arch"]
    assert seen == {"value": pytest.approx(0.0255), "low": None, "high": None, "said": "25.5 mm", "how": "guess"}
    assert {**entry.look_before, "lumbar_arch": None} == {**made.entry.look_before, "lumbar_arch": None}
    assert (entry.noticed, entry.comfort_after) == (made.entry.noticed, made.entry.comfort_after)
    assert entry.next_morning == {**made.entry.next_morning, "cramp": "left calf"}
    assert entry.words == "still"
    assert (entry.look_after, entry.record, entry.options) == (
        made.entry.look_after,
        made.entry.record,
        made.entry.options,
    )


def test_rows_written_by_hand_are_added_once(store, now):
    who = store.add_person(created_at=now)
    data = (
        b"began_at;rested_min;lumbar_gap_before_mm;words\r\n"
        b"2025-12-01T20:00:00+01:00;12,5;30;from paper\r\n;;;\r\n2025-12-02T20:00:00+01:00;;can't tell;\r\n"
    )
    assert from_csv(store, who.id, data) == Taken(2, 0, 0)
    assert from_csv(store, who.id, data) == Taken(0, 0, 2)
    later, first = store.entries(who.id)
    assert first.record == {"rested_seconds": 750.0, "by_hand": True}
    assert (first.practice, first.words, first.look_before["lumbar_arch"]["value"]) == ("rest", "from paper", 0.03)
    assert later.look_before["lumbar_arch"]["value"] is None and later.record is None


def test_an_entry_of_somebody_else_is_not_changed_by_a_csv(store, fill, now):
    made, other = fill(store), store.add_person(created_at=now)
    with pytest.raises(InputError, match="somebody else's entry"):
        from_csv(store, other.id, to_csv(store, made.person.id))
    with pytest.raises(NotFoundError):
        from_csv(store, NOBODY, to_csv(store, made.person.id))
    assert store.entries(other.id) == ()


HEAD = "began_at,rested_min,better_percent,comfort_after_0_to_10,lumbar_gap_before_mm,stage,id\n"
GOOD_ROW = "2026-01-01T20:00:00+00:00,1,2,3,4,rested,\n"
BAD_CSV = {
    "no UTF-8": HEAD.encode() + b"\xff",
    "nothing": b"",
    "an unknown column": HEAD.replace("stage", "mood").encode(),
    "a column twice": HEAD.replace("stage", "rested_min").encode(),
    "no time": HEAD.replace("began_at,", "").encode(),
    "a cell too few": (HEAD + GOOD_ROW + "2026-01-01T20:00:00+00:00,1\n").encode(),
    "an open quote": (HEAD + GOOD_ROW + '"2026').encode(),
    "an endless cell": (HEAD + GOOD_ROW + '"' + "x" * 200_000 + '",,,,,,\n').encode(),
    "a bad time": (HEAD + GOOD_ROW + "yesterday,,,,,,\n").encode(),
    "no time in a row": (HEAD + GOOD_ROW + ",1,,,,,\n").encode(),
    "no number": (HEAD + GOOD_ROW + "2026-01-01T20:00:00+00:00,ten,,,,,\n").encode(),
    "too long": (HEAD + GOOD_ROW + "2026-01-01T20:00:00+00:00,1e9,,,,,\n").encode(),
    "not finite": (HEAD + GOOD_ROW + "2026-01-01T20:00:00+00:00,,inf,,,,\n").encode(),
    "no whole number": (HEAD + GOOD_ROW + "2026-01-01T20:00:00+00:00,,1.5,,,,\n").encode(),
    "out of range": (HEAD + GOOD_ROW + "2026-01-01T20:00:00+00:00,,,11,,,\n").encode(),
    "too wide": (HEAD + GOOD_ROW + "2026-01-01T20:00:00+00:00,,,,900,,\n").encode(),
    "an unknown stage": (HEAD + GOOD_ROW + "2026-01-01T20:00:00+00:00,,,,,asleep,\n").encode(),
    "a bad id": (HEAD + GOOD_ROW + "2026-01-01T20:00:00+00:00,,,,,,7\n").encode(),
}


@pytest.mark.parametrize("how", BAD_CSV)
def test_a_bad_csv_file_is_refused_in_one_sentence_and_nothing_changes(store, fill, how):
    made = fill(store)
    before = state(store)
    with pytest.raises(InputError, match="; ") as refused:
        from_csv(store, made.person.id, BAD_CSV[how])
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 400
    assert state(store) == before


def test_a_sessions_record_is_not_changed_by_a_cell(store, fill):
    made = fill(store)
    out = to_csv(store, made.person.id).replace(b",20.008,", b",25,")
    with pytest.raises(InputError, match=r"row 2 .* the session's record says '20.008'"):
        from_csv(store, made.person.id, out, file_wins=True)
    assert from_csv(store, made.person.id, out) == Taken(0, 0, 1)
    assert store.entry(made.entry.id) == made.entry


@given(st.text(st.sampled_from("'=+-@\t\r\n＝a1.5 "), max_size=6))
def test_a_guard_is_taken_off_again_and_leaves_no_formula(text):
    assert unguarded(guarded(text)) == text
    if not exchange._NUMBER.fullmatch(guarded(text)):
        assert guarded(text)[:1] not in tuple("=+-@\t\r\n＝＋－＠")


def test_words_that_look_like_a_formula_are_words(store, now):
    who = store.add_person(created_at=now)
    said = '=HYPERLINK("http://x","y")'
    entry = store.begin_entry(who.id, practice="rest", created_at=now, words=said, note="-2+3")
    (row,) = table(to_csv(store, who.id))
    assert (row["words"], row["note"]) == ("'" + said, "'-2+3")
    store.change_entry(entry.id, words="", note="")
    from_csv(store, who.id, to_csv(store, who.id).replace(b",,,,,,,\r\n", b",,,,,,,'-2+3\r\n"))
    assert store.entry(entry.id).note == "-2+3"


# -- a calendar's reminder ----------------------------------------------------------------------------

STAMP = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def event(data):
    calendar = Calendar.from_ical(data)
    (found,) = calendar.walk("VEVENT")
    return calendar, found


def reminder(store, now, **fields):
    return store.add_reminder(store.add_person("Ann Canary", created_at=now).id, time(19, 30), created_at=now, **fields)


def test_a_reminder_is_neutral_floating_and_the_same_each_time(store, now):
    made = reminder(store, now)
    data = to_ics(made, date(2026, 3, 4), STAMP)
    assert data == to_ics(made, date(2026, 3, 4), STAMP)
    calendar, found = event(data)
    assert found["SUMMARY"] == "Quiet time"
    assert found["DTSTART"].to_ical() == b"20260304T193000"  # no Z and no zone: local, wherever it is read
    assert "TZID" not in found["DTSTART"].params
    assert found["RRULE"].to_ical() == b"FREQ=DAILY"
    assert found["DTSTAMP"].dt == STAMP
    for word in (b"psoas", b"rest", b"body", b"health", b"canary", b"ann"):
        assert word not in data.lower().replace(b"interest", b"")
    assert calendar["PRODID"] == "-//Quiet time//EN"
    assert data.replace(b"\r\n", b"").count(b"\n") == 0


def test_two_reminders_are_two_events(store, now):
    one, two = (event(to_ics(reminder(store, now), date(2026, 3, 4), STAMP))[1]["UID"] for _ in range(2))
    assert one != two


@pytest.mark.parametrize(
    ("days", "first", "start", "rule"),
    [
        (["mo"], date(2026, 3, 4), b"20260309T193000", b"MO"),
        (["we", "su"], date(2026, 3, 4), b"20260304T193000", b"WE,SU"),
        (["tu"], date(2026, 3, 4), b"20260310T193000", b"TU"),
        (["sa", "fr"], date(2026, 12, 27), b"20270101T193000", b"FR,SA"),
    ],
)
def test_chosen_days_begin_on_the_first_of_them(store, now, days, first, start, rule):
    _, found = event(to_ics(reminder(store, now, days=days), first, STAMP))
    assert found["DTSTART"].to_ical() == start
    assert found["RRULE"].to_ical() == b"FREQ=WEEKLY;BYDAY=" + rule


@pytest.mark.parametrize("title", ["a, b; c\\d", "ö" * 100, "END:VEVENT", "Zeit für mich"])
def test_a_title_of_ones_own_stays_in_its_line(store, now, title):
    _, found = event(to_ics(reminder(store, now, title=title), date(2026, 3, 4), STAMP))
    assert found["SUMMARY"] == title


def test_a_reminder_needs_a_stamp_with_its_offset_and_a_day_in_the_calendar(store, now):
    made = reminder(store, now, days=["mo"])
    with pytest.raises(InputError, match="stamp is"):
        to_ics(made, date(2026, 3, 4), datetime(2026, 3, 1))
    with pytest.raises(InputError, match="end of the calendar"):
        to_ics(made, date.max, STAMP)
