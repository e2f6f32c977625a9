"""Kill a writer again and again, and say after each kill what is there; run by test_killed in a process of its own.

The process imports the room once and forks a writer for each round, so that a round costs no start-up. A writer opens the
journal, and tells over a pipe of each thing the store has acknowledged. After the kill the journal is opened as the app would.

    python killing.py FOLDER ROUNDS SEED        prints one JSON line a round
"""

import hashlib
import json
import os
import random
import signal
import sys
import time
from datetime import datetime, timedelta, timezone

from psoas.journal import Delivery, Store, database

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=timezone(timedelta(hours=1)))


def write(folder, person_id, seed, tell):
    """Begin entries, change them and deliver each one's record twice, and tell what was acknowledged, until killed."""
    rng = random.Random(seed)
    with Store(folder) as store:
        while True:
            words = f"{rng.random()} " * rng.choice((1, 10, 300))
            entry = store.begin_entry(person_id, practice="rest", created_at=NOW, words=words, note=sealed(words))
            tell(f"begun {entry.id}")
            words = f"{rng.random()} changed " * rng.choice((1, 200))
            store.change_entry(entry.id, words=words, note=sealed(words))
            tell(f"changed {entry.id} {sealed(words)}")
            for attempt in range(2):
                came = store.deliver(entry.id, f"key {entry.id}", {"attempt": attempt, "rested_seconds": seed})
                tell(f"delivered {entry.id} {came.name}")


def sealed(words):
    return hashlib.sha256(words.encode()).hexdigest()


def killed(folder, person_id, seed, after, wait):
    """Run a writer, and kill it ``wait`` seconds after so many acknowledgements; what it told, and what ended it."""
    out, back = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(out)
            write(folder, person_id, seed, lambda line: os.write(back, f"{line}\n".encode()))
        finally:
            os._exit(1)
    os.close(back)
    told = b""
    while told.count(b"\n") < after and (block := os.read(out, 1 << 16)):
        told += block
    time.sleep(wait)
    os.kill(child, signal.SIGKILL)
    while block := os.read(out, 1 << 16):
        told += block
    os.close(out)
    _, status = os.waitpid(child, 0)
    return told.decode().splitlines(), os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def found(folder, person_id, begun, changed, delivered):
    """What is wrong with the journal after a kill."""
    with Store(folder) as store:
        with store.reading() as session:
            wrong = database.damage(session.connection())
        entries = {entry.id: entry for entry in store.entries(person_id)}
        before = {key: entry.record for key, entry in entries.items()}
        late = {key: store.deliver(key, f"key {key}", {"attempt": 9}) for key in list(entries)[:20]}
        after = {key: store.entry(key).record for key in late}
    return {
        "entries": len(entries),
        "damage": wrong,
        "lost": sorted(begun - set(entries)),
        "torn": sorted(key for key, entry in entries.items() if sealed(entry.words) != entry.note),
        "forgotten": sorted(key for key, note in changed.items() if entries[key].note != note),
        "undelivered": sorted(key for key in delivered if before[key] is None or before[key]["attempt"] == 1),
        # What a player would do next: send again. It is stored now, or it was; never twice.
        "twice": sorted(
            key
            for key, came in late.items()
            if (came, after[key])
            != ((Delivery.REPEATED, before[key]) if before[key] is not None else (Delivery.STORED, {"attempt": 9}))
        ),
    }


def main(folder, rounds, seed):
    """Kill so many writers."""
    rng = random.Random(seed)
    with Store(folder) as store:
        person_id = store.add_person("Ann", created_at=NOW).id
    begun, changed, delivered = set(), {}, set()
    for number in range(rounds):
        # After none, while the journal is being opened; after some, at any point of the next write.
        after = rng.choice((0, rng.randrange(1, 25)))
        wait = rng.uniform(0, 0.001 if after else 0.02)
        lines, was_killed = killed(folder, person_id, seed * rounds + number, after, wait)
        for line in lines:
            what, key, *rest = line.split()
            if what == "begun":
                begun.add(key)
            elif what == "changed":
                changed[key] = rest[0]
            else:
                delivered.add(key)
                if rest[0] == "STORED" and sum(1 for one in lines if one == line) > 1:
                    raise SystemExit(f"{key} was stored twice")
        wrong = found(folder, person_id, begun, changed, delivered)
        print(json.dumps({"asked": after, "told": len(lines), "killed": was_killed, **wrong}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
