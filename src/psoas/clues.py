"""What can be noticed of a person by eye and by asking: a guided note, and no finding.

Data in ``clues.toml``: what to look at, what the sources claim about it, and what the model says, which is mostly nothing.
Nobody presses, pulls or lifts (95). Nothing here concludes anything; some answers lead to "worth telling a doctor".
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from psoas.errors import InputError

NOTHING = "nothing"
"""The answer that nothing of the kind is seen."""
CANT_TELL = "cant-tell"
"""The answer that it cannot be told."""


@dataclass(frozen=True)
class Answer:
    """One thing that may be ticked."""

    id: str
    text: str
    alone: bool = False
    """Whether it stands by itself."""


@dataclass(frozen=True)
class Clue:
    """One thing to look at."""

    id: str
    title: str
    look: str
    """What to look at, or ask, and how."""
    claims: str
    """What a source claims about it, in our words."""
    model: str
    """What the model says of it."""
    answers: tuple[Answer, ...]
    """In order; the last two are "nothing of the kind", where it is no choice of one, and "can't tell"."""
    features: tuple[int, ...]
    sources: tuple[str, ...]
    evidence: int
    """Number of the claim whose grade is on a page of its own."""
    one: bool = False
    """Whether exactly one answer can be ticked."""
    worth: str = ""
    """What is worth telling a doctor; empty where nothing is said."""
    tell: tuple[str, ...] = ()
    """The answers after which it is said."""


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads((files("psoas") / "clues.toml").read_text(encoding="utf-8"))


@cache
def clues() -> tuple[Clue, ...]:
    """What to look at, features 56 to 64 and 170, in the order of looking."""
    return tuple(_clue(entry) for entry in _data()["clue"])


def _clue(entry: Mapping[str, Any]) -> Clue:
    words, one = _data()["words"], entry.get("one", False)
    answers = [Answer(answer["id"], answer["text"], one) for answer in entry["answers"]]
    if not one:
        answers.append(Answer(NOTHING, words["nothing"], alone=True))
    answers.append(Answer(CANT_TELL, words["cant_tell"], alone=True))
    lists = {name: tuple(entry.get(name, ())) for name in ("features", "sources", "tell")}
    return Clue(**{**entry, **lists, "answers": tuple(answers)})


def seen(ticked: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """A note, ready to be stored: by clue, the answers ticked; a clue left open is not there.

    Args:
        ticked: Ids of answers by id of the clue.
    Raises:
        InputError: No such clue or answer, or one that stands by itself beside another.
    """
    known = {clue.id: clue for clue in clues()}
    for id in ticked:
        if id not in known:
            raise InputError(f"what was looked at is {_short(id)}; give any of {', '.join(known)}")
    found: dict[str, list[str]] = {}
    for clue in known.values():
        given = set(ticked.get(clue.id, ()))
        unknown = sorted(given.difference(answer.id for answer in clue.answers))
        if unknown:
            takes = ", ".join(answer.id for answer in clue.answers)
            raise InputError(f"{clue.title.lower()} has {_short(unknown[0])}; give any of {takes}")
        kept = [answer for answer in clue.answers if answer.id in given]
        if len(kept) > 1 and any(answer.alone for answer in kept):
            both = " and ".join(f'"{answer.text.lower()}"' for answer in kept)
            raise InputError(f"{clue.title.lower()} has {both} together; leave one of them")
        if kept:
            found[clue.id] = [answer.id for answer in kept]
    return found


def told(note: Mapping[str, Any]) -> tuple[tuple[Clue, str], ...]:
    """A stored note in words, in the order of looking; what is not known here, as from a file, is passed over."""
    found = []
    for clue in clues():
        given = note.get(clue.id)
        texts = [answer.text for answer in clue.answers if isinstance(given, list) and answer.id in given]
        if texts:
            found.append((clue, "; ".join(texts)))
    return tuple(found)


def worth(note: Mapping[str, Any]) -> tuple[str, ...]:
    """What is worth telling a doctor after a stored note, in the order of looking; each sentence once."""
    found = []
    for clue in clues():
        given = note.get(clue.id)
        if isinstance(given, list) and set(clue.tell).intersection(str(id) for id in given):
            found.append(clue.worth)
    return tuple(dict.fromkeys(found))


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
