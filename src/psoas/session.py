"""A guided rest: its plan as data, and the session as a pure state machine.

A :class:`Plan` says what happens at which second: time to get down, settling, long silences between two bells, a
halfway moment, a slow way up. :func:`step` takes a :class:`State`, what happened and the seconds of a clock that only
its caller reads, and gives the next state. The rules stand in ``psoas/plans/machine.toml``; :func:`machine` hands the
same table to the browser, whose ``machine.js`` runs it with the same arithmetic, so that a session goes on when the
server is gone.

Limits: how long getting down, settling and the way up last is assumed. The clock is as good as whoever reads it.
Nothing here knows whether a rest is for somebody today; that is the screening's.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from psoas.errors import InputError

EYES = ("either", "open")
"""What is said of the eyes: open or closed as one likes, or open."""

ENDINGS = ("run-out", "finished", "stopped-quiet", "worried")
"""How a session can have ended; each is complete."""


def _data(name: str) -> dict:
    return tomllib.loads((files("psoas.plans") / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def _timing() -> dict:
    return _data("timing")


# -- what may be said -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cue:
    """Something that may be said once, in our words, with where it comes from."""

    id: str
    """Also the name of a person's own recording of it."""
    phase: str
    """Kind of the step it belongs to."""
    text: str
    """As it is read."""
    spoken: str
    """As it is given to a voice: differs where a voice would say it wrong."""
    features: tuple[int, ...]
    """Numbers of what the sources offer that it carries."""
    sources: tuple[str, ...]
    """Source numbers and works; ``ours`` where it is nobody else's."""
    after: float | None = None
    """From the start of its step [s]; ``None`` where the plan spreads it."""
    half: str = ""
    """Of the rest: ``first`` or ``second``."""
    ways: tuple[str, ...] = ()
    """The ways to rest that it is for; empty for all."""
    eyes: str = ""
    """One of :data:`EYES`; empty for both."""
    option: str = ""
    """Said when this option is chosen, else when a voice is."""

    @property
    def seconds(self) -> float:
        """How long a slow voice takes for it, by its words: an assumed rate [s]."""
        sound = _timing()["sound"]
        return len(self.spoken.split()) / sound["words_per_second"] + sound["breath_seconds"]


def _cue(row: dict, phase: str, way: str = "") -> Cue:
    return Cue(
        id=row["id"],
        phase=phase,
        text=row["text"],
        spoken=row.get("spoken", row["text"]),
        features=tuple(row["features"]),
        sources=tuple(row["sources"]),
        after=float(row["after"]) if "after" in row else None,
        half=row.get("half", ""),
        ways=(way,) if way else tuple(row.get("ways", ())),
        eyes=row.get("eyes", ""),
        option=row.get("option", ""),
    )


@cache
def _shared_cues() -> tuple[Cue, ...]:
    return tuple(_cue(row, row["phase"]) for row in _data("cues")["cue"])


@cache
def cues() -> Mapping[str, Cue]:
    """Every cue by id, those of one way among them."""
    own = [cue for way in ways().values() for cue in (*way.down, *way.settle, *way.up)]
    return MappingProxyType({cue.id: cue for cue in (*own, *_shared_cues())})


@dataclass(frozen=True)
class ComingBack:
    """One step of the help to come back."""

    id: str
    words: str
    first: bool
    """Whether it is where the help starts; all others are choices in any order, and none is required."""
    features: tuple[int, ...]
    sources: tuple[str, ...]


@cache
def coming_back() -> tuple[ComingBack, ...]:
    """The steps of the help to come back, the first one first: eyes open and looking around (source 004; WHO 2020)."""
    return tuple(
        ComingBack(row["id"], row["words"], row.get("first", False), tuple(row["features"]), tuple(row["sources"]))
        for row in _data("coming-back")["step"]
    )


# -- ways to rest -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Saying:
    """What one source says of minutes, in our words."""

    seed: str
    """The source's number, such as ``002``, with the reader whose comment it is."""
    says: str
    low: float | None
    """Least that is said [min]."""
    high: float | None
    """Most that is said [min]; ``None`` where no end is named."""


@dataclass(frozen=True)
class NotFor:
    """For whom a way may not be. Words only: the screening decides."""

    words: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Disagreement:
    """Where sources, or their readers, say different things; in our words, and nobody is declared right."""

    words: str
    features: tuple[int, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Way:
    """A way to rest, read from its file in ``psoas/plans`` by :func:`way`."""

    id: str
    """As people type it, such as ``constructive-rest``."""
    title: str
    summary: str
    position: str | None
    """Id of the body model's position; ``None`` where the model cannot carry this way yet."""
    carried: str
    """What the picture is of, or that there is none, in a sentence."""
    minutes: int
    """Length by default [min]."""
    minutes_low: int
    """Least of what the sources or, where they are silent, we suggest [min]; more and less are taken."""
    minutes_high: int
    """Most of it [min]."""
    minutes_note: str
    """Where the default comes from."""
    says: tuple[Saying, ...]
    """What the sources say of minutes; they disagree."""
    down: tuple[Cue, ...]
    """How to get there, in order; ``after`` is where a voice says it."""
    settle: tuple[Cue, ...]
    up: tuple[Cue, ...]
    """The slow way up, in order."""
    not_for: tuple[NotFor, ...]
    disagree: tuple[Disagreement, ...]
    words: Mapping[str, str]
    """The one large word of each kind of step."""
    features: tuple[int, ...]
    sources: tuple[str, ...]
    other: bool = False
    """Whether it is one of those that the sources name beside the usual ones, offered behind a fold."""
    near: str = ""
    """Id of a usual way that is near it and that the body model carries; empty for none."""

    @property
    def has_image(self) -> bool:
        """Whether a source has an image for it that can be chosen."""
        return any(cue.option == "image" and self.id in cue.ways for cue in _shared_cues())


@cache
def ways() -> Mapping[str, Way]:
    """All ways to rest by id, in the order in which they are offered: the usual ones, then the others."""
    usual = {id: _way(_data(id)) for id in _timing()["ways"]}
    return MappingProxyType(usual | {id: replace(_way(_data(id)), other=True) for id in _timing()["others"]})


def way(id: str) -> Way:
    """One way to rest.

    Raises:
        InputError: No such way.
    """
    known = ways()
    if id not in known:
        names = list(known)
        raise InputError(f"way is {_short(id)}; give {', '.join(names[:-1])} or {names[-1]}")
    return known[id]


def _way(data: dict) -> Way:
    minutes = data["minutes"]
    return Way(
        id=data["id"],
        title=data["title"],
        summary=data["summary"],
        position=data.get("position"),
        carried=data["carried"],
        minutes=minutes["default"],
        minutes_low=minutes["low"],
        minutes_high=minutes["high"],
        minutes_note=minutes["note"],
        says=tuple(Saying(s["seed"], s["says"], s.get("low"), s.get("high")) for s in minutes.get("says", ())),
        down=tuple(_cue(row, "down", data["id"]) for row in data["down"]),
        settle=tuple(_cue(row, "settle", data["id"]) for row in data["settle"]),
        up=tuple(_cue(row, "up", data["id"]) for row in data["up"]),
        not_for=tuple(NotFor(row["words"], tuple(row["sources"])) for row in data["not_for"]),
        disagree=tuple(Disagreement(r["words"], tuple(r["features"]), tuple(r["sources"])) for r in data["disagree"]),
        words=MappingProxyType({**_timing()["words"], **data.get("words", {})}),
        features=tuple(data["features"]),
        sources=tuple(data["sources"]),
        near=data.get("near", ""),
    )


# -- what is only named ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pointer:
    """Something that a source names without saying how it goes; it stands as it is named, and is no way to rest."""

    id: str
    title: str
    says: str
    """What the source says of it, in our words."""
    unknown: str
    """What nobody says, or was not looked up."""
    features: tuple[int, ...]
    sources: tuple[str, ...]
    way: str = ""
    """Id of a way to rest that is near it; empty for none."""
    evidence: int | None = None
    """Number of the feature on which the sources disagree about it."""


@cache
def pointers() -> tuple[Pointer, ...]:
    """What the sources name and do not explain, from ``psoas/plans/pointers.toml``, features 39 and 42 to 46."""
    return tuple(
        Pointer(**{**row, "features": tuple(row["features"]), "sources": tuple(row["sources"])})
        for row in _data("pointers")["pointer"]
    )


# -- the plan ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Options:
    """What can be chosen about a session beside its way and its minutes."""

    halfway: bool = True
    """Whether a quieter bell marks the middle."""
    voice: bool = False
    """Whether the cues are spoken; without, there are bells and silence."""
    questions: bool = False
    """Whether one question is asked in the rest: what the body touches, never how pleasant it is."""
    image: bool = False
    """Whether a source's image is told, as an image."""
    eyes: str = "either"
    """One of :data:`EYES`."""

    def as_dict(self) -> dict[str, bool | str]:
        """Plain values for JSON."""
        return {
            "halfway": self.halfway,
            "voice": self.voice,
            "questions": self.questions,
            "image": self.image,
            "eyes": self.eyes,
        }


@dataclass(frozen=True)
class Step:
    """A stretch of the session."""

    kind: str
    """``down``, ``settle``, ``rest``, ``halfway`` or ``up``."""
    start: float
    """From Begin [s]."""
    seconds: float
    """How long it lasts [s]."""
    word: str
    """The one large word on the dark page."""
    bell: str
    """``start``, ``halfway`` or ``end``, rung at the start of it; empty for none."""
    cues: tuple[tuple[float, str], ...]
    """When, from the start of the step [s], and the cue's id."""

    @property
    def end(self) -> float:
        """Where the next begins [s]."""
        return self.start + self.seconds


@dataclass(frozen=True)
class Plan:
    """A session to be, made by :func:`plan`."""

    way: str
    title: str
    minutes: int
    """Between the two bells [min]."""
    options: Options
    steps: tuple[Step, ...]
    """Without a gap, from 0 to :attr:`total_seconds`."""

    @property
    def total_seconds(self) -> float:
        """From Begin to the end of the way up [s]."""
        return self.steps[-1].end

    @property
    def rest_start(self) -> float:
        """The first bell [s]."""
        return next(s.start for s in self.steps if s.bell == "start")

    @property
    def rest_end(self) -> float:
        """The second bell [s]."""
        return next(s.start for s in self.steps if s.bell == "end")

    @property
    def bells(self) -> tuple[tuple[float, str], ...]:
        """When [s], and which."""
        return tuple((s.start, s.bell) for s in self.steps if s.bell)

    @property
    def cues(self) -> tuple[tuple[float, Cue], ...]:
        """When, from Begin [s], and what is said, in order."""
        return tuple((s.start + offset, cues()[id]) for s in self.steps for offset, id in s.cues)

    def at(self, position: float) -> Step:
        """The step that a place on the plan [s] lies in; the last one after the end."""
        return next((s for s in self.steps if position < s.end), self.steps[-1])

    def contents(self) -> tuple[str, ...]:
        """What will happen and when, in plain sentences to be read before."""
        down, up = self.steps[0], self.steps[-1]
        told = [
            f"{self.title}: {_length(self.total_seconds)} in all.",
            f"First {_length(down.seconds)} to get into place, which you can skip.",
            f"Then a soft bell, and {_length(60 * self.minutes)} of rest.",
        ]
        half = next((s for s in self.steps if s.kind == "halfway"), None)
        if half is not None:
            told.append(f"A quieter bell marks the middle, {_length(half.start - self.rest_start)} after the first.")
        told.append(f"A second bell ends the rest, and {_length(up.seconds)} follow for a slow way up.")
        said = [cue for when, cue in self.cues if self.rest_start <= when < self.rest_end]
        chosen = {cue.option for cue in said}
        if self.options.voice:
            short = sum(1 for cue in said if not cue.option)
            told.append(f"A voice helps you into place and up again, and says {short} short things between the bells.")
        elif not said:
            told.append("There is no voice: bells and silence.")
        if "image" in chosen:
            told.append("A voice tells one image, as an image and not as anatomy.")
        if "questions" in chosen:
            told.append("A voice asks once which part of you meets what you rest on most; no answer is needed.")
        told.append("You can stop at any time: one tap, the space bar, or the pause of a headset.")
        return tuple(told)

    def as_dict(self) -> dict:
        """Plain values for JSON: what the page, the sound and ``machine.js`` need."""
        return {
            "way": self.way,
            "title": self.title,
            "minutes": self.minutes,
            "options": self.options.as_dict(),
            "total_seconds": self.total_seconds,
            "rest_start": self.rest_start,
            "rest_end": self.rest_end,
            "steps": [
                {
                    "kind": s.kind,
                    "start": s.start,
                    "seconds": s.seconds,
                    "word": s.word,
                    "bell": s.bell,
                    "cues": [{"after": offset, "id": id} for offset, id in s.cues],
                }
                for s in self.steps
            ],
            "cues": {cue.id: {"text": cue.text, "spoken": cue.spoken, "seconds": cue.seconds} for _, cue in self.cues},
            "contents": list(self.contents()),
        }


def _length(seconds: float) -> str:
    """A length of time as people say it: ``1 minute 30 seconds``."""
    minutes, rest = divmod(round(seconds), 60)
    parts = [f"{n} {word}{'' if n == 1 else 's'}" for n, word in ((minutes, "minute"), (rest, "second")) if n]
    return " ".join(parts)


def plan(
    way: str,
    minutes: int | str | None = None,
    *,
    halfway: bool = True,
    voice: bool = False,
    questions: bool = False,
    image: bool = False,
    eyes: str = "either",
) -> Plan:
    """The plan of one session.

    Args:
        way: Id of a way to rest.
        minutes: Between the two bells, a whole number from 5 to 60, also as typed [min]; ``None`` takes the way's own.
        halfway: Whether a quieter bell marks the middle.
        voice: Whether cues are spoken.
        questions: Whether one question is asked in the rest, with or without a voice for the other cues.
        image: Whether a source's image is told; only some ways have one.
        eyes: ``either`` or ``open``.
    Raises:
        InputError: No such way, no such minutes, no such word for the eyes, or an image for a way that has none.
    """
    chosen = _chosen_way(way)
    whole = chosen.minutes if minutes is None else _whole_minutes(minutes)
    if eyes not in EYES:
        raise InputError(f"eyes is {_short(eyes)}; give {' or '.join(EYES)}")
    if image and not chosen.has_image:
        having = [w.id for w in ways().values() if w.has_image]
        raise InputError(f"image is chosen for {chosen.id}, and no source has one; give {', '.join(having)}, or none")
    options = Options(bool(halfway), bool(voice), bool(questions), bool(image), eyes)
    return Plan(chosen.id, chosen.title, whole, options, _steps(chosen, whole, options))


_chosen_way = way  # plan's own argument has the same name


def _whole_minutes(given: object) -> int:
    low, high = _timing()["minutes"]["low"], _timing()["minutes"]["high"]
    whole: int | None = None
    if isinstance(given, int) and not isinstance(given, bool):
        whole = given
    elif isinstance(given, str) and given.strip().isascii() and given.strip().isdecimal() and len(given.strip()) < 4:
        whole = int(given)
    if whole is None or not low <= whole <= high:
        raise InputError(f"minutes is {_short(given)}; give a whole number from {low} to {high}")
    return whole


def _steps(way: Way, minutes: int, options: Options) -> tuple[Step, ...]:
    seconds, bells = _timing()["phases"], _timing()["bells"]
    between = 60.0 * minutes
    said = _said(way, options)
    resting = [cue for cue in said if cue.phase == "rest"]
    if options.halfway:
        # The bell is exact in the middle between the others; its moment is taken from the second half.
        first = between / 2 - seconds["settle"]
        middle = [
            ("rest", first, [cue for cue in resting if cue.half == "first"]),
            ("halfway", float(seconds["halfway"]), []),
            ("rest", between / 2 - seconds["halfway"], [cue for cue in resting if cue.half == "second"]),
        ]
    else:
        middle = [("rest", between - seconds["settle"], resting)]
    parts = [
        ("down", float(seconds["down"]), [cue for cue in said if cue.phase == "down"]),
        ("settle", float(seconds["settle"]), [cue for cue in said if cue.phase == "settle"]),
        *middle,
        ("up", float(seconds["up"]), [cue for cue in said if cue.phase == "up"]),
    ]
    steps: list[Step] = []
    start = 0.0
    for kind, length, own in parts:
        placed = _spread(own, length) if kind == "rest" else sorted((cue.after or 0.0, cue.id) for cue in own)
        steps.append(Step(kind, start, length, way.words[kind], bells.get(kind, ""), tuple(placed)))
        start += length
    return tuple(steps)


def _said(way: Way, options: Options) -> list[Cue]:
    """The cues that the options ask for, in the order of the files."""
    every = (*way.down, *way.settle, *way.up, *_shared_cues())
    return [
        cue
        for cue in every
        if (not cue.ways or way.id in cue.ways)
        and cue.eyes in ("", options.eyes)
        and {"": options.voice, "image": options.image, "questions": options.questions}[cue.option]
    ]


def _spread(wanted: list[Cue], length: float) -> list[tuple[float, str]]:
    """Cues in the middle of equal parts of a rest [s], as many as leave their silence; what was chosen comes first."""
    count = min(len(wanted), int(length // _timing()["sound"]["cue_slot_seconds"]))
    kept = sorted(wanted, key=lambda cue: not cue.option)[:count]
    placed = [cue for cue in wanted if cue in kept]
    return [(float(math.floor((i + 0.5) * length / count)), cue.id) for i, cue in enumerate(placed)]


# -- the machine ------------------------------------------------------------------------------------------


@cache
def _table() -> dict:
    return _data("machine")


def machine() -> dict:
    """The table that runs a session, as plain values for JSON: modes, changes and times.

    ``app/static/machine.js`` interprets it with the same arithmetic as :func:`step`.
    """
    return _data("machine")


def quiet_seconds(mode: str) -> float | None:
    """After how long [s] a mode ends the session by itself; ``None`` where it does not, or there is no such mode."""
    return _table()["modes"].get(mode, {}).get("after")


@dataclass(frozen=True)
class State:
    """A session so far. Times add up exactly: ``played + paused == total`` and ``rested <= played``."""

    plan: Plan = field(repr=False)
    mode: str = "ready"
    """``ready``, ``playing``, ``stopped``, ``changing``, ``helping``, ``worried`` or ``ended``."""
    at: float = 0.0
    """The caller's clock when it was last heard [s]."""
    position: float = 0.0
    """Place on the plan [s]."""
    rested: float = 0.0
    """Played between the two bells [s]."""
    played: float = 0.0
    """Played in all [s]."""
    paused: float = 0.0
    """Begun, and not playing [s]."""
    total: float = 0.0
    """From Begin until now or the end [s]."""
    within: float = 0.0
    """In this mode [s]."""
    ending: str | None = None
    """One of :data:`ENDINGS`, or ``None`` while it goes on."""
    events: tuple[tuple[float, str], ...] = ()
    """Seconds from Begin, and what happened; a long list keeps its beginning and its last."""

    @property
    def complete(self) -> bool:
        """Whether it has ended, however it did."""
        return self.ending is not None

    @property
    def sound(self) -> bool:
        """Whether the recording plays."""
        return bool(_table()["modes"][self.mode]["sound"])

    def as_dict(self) -> dict:
        """Plain values for JSON, without the plan; the same names as in ``machine.js``."""
        return {
            "mode": self.mode,
            "at": self.at,
            "position": self.position,
            "rested": self.rested,
            "played": self.played,
            "paused": self.paused,
            "total": self.total,
            "within": self.within,
            "ending": self.ending,
            "events": [list(event) for event in self.events],
        }


def start(plan: Plan) -> State:
    """A session that waits for ``begin``."""
    return State(plan)


def offers(state: State) -> tuple[str, ...]:
    """The events that can be chosen now, in the order in which a page shows them."""
    table = _table()
    return tuple(
        event for event in table["modes"][state.mode]["offers"] if _taken(table["on"][state.mode][event], state)
    )


def step(state: State, event: str, at: float) -> State:
    """The next state.

    Args:
        state: The session so far.
        event: ``begin``, ``skip``, ``tick``, ``stop``, ``resume``, ``change``, ``shorten``, ``help``, ``worry``,
            ``symptom`` or ``finish``. Any other, or one that the mode does not take, changes nothing.
        at: Seconds of a clock that does not run backward [s]. Where it does all the same, or is no number, no time
            passes. A step that comes late ends a session where it ended, not where it was noticed.
    """
    table = _table()
    change = table["on"].get(state.mode, {}).get(event)
    if change is None and event != "tick":
        return state
    moved = _later(state, _clean(at, state.at))
    if moved.mode != state.mode or change is None:
        return moved
    if not _taken(change, moved):
        return state
    return _entered(replace(moved, at=_clean(at, state.at)), change, event)


def _clean(at: object, last: float) -> float:
    """The clock in whole parts of a second [s]; the last reading where this one says nothing."""
    table = _table()
    if isinstance(at, bool) or not isinstance(at, int | float) or not abs(at) <= table["horizon"]:
        return last
    return math.floor(at * table["grain"]) / table["grain"]


def _later(state: State, at: float) -> State:
    """The same session when the clock says ``at`` [s], ended where its plan or its silence ran out before."""
    table = _table()
    mode = table["modes"][state.mode]
    counts = mode.get("counts")
    if counts is None:
        return state
    playing = counts == "played"
    passed = max(0.0, at - state.at)
    left = state.plan.total_seconds - state.position if playing else mode["after"] - state.within
    over = passed >= left
    spent = left if over else passed
    position = state.position + spent if playing else state.position
    between = min(position, state.plan.rest_end) - max(state.position, state.plan.rest_start)
    moved = replace(
        state,
        at=state.at + spent if over else at,
        position=position,
        rested=state.rested + max(0.0, between),
        played=state.played + (spent if playing else 0.0),
        paused=state.paused + (0.0 if playing else spent),
        total=state.total + spent,
        within=state.within + spent,
    )
    if not over:
        return moved
    return _entered(moved, {"to": "ended", "ending": mode["ending"]}, "run-out" if playing else "quiet")


def _taken(change: dict, state: State) -> bool:
    return "before" not in change or state.position < getattr(state.plan, change["before"])


def _entered(state: State, change: dict, event: str) -> State:
    kept = _table()["events_kept"]
    return replace(
        state,
        mode=change["to"],
        position=getattr(state.plan, change["jump"]) if "jump" in change else state.position,
        within=0.0,
        ending=change.get("ending", state.ending),
        events=(*state.events[: kept - 1], (state.total, event)),
    )


# -- the record -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Record:
    """What is kept of a session, read and checked by :func:`read_record`."""

    way: str
    minutes: int
    """Between the two bells, as chosen [min]."""
    options: Options
    planned_seconds: float
    """The whole plan [s]."""
    position: float
    """How far on the plan it went [s]."""
    rested_seconds: float
    """Between the two bells, with the sound on [s]."""
    played_seconds: float
    paused_seconds: float
    total_seconds: float
    """From Begin to the end; played and paused together [s]."""
    ending: str | None
    """One of :data:`ENDINGS`; ``None`` where a page was lost before its session ended."""
    events: tuple[tuple[float, str], ...]
    """Seconds from Begin, and what happened."""

    @property
    def complete(self) -> bool:
        """Whether it has ended, however it did."""
        return self.ending is not None


def record(state: State) -> dict:
    """What is kept of a session, as plain values for JSON; ``machine.js`` writes the same."""
    plan = state.plan
    return {
        "way": plan.way,
        "minutes": plan.minutes,
        "options": plan.options.as_dict(),
        "planned_seconds": plan.total_seconds,
        "position": state.position,
        "rested_seconds": state.rested,
        "played_seconds": state.played,
        "paused_seconds": state.paused,
        "total_seconds": state.total,
        "ending": state.ending,
        "events": [list(event) for event in state.events],
    }


_NUMBERS = ("planned_seconds", "position", "rested_seconds", "played_seconds", "paused_seconds", "total_seconds")
_KEYS = ("way", "minutes", "options", *_NUMBERS, "ending", "events")
_PLAN_MARGIN = 3600.0  # what a plan may last beyond its minutes; ours lasts 210 s, another release's may not [s]


def read_record(data: object) -> Record:
    """A record that came from outside, with everything checked.

    The times of this release's plans are not required of it: a browser may deliver what an older one recorded.

    Raises:
        InputError: It is no record, or its numbers cannot be those of one session.
    """
    if not isinstance(data, Mapping) or set(data) != set(_KEYS):
        raise InputError(f"record has {_keys(data)}; give {', '.join(_KEYS)}")
    chosen = way(str(data["way"]))
    minutes = _whole_minutes(data["minutes"])
    numbers = {name: _seconds(name, data[name], _table()["horizon"]) for name in _NUMBERS}
    planned, played, total = numbers["planned_seconds"], numbers["played_seconds"], numbers["total_seconds"]
    _within("planned_seconds", planned, 60.0 * minutes, 60.0 * minutes + _PLAN_MARGIN)
    _within("position", numbers["position"], 0.0, planned)
    _within("played_seconds", played, 0.0, numbers["position"])
    _within("rested_seconds", numbers["rested_seconds"], 0.0, min(played, 60.0 * minutes))
    together = played + numbers["paused_seconds"]
    if together != total:  # exact: the machine counts in binary parts of a second
        raise InputError(f"total_seconds is {total}; give played and paused together, {together}")
    if data["ending"] is not None and data["ending"] not in ENDINGS:
        raise InputError(f"ending is {_short(data['ending'])}; give {', '.join(ENDINGS)} or null")
    return Record(
        way=chosen.id,
        minutes=minutes,
        options=_options(data["options"]),
        **numbers,
        ending=data["ending"],
        events=_events(data["events"], total),
    )


def _keys(data: object) -> str:
    if not isinstance(data, Mapping):
        return f"the type {type(data).__name__}"
    wrong = [f"no {key}" for key in _KEYS if key not in data] + [f"{key!r}" for key in data if key not in _KEYS]
    return ", ".join(wrong)[:200]


def _seconds(name: str, given: object, most: float) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= most:
        raise InputError(f"{name} is {_short(given)}; give seconds from 0 to {most}")
    return float(given)


def _within(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise InputError(f"{name} is {value:g}; give {low:g} to {high:g}, which the rest of the record allows")


def _options(given: object) -> Options:
    plain = Options().as_dict()
    if not isinstance(given, Mapping) or set(given) != set(plain):
        raise InputError(f"options is {_short(given)}; give {', '.join(plain)}")
    for name, default in plain.items():
        if isinstance(default, bool) and not isinstance(given[name], bool):
            raise InputError(f"{name} is {_short(given[name])}; give true or false")
    if given["eyes"] not in EYES:
        raise InputError(f"eyes is {_short(given['eyes'])}; give {' or '.join(EYES)}")
    return Options(**given)


def _events(given: object, total: float) -> tuple[tuple[float, str], ...]:
    table = _table()
    known = sorted({"run-out", "quiet"}.union(*table["on"].values()))
    if not isinstance(given, list | tuple) or len(given) > table["events_kept"]:
        raise InputError(f"events is {_short(given)}; give at most {table['events_kept']} pairs of seconds and a name")
    events: list[tuple[float, str]] = []
    for event in given:
        if not isinstance(event, list | tuple) or len(event) != 2 or event[1] not in known:
            raise InputError(f"event is {_short(event)}; give seconds and one of {', '.join(known)}")
        when = _seconds("event", event[0], total)
        if events and when < events[-1][0]:
            raise InputError(f"event at {when:g} s comes after one at {events[-1][0]:g} s; give them in order")
        events.append((when, event[1]))
    return tuple(events)


def _short(given: object) -> str:
    """A value for a sentence, however long it came."""
    text = repr(given)
    return text if len(text) <= 80 else f"{text[:77]}..."
