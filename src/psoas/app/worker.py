"""Long work in a process of its own, so that a page never waits for a solve and a crash takes no journal with it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from psoas.advice import Line, length
from psoas.body.variation import Variation
from psoas.errors import InputError, PsoasError
from psoas.noticing import Seen
from psoas.person import Person
from psoas.position import Position, position
from psoas.props import Prop
from psoas.units import Quantity

if TYPE_CHECKING:
    from psoas.equilibrium import Equilibrium
    from psoas.evaluation import Evaluation
    from psoas.uncertainty import Change, Estimate

MEMBERS = 96
"""Bodies behind a range, as on the command line."""
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LAYOUTS = {"wide": 1200, "narrow": 360}
"""Widths that the picture is drawn for [px]."""
PATIENT = ("bodies", "search")
"""Processes whose work takes seconds, and can wait for what takes none."""
KEPT = 24
"""Answers that are remembered, in memory only."""


@dataclass(frozen=True)
class Rested:
    """What the resting body says of one set-up.

    Attributes:
        message: Why there is no answer; empty where there is one.
        pictures: The picture as SVG, by theme (``light``, ``dark``) and layout (``wide``, ``narrow``).
        words: The picture in words.
        rows: Title, and value with range.
        warnings: Sentences on what lies outside the data.
        drawn: The one of the bodies that is drawn.
    """

    message: str = ""
    pictures: Mapping[tuple[str, str], str] = field(default_factory=dict)
    words: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    drawn: tuple[Person, Variation] | None = None


Look = tuple[tuple[str, Seen], ...]
"""Answers of a look on the floor by place, such as can be asked about twice."""


@dataclass(frozen=True)
class Question:
    """What is asked of the resting body; equal questions are answered once."""

    person: Person
    position: str
    values: tuple[tuple[str, float | str], ...]
    surface: str
    props: tuple[Prop, ...] = ()
    look: Look = ()
    unit: str = "cm"
    members: int = MEMBERS
    layers: tuple[str, ...] = ()
    """What else is on its picture, as in ``psoas.drawing_layers.LAYERS``."""

    @property
    def whose(self) -> tuple[Person, Look]:
        """What the bodies depend on."""
        return self.person, self.look

    @property
    def lying(self) -> Position:
        """The position, its parameters set.

        Raises:
            InputError: It cannot be taken so.
        """
        return position(self.position).with_values(self.surface, **dict(self.values))


@dataclass(frozen=True)
class Glimpse:
    """One body in one set-up, drawn while somebody moves a slider.

    Attributes:
        message: Why there is none; empty where there is one.
        picture: Its side view as SVG, without fonts of its own.
        rows: Title and value, of this one body.
    """

    message: str = ""
    picture: str = ""
    rows: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Wish:
    """What a search for a set-up is asked with; equal wishes are answered once."""

    person: Person
    position: str
    surface: str
    arms: str
    have: tuple[Prop, ...] = ()
    look: Look = ()
    unit: str = "cm"
    members: int = 32


@dataclass(frozen=True)
class Searched:
    """What the search found.

    Attributes:
        message: Why there is no answer; empty where there is one.
        lines: The numbers; each one's interval is that of equally good choices.
        values: Of the position, by parameter name.
        props: What lies under the body, the lowest first.
        notes: Sentences beside them.
        feasible: Whether every number satisfies its rule.
        plots: What was tried, drawn, by theme.
    """

    message: str = ""
    lines: tuple[Line, ...] = ()
    values: tuple[tuple[str, float | str], ...] = ()
    props: tuple[Prop, ...] = ()
    notes: tuple[str, ...] = ()
    feasible: bool = True
    plots: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Followed:
    """What minutes do to one set-up.

    Attributes:
        message: Why there is no answer; empty where there is one.
        rows: Title, value with range at first and at last, and the change in words.
        plots: Title and SVG of those that are drawn.
        warnings: Sentences on what lies outside the data.
        members: Bodies behind it.
    """

    message: str = ""
    rows: tuple[tuple[str, str, str, str], ...] = ()
    plots: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    members: int = 0


@dataclass(frozen=True)
class Beside:
    """Ways to rest beside each other, of the same bodies.

    Attributes:
        pictures: As in :class:`Rested`, all ways on one plate.
        words: The plate in words.
        rows: Title, plot, and for each way its title, its value with range, and how it differs from the first in words.
        lost: Way and reason of those that found no answer.
    """

    pictures: Mapping[tuple[str, str], str] = field(default_factory=dict)
    words: str = ""
    rows: tuple[tuple[str, str, tuple[tuple[str, str, str], ...]], ...] = ()
    lost: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Looks:
    """Looks of one person, in order of time, that are to be told as a series; equal ones are told once.

    Attributes:
        person: Measurements.
        looks: Day since any moment, and answers by place, of each.
    """

    person: Person
    looks: tuple[tuple[float, tuple[tuple[str, Seen], ...]], ...]


@dataclass(frozen=True)
class Trend:
    """One inferred parameter over the looks.

    Attributes:
        title: In people's words.
        unit: As it is shown.
        told: Whether the looks tell it at all.
        before: Median, least and most before any look.
        points: The same after each look (n,).
        texts: Those as they are read (n,).
        before_text: What was known before, as it is read.
    """

    title: str
    unit: str
    told: bool
    before: tuple[float, float, float]
    points: tuple[tuple[float, float, float], ...]
    texts: tuple[str, ...]
    before_text: str


@dataclass(frozen=True)
class Traced:
    """What a series of looks says.

    Attributes:
        message: Why there is no answer; empty where there is one.
        trends: By parameter.
        said: What there is to say of each look (n,): its status in a sentence, and what went against the one before.
        apart: What the looks cannot tell apart, and what else to know, a sentence each.
    """

    message: str = ""
    trends: tuple[Trend, ...] = ()
    said: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sitter:
    """Who sits on what; equal ones are answered once.

    Attributes:
        person: Measurements.
        height: Of the seat there is [m]; nothing where it can be any.
        car: Whether it is a car's bucket seat.
        unit: For lengths in sentences.
    """

    person: Person
    height: float | None = None
    car: bool = False
    unit: str = "cm"


@dataclass(frozen=True)
class Sat:
    """A chair for one body.

    Attributes:
        message: Why there is none; empty where there is one.
        sentence: The chair in one sentence.
        lines: Its numbers, with their reasons.
        notes: What to know beside them.
        over: How far the hip sockets then lie above the knees [m]; nothing in a car, whose seat is as high as it is.
        fits: Whether the seat there is serves; where not, ``over`` and ``pictures`` are of one that would do.
        pictures: The body on it as SVG, by theme; none where it found no balance, and none in a car.
        words: The picture in words.
    """

    message: str = ""
    sentence: str = ""
    lines: tuple[Line, ...] = ()
    notes: tuple[str, ...] = ()
    over: Quantity | None = None
    fits: bool = True
    pictures: Mapping[str, str] = field(default_factory=dict)
    words: str = ""


class Worker:
    """Processes beside the server, each started when first needed and again after it has died.

    One lets bodies come to rest, which takes seconds; one searches, which takes many; one lets a single body follow a slider,
    which may not wait for either; one makes sounds, so that nobody who wants to lie down waits for a picture they have gone
    on from.
    """

    def __init__(self) -> None:
        self._pools: dict[str, ProcessPoolExecutor] = {}
        self._lock = threading.Lock()
        self._answers: OrderedDict[Hashable, Future[Any]] = OrderedDict()
        self._looking: dict[str, Future[Any]] = {}
        self._drawn: OrderedDict[Hashable, tuple[Person, Variation]] = OrderedDict()

    def rested(self, question: Question, looking: str = "") -> Future[Rested]:
        """The resting body's answer, at once if it has been asked before.

        Args:
            question: Who, how, on what.
            looking: Who looks at one set-up after another, by any id; whoever asks about the next one has gone on from
                the last, whose answer is not worked out any more unless that has begun. Its future is then cancelled.
        """
        made = self._ask(question, solve, question)
        self._follow(looking, made)
        made.add_done_callback(lambda one: self._draws(question, one))
        return made

    def _follow(self, looking: str, made: Future[Any]) -> None:
        """Whoever looks has gone on from what they had asked for last."""
        with self._lock:
            last = self._looking.pop(looking, None)
        if last is not None and last is not made:
            last.cancel()
        if looking:
            with self._lock:
                self._looking[looking] = made
            made.add_done_callback(lambda one: self._seen(looking, one))

    def _seen(self, looking: str, answer: Future[Any]) -> None:
        with self._lock:
            if self._looking.get(looking) is answer:
                del self._looking[looking]

    def _draws(self, question: Question, answer: Future[Rested]) -> None:
        if answer.cancelled() or answer.exception() is not None or (drawn := answer.result().drawn) is None:
            return
        with self._lock:
            self._drawn[question.whose] = drawn
            while len(self._drawn) > KEPT:
                self._drawn.popitem(last=False)

    def searched(self, wish: Wish, looking: str = "") -> Future[Searched]:
        """The search's answer, at once if it has been asked before; ``looking`` as in :meth:`rested`."""
        made = self._ask(wish, find, wish, pool="search")
        self._follow(looking, made)
        return made

    def followed(self, question: Question, minutes: float) -> Future[Followed]:
        """What minutes do to a set-up, at once if it has been asked before."""
        return self._ask((question, minutes), follow, question, minutes)

    def beside(self, questions: tuple[tuple[str, Question], ...]) -> Future[Beside]:
        """Titles of ways with their set-ups, beside each other; at once if it has been asked before."""
        return self._ask(questions, lay_beside, questions)

    def glimpse(self, question: Question, theme: str, layout: str) -> Glimpse:
        """One body in one set-up: the one that was drawn last for these bodies, else the default one.

        Raises:
            InputError: The position cannot be taken by this body.
        """
        with self._lock:
            who = self._drawn.get(question.whose)
        return self._submit("live", glimpse, question, who, theme, layout).result()

    def traced(self, looks: Looks) -> Future[Traced]:
        """What a series of looks says, at once if it has been asked before."""
        return self._ask(looks, trace, looks, pool="looks")

    def seated(self, sitter: Sitter) -> Future[Sat]:
        """A chair for one body, now or soon."""
        return self._ask(sitter, seat, sitter)

    def warm(self) -> None:
        """Let the processes for bodies load what they need while nobody waits."""
        self._submit("bodies", load)
        self._submit("live", load)

    def run(self, work: Callable[..., Any], *given: Any) -> Any:
        """Anything else that takes long, sounds above all; waits for it and hands on what it raises."""
        return self._submit("sounds", work, *given).result()

    def forget(self) -> None:
        """Drop every answer, as when somebody erases their data."""
        with self._lock:
            self._answers.clear()
            self._looking.clear()
            self._drawn.clear()
            for pool in self._pools.values():
                with suppress(BrokenProcessPool):
                    pool.submit(drop)

    def close(self) -> None:
        """End the processes: at once where nothing is lost by it, a sound once it is written."""
        with self._lock:
            pools, self._pools = self._pools, {}
        for name, pool in pools.items():
            if name != "sounds":  # else somebody who ends psoas waits for a search that nobody waits for
                for process in list((getattr(pool, "_processes", None) or {}).values()):
                    process.terminate()
            pool.shutdown(wait=True, cancel_futures=True)

    def _ask(self, about: Hashable, work: Callable[..., Any], *given: Any, pool: str = "bodies") -> Future[Any]:
        with self._lock:
            known = self._answers.get(about)
            if known is not None and not (known.cancelled() or (known.done() and known.exception() is not None)):
                self._answers.move_to_end(about)
                return known
        made = self._submit(pool, work, *given)
        with self._lock:
            self._answers[about] = made
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)
        return made

    def _submit(self, name: str, work: Callable[..., Any], *given: Any) -> Future[Any]:
        with self._lock:
            for _ in range(2):
                if name not in self._pools:
                    spawn = multiprocessing.get_context("spawn")
                    self._pools[name] = ProcessPoolExecutor(1, spawn, initializer=_begin, initargs=(name in PATIENT,))
                try:
                    return self._pools[name].submit(work, *given)
                except BrokenProcessPool:
                    del self._pools[name]
        raise PsoasError("The part of psoas that computes has stopped; start psoas again.")


def _begin(patient: bool) -> None:
    """Ctrl-C is for the server, which then ends this process in order; and where the server is killed, it ends too."""
    if patient and hasattr(os, "nice"):
        os.nice(3)  # pages and sounds come first on a machine of few cores; more, and on a busy one nothing would come
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    # Nothing else would tell it: it holds both ends of the pipe that it waits on.
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


# -- what runs over there -----------------------------------------------------------------------------

SHOWN = (
    ("Small of the back, gap to the floor", "lumbar_gap"),
    ("Lower ribs, gap", "rib_gap"),
    ("Backs of the thighs, gap", "thigh_gap"),
    ("Hollow of the back (lordosis)", "lumbar_lordosis"),
    ("Pelvis, + tipped forward", "pelvic_tilt"),
    ("Psoas fibers, 1 = their easy length", "psoas_major_normalized_fiber_length"),
    ("Psoas pull", "psoas_major_passive_force"),
    ("Iliacus pull", "iliacus_passive_force"),
    ("Pelvis bears", "support_force_pelvis"),
)
"""Rows of the page, and the quantity of each, or the stem of a left and a right one."""
PLOTTED = ("psoas_major_passive_force", "lumbar_lordosis", "lumbar_gap")
"""Stems of what is plotted over minutes."""
FOLLOWED, BESIDE = 32, 48
"""Bodies that are followed over minutes, and that lie in several ways."""
GLIMPSED = (
    ("Psoas pull", "psoas_major_passive_force"),
    ("Small of the back, gap", "lumbar_gap"),
    ("Backs of the thighs, gap", "thigh_gap"),
    ("Knees bent", "knee_flexion"),
)
"""The same of what follows a slider."""


def load() -> None:
    """Import what a solve needs."""
    import psoas.drawing
    import psoas.uncertainty  # noqa: F401


def solve(question: Question) -> Rested:
    """Let a body come to rest, and put what follows into words and pictures.

    Args:
        question: Who, how, on what.
    Returns:
        The answer; with a message and nothing else where no rest was found.
    Raises:
        InputError: The position cannot be taken by this body.
    """
    from psoas.drawing import Drawing, draw

    found = _known(replace(question, layers=()))
    if found.status != "converged":
        return Rested(message=found.message)
    labels = _labels(found, question)
    drawn: dict[tuple[str, str], Drawing] = {
        (theme, layout): draw(
            found.typical, ensemble=found.ensemble, labels=labels, theme=theme, width=width, layers=question.layers
        )
        for theme in THEMES
        for layout, width in LAYOUTS.items()
    }
    pictures = {key: one.svg for key, one in drawn.items()}
    return Rested(
        pictures=pictures,
        words=drawn["light", "wide"].words,
        rows=_rows(found, SHOWN),
        warnings=tuple(found.warnings),
        drawn=found.built,
    )


def glimpse(question: Question, who: tuple[Person, Variation] | None, theme: str, layout: str) -> Glimpse:
    """One body in one set-up, from where it lay last.

    Args:
        question: Who, how, on what; its members do not matter.
        who: The body, as it is built; the default one of the person where not given.
        theme, layout: Of the picture.
    Returns:
        The answer; with a message and nothing else where no rest was found.
    Raises:
        InputError: The position cannot be taken by this body.
    """
    from psoas.body.build import build
    from psoas.drawing import draw
    from psoas.equilibrium import rest, rest_again
    from psoas.uncertainty import alone

    person, variation = who or (question.person, None)
    lying, props = question.lying, list(question.props)
    alike = (who or person, question.position, question.surface, tuple((one.id, one.under) for one in props))
    if _last and _last[0][0] != alike:
        _last.clear()
    near, under = (_last[0][1], _last[0][2]) if _last else (None, None)
    if near is not None and under == props and lying.feet_held:
        one = rest_again(near, lying)
    else:
        body = near.body if near is not None else build(person, *([variation] if variation else []))
        one = rest(body, lying, props, near=near)
    if not one.converged[0] and near is not None:
        one = rest(near.body, lying, props)
    if not one.converged[0]:
        return Glimpse(message=one.messages[0])
    _last[:] = [(alike, one, props)]
    found = alone(one, question.person, lying, props, ("posture", "muscles", "gaps"))
    labels = {**_labels(found, question), "subtitle": "one body of this size; the range of others follows"}
    drawn = draw(
        one, labels=labels, theme=theme, width=LAYOUTS[layout], fonts=False, smaller_views=False,  # type: ignore[arg-type]
        layers=question.layers,
    )  # fmt: skip
    return Glimpse("", drawn.svg, _rows(found, GLIMPSED))


_last: list[tuple[Any, Equilibrium, list[Prop]]] = []
"""Which body was glimpsed last in this process and in what, where it rested, and on what."""


def drop() -> None:
    """Forget whatever is remembered in this process, as when somebody erases their data."""
    _known.cache_clear()
    _evaluated.cache_clear()
    _last.clear()


@lru_cache(maxsize=4)
def _known(question: Question) -> Estimate:
    """Bodies at rest, remembered while their picture changes."""
    return _estimated(question, question.members)


def _estimated(question: Question, members: int) -> Estimate:
    from psoas.uncertainty import estimate

    known = _evaluated(question.person, question.look)
    return estimate(
        question.person, question.lying, list(question.props), members=members, alternatives=False,
        among=None if known is None else known.ensemble,
    )  # fmt: skip


@lru_cache(maxsize=4)
def _evaluated(person: Person, look: Look) -> Evaluation | None:
    """What a look tells; ``None`` without one."""
    from psoas.evaluation import evaluate

    return evaluate(person, dict(look)) if look else None


def _labels(found: Estimate, question: Question) -> dict[str, str]:
    from psoas import report

    inches = "1 in" if question.unit == "in" else ""
    spoken = dict.fromkeys(("stature", "heel_distance", *(prop.id for prop in question.props)), inches)
    return report.picture_labels(found, spoken)


def _rows(found: Estimate, shown: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    from psoas import report

    words = report.brief if found.ensemble is None else Quantity.format
    rows = []
    for title, stem in shown:
        if not _tells(found.position, stem):
            continue
        names = [name for _, name in _sides(stem, found.quantities, same=False)]
        texts = list(dict.fromkeys(words(found.quantities[name]) for name in names))
        rows += [(title, f"left {texts[0]}, right {texts[1]}" if len(texts) == 2 else texts[0])] if texts else []
    return tuple(rows)


def _tells(lying: Position, stem: str) -> bool:
    """Whether a quantity makes sense in a position: thighs of knees that stand up hang high, and say nothing."""
    return not (stem == "thigh_gap" and lying.legs_bent)


def find(wish: Wish) -> Searched:
    """Search for a set-up, with the bodies that fit a look where there is one.

    Args:
        wish: For whom, how, with what at hand.
    Returns:
        The answer; with a message and nothing else where this body cannot lie so.
    """
    from psoas.advice.plot import plot
    from psoas.advice.search import search

    lying = position(wish.position).with_values(wish.surface, arms=wish.arms)
    try:
        known = _evaluated(wish.person, wish.look)
        found = search(wish.person, lying, list(wish.have), seen=known, members=wish.members)
    except InputError as problem:
        return Searched(message=f"{str(problem)[:1].upper()}{str(problem)[1:]}.")
    setup = found.setup
    values = tuple((name, value) for name, value in setup.position.values.items() if value is not None)
    plots: dict[str, str] = {t: plot(found, wish.person, theme=t, inches=wish.unit == "in") for t in THEMES}
    return Searched("", setup.lines, values, setup.props, found.notes, found.feasible, plots)


def follow(question: Question, minutes: float) -> Followed:
    """Let tissue give way for some minutes.

    Args:
        question: Who, how, on what.
        minutes: How long [min].
    Returns:
        The answer; with a message and nothing else where no rest was found, or none that lasts.
    Raises:
        InputError: The position cannot be taken by this body, or the minutes cannot be followed.
    """
    from psoas.app.plots import over_time
    from psoas.time_course import time_course
    from psoas.units import display

    answer = _estimated(question, FOLLOWED)
    course = time_course(answer, minutes, members=FOLLOWED)
    if course.status != "converged":
        return Followed(message=course.message)
    rows, plots = [], []
    for title, stem in SHOWN:
        if not _tells(question.lying, stem):
            continue
        for side, name in _sides(stem, course.quantities, answer.person.symmetric):
            band = course.quantities[name]
            change = course.changes.get(name)
            told = change.quantity.format() if change is not None and change.sure else "cannot tell"
            words = f"{title}{side}"
            rows.append((words, band.at(0).format(), band.at(-1).format(), told))
            if stem in PLOTTED:
                unit = display(band.unit)
                drawn = over_time(
                    words, unit, *(list(x) for x in (course.times / 60.0, band.low, band.median, band.high))
                )
                plots.append((words + _in(band.unit), drawn))
    return Followed("", tuple(rows), tuple(plots), tuple(course.warnings), course.members)


def lay_beside(questions: tuple[tuple[str, Question], ...]) -> Beside:
    """Let the same bodies rest in several ways.

    Args:
        questions: Title and set-up of each way; all of one person.
    Returns:
        The answer; ways that cannot be taken, or found no rest, are told apart from the others.
    """
    from psoas.app.plots import ranges
    from psoas.drawing import Drawing, compare
    from psoas.uncertainty import changes
    from psoas.units import display

    found: dict[str, Estimate] = {}
    lost = []
    for title, question in questions:
        try:
            answer = _estimated(question, BESIDE)
        except InputError as problem:
            lost.append((title, f"{str(problem)[:1].upper()}{str(problem)[1:]}."))
            continue
        if answer.status == "converged":
            found[title] = answer
        else:
            lost.append((title, answer.message))
    if not found:
        return Beside(lost=tuple(lost))
    first = next(iter(found.values()))
    change = {title: changes(first, answer) for title, answer in found.items() if answer is not first}
    rows = []
    for title, stem in SHOWN:
        for side, name in _sides(stem, first.quantities, first.person.symmetric):
            ways = [(way, a.quantities[name]) for way, a in found.items() if _tells(a.position, stem)]
            if not ways:
                continue
            plot = ranges(title + side, display(ways[0][1].unit), [(way, *_ends(q)) for way, q in ways])
            told = tuple((way, q.format(), _against(change.get(way, {}).get(name))) for way, q in ways)
            rows.append((title + side + _in(ways[0][1].unit), plot, told))
    question = questions[0][1]
    labels = [{**_labels(a, question), "title": way, "subtitle": ""} for way, a in found.items()]
    drawn: dict[tuple[str, str], Drawing] = {
        (theme, layout): compare(
            [a.typical for a in found.values()], ensembles=[a.ensemble for a in found.values()], labels=labels,
            theme=theme, width=width,
        )
        for theme in THEMES
        for layout, width in LAYOUTS.items()
    }  # fmt: skip
    return Beside({key: one.svg for key, one in drawn.items()}, drawn["light", "wide"].words, tuple(rows), tuple(lost))


def _in(unit: str) -> str:
    """A unit after the title of a plot."""
    return {"1": "", "deg": " [°]"}.get(unit, f" [{unit}]")


def _ends(quantity: Quantity) -> tuple[float, float, float]:
    return quantity.low, quantity.value, quantity.high


def _against(change: Change | None) -> str:
    if change is None:
        return ""
    if not change.sure:
        return "cannot tell"
    return "more" if change.quantity.value > 0.0 else "less"


def _sides(stem: str, known: Mapping[str, Any], same: bool) -> list[tuple[str, str]]:
    """What follows a title, and the quantity's name: one for both sides where they are the same."""
    if stem in known:
        return [("", stem)]
    if f"{stem}_left" not in known:
        return []
    return [("", f"{stem}_left")] if same else [(f", {side}", f"{stem}_{side}") for side in ("left", "right")]


def render_session(
    path: str, bells: Sequence[tuple[float, str]], cues: Sequence[tuple[float, str, bytes | None]], seconds: float
) -> None:
    """Write the recording of one session.

    Args:
        path: Where to.
        bells: When [s], and which.
        cues: When [s], the words, and somebody's own recording of them where there is one.
        seconds: Length of the whole [s].
    Raises:
        InputError: The voice cannot be had, or the file cannot be written.
    """
    from psoas.app import audio, voice

    words = [text for _, text, own in cues if own is None]
    said = iter(voice.speak(words) if words else [])
    marks = [audio.Mark(at, kind) for at, kind in bells]  # type: ignore[arg-type]
    marks += [audio.Mark(at, next(said) if own is None else audio.read_stored(own)) for at, _, own in cues]
    turn = audio.spaced(marks)
    # A long last cue may run past the plan; the file then ends when it has been said.
    last = max((mark.at + audio.seconds_of(mark.sound) for mark in turn), default=0.0)
    audio.render(turn, max(seconds, last), path)


def own_recording(data: bytes) -> tuple[bytes, float]:
    """A person's recording as it is kept, and how long it is [s].

    Raises:
        InputError: It is no recording that can be used.
    """
    from psoas.app import audio

    sound = audio.read_recording(data)
    return audio.write_recording(sound), audio.seconds_of(sound)


def seat(sitter: Sitter) -> Sat:
    """Set up a chair, and let one body sit on it with its chest upright.

    Args:
        sitter: Who, and on what.
    Returns:
        The answer; with a message and nothing else where there is no such chair.
    """
    from psoas import upright
    from psoas.advice.chair import chair
    from psoas.upright import picture

    try:
        found = chair(sitter.person, seat_height=sitter.height, car=sitter.car)
        sitting = found.setup.position.with_values(trunk="upright", arms="thighs")
        sits = None if sitter.car else upright.estimate(sitter.person, sitting, members=0)  # a bucket seat is not drawn
    except PsoasError as problem:
        return Sat(message=f"{str(problem)[:1].upper()}{str(problem)[1:]}.")
    drawn, over = {}, found.hip_over_knee
    if sits is not None and sits.status == "converged":
        high, deep = (length(sitting.number(name) or 0.0, sitter.unit) for name in ("seat_height", "seat_depth"))
        towel = found.feasible and sitter.height is not None and sitting.number("seat_height") != sitter.height
        on_it = "with the towel" if towel else "high"
        labels = {"title": "", "seat_height": f"{high} {on_it}", "seat_depth": f"{deep} deep"}
        drawn = {
            theme: picture.draw(sits.typical, labels=labels, theme=theme, width=LAYOUTS["narrow"]) for theme in THEMES
        }
    over = replace(over, value=1e-3 * over.value, low=1e-3 * over.low, high=1e-3 * over.high, unit="m")
    return Sat(
        sentence=found.setup.sentence(sitter.unit), lines=found.setup.lines[2:] if sitter.car else found.setup.lines,
        notes=found.notes, over=None if sitter.car else over, fits=found.feasible,
        pictures={key: one.svg for key, one in drawn.items()}, words=drawn["light"].words if drawn else "",
    )  # fmt: skip


def trace(looks: Looks) -> Traced:
    """Let each look go on from the one before, and tell what is known of the tissue after each.

    Args:
        looks: Whose, and which.
    Returns:
        The answer; with a message and nothing else where too few bodies came to rest, or the measures are none of a body.
    """
    from psoas.evaluation import series
    from psoas.evaluation.words import SHAPE
    from psoas.units import display

    try:
        found = series(looks.person, [(day, dict(look)) for day, look in looks.looks])
    except PsoasError as problem:
        return Traced(message=f"{str(problem)[:1].upper()}{str(problem)[1:]}.")
    if not found or any(one.status == "not_converged" for one in found):
        return Traced(message=found[-1].message if found else "There is no look to go by.")
    last = found[-1]
    trends = []
    for name, told in last.parameters.items():
        after = [one.parameters[name].after for one in found]
        points = tuple((spread.value, spread.low, spread.high) for spread in after)
        before = (told.before.value, told.before.low, told.before.high)
        texts = tuple(spread.format() for spread in after)
        unit = display(told.after.unit)
        trends.append(Trend(told.title, unit, told.identified, before, points, texts, told.before.format()))
    against = "This look does not follow"
    said = tuple(" ".join([one.message, *(w for w in one.warnings if w.startswith(against))]) for one in found)
    apart = [*last.confounded, SHAPE, *(w for w in last.warnings if not w.startswith(against))]
    return Traced("", tuple(trends), said, tuple(apart))
