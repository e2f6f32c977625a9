"""How to lie today: the numbers, the picture, what the model would choose, and all of it on one page."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.responses import Response
from starlette.routing import Route

from psoas import advice, noticing, screening, session
from psoas.app import voice
from psoas.app.access import PICTURE_POLICY
from psoas.app.page import SENTENCE, Ask, go, page, sentence, unit_of, view
from psoas.app.views.entry import (
    allowed,
    lain_on,
    looks_offered,
    minutes_of,
    on_offered,
    plan_of,
    problem_of,
    ready,
    whose,
)
from psoas.app.views.people import AVERAGE, body_of
from psoas.app.worker import Question, Rested, Wish
from psoas.errors import InputError, NotFoundError, StorageError
from psoas.journal import Entry, Person
from psoas.position import position
from psoas.props import Prop, prop
from psoas.props import props as known_props
from psoas.session import Way
from psoas.units import parse_length

NOT_NOW = (
    "Not now with new numbness between the legs, trouble with urine or stool, weakness in both legs, or sudden severe pain in"
    " chest, belly or back: get urgent care."
)
"""On whatever leaves the program, where the questions are not asked."""


@view
def set_up(ask: Ask) -> Response:
    """How to lie today."""
    entry, who = whose(ask)
    if entry.record:
        return go(f"/rest/{entry.id}/check-back")
    outcome = allowed(ask, entry)
    if isinstance(outcome, str):
        return go(outcome)
    kept = {**_usual(ask, who), **{k: str(v) for k, v in (entry.options or {}).items() if isinstance(v, str)}}
    way = _offered(str(ask.query.get("way") or entry.way or outcome.ways[0]), outcome)
    if _planned(entry, way, outcome):
        kept["minutes"] = f"{entry.minutes:g}"
    return _setting_up(ask, entry, who, outcome, way, FormData({**kept, **ask.query}))


@view
def keep_set_up(ask: Ask) -> Response:
    """Show a change, or keep the set-up and go to the quiet."""
    entry, who = whose(ask)
    if entry.record:
        return go(f"/rest/{entry.id}/check-back")
    outcome = allowed(ask, entry)
    if isinstance(outcome, str):
        return go(outcome)
    form, chosen = ask.form, None
    try:
        way = session.way(str(form.get("way", "")))
        if form.get("do") == "show":
            shown = {name: str(form.get(name, "")) for name in (*CHOICES, *SOUND, "minutes") if form.get(name)}
            _setup(who, way, on_offered(form, outcome))
            return go(f"/rest/{entry.id}/set-up?{urlencode({'way': way.id, 'open': 'yes', **shown})}")
        chosen = plan_of(way, form, outcome)
        why = screening.allows(outcome, way.id, chosen.minutes)
        if way.position is not None and form.get("surface") in set(screening.SURFACES) - set(outcome.surfaces):
            why = "The floor or a mat is not offered today; choose a bed."
        if why:
            raise InputError(why)
        form = on_offered(form, outcome)
        made = _setup(who, way, form)
        ask.store.change_entry(
            entry.id,
            way=way.id,
            minutes=chosen.minutes,
            stage="set-up",
            options={name: str(form.get(name, "")) for name in (*CHOICES, *SOUND)},
            setup={name: made.sentence(unit) if made else way.summary for unit, name in SENTENCE.items()}
            | {"title": way.title},
        )
    except (InputError, StorageError) as problem:
        way = _offered(str(form.get("way", "")), outcome)
        words = str(problem).lower().replace(" ", "_")
        wrong = next((name for name in ("minutes", "heel_distance", "foot_width", "thickness") if name in words), "")
        return _setting_up(ask, entry, who, outcome, way, form, wrong=wrong, **problem_of(problem))
    return go(f"/rest/{entry.id}/session")


def _planned(entry: Entry, way: Way, outcome: screening.Outcome) -> bool:
    """Whether the minutes that an entry has, perhaps from a file, are some that this way can have today."""
    try:
        session.plan(way.id, f"{entry.minutes or 0:g}")
        return not screening.allows(outcome, way.id, entry.minutes or 0.0)
    except InputError:
        return False


def _offered(way: str, outcome: screening.Outcome) -> Way:
    """A way to rest if it is offered today, else the first one that is."""
    return session.way(way if way in outcome.ways else outcome.ways[0])


CHOICES = ("heel_distance", "foot_width", "arms", "surface", "prop", "thickness")
SOUND = ("voice", "halfway", "questions", "image")


def _usual(ask: Ask, who: Person) -> dict[str, str]:
    """What was chosen last time, or what a first time begins with."""
    for entry in ask.store.entries(who.id):
        if entry.record and entry.options:
            return {name: str(text) for name, text in entry.options.items() if name in (*CHOICES, *SOUND)}
    return {"surface": who.surface or "mat", "halfway": "yes", "prop": "towel" if "towel" in who.props else ""}


def _setup(who: Person, way: Way, form: Mapping[str, Any]) -> advice.Setup | None:
    """The set-up of a way that the body model carries.

    Raises:
        InputError: A choice cannot be used.
    """
    if way.position is None:
        return None
    lying = position(way.position)
    values = {
        name: parse_length(str(form[name]), name=name.replace("_", " "))
        for name in ("heel_distance", "foot_width")
        if name in lying.parameters and str(form.get(name, "")).strip()
    }
    arms = str(form.get("arms") or lying["arms"])
    lying = lying.with_values(str(form.get("surface") or "mat"), arms=arms, **values)
    body = body_of(who)
    return advice.set_up(body or AVERAGE, lying, _props(form), measured=body is not None)


def _props(form: Mapping[str, Any]) -> list[Prop]:
    id = str(form.get("prop") or "")
    if not id:
        return []
    text = str(form.get("thickness") or "").strip()
    return [prop(id, parse_length(text, name=f"{id} thickness") if text else None)]


def _setting_up(
    ask: Ask, entry: Entry, who: Person, outcome: screening.Outcome, way: Way, form: FormData, **values: Any
) -> Response:
    form = on_offered(form, outcome)
    try:
        made = _setup(who, way, form)
    except InputError as problem:
        made = _setup(who, way, on_offered({}, outcome))
        values = {**problem_of(problem), **values}
    if not form.get("minutes"):
        form = FormData([*form.multi_items(), ("minutes", str(minutes_of(way, outcome)))])
    ready = voice.available()
    return page(
        ask, "set_up.html", who, entry=entry, way=way, ways=[session.way(id) for id in outcome.ways], setup=made,
        form=form, said=outcome.say if outcome.effect == "change" else (), most=outcome.most(way.id) or 60,
        surfaces=outcome.surfaces, looks=looks_offered(ask, entry),
        average_leg=advice.average_leg(), voice_ready=ready, voice_why=sentence(voice.why_not() or ""),
        query=_query(way, form), **values,
    )  # fmt: skip


def _query(way: Way, form: Mapping[str, Any]) -> str:
    """The set-up as a part of an address: lengths and words of the position, nothing of the person."""
    shown = {name: str(form.get(name) or "") for name in CHOICES}
    return urlencode({"way": way.id, **{name: text for name, text in shown.items() if text}})


# -- the picture --------------------------------------------------------------------------------------


def _question(who: Person, way: Way, form: Mapping[str, Any]) -> Question | None:
    made = _setup(who, way, form)
    if made is None:
        return None
    lying = made.position
    values = tuple((n, v) for n in lying.parameters if (v := lying[n]) is not None)
    return Question(body_of(who) or AVERAGE, lying.id, values, lying.surface, made.props, unit_of(who))


def _rested(ask: Ask, who: Person) -> Rested:
    question = _question(who, session.way(str(ask.query.get("way", ""))), ask.query)
    if question is None:
        raise NotFoundError("there is no picture of this way to rest; the body model cannot carry it yet")
    try:
        return ask.house.worker.rested(question, looking=ask.path("entry")).result()
    except CancelledError:
        return Rested(message="Another set-up was looked at meanwhile; open this one again for its picture.")


def _drawn(ask: Ask, question: Question) -> Rested:
    """The answer for a page that needs it whole, whatever else is looked at meanwhile."""
    while True:
        with suppress(CancelledError):
            return ask.house.worker.rested(question).result()


@view
def estimate(ask: Ask) -> Response:
    """What the body does in this set-up: a part of a page, or a page of its own for who has no script."""
    entry, who = whose(ask)
    try:
        answer = _rested(ask, who)
    except InputError as problem:
        answer = Rested(message=sentence(str(problem)))
    query = urlencode({name: text for name, text in ask.query.items() if name != "page"})
    template = "estimate_page.html" if ask.query.get("page") else "estimate.html"
    return page(ask, template, who, entry=entry, answer=answer, query=query)


@view
def choice(ask: Ask) -> Response:
    """What the model would choose for this body: a page, and the part of it that takes long."""
    entry, who = whose(ask)
    outcome = allowed(ask, entry)
    if isinstance(outcome, str):
        return go(outcome)
    way = _offered(str(ask.query.get("way", "")), outcome)
    if way.position is None or not position(way.position).feet_held:
        return go(f"/rest/{entry.id}/set-up?way={way.id}")
    form = on_offered(ask.query, outcome)
    chosen = {"way": way.id, "surface": lain_on(form), "arms": str(form.get("arms") or position(way.position)["arms"])}
    if not ask.query.get("part"):
        part = urlencode({**chosen, "part": "yes"})
        return page(ask, "choice.html", who, entry=entry, way=way, part=part, back=urlencode(chosen))
    look = tuple((id, seen) for id, found in (entry.look_before or {}).items() if (seen := _seen(found)) is not None)
    lying = position(way.position).with_values(chosen["surface"], arms=chosen["arms"])
    wish = Wish(
        body_of(who) or AVERAGE, lying.id, lying.surface, chosen["arms"],
        tuple(prop(id) for id in who.props if id in known_props()), look, unit_of(who),
    )  # fmt: skip
    found = ask.house.worker.searched(wish).result()
    use = urlencode({**chosen, **dict(found.values), "open": "yes"})
    template = "choice_page.html" if ask.query.get("page") else "choice_part.html"
    return page(ask, template, who, entry=entry, way=way, found=found, use=use, looked=bool(look))


def _seen(found: Any) -> noticing.Seen | None:
    """A gap of a look as it is kept; ``None`` where nobody said how it was taken, as in a table."""
    try:
        value, low, high = (None if found[k] is None else float(found[k]) for k in ("value", "low", "high"))
        return noticing.Seen(value, low, high, str(found["said"]), str(found["how"]))
    except (KeyError, TypeError, ValueError):
        return None


@view
def picture(ask: Ask) -> Response:
    """The picture as SVG."""
    _, who = whose(ask)
    answer = _rested(ask, who)
    if answer.message:
        raise NotFoundError(answer.message)
    key = (str(ask.query.get("theme", "light")), str(ask.query.get("layout", "wide")))
    if key not in answer.pictures:
        raise NotFoundError(f"theme and layout are {key[0]!r} and {key[1]!r}; give light or dark, wide or narrow")
    return Response(
        answer.pictures[key], media_type="image/svg+xml", headers={"content-security-policy": PICTURE_POLICY}
    )


@view
def sheet(ask: Ask) -> Response:
    """The set-up on one page, for paper and e-mail."""
    entry, who = whose(ask)
    outcome = allowed(ask, entry)
    form, id = dict(entry.options or _usual(ask, who)), entry.way or "constructive-rest"
    if not entry.record:  # of a rest that has been, the sheet is what it was
        if isinstance(outcome, str):
            return go(outcome)
        if entry.way and entry.minutes is not None and isinstance(ready(ask, entry), str):
            return go(f"/rest/{entry.id}/set-up")
        form, id = dict(on_offered(form, outcome)), _offered(entry.way, outcome).id
    way = session.way(id)
    made = _setup(who, way, form)
    answer = None
    question = _question(who, way, form)
    if question is not None:
        answer = _drawn(ask, question)
    said = made.sentence(unit_of(who)) if made else way.summary
    minutes = f"{entry.minutes:g}" if entry.minutes is not None else str(way.minutes)
    down, up = ([cue.text for cue in cues] for cues in (way.down, way.up))
    mail = "\n\n".join([way.title, said, *down, f"{minutes} minutes.", *up, NOT_NOW])
    return page(
        ask, "sheet.html", who, entry=entry, way=way, setup=made, answer=answer, sentence=said, minutes=minutes,
        mail=mail, not_now=NOT_NOW, query=_query(way, form),
    )  # fmt: skip


ROUTES = [
    Route("/rest/{entry}/set-up", set_up),
    Route("/rest/{entry}/set-up", keep_set_up, methods=["POST"]),
    Route("/rest/{entry}/estimate", estimate),
    Route("/rest/{entry}/choice", choice),
    Route("/rest/{entry}/picture.svg", picture),
    Route("/rest/{entry}/sheet", sheet),
]
