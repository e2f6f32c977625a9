"""Two ways to rest, compared day by day by one person: the plan, what is due today, what the days say."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from starlette.datastructures import FormData
from starlette.responses import Response
from starlette.routing import Route

from psoas import comparison, noticing, session, units
from psoas.app import chart
from psoas.app.page import Ask, day_words, go, message, page, sentence, short, unit_of, view, whole
from psoas.app.views.entry import NOTHING
from psoas.comparison import Difference
from psoas.errors import InputError, StorageError
from psoas.journal import Comparison, ComparisonDay, Entry, Person, Store, exchange

PAIRS = 8
"""Pairs that the form begins with."""
AFTERWARDS = timedelta(days=7)
"""How long Today still leads to a comparison whose plan is through."""
NEITHER = "neither"
DAY = 86_400.0  # [s]
SLEPT: Mapping[str, float] = MappingProxyType({"worse": -1.0, "usual": 0.0, "better": 1.0})


@dataclass(frozen=True)
class Choice:
    """Two ways that can be compared without a word of one's own.

    Attributes:
        title: Both, for the form.
        names: What A and B are called.
        sets: What a rest of each begins with, to be changed on the page as ever.
    """

    title: str
    names: tuple[str, str]
    sets: tuple[Mapping[str, Any], Mapping[str, Any]]


CHOICES: Mapping[str, Choice] = MappingProxyType(
    {
        "legs": Choice(
            "Knees bent, or legs straight",
            ("knees bent", "legs straight"),
            ({"way": "constructive-rest"}, {"way": "supine"}),
        ),
        "towel": Choice(
            "With a towel under the head, or without",
            ("with a towel under the head", "without a towel"),
            ({"options": {"prop": "towel"}}, {"options": {"prop": NOTHING}}),
        ),
        "minutes": Choice("10 minutes, or 20", ("10 minutes", "20 minutes"), ({"minutes": 10}, {"minutes": 20})),
    }
)
OWN = "own"


@dataclass(frozen=True)
class Outcome:
    """What may count.

    Attributes:
        title: For the form and the page.
        phrase: In the middle of a sentence.
        unit: Of its values as they are shown.
        asked: Where it is told.
        place: Id of a place of the look, where it is a gap.
    """

    title: str
    phrase: str
    unit: str
    asked: str
    place: str = ""


_TOLD = "Comfort is asked before a rest, with the look on the floor, and after it, when you check back."
OUTCOMES: Mapping[str, Outcome] = MappingProxyType(
    {
        "comfort": Outcome("Comfort, after minus before", "comfort, after minus before,", "points", _TOLD),
        "better": Outcome(
            "Percent better", "percent better", "%",
            "It is asked when you check back. It counts from when you began doing this, so that one day carries the last.",
        ),
        "sleep": Outcome(
            "The night after: worse, usual or better", "the night after, from worse to usual to better,", "steps",
            "It is asked the morning after.",
        ),
        **{
            f"gap-{place.id.replace('_', '-')}": Outcome(
                f"{place.title}: gap to the floor, after minus before",
                f"the gap ({place.title.lower()}), after minus before,",
                "",
                "It takes the look on the floor before a rest, and the look again after it.",
                place.id,
            )
            for place in noticing.places()
        },
    }
)  # fmt: skip
DEALS: Mapping[str, tuple[str, int, str]] = MappingProxyType(
    {
        "pairs": ("randomized", 2, "By lot, in pairs: of every two days one each, a coin decides which"),
        "fours": ("randomized", 4, "By lot, in fours: of every four days two each, harder to guess ahead"),
        "turn": ("alternating", 2, "In turn: one day the one, the next the other"),
    }
)
"""How the days may be dealt out: method, days in a block, and the form's words."""


# -- what is due --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """A comparison and the rests that were days of it.

    Attributes:
        plan: As it is kept.
        days: Each with its rest, in the order of the plan; those that were rested.
    """

    plan: Comparison
    days: tuple[tuple[ComparisonDay, Entry], ...]

    @property
    def step(self) -> int:
        """The next place in the plan; a rest that was deleted is not made up for."""
        return max((day.step for day, _ in self.days), default=-1) + 1

    @property
    def through(self) -> bool:
        """Whether the plan has no day left."""
        return self.step >= len(self.plan.order)

    @property
    def runs(self) -> bool:
        """Whether another day is to come."""
        return self.plan.state == "running" and not self.through

    def name(self, letter: str) -> str:
        """What a way is called."""
        return self.plan.name_a if letter == "A" else self.plan.name_b


def runs_of(store: Store, plans: Sequence[Comparison]) -> list[Run]:
    """Comparisons of one person with their days; the rests are read once."""
    days: dict[str, list[ComparisonDay]] = {plan.id: [] for plan in plans}
    for person_id in dict.fromkeys(plan.person_id for plan in plans):
        for day in store.comparison_days(person_id):
            days.setdefault(day.comparison_id, []).append(day)
    entries: dict[str, Entry] = {}
    if any(days[plan.id] for plan in plans):
        entries = {entry.id: entry for entry in store.entries(plans[0].person_id) if entry.record}
    found = []
    for plan in plans:
        rested = [(day, entries[day.entry_id]) for day in days[plan.id] if day.entry_id in entries]
        found.append(Run(plan, tuple(sorted(rested, key=lambda pair: (pair[0].step, pair[1].created_at)))))
    return found


def running(store: Store, person_id: str) -> Run | None:
    """The comparison that goes on; the latest, where a file brought more than one."""
    plans = [plan for plan in store.comparisons(person_id) if plan.state == "running"]
    return next((run for run in runs_of(store, plans) if run.runs), None)


def today(ask: Ask, who: Person) -> dict[str, Any] | None:
    """What Today says of a comparison; ``None`` where there is nothing to say."""
    plans = [plan for plan in ask.store.comparisons(who.id) if plan.state == "running"]
    for run in (every := runs_of(ask.store, plans)):
        if run.runs:
            letter = run.plan.order[run.step]
            return {
                "href": f"/comparison/{run.plan.id}", "letter": letter, "name": run.name(letter), "step": run.step + 1,
                "steps": len(run.plan.order), "taken": _taken(ask, run), "through": False,
            }  # fmt: skip
    for run in every[:1]:
        if run.days and ask.now() - run.days[-1][1].created_at < AFTERWARDS:
            return {"href": f"/comparison/{run.plan.id}", "through": True}
    return None


def _taken(ask: Ask, run: Run) -> bool:
    """Whether this local day has its rest already."""
    return any(entry.created_at.date() == ask.now().date() for _, entry in run.days)


def beginning(ask: Ask, who: Person) -> dict[str, Any]:
    """What a rest that begins now begins with: the fields that today's way sets, where a comparison has one due."""
    run = running(ask.store, who.id)
    if run is None or _taken(ask, run):
        return {}
    told = run.plan.set_a if run.plan.order[run.step] == "A" else run.plan.set_b
    fields: dict[str, Any] = {}
    if told.get("way") in session.ways():
        fields["way"] = told["way"]
    if told.get("minutes") in range(1, 61):  # of a plan from a file it may be anything
        fields["minutes"] = told["minutes"]
    if isinstance(told.get("options"), dict):
        fields["options"] = {name: text for name, text in told["options"].items() if isinstance(text, str)}
    return fields


def take_day(ask: Ask, who: Person, entry: Entry) -> None:
    """Make a rest that begins now the next day of the comparison that runs, if there is one with a day left today."""
    run = running(ask.store, who.id)
    if run is None or _taken(ask, run):
        return
    step, planned = run.step, run.plan.order[run.step]
    there = ask.store.comparison_days(who.id, entry_id=entry.id)
    if any((day.comparison_id, day.step) == (run.plan.id, step) for day in there):
        return
    ask.store.add_comparison_day(
        who.id, comparison_id=run.plan.id, entry_id=entry.id, created_at=ask.now(), step=step, planned=planned
    )


# -- in a rest ----------------------------------------------------------------------------------------


def wants_look(store: Store, entry: Entry) -> bool:
    """Whether the look before a rest is where an outcome is told: a gap, or the comfort that is asked beside it."""
    days = store.comparison_days(entry.person_id, entry_id=entry.id)
    outcomes = {store.comparison(day.comparison_id).outcome for day in days}
    return any(outcome == "comfort" or (outcome in OUTCOMES and OUTCOMES[outcome].place) for outcome in outcomes)


def asked(ask: Ask, entry: Entry) -> dict[str, Any] | None:
    """What the check back asks of a rest that was a day of a comparison."""
    days = ask.store.comparison_days(entry.person_id, entry_id=entry.id)
    if not days:
        return None
    run = Run(ask.store.comparison(days[0].comparison_id), ())
    return {
        "href": f"/comparison/{run.plan.id}", "planned": run.name(days[0].planned),
        "done": days[0].done or _likely(run.plan, days[0], entry),
        "ways": [("A", run.plan.name_a), ("B", run.plan.name_b), (NEITHER, "neither; leave this rest out")],
    }  # fmt: skip


def _likely(plan: Comparison, day: ComparisonDay, entry: Entry) -> str:
    """What a rest was, as far as its set-up tells; what was planned, where that tells nothing."""
    sets = {"A": plan.set_a, "B": plan.set_b}
    if not any(sets.values()):
        return day.planned
    fits = [letter for letter, told in sets.items() if _fits(told, entry)]
    return fits[0] if len(fits) == 1 else day.planned if fits else NEITHER


def _fits(told: Mapping[str, Any], entry: Entry) -> bool:
    wanted = told.get("options")
    options = wanted if isinstance(wanted, dict) else {}
    return (
        told.get("way") in (None, entry.way)
        and told.get("minutes") in (None, entry.minutes)
        and all((entry.options.get(name) or "") == text for name, text in options.items())
    )


def checked(form: Mapping[str, Any]) -> str | None:
    """What a form says the day was.

    Raises:
        InputError: None of what it may be.
    """
    said = str(form.get("compared") or "")
    if said and said not in (*comparison.WAYS, NEITHER):
        raise InputError(f"compared is {short(said)}; give A, B or {NEITHER}")
    return said or None


def keep(ask: Ask, entry: Entry, said: str | None) -> None:
    """Keep what the day was, where it was one.

    Raises:
        StorageError: It could not be stored.
    """
    if said is not None:
        for day in ask.store.comparison_days(entry.person_id, entry_id=entry.id):
            ask.store.change_comparison_day(day.id, done=said)


def day_said(store: Store, entry: Entry) -> str:
    """What an entry's page says of it; empty where it was no day of a comparison."""
    for day in store.comparison_days(entry.person_id, entry_id=entry.id):
        run = Run(store.comparison(day.comparison_id), ())
        return f"Planned: {run.name(day.planned)}. It was: {_did(run, day)}."
    return ""


def _did(run: Run, day: ComparisonDay) -> str:
    if day.done is None:
        return "not said"
    return "neither" if day.done == NEITHER else run.name(day.done)


# -- values and words ---------------------------------------------------------------------------------


def value_of(outcome: str, entry: Entry) -> float | None:
    """The outcome of one rest, a gap in meters; ``None`` where it was not told, or is none that is known here."""
    if outcome == "comfort":
        before, after = entry.comfort_before, entry.comfort_after
        return None if before is None or after is None else float(after - before)
    if outcome == "better":
        return None if entry.better is None else float(entry.better)
    if outcome == "sleep":
        return SLEPT.get(str((entry.next_morning or {}).get("sleep", "")))
    place = OUTCOMES[outcome].place if outcome in OUTCOMES else ""
    gaps = [((look or {}).get(place) or {}).get("value") for look in (entry.look_before, entry.look_after)]
    return None if gaps[0] is None or gaps[1] is None else float(gaps[1]) - float(gaps[0])


def _days(run: Run) -> list[comparison.Day]:
    first = run.days[0][1].created_at if run.days else None
    return [
        comparison.Day(
            day.step,
            day.planned,
            day.done if day.done in comparison.WAYS else None,
            value_of(run.plan.outcome, entry),
            (entry.created_at - first).total_seconds() / DAY if first else 0.0,
        )
        for day, entry in run.days
    ]


def _shown(run: Run, unit: str) -> tuple[str, float]:
    """The unit that values are shown in, and what they are multiplied with."""
    outcome = OUTCOMES.get(run.plan.outcome)
    if outcome is None or not outcome.place:
        return (outcome.unit if outcome else ""), 1.0
    return unit, units.from_si(1.0, unit)


def _phrase(run: Run) -> str:
    return OUTCOMES[run.plan.outcome].phrase if run.plan.outcome in OUTCOMES else "what counts"


def number(value: float, places: int, *, sign: bool = False) -> str:
    """A number as it is read, with a real minus."""
    rounded = round(value, places) + 0.0
    return f"{rounded:{'+' if sign and rounded else ''}.{places}f}".replace("-", "−")


def _headline(found: Difference) -> str:
    """What a difference comes to, without a number."""
    if found.value is None:
        return "Nobody can tell yet."
    if found.status != "told":
        return "These days cannot tell."
    return f"{'Higher' if found.value > 0 else 'Lower'} on days of B."


def _said(run: Run, found: Difference, unit: str) -> str:
    """A difference in a sentence."""
    shown, times = _shown(run, unit)
    if found.value is None or found.low is None or found.high is None:
        a, b = found.days
        return (
            f"{a} {_plural(a, 'day')} of A and {b} of B count, and with so few even days that could not differ more would"
            " prove nothing."
        )
    value, low, high = (times * x for x in (found.value, found.low, found.high))
    places = min(max(0, units.decimal_places(value, low, high)), 2)
    ends = f"({number(low, places)} to {number(high, places)})"
    minus = f"B minus A is {number(value, places)} {shown} {ends}"
    if found.status != "told":
        return f"In {_phrase(run)} {minus}, and zero is among that."
    more = "higher" if value > 0 else "lower"
    return f"On days of B, {_phrase(run)} was {more} than on days of A: {minus}."


def _plural(count: int, word: str) -> str:
    return word if count == 1 else f"{word}s"


def _missing(found: Difference) -> str:
    """What it would take, in a sentence; empty where nothing is missing."""
    if found.status == "too_few" and found.more:
        return f"It would take at least {found.more} {_plural(found.more, 'pair')} more to tell anything at all."
    if found.status != "cannot_tell":
        return ""
    if not found.value:
        return "The days came out alike, so that no number of further days can be guessed."
    if found.more is None:
        return (
            f"If the difference were the one seen, telling it would take more than {comparison.MANY} further pairs:"
            " there may be nothing to tell."
        )
    return (
        f"If the difference were the one seen, and days went on differing as they did, some {found.more} further"
        f" {_plural(found.more, 'pair')} would tell it four times in five. That is a rough guess."
    )


BLIND = "You knew each day which way it was, and nothing could hide it, so what you expected is part of what came out."
"""The sentence on blinding."""


def _notes(run: Run, other: int, found: Difference) -> list[str]:
    """What else to know of a result, a sentence or two each."""
    said = [
        BLIND,
        "Nothing here waits for one way to wear off. What lasts into the next day makes a difference look smaller.",
    ]
    if found.value is not None:
        said.insert(
            0,
            "The numbers in brackets are the 90 % interval: of ten comparisons of things that are alike, about one tells a"
            " difference all the same.",
        )
    if run.plan.method == "alternating":
        said.append(
            "The days went in turn, so a straight trend over time was taken out. A bend in it, or anything else that comes"
            " every other day, cannot be told from a difference; days by lot can."
        )
    if other:
        said.append(
            "What was done tells what went with doing it, and holds as far as you had no reason, in how that day was, to do"
            " otherwise. What was planned holds whatever the reason, and is pulled toward no difference."
        )
    if not run.through:
        said.append(
            "It was stopped before its plan was through."
            + (
                " If how it looked was the reason, the interval is narrower than it deserves."
                if found.value is not None
                else ""
            )
        )
    return said


# -- pages --------------------------------------------------------------------------------------------


@view
def offer(ask: Ask) -> Response:
    """What can be compared, and what was."""
    who = ask.store.person(ask.path("person"))
    begins = [("what", "legs"), ("outcome", "comfort"), ("deal", "pairs"), ("pairs", str(PAIRS))]
    return _offering(ask, who, FormData(dict(begins)))


def _offering(ask: Ask, who: Person, form: FormData, **values: Any) -> Response:
    return page(
        ask, "compare.html", who, form=form, choices=CHOICES, outcomes=OUTCOMES, deals=DEALS,
        running=running(ask.store, who.id), before=listed(ask, who), least=comparison.FEWEST_PAIRS,
        most=comparison.MOST_PAIRS, **values,
    )  # fmt: skip


def listed(ask: Ask, who: Person) -> list[dict[str, str]]:
    """Somebody's comparisons as lines of a list."""
    return [
        {"href": f"/comparison/{plan.id}", "title": f"{plan.name_a} or {plan.name_b}",
         "when": f"begun {day_words(plan.created_at, ask.now()).split(',')[0]}"}
        for plan in ask.store.comparisons(who.id)
    ]  # fmt: skip


@view
def begin(ask: Ask) -> Response:
    """Deal out the days, and keep the plan."""
    who = ask.store.person(ask.path("person"))
    form = ask.form
    try:
        if running(ask.store, who.id) is not None:
            raise InputError(
                "another comparison is running; stop that one first, and what it says so far is worked out"
            )
        names, sets = _two_ways(form)
        outcome = str(form.get("outcome", ""))
        if outcome not in OUTCOMES:
            raise InputError(f"what counts is {short(outcome)}; give {', '.join(OUTCOMES)}")
        if str(form.get("deal", "")) not in DEALS:
            raise InputError(f"the deal is {short(form.get('deal', ''))}; give {', '.join(DEALS)}")
        method, block, _ = DEALS[str(form["deal"])]
        pairs = whole(str(form.get("pairs", "")).strip(), "pairs", comparison.FEWEST_PAIRS, comparison.MOST_PAIRS)
        seed = secrets.randbelow(2**31)
        order = comparison.plan(method, pairs, block, seed)
        if not comparison.can_tell(method, pairs, block):
            raise InputError(
                f"pairs is {pairs}, too few by lot in pairs to tell anything; give 5 or more, or choose fours"
            )
        made = ask.store.begin_comparison(
            who.id, created_at=ask.now(), name_a=names[0], name_b=names[1], outcome=outcome, method=method,
            order=list(order), block=block, seed=seed, set_a=dict(sets[0]), set_b=dict(sets[1]),
        )  # fmt: skip
    except (InputError, StorageError) as problem:
        text = str(problem)
        fields = {"pairs": "pairs", "way A": "name_a", "way B": "name_b"}
        wrong = next((field for start, field in fields.items() if text.startswith(start)), "")
        status = 507 if isinstance(problem, StorageError) else 422
        return _offering(ask, who, form, problem=sentence(text), wrong=wrong, status=status)
    return go(f"/comparison/{made.id}")


def _two_ways(form: FormData) -> tuple[tuple[str, str], tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """What is compared.

    Raises:
        InputError: One of the two has no name, or both the same.
    """
    what = str(form.get("what", ""))
    if what in CHOICES:
        return CHOICES[what].names, CHOICES[what].sets
    if what != OWN:
        raise InputError(f"what is compared is {short(what)}; give {', '.join(CHOICES)} or {OWN}")
    names = []
    for letter, name in (("A", "name_a"), ("B", "name_b")):
        text = " ".join(str(form.get(name, "")).split())
        if not text:
            raise InputError(f"way {letter} is empty; give a few words, such as on the bed")
        if len(text) > 80:
            raise InputError(f"way {letter} has {len(text)} characters; give 80 at most")
        names.append(text)
    if names[0].lower() == names[1].lower():
        raise InputError(f"way B is {short(names[1])}, as way A is; give another one")
    return (names[0], names[1]), ({}, {})


def _one(ask: Ask) -> tuple[Run, Person]:
    plan = ask.store.comparison(ask.path("comparison"))
    return runs_of(ask.store, [plan])[0], ask.store.person(plan.person_id)


@view
def comparison_page(ask: Ask) -> Response:
    """One comparison: what is due, or what it says."""
    run, who = _one(ask)
    plan, days = run.plan, _days(run)
    shown, times = _shown(run, unit_of(who))
    return page(
        ask, "comparison.html", who, run=run, plan=plan, outcome=OUTCOMES.get(plan.outcome),
        began=day_words(plan.created_at, ask.now()).split(",")[0], rows=_rows(run, days, shown, times),
        today=today(ask, who) if run.runs else None, result=None if run.runs else _result(run, days, unit_of(who)),
    )  # fmt: skip


def _result(run: Run, days: Sequence[comparison.Day], unit: str) -> dict[str, Any]:
    """What the days say, for the page."""
    plan = run.plan
    shown, times = _shown(run, unit)
    found = comparison.difference(days, plan.method, plan.block)
    other = sum(1 for day in days if day.done is not None and day.value is not None and day.done != day.planned)
    by_plan = comparison.difference(days, plan.method, plan.block, by="planned") if other else None
    ends = None
    if found.value is not None and found.low is not None and found.high is not None:
        ends = (times * found.value, times * found.low, times * found.high)
    drawn = [
        (entry.created_at, day.done, times * day.value)
        for day, (_, entry) in zip(days, run.days, strict=True)
        if day.value is not None and day.done is not None
    ]
    return {
        "headline": _headline(found),
        "said": _said(run, found, unit),
        "missing": _missing(found),
        "other": other,
        "left": len(days) - sum(found.days),
        "planned": _said(run, by_plan, unit) if by_plan else "",
        "days": found.days,
        "notes": _notes(run, other, found),
        "charts": chart.difference(drawn, ends, shown),
    }


def _rows(run: Run, days: Sequence[comparison.Day], shown: str, times: float) -> list[dict[str, str]]:
    """The days as they were, for a table."""
    places = 0 if times == 1.0 else 1
    return [
        {
            "href": f"/rest/{entry.id}", "day": f"{entry.created_at.day} {entry.created_at:%B %Y}",
            "planned": kept.planned, "done": {"A": "A", "B": "B", NEITHER: NEITHER}.get(kept.done or "", "not said"),
            "value": "–" if day.value is None else f"{number(day.value * times, places, sign=True)} {shown}".strip(),
        }
        for day, (kept, entry) in zip(days, run.days, strict=True)
    ]  # fmt: skip


@view
def stop(ask: Ask) -> Response:
    """Stop where it is."""
    run, _ = _one(ask)
    ask.store.change_comparison(run.plan.id, state="stopped")
    return go(f"/comparison/{run.plan.id}")


@view
def delete(ask: Ask) -> Response:
    """Delete a comparison; the rests stay."""
    run, who = _one(ask)
    if ask.form.get("sure") != "yes":
        return message(ask, "Not deleted", "Nothing was deleted; tick the box beside Delete to do it.", 422)
    ask.store.delete_comparison(run.plan.id)
    return go(f"/people/{who.id}/compare")


@view
def days_csv(ask: Ask) -> Response:
    """The days of a comparison as a table, values in SI."""
    run, _ = _one(ask)
    gap = run.plan.outcome in OUTCOMES and OUTCOMES[run.plan.outcome].place
    header = ("step", "began_at", "planned", "done", f"{run.plan.outcome}{'_m' if gap else ''}", "a_is", "b_is")
    rows = [
        (str(kept.step + 1), entry.created_at.isoformat(), kept.planned, kept.done or "",
         "" if day.value is None else f"{day.value:.6g}", run.plan.name_a, run.plan.name_b)
        for day, (kept, entry) in zip(_days(run), run.days, strict=True)
    ]  # fmt: skip
    return Response(
        exchange.days_csv(header, rows), media_type="text/csv; charset=utf-8",
        headers={"content-disposition": 'attachment; filename="psoas-comparison.csv"'},
    )  # fmt: skip


ROUTES = [
    Route("/people/{person}/compare", offer),
    Route("/people/{person}/compare", begin, methods=["POST"]),
    Route("/comparison/{comparison}", comparison_page),
    Route("/comparison/{comparison}/stop", stop, methods=["POST"]),
    Route("/comparison/{comparison}/delete", delete, methods=["POST"]),
    Route("/comparison/{comparison}/days.csv", days_csv),
]
