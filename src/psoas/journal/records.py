"""What the journal holds: one frozen record for each thing stored, and what each of its fields may be.

A field's type says in Python what it is; the :class:`Form` beside it says how a value is checked and how it goes into JSON
and back. Nothing here knows the database. Times are aware: the moment and the offset of the place it was lived in, so that
the local day can be shown later from anywhere; they are always handed in.
"""

from __future__ import annotations

import json
import math
import re
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import Enum
from types import MappingProxyType
from typing import Annotated, Any, get_type_hints

from psoas.errors import InputError

STAGES = ("screened", "looked", "set-up", "rested", "checked")
"""How far a rest has come, from Begin to the next morning."""
PLACES = ("lumbar_arch", "ribs_left", "ribs_right", "thigh_left", "thigh_right")
"""Where a look on the floor looks; each holds at least ``value``, a gap [m], or none where nobody can tell."""
OUTCOMES = ("helped", "a little", "no change", "worse", "can't tell")
"""How something else that was tried went."""
WHICH = ("before", "after")
"""Whether a photograph was taken before the rest or after it."""
ARMS = ("A", "B")
"""The two ways of a comparison."""
DONE = (*ARMS, "neither")
"""What a day of a comparison was, as the person says."""
RUNS = ("running", "stopped")
"""Whether a comparison goes on; one whose plan is through has come to its end by itself."""
MOST_STEPS = 40
"""Days in the plan of a comparison."""
DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
"""Days of the week, Monday first."""
NEUTRAL_TITLE = "Quiet time"
"""What a reminder says on a screen that others may see: nothing about body or health."""

MOST_TEXT = 100_000
"""Characters in one text; some forty pages."""
MOST_LINE = 200
"""Characters in one line, such as a name."""
MOST_BYTES = 50_000_000
"""Bytes in one photograph or recording."""
MOST_NESTED = 20
"""Levels in one JSON value."""
MOST_JSON = 1_000_000
"""Characters in one JSON value, as written."""
MOST_IDS = 200
"""Ids in one list of them."""
WIDEST_GAP = 0.5
"""A gap under a lying body is less than this [m]."""


# -- what a field may hold ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Form:
    """How one kind of value is checked, and how it goes into JSON and back.

    Attributes:
        check: Takes a value and its name, and returns it as it is stored, or raises InputError.
        dump: From the stored value to plain JSON.
        load: From plain JSON and a name to what ``check`` takes.
    """

    check: Callable[[Any, str], Any]
    dump: Callable[[Any], Any] = lambda value: value
    load: Callable[[Any, str], Any] = lambda value, name: value


def optional(form: Form) -> Form:
    """The same form, or none."""
    return Form(
        lambda value, name: None if value is None else form.check(value, name),
        lambda value: None if value is None else form.dump(value),
        lambda value, name: None if value is None else form.load(value, name),
    )


def _short(value: object) -> str:
    """A value as a message may show it."""
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def _text(value: Any, name: str, most: int = MOST_TEXT) -> str:
    if not isinstance(value, str):
        raise InputError(f"{name} is {_short(value)}; give text")
    if len(value) > most:
        raise InputError(f"{name} has {len(value)} characters; give {most} at most")
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise InputError(f"{name} is {_short(value)}, which holds a character that cannot be kept; give plain text")
    return value


def _line(value: Any, name: str) -> str:
    text = _text(value, name, MOST_LINE)
    if len(text.splitlines()) > 1 or text != text.rstrip("\r\n"):
        raise InputError(f"{name} is {_short(value)}; give one line")
    return text


def _id(value: Any, name: str) -> str:
    try:
        proper = isinstance(value, str) and str(uuid.UUID(value)) == value
    except ValueError:
        proper = False
    if not proper:
        raise InputError(f"{name} is {_short(value)}; give an id such as 1b4e28ba-2fa1-4d2e-883f-0016d3cca427")
    return str(value)


def _key(value: Any, name: str) -> str:
    text = _line(value, name)
    if not text:
        raise InputError(f"{name} is empty; give a word")
    return text


def _moment(value: Any, name: str) -> datetime:
    wanted = "give a time with its offset from UTC, such as 2026-03-01T19:30:00+01:00"
    offset = value.utcoffset() if isinstance(value, datetime) else None
    if offset is None:
        raise InputError(f"{name} is {_short(value)}; {wanted}")
    if offset % timedelta(seconds=1):
        raise InputError(f"{name} is {_short(value)}, whose offset is no whole number of seconds; {wanted}")
    try:
        utc = value.astimezone(UTC)
    except OverflowError:
        raise InputError(f"{name} is {_short(value)}, which is outside the calendar; {wanted}") from None
    return utc.astimezone(timezone(offset))


def _load_moment(value: Any, name: str) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise InputError(f"{name} is {_short(value)}; give a time such as 2026-03-01T19:30:00+01:00") from None


def _time(value: Any, name: str) -> time:
    if not isinstance(value, time) or value.tzinfo or value.second or value.microsecond:
        raise InputError(f"{name} is {_short(value)}; give a time of day in hours and minutes, such as 19:30")
    return value.replace(fold=0)


def _load_time(value: Any, name: str) -> time:
    if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value, re.ASCII):
        raise InputError(f"{name} is {_short(value)}; give a time of day such as 19:30")
    return time.fromisoformat(value)


def _local_day(value: Any, name: str) -> str:
    """A day of the calendar as text; one way of writing it, so that a day is the same one wherever it came from."""
    try:
        proper = isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        proper = False
    if not proper:
        raise InputError(f"{name} is {_short(value)}; give a day such as 2026-03-01")
    return str(value)


def _number(value: Any, name: str, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise InputError(f"{name} is {_short(value)}; give a number from {low:g} to {high:g}")
    return float(value)


def _whole(value: Any, name: str, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InputError(f"{name} is {_short(value)}; give a whole number from {low} to {high}")
    return value


def _one_of(value: Any, name: str, words: Collection[str]) -> str:
    if not isinstance(value, str) or value not in words:
        raise InputError(f"{name} is {_short(value)}; give one of {', '.join(words)}")
    return value


def plain(value: Any, name: str, level: int = 0) -> Any:
    """A value as JSON has it: dicts by text, lists, text, finite numbers, true, false, null; a new copy of it.

    Raises:
        InputError: Something in it is none of these, or it is nested more than ``MOST_NESTED`` deep.
    """
    if level > MOST_NESTED:
        raise InputError(f"{name} is nested more than {MOST_NESTED} deep; give something flatter")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value, name)
    if isinstance(value, int | float):
        # As a double holds it, which is all that other readers of JSON promise.
        if not (math.isfinite(value) if isinstance(value, float) else abs(value) < 2**53):
            raise InputError(f"{name} holds {_short(value)}; give a finite number")
        return value
    if isinstance(value, Mapping):
        return {_text(key, f"a key of {name}", MOST_LINE): plain(own, name, level + 1) for key, own in value.items()}
    if isinstance(value, list | tuple):
        return [plain(own, name, level + 1) for own in value]
    raise InputError(f"{name} holds {_short(value)}; give text, numbers, lists and tables")


def _table(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise InputError(f"{name} is {_short(value)}; give a table")
    found: dict[str, Any] = _bounded(plain(value, name), name)
    return found


def _list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise InputError(f"{name} is {_short(value)}; give a list")
    found: list[Any] = _bounded(plain(value, name), name)
    return found


def _bounded(value: Any, name: str) -> Any:
    size = len(json.dumps(value, ensure_ascii=False))
    if size > MOST_JSON:
        raise InputError(f"{name} has {size} characters; give {MOST_JSON} at most")
    return value


def _ids(value: Any, name: str) -> list[str]:
    found = _list(value, name)
    for word in found:
        if not isinstance(word, str) or not re.fullmatch(r"[\w-]{1,80}", word, re.ASCII):
            raise InputError(f"{name} holds {_short(word)}; give ids such as heavy or pain-first")
    if len(found) > MOST_IDS:
        raise InputError(f"{name} holds {len(found)} ids; give {MOST_IDS} at most")
    if len(set(found)) < len(found):
        raise InputError(f"{name} is {_short(found)}; give each id once")
    return found


def _order(value: Any, name: str) -> list[str]:
    found = [_one_of(arm, name, ARMS) for arm in _list(value, name)]
    if not 0 < len(found) <= MOST_STEPS:
        raise InputError(f"{name} has {len(found)} days; give 1 to {MOST_STEPS}")
    return found


def _days(value: Any, name: str) -> list[str]:
    found = {_one_of(day, name, DAYS) for day in _list(value, name)}
    return sorted(found, key=DAYS.index)


def _look(value: Any, name: str) -> dict[str, Any]:
    found = _table(value, name)
    for place, seen in found.items():
        _one_of(place, f"a place in {name}", PLACES)
        if not isinstance(seen, dict) or "value" not in seen:
            raise InputError(f"{name} has {_short(seen)} for {place}; give a table with a value")
        if seen["value"] is not None:
            _number(seen["value"], f"{place} in {name} [m]", 0, WIDEST_GAP)
    return found


def _morning(value: Any, name: str) -> dict[str, Any]:
    found = _table(value, name)
    for key, said in found.items():
        if said is not None:
            _text(said, f"{key} in {name}")
    return found


def blob(value: Any, name: str) -> bytes:
    """The bytes of a photograph or recording.

    Raises:
        InputError: There are none, or more than ``MOST_BYTES``.
    """
    if not isinstance(value, bytes | bytearray | memoryview):
        raise InputError(f"{name} is {_short(value)}; give bytes")
    if not 0 < len(value) <= MOST_BYTES:
        raise InputError(f"{name} has {len(value)} bytes; give 1 to {MOST_BYTES // 1_000_000} million")
    return bytes(value)


_WHOLE_SIZE = (1, 100_000)  # pixels along one side
Text = Annotated[str, Form(_text)]
Line = Annotated[str, Form(_line)]
Key = Annotated[str, Form(_key)]
MaybeKey = Annotated[str | None, optional(Form(_key))]
Id = Annotated[str, Form(_id)]
MaybeId = Annotated[str | None, optional(Form(_id))]
Moment = Annotated[datetime, Form(_moment, datetime.isoformat, _load_moment)]
TimeOfDay = Annotated[time, Form(_time, lambda value: value.strftime("%H:%M"), _load_time)]
LocalDay = Annotated[str, Form(lambda value, name: _local_day(value, name))]
Table = Annotated[dict[str, Any], Form(_table)]
MaybeTable = Annotated[dict[str, Any] | None, optional(Form(_table))]
List = Annotated[list[Any], Form(_list)]
Ids = Annotated[list[str], Form(_ids)]
Days = Annotated[list[str], Form(_days)]
Look = Annotated[dict[str, Any] | None, optional(Form(_look))]
Morning = Annotated[dict[str, Any] | None, optional(Form(_morning))]
Minutes = Annotated[float | None, optional(Form(lambda value, name: _number(value, f"{name} [min]", 0, 24 * 60)))]
Seconds = Annotated[float, Form(lambda value, name: _number(value, f"{name} [s]", 0, 24 * 3600))]
Comfort = Annotated[int | None, optional(Form(lambda value, name: _whole(value, name, 0, 10)))]
Percent = Annotated[int | None, optional(Form(lambda value, name: _whole(value, f"{name} [%]", -100, 100)))]
Pixels = Annotated[int, Form(lambda value, name: _whole(value, f"{name} [pixels]", *_WHOLE_SIZE))]
Stage = Annotated[str, Form(lambda value, name: _one_of(value, name, STAGES))]
Outcome = Annotated[str, Form(lambda value, name: _one_of(value, name, OUTCOMES))]
Order = Annotated[list[str], Form(_order)]
Step = Annotated[int, Form(lambda value, name: _whole(value, name, 0, MOST_STEPS - 1))]
Block = Annotated[int, Form(lambda value, name: _whole(value, name, 2, 4))]
Seed = Annotated[int, Form(lambda value, name: _whole(value, name, 0, 2**31 - 1))]
Run = Annotated[str, Form(lambda value, name: _one_of(value, name, RUNS))]
Arm = Annotated[str, Form(lambda value, name: _one_of(value, name, ARMS))]
Did = Annotated[str | None, optional(Form(lambda value, name: _one_of(value, name, DONE)))]
Which = Annotated[str, Form(lambda value, name: _one_of(value, name, WHICH))]


# -- the records --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Record:
    """What every record has: an id, made by the store."""

    id: Id


@dataclass(frozen=True)
class Person(Record):
    """Somebody who rests here; everything else belongs to one of them.

    Attributes:
        measures: Fields as ``psoas.person_file`` checks them, in SI [m, kg, years, -].
        typed: How each measure was typed, by the same names.
        units: The unit lengths are shown in.
        surface: What the person lies on.
        props: Props at hand, as the pages write them.
        history: Screening items that last.
        inner_resources, outer_resources: What helps, in the person's words.
        crisis_number: A local number, filled in by the person.
        settings: Whatever the pages keep.
    """

    created_at: Moment
    name: Line = ""
    measures: Table = field(default_factory=dict)
    typed: Table = field(default_factory=dict)
    units: Line = "cm"
    surface: Line = ""
    props: List = field(default_factory=list)
    history: Ids = field(default_factory=list)
    inner_resources: Text = ""
    outer_resources: Text = ""
    crisis_number: Line = ""
    settings: Table = field(default_factory=dict)


@dataclass(frozen=True)
class Entry(Record):
    """One rest, from Begin to the next morning.

    Attributes:
        created_at: When Begin was pressed.
        practice: Which practice, such as ``constructive-rest``.
        way: How: on the floor, on the side, with a chair.
        stage: How far it has come, one of ``STAGES``.
        screening: Answers and outcome.
        look_before, look_after: By place of ``PLACES``; ``value`` is the gap [m], none where nobody can tell.
        minutes: How long it was meant to be [min].
        options: What was chosen for the session.
        setup: What was advised, in words.
        record: What the player wrote down; set by a delivery and never changed.
        record_key: The key that delivery came with.
        noticed: Ids of the vocabulary.
        words: The person's own.
        comfort_before, comfort_after: 0 to 10 [-].
        better: Better or worse, -100 to 100 [%].
        next_morning: ``sleep``, ``cramp`` and ``note``, in words.
    """

    person_id: Id
    created_at: Moment
    practice: Key
    way: Line = ""
    stage: Stage = STAGES[0]
    screening: MaybeTable = None
    look_before: Look = None
    look_after: Look = None
    minutes: Minutes = None
    options: Table = field(default_factory=dict)
    setup: MaybeTable = None
    record: MaybeTable = None
    record_key: MaybeKey = None
    noticed: Ids = field(default_factory=list)
    words: Text = ""
    comfort_before: Comfort = None
    comfort_after: Comfort = None
    better: Percent = None
    next_morning: Morning = None
    note: Text = ""


@dataclass(frozen=True)
class Tried(Record):
    """Something else that was tried, and how it went.

    Attributes:
        when: As the person says it: "two years ago", "every winter".
        outcome: One of ``OUTCOMES``.
    """

    person_id: Id
    created_at: Moment
    what: Line
    when: Line = ""
    outcome: Outcome = OUTCOMES[-1]
    note: Text = ""


@dataclass(frozen=True)
class Photo(Record):
    """A photograph of the look on the floor, without its bytes, which are asked for by id.

    Attributes:
        which: One of ``WHICH``.
        entry_id: The rest it belongs to; it goes when that goes.
        mime: Such as ``image/jpeg``.
        width, height: [pixels].
        scale_note: What gives the scale: a hand, a ruler.
    """

    person_id: Id
    taken_at: Moment
    which: Which
    mime: Key
    width: Pixels
    height: Pixels
    entry_id: MaybeId = None
    scale_note: Line = ""


@dataclass(frozen=True)
class Recording(Record):
    """A cue in somebody's own voice, without its bytes; one for each person and cue.

    Attributes:
        cue: Id of the cue.
        mime: Such as ``audio/flac``.
        seconds: How long it is [s].
    """

    person_id: Id
    created_at: Moment
    cue: Key
    mime: Key
    seconds: Seconds


@dataclass(frozen=True)
class Reminder(Record):
    """A time of day to be reminded at, by the person's own calendar.

    Attributes:
        at: Time of day, wherever the person is.
        days: Of ``DAYS``; none means every day.
        title: What others may see on the screen.
    """

    person_id: Id
    created_at: Moment
    at: TimeOfDay
    days: Days = field(default_factory=list)
    title: Key = NEUTRAL_TITLE


@dataclass(frozen=True)
class Comparison(Record):
    """Two ways to rest, compared day by day: the plan as it was dealt, which never changes.

    Attributes:
        name_a, name_b: What the two ways are called, in the person's words.
        set_a, set_b: What a rest of each begins with: ``way``, ``minutes``, ``options``; any may be missing.
        outcome: What counts, as the pages know it.
        method: How the days were dealt out, as ``psoas.comparison`` knows it.
        block: Days in a block of the lot.
        seed: Which the plan was drawn with.
        order: The plan: ``A`` or ``B`` for each step.
        state: One of ``RUNS``.
    """

    person_id: Id
    created_at: Moment
    name_a: Key
    name_b: Key
    outcome: Key
    method: Key
    order: Order
    block: Block = 2
    seed: Seed = 0
    set_a: Table = field(default_factory=dict)
    set_b: Table = field(default_factory=dict)
    state: Run = RUNS[0]


@dataclass(frozen=True)
class ComparisonDay(Record):
    """One rest as a step of a comparison; it goes with the rest, and with the comparison.

    Attributes:
        step: Its place in the plan, from 0.
        planned: What the plan had.
        done: What it was, as the person says; ``None`` where nobody has said.
    """

    person_id: Id
    created_at: Moment
    comparison_id: Id
    entry_id: Id
    step: Step
    planned: Arm
    done: Did = None


@dataclass(frozen=True)
class HabitDay(Record):
    """What one day had beside resting; one for each person and day.

    Attributes:
        day: The local day, such as ``2026-03-01``.
        done: Ids of what it had, as ``psoas.habits`` knows them.
        checks: What was looked over: ids of points by id of the check.
        note: The person's own words.
    """

    person_id: Id
    created_at: Moment
    day: LocalDay
    done: Ids = field(default_factory=list)
    checks: Table = field(default_factory=dict)
    note: Text = ""


@dataclass(frozen=True)
class ClueNote(Record):
    """What was noticed of somebody by eye; it belongs to whom it is about.

    Attributes:
        by: Who looked, in the words of whoever writes it.
        seen: Ids of answers by id of the clue, as ``psoas.clues`` knows them.
        words: Own words.
    """

    person_id: Id
    created_at: Moment
    by: Line = ""
    seen: Table = field(default_factory=dict)
    words: Text = ""


KINDS: Mapping[str, type[Record]] = MappingProxyType(
    {
        "people": Person,
        "entries": Entry,
        "tried": Tried,
        "photos": Photo,
        "recordings": Recording,
        "reminders": Reminder,
        "comparisons": Comparison,
        "comparison_days": ComparisonDay,
        "habit_days": HabitDay,
        "clue_notes": ClueNote,
    }
)
"""Kinds of record by their plural, each after what it may refer to."""
WITH_BYTES: tuple[type[Record], ...] = (Photo, Recording)
"""Kinds that have bytes beside the record."""


class Delivery(Enum):
    """What became of a session's record; true only where this very call stored it."""

    STORED = "stored"
    REPEATED = "the same record had come before"
    KEPT_FIRST = "another record had come before, and is kept"
    GONE = "the entry has been deleted"

    def __bool__(self) -> bool:
        return self is Delivery.STORED


# -- fields -------------------------------------------------------------------------------------------


def _forms(kind: type[Record]) -> Mapping[str, Form]:
    hints = get_type_hints(kind, include_extras=True)
    return MappingProxyType({item.name: hints[item.name].__metadata__[0] for item in fields(kind)})


_FORMS = {kind: _forms(kind) for kind in KINDS.values()}


def forms(kind: type[Record]) -> Mapping[str, Form]:
    """The form of each field of a kind of record, in order."""
    return _FORMS[kind]


def moments(kind: type[Record]) -> tuple[str, ...]:
    """The fields that are times with an offset."""
    return tuple(name for name, form in forms(kind).items() if form.dump is datetime.isoformat)


def needed(kind: type[Record]) -> tuple[str, ...]:
    """The fields that have no default."""
    return tuple(item.name for item in fields(kind) if item.default is MISSING and item.default_factory is MISSING)


def checked(kind: type[Record], given: Mapping[str, Any], fixed: Collection[str] = ()) -> dict[str, Any]:
    """Values as they are stored.

    Args:
        kind: The kind of record.
        given: Values by field.
        fixed: Fields that may not be given.
    Raises:
        InputError: A field is unknown or fixed, or a value cannot be used.
    """
    known = {name: form for name, form in forms(kind).items() if name not in fixed}
    for name in given:
        if name not in known:
            raise InputError(f"{_short(name)} is no field here; give any of {', '.join(known)}")
    return {name: known[name].check(value, name.replace("_", " ")) for name, value in given.items()}


def complete(kind: type[Record], given: Mapping[str, Any]) -> dict[str, Any]:
    """Checked values with the defaults of what was not given.

    Raises:
        InputError: A needed field is missing, or as :func:`checked`.
    """
    missing = [name for name in needed(kind) if name not in given]
    if missing:
        raise InputError(f"{missing[0]} is missing; a record of this kind needs {', '.join(needed(kind))}")
    defaults = {
        item.name: item.default if item.default_factory is MISSING else item.default_factory()
        for item in fields(kind)
        if item.name not in given and item.name not in needed(kind)
    }
    return {**defaults, **checked(kind, given)}


def dump(record: Record) -> dict[str, Any]:
    """A record as plain JSON."""
    return {name: form.dump(getattr(record, name)) for name, form in forms(type(record)).items()}


def load(kind: type[Record], given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a record from plain JSON, complete and checked.

    Raises:
        InputError: As :func:`complete`.
    """
    known = forms(kind)
    return complete(kind, {name: known[name].load(own, name) if name in known else own for name, own in given.items()})
