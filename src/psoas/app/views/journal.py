"""The journal: what was, what else was tried, out and in, and gone."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from statistics import median
from typing import Any

from starlette.datastructures import FormData
from starlette.responses import Response
from starlette.routing import Route

from psoas import noticing, session
from psoas.app import access, chart
from psoas.app.page import (
    Ask,
    day_words,
    go,
    line,
    message,
    page,
    rested_seconds,
    rested_words,
    sentence,
    set_up_words,
    unit_of,
    view,
    whole,
    worried,
)
from psoas.app.views import comparison, practice
from psoas.app.views.files import SOUND_FOLDER
from psoas.app.views.people import body_of
from psoas.app.views.rest import SLEEP, gap_rows
from psoas.app.worker import Looks, Traced
from psoas.errors import InputError, StorageError
from psoas.journal import DAYS, OUTCOMES, Entry, Person, exchange
from psoas.journal.records import NEUTRAL_TITLE

OUTCOME_WORDS = (
    ("helped", "It helped"), ("a little", "It helped a little"), ("no change", "No change"), ("worse", "It got worse"),
    ("can't tell", "Can't tell"),
)  # fmt: skip
DAY_WORDS = (("mo", "Mon"), ("tu", "Tue"), ("we", "Wed"), ("th", "Thu"), ("fr", "Fri"), ("sa", "Sat"), ("su", "Sun"))
ENDINGS = {
    "run-out": "to its end",
    "finished": "finished early",
    "stopped-quiet": "ended in quiet",
    "worried": "ended by something new",
}
FEW = 5
"""Rests of one way below which nothing is said of a difference; assumed."""
MOST_LOOKS = 12
"""Looks that are told as a series, the latest: a first one takes seconds, each further one a third of one."""
DAY = 86_400.0  # [s]


@view
def journal(ask: Ask) -> Response:
    """All rests, the newest first."""
    return _journal(ask, ask.store.person(ask.path("person")))


def _journal(ask: Ask, who: Person, **values: Any) -> Response:
    entries = [entry for entry in ask.store.entries(who.id) if entry.record or entry.stage == "checked"]
    listed = [
        {"id": entry.id, "title": _title(entry), "when": day_words(entry.created_at, ask.now())} for entry in entries
    ]
    tried = [
        {
            "id": one.id,
            "what": one.what,
            "said": ", ".join(x for x in (dict(OUTCOME_WORDS)[one.outcome].lower(), one.when) if x),
        }
        for one in ask.store.tried(who.id)
    ]
    compared = _compared(entries)
    return page(
        ask, "journal.html", who, entries=listed, tried=tried, charts=chart.charts(entries[::-1], unit_of(who)),
        compared=compared, compared_said=_compared_said(compared), comparisons=comparison.listed(ask, who),
        looked=len(_looks(entries)), shown=chart.SHOWN, outcomes=OUTCOME_WORDS, empty=FormData(),
        **practice.beside(ask, who),
        **{"form": None, **values},
    )  # fmt: skip


def _title(entry: Entry) -> str:
    way = session.ways()[entry.way].title if entry.way in session.ways() else "A rest"
    if not entry.record:
        return way
    return f"{way}, {rested_words(entry)}"


def _compared(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Each way that was rested in: how often, how long, and what comfort did."""
    rows = []
    for way in session.ways().values():
        those = [entry for entry in entries if entry.way == way.id and entry.record]
        if not those:
            continue
        rested = [seconds / 60 for entry in those if (seconds := rested_seconds(entry)) is not None]
        changes = [
            e.comfort_after - e.comfort_before
            for e in those
            if e.comfort_after is not None and e.comfort_before is not None
        ]
        spread = f"{median(changes):+g} ({min(changes):+d} to {max(changes):+d})" if changes else "–"
        rows.append(
            {
                "title": way.title,
                "count": len(those),
                "minutes": f"{median(rested):.0f}" if rested else "–",
                "comfort": spread,
                "changes": changes,
            }
        )
    return rows if len(rows) > 1 else []


def _compared_said(rows: Sequence[dict[str, Any]]) -> str:
    if any(len(row["changes"]) < FEW for row in rows):
        return f"With fewer than {FEW} rests of each way with comfort before and after, nobody can tell them apart yet."
    return "The middle of all rests, with the least and most. Where these overlap much, nobody can tell the ways apart."


# -- what the looks tell ------------------------------------------------------------------------------


def _looks(entries: Sequence[Entry]) -> list[tuple[Entry, str, dict[str, Any]]]:
    """A look of each rest that has one that tells something, the earliest first: the one before it, or else the one after."""
    found = []
    for entry in reversed(entries):
        for which, look in (("before", entry.look_before), ("after", entry.look_after)):
            answers = {id: one for id, kept in (look or {}).items() if (one := noticing.kept(kept)) is not None}
            if any(one.value is not None for one in answers.values()):
                found.append((entry, which, answers))
                break
    return found


@view
def looks(ask: Ask) -> Response:
    """What the looks tell of the tissue, over time: a page, and the part of it that takes long."""
    who = ask.store.person(ask.path("person"))
    every = _looks(ask.store.entries(who.id))
    used = every[-MOST_LOOKS:]
    if not ask.query.get("part"):
        rests = [
            {"id": entry.id, "when": day_words(entry.created_at, ask.now()), "which": which,
             "told": sum(one.value is not None for one in answers.values())}
            for entry, which, answers in reversed(used)
        ]  # fmt: skip
        return page(
            ask, "looks.html", who, count=len(every), most=MOST_LOOKS, rests=rests, places=len(noticing.places()),
            measured=_body(who) is not None,
        )  # fmt: skip
    template = "looks_page.html" if ask.query.get("page") else "looks_part.html"
    body = _body(who)
    if body is None or not used:
        wanting = (
            "A look on the floor comes first." if body else "Height, weight and sex come first, under your name above."
        )
        return page(ask, template, who, answer=Traced(message=wanting), told=[], untold=[], said=[])
    first = used[0][0].created_at
    asked = tuple(((e.created_at - first).total_seconds() / DAY, tuple(answers.items())) for e, _, answers in used)
    answer = ask.house.worker.traced(Looks(body, asked)).result()
    when = [entry.created_at for entry, *_ in used]
    told = [
        chart.trend(
            f"{one.title[0].upper()}{one.title[1:]}" + (f" [{one.unit.replace('deg', '°')}]" if one.unit else ""),
            when, one.points, one.before, (one.before_text, *one.texts),
        )
        for one in answer.trends if one.told
    ]  # fmt: skip
    untold = [one for one in answer.trends if not one.told]
    said = [
        (day_words(entry.created_at, ask.now()), text) for (entry, *_), text in zip(used, answer.said, strict=False)
    ]
    return page(ask, template, who, answer=answer, told=told, untold=untold, said=said)


def _body(who: Person) -> Any:
    """The person's measures as a body; ``None`` where too few were given, or a file brought none of a body."""
    try:
        return body_of(who)
    except InputError:
        return None


# -- one rest -----------------------------------------------------------------------------------------


@view
def entry_page(ask: Ask) -> Response:
    """One rest, whole."""
    entry = ask.store.entry(ask.path("entry"))
    who = ask.store.person(entry.person_id)
    photos = [
        {"id": p.id, "which": p.which, "width": p.width, "height": p.height, "scale": p.scale_note}
        for p in ask.store.photos(who.id, entry.id)
    ]
    return page(
        ask, "entry.html", who, entry=entry, gaps=chart.gaps(entry.look_before or {}, entry.look_after or {}, unit_of(who)),
        compared=comparison.day_said(ask.store, entry), title=_title(entry), when=day_words(entry.created_at, ask.now()),
        facts=list(_facts(entry, who)), photos=photos,
    )  # fmt: skip


def _facts(entry: Entry, who: Person) -> Any:
    """Name and words of whatever was kept of one rest."""
    if entry.setup:
        yield "How", set_up_words(entry, unit_of(who))
    if entry.record:
        yield "Rested", "".join(_rested(entry, entry.record))
    for row in gap_rows(entry, unit_of(who)):
        yield (
            f"{row['title']}, gap",
            f"{row['before']}, then {row['after']}" + (f": {row['told']}" if row["told"] else ""),
        )
    for name, value in (("Comfort before", entry.comfort_before), ("Comfort after", entry.comfort_after)):
        if value is not None:
            yield name, f"{value} of 10"
    if entry.better is not None:
        yield "Better", f"{entry.better:+d} %"
    if entry.noticed:
        known = {word.id: word.text for word in noticing.words()}
        yield "Noticed", "; ".join(known.get(id, id) for id in entry.noticed)
    if entry.words:
        yield "In own words", entry.words
    morning = entry.next_morning or {}
    if morning.get("sleep"):
        yield "The night after", SLEEP.get(morning["sleep"], morning["sleep"])
    if morning.get("cramp"):
        at = ", ".join(
            x
            for x in (
                morning.get("cramp_time", ""),
                morning.get("cramp_minutes", "") and f"{morning['cramp_minutes']} min",
            )
            if x
        )
        yield "Cramp", morning["cramp"] + (f" ({at})" if at else "")
    if morning.get("note"):
        yield "In the morning", morning["note"]


def _rested(entry: Entry, record: Mapping[str, Any]) -> Any:
    """How long, of how much, and how it ended, as far as the record tells; one from a table tells the first alone."""
    yield rested_words(entry)
    if "minutes" in record:
        yield f" of {record['minutes']}"
    if "ending" in record:
        ending = "worried" if worried(entry) else str(record["ending"])
        yield f", {ENDINGS.get(ending, 'the page was lost')}"


@view
def delete_entry(ask: Ask) -> Response:
    """Delete one rest."""
    entry = ask.store.entry(ask.path("entry"))
    if ask.form.get("sure") != "yes":
        return message(ask, "Not deleted", "Nothing was deleted; tick the box beside Delete to do it.", 422)
    ask.store.delete_entry(entry.id)
    return go(f"/people/{entry.person_id}/journal")


# -- what else was tried ------------------------------------------------------------------------------


@view
def add_tried(ask: Ask) -> Response:
    """Something else that was tried."""
    who = ask.store.person(ask.path("person"))
    try:
        fields = _tried_fields(ask.form)
        ask.store.add_tried(who.id, what=fields.pop("what"), created_at=ask.now(), **fields)
    except (InputError, StorageError) as problem:
        return _journal(ask, who, form=ask.form, problem=sentence(str(problem)), status=_status(problem))
    return go(f"/people/{who.id}/journal")


@view
def tried(ask: Ask) -> Response:
    """One thing that was tried, to be changed."""
    who, item = _one_tried(ask)
    form = FormData({name: getattr(item, name) for name in ("what", "when", "outcome", "note")})
    return page(ask, "tried.html", who, item=item, form=form, outcomes=OUTCOME_WORDS)


@view
def keep_tried(ask: Ask) -> Response:
    """Keep the change, or delete it."""
    who, item = _one_tried(ask)
    try:
        if ask.form.get("do") == "delete":
            ask.store.delete_tried(item.id)
        else:
            ask.store.change_tried(item.id, **_tried_fields(ask.form))
    except (InputError, StorageError) as problem:
        return page(
            ask, "tried.html", who, item=item, form=ask.form, outcomes=OUTCOME_WORDS, problem=sentence(str(problem)),
            status=_status(problem),
        )  # fmt: skip
    return go(f"/people/{who.id}/journal")


def _one_tried(ask: Ask) -> Any:
    who = ask.store.person(ask.path("person"))
    for item in ask.store.tried(who.id):
        if item.id == ask.path("tried"):
            return who, item
    from psoas.errors import NotFoundError

    raise NotFoundError("there is no such thing in the list of what was tried")


def _tried_fields(form: FormData) -> dict[str, str]:
    what = line(form, "what")
    if not what:
        raise InputError("what was tried is empty; give a word or two, such as yoga")
    return {
        "what": what,
        "when": line(form, "when"),
        "outcome": str(form.get("outcome") or OUTCOMES[-1]),
        "note": str(form.get("note", "")).replace("\r\n", "\n").strip(),
    }


def _status(problem: Exception) -> int:
    return 507 if isinstance(problem, StorageError) else 422


# -- out, in, gone ------------------------------------------------------------------------------------


@view
def data(ask: Ask) -> Response:
    """Where everything is, and what can be done with it."""
    return _data(ask, ask.store.person(ask.path("person")))


def _data(ask: Ask, who: Person, form: FormData | None = None, **values: Any) -> Response:
    usual: FormData = FormData(
        [("title", NEUTRAL_TITLE), ("time", "18:00"), ("minutes", "30"), *(("day", day) for day in DAYS)]
    )
    return page(
        ask,
        "data.html",
        who,
        folder=str(ask.house.folder),
        days=DAY_WORDS,
        **{"said": "", "form": form or usual, **values},
    )


@view
def export_json(ask: Ask) -> Response:
    """Everything of one person."""
    who = ask.store.person(ask.path("person"))
    return _download(exchange.to_json(ask.store, who.id), "application/json", "psoas.json")


@view
def export_csv(ask: Ask) -> Response:
    """The rests of one person."""
    who = ask.store.person(ask.path("person"))
    return _download(exchange.to_csv(ask.store, who.id), "text/csv; charset=utf-8", "psoas.csv")


def _download(content: str | bytes, kind: str, name: str) -> Response:
    return Response(content, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})


@view
def take_in(ask: Ask) -> Response:
    """A file made here, taken in."""
    who = ask.store.person(ask.path("person"))
    name, content = ask.files.get("file", ("", b""))
    wins = ask.form.get("wins") == "yes"
    try:
        if not content:
            raise InputError("there is no file; choose a JSON or CSV file made here")
        if name.lower().endswith(".csv"):
            taken = exchange.from_csv(ask.store, who.id, content, file_wins=wins)
        else:
            taken = exchange.from_json(ask.store, content, file_wins=wins)
    except (InputError, StorageError) as problem:
        return _data(ask, who, problem=sentence(str(problem)), status=_status(problem))
    return _data(ask, who, said=f"Taken in: {taken.added} new, {taken.changed} changed, {taken.same} already here.")


@view
def reminder(ask: Ask) -> Response:
    """A calendar file."""
    who = ask.store.person(ask.path("person"))
    form = ask.form
    try:
        minutes = whole(str(form.get("minutes", "")).strip(), "minutes", 1, 240)
        try:
            at = datetime.strptime(str(form.get("time", "")), "%H:%M").time()
        except ValueError:
            raise InputError(f"time is {form.get('time', '')!r}; give a time of day such as 18:00") from None
        days = [day for day in DAYS if day in form.getlist("day")]
        title = line(form, "title") or NEUTRAL_TITLE
        kept = [one for one in ask.store.reminders(who.id) if (one.at, list(one.days), one.title) == (at, days, title)]
        made = kept[0] if kept else ask.store.add_reminder(who.id, at, created_at=ask.now(), days=days, title=title)
        calendar = exchange.to_ics(made, ask.now().date(), ask.now(), minutes)
    except (InputError, StorageError) as problem:
        return _data(ask, who, form=form, problem=sentence(str(problem)), status=_status(problem))
    return _download(calendar, "text/calendar; charset=utf-8", "reminder.ics")


@view
def erase(ask: Ask) -> Response:
    """Erase one person, or everything."""
    who = ask.store.person(ask.path("person"))
    what, sound = ask.form.get("what"), ask.house.folder / SOUND_FOLDER
    if ask.form.get("sure") != "yes" or what not in ("me", "all"):
        return _data(ask, who, problem="Nothing was erased; tick the box above the buttons to do it.", status=422)
    try:
        ask.house.worker.forget()
        shutil.rmtree(sound, ignore_errors=True)
        if what == "all":
            ask.store.erase_all()
        else:
            ask.store.erase_person(who.id)
        if sound.exists():
            raise StorageError(f"the journal is erased, but {sound} cannot be; delete that folder yourself")
    except StorageError as problem:
        return _data(ask, who, problem=sentence(str(problem)), status=507)
    response = page(
        ask, "message.html", title="Erased", kept=[], text="It is gone from this computer, as far as psoas kept it."
    )
    # What the browser keeps of this address goes too; the cookie that lets it in is given anew.
    response.headers["clear-site-data"] = '"cache", "storage"'
    response.delete_cookie("psoas-last", path="/")
    if what == "all":
        with suppress(StorageError):  # on a disk without room the old one, which tells nothing, stays
            response.set_cookie(access.COOKIE, access.new_key(ask.house.folder), max_age=access.COOKIE_DAYS * 86400,
                                path="/", httponly=True, samesite="strict")  # fmt: skip
    return response


ROUTES = [
    Route("/rest/{entry}", entry_page),
    Route("/rest/{entry}/delete", delete_entry, methods=["POST"]),
    Route("/people/{person}/journal", journal),
    Route("/people/{person}/looks", looks),
    Route("/people/{person}/tried", add_tried, methods=["POST"]),
    Route("/people/{person}/tried/{tried}", tried),
    Route("/people/{person}/tried/{tried}", keep_tried, methods=["POST"]),
    Route("/people/{person}/data", data),
    Route("/people/{person}/export.json", export_json),
    Route("/people/{person}/export.csv", export_csv),
    Route("/people/{person}/import", take_in, methods=["POST"]),
    Route("/people/{person}/reminder.ics", reminder, methods=["POST"]),
    Route("/people/{person}/erase", erase, methods=["POST"]),
]
