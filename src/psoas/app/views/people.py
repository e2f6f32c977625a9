"""Today, who is resting, and what they told of themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from starlette.datastructures import FormData
from starlette.responses import Response
from starlette.routing import Route

from psoas import screening, session
from psoas.app.page import (
    Ask,
    area,
    day_words,
    go,
    line,
    page,
    rested_words,
    sentence,
    set_up_words,
    unit_of,
    view,
    worried,
)
from psoas.app.views import comparison
from psoas.app.views.entry import LAST, visitor
from psoas.errors import InputError, StorageError
from psoas.journal import Entry, Person
from psoas.person import SIDES
from psoas.person import Person as Body
from psoas.person_file import checked, make_person
from psoas.props import props

MEASURES = ("sex", "stature", "mass", "age", "waist", "hip", "thigh", "calf")
LEGS = {side: f"{side}_leg" for side in SIDES}
AVERAGE = Body("female", 1.68, 68.0)
"""Who is drawn while nobody has given measures: an average adult, between the two of the tables; assumed."""


def body_of(who: Person) -> Body | None:
    """The person's measures as a body, ``None`` where too few were given."""
    fields = who.measures
    if not all(fields.get(name) is not None for name in ("sex", "stature", "mass")):
        return None
    return make_person(fields)


@view
def front(ask: Ask) -> Response:
    """The first page: the last person's day, or a newcomer's."""
    who = visitor(ask)
    if who is not None:
        return go(f"/people/{who.id}")
    if ask.store.people():
        return go("/people")
    return page(ask, "today.html", begin="/begin", last=None, open=[], comparison=None, home="/")


@view
def begin_new(ask: Ask) -> Response:
    """A newcomer begins: from here on there is a person, without a name until they give one."""
    known = ask.store.people()
    who = known[0] if len(known) == 1 else ask.store.add_person(created_at=ask.now())
    return _begin(ask, who)


@view
def begin(ask: Ask) -> Response:
    """Begin: an entry that grows step by step."""
    return _begin(ask, ask.store.person(ask.path("person")))


def _begin(ask: Ask, who: Person) -> Response:
    now = ask.now()
    for entry in _not_rested(ask, ask.store.entries(who.id)):  # goes on where it was
        comparison.take_day(ask, who, entry)
        return go(f"/rest/{entry.id}/ask")
    entry = ask.store.begin_entry(who.id, practice="rest", created_at=now, **comparison.beginning(ask, who))
    comparison.take_day(ask, who, entry)
    return go(f"/rest/{entry.id}/ask")


@view
def today(ask: Ask) -> Response:
    """Today: one Begin, the last set-up in words, what was left open."""
    who = ask.store.person(ask.path("person"))
    entries = ask.store.entries(who.id)
    rested = [entry for entry in entries if entry.record]
    last = None
    if rested:
        said = set_up_words(rested[0], unit_of(who)) or "A rest."
        last = {"said": said, "when": _when(ask, rested[0]), "worried": worried(rested[0])}
    response = page(
        ask, "today.html", who, begin=f"/people/{who.id}/begin", last=last,
        open=[*_begun(ask, entries), *_left_open(ask, rested)], comparison=comparison.today(ask, who),
    )  # fmt: skip
    response.set_cookie(LAST, who.id, max_age=400 * 86400, httponly=True, samesite="strict", path="/")
    return response


def _when(ask: Ask, entry: Entry) -> str:
    return day_words(entry.created_at, ask.now())


def _not_rested(ask: Ask, entries: Iterable[Entry]) -> Iterator[Entry]:
    """Rests begun today and left before they started."""
    today = ask.now().date()
    for entry in entries:
        if entry.created_at.date() == today and not entry.record and entry.stage not in ("rested", "checked"):
            yield entry


def _begun(ask: Ask, entries: Iterable[Entry]) -> Iterator[dict[str, str]]:
    """A rest that has had its questions and not its quiet, as a link."""
    for entry in _not_rested(ask, entries):
        if entry.screening:
            yield {"href": f"/rest/{entry.id}/set-up", "text": "A rest begun: how to lie", "when": _when(ask, entry)}


def _left_open(ask: Ask, rested: list[Entry]) -> Any:
    """What the last two rests still ask, offered as links and no more."""
    now = ask.now()
    for entry in rested[:2]:
        length = rested_words(entry)
        if entry.stage == "rested":
            yield {
                "href": f"/rest/{entry.id}/check-back",
                "text": f"Check back on {length} of rest",
                "when": _when(ask, entry),
            }
        if not entry.next_morning and (now.date() - entry.created_at.date()).days == 1:
            yield {
                "href": f"/rest/{entry.id}/morning",
                "text": "How was the night after it?",
                "when": _when(ask, entry),
            }


# -- who ----------------------------------------------------------------------------------------------


@view
def everybody(ask: Ask) -> Response:
    """Who is resting?"""
    return page(ask, "people.html", people=ask.store.people(), home="/people")


@view
def add(ask: Ask) -> Response:
    """Somebody new."""
    try:
        who = ask.store.add_person(line(ask.form, "name", 80), created_at=ask.now())
    except (InputError, StorageError) as problem:
        return page(
            ask, "people.html", people=ask.store.people(), home="/people", form=ask.form, problem=sentence(str(problem)),
            status=507 if isinstance(problem, StorageError) else 422,
        )  # fmt: skip
    return go(f"/people/{who.id}")


# -- you ----------------------------------------------------------------------------------------------


@view
def you(ask: Ask) -> Response:
    """What the person told of themselves, to be changed."""
    who = ask.store.person(ask.path("person"))
    return _you(ask, who, FormData(list(_told(who))))


@view
def keep_you(ask: Ask) -> Response:
    """Keep what the person told, or hand it back with what is wrong."""
    who = ask.store.person(ask.path("person"))
    form = ask.form
    try:
        typed = {name: str(form.get(name, "")).strip() for name in (*MEASURES, *LEGS.values())}
        lasting = {item.id for item in _lasting()}
        ask.store.change_person(
            who.id,
            name=line(form, "name", 80),
            measures=_measured(typed),
            typed={name: text for name, text in typed.items() if text},
            units="in" if form.get("unit") == "in" else "cm",
            surface=_one_of(form, "surface", ("mat", "floor", "mattress")),
            props=[id for id in props() if id in form.getlist("props")],
            history=[str(id) for id in form.getlist("history") if id in lasting],
            inner_resources=area(form, "inner_resources"),
            outer_resources=area(form, "outer_resources"),
            crisis_number=line(form, "crisis_number"),
        )
    except (InputError, StorageError) as problem:
        return _you(ask, who, form, problem)
    then = str(ask.query.get("then", ""))
    return go(then if then.startswith("/rest/") else f"/people/{who.id}")


def _you(ask: Ask, who: Person, form: FormData, problem: Exception | None = None) -> Response:
    status = 200 if problem is None else 507 if isinstance(problem, StorageError) else 422
    more = any(form.get(name) for name in ("waist", "hip", "thigh", "calf", *LEGS.values()))
    return page(
        ask, "you.html", who, form=form, lasting=_lasting(), more=more, status=status,
        problem="" if problem is None else sentence(_called(str(problem))),
        then=ask.query.get("then", ""),
    )  # fmt: skip


def _called(text: str) -> str:
    """A message with the names that the page uses."""
    for name, called in (("stature", "height"), ("mass", "weight")):
        if text.startswith(f"{name} is "):
            return called + text.removeprefix(name)
    return text


def _lasting() -> list[screening.Item]:
    return [item for group in screening.groups() for item in group.items if item.lasting]


def _told(who: Person) -> Any:
    """The form's fields as they were kept."""
    yield from who.typed.items()
    yield from (("name", who.name), ("unit", unit_of(who)), ("surface", who.surface or "mat"))
    yield from (("props", id) for id in who.props)
    yield from (("history", id) for id in who.history)
    yield from ((name, getattr(who, name)) for name in ("inner_resources", "outer_resources", "crisis_number"))


def _measured(typed: dict[str, str]) -> dict[str, Any]:
    """Measures in SI, checked as a body where there are enough for one.

    Raises:
        InputError: A value cannot be read, or is outside what a body can be.
    """
    table: dict[str, Any] = {name: typed[name] for name in MEASURES if typed[name]}
    for side, name in LEGS.items():
        if typed[name]:
            table[side] = {"leg_length": typed[name]}
    found = checked(table)
    # Whatever was given is checked, with an average adult's for the rest.
    make_person({"sex": AVERAGE.sex, "stature": AVERAGE.stature, "mass": AVERAGE.mass, **found})
    return found


def _one_of(form: FormData, name: str, known: tuple[str, ...]) -> str:
    value = str(form.get(name, known[0]))
    if value not in known:
        raise InputError(f"{name} is {value!r}; give {', '.join(known[:-1])} or {known[-1]}")
    return value


@view
def help_now(ask: Ask) -> Response:
    """Who to turn to, and how to come back."""
    return page(ask, "help.html", visitor(ask), symptoms=screening.symptoms(), coming_back=session.coming_back())


ROUTES = [
    Route("/", front),
    Route("/begin", begin_new, methods=["POST"]),
    Route("/help", help_now),
    Route("/people", everybody),
    Route("/people", add, methods=["POST"]),
    Route("/people/{person}", today),
    Route("/people/{person}/begin", begin, methods=["POST"]),
    Route("/people/{person}/you", you),
    Route("/people/{person}/you", keep_you, methods=["POST"]),
]
