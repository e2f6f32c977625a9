"""Reading the evidence: the files beside this one, checked as a whole.

Nothing is graded above what was read: a grade needs a paper of which an abstract, a table, a part or all was read, and a run of
the model alone carries none.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, TypeVar

from psoas.errors import DataError, InputError
from psoas.evidence.claim import (
    CARRIES,
    FIRST,
    FORMS,
    GRADES,
    KINDS,
    LAST,
    READ,
    STANCES,
    Amount,
    Claim,
    Item,
    Paper,
    Posture,
    Result,
    Run,
    Said,
    Text,
    View,
)  # fmt: skip
from psoas.units import Quantity

T = TypeVar("T")
CITED = re.compile(r"\[([a-z][a-z0-9_-]*_\d{4}[a-z]?)\]")
"""A paper's key in a paragraph."""
WHO = ("author", "a reader", "another site")
_CLAIMS, _PAPERS = ("questions.toml", "disagreements.toml", "claims.toml"), "papers.toml"


@cache
def claims() -> tuple[Claim, ...]:
    """Every claim, by feature number.

    Raises:
        DataError: A file breaks one of the rules: a key that does not resolve, a grade above what was read, a feature twice.
    """
    found = [_claim(row) for name in _CLAIMS for row in _read(name)["claim"]]
    for what, each in (("feature", [c.feature for c in found]), ("id", [c.id for c in found])):
        twice = [value for value, count in Counter(each).items() if count > 1]
        if twice:
            raise DataError(f"{what} {twice[0]} has more than one claim; give each one")
    return tuple(sorted(found, key=lambda claim: claim.feature))


@cache
def papers() -> Mapping[str, Paper]:
    """Every paper by its key.

    Raises:
        DataError: A field is missing or not among what is known.
    """
    found: dict[str, Paper] = {}
    for row in _read(_PAPERS)["paper"]:
        paper = Paper(**{"doi": "", "pmid": "", **row})
        if paper.read not in READ:
            raise DataError(f"paper {paper.key} has read {paper.read!r}; give {', '.join(READ)}")
        if paper.key in found:
            raise DataError(f"paper {paper.key} is there twice; give it once")
        found[paper.key] = paper
    return MappingProxyType(found)


@cache
def texts() -> Mapping[str, Text]:
    """The five source texts by number."""
    return MappingProxyType({row["id"]: Text(**row) for row in _read("sources.toml")["text"]})


@cache
def runs() -> Mapping[str, Run]:
    """What the model found, by the run's name; ``psoas.study`` makes the file."""
    data = json.loads((files("psoas.evidence") / "runs.json").read_text(encoding="utf-8"))
    return MappingProxyType({id: _run(id, row) for id, row in data["runs"].items()})


@cache
def studied() -> str:
    """Whose measures the bodies of the runs have, in words."""
    return str(json.loads((files("psoas.evidence") / "runs.json").read_text(encoding="utf-8"))["person"])


@cache
def postures() -> tuple[Posture, ...]:
    """The psoas standing, sitting and lying: what :mod:`psoas.study` found for question 112."""
    data = json.loads((files("psoas.evidence") / "postures.json").read_text(encoding="utf-8"))
    return tuple(
        Posture(
            id=row["id"], title=row["title"], box=tuple(row["box"]), body=tuple(row["body"]), psoas=tuple(row["psoas"]),
            carried_by=tuple(row["carried_by"]),
            numbers={
                name: Amount(_quantity(one, data["rows"][name]["unit"]), one["against_straight"],
                             one["members"])
                for name, one in row["numbers"].items()
            },
        )
        for row in data["postures"]
    )  # fmt: skip


@cache
def resources() -> tuple[Item, ...]:
    """What the texts point to, and whom one can ask."""
    return tuple(Item(**{**row, "named_in": tuple(row.get("named_in", ()))}) for row in _read("shelf.toml")["item"])


def claim(wanted: int | str) -> Claim:
    """One claim.

    Args:
        wanted: A feature number such as 112, or an id.
    Raises:
        InputError: There is none.
    """
    text = str(wanted).strip().lower()
    for one in claims():
        if text in (str(one.feature), one.id):
            return one
    near = get_close_matches(text, [one.id for one in claims()], n=1)
    raise InputError(
        f"claim is {str(wanted)[:40]!r}; give a number from {FIRST} to {LAST}"
        + (f", or {near[0]}" if near else ", or a word such as breath to search for")
    )


def find(words: str = "", *, grade: str = "", kind: str = "", form: str = "") -> tuple[Claim, ...]:
    """Claims that hold all words and are of one grade, kind and form.

    Args:
        words: Beginnings of words to look for, anywhere in a claim and its papers; a number finds its feature.
        grade, kind, form: One of :data:`GRADES`, :data:`KINDS`, :data:`FORMS`, in any case; empty for all.
    Returns:
        Those that match best first: in title and statement, then anywhere.
    Raises:
        InputError: A grade, kind or form that is none.
    """
    grade, kind, form = (value.strip().lower() for value in (grade, kind, form))
    for name, value, known in (("grade", grade, GRADES), ("kind", kind, KINDS), ("form", form, FORMS)):
        if value and value not in known:
            raise InputError(f"{name} is {value[:40]!r}; give {_listed(list(known))}")
    terms = _terms(words)
    chosen = [one for one in claims() if grade in ("", one.grade) and kind in ("", one.kind) and form in ("", one.form)]
    if not terms:
        return tuple(chosen)
    scored = [(_score(one, terms), one) for one in chosen]
    return tuple(one for score, one in sorted(scored, key=lambda pair: -pair[0]) if score)


def unheld(words: str) -> tuple[str, ...]:
    """Those of the words with which no word of any claim begins."""
    return tuple(term for term in dict.fromkeys(_terms(words)) if not any(_score(one, [term]) for one in claims()))


def _terms(words: str) -> list[str]:
    return re.findall(r"[\w'-]+", words.lower())


def _score(one: Claim, terms: list[str]) -> int:
    """How well a claim fits: 0 where no word of it begins with one of the terms."""
    head = f"{one.title} {one.statement} {one.feature} {one.id}".lower()
    begins = [re.compile(rf"\b{re.escape(term)}") for term in terms]
    if not all(each.search(head) or each.search(_haystack(one)) for each in begins):
        return 0
    return 1 + 3 * sum(bool(each.search(head)) for each in begins)


@cache
def _haystack(one: Claim) -> str:
    words = [one.short, *one.known, one.unknown, one.ask, one.reason, one.kind, one.grade]
    words += [view.holds for view in one.views] + [said.words for view in one.views for said in view.said]
    words += [f"{paper.authors} {paper.title} {paper.year}" for paper in one.papers]
    return " ".join(words).lower()


# -- reading ------------------------------------------------------------------------------------------


def _read(name: str) -> dict[str, Any]:
    try:
        return tomllib.loads((files("psoas.evidence") / name).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as problem:
        raise DataError(f"{name} of the evidence cannot be read ({problem}); it has to be TOML") from None


def _claim(row: dict[str, Any]) -> Claim:
    where = f"claim {row.get('feature', '?')}"
    try:
        made = Claim(
            id=row["id"], feature=int(row["feature"]), title=row["title"], statement=row["statement"], kind=row["kind"],
            grade=row["grade"], reason=row["reason"], known=tuple(row["known"]), unknown=row["unknown"], ask=row["ask"],
            looked=row["looked"], papers=tuple(_known(papers(), key, where, "paper") for key in row["papers"]),
            runs=tuple(_known(runs(), key, where, "run") for key in row["runs"]), related=tuple(row["related"]),
            views=tuple(_view(each, where) for each in row["view"]), short=row.get("short", ""),
        )  # fmt: skip
    except KeyError as missing:
        raise DataError(f"{where} has no {missing.args[0]}; every claim has all fields") from None
    _check(made, where)
    return made


def _check(made: Claim, where: str) -> None:
    """Raise what is wrong with a claim."""
    if made.kind not in KINDS or made.grade not in GRADES:
        raise DataError(f"{where} is {made.kind!r} and {made.grade!r}; give {_listed([*KINDS, *GRADES])}")
    if not FIRST <= made.feature <= LAST:
        raise DataError(f"{where} is outside; give {FIRST} to {LAST}")
    if made.grade in ("supported", "mixed", "contradicted") and not any(p.read in CARRIES for p in made.papers):
        raise DataError(
            f"{where} is graded {made.grade} with nothing read; give a paper of which at least an abstract was read"
        )
    for paragraph in (made.short, *made.known, made.unknown, made.reason):
        for key in CITED.findall(paragraph):
            if _known(papers(), key, where, "paper") not in made.papers:
                raise DataError(f"{where} cites {key}, which is not among its papers; list it there")


def _view(row: dict[str, Any], where: str) -> View:
    if row["stance"] not in STANCES:
        raise DataError(f"{where} has stance {row['stance']!r}; give {_listed(list(STANCES))}")
    said = []
    for one in row["said"]:
        if one["who"] not in WHO:
            raise DataError(f"{where} names {one['who']!r}; give {_listed(list(WHO))}")
        said.append(
            Said(_known(texts(), one["source"], where, "text"), one["who"], one.get("date", ""), one.get("note", ""))
        )
    return View(row["holds"], row["stance"], tuple(said))


def _known(table: Mapping[str, T], key: str, where: str, what: str) -> T:
    if key not in table:
        near = get_close_matches(key, table, n=2)
        raise DataError(
            f"{where} names {what} {key!r}, which is not there; near are {_listed(near) if near else 'none'}"
        )
    return table[key]


def _run(id: str, row: dict[str, Any]) -> Run:
    return Run(
        id, row["says"], tuple(row["features"]), row["verdict"] or "",
        tuple(
            Result(
                what=one["what"],
                quantity=_quantity(one, one["unit"]),
                verdict=one["verdict"], members=one["members"], rivals=tuple(one["flips"]),
                moves_most=one["moves_most"],
            )
            for one in row["results"]
        ),
    )  # fmt: skip


def _quantity(one: Mapping[str, Any], unit: str) -> Quantity:
    """Median and range; of a median that lies outside its range, a hair's breadth of rounding, the range gives way."""
    middle = float(one["median"])
    return Quantity("x", middle, unit, min(float(one["low"]), middle), max(float(one["high"]), middle), ())


def _listed(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else "".join(words)
