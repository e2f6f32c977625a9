import sqlite3
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, timezone
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from psoas.errors import InputError, NotFoundError, StorageError
from psoas.journal import Delivery, Store, database

NOBODY = "00000000-0000-4000-8000-000000000000"


# -- keeping and giving back --------------------------------------------------------------------------


def test_everything_stored_is_given_back_by_a_store_opened_later(folder, fill):
    with Store(folder) as store:
        made = fill(store, "ö")
    with Store(folder) as store:
        assert store.people() == (made.person,) == (store.person(made.person.id),)
        assert store.entries(made.person.id) == (made.entry,)
        assert store.tried(made.person.id) == (made.tried,)
        assert store.photos(made.person.id) == (made.photo,) == (store.photo(made.photo.id),)
        assert store.recordings(made.person.id) == (made.recording,)
        assert store.reminders(made.person.id) == (made.reminder,) == (store.reminder(made.reminder.id),)
        assert store.photo_data(made.photo.id) == b"\xff\xd8" + "ö".encode() * 3000 + b"!"
        assert store.recording_data(made.recording.id) == b"fLaC" + "ö".encode() * 3000
    assert made.person.measures == {"stature": 1.72, "left": {"leg_length": 0.9}, "mö": "ö"}
    assert made.entry.stage == "rested"
    assert made.entry.record == {"rested_seconds": 1200.5, "ending": "bell ö"}
    assert made.reminder.days == ["mo", "we"] and made.reminder.at == time(19, 30)


@pytest.mark.parametrize(
    "utc", [datetime(2026, 3, 29, 0, 59, 59, 7, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]
)
@pytest.mark.parametrize("hours", [0, 1])
def test_a_time_keeps_its_moment_and_its_local_day_across_a_change_of_clocks(store, utc, hours):
    local = (utc + timedelta(hours=hours)).astimezone(ZoneInfo("Europe/Paris"))
    kept = store.person(store.add_person(created_at=local).id).created_at
    assert kept.astimezone(UTC) == local.astimezone(UTC)  # between zones, a repeated hour equals nothing
    assert kept.utcoffset() == local.utcoffset()
    assert kept.replace(tzinfo=None) == local.replace(tzinfo=None)


def test_the_two_half_past_twos_of_an_autumn_night_are_kept_apart_and_in_order(store):
    zone = ZoneInfo("Europe/Paris")
    first, second = (datetime(2026, 10, 25, 2, 30, fold=fold, tzinfo=zone) for fold in (0, 1))
    later, earlier = store.add_person("b", created_at=second), store.add_person("a", created_at=first)
    assert store.people() == (earlier, later)
    assert later.created_at - earlier.created_at == timedelta(hours=1)


def test_entries_come_latest_first_and_people_as_they_came(store, now):
    ann = store.add_person("Ann", created_at=now)
    bob = store.add_person("Bob", created_at=now - timedelta(days=1))
    days = [store.begin_entry(ann.id, practice="rest", created_at=now + timedelta(days=day)) for day in (1, 3, 2)]
    assert [entry.id for entry in store.entries(ann.id)] == [days[1].id, days[2].id, days[0].id]
    assert [person.name for person in store.people()] == ["Bob", "Ann"]
    assert store.entries(bob.id) == store.entries(NOBODY) == ()


def test_a_change_changes_what_is_given_and_nothing_else(store, fill):
    made = fill(store)
    changed = store.change_entry(made.entry.id, words="less", better=None, look_after=None)
    assert changed == store.entry(made.entry.id)
    before = vars(made.entry) | {"words": "less", "better": None, "look_after": None}
    assert vars(changed) == before
    assert store.change_person(made.person.id, settings={"voice": None}).settings == {"voice": None}
    assert store.change_tried(made.tried.id, outcome="helped").outcome == "helped"
    assert store.change_photo(made.photo.id, scale_note="a ruler").scale_note == "a ruler"
    assert store.change_reminder(made.reminder.id, days=[]).days == []


def test_a_list_changed_by_the_caller_later_is_not_changed_in_the_journal(store, now):
    props = ["towel"]
    who = store.add_person(created_at=now, props=props)
    props.append("bolster")
    who.props.append("blanket")
    assert store.person(who.id).props == ["towel"]


def test_deleting_an_entry_takes_its_photographs_and_nothing_else(store, fill, now):
    made = fill(store)
    loose = store.add_photo(
        made.person.id, b"x", which="after", taken_at=now, mime="image/png", width=1, height=1, scale_note="none"
    )
    store.delete_entry(made.entry.id)
    assert store.entries(made.person.id) == ()
    assert store.photos(made.person.id) == (loose,)
    assert store.tried(made.person.id) == (made.tried,)
    for delete, record in (
        (store.delete_photo, loose),
        (store.delete_tried, made.tried),
        (store.delete_recording, made.recording),
        (store.delete_reminder, made.reminder),
    ):
        delete(record.id)
        with pytest.raises(NotFoundError, match=record.id):
            delete(record.id)


def test_a_second_recording_for_a_cue_takes_the_place_of_the_first(store, fill, now):
    made = fill(store)
    second = store.save_recording(made.person.id, b"new", cue="settle", mime="audio/ogg", seconds=1, created_at=now)
    assert store.recordings(made.person.id) == (second,)
    assert store.recording_data(second.id) == b"new"


# -- what cannot be used ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"mood": 3}, "'mood' is no field"),
        ({"id": NOBODY}, "'id' is no field"),
        ({"record": {}}, "'record' is no field"),
        ({"record_key": "k"}, "'record_key' is no field"),
        ({"stage": "sleeping"}, "stage is 'sleeping'; give one of screened"),
        ({"minutes": -1}, r"minutes \[min\] is -1"),
        ({"minutes": float("nan")}, r"minutes \[min\] is nan"),
        ({"minutes": True}, r"minutes \[min\] is True"),
        ({"comfort_before": 11}, "comfort before is 11; give a whole number from 0 to 10"),
        ({"comfort_after": 5.5}, "comfort after is 5.5"),
        ({"better": 101}, "better .* is 101; give a whole number from -100 to 100"),
        ({"noticed": ["a b"]}, "noticed holds 'a b'"),
        ({"noticed": ["heavy", "heavy"]}, "give each id once"),
        ({"noticed": [f"n{i}" for i in range(201)]}, "noticed holds 201 ids"),
        ({"words": "x" * 100_001}, "words has 100001 characters"),
        ({"words": "a\0b"}, "cannot be kept"),
        ({"words": "\ud800"}, "cannot be kept"),
        ({"words": None}, "words is None; give text"),
        ({"options": {"a": float("inf")}}, "options holds inf"),
        ({"options": {"a": 2**53}}, "options holds 9007199254740992"),
        ({"options": {1: 2}}, "a key of options is 1"),
        ({"options": {"a": {1, 2}}}, "options holds"),
        ({"options": {"a": "x" * 99_000, **{str(i): "y" * 99_000 for i in range(11)}}}, "options has .* characters"),
        ({"look_before": {"knee": {"value": 0}}}, "a place in look before is 'knee'"),
        ({"look_before": {"lumbar_arch": {"said": "3 cm"}}}, "give a table with a value"),
        ({"look_after": {"lumbar_arch": {"value": 3.0}}}, "lumbar_arch in look after .* is 3.0"),
        ({"next_morning": {"sleep": 7}}, "sleep in next morning is 7"),
        ({"created_at": datetime(2026, 1, 1)}, "created at is .*offset"),
        ({"created_at": datetime.min.replace(tzinfo=timezone(timedelta(hours=1)))}, "outside the calendar"),
        ({"practice": ""}, "practice is empty"),
        ({"practice": "two\nlines"}, "give one line"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_in_one_sentence_and_nothing_is_stored(store, now, fields, said):
    who = store.add_person(created_at=now)
    entry = store.begin_entry(who.id, practice="rest", created_at=now)
    with pytest.raises(InputError, match=said) as refused:
        store.begin_entry(who.id, **{"practice": "rest", "created_at": now, **fields})
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 400
    if not {"created_at"} & set(fields):
        with pytest.raises(InputError, match=said):
            store.change_entry(entry.id, **fields)
    assert store.entries(who.id) == (entry,)


def test_a_table_nested_too_deep_is_refused(store, now):
    deep = {}
    for _ in range(100_000):
        deep = {"a": deep}
    with pytest.raises(InputError, match="nested more than 20 deep"):
        store.add_person(created_at=now, settings=deep)


@pytest.mark.parametrize("data", [b"", "text", None, b"x" * 50_000_001])
def test_bytes_that_are_none_or_too_many_are_refused(store, now, data):
    who = store.add_person(created_at=now)
    with pytest.raises(InputError, match="give"):
        store.add_photo(who.id, data, which="before", taken_at=now, mime="image/png", width=1, height=1)
    assert store.photos(who.id) == ()


@pytest.mark.parametrize("id", [NOBODY, "", "nobody", "x" * 500, None, 7, "' OR 1=1 --"])
def test_an_id_that_nobody_has_is_not_found(store, now, id):
    for ask in (store.person, store.entry, store.photo, store.photo_data, store.recording_data, store.reminder):
        with pytest.raises(NotFoundError):
            ask(id)
    for change in (
        store.change_person,
        store.change_entry,
        store.change_tried,
        store.change_photo,
        store.change_reminder,
    ):
        with pytest.raises(NotFoundError):
            change(id)
    for delete in (store.delete_entry, store.delete_photo, store.erase_person):
        with pytest.raises(NotFoundError):
            delete(id)
    with pytest.raises(InputError):
        store.begin_entry(id, practice="rest", created_at=now)
    assert store.deliver(id, "a key", {}) is Delivery.GONE


def test_a_photograph_belongs_to_an_entry_of_the_same_person(store, fill, now):
    made, other = fill(store), store.add_person("Bob", created_at=now)
    rest = {"which": "before", "taken_at": now, "mime": "image/png", "width": 1, "height": 1}
    with pytest.raises(NotFoundError, match="not this person's"):
        store.add_photo(other.id, b"x", entry_id=made.entry.id, **rest)
    theirs = store.begin_entry(other.id, practice="rest", created_at=now)
    with pytest.raises(NotFoundError, match="not this person's"):
        store.change_photo(made.photo.id, entry_id=theirs.id)
    assert store.photos(other.id) == ()
    assert store.photo(made.photo.id) == made.photo


# -- delivery -----------------------------------------------------------------------------------------


def test_a_record_is_stored_once_however_often_it_is_sent(store, now):
    who = store.add_person(created_at=now)
    entry = store.begin_entry(who.id, practice="rest", created_at=now)
    assert store.deliver(entry.id, "first-key", {"a": 1}) is Delivery.STORED
    assert store.deliver(entry.id, "first-key", {"a": 2}) is Delivery.REPEATED
    assert store.deliver(entry.id, "other-key", {"a": 3}) is Delivery.KEPT_FIRST
    kept = store.entry(entry.id)
    assert (kept.record, kept.record_key, kept.stage) == ({"a": 1}, "first-key", "rested")
    assert [bool(item) for item in Delivery] == [True, False, False, False]


def test_a_late_record_does_not_undo_the_check_back(store, now):
    entry = store.begin_entry(store.add_person(created_at=now).id, practice="rest", created_at=now, stage="checked")
    assert store.deliver(entry.id, "key", {})
    assert store.entry(entry.id).stage == "checked"
    assert store.entry(entry.id).record == {}
    assert store.deliver(entry.id, "key", {}) is Delivery.REPEATED


def test_a_record_for_a_deleted_entry_says_so_and_brings_nothing_back(store, now):
    who = store.add_person(created_at=now)
    entry = store.begin_entry(who.id, practice="rest", created_at=now)
    store.delete_entry(entry.id)
    assert store.deliver(entry.id, "key", {"a": 1}) is Delivery.GONE
    assert store.entries(who.id) == ()


def test_a_rest_that_an_older_journal_never_knew_is_begun_once(store, now):
    who = store.add_person(created_at=now)
    id, other = "11111111-1111-4111-8111-111111111111", "00000000-0000-4000-8000-000000000000"
    record = {"way": "supine", "minutes": 20, "rested_seconds": 1200}
    assert store.deliver(id, "the-key", record) is Delivery.GONE  # nobody's
    assert store.deliver(id, "the-key", record, person_id=other, created_at=now) is Delivery.GONE  # erased
    assert store.deliver("no id", "the-key", record, created_at=now) is Delivery.GONE
    assert store.deliver(id, "the-key", record, person_id=who.id, created_at=now) is Delivery.STORED
    assert store.deliver(id, "the-key", record, person_id=who.id, created_at=now) is Delivery.REPEATED
    assert store.deliver(id, "another", record, person_id=who.id, created_at=now) is Delivery.KEPT_FIRST
    (entry,) = store.entries(who.id)
    assert (entry.id, entry.created_at, entry.stage, entry.way, entry.minutes) == (id, now, "rested", "supine", 20)
    assert entry.record == record
    with pytest.raises(InputError, match="give an id"):
        store.deliver("no id", "its-key", record, person_id=who.id, created_at=now)
    assert len(store.entries(who.id)) == 1


def test_a_deleted_rest_stays_deleted_and_an_erased_persons_never_comes_back(store, now):
    who = store.add_person(created_at=now, settings={"voice": "mine", "deleted": 5})
    gone, left = (store.begin_entry(who.id, practice="rest", created_at=now) for _ in range(2))
    store.delete_entry(gone.id)
    whose = {"person_id": who.id, "created_at": now}
    assert store.deliver(gone.id, "the-key", {"a": 1}, **whose) is Delivery.GONE
    assert store.entries(who.id) == (left,)
    assert store.person(who.id).settings == {"voice": "mine", "deleted": [gone.id]}
    store.erase_person(who.id)
    for entry in (gone, left):
        assert store.deliver(entry.id, f"key {entry.id}", {"a": 1}, **whose) is Delivery.GONE
    assert store.people() == ()


def test_a_key_of_another_entry_is_refused(store, now):
    who = store.add_person(created_at=now)
    one, two = (store.begin_entry(who.id, practice="rest", created_at=now) for _ in range(2))
    store.deliver(one.id, "key", {"a": 1})
    with pytest.raises(InputError, match="another entry"):
        store.deliver(two.id, "key", {"a": 2})
    assert store.entry(two.id).record is None


@pytest.mark.parametrize(
    ("key", "record"), [("", {}), (None, {}), ("key", None), ("key", [1]), ("key", {"a": float("nan")})]
)
def test_a_delivery_without_key_or_record_is_refused(store, now, key, record):
    entry = store.begin_entry(store.add_person(created_at=now).id, practice="rest", created_at=now)
    with pytest.raises(InputError):
        store.deliver(entry.id, key, record)
    assert store.entry(entry.id).record is None


# -- at the same time ---------------------------------------------------------------------------------


def together(*jobs):
    """Run jobs in threads that start at once; what each returned."""
    gate, found = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(place, job):
        gate.wait()
        found[place] = job()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_of_two_deliveries_at_once_one_is_stored(store, folder, now):
    who = store.add_person(created_at=now)
    with Store(folder) as other:
        for round in range(30):
            entry = store.begin_entry(who.id, practice="rest", created_at=now)
            send = [partial(own.deliver, entry.id, entry.id, {"by": by}) for by, own in enumerate((store, other))]
            came = together(*send)
            assert sorted(came, key=lambda item: item.name) == [Delivery.REPEATED, Delivery.STORED], round
            assert store.entry(entry.id).record == {"by": came.index(Delivery.STORED)}


def test_two_threads_write_and_read_without_losing_anything(store, now):
    who = store.add_person(created_at=now, settings={"0": -1, "1": -1})

    def write(name):
        for number in range(40):
            store.begin_entry(who.id, practice="rest", created_at=now, words=f"{name} {number}")
            store.change_person(who.id, **({"surface": str(number)} if name == "a" else {"crisis_number": str(number)}))
            assert len(store.entries(who.id)) > number

    together(lambda: write("a"), lambda: write("b"))
    assert {entry.words for entry in store.entries(who.id)} == {f"{name} {i}" for name in "ab" for i in range(40)}
    assert (store.person(who.id).surface, store.person(who.id).crisis_number) == ("39", "39")


def test_two_stores_made_at_once_in_an_empty_folder_make_one_journal(folder, now):
    for number in range(5):
        place = folder / str(number)
        one, two = together(*[partial(Store, place)] * 2)
        who = one.add_person("Ann", created_at=now)
        assert two.people() == (who,)
        one.close()
        two.close()


# -- disk and rights ----------------------------------------------------------------------------------


def test_folder_and_files_are_for_their_owner_only(store, folder, fill, tmp_path):
    fill(store)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = [path for path in folder.iterdir() if path.is_file()]
    assert {path.name for path in files} == {"journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_rights_that_were_too_wide_are_narrowed(folder):
    Store(folder).close()
    folder.chmod(0o755)
    (folder / database.FILE).chmod(0o644)
    Store(folder).close()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / database.FILE).stat().st_mode) == 0o600


def test_a_connection_asks_for_what_keeps_data(store):
    with store.reading() as session:
        connection = session.connection()
        asked = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "temp_store")
        }
    assert asked == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "temp_store": 2}


@pytest.mark.parametrize("pages", [45, 60, 80])
def test_a_full_disk_is_said_and_nothing_is_half_written(folder, fill, now, monkeypatch, pages):
    with Store(folder) as store:
        made = fill(store)
    with monkeypatch.context() as patch:
        patch.setattr(database, "PRAGMAS", (*database.PRAGMAS, f"max_page_count = {pages}"))
        with Store(folder) as store:
            kept = [made.entry.id]

            def write_until_full():
                for number in range(1000):
                    entry = store.begin_entry(
                        made.person.id, practice="rest", created_at=now, words=f"{number} " * 1500
                    )
                    kept.append(entry.id)

            with pytest.raises(StorageError, match=r"is full, so nothing was changed; make some room") as refused:
                write_until_full()
            assert "\n" not in str(refused.value)
            rest = {"which": "before", "taken_at": now, "mime": "image/png", "width": 1, "height": 1}
            with pytest.raises(StorageError, match="is full"):
                store.add_photo(made.person.id, bytes(10**6), **rest)
            assert {entry.id for entry in store.entries(made.person.id)} == set(kept)
            assert store.entry(made.entry.id) == made.entry
    with Store(folder) as store:
        assert {entry.id for entry in store.entries(made.person.id)} == set(kept)
        assert store.begin_entry(made.person.id, practice="rest", created_at=now)


def test_a_read_only_journal_can_be_read_and_says_that_it_cannot_be_written(folder, fill, now):
    with Store(folder) as store:
        made = fill(store)
    before = (folder / database.FILE).read_bytes()
    with Store(folder, read_only=True) as store:
        assert store.entries(made.person.id) == (made.entry,)
        for write in (
            lambda: store.add_person(created_at=now),
            lambda: store.change_entry(made.entry.id, words="other"),
            lambda: store.delete_entry(made.entry.id),
            lambda: (
                store.deliver(made.entry.id, "a new key", {})
                or store.add_tried(made.person.id, what="x", created_at=now)
            ),
        ):
            with pytest.raises(StorageError, match=r"can be read but not written, so nothing was changed"):
                write()
    assert (folder / database.FILE).read_bytes() == before


def test_a_journal_that_is_not_there_cannot_be_read_only(folder):
    with pytest.raises(StorageError, match="holds no journal"):
        Store(folder, read_only=True)
    assert not folder.exists()


def test_a_journal_locked_by_another_program_is_said_to_be_in_use(store, now, monkeypatch, folder):
    monkeypatch.setattr(database, "WAIT", 0.05)
    with Store(folder) as hasty:
        other = sqlite3.connect(folder / database.FILE, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="in use by another program, so nothing was changed"):
            hasty.add_person(created_at=now)
        other.execute("ROLLBACK")
        other.close()
        assert hasty.add_person(created_at=now)


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be made private"):
        Store(tmp_path / "file" / "data")


@pytest.mark.parametrize("name", ["a%20b?mode=memory#c", "ö ü", "it's"])
def test_a_folder_may_have_any_name(tmp_path, now, name):
    with Store(tmp_path / name) as store:
        who = store.add_person(created_at=now)
    assert (tmp_path / name / database.FILE).stat().st_size
    with Store(tmp_path / name) as store:
        assert store.people() == (who,)


def test_importing_the_package_does_not_import_the_room():
    code = "import sys, psoas, psoas.errors; sys.exit('sqlalchemy' in sys.modules or 'psoas.journal' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# -- a comparison -------------------------------------------------------------------------------------


def test_a_comparison_keeps_its_plan_and_its_days_go_with_it_or_with_the_rest(store, fill):
    made, other = fill(store, "x"), fill(store, "y")
    again = store.add_comparison_day(
        made.person.id, comparison_id=made.comparison.id, entry_id=made.entry.id, created_at=made.day.created_at, step=1,
        planned="B",
    )  # fmt: skip
    assert store.comparison_days(made.person.id, comparison_id=made.comparison.id) == (
        again,
    )  # in the place of the first
    assert store.change_comparison_day(again.id, done="neither").done == "neither"
    for field, value in {"order": ["B"], "seed": 1, "name_a": "z", "outcome": "sleep", "method": "alternating"}.items():
        with pytest.raises(InputError, match="is no field here"):
            store.change_comparison(made.comparison.id, **{field: value})
    with pytest.raises(InputError, match="is no field here"):
        store.change_comparison_day(again.id, planned="A")
    with pytest.raises(NotFoundError, match="the comparison .* is not this person's"):
        store.add_comparison_day(
            made.person.id, comparison_id=other.comparison.id, entry_id=made.entry.id, created_at=made.day.created_at,
            step=0, planned="A",
        )  # fmt: skip
    assert store.comparison_days(made.person.id)[0].done == "neither"  # nothing of it was stored
    store.delete_entry(made.entry.id)
    assert store.comparison_days(made.person.id) == ()
    assert store.comparison(made.comparison.id) == made.comparison
    store.delete_comparison(other.comparison.id)
    assert store.comparison_days(other.person.id) == store.comparisons(other.person.id) == ()
    assert store.entry(other.entry.id) == other.entry


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("order", [], "order has 0 days; give 1 to 40"), ("order", ["A"] * 41, "order has 41 days"),
        ("order", ["A", "C"], "order is 'C'"), ("name_a", "", "name a is empty"), ("state", "won", "state is 'won'"),
        ("block", 3.5, "block is 3.5"), ("seed", -1, "seed is -1"), ("outcome", "", "outcome is empty"),
    ],
)  # fmt: skip
def test_a_comparison_with_a_wrong_value_is_refused(store, now, field, value, told):
    who = store.add_person(created_at=now)
    given = {"name_a": "flat", "name_b": "bent", "outcome": "comfort", "method": "alternating", "order": ["A", "B"]}
    with pytest.raises(InputError, match=told):
        store.begin_comparison(who.id, created_at=now, **{**given, field: value})
    assert store.comparisons(who.id) == ()


# -- beside a rest ------------------------------------------------------------------------------------


def test_a_day_is_kept_once_and_the_latest_day_comes_first(store, fill, now):
    made, other = fill(store, "one"), fill(store, "two")
    again = store.save_habit_day(
        made.person.id, day=made.habits.day, created_at=now + timedelta(hours=1), done=["bath"], note="changed"
    )
    assert (again.id, again.created_at, again.done, again.checks) == (
        made.habits.id,
        made.habits.created_at,
        ["bath"],
        {},
    )
    earlier = store.save_habit_day(made.person.id, day="2026-01-05", created_at=now)
    assert store.habit_days(made.person.id) == (again, earlier)
    assert store.habit_days(made.person.id, day="2026-01-05") == (earlier,)
    assert store.habit_days(other.person.id) == (other.habits,)
    store.delete_habit_day(again.id)
    assert store.habit_days(made.person.id) == (earlier,)
    with pytest.raises(NotFoundError, match="there is no habit day with the id"):
        store.delete_habit_day(again.id)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"day": "yesterday"}, "day is 'yesterday'; give a day such as 2026-03-01"),
        ({"day": "2026-3-1"}, "day is '2026-3-1'; give a day such as 2026-03-01"),
        ({"done": ["a walk"]}, "done holds 'a walk'; give ids"),
        ({"checks": []}, "checks is \\[\\]; give a table"),
        ({"mood": "fine"}, "'mood' is no field here"),
        ({"id": "mine"}, "'id' is no field here"),
    ],
)
def test_a_day_with_a_wrong_value_is_refused(store, now, fields, told):
    who = store.add_person("Ann", created_at=now)
    with pytest.raises(InputError, match=told):
        store.save_habit_day(who.id, **{"day": "2026-03-01", "created_at": now, **fields})
    assert store.habit_days(who.id) == ()


def test_notes_of_what_was_noticed_come_latest_first_and_go_with_their_person(store, fill, now):
    made, other = fill(store, "one"), fill(store, "two")
    later = store.add_clue_note(made.person.id, created_at=now + timedelta(days=1), seen={"foot": ["limp"]})
    assert store.clue_notes(made.person.id) == (later, made.clues)
    changed = store.change_clue_note(later.id, words="after a fall", by="")
    assert changed == store.clue_note(later.id) == replace(later, words="after a fall")
    store.delete_clue_note(made.clues.id)
    store.erase_person(made.person.id)
    assert store.clue_notes(made.person.id) == store.habit_days(made.person.id) == ()
    assert store.clue_notes(other.person.id) == (other.clues,)
    with pytest.raises(NotFoundError):
        store.clue_note(later.id)
    with pytest.raises(NotFoundError):
        store.save_habit_day(made.person.id, day="2026-03-01", created_at=now)
