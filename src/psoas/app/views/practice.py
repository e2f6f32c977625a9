"""What stands beside a rest: things that the sources only name, things of a day, and what is noticed by eye."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from starlette.datastructures import FormData
from starlette.responses import Response
from starlette.routing import Route

from psoas import clues, habits, session
from psoas.app import figures
from psoas.app.page import Ask, area, day_words, go, line, message, page, short, view
from psoas.app.views.entry import problem_of
from psoas.errors import InputError, StorageError
from psoas.journal import ClueNote, HabitDay, Person

FEW = 14
"""Days and notes that a page lists at once; the others are in a fold."""
LATEST = 5
"""Days, and notes, that the journal lists; their own pages have all of them."""


def evidence(number: int) -> str:
    """The page of a claim: who says what, and its grade. The one place that knows its address."""
    return f"/evidence/{number}"


@view
def others(ask: Ask) -> Response:
    """What the sources name without saying how it goes."""
    who = ask.store.person(ask.path("person"))
    return page(ask, "others.html", who, pointers=session.pointers(), ways=session.ways(), evidence=evidence)


# -- things of a day ----------------------------------------------------------------------------------


@view
def day_page(ask: Ask) -> Response:
    """What a day had beside resting: today, or the day that the address names."""
    who = ask.store.person(ask.path("person"))
    try:
        day = _day(ask, str(ask.query.get("day") or ""))
    except InputError as problem:
        return _dayed(ask, who, ask.now().date().isoformat(), **problem_of(problem))
    return _dayed(ask, who, day)


def _day(ask: Ask, text: str) -> str:
    """A day of the calendar, as it is kept.

    Raises:
        InputError: It is none, or has not come yet.
    """
    today = ask.now().date()
    try:
        day = date.fromisoformat(text) if text else today
    except ValueError:
        raise InputError(f"day is {short(text)}; give one such as {today}") from None
    if day > today:
        raise InputError(f"day is {day}, which has not come yet; give {today} or an earlier one")
    return day.isoformat()


def _dayed(ask: Ask, who: Person, day: str, form: FormData | None = None, **values: Any) -> Response:
    kept = next(iter(ask.store.habit_days(who.id, day=day)), None)
    given = form if form is not None else _form(kept)
    listed = [_listed_day(ask, who, one) for one in ask.store.habit_days(who.id)]
    told, today = date.fromisoformat(day), ask.now().date()
    return page(
        ask, "habits.html", who, habits=habits.habits(), checks=habits.checks(), day=day, when=_day_words(ask, day),
        before=told - timedelta(days=1) if told > date.min else told, kept=kept, form=given, said=_said(kept), days=listed,
        after=told + timedelta(days=1) if told < today else None, few=FEW, picture=figures.picture, **values,
    )  # fmt: skip


def _form(kept: HabitDay | None) -> FormData:
    """What is kept of a day, as fields hold it."""
    if kept is None:
        return FormData()
    ticked = [("done", id) for id in kept.done]
    for id, points in kept.checks.items():
        ticked += [(f"check_{id}", str(point)) for point in points] if isinstance(points, list) else []
    return FormData([*ticked, ("note", kept.note)])


def _said(kept: HabitDay | None) -> list[str]:
    """What was looked over on a day, said again."""
    told = kept.checks if kept is not None else {}
    return [
        habits.restated(check, [str(id) for id in told[check.id]])
        for check in habits.checks()
        if isinstance(told.get(check.id), list) and told[check.id]
    ]


def _day_words(ask: Ask, day: str) -> str:
    """A day in words: ``Today``, ``Yesterday``, ``3 May 2026``."""
    told, today = date.fromisoformat(day), ask.now().date()
    if told in (today, today - timedelta(days=1)):
        return "Today" if told == today else "Yesterday"
    return f"{told.day} {told:%B %Y}"


def _listed_day(ask: Ask, who: Person, kept: HabitDay) -> dict[str, str]:
    """A day as a list shows it."""
    known = {habit.id: habit.title for habit in habits.habits()}
    names = [known.get(id, id) for id in kept.done]
    names += [check.title for check in habits.checks() if kept.checks.get(check.id)]
    names += ["own words"] if kept.note and not names else []
    what = (
        "; ".join([names[0], *(name[:1].lower() + name[1:] for name in names[1:])])
        if names
        else "Nothing in particular"
    )
    return {"href": f"/people/{who.id}/habits?day={kept.day}", "what": what[:1].upper() + what[1:],
            "when": _day_words(ask, kept.day)}  # fmt: skip


@view
def keep_day(ask: Ask) -> Response:
    """Keep what a day had, or delete it."""
    who = ask.store.person(ask.path("person"))
    form, day = ask.form, ask.now().date().isoformat()
    try:
        day = _day(ask, str(form.get("day") or "").strip())
        if form.get("do") == "delete":
            for one in ask.store.habit_days(who.id, day=day):
                ask.store.delete_habit_day(one.id)
            return go(f"/people/{who.id}/habits")
        ticked = {name.removeprefix("check_"): form.getlist(name) for name in form if name.startswith("check_")}
        ask.store.save_habit_day(
            who.id, day=day, created_at=ask.now(), done=list(habits.done(str(id) for id in form.getlist("done"))),
            checks=habits.looked_over({id: [str(point) for point in points] for id, points in ticked.items()}),
            note=area(form, "note"),
        )  # fmt: skip
    except (InputError, StorageError) as problem:
        wrong = "day" if str(problem).startswith("day is") else ""
        return _dayed(ask, who, day, form, wrong=wrong, **problem_of(problem))
    return go(f"/people/{who.id}/habits?day={day}")


# -- what is noticed by eye ---------------------------------------------------------------------------


@view
def clues_page(ask: Ask) -> Response:
    """The notes of somebody, and a new one."""
    who = ask.store.person(ask.path("person"))
    return _noticing(ask, who)


def _noticing(
    ask: Ask, who: Person, note: ClueNote | None = None, form: FormData | None = None, **values: Any
) -> Response:
    given = form if form is not None else _fields(note)
    notes = [_listed_note(ask, one) for one in ask.store.clue_notes(who.id)] if note is None else []
    return page(
        ask, "clues.html", who, note=note, notes=notes, few=FEW, clues=clues.clues(), form=given, picture=figures.picture,
        evidence=evidence, when=day_words(note.created_at, ask.now()) if note else "",
        worth=clues.worth(note.seen) if note else (), **values,
    )  # fmt: skip


def _fields(note: ClueNote | None) -> FormData:
    """A note as fields hold it."""
    if note is None:
        return FormData()
    ticked = [(f"clue_{clue.id}", str(id)) for clue, _ in clues.told(note.seen) for id in note.seen[clue.id]]
    return FormData([*ticked, ("by", note.by), ("words", note.words)])


def _listed_note(ask: Ask, note: ClueNote) -> dict[str, str]:
    """A note as a list shows it."""
    told = clues.told(note.seen)
    count = f"{len(told)} {'clue' if len(told) == 1 else 'clues'}" if told else "In own words"
    return {"href": f"/clues/{note.id}", "what": f"{count}, {note.by}" if note.by else count,
            "when": day_words(note.created_at, ask.now())}  # fmt: skip


@view
def add_clues(ask: Ask) -> Response:
    """Keep a new note."""
    who = ask.store.person(ask.path("person"))
    try:
        made = ask.store.add_clue_note(who.id, created_at=ask.now(), **_noted(ask.form))
    except (InputError, StorageError) as problem:
        return _noticing(ask, who, form=ask.form, **problem_of(problem))
    return go(f"/clues/{made.id}")


def _noted(form: FormData) -> dict[str, Any]:
    """What a form says was noticed.

    Raises:
        InputError: An answer is none, or stands by itself beside another, or nothing was noticed at all.
    """
    ticked = {name.removeprefix("clue_"): form.getlist(name) for name in form if name.startswith("clue_")}
    seen = clues.seen({id: [str(answer) for answer in answers if answer] for id, answers in ticked.items()})
    words = area(form, "words")
    if not seen and not words:
        raise InputError("the note is empty; tick an answer, such as can't tell, or write a word")
    return {"seen": seen, "words": words, "by": line(form, "by")}


def _one_note(ask: Ask) -> tuple[Person, ClueNote]:
    note = ask.store.clue_note(ask.path("note"))
    return ask.store.person(note.person_id), note


@view
def clue_note(ask: Ask) -> Response:
    """One note, to be read and changed."""
    who, note = _one_note(ask)
    return _noticing(ask, who, note)


@view
def keep_clues(ask: Ask) -> Response:
    """Keep a change of a note."""
    who, note = _one_note(ask)
    try:
        ask.store.change_clue_note(note.id, **_noted(ask.form))
    except (InputError, StorageError) as problem:
        return _noticing(ask, who, note, ask.form, **problem_of(problem))
    return go(f"/clues/{note.id}")


@view
def delete_clues(ask: Ask) -> Response:
    """Delete a note."""
    who, note = _one_note(ask)
    if ask.form.get("sure") != "yes":
        return message(ask, "Not deleted", "Nothing was deleted; tick the box beside Delete to do it.", 422)
    ask.store.delete_clue_note(note.id)
    return go(f"/people/{who.id}/clues")


# -- in the journal -----------------------------------------------------------------------------------


def beside(ask: Ask, who: Person) -> dict[str, Any]:
    """Days and notes as the journal lists them, the latest first."""
    return {
        "habit_days": [_listed_day(ask, who, one) for one in ask.store.habit_days(who.id)[:LATEST]],
        "clue_notes": [_listed_note(ask, one) for one in ask.store.clue_notes(who.id)[:LATEST]],
    }


ROUTES = [
    Route("/people/{person}/others", others),
    Route("/people/{person}/habits", day_page),
    Route("/people/{person}/habits", keep_day, methods=["POST"]),
    Route("/people/{person}/clues", clues_page),
    Route("/people/{person}/clues", add_clues, methods=["POST"]),
    Route("/clues/{note}", clue_note),
    Route("/clues/{note}", keep_clues, methods=["POST"]),
    Route("/clues/{note}/delete", delete_clues, methods=["POST"]),
]
