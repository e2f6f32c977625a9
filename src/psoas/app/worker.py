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
from dataclasses import dataclass, field
from typing import Any, Literal

from psoas.errors import InputError, PsoasError
from psoas.noticing import Seen
from psoas.person import Person
from psoas.props import Prop

MEMBERS = 96
"""Bodies behind a range, as on the command line."""
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LAYOUTS = {"wide": 1200, "narrow": 360}
"""Widths that the picture is drawn for [px]."""
KEPT = 24
"""Answers that are remembered, in memory only."""


@dataclass(frozen=True)
class Rested:
    """What the resting body says of one set-up.

    Attributes:
        message: Why there is no answer; empty where there is one.
        pictures: The picture as SVG, by theme (``light``, ``dark``) and layout (``wide``, ``narrow``).
        words: The picture in words.
        rows: Title, value with range, and what it is, for the page.
        warnings: Sentences on what lies outside the data.
    """

    message: str = ""
    pictures: Mapping[tuple[str, str], str] = field(default_factory=dict)
    words: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """What is asked of the resting body; equal questions are answered once."""

    person: Person
    position: str
    values: tuple[tuple[str, float | str], ...]
    surface: str
    props: tuple[Prop, ...] = ()
    unit: str = "cm"
    members: int = MEMBERS


@dataclass(frozen=True)
class Wish:
    """What a search for a set-up is asked with; equal wishes are answered once."""

    person: Person
    position: str
    surface: str
    arms: str
    have: tuple[Prop, ...] = ()
    look: tuple[tuple[str, Seen], ...] = ()
    unit: str = "cm"
    members: int = 32


@dataclass(frozen=True)
class Searched:
    """What the search found.

    Attributes:
        message: Why there is no answer; empty where there is one.
        sentence: The set-up in a sentence.
        lines: Name, title, value, the ends of what is equally good, and the reason.
        notes: Sentences beside them.
        values: What to type into the set-up's fields, by their name.
    """

    message: str = ""
    sentence: str = ""
    lines: tuple[tuple[str, str, str, str, str], ...] = ()
    notes: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()


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


class Worker:
    """Processes beside the server, each started when first needed and again after it has died.

    One lets bodies come to rest, which takes seconds; one searches, which takes many; one makes sounds, so that nobody who
    wants to lie down waits for a picture they have gone on from.
    """

    def __init__(self) -> None:
        self._pools: dict[str, ProcessPoolExecutor] = {}
        self._lock = threading.Lock()
        self._answers: OrderedDict[Hashable, Future[Any]] = OrderedDict()
        self._looking: dict[str, Future[Any]] = {}

    def rested(self, question: Question, looking: str = "") -> Future[Rested]:
        """The resting body's answer, at once if it has been asked before.

        Args:
            question: Who, how, on what.
            looking: Who looks at one set-up after another, by any id; whoever asks about the next one has gone on from
                the last, whose answer is not worked out any more unless that has begun. Its future is then cancelled.
        """
        with self._lock:
            last = self._looking.pop(looking, None)
        made = self._ask(question, solve, question)
        if last is not None and last is not made:
            last.cancel()
        if looking:
            with self._lock:
                self._looking[looking] = made
            made.add_done_callback(lambda one: self._seen(looking, one))
        return made

    def _seen(self, looking: str, answer: Future[Any]) -> None:
        with self._lock:
            if self._looking.get(looking) is answer:
                del self._looking[looking]

    def searched(self, wish: Wish) -> Future[Searched]:
        """The search's answer, at once if it has been asked before."""
        return self._ask(wish, find, wish, pool="search")

    def traced(self, looks: Looks) -> Future[Traced]:
        """What a series of looks says, at once if it has been asked before."""
        return self._ask(looks, trace, looks, pool="looks")

    def warm(self) -> None:
        """Let the process for bodies load what it needs while nobody waits."""
        self._submit("bodies", load)

    def run(self, work: Callable[..., Any], *given: Any) -> Any:
        """Anything else that takes long, sounds above all; waits for it and hands on what it raises."""
        return self._submit("sounds", work, *given).result()

    def forget(self) -> None:
        """Drop every answer, as when somebody erases their data."""
        with self._lock:
            self._answers.clear()
            self._looking.clear()

    def close(self) -> None:
        """End the processes."""
        with self._lock:
            pools, self._pools = self._pools, {}
        for pool in pools.values():
            pool.shutdown(wait=True, cancel_futures=True)  # at most one solve to wait for

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
                    self._pools[name] = ProcessPoolExecutor(1, spawn, initializer=_begin)
                try:
                    return self._pools[name].submit(work, *given)
                except BrokenProcessPool:
                    del self._pools[name]
        raise PsoasError("The part of psoas that computes has stopped; start psoas again.")


def _begin() -> None:
    """Ctrl-C is for the server, which then ends this process in order; and where the server is killed, it ends too."""
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
    from psoas import report
    from psoas.drawing import Drawing, draw
    from psoas.position import position
    from psoas.uncertainty import estimate

    lying = position(question.position).with_values(question.surface, **dict(question.values))
    found = estimate(question.person, lying, list(question.props), members=question.members, alternatives=False)
    if found.status != "converged":
        return Rested(message=found.message)
    inches = "1 in" if question.unit == "in" else ""
    spoken = dict.fromkeys(("stature", "heel_distance", *(prop.id for prop in question.props)), inches)
    labels = report.picture_labels(found, spoken)
    drawn: dict[tuple[str, str], Drawing] = {
        (theme, layout): draw(found.typical, ensemble=found.ensemble, labels=labels, theme=theme, width=width)
        for theme in THEMES
        for layout, width in LAYOUTS.items()
    }
    rows = []
    for title, name in SHOWN:
        sides = [found.quantities[n] for n in (name, f"{name}_left", f"{name}_right") if n in found.quantities]
        texts = list(dict.fromkeys(quantity.format() for quantity in sides))
        if len(texts) == 2:
            texts = [f"left {texts[0]}, right {texts[1]}"]
        rows += [(title, text) for text in texts]
    pictures = {key: one.svg for key, one in drawn.items()}
    return Rested(
        pictures=pictures, words=drawn["light", "wide"].words, rows=tuple(rows), warnings=tuple(found.warnings)
    )


def find(wish: Wish) -> Searched:
    """Search for a set-up, with the bodies that fit a look where there is one.

    Args:
        wish: For whom, how, with what at hand.
    Returns:
        The answer; with a message and nothing else where this body cannot lie so.
    """
    from psoas.advice import length, spoken
    from psoas.advice.search import search
    from psoas.evaluation import evaluate
    from psoas.position import position

    lying = position(wish.position).with_values(wish.surface, arms=wish.arms)
    try:
        known = evaluate(wish.person, dict(wish.look)) if wish.look else None
        found = search(wish.person, lying, list(wish.have), seen=known, members=wish.members)
    except InputError as problem:
        return Searched(message=f"{str(problem)[:1].upper()}{str(problem)[1:]}.")
    setup = found.setup
    values = [(n, length(v, wish.unit)) for n in ("heel_distance", "foot_width") if (v := setup.position.number(n))]
    under = [one for one in setup.props if one.under == "head"]
    values += [("prop", under[0].id), ("thickness", length(under[0].thickness, wish.unit))] if under else []
    lines = tuple(
        (line.name, line.title, length(line.quantity.value, wish.unit), spoken(line.quantity, wish.unit), line.reason)
        for line in setup.lines
    )
    return Searched("", setup.sentence(wish.unit), lines, found.notes, tuple(values))


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
