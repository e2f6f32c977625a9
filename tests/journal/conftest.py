"""Stores in folders of their own, and a journal with something in every field."""

from datetime import datetime, time, timedelta, timezone
from types import SimpleNamespace

import pytest

from psoas.journal import Store

NOW = datetime(
    2026, 3, 29, 1, 30, tzinfo=timezone(timedelta(hours=1))
)  # half an hour before clocks go forward in Paris


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def store(folder):
    with Store(folder) as opened:
        yield opened


def everything(store, word="", moment=NOW):
    """A person with one of each kind of record; ``word`` stands in every text, key and blob of theirs."""
    slug = "".join(letter for letter in word if letter.isascii())
    person = store.add_person(
        f"Ann {word}", created_at=moment, measures={"stature": 1.72, "left": {"leg_length": 0.9}, f"m{word}": word},
        typed={"stature": f"5ft8in {word}"}, units=f"cm{word}", surface=f"mat {word}", props=[f"towel {word}"],
        history=[f"vertigo{slug}"], inner_resources=f"breath {word}", outer_resources=f"a friend {word}",
        crisis_number=f"123 {word}", settings={"voice": f"mine {word}"},
    )  # fmt: skip
    look = {"lumbar_arch": {"value": 0.031, "said": f"two fingers {word}"}, "ribs_left": {"value": None}}
    entry = store.begin_entry(
        person.id, practice=f"rest{word}", created_at=moment, way=f"floor {word}", stage="looked",
        screening={"answers": [word], "outcome": "allow"}, look_before=look, look_after=look, minutes=20,
        options={"bells": f"soft {word}"}, setup={"sentence": f"A towel {word}"}, noticed=["heavy", f"n{slug}"],
        words=f"quiet {word}", comfort_before=4, comfort_after=7, better=-15,
        next_morning={"sleep": f"deep {word}", "cramp": "none", "note": word}, note=f"later {word}",
    )  # fmt: skip
    store.deliver(entry.id, f"key-{entry.id}{word}", {"rested_seconds": 1200.5, "ending": f"bell {word}"})
    tried = store.add_tried(
        person.id, what=f"yoga {word}", created_at=moment, when=f"2019 {word}", note=f"a year {word}"
    )
    photo = store.add_photo(
        person.id, b"\xff\xd8" + word.encode() * 3000 + b"!", which="before", taken_at=moment, mime=f"image/jpeg{word}",
        width=640, height=480, entry_id=entry.id, scale_note=f"a hand {word}",
    )  # fmt: skip
    recording = store.save_recording(
        person.id,
        b"fLaC" + word.encode() * 3000,
        cue=f"settle{word}",
        mime=f"audio/flac{word}",
        seconds=2.5,
        created_at=moment,
    )
    reminder = store.add_reminder(person.id, time(19, 30), created_at=moment, days=["we", "mo"], title=f"Quiet {word}")
    comparison = store.begin_comparison(
        person.id, created_at=moment, name_a=f"flat {word}", name_b=f"towel {word}", outcome=f"comfort{word}",
        method=f"randomized{word}", order=["A", "B", "B", "A"], block=2, seed=7, set_a={"way": f"supine {word}"},
        set_b={"options": {"prop": f"towel {word}"}},
    )  # fmt: skip
    day = store.add_comparison_day(
        person.id, comparison_id=comparison.id, entry_id=entry.id, created_at=moment, step=1, planned="B", done="A"
    )
    habits = store.save_habit_day(
        person.id, day="2026-03-28", created_at=moment, done=["walk", f"d{slug}"], checks={f"shoes {word}": [word]},
        note=f"by the river {word}",
    )  # fmt: skip
    clues = store.add_clue_note(
        person.id, created_at=moment, by=f"the teacher {word}", seen={f"pelvis {word}": [word]}, words=f"seen {word}"
    )
    return SimpleNamespace(
        person=person, entry=store.entry(entry.id), tried=tried, photo=photo, recording=recording, reminder=reminder,
        comparison=comparison, day=day, habits=habits, clues=clues,
    )  # fmt: skip


@pytest.fixture
def fill():
    return everything
