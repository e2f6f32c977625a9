"""A rest as it is kept: whose it is, what its answers allow, and the plan that was made of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.datastructures import FormData

from psoas import screening, session
from psoas.app.page import Ask, sentence
from psoas.errors import InputError, PsoasError, StorageError
from psoas.journal import Entry, Person
from psoas.session import Plan, Way

ANSWERED = "answered_at"
"""What holds the time of the answers, beside them."""
NOTHING = "nothing"
"""Under the head, as an option of a set-up."""
LAST = "psoas-last"
"""The cookie that remembers whose page was open, by an id that means nothing elsewhere."""


def visitor(ask: Ask) -> Person | None:
    """Who reads a page that belongs to nobody: whoever was here last, or the only one there is."""
    known = {person.id: person for person in ask.store.people()}
    return known.get(ask.request.cookies.get(LAST, "")) or (next(iter(known.values())) if len(known) == 1 else None)


def whose(ask: Ask) -> tuple[Entry, Person]:
    """The rest that the address names, and who rests."""
    entry = ask.store.entry(ask.path("entry"))
    return entry, ask.store.person(entry.person_id)


def problem_of(problem: PsoasError) -> dict[str, Any]:
    """What a page that comes back says: the form was wrong, or could not be kept."""
    return {"problem": sentence(str(problem)), "status": 507 if isinstance(problem, StorageError) else 422}


def looks_offered(ask: Ask, entry: Entry) -> bool:
    """Whether the look is offered: it is taken flat on the back with the legs straight."""
    outcome = outcome_of(ask, entry)
    return outcome is not None and "supine" in outcome.ways


def answers_of(entry: Entry) -> dict[str, list[str]]:
    """The answers as they are kept: ids by question. An entry from a file may hold anything there."""
    told = (entry.screening or {}).get("answers")
    if not isinstance(told, dict):
        return {}
    return {group: [str(id) for id in ids] for group, ids in told.items() if isinstance(ids, list)}


def outcome_of(ask: Ask, entry: Entry) -> screening.Outcome | None:
    """The outcome of the answers as they are kept, worked out anew; ``None`` where they are not whole, or not of today."""
    if not entry.record and not _of_today(ask, entry):
        return None
    try:
        return screening.screen(answers_of(entry))
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


def allowed(ask: Ask, entry: Entry) -> screening.Outcome | str:
    """The outcome where it lets the person go on, else the page to turn to."""
    outcome = outcome_of(ask, entry)
    if outcome is None:
        return f"/rest/{entry.id}/ask"
    return f"/rest/{entry.id}/answer" if outcome.effect == "block" else outcome


def on_offered(form: Mapping[str, Any], outcome: screening.Outcome) -> FormData:
    """The same choices, on something that is offered to lie on today."""
    fields = form.multi_items() if isinstance(form, FormData) else list(form.items())
    if lain_on(form) in outcome.surfaces or lain_on(form) not in screening.SURFACES:
        return FormData(fields)
    return FormData([*(field for field in fields if field[0] != "surface"), ("surface", outcome.surfaces[0])])


def lain_on(form: Mapping[str, Any]) -> str:
    """What is lain on; a mat where nothing was chosen."""
    return str(form.get("surface") or "mat")


def plan_of(way: Way, form: Mapping[str, Any], outcome: screening.Outcome) -> Plan:
    """The session as chosen.

    Raises:
        InputError: The minutes are none that a session has.
    """
    return session.plan(
        way.id,
        str(form.get("minutes") or "").strip() or minutes_of(way, outcome),
        halfway=form.get("halfway") == "yes",
        voice=form.get("voice") == "voice",
        questions=form.get("questions") == "yes",
        image=way.has_image and form.get("image") == "yes",
        eyes=outcome.eyes,
    )


def minutes_of(way: Way, outcome: screening.Outcome) -> int:
    """How long a way takes where nobody says, within what the answers leave [min]."""
    most = outcome.most(way.id)
    return way.minutes if most is None else min(way.minutes, int(most))


def kept_plan(entry: Entry, outcome: screening.Outcome) -> Plan:
    """The plan of a rest that was set up.

    Raises:
        InputError: What was kept is no plan.
    """
    return plan_of(session.way(entry.way), {**entry.options, "minutes": f"{entry.minutes or 0:g}"}, outcome)


def ready(ask: Ask, entry: Entry) -> tuple[screening.Outcome, Plan] | str:
    """What is needed to rest, where the answers allow it; else the page to turn to."""
    outcome = allowed(ask, entry)
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
        return session.way(entry.way).position is not None and lain_on(entry.options) not in outcome.surfaces
    except InputError:  # no way that is known here, or no length
        return True


def as_planned(plan: Plan) -> dict[str, str]:
    """A plan as a part of an address."""
    return {
        name: str(value) for name, value in {"way": plan.way, "minutes": plan.minutes, **plan.options.as_dict()}.items()
    }
