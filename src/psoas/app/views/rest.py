"""One rest, step by step: the questions, the look, how to lie, the quiet, the check back, the morning after."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from psoas import noticing, screening, session, units
from psoas.app.page import (
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
    with_unit,
    worried,
)
from psoas.app.photo import clean
from psoas.app.views import comparison
from psoas.app.views.entry import (
    ANSWERED,
    allowed,
    answers_of,
    as_planned,
    looks_offered,
    outcome_of,
    problem_of,
    ready,
    whose,
)
from psoas.errors import InputError, NotFoundError, StorageError
from psoas.journal import Delivery, Entry, Person
from psoas.session import Plan

REST = "open"
"""The tick that answers every question left open with none."""
MOST_RECORD = 100_000
"""Largest record that a browser hands over [bytes]."""
SLEEP = {"better": "better than most nights", "usual": "as usual", "worse": "worse than most nights"}


# -- is this for you today? ---------------------------------------------------------------------------


@view
def ask_page(ask: Ask) -> Response:
    """The questions, with what lasts already ticked."""
    entry, who = whose(ask)
    answers = answers_of(entry) or _remembered(ask, who)
    return _asked(ask, entry, who, FormData([(group, id) for group, ids in answers.items() for id in ids]))


@view
def answer_page(ask: Ask) -> Response:
    """Take the answers, and say what follows."""
    entry, who = whose(ask)
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
        return _asked(ask, entry, who, ask.form, **problem_of(problem))
    return go(f"/rest/{entry.id}/answer" if outcome.effect != "allow" else _onward(ask, entry))


def _onward(ask: Ask, entry: Entry) -> str:
    """After the questions: a first time, or where a comparison counts it, to the look on the floor; else to how to lie."""
    before = any(other.record for other in ask.store.entries(entry.person_id))
    wanted = not before or comparison.wants_look(ask.store, entry)
    return f"/rest/{entry.id}/{'look' if looks_offered(ask, entry) and wanted else 'set-up'}"


def _no_look(ask: Ask, entry: Entry) -> str:
    """Where to turn instead where no look is offered; empty where one is."""
    if _again(ask):
        return "" if looks_offered(ask, entry) or entry.look_before else f"/rest/{entry.id}/check-back"
    outcome = allowed(ask, entry)
    if isinstance(outcome, str):
        return outcome
    return "" if looks_offered(ask, entry) else f"/rest/{entry.id}/set-up"


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
    last = next((told for entry in ask.store.entries(who.id) if (told := answers_of(entry))), {})  # and none before it
    found |= {g.id: last[g.id] for g in screening.groups() if g.kind == "one" and last.get(g.id) == [g.items[0].id]}
    for group in screening.groups():
        ids = [item.id for item in group.items if item.id in who.history]
        if ids:
            found[group.id] = ids
    return found


@view
def outcome_page(ask: Ask) -> Response:
    """What follows from the answers."""
    entry, who = whose(ask)
    outcome = outcome_of(ask, entry)
    if outcome is None:
        return go(f"/rest/{entry.id}/ask")
    return page(ask, "answer.html", who, entry=entry, outcome=outcome, onward=_onward(ask, entry))


# -- the look on the floor ----------------------------------------------------------------------------


@view
def look(ask: Ask) -> Response:
    """A look on the floor, before or after."""
    entry, who = whose(ask)
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
    entry, who = whose(ask)
    again = _again(ask)
    if turn := _no_look(ask, entry):
        return go(turn)
    try:
        typed = {one.id: with_unit(str(ask.form.get(one.id, "")), unit_of(who)) for one in noticing.places()}
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
        return _looking(ask, entry, who, ask.form, wrong=wrong, **problem_of(problem))
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


# -- the quiet ----------------------------------------------------------------------------------------


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
    return JSONResponse({"go": "" if as_planned(found[1]) == dict(ask.query) else f"/rest/{entry.id}/session"})


@view
def session_page(ask: Ask) -> Response:
    """The near-black page."""
    entry, who = whose(ask)
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
        "ready": f"/api/rest/{entry.id}/ready?{urlencode(as_planned(plan))}",
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
    entry, _ = whose(ask)
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
    entry, who = whose(ask)
    chosen = ask.form.get("symptom")
    outcome = screening.new_symptom(str(chosen)) if chosen is not None else None
    return page(ask, "worry.html", who, entry=entry, outcome=outcome, symptoms=screening.symptoms())


# -- afterwards ---------------------------------------------------------------------------------------


@view
def check_back(ask: Ask) -> Response:
    """What was noticed."""
    entry, who = whose(ask)
    form: list[tuple[str, Any]] = [("noticed", id) for id in entry.noticed]
    form += [("words", entry.words)]
    form += [("compared", day["done"])] if (day := comparison.asked(ask, entry)) else []
    form += [(n, str(v)) for n in ("comfort_after", "better") if (v := getattr(entry, n)) is not None]
    return _checking(ask, entry, who, FormData(form))


@view
def keep_check(ask: Ask) -> Response:
    """Keep what was noticed."""
    entry, who = whose(ask)
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
        return _checking(ask, entry, who, ask.form, wrong=wrong, **problem_of(problem))
    return go(f"/people/{who.id}")


def _checking(ask: Ask, entry: Entry, who: Person, form: FormData, **values: Any) -> Response:
    rested = f"You rested for {rested_words(entry)}." if entry.record else ""
    return page(
        ask, "check_back.html", who, entry=entry, form=form, words=noticing.words(), rested=rested,
        gaps=gap_rows(entry, unit_of(who)), looks=looks_offered(ask, entry), compared=comparison.asked(ask, entry), **values,
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
    entry, who = whose(ask)
    kept = {name: said or "" for name, said in (entry.next_morning or {}).items()}  # from a file it may be null
    form = FormData({"sleep": kept.get("sleep", ""), "cramp": kept.get("cramp", ""), "cramp_time": kept.get("cramp_time", ""),
                     "cramp_minutes": kept.get("cramp_minutes", ""), "morning_note": kept.get("note", "")})  # fmt: skip
    return _waking(ask, entry, who, form)


@view
def keep_morning(ask: Ask) -> Response:
    """Keep how the night was."""
    entry, who = whose(ask)
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
        return _waking(ask, entry, who, form, wrong=wrong, **problem_of(problem))
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
