import contextlib
import zlib

import pytest

from psoas.errors import NotFoundError, StorageError
from psoas.journal import Store, back_up, database, read_manifest, restore
from psoas.journal.exchange import to_json

CANARY = "canary7531"


def traces(folder, word=CANARY):
    """Files in which a word stands, in the open or packed in a zip's deflated members."""
    found = []
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        data = path.read_bytes()
        packed = unpacked(data)
        for form in (word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be")):
            if form in data or form in packed:
                found.append(path.relative_to(folder).as_posix())
    return found


def unpacked(data):
    """Whatever in some bytes can be inflated, from each local header of a zip on."""
    found, place = b"", data.find(b"PK\x03\x04")
    while place >= 0:
        start = place + 30 + int.from_bytes(data[place + 26 : place + 28], "little")
        start += int.from_bytes(data[place + 28 : place + 30], "little")
        with contextlib.suppress(zlib.error):  # of a file that was cut off, as much as there is
            found += zlib.decompressobj(-15).decompress(data[start:])
        place = data.find(b"PK\x03\x04", place + 4)
    return found


@pytest.fixture
def planted(folder, fill, tmp_path):
    """A journal in use, with a canary in every field of a person, in its log, in backups and in files cut off."""
    store = Store(folder)
    other = fill(store, "bystander")
    backups = folder / "backups"
    made = fill(store, CANARY)
    kept = [made]
    for number in range(3):  # grown, changed and deleted, so that words lie in free pages and in the log
        entry = store.begin_entry(
            made.person.id, practice="rest", created_at=made.person.created_at, words=CANARY * 5000
        )
        store.change_entry(entry.id, words=f"{CANARY} {number}")
        if number:
            store.delete_entry(entry.id)
    backups.mkdir(mode=0o700)
    back_up(folder, tmp_path / "mine.zip")
    (backups / "mine.zip").write_bytes((tmp_path / "mine.zip").read_bytes())
    (backups / "damaged-1.sqlite").write_text(CANARY)
    (backups / "cut.zip").write_bytes((tmp_path / "mine.zip").read_bytes()[:-5])
    (folder / f"{database.PART}1").write_text(CANARY)
    (backups / f"{database.PART}2").write_text(CANARY)
    store.change_person(made.person.id, name=f"last {CANARY}")
    yield store, made, other, kept
    store.close()


def test_the_canary_is_everywhere_before(planted, folder):
    found = set(traces(folder))
    assert {f"{database.FILE}-wal", "backups/mine.zip", "backups/damaged-1.sqlite", "backups/cut.zip"} <= found
    assert {f"{database.PART}1", f"backups/{database.PART}2"} <= found
    store, made, *_ = planted
    for item in (
        made.person, made.entry, made.tried, made.photo, made.recording, made.reminder, made.comparison, made.day,
        made.habits, made.clues,
    ):  # fmt: skip
        texts = [
            name for name, value in vars(item).items() if isinstance(value, str | dict) and not name.endswith("id")
        ]
        missed = [name for name in texts if CANARY not in str(getattr(item, name))]
        assert set(missed) <= {"stage", "outcome", "which", "state", "planned", "done", "day"}, missed
    database.flush(store._engine, store.path)
    assert database.FILE in traces(folder)


@pytest.mark.parametrize("open_still", [True, False])
def test_no_word_of_an_erased_person_is_left_in_any_file(planted, folder, open_still):
    store, made, other, _ = planted
    store.erase_person(made.person.id)
    if not open_still:
        store.close()
    assert traces(folder) == []
    assert traces(folder, made.person.id) == []
    with Store(folder) as again:
        assert again.people() == (other.person,)
        assert again.entries(other.person.id) == (other.entry,)
        assert again.photo_data(other.photo.id).startswith(b"\xff\xd8bystander")
        assert again.comparisons(other.person.id) == (other.comparison,)
        assert again.comparison_days(other.person.id) == (other.day,)
        assert again.habit_days(other.person.id) == (other.habits,)
        assert again.clue_notes(other.person.id) == (other.clues,)
        with pytest.raises(NotFoundError):
            again.person(made.person.id)


def test_erasing_all_leaves_an_empty_journal_that_works(planted, folder, now):
    store, *_ = planted
    store.erase_all()
    assert traces(folder) == traces(folder, "bystander") == []
    assert list((folder / "backups").iterdir()) == []
    assert database.parts(folder) == []
    assert b'"people": []' in to_json(store)
    assert store.add_person("New", created_at=now).name == "New"


def test_a_backup_without_the_person_stays(folder, fill, tmp_path):
    with Store(folder) as store:
        other = fill(store, "bystander")
        back_up(folder, tmp_path / "before.zip")
    kept = restore(folder, tmp_path / "before.zip")
    with Store(folder) as store:
        made = fill(store, CANARY)
        store.erase_person(made.person.id)
    assert read_manifest(kept).people == [other.person.id]


def test_a_log_that_somebody_still_reads_is_said(planted, folder, monkeypatch):
    store, made, *_ = planted
    monkeypatch.setattr(database, "WAIT", 0.05)
    with Store(folder) as hasty, store.reading() as session:
        session.connection().exec_driver_sql("SELECT count(*) FROM person").all()
        with pytest.raises(StorageError, match="still being read and may hold traces"):
            hasty.erase_person(made.person.id)
    store.erase_all()
    assert traces(folder) == []


def test_a_disk_without_room_to_write_anew_is_said_and_the_words_are_overwritten_all_the_same(
    planted, folder, monkeypatch
):
    store, made, *_ = planted
    outside = database._outside

    def full(engine, path, statement):
        if statement == "VACUUM":
            raise StorageError("full")
        return outside(engine, path, statement)

    monkeypatch.setattr(database, "_outside", full)
    with pytest.raises(StorageError, match="is deleted and overwritten, but .* could not be written anew"):
        store.erase_person(made.person.id)
    assert traces(folder) == []


def test_after_the_last_reader_has_gone_the_log_holds_nothing(planted, folder, monkeypatch):
    store, made, *_ = planted
    monkeypatch.setattr(database, "WAIT", 0.05)
    with Store(folder) as hasty, store.reading() as session:
        session.connection().exec_driver_sql("SELECT count(*) FROM person").all()
        with pytest.raises(StorageError, match="close psoas and other programs"):
            hasty.erase_person(made.person.id)
    store.close()
    assert traces(folder) == []
