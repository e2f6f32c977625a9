"""The evidence: a shelf to browse and search, one page a claim, what was read, and where to go on."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from psoas import evidence
from psoas.app.page import Ask, message, page, sentence, view
from psoas.app.views.entry import visitor
from psoas.errors import InputError
from psoas.evidence import Claim

FIRST_ASKED = (112, 120, 110, 111, 105)
"""Questions that most who come here have; they stand first."""
FORMS = {"question": "Readers’ questions", "disagreement": "Where the texts part", "claim": "What is claimed"}
"""The three parts of the shelf."""


PICTURED, NERVES = 112, (161, 151, 155, 113)
"""The question that is answered in a picture, and the claims about nerves and feelings that belong to it."""


@view
def shelf(ask: Ask) -> Response:
    """All claims, or those that were searched for; the address holds what was asked."""
    wanted = {name: str(ask.query.get(name, ""))[:100] for name in ("q", "grade", "kind", "form")}
    problem, found = "", tuple(evidence.claims())
    try:
        found = evidence.find(wanted["q"], grade=wanted["grade"], kind=wanted["kind"], form=wanted["form"])
    except InputError as wrong:
        problem = sentence(str(wrong))
    groups = _grouped(found) if not wanted["q"] else [("", list(found))]
    counts = {grade: sum(one.grade == grade for one in evidence.claims()) for grade in evidence.GRADES}
    return page(
        ask, "evidence.html", visitor(ask), problem=problem, status=422 if problem else 200, wanted=wanted, groups=groups,
        count=len(found), counts=counts, verdicts=evidence.VERDICTS, all=len(evidence.claims()), grades=evidence.GRADES,
        kinds=evidence.KINDS, forms=FORMS,
    )  # fmt: skip


def _grouped(found: Sequence[Claim]) -> list[tuple[str, list[Claim]]]:
    """Claims by the part of the shelf that they stand in."""
    first = sorted(found, key=lambda one: FIRST_ASKED.index(one.feature) if one.feature in FIRST_ASKED else one.feature)
    return [(FORMS[form], list(some)) for form, some in groupby(first, key=lambda one: one.form)]


@view
def one(ask: Ask) -> Response:
    """One claim."""
    try:
        claim = evidence.claim(ask.path("claim"))
    except InputError as problem:
        return message(ask, "There is no such page on the shelf", str(problem), 404)
    known = {each.feature: each for each in evidence.claims()}
    return page(
        ask, "claim.html", visitor(ask), claim=claim, form_title=FORMS[claim.form], grades=evidence.GRADES, kinds=evidence.KINDS,
        stances=evidence.STANCES, related=[known[number] for number in claim.related if number in known],
        verdicts=evidence.VERDICTS, **(_pictured() if claim.feature == PICTURED else {"postures": ()}),
        nerves=[known[number] for number in NERVES],
        texts={said.text.id: said.text for each in claim.views for said in each.said},
        how=_how(), how_to_read=evidence.HOW_TO_READ,
    )  # fmt: skip


def _pictured() -> dict[str, Any]:
    """What the picture of the central question shows."""
    found = evidence.postures()
    compared = {one.what: one.verdict for one in evidence.runs()["upright"].results}
    bodies = {posture.id: posture.numbers["pull"].members for posture in found}
    return {
        "postures": found,
        "beside_rest": [(way, compared[f"psoas pull, {way} to constructive rest"]) for way in SITTING],
        "numbers": {"lying": bodies["straight"], "upright": bodies["standing"]},
    }


SITTING = ("sitting upright", "sitting leaning back")
"""What the run ``upright`` sets beside constructive rest, as the question asks."""


@view
def read(ask: Ask) -> Response:
    """Every paper, and how much of it was read."""
    using: dict[str, list[Claim]] = {}
    for claim in evidence.claims():
        for paper in claim.papers:
            using.setdefault(paper.key, []).append(claim)
    found = sorted(evidence.papers().values(), key=lambda paper: (_plain(paper.authors), paper.year))
    letters = [
        (letter, list(some)) for letter, some in groupby(found, key=lambda paper: _plain(paper.authors)[0].upper())
    ]
    counts = [(words[1], n) for read, words in HOW.items() if (n := sum(paper.read == read for paper in found))]
    return page(
        ask, "papers.html", visitor(ask), papers=found, letters=letters, counts=counts, using=using, how=_how(),
        texts=evidence.texts().values(),
    )  # fmt: skip


HOW = {
    "full text": ("Read in full", "read in full"), "part": ("Read in part", "read in part"),
    "table": ("A table was read", "by one of their tables"),
    "abstract": ("Its summary (abstract) was read", "by their summary (abstract)"),
    "secondary": ("Read about, in another text", "read about in another text"),
    "title": ("Known of, not read", "known of, not read"),
}  # fmt: skip
"""How much of a paper was read, in plain words: of one, of many."""


def _how() -> dict[str, str]:
    return {read: words[0] for read, words in HOW.items()}


def _plain(name: str) -> str:
    """A name without its accents, for sorting."""
    return "".join(c for c in unicodedata.normalize("NFKD", name.lower()) if not unicodedata.combining(c))


@view
def resources(ask: Ask) -> Response:
    """What the texts point to, and whom one can ask."""
    items = sorted(evidence.resources(), key=lambda item: not item.named_in)
    return page(
        ask,
        "resources.html",
        visitor(ask),
        named=[i for i in items if i.named_in],
        ask_for=[i for i in items if not i.named_in],
    )


ROUTES = [
    Route("/evidence", shelf),
    Route("/evidence/papers", read),
    Route("/evidence/resources", resources),
    Route("/evidence/{claim}", one),
]
