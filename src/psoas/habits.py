"""Small things of a day beside resting, and things to look over: data in ``habits.toml``, and a day of them checked.

Nothing here counts, compares or judges: what was ticked is said again in words. No source says what any of it does to a
psoas with more than her word.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from psoas.errors import InputError

NONE = "none"
"""The tick that says that a thing was looked over, and nothing of the list is so."""


@dataclass(frozen=True)
class Habit:
    """One thing that a day may have had."""

    id: str
    title: str
    says: str
    """What the source says of it, in our words."""
    features: tuple[int, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Point:
    """One point of a check."""

    id: str
    text: str
    """As it is ticked."""
    phrase: str
    """As it stands in a sentence."""


@dataclass(frozen=True)
class Check:
    """One thing to look over."""

    id: str
    title: str
    asks: str
    """What its points are, in a sentence: "source 001 asks of shoes"."""
    note: str
    features: tuple[int, ...]
    sources: tuple[str, ...]
    items: tuple[Point, ...]


@dataclass(frozen=True)
class Beside:
    """What the sources say of a rest beside something else."""

    id: str
    title: str
    words: str
    features: tuple[int, ...]
    sources: tuple[str, ...]


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads((files("psoas") / "habits.toml").read_text(encoding="utf-8"))


def _row(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {**entry, "features": tuple(entry["features"]), "sources": tuple(entry["sources"])}


@cache
def habits() -> tuple[Habit, ...]:
    """What a day may have had, features 14, 47 and 172."""
    return tuple(Habit(**_row(entry)) for entry in _data()["habit"])


@cache
def checks() -> tuple[Check, ...]:
    """What can be looked over, features 48 and 49."""
    return tuple(
        Check(**{**_row(entry), "items": tuple(Point(**item) for item in entry["items"])}) for entry in _data()["check"]
    )


@cache
def besides() -> tuple[Beside, ...]:
    """A rest before exercise and beside physiotherapy, features 14 and 172."""
    return tuple(Beside(**_row(entry)) for entry in _data()["beside"])


def done(ids: Iterable[str]) -> tuple[str, ...]:
    """Checked ids of :func:`habits`, in the order of the list, each once.

    Raises:
        InputError: No such thing.
    """
    given, known = set(ids), [habit.id for habit in habits()]
    unknown = sorted(given.difference(known))
    if unknown:
        raise InputError(f"what the day had is {_short(unknown[0])}; give any of {', '.join(known)}")
    return tuple(id for id in known if id in given)


def looked_over(ticked: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """What was looked over, ready to be stored: by check, the points ticked, or ``none``; a check left open is not there.

    Raises:
        InputError: No such check or point, or ``none`` beside a point.
    """
    known = {check.id: check for check in checks()}
    for id in ticked:
        if id not in known:
            raise InputError(f"what was looked over is {_short(id)}; give any of {', '.join(known)}")
    found: dict[str, list[str]] = {}
    for check in known.values():
        given, points = set(ticked.get(check.id, ())), [point.id for point in check.items]
        unknown = sorted(given.difference(points, (NONE,)))
        if unknown:
            raise InputError(f"{check.title.lower()} has {_short(unknown[0])}; give any of {', '.join(points)} or none")
        if NONE in given and len(given) > 1:
            raise InputError(f"{check.title.lower()} has none and something as well; leave one of them")
        if given:
            found[check.id] = [id for id in (*points, NONE) if id in given]
    return found


def restated(check: Check, ticked: Iterable[str]) -> str:
    """What was ticked, said again; no verdict. Ids that are not known here, as from a file, are passed over."""
    given = set(ticked)
    yes = [point.phrase for point in check.items if point.id in given]
    no = [point.phrase for point in check.items if point.id not in given]
    count = len(check.items)
    if not yes:
        return f"Of the {count} points that {check.asks}, none was ticked."
    if not no:
        return f"All {count} points that {check.asks} were ticked."
    were = "was" if len(yes) == 1 else "were"
    return (
        f"Of the {count} points that {check.asks}, {len(yes)} {were} ticked: {_listed(yes)}. Left open: {_listed(no)}."
    )


def _listed(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
