"""One rest, step by step: the questions, the look, how to lie, the quiet, the check back, the morning after."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from psoas import advice, noticing, screening, session, units
from psoas.app import voice
from psoas.app.access import PICTURE_POLICY
from psoas.app.page import (
    SENTENCE,
    Ask,
    day_words,
    go,
    line,
    page,
    rested_words,
    sentence,
    set_up_words,
    short,
    unit_of,
    view,
    whole,
    worried,
)
from psoas.app.photo import clean
from psoas.app.views import comparison
from psoas.app.views.people import AVERAGE, body_of
from psoas.app.worker import Question, Rested, Wish
from psoas.errors import InputError, NotFoundError, PsoasError, StorageError
from psoas.journal import Delivery, Entry, Person
from psoas.position import position
from psoas.props import Prop, prop
from psoas.props import props as known_props
from psoas.session import Plan, Way
from psoas.units import parse_length

REST = "open"
"""The tick that answers every question left open with none."""
ANSWERED = "answered_at"
"""What holds the time of the answers, beside them."""
MOST_RECORD = 100_000
"""Largest record that a browser hands over [bytes]."""
NOT_NOW = (
    "Not now with new numbness between the legs, trouble with urine or stool, weakness in both legs, or sudden severe pain in"
    " chest, belly or back: get urgent care."
)
"""On whatever leaves the program, where the questions are not asked."""
SLEEP = {"better": "better than most nights", "usual": "as usual", "worse": "worse than most nights"}


def _whose(ask: Ask) -> tuple[Entry, Person]:
    """The rest that the address names, and who rests."""
    entry = ask.store.entry(ask.path("entry"))
    return entry, ask.store.person(entry.person_id)


def _problem(problem: PsoasError) -> dict[str, Any]:
    """What a page that comes back says: the form was wrong, or could not be kept."""
    return {"problem": sentence(str(problem)), "status": 507 if isinstance(problem, StorageError) else 422}


# -- is this for you today? ---------------------------------------------------------------------------


@view
def ask_page(ask: Ask) -> Response:
    """The questions, with what lasts already ticked."""
    entry, who = _whose(ask)
    answers = _answers(entry) or _remembered(ask, who)
    return _asked(ask, entry, who, FormData([(group, id) for group, ids in answers.items() for id in ids]))


@view
def answer_page(ask: Ask) -> Response:
    """Take the answers, and say what follows."""
    entry, who = _whose(ask)
    answers = {group.id: [str(id) for id in ask.form.getlist(group.id)] for group in screening.groups()}
    answers = {group: ids for group, ids in answers.items() if ids}
    if ask.form.get(REST) == screening.NONE:
        answers |= {
            group.id: [screening.NONE]
            for group in screening.groups()
            if group.kind == "many" and group.id not in answers
        }
    try:
        outcome = screening.screen(answers)
        if entry.record:  # what was rested on is not changed afterwards; what to do now is said all the same
            if outcome.effect != "block":
                return go(f"/rest/{entry.id}/check-back")
            return page(ask, "answer.html", who, entry=entry, outcome=outcome, onward="")
        kept = {"answers": answers, "outcome": outcome.as_dict(), ANSWERED: ask.now().isoformat()}
        entry = ask.store.change_entry(entry.id, stage="screened", screening=kept)
    except (InputError, StorageError) as problem:
        return _asked(ask, entry, who, ask.form, **_problem(problem))
    return go(f"/rest/{entry.id}/answer" if outcome.effect != "allow" else _onward(ask, entry))


def _onward(ask: Ask, entry: Entry) -> str:
    """After the questions: a first time, or where a comparison counts it, to the look on the floor; else to how to lie."""
    before = any(other.record for other in ask.store.entries(entry.person_id))
    wanted = not before or comparison.wants_look(ask.store, entry)
    return f"/rest/{entry.id}/{'look' if _looks(ask, entry) and wanted else 'set-up'}"


def _looks(ask: Ask, entry: Entry) -> bool:
    """Whether the look is offered: it is taken flat on the back with the legs straight."""
    outcome = _outcome(ask, entry)
    return outcome is not None and "supine" in outcome.ways


def _no_look(ask: Ask, entry: Entry) -> str:
    """Where to turn instead where no look is offered; empty where one is."""
    if _again(ask):
        return "" if _looks(ask, entry) or entry.look_before else f"/rest/{entry.id}/check-back"
    allowed = _allowed(ask, entry)
    if isinstance(allowed, str):
        return allowed
    return "" if _looks(ask, entry) else f"/rest/{entry.id}/set-up"


def _worried(ask: Ask, who: Person) -> bool:
    """Whether the last rest ended with something new or worrying."""
    last = next((entry for entry in ask.store.entries(who.id) if entry.record), None)
    return last is not None and worried(last)


def _asked(ask: Ask, entry: Entry, who: Person, form: FormData, **values: Any) -> Response:
    return page(
        ask, "ask.html", who, entry=entry, groups=screening.groups(), form=form, worried=_worried(ask, who), **values
    )


def _remembered(ask: Ask, who: Person) -> dict[str, list[str]]:
    """What lasts, as answers; every other group is still open. A "no" to a question with one answer stays, to be looked at."""
    found: dict[str, list[str]] = {}
    last = next((told for entry in ask.store.entries(who.id) if (told := _answers(entry))), {})  # and none before it
    found |= {g.id: last[g.id] for g in screening.groups() if g.kind == "one" and last.get(g.id) == [g.items[0].id]}
    for group in screening.groups():
        ids = [item.id for item in group.items if item.id in who.history]
        if ids:
            found[group.id] = ids
    return found


@view
def outcome_page(ask: Ask) -> Response:
    """What follows from the answers."""
    entry, who = _whose(ask)
    outcome = _outcome(ask, entry)
    if outcome is None:
        return go(f"/rest/{entry.id}/ask")
    return page(ask, "answer.html", who, entry=entry, outcome=outcome, onward=_onward(ask, entry))


def _answers(entry: Entry) -> dict[str, list[str]]:
    """The answers as they are kept: ids by question. An entry from a file may hold anything there."""
    told = (entry.screening or {}).get("answers")
    if not isinstance(told, dict):
        return {}
    return {group: [str(id) for id in ids] for group, ids in told.items() if isinstance(ids, list)}


def _outcome(ask: Ask, entry: Entry) -> screening.Outcome | None:
    """The outcome of the answers as they are kept, worked out anew; ``None`` where they are not whole, or not of today."""
    if not entry.record and not _of_today(ask, entry):
        return None
    try:
        return screening.screen(_answers(entry))
    except InputError:
        return None


def _of_today(ask: Ask, entry: Entry) -> bool:
    """Whether the answers were given on this local day; most of them are about now."""
    now = ask.now()
    try:
        answered = datetime.fromisoformat((entry.screening or {})[ANSWERED])
        return answered.utcoffset() is not None and answered.astimezone(now.tzinfo).date() == now.date()
    except (KeyError, TypeError, ValueError, OverflowError):
        return False


def _allowed(ask: Ask, entry: Entry) -> screening.Outcome | str:
    """The outcome where it lets the person go on, else the page to turn to."""
    outcome = _outcome(ask, entry)
    if outcome is None:
        return f"/rest/{entry.id}/ask"
    return f"/rest/{entry.id}/answer" if outcome.effect == "block" else outcome


# -- the look on the floor ----------------------------------------------------------------------------


@view
def look(ask: Ask) -> Response:
    """A look on the floor, before or after."""
    entry, who = _whose(ask)
    if turn := _no_look(ask, entry):
        return go(turn)
    seen = entry.look_after if _again(ask) else entry.look_before
    form: list[tuple[str, Any]] = [(id, str(found.get("said", ""))) for id, found in (seen or {}).items()]
    form += [("how", str(next(iter(seen.values())).get("how", "guess")))] if seen else []
    if entry.comfort_before is not None:
        form.append(("comfort_before", str(entry.comfort_before)))
    return _looking(ask, entry, who, FormData(form))


@view
def keep_look(ask: Ask) -> Response:
    """Keep what was seen."""
    entry, who = _whose(ask)
    again = _again(ask)
    if turn := _no_look(ask, entry):
        return go(turn)
    try:
        typed = {one.id: str(ask.form.get(one.id, "")) for one in noticing.places()}
        seen = noticing.look(typed, str(ask.form.get("how", "guess")))
        picture = clean(ask.files["photo"][1]) if "photo" in ask.files else None
        scale = line(ask.form, "scale")
        fields: dict[str, Any] = {"look_after" if again else "look_before": seen or None}
        if not again:
            fields["comfort_before"] = _scale(ask.form, "comfort_before")
            if entry.stage == "screened":
                fields["stage"] = "looked"
        ask.store.change_entry(entry.id, **fields)
        if picture is not None:
            which = "after" if again else "before"
            made = ask.store.add_photo(
                who.id, picture.data, which=which, taken_at=ask.now(), mime=picture.mime,
                width=picture.width, height=picture.height, entry_id=entry.id, scale_note=scale,
            )  # fmt: skip
            for old in ask.store.photos(who.id, entry.id):  # only now, so that a full disk takes neither
                if old.which == which and old.id != made.id:
                    ask.store.delete_photo(old.id)
    except (InputError, StorageError) as problem:
        wrong = next((one.id for one in noticing.places() if str(problem).startswith(one.title)), "")
        return _looking(ask, entry, who, ask.form, wrong=wrong, **_problem(problem))
    return go(f"/rest/{entry.id}/{'check-back' if again else 'set-up'}")


def _again(ask: Ask) -> bool:
    return ask.request.url.path.endswith("/look-again")


def _looking(ask: Ask, entry: Entry, who: Person, form: FormData, **values: Any) -> Response:
    which = "after" if _again(ask) else "before"
    photo = any(one.which == which for one in ask.store.photos(who.id, entry.id))
    return page(
        ask,
        "look.html",
        who,
        entry=entry,
        form=form,
        places=noticing.places(),
        again=_again(ask),
        photo=photo,
        **values,
    )


def _scale(form: FormData, name: str) -> int | None:
    """0 to 10, or nothing."""
    text = str(form.get(name, ""))
    if not text:
        return None
    return whole(text, name.replace("_", " "), 0, 10, also=", or leave it open")


# -- how to lie ---------------------------------------------------------------------------------------


@view
def set_up(ask: Ask) -> Response:
    """How to lie today."""
    entry, who = _whose(ask)
    if entry.record:
        return go(f"/rest/{entry.id}/check-back")
    outcome = _allowed(ask, entry)
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
    entry, who = _whose(ask)
    if entry.record:
        return go(f"/rest/{entry.id}/check-back")
    outcome = _allowed(ask, entry)
    if isinstance(outcome, str):
        return go(outcome)
    form, chosen = ask.form, None
    try:
        way = session.way(str(form.get("way", "")))
        if form.get("do") == "show":
            shown = {name: str(form.get(name, "")) for name in (*CHOICES, *SOUND, "minutes") if form.get(name)}
            _setup(who, way, _on_offered(form, outcome))
            return go(f"/rest/{entry.id}/set-up?{urlencode({'way': way.id, 'open': 'yes', **shown})}")
        chosen = _plan(way, form, outcome)
        why = screening.allows(outcome, way.id, chosen.minutes)
        if way.position is not None and form.get("surface") in set(screening.SURFACES) - set(outcome.surfaces):
            why = "The floor or a mat is not offered today; choose a bed."
        if why:
            raise InputError(why)
        form = _on_offered(form, outcome)
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
        return _setting_up(ask, entry, who, outcome, way, form, wrong=wrong, **_problem(problem))
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


def _on_offered(form: Mapping[str, Any], outcome: screening.Outcome) -> FormData:
    """The same choices, on something that is offered to lie on today."""
    fields = form.multi_items() if isinstance(form, FormData) else list(form.items())
    if _lain_on(form) in outcome.surfaces or _lain_on(form) not in screening.SURFACES:
        return FormData(fields)
    return FormData([*(field for field in fields if field[0] != "surface"), ("surface", outcome.surfaces[0])])


def _lain_on(form: Mapping[str, Any]) -> str:
    return str(form.get("surface") or "mat")


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


def _plan(way: Way, form: Mapping[str, Any], outcome: screening.Outcome) -> Plan:
    """The session as chosen.

    Raises:
        InputError: The minutes are none that a session has.
    """
    return session.plan(
        way.id,
        str(form.get("minutes") or "").strip() or _minutes(way, outcome),
        halfway=form.get("halfway") == "yes",
        voice=form.get("voice") == "voice",
        questions=form.get("questions") == "yes",
        image=way.has_image and form.get("image") == "yes",
        eyes=outcome.eyes,
    )


def _minutes(way: Way, outcome: screening.Outcome) -> int:
    most = outcome.most(way.id)
    return way.minutes if most is None else min(way.minutes, int(most))


def _setting_up(
    ask: Ask, entry: Entry, who: Person, outcome: screening.Outcome, way: Way, form: FormData, **values: Any
) -> Response:
    form = _on_offered(form, outcome)
    try:
        made = _setup(who, way, form)
    except InputError as problem:
        made = _setup(who, way, _on_offered({}, outcome))
        values = {**_problem(problem), **values}
    if not form.get("minutes"):
        form = FormData([*form.multi_items(), ("minutes", str(_minutes(way, outcome)))])
    ready = voice.available()
    return page(
        ask, "set_up.html", who, entry=entry, way=way, ways=[session.way(id) for id in outcome.ways], setup=made,
        form=form, said=outcome.say if outcome.effect == "change" else (), most=outcome.most(way.id) or 60,
        surfaces=outcome.surfaces, looks=_looks(ask, entry),
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
    entry, who = _whose(ask)
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
    entry, who = _whose(ask)
    outcome = _allowed(ask, entry)
    if isinstance(outcome, str):
        return go(outcome)
    way = _offered(str(ask.query.get("way", "")), outcome)
    if way.position is None or not position(way.position).feet_held:
        return go(f"/rest/{entry.id}/set-up?way={way.id}")
    form = _on_offered(ask.query, outcome)
    chosen = {"way": way.id, "surface": _lain_on(form), "arms": str(form.get("arms") or position(way.position)["arms"])}
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
    _, who = _whose(ask)
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
    entry, who = _whose(ask)
    outcome = _allowed(ask, entry)
    form, id = dict(entry.options or _usual(ask, who)), entry.way or "constructive-rest"
    if not entry.record:  # of a rest that has been, the sheet is what it was
        if isinstance(outcome, str):
            return go(outcome)
        if entry.way and entry.minutes is not None and isinstance(ready(ask, entry), str):
            return go(f"/rest/{entry.id}/set-up")
        form, id = dict(_on_offered(form, outcome)), _offered(entry.way, outcome).id
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


# -- the quiet ----------------------------------------------------------------------------------------


def kept_plan(entry: Entry, outcome: screening.Outcome) -> Plan:
    """The plan of a rest that was set up.

    Raises:
        InputError: What was kept is no plan.
    """
    return _plan(session.way(entry.way), {**entry.options, "minutes": f"{entry.minutes or 0:g}"}, outcome)


def ready(ask: Ask, entry: Entry) -> tuple[screening.Outcome, Plan] | str:
    """What is needed to rest, where the answers allow it; else the page to turn to."""
    outcome = _allowed(ask, entry)
    if isinstance(outcome, str):
        return outcome
    if not entry.way or entry.minutes is None or _against(entry, outcome):
        return f"/rest/{entry.id}/set-up"
    try:
        return outcome, kept_plan(entry, outcome)
    except InputError:  # one from a file may have been planned as no session is
        return f"/rest/{entry.id}/set-up"


def _against(entry: Entry, outcome: screening.Outcome) -> bool:
    """Whether answers that came after a set-up speak against it: its way, its length, or what it is on."""
    try:
        if screening.allows(outcome, entry.way, entry.minutes or 0.0):
            return True
        return session.way(entry.way).position is not None and _lain_on(entry.options) not in outcome.surfaces
    except InputError:  # no way that is known here, or no length
        return True


def _as_planned(plan: Plan) -> dict[str, str]:
    """A plan as a part of an address."""
    return {
        name: str(value) for name, value in {"way": plan.way, "minutes": plan.minutes, **plan.options.as_dict()}.items()
    }


@view
def still_ready(ask: Ask) -> Response:
    """Whether a rest may begin as its page has planned it; where to turn where it may not.

    The page may have stood open while the answers changed in another one, or over night.
    """
    try:
        entry = ask.store.entry(ask.path("entry"))
    except NotFoundError:
        return JSONResponse({"go": "/"})
    if entry.record:
        return JSONResponse({"go": f"/rest/{entry.id}/check-back"})
    found = ready(ask, entry)
    if isinstance(found, str):
        return JSONResponse({"go": found})
    return JSONResponse({"go": "" if _as_planned(found[1]) == dict(ask.query) else f"/rest/{entry.id}/session"})


@view
def session_page(ask: Ask) -> Response:
    """The near-black page."""
    entry, who = _whose(ask)
    if entry.record:
        return go(f"/rest/{entry.id}/check-back")
    found = ready(ask, entry)
    if isinstance(found, str):
        return go(found)
    outcome, plan = found
    audio = f"/rest/{entry.id}/sound.flac?{urlencode({'minutes': plan.minutes, **plan.options.as_dict()})}"
    data = {
        "entry": entry.id, "plan": plan.as_dict(), "machine": session.machine(), "audio": audio,
        "home": f"/people/{who.id}", "marks": _marks(plan), "person": who.id,
        "ready": f"/api/rest/{entry.id}/ready?{urlencode(_as_planned(plan))}",
    }  # fmt: skip
    eyes = (
        "Leave your eyes open, if you can, resting on one thing."
        if outcome.eyes == "open"
        else "Eyes open or closed, as you like."
    )
    said = [{"id": item.id, "outcome": screening.new_symptom(item.id)} for item in screening.symptoms()]
    said.append({"id": screening.OTHER, "outcome": screening.new_symptom()})
    return page(
        ask, "session.html", who, entry=entry, way=session.way(plan.way), plan=plan, contents=plan.contents()[1:-1],
        sentence=set_up_words(entry, unit_of(who)), data=data, audio=audio, eyes=eyes, symptoms_said=said,
        symptoms=screening.symptoms(),
        coming_back=[one for one in session.coming_back() if outcome.weight or one.id != "blanket"],
    )  # fmt: skip


def _marks(plan: Plan) -> list[dict[str, Any]]:
    """Bells and words for the fallback, which makes them in the page."""
    bells = [{"at": at, "bell": bell, "text": ""} for at, bell in plan.bells]
    words = [{"at": at, "bell": "", "text": cue.text} for at, cue in plan.cues]
    return sorted(bells + words, key=lambda mark: mark["at"])


async def deliver(request: Request) -> Response:
    """A rest that a browser hands over, as often as it takes; kept once."""
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > MOST_RECORD:
        return JSONResponse({"problem": f"A record has at most {MOST_RECORD} bytes."}, 413)
    body = await request.body()
    key = request.headers.get("idempotency-key", "")
    return await _in_thread(_delivered, Ask(request, request.app.state.house), key, body)


def _delivered(ask: Ask, key: str, body: bytes) -> Response:
    try:
        given = json.loads(body)
        if not isinstance(given, dict) or set(given) - {"person"} != {"record", "started_at"}:
            raise InputError("a delivery is none; give record, started_at and person")
        session.read_record(given["record"])
        began = datetime.fromisoformat(str(given["started_at"])).astimezone(ask.now().tzinfo)
        if not 8 <= len(key) <= 100:
            raise InputError(f"the idempotency key is {key[:100]!r}; give 8 to 100 characters")
        kept = {**given["record"], "started_at": began.isoformat()}
        came = ask.store.deliver(ask.path("entry"), key, kept, person_id=given.get("person"), created_at=began)
    except StorageError as problem:
        return JSONResponse({"problem": sentence(str(problem))}, 507)
    except NotFoundError as problem:
        return JSONResponse({"problem": sentence(str(problem))}, 404)
    except (ValueError, OverflowError, RecursionError, InputError) as problem:
        return JSONResponse({"problem": sentence(str(problem)[:300])}, 422)
    if came is Delivery.GONE:
        return JSONResponse({"problem": "This rest has been deleted."}, 410)
    return JSONResponse({"kept": came.value, "another": came is Delivery.KEPT_FIRST}, 201 if came else 200)


@view
def done(ask: Ask) -> Response:
    """A rest without the page's clock: kept as it was planned."""
    entry, _ = _whose(ask)
    if not entry.record:
        found = ready(ask, entry)
        if isinstance(found, str):
            return go(found)
        _, plan = found
        begun = session.step(session.start(plan), "begin", 0.0)
        ended = session.step(begun, "tick", plan.total_seconds)
        kept = {**session.record(ended), "started_at": ask.now().isoformat(), "by_hand": True}
        ask.store.deliver(entry.id, f"by-hand-{entry.id}", kept)
    return go(f"/rest/{entry.id}/check-back")


@view
def worry(ask: Ask) -> Response:
    """Something new or worrying, for whoever has no script, and from the check back."""
    entry, who = _whose(ask)
    chosen = ask.form.get("symptom")
    outcome = screening.new_symptom(str(chosen)) if chosen is not None else None
    return page(ask, "worry.html", who, entry=entry, outcome=outcome, symptoms=screening.symptoms())


# -- afterwards ---------------------------------------------------------------------------------------


@view
def check_back(ask: Ask) -> Response:
    """What was noticed."""
    entry, who = _whose(ask)
    form: list[tuple[str, Any]] = [("noticed", id) for id in entry.noticed]
    form += [("words", entry.words)]
    form += [("compared", day["done"])] if (day := comparison.asked(ask, entry)) else []
    form += [(n, str(v)) for n in ("comfort_after", "better") if (v := getattr(entry, n)) is not None]
    return _checking(ask, entry, who, FormData(form))


@view
def keep_check(ask: Ask) -> Response:
    """Keep what was noticed."""
    entry, who = _whose(ask)
    try:
        better = str(ask.form.get("better", "")).strip().removesuffix("%").strip().replace("−", "-")
        was = comparison.checked(ask.form)
        ask.store.change_entry(
            entry.id,
            noticed=list(noticing.noticed(str(id) for id in ask.form.getlist("noticed"))),
            words=str(ask.form.get("words", "")).replace("\r\n", "\n"),
            comfort_after=_scale(ask.form, "comfort_after"),
            better=whole(better, "percent better", -100, 100, also=", or leave it open") if better else None,
            **({"stage": "checked"} if entry.record else {}),
        )
        comparison.keep(ask, entry, was)
    except (InputError, StorageError) as problem:
        wrong = "better" if str(problem).startswith("percent") else ""
        return _checking(ask, entry, who, ask.form, wrong=wrong, **_problem(problem))
    return go(f"/people/{who.id}")


def _checking(ask: Ask, entry: Entry, who: Person, form: FormData, **values: Any) -> Response:
    rested = f"You rested for {rested_words(entry)}." if entry.record else ""
    return page(
        ask, "check_back.html", who, entry=entry, form=form, words=noticing.words(), rested=rested,
        gaps=gap_rows(entry, unit_of(who)), looks=_looks(ask, entry), compared=comparison.asked(ask, entry), **values,
    )  # fmt: skip


def gap_rows(entry: Entry, unit: str) -> list[dict[str, str]]:
    """The look before and after, where there are both, and what can be told of the difference."""
    before, after = entry.look_before or {}, entry.look_after or {}
    rows = []
    for place in noticing.places():
        if place.id not in before and place.id not in after:
            continue
        cells = [_gap(found.get(place.id), unit) for found in (before, after)]
        rows.append({"title": place.title, "before": cells[0], "after": cells[1],
                     "told": _told(before.get(place.id), after.get(place.id))})  # fmt: skip
    return rows


def _gap(seen: Mapping[str, Any] | None, unit: str) -> str:
    if seen is None:
        return "–"
    if seen["value"] is None:
        return noticing.CANT_TELL
    said = f"{units.from_si(float(seen['value']), unit):.1f} {unit}"
    ends = _range(seen)
    return f"{said} ({' to '.join(f'{units.from_si(end, unit):.1f}' for end in ends)})" if ends else said


def _range(seen: Mapping[str, Any]) -> tuple[float, float] | None:
    """Least and most of a gap [m]; ``None`` where nobody said how it was taken, as in a table."""
    low, high = seen.get("low"), seen.get("high")
    known = isinstance(low, int | float) and isinstance(high, int | float)
    return (float(low), float(high)) if known else None  # type: ignore[arg-type]


def _told(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> str:
    if before is None or after is None or before["value"] is None or after["value"] is None:
        return ""
    was, now = _range(before), _range(after)
    if was is None or now is None:
        return ""
    if now[1] < was[0]:
        return "less"
    return "more" if now[0] > was[1] else "no change that this can tell"


@view
def morning(ask: Ask) -> Response:
    """The morning after."""
    entry, who = _whose(ask)
    kept = {name: said or "" for name, said in (entry.next_morning or {}).items()}  # from a file it may be null
    form = FormData({"sleep": kept.get("sleep", ""), "cramp": kept.get("cramp", ""), "cramp_time": kept.get("cramp_time", ""),
                     "cramp_minutes": kept.get("cramp_minutes", ""), "morning_note": kept.get("note", "")})  # fmt: skip
    return _waking(ask, entry, who, form)


@view
def keep_morning(ask: Ask) -> Response:
    """Keep how the night was."""
    entry, who = _whose(ask)
    form = ask.form
    try:
        said = {"sleep": str(form.get("sleep", "")), "cramp": str(form.get("cramp", "")),
                "cramp_time": str(form.get("cramp_time", "")).strip(), "note": str(form.get("morning_note", "")).strip(),
                "cramp_minutes": str(form.get("cramp_minutes", "")).strip()}  # fmt: skip
        if said["sleep"] and said["sleep"] not in SLEEP:
            raise InputError(f"sleep is {short(said['sleep'])}; give {', '.join(SLEEP)}, or leave it open")
        length = said["cramp_minutes"]
        if length and not (
            re.fullmatch(r"\d{1,4}([.,]\d{1,3})?", length, re.ASCII) and float(length.replace(",", ".")) <= 1440
        ):
            raise InputError(f"cramp minutes is {short(length)}; give a number of minutes, or leave it open")
        ask.store.change_entry(
            entry.id, next_morning={name: text for name, text in said.items() if text} or {"note": ""}
        )
    except (InputError, StorageError) as problem:
        wrong = "cramp_minutes" if str(problem).startswith("cramp") else ""
        return _waking(ask, entry, who, form, wrong=wrong, **_problem(problem))
    return go(f"/people/{who.id}")


def _waking(ask: Ask, entry: Entry, who: Person, form: FormData, **values: Any) -> Response:
    return page(ask, "morning.html", who, entry=entry, form=form, when=day_words(entry.created_at, ask.now()), **values)


# -- the same through the API -------------------------------------------------------------------------


@view
def api_screening(ask: Ask) -> Response:
    """The questions as data."""
    groups = [
        {"id": g.id, "title": g.title, "kind": g.kind, "items": [{"id": i.id, "text": i.text} for i in g.items]}
        for g in screening.groups()
    ]
    return JSONResponse({"groups": groups})


async def api_screen(request: Request) -> Response:
    """What follows from answers, as the page would say it."""
    try:
        given = json.loads(await request.body())
        answers: Mapping[str, Sequence[str]] = given["answers"]
        outcome = screening.screen(answers)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return JSONResponse({"problem": "Give JSON with answers by group."}, 422)
    except InputError as problem:
        return JSONResponse({"problem": sentence(str(problem))}, 422)
    return JSONResponse(outcome.as_dict())


async def _in_thread(work: Any, *given: Any) -> Response:
    from starlette.concurrency import run_in_threadpool

    found: Response = await run_in_threadpool(work, *given)
    return found


ROUTES = [
    Route("/rest/{entry}/ask", ask_page),
    Route("/rest/{entry}/ask", answer_page, methods=["POST"]),
    Route("/rest/{entry}/answer", outcome_page),
    Route("/rest/{entry}/look", look),
    Route("/rest/{entry}/look", keep_look, methods=["POST"]),
    Route("/rest/{entry}/look-again", look),
    Route("/rest/{entry}/look-again", keep_look, methods=["POST"]),
    Route("/rest/{entry}/set-up", set_up),
    Route("/rest/{entry}/set-up", keep_set_up, methods=["POST"]),
    Route("/rest/{entry}/estimate", estimate),
    Route("/rest/{entry}/choice", choice),
    Route("/rest/{entry}/picture.svg", picture),
    Route("/rest/{entry}/sheet", sheet),
    Route("/rest/{entry}/session", session_page),
    Route("/rest/{entry}/done", done, methods=["POST"]),
    Route("/rest/{entry}/worry", worry, methods=["GET", "POST"]),
    Route("/rest/{entry}/check-back", check_back),
    Route("/rest/{entry}/check-back", keep_check, methods=["POST"]),
    Route("/rest/{entry}/morning", morning),
    Route("/rest/{entry}/morning", keep_morning, methods=["POST"]),
    Route("/api/screening", api_screening),
    Route("/api/screening", api_screen, methods=["POST"]),
    Route("/api/rest/{entry}/ready", still_ready),
    Route("/api/rest/{entry}/record", deliver, methods=["POST"]),
]
