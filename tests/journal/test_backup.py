import json
import os
import sqlite3
import subprocess
import sys
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from psoas.errors import InputError, StorageError
from psoas.journal import Store, back_up, backup, database, hold, read_manifest, restore

QUICK = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


def tree(folder):
    """Every file of a folder, with its bytes."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def saved(folder, fill, tmp_path):
    """A journal, its person, and a backup of it elsewhere; the journal has changed since."""
    with Store(folder) as store:
        made = fill(store, "then")
        back_up(folder, tmp_path / "mine.zip")
        store.change_entry(made.entry.id, words="since then")
    return made


def test_a_backup_brings_back_what_was_and_keeps_what_is(folder, saved, tmp_path):
    kept = restore(folder, tmp_path / "mine.zip")
    with Store(folder) as store:
        assert store.entry(saved.entry.id) == saved.entry
        assert store.photo_data(saved.photo.id).startswith(b"\xff\xd8then")
    restore(folder, kept)
    with Store(folder) as store:
        assert store.entry(saved.entry.id).words == "since then"
    assert {path.name for path in (folder / "backups").iterdir()} == {"before-restore-1.zip", "before-restore-2.zip"}
    assert database.parts(folder) == []


def test_a_backup_can_be_restored_into_a_folder_that_is_not_there(folder, saved, tmp_path):
    assert restore(tmp_path / "new", tmp_path / "mine.zip") is None
    with Store(tmp_path / "new") as store:
        assert store.people() == (saved.person,)


def test_the_manifest_says_what_is_in_it(folder, saved, tmp_path):
    manifest = read_manifest(tmp_path / "mine.zip")
    counted = (
        "person", "entry", "tried", "photo", "recording", "reminder", "comparison", "comparison_day", "habit_day",
        "clue_note",
    )  # fmt: skip
    assert manifest.counts == dict.fromkeys(counted, 1)
    assert (manifest.revision, manifest.people) == ("0003", [saved.person.id])
    with zipfile.ZipFile(tmp_path / "mine.zip") as archive:
        assert archive.testzip() is None
        assert json.loads(archive.read("manifest.json"))["sha256"] == manifest.sha256
    assert (tmp_path / "mine.zip").stat().st_mode & 0o777 == 0o600


def test_a_backup_is_made_while_the_journal_is_written(folder, fill, now, tmp_path):
    with hold(folder), Store(folder) as store:
        made = fill(store)
        with store.writing() as session:
            session.connection().exec_driver_sql("UPDATE entry SET words = 'not yet'")
            back_up(folder, tmp_path / "mine.zip")
        assert store.entry(made.entry.id).words == "not yet"
    restore(tmp_path / "new", tmp_path / "mine.zip")
    with Store(tmp_path / "new") as store:
        assert store.entry(made.entry.id) == made.entry


@QUICK
@given(st.data())
def test_any_byte_that_changed_is_noticed_and_nothing_is_touched(folder, saved_once, data):
    whole, live, path = saved_once
    place = data.draw(st.integers(0, len(whole) - 1))
    flipped = data.draw(st.integers(1, 255))
    path.write_bytes(whole[:place] + bytes([whole[place] ^ flipped]) + whole[place + 1 :])
    with pytest.raises(InputError, match="damaged") as refused:
        restore(live.folder, path)
    assert "\n" not in str(refused.value)
    assert tree(live.folder) == live.files


@QUICK
@given(st.data())
def test_a_backup_that_was_cut_off_is_refused_and_nothing_is_touched(folder, saved_once, data):
    whole, live, path = saved_once
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(InputError, match="damaged"):
        restore(live.folder, path)
    path.write_bytes(whole + data.draw(st.binary(min_size=1, max_size=200)))
    with pytest.raises(InputError, match="damaged"):
        restore(live.folder, path)
    assert tree(live.folder) == live.files


class Live:
    def __init__(self, folder):
        self.folder = folder
        self.files = tree(folder)


@pytest.fixture
def saved_once(folder, saved, tmp_path):
    return (tmp_path / "mine.zip").read_bytes(), Live(folder), tmp_path / "bad.zip"


def sealed(path, members):
    """A file with a right seal and whatever inside."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.comment = bytes(backup._SEAL_SIZE)
        for name, data in members.items():
            archive.writestr(name, data)
    data = path.read_bytes()[: -backup._SEAL_SIZE]
    path.write_bytes(data)
    path.write_bytes(data + b"sha256:" + database.fingerprint(path).encode())


def remade(path, **changes):
    """A backup whose manifest or database was exchanged, sealed again."""
    with zipfile.ZipFile(path) as archive:
        manifest, data = json.loads(archive.read("manifest.json")), archive.read(database.FILE)
    data = changes.pop("data", data)
    sealed(path, {"manifest.json": json.dumps({**manifest, **changes}), database.FILE: data})


FOREIGN = {
    "a zip of something": lambda path: sealed(path, {"letter.txt": "dear"}),
    "a member too many": lambda path: sealed(path, {"manifest.json": "{}", database.FILE: "", "../x": ""}),
    "no manifest": lambda path: sealed(path, {"manifest.json": "[", database.FILE: ""}),
    "a strange manifest": lambda path: sealed(path, {"manifest.json": '{"schema": 3}', database.FILE: ""}),
    "no zip": lambda path: path.write_bytes(b"text" * 100),
    "a field too few": lambda path: sealed(
        path, {"manifest.json": f'{{"schema": "{backup.SCHEMA}"}}', database.FILE: ""}
    ),
    "a field of another type": lambda path: remade(path, bytes="many"),
    "another schema": lambda path: remade(path, schema="psoas.backup/2"),
    "a newer revision": lambda path: remade(path, revision="9999"),
    "another sum": lambda path: remade(path, sha256="0" * 64),
    "other counts": lambda path: remade(path, counts={}),
    "a shorter database": lambda path: remade(path, bytes=100),
    "a longer database": lambda path: remade(path, bytes=10**9),
    "no database": lambda path: remade(path, data=b"x" * 8192),
    "nothing": lambda path: path.write_bytes(b""),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "not there": lambda path: path.unlink(),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_what_is_no_backup_is_refused_in_one_sentence_and_nothing_is_touched(folder, saved, tmp_path, what):
    before = tree(folder)
    FOREIGN[what](tmp_path / "mine.zip")
    with pytest.raises(InputError) as refused:
        restore(folder, tmp_path / "mine.zip")
    assert "\n" not in str(refused.value) and "; " in str(refused.value)
    after = tree(folder)
    after.pop("lock", None)
    assert after == before


def test_a_backup_with_rows_that_point_nowhere_is_refused(folder, saved, tmp_path):
    path = tmp_path / "x.sqlite"
    with zipfile.ZipFile(tmp_path / "mine.zip") as archive:
        path.write_bytes(archive.read(database.FILE))
    connection = sqlite3.connect(path)
    connection.execute("UPDATE tried SET person_id = 'nobody'")
    connection.commit()
    connection.close()
    remade(tmp_path / "mine.zip", data=path.read_bytes(), sha256=database.fingerprint(path), bytes=path.stat().st_size)
    with pytest.raises(InputError, match="damaged inside"):
        restore(folder, tmp_path / "mine.zip")


# -- while somebody runs ------------------------------------------------------------------------------


def test_nothing_is_restored_under_a_running_app(folder, saved, tmp_path):
    before = tree(folder)
    with hold(folder):
        with pytest.raises(StorageError, match="already running"):
            restore(folder, tmp_path / "mine.zip")
        with pytest.raises(StorageError, match="already running"), hold(folder):
            pass
    after = tree(folder)
    after.pop("lock")
    assert after == before
    restore(folder, tmp_path / "mine.zip")


def test_a_lock_of_another_process_counts_until_it_is_gone(folder, saved, tmp_path):
    code = "import sys; from psoas.journal import hold\nwith hold(sys.argv[1]): print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ
    ) as other:
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(StorageError, match="already running"):
            restore(folder, tmp_path / "mine.zip")
        other.kill()
        other.wait()
        assert restore(folder, tmp_path / "mine.zip").exists()


def test_nothing_is_restored_under_an_open_store(folder, saved, tmp_path):
    with Store(folder) as store:
        words = store.entry(saved.entry.id).words
        with pytest.raises(StorageError, match="in use by another program"):
            restore(folder, tmp_path / "mine.zip")
        assert store.entry(saved.entry.id).words == words
        assert store.change_entry(saved.entry.id, words="goes on").words == "goes on"
    assert restore(folder, tmp_path / "mine.zip")


# -- damage and disks ---------------------------------------------------------------------------------


def test_a_damaged_journal_is_kept_byte_by_byte_and_replaced(folder, saved, tmp_path):
    live = folder / database.FILE
    ruined = b"ruined" * 5000
    live.write_bytes(ruined)
    (folder / f"{database.FILE}-wal").write_bytes(b"an old log")
    with pytest.raises(StorageError):
        Store(folder)
    kept = restore(folder, tmp_path / "mine.zip")
    assert kept.read_bytes() == ruined
    assert (folder / "backups" / f"{kept.name}-wal").read_bytes() == b"an old log"
    assert not (folder / f"{database.FILE}-wal").exists()
    with Store(folder) as store:
        assert store.entry(saved.entry.id) == saved.entry


def test_a_stale_log_is_not_read_into_what_was_restored(folder, saved, tmp_path):
    live = folder / database.FILE
    with Store(folder) as store:
        store.change_entry(saved.entry.id, words="in the log")
        log = {ending: (folder / f"{database.FILE}{ending}").read_bytes() for ending in ("-wal", "-shm")}
    assert b"in the log" in log["-wal"]
    for ending, data in log.items():  # as a kill would leave them
        (folder / f"{database.FILE}{ending}").write_bytes(data)
    restore(folder, tmp_path / "mine.zip")
    assert [path for path in folder.iterdir() if path.name.startswith(f"{live.name}-")] == []
    with Store(folder) as store:
        assert store.entry(saved.entry.id) == saved.entry


@pytest.mark.parametrize("step", ["copyfileobj", "snapshot", "sync_folder"])
def test_a_disk_that_fills_during_a_backup_leaves_no_half_backup(folder, saved, tmp_path, monkeypatch, step):
    def full(*_):
        raise OSError(28, "No space left on device")

    good, before = (tmp_path / "mine.zip").read_bytes(), tree(folder)
    (tmp_path / "other").mkdir()
    monkeypatch.setattr(backup.shutil if step == "copyfileobj" else database, step, full)
    with pytest.raises(StorageError, match="No space left on device"):
        back_up(folder, tmp_path / "mine.zip")
    after = tree(folder)
    assert after.pop(f"{database.FILE}-wal", b"") == b""  # what SQLite leaves of having looked
    after.pop(f"{database.FILE}-shm", None)
    assert after == before
    assert {path.name for path in tmp_path.iterdir()} == {"data", "other", "mine.zip"}
    if step != "sync_folder":  # there the new one is whole, and only its name not yet surely on the disk
        assert (tmp_path / "mine.zip").read_bytes() == good
    read_manifest(tmp_path / "mine.zip")


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_disk_that_refuses_during_a_restore_leaves_the_journal(folder, saved, tmp_path, monkeypatch, step):
    def refuse(*_):
        raise OSError(5, "Input/output error")

    if step == "fsync":
        monkeypatch.setattr(backup.os, step, refuse)
    else:
        monkeypatch.setattr(backup, "_put_away", lambda live: None)
        monkeypatch.setattr(backup.Path, step, refuse)
    with pytest.raises(StorageError, match="Input/output error"):
        restore(folder, tmp_path / "mine.zip")
    monkeypatch.undo()
    assert database.parts(folder) == []
    with Store(folder) as store:
        assert store.entry(saved.entry.id).words == "since then"


def test_a_backup_needs_a_journal_and_a_place_for_it(folder, saved, tmp_path):
    with pytest.raises(InputError, match="holds no journal"):
        back_up(tmp_path, tmp_path / "b.zip")
    for place in (folder / "b.zip", tmp_path, folder / database.FILE):
        with pytest.raises(InputError, match="give the name of a file elsewhere"):
            back_up(folder, place)
    with pytest.raises(StorageError, match="cannot be"):
        back_up(folder, tmp_path / "nowhere" / "b.zip")


def test_a_damaged_journal_is_not_backed_up(folder, saved, tmp_path):
    live = folder / database.FILE
    data = bytearray(live.read_bytes())
    data[8192:12288] = b"\x07" * 4096
    live.write_bytes(data)
    good = (tmp_path / "mine.zip").read_bytes()
    with pytest.raises(StorageError, match="damaged"):
        back_up(folder, tmp_path / "mine.zip")
    assert (tmp_path / "mine.zip").read_bytes() == good
