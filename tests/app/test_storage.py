"""A disk that is full, read-only or damaged: a sentence, nothing lost, and the way on when there is room again."""

import json
import os
import re
import socket
import sqlite3
import stat
import subprocess
import sys
import wave
import zipfile
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from psoas import cli, session
from psoas.app import access
from psoas.app.server import create_app
from psoas.app.views import files
from psoas.journal import Store, database, exchange, hold

FULL = re.compile(r"The disk with \S+journal\.sqlite is full, so nothing was changed; make some room and try again\.")
READ_ONLY = re.compile(
    r"\S+journal\.sqlite can be read but not written, so nothing was changed; make it writable and try again\."
)


def contents(at):
    return exchange.to_json(at.store)


@contextmanager
def disk(at, monkeypatch, *pragmas):
    """Connections that can do less; the real refusals are SQLite's own."""
    with monkeypatch.context() as patch:
        patch.setattr(database, "PRAGMAS", (*database.PRAGMAS, *pragmas))
        at.store._engine.dispose()  # what is open already knows nothing of it
        yield
    at.store._engine.dispose()


def read_only(at, monkeypatch):
    return disk(at, monkeypatch, "query_only = ON")


@contextmanager
def full(at, monkeypatch):
    """No page more than there are, and the last ones filled up."""
    with sqlite3.connect(at.store.path) as connection:
        [pages] = connection.execute("PRAGMA page_count").fetchone()
    connection.close()
    with disk(at, monkeypatch, f"max_page_count = {pages}"):
        yield


@pytest.fixture
def forms(at):
    """Every form that keeps something: where it is sent, what is typed, what is uploaded."""
    old = at.rested()
    who = at.who(old)
    tried = at.store.add_tried(who, what="yoga", created_at=at.clock())
    at.clock.later(days=1)
    ready = at.ready()
    at.clock.later(days=1)
    at.screened(ready)  # once more, today
    new = at.begin()
    if new == ready:
        raise AssertionError("two rests are wanted")
    at.screened(new)
    person, cue = f"/people/{who}", next(iter(session.cues()))
    other = at.store.add_person("Birch", created_at=at.clock())
    two = at.store.begin_comparison(
        other.id, created_at=at.clock(), name_a="flat", name_b="bent", outcome="comfort", method="alternating",
        order=["A", "B"] * 4,
    )  # fmt: skip
    own = {
        "what": "own",
        "name_a": "on the floor",
        "name_b": "on the bed",
        "outcome": "sleep",
        "deal": "turn",
        "pairs": "7",
    }
    note = at.store.add_clue_note(who, created_at=at.clock(), seen={"foot": ["limp"]})
    table = b"began_at,words\n2026-01-01T08:00:00+01:00,from a table\n"
    return {
        "people": ("/people", {"name": "Birch"}, {}),
        "you": (f"{person}/you", {"name": "Ann", "stature": "5ft 8in", "inner_resources": "a lake", "history": ["heart"]}, {}),
        "ask": (f"/rest/{new}/ask", at.answers("heart", "fear"), {}),
        "look": (f"/rest/{new}/look", {"lumbar_arch": "2 fingers", "comfort_before": "4", "scale": "my hand", "how": "photo"},
                 {"photo": ("p.png", noise())}),
        "look-again": (f"/rest/{old}/look-again", {"ribs_left": "can't tell", "how": "guess"}, {}),
        "set-up": (f"/rest/{new}/set-up", {"way": "constructive-rest", "minutes": "25", "heel_distance": "40", "do": "go"}, {}),
        "done": (f"/rest/{ready}/done", {}, {}),
        "check-back": (f"/rest/{old}/check-back", {"noticed": ["heavy"], "words": "one\r\ntwo", "better": "5"}, {}),
        "morning": (f"/rest/{old}/morning", {"sleep": "worse", "morning_note": "late"}, {}),
        "tried": (f"{person}/tried", {"what": "tea", "note": "green"}, {}),
        "tried/id": (f"{person}/tried/{tried.id}", {"what": "yoga, slowly", "note": "still"}, {}),
        "tried/delete": (f"{person}/tried/{tried.id}", {"what": "yoga", "do": "delete"}, {}),
        "reminder": (f"{person}/reminder.ics", {"title": "Quiet", "time": "07:15", "minutes": "25", "day": ["mo"]}, {}),
        "import": (f"{person}/import", {}, {"file": ("t.csv", table)}),
        "voice": (f"{person}/voice/{cue}", {}, {"file": ("t.wav", tone())}),
        "erase": (f"{person}/erase", {"sure": "yes", "what": "me"}, {}),
        "delete": (f"/rest/{old}/delete", {"sure": "yes"}, {}),
        "compare": (f"{person}/compare", own, {}),
        "compare/stop": (f"/comparison/{two.id}/stop", {}, {}),
        "compare/delete": (f"/comparison/{two.id}/delete", {"sure": "yes"}, {}),
        "habits": (f"{person}/habits", {"day": "2026-03-27", "done": ["walk", "feet"], "check_shoes": ["bends"],
                   "note": "one\r\ntwo"}, {}),
        "clues": (f"{person}/clues", {"clue_pelvis": ["tips-back"], "clue_stride": "same", "words": "a\r\nb", "by": "Kim"}, {}),
        "clues/id": (f"/clues/{note.id}", {"clue_pelvis": ["turns"], "words": "changed"}, {}),
        "clues/delete": (f"/clues/{note.id}/delete", {"sure": "yes"}, {}),
    }  # fmt: skip


def tone():
    """A second of sound."""
    out = BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(
            b"".join((8000 * (i % 20 < 10) - 4000).to_bytes(2, "little", signed=True) for i in range(8000))
        )
    return out.getvalue()


NAMES = (
    "people", "you", "ask", "look", "look-again", "set-up", "done", "check-back", "morning", "tried", "tried/id",
    "tried/delete", "reminder", "import", "voice", "erase", "delete",
    "compare", "compare/stop", "compare/delete", "habits", "clues", "clues/id", "clues/delete",
)  # fmt: skip


def refused(read, answer, path, typed, told):
    """507, one sentence, and every typed value still on the page, in its field where there is one."""
    assert answer.status_code == 507
    page = read(answer)
    said = page.problem or page.text
    assert re.search(told, said), said
    buttons = {"do", "sure"} if "/tried" in path else {"do", "sure", "what"}
    typed = {name: text for name, text in typed.items() if name not in buttons}
    if page.problem and typed:
        found = page.form(path).data
        assert {name: found[name] for name in typed} == {name: in_a_page(text) for name, text in typed.items()}


def in_a_page(typed):
    """What was typed, as a page holds it: a list, with line breaks of one sign."""
    return [text.replace("\r\n", "\n") for text in (typed if isinstance(typed, list) else [typed])]


def test_every_form_that_keeps_something_is_here(at, forms):
    """Each address that takes POST, but those that keep nothing, begin and deliver, which are below."""
    sent = {re.sub(r"[0-9a-f-]{36}", "*", path) for path, _, _ in forms.values()}
    known = {
        re.sub(
            r"\{cue\}", next(iter(session.cues())), re.sub(r"\{(entry|person|tried|comparison|note)\}", "*", route.path)
        )
        for route in at.app.routes
        if "POST" in (getattr(route, "methods", None) or ())
    }
    elsewhere = {"/begin", "/people/*/begin", "/rest/*/worry", "/api/screening", "/api/rest/*/record"}
    assert known - sent == elsewhere
    assert sent <= known
    assert tuple(forms) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_journal_that_cannot_be_written_says_so_and_loses_nothing(at, read, forms, monkeypatch, name):
    path, typed, uploaded = forms[name]
    before = contents(at)
    with read_only(at, monkeypatch):
        answer = at.client.post(path, data=typed, files=uploaded or None)
        refused(read, answer, path, typed, READ_ONLY)
        assert contents(at) == before
        for readable in ("/", "/people", "/help"):
            assert at.client.get(readable).status_code == 200
    again = at.client.post(path, data=typed, files=uploaded or None)
    assert again.status_code == 200, "there is room again, and what was typed can be kept"
    assert contents(at) != before


def fill_up(at, who):
    """Notes, ever smaller, until not even a short one goes in."""
    for size in (50_000, 3000, 500, 50):
        for _ in range(200):
            try:
                at.store.add_tried(who, what="-", created_at=at.clock(), note="x" * size)
            except database.StorageError:
                break
        else:
            raise AssertionError("the disk is never full")


# What makes a form's row larger than the page it lies on, so that there is need of room.
FAT = {
    "you": {"inner_resources": "a" * 2000, "outer_resources": "b" * 2000},
    "check-back": {"words": "w" * 9000},
    "morning": {"morning_note": "n" * 9000},
    "tried": {"note": "t" * 9000},
    "tried/id": {"note": "t" * 9000},
    "people": {},
    "reminder": {},
    "look": {},
    "voice": {},
    "import": {},
}


@pytest.mark.parametrize("name", FAT)
def test_a_full_disk_says_so_and_loses_nothing(at, read, forms, monkeypatch, name):
    path, typed, uploaded = forms[name]
    typed = {**typed, **FAT[name]}
    if name == "import":
        uploaded = {"file": ("t.csv", uploaded["file"][1].replace(b"from a table", b"w" * 9000))}
    if name == "look":  # of the same length, so that the change of it finds its place
        at.client.post(path, data={**typed, "lumbar_arch": "3 fingers"})
    who = at.store.people()[0].id
    with full(at, monkeypatch):
        fill_up(at, who)
        for number in range(60):  # a short row may still find its place; then there is none
            before = contents(at)
            if name == "reminder":
                typed["title"] = f"Quiet {number} {'q' * 150}"
            answer = at.client.post(path, data=typed, files=uploaded or None)
            if answer.status_code == 507:
                break
            assert name in ("people", "reminder"), "it went in"
        refused(read, answer, path, typed, FULL)
        told, then = json.loads(contents(at)), json.loads(before)
        if name == "look":  # the measures went in, the photograph did not
            assert told["entries"][-1]["look_before"]["lumbar_arch"]["said"] == "2 fingers"
            told["entries"][-1], then["entries"][-1] = {}, {}
        assert told == then
        assert at.client.get(f"/people/{who}/export.json").status_code == 200, "it can be carried to another disk"
        assert at.client.get(f"/people/{who}/journal").status_code == 200
    again = at.client.post(path, data=typed, files=uploaded or None)
    assert again.status_code == 200
    assert contents(at) != before


def test_a_photo_is_there_until_another_has_taken_its_place(at, forms, monkeypatch):
    path, typed, uploaded = forms["look"]
    assert at.client.post(path, data=typed, files=uploaded).status_code == 200
    entry = path.split("/")[2]
    [kept] = at.store.photos(at.who(entry), entry)
    larger = {"photo": ("q.png", noise(seed=1))}
    with full(at, monkeypatch):
        fill_up(at, at.who(entry))
        assert at.client.post(path, data=typed, files=larger).status_code == 507
        assert at.store.photos(at.who(entry), entry) == (kept,)
        assert at.client.get(f"/photos/{kept.id}").status_code == 200
    assert at.client.post(path, data=typed, files=larger).status_code == 200
    [other] = at.store.photos(at.who(entry), entry)
    assert other.id != kept.id


def noise(seed=0):
    """A picture that does not become small."""
    out = BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 255, (200, 300, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def test_begin_on_a_disk_that_cannot_be_written(at, monkeypatch):
    with read_only(at, monkeypatch):
        page = at.post("/begin")
        assert (page.status, page.h1) == (507, "This could not be kept")
        assert READ_ONLY.search(page.text)
    assert at.store.people() == ()
    entry = at.begin()
    at.post(f"/rest/{entry}/delete", {"sure": "yes"})
    who = at.store.people()[0].id
    with read_only(at, monkeypatch):
        assert at.post(f"/people/{who}/begin").status == 507
    assert at.begin(who)


def test_a_rest_that_could_not_be_stored_can_be_sent_again(at, monkeypatch):
    entry = at.ready()
    plan = session.plan("constructive-rest", 20)
    ended = session.step(session.step(session.start(plan), "begin", 0.0), "tick", 5000.0)
    body = {"record": session.record(ended), "started_at": "2026-03-28T18:31:00Z"}

    def send():
        return at.client.post(f"/api/rest/{entry}/record", json=body, headers={"idempotency-key": "the-one-key"})

    with read_only(at, monkeypatch):
        for _ in range(2):
            answer = send()
            assert answer.status_code == 507
            assert READ_ONLY.fullmatch(answer.json()["problem"])
    assert [send().status_code, send().status_code] == [201, 200]


def test_a_sound_that_cannot_be_written_is_told(at):
    entry = at.ready()
    (at.folder / files.SOUND_FOLDER).write_text("in the way")
    page = at.get(f"/rest/{entry}/sound.flac")
    assert page.status == 507
    assert re.search(r"\S+sound cannot be written \(.+\); see that its disk is writable and has room\.", page.text)
    (at.folder / files.SOUND_FOLDER).unlink()
    assert at.client.get(f"/rest/{entry}/sound.flac").status_code == 200


def test_no_erasure_is_said_to_be_whole_while_a_sound_is_left(at, monkeypatch):
    entry = at.ready()
    assert at.client.get(f"/rest/{entry}/sound.flac").status_code == 200
    monkeypatch.setattr(
        "psoas.app.views.journal.shutil.rmtree", lambda *_, **__: None
    )  # as Windows does, while it plays
    page = at.post(f"/people/{at.who(entry)}/erase", {"sure": "yes", "what": "all"})
    assert page.status == 507
    assert page.problem.startswith("The journal is erased, but ")
    assert at.store.people() == ()


def test_erasing_all_works_without_room_for_a_new_key(at, monkeypatch):
    entry = at.rested()

    def no_room(*_):
        raise database.StorageError("no room")

    monkeypatch.setattr("psoas.app.views.journal.access.new_key", no_room)
    assert at.post(f"/people/{at.who(entry)}/erase", {"sure": "yes", "what": "all"}).h1 == "Erased"
    assert at.store.people() == ()


# -- the command line ---------------------------------------------------------------------------------


@pytest.fixture
def run(capsys):
    """A command; its exit code, what it printed, and what it complained of."""

    def run_(*words):
        with pytest.raises(SystemExit) as ended:
            cli.main([str(word) for word in words])
        told = capsys.readouterr()
        return ended.value.code, told.out, told.err

    return run_


def complains(answer, sentence):
    """Exit code 2, and one sentence on one line."""
    code, out, told = answer
    assert code == 2, (out, told)
    assert re.fullmatch(r"[^\n]+[.]\n", told), told
    assert re.search(sentence, told), told
    assert out == ""


@pytest.fixture
def folder(open_app, tmp_path):
    """A data folder with a rest in it, that nobody has open."""
    with Store(tmp_path / "data") as store:
        moment = datetime(2026, 3, 28, 18, 30, tzinfo=UTC)
        person = store.add_person("Ann", created_at=moment)
        store.begin_entry(person.id, practice="rest", created_at=moment, words="the words")
    return tmp_path / "data"


def told(folder):
    with Store(folder) as store:
        return exchange.to_json(store)


def everything(folder):
    """Every file, byte by byte."""
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def free_port():
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


DAMAGE = {
    "text": lambda data: b"not a journal at all",
    "zeros": lambda data: bytes(len(data)),
    "cut": lambda data: data[: len(data) // 2],
    "header": lambda data: b"SQLite format 4\0" + data[16:],
    "pages": lambda data: data[:4096] + b"\xa5" * (len(data) - 4096),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_journal_is_said_in_one_sentence_and_left_as_it_is(run, folder, kind):
    live = folder / "journal.sqlite"
    live.write_bytes(DAMAGE[kind](live.read_bytes()))
    before = live.read_bytes()
    answer = run("app", "--data", folder, "--no-browser", "--port", free_port())
    complains(answer, r"journal\.sqlite .*(damaged|not a journal).* restore a backup with psoas restore")
    assert live.read_bytes() == before


def test_a_journal_of_a_newer_psoas_is_left_as_it_is(run, folder):
    with sqlite3.connect(folder / "journal.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = (folder / "journal.sqlite").read_bytes()
    complains(run("app", "--data", folder, "--no-browser", "--port", free_port()), "newer psoas")
    assert (folder / "journal.sqlite").read_bytes() == before


def test_a_data_folder_that_is_none(run, tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        complains(
            run("app", "--data", path, "--no-browser", "--port", free_port()), "give a folder you own|give a folder"
        )


def test_a_port_that_something_else_has(run, tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        complains(
            run("app", "--data", tmp_path / "data", "--no-browser", "--port", port),
            rf"port is {port}, which cannot be used \(address already in use\); give a free one from 1024 to 65535, such as"
            rf" psoas app --port {port + 1}, or make app PORT={port + 1}",
        )


@pytest.mark.parametrize("port", ["0", "-1", "65536", "99999999999", "http"])
def test_a_port_that_is_none(run, tmp_path, port):
    complains(run("app", "--data", tmp_path / "data", "--no-browser", f"--port={port}"), "port")


def test_a_second_psoas_on_one_folder_is_refused(run, folder):
    with hold(folder):
        complains(run("app", "--data", folder, "--no-browser", "--port", free_port()), "psoas is already running on")


def test_a_backup_and_the_way_back(run, folder, tmp_path):
    kept, file = told(folder), tmp_path / "out" / "psoas.zip"
    file.parent.mkdir()
    code, out, err = run("backup", file, "--data", folder)
    assert (code, err) == (0, "")
    assert out.startswith(f"Wrote {file}. It is not encrypted;")
    assert os.name == "nt" or stat.S_IMODE(file.stat().st_mode) == 0o600
    with Store(folder) as store:
        store.erase_all()
        store.add_person("Birch", created_at=datetime(2026, 3, 29, 8, 0, tzinfo=UTC))
    other = told(folder)
    code, out, err = run("restore", file, "--data", folder)
    assert (code, err) == (0, "")
    assert told(folder) == kept
    saved = Path(re.search(r"What was there is now (\S+)\.\n", out)[1])
    assert saved.parent == folder / "backups"
    assert run("restore", saved, "--data", folder)[0] == 0
    assert told(folder) == other
    code, out, _ = run("restore", file, "--data", tmp_path / "new")
    assert (code, out) == (0, f"Restored {file}.\n")
    assert told(tmp_path / "new") == kept


def test_a_cookie_outlives_a_restore(run, folder, tmp_path, open_app):
    key = access.key(folder)
    run("backup", tmp_path / "b.zip", "--data", folder)
    run("restore", tmp_path / "b.zip", "--data", folder)
    at = open_app(folder)
    client = at.another(let_in=False)
    assert client.get("/people", headers={"cookie": f"{access.COOKIE}={key}"}).status_code == 200


@pytest.mark.parametrize("where", [0.0, 0.01, 0.3, 0.5, 0.9, 0.999])
def test_a_damaged_backup_is_refused_and_the_journal_untouched(run, folder, tmp_path, where):
    file = tmp_path / "b.zip"
    run("backup", file, "--data", folder)
    data = bytearray(file.read_bytes())
    data[int(where * len(data))] ^= 0x10
    file.write_bytes(data)
    before = everything(folder)
    complains(run("restore", file, "--data", folder), r"b\.zip is (damaged|no backup)")
    after = everything(folder)
    assert {name: after[name] for name in before} == before
    assert not [name for name in after if "part" in name.name or "backups" in name.parts]


def wrong_files(folder, tmp_path):
    (tmp_path / "text.zip").write_text("a text")
    (tmp_path / "empty.zip").write_bytes(b"")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("a.txt", "a")
    whole = tmp_path / "whole.zip"
    return [
        tmp_path / "text.zip",
        tmp_path / "empty.zip",
        tmp_path / "other.zip",
        tmp_path / "nothing.zip",
        tmp_path,
        whole,
    ]


def test_the_wrong_file_is_refused_and_the_journal_untouched(run, folder, tmp_path):
    run("backup", tmp_path / "whole.zip", "--data", folder)
    *wrong, whole = wrong_files(folder, tmp_path)
    whole.write_bytes(whole.read_bytes()[:-100])
    before = everything(folder)
    for file in (*wrong, whole, folder / "journal.sqlite"):
        complains(run("restore", file, "--data", folder), "no backup|cannot be read|is damaged")
        after = everything(folder)
        assert {name: after[name] for name in before} == before


def test_where_a_backup_cannot_be_written(run, folder, tmp_path):
    for path in (tmp_path, folder / "b.zip", tmp_path / "no" / "such" / "b.zip"):
        complains(run("backup", path, "--data", folder), "give|see that")
    complains(run("backup", tmp_path / "b.zip", "--data", tmp_path / "empty"), "holds no journal")
    assert not (tmp_path / "b.zip").exists()


def test_nothing_is_restored_beneath_a_running_app(run, folder, tmp_path):
    run("backup", tmp_path / "b.zip", "--data", folder)
    before = told(folder)
    with hold(folder):
        complains(run("restore", tmp_path / "b.zip", "--data", folder), "psoas is already running on")
        assert run("backup", tmp_path / "while.zip", "--data", folder)[0] == 0
    assert told(folder) == before


def test_an_app_that_cannot_open_its_journal_is_not_half_made(folder):
    (folder / "journal.sqlite").write_bytes(b"nothing of a journal")
    with pytest.raises(database.StorageError):
        create_app(folder)


# -- the real thing -----------------------------------------------------------------------------------


@pytest.fixture
def server(folder):
    """A real psoas app on a port of its own: the process, its port, its token."""
    port = free_port()
    words = [sys.executable, "-m", "psoas", "app", "--data", str(folder), "--no-browser", "--port", str(port)]
    source = str(Path(cli.__file__).parents[1])
    process = subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": source, "PYTHONUNBUFFERED": "1"},
    )
    try:
        line = process.stdout.readline()
        token = re.search(rf"http://127\.0\.0\.1:{port}/start\?token=(\S+)", line)
        assert token, (line, process.stderr.read() if process.poll() is not None else "")
        yield process, port, token[1]
    finally:
        process.terminate()
        process.communicate(timeout=60)


def ask(port, path, **headers):
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def test_a_real_server_lets_one_in_keeps_its_folder_and_is_not_started_twice(run, server, folder, tmp_path):
    process, port, token = server
    status, headers, _ = ask(port, f"/start?token={token}")
    cookie = headers["set-cookie"].partition(";")[0]
    assert (status, cookie) == (303, f"{access.COOKIE}={access.key(folder)}")
    assert headers["server"] == "psoas-app"
    assert ask(port, f"/start?token={token}")[0] == 403
    assert ask(port, "/people")[0] == 403
    status, headers, page = ask(port, "/people", cookie=cookie)
    assert status == 200 and b"Ann" in page
    assert headers["content-security-policy"] == access.POLICY
    assert ask(port, "/people", cookie=cookie, host="evil.example")[0] == 421
    assert ask(port, "/people", cookie=cookie, origin="null")[0] == 403
    code, out, err = run("app", "--data", folder, "--no-browser", "--port", port)
    assert (code, err) == (0, "")
    again = re.fullmatch(rf"psoas is already running\. Open http://127\.0\.0\.1:{port}/start\?token=(\S+)\n", out)
    assert ask(port, f"/start?token={again[1]}")[0] == 303
    complains(
        run("app", "--data", tmp_path / "other", "--no-browser", "--port", port),
        rf"port is {port}, where psoas already runs on another data folder; give a free one",
    )
    assert run("backup", tmp_path / "b.zip", "--data", folder)[0] == 0
    complains(run("restore", tmp_path / "b.zip", "--data", folder), "psoas is already running on")
    assert process.poll() is None
    assert ask(port, "/people", cookie=cookie)[0] == 200


def test_a_real_server_listens_on_this_machine_alone(server):
    _, port, _ = server
    others = {address[4][0] for address in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)} - {
        "127.0.0.1"
    }
    for other in {*others, "127.0.0.2"} - ({"127.0.0.2"} if sys.platform == "darwin" else set()):
        with pytest.raises(OSError):  # noqa: PT011, refused, unreachable or timed out
            socket.create_connection((other, port), timeout=2).close()
