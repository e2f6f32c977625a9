"""The journal as files that others can read: JSON with everything, CSV with the entries, and a calendar's reminder.

Reading a file back is all or nothing: a file that cannot be used is refused with one sentence, and nothing has changed.

What is here stays, and a file fills only what is empty here; where somebody asks for it, the file wins where both have
something. Either way nothing is emptied, no rest goes back to an earlier stage, what holds in a history is united, and no
file opens a rest whose questions were answered here: see :func:`_merged`.
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from icalendar import Alarm, Calendar, Event
from sqlalchemy import select
from sqlalchemy.orm import Session

from psoas import units
from psoas.errors import InputError
from psoas.journal import records
from psoas.journal.records import (
    DAYS,
    KINDS,
    PLACES,
    RUNS,
    STAGES,
    WITH_BYTES,
    Comparison,
    ComparisonDay,
    Entry,
    HabitDay,
    Person,
    Record,
    Recording,
    Reminder,
)
from psoas.journal.store import (
    DAYED,
    DEALT,
    DELIVERED,
    ROWS,
    STEPPED,
    Store,
    belongs,
    find,
    insert,
    put,
    record_of,
    rows,
)
from psoas.journal.tables import ComparisonDayRow, EntryRow, HabitDayRow, RecordingRow, Row

SCHEMA = "psoas.journal/1"
"""What a JSON file says it is."""
MOST_FILE = 500_000_000
"""A file larger than this is not read [bytes]."""
RESTED = "rested_min"
"""The column of a CSV file whose cell is the record of a rest."""
CANT_TELL = "can't tell"
"""A look's answer where nobody can tell, in a CSV cell."""


# -- JSON ---------------------------------------------------------------------------------------------


def to_json(store: Store, person_id: str | None = None) -> bytes:
    """Everything in the journal, or everything of one person, as JSON in UTF-8; photographs and recordings as base64.

    Raises:
        NotFoundError: There is no such person.
        StorageError: The journal cannot be read.
    """
    found: dict[str, Any] = {"schema": SCHEMA}
    with store.reading() as session:
        if person_id is not None:
            find(session, Person, person_id)
        for name, kind in KINDS.items():
            where = {} if person_id is None else {"id" if kind is Person else "person_id": person_id}
            found[name] = [_dump(kind, row) for row in rows(session, kind, **where)]
    return json.dumps(found, ensure_ascii=False, indent=1).encode("utf-8")


def _dump(kind: type[Record], row: Row) -> dict[str, Any]:
    plain = records.dump(record_of(kind, row))
    if kind in WITH_BYTES:
        plain["data"] = base64.b64encode(getattr(row, "data")).decode("ascii")  # noqa: B009, no such field in Row
    return plain


@dataclass(frozen=True)
class Taken:
    """What an import did: how many records were new, changed, and there already as they were."""

    added: int
    changed: int
    same: int


def from_json(store: Store, data: bytes, *, file_wins: bool = False) -> Taken:
    """Take in what :func:`to_json` wrote, here or elsewhere.

    A record whose id is not here is added, a rest that has not been without its answers, which are to be given anew. One
    whose id is here is merged. A recording for a cue that has one is the same record.

    Args:
        store: Where to.
        data: The file.
        file_wins: Whether the file's is taken where both have something.
    Raises:
        InputError: The file cannot be used; the sentence names the first record that cannot.
        StorageError: It could not be stored.
    """
    told = _parse(data)
    counts = {"added": 0, "changed": 0, "same": 0}
    with store.writing() as session:
        for name, kind in KINDS.items():
            for number, item in enumerate(told[name], 1):
                try:
                    counts[_take(session, kind, item, file_wins)] += 1
                except InputError as problem:
                    raise InputError(f"{name} {number} in the file: {problem}") from None
    return Taken(**counts)


def _parse(data: bytes) -> dict[str, list[dict[str, Any]]]:
    """The lists of a JSON file, by kind.

    Raises:
        InputError: It is no such file.
    """
    wanted = f"give a JSON file that psoas has written, of schema {SCHEMA}"
    if len(data) > MOST_FILE:
        raise InputError(f"the file has more than {MOST_FILE // 1_000_000} MB; {wanted}")
    try:
        told = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):  # no UTF-8, no JSON, or a number with thousands of digits
        raise InputError(f"the file is not JSON; {wanted}") from None
    if not isinstance(told, dict) or told.get("schema") != SCHEMA:
        raise InputError(f"the file is JSON, but no journal this psoas knows; {wanted}")
    wrong = [name for name in told if name not in KINDS and name != "schema"]
    if wrong:
        raise InputError(f"the file holds {wrong[0][:60]!r}, which is not known here; {wanted}")
    lists = {name: told.get(name, []) for name in KINDS}
    for name, items in lists.items():
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise InputError(f"{name} in the file is no list of records; {wanted}")
    return lists


def _take(session: Session, kind: type[Record], item: Mapping[str, Any], file_wins: bool) -> str:
    """Add or merge one record; how it counts."""
    item = dict(item)
    data = _bytes(item.pop("data", None)) if kind in WITH_BYTES else None
    fields = records.load(kind, item)
    row = session.get(ROWS[kind], fields["id"]) or _twin(session, kind, fields)
    if kind is Entry:
        _one_key(session, fields)
    if row is None:
        if kind is Entry and not fields["record"]:
            fields["screening"] = None  # what was so then is asked anew
        insert(session, kind, fields, data)
        session.flush()
        return "added"
    here = vars(record_of(kind, row))
    if fields.get("person_id") != here.get("person_id"):
        raise InputError(f"the id {fields['id']} is here already and belongs to somebody else; give another file")
    told = _merged(kind, here, fields, file_wins)
    other = file_wins and data is not None and data != getattr(row, "data")  # noqa: B009, no such field in Row
    put(row, kind, told, data if other else None)
    belongs(session, kind, {**here, **told})
    session.flush()
    return "changed" if told or other else "same"


BEFORE = ("screening", "way", "minutes", "options", "setup", "stage")
"""Fields of an entry that lead to a rest; a file that says otherwise could open one that the answers here speak against."""
APART = ("settings", "look_before", "look_after", "next_morning", "checks", "seen")
"""Tables whose parts were told one by one, so that each is here or is not."""
TOGETHER = (("measures", "typed"), DELIVERED)
"""Fields that are one thing: half of it from elsewhere would be nobody's."""


def _merged(kind: type[Record], here: Mapping[str, Any], there: Mapping[str, Any], file_wins: bool) -> dict[str, Any]:
    """What changes in a record that is here when a file tells of it too: fields by name.

    What is here stays, and the file fills what is empty; with ``file_wins``, what both have is the file's. In either case:

    - what is empty in the file empties nothing;
    - a rest that has not been keeps what it was answered and set up with, unless the file has its record, which comes
      with the set-up it was rested with;
    - a delivered record stays; the stage never goes back; a history holds what either holds;
    - the plan of a comparison stays, and one that was stopped stays stopped.

    Args:
        kind: Of both records.
        here, there: Their fields; ``there`` may have fewer.
        file_wins: Whether the file's is taken where both have something.
    """
    open_here = kind is Entry and not here["record"]
    comes = open_here and bool(there.get("record"))
    kept = {"id", "person_id", *(() if open_here else DELIVERED), *(BEFORE if open_here and not comes else ())}
    kept |= set(DEALT) if kind is Comparison else set(STEPPED) if kind is ComparisonDay else set()
    kept |= set(DAYED) if kind is HabitDay else set()
    if kind is Reminder and not file_wins:
        kept.add("days")  # none of them means every day
    for group in TOGETHER:
        if not file_wins and any(not _empty(here.get(name)) for name in group):
            kept.update(group)
    told: dict[str, Any] = {}
    for name, value in there.items():
        if name in kept or _empty(value):
            continue
        own = here[name]
        if name == "history":
            value = [*own, *(id for id in value if id not in own)]
        elif name == "stage":
            value = max(own, value, key=STAGES.index)
        elif name == "state":
            value = max(own, value, key=RUNS.index)
        elif name in APART and isinstance(value, dict):
            value = _united(own or {}, value, file_wins)
        elif not (_empty(own) or file_wins or (comes and name in BEFORE)):
            continue
        if value != own:
            told[name] = value
    return told


def _united(here: Mapping[str, Any], there: Mapping[str, Any], file_wins: bool) -> dict[str, Any]:
    """Two tables as one; what either has, and where both have something, that of here or of the file."""
    last, first = (there, here) if file_wins else (here, there)
    return {**first, **{name: value for name, value in last.items() if name not in first or not _empty(value)}}


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, str | list | dict) and not value)


def _twin(session: Session, kind: type[Record], fields: Mapping[str, Any]) -> Row | None:
    """The recording of the same person for the same cue, what is said of the same rest as a day of a comparison, or of the same
    day beside resting.
    """
    if kind is ComparisonDay:
        return session.scalar(select(ComparisonDayRow).where(ComparisonDayRow.entry_id == fields["entry_id"]))
    if kind is HabitDay:
        day = (HabitDayRow.person_id == fields["person_id"], HabitDayRow.day == fields["day"])
        return session.scalar(select(HabitDayRow).where(*day))
    if kind is not Recording:
        return None
    same = (RecordingRow.person_id == fields["person_id"], RecordingRow.cue == fields["cue"])
    return session.scalar(select(RecordingRow).where(*same))


def _one_key(session: Session, fields: Mapping[str, Any]) -> None:
    if (fields["record"] is None) != (fields["record_key"] is None):
        raise InputError("record and record key come together; give both or neither")
    same = select(EntryRow.id).where(EntryRow.record_key == fields["record_key"], EntryRow.id != fields["id"])
    if fields["record_key"] is not None and session.scalar(same) is not None:
        raise InputError(
            f"the record key {fields['record_key']!r} is that of another entry; give each a key of its own"
        )


def _bytes(value: Any) -> bytes:
    try:
        return records.blob(base64.b64decode(value, validate=True), "data")
    except (binascii.Error, TypeError, ValueError):
        raise InputError("data is no base64; give the bytes in base64") from None


# -- CSV ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """One column of the entries' CSV.

    Attributes:
        header: Its name, with its unit.
        show: The cell of an entry; empty where there is nothing.
        read: What a cell that is not empty tells: fields by name, from the cell and the entry's fields so far.
    """

    header: str
    show: Callable[[Mapping[str, Any]], str]
    read: Callable[[str, Mapping[str, Any]], dict[str, Any]]


def to_csv(store: Store, person_id: str) -> bytes:
    """Somebody's entries, one a row, the first one first, in UTF-8 with a mark that spreadsheets look for.

    A cell that a spreadsheet would take for a formula begins with an apostrophe, which :func:`from_csv` takes off.

    Raises:
        NotFoundError: There is no such person.
        StorageError: The journal cannot be read.
    """
    with store.reading() as session:
        find(session, Person, person_id)
        entries = [vars(record_of(Entry, row)) for row in rows(session, Entry, person_id=person_id)]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([column.header for column in COLUMNS])
    writer.writerows([guarded(column.show(entry)) for column in COLUMNS] for entry in entries)
    return text.getvalue().encode("utf-8-sig")


def from_csv(store: Store, person_id: str, data: bytes, *, file_wins: bool = False) -> Taken:
    """Take in entries of one person from a CSV file.

    A row whose id is here is merged, as :func:`from_json` does; a row with another id, or none, is added. An empty cell
    empties nothing.

    Args:
        store: Where to.
        person_id: Whose entries they are.
        data: The file.
        file_wins: Whether a cell is taken where both have something, as when somebody changed one in a spreadsheet.
    Raises:
        NotFoundError: There is no such person.
        InputError: The file cannot be used; the sentence names the row.
        StorageError: It could not be stored.
    """
    counts = {"added": 0, "changed": 0, "same": 0}
    table = list(_table(data))
    with store.writing() as session:
        find(session, Person, person_id)
        for line, cells in table:
            try:
                counts[_take_cells(session, person_id, cells, file_wins)] += 1
            except InputError as problem:
                raise InputError(f"row {line} in the file: {problem}") from None
    return Taken(**counts)


def _table(data: bytes) -> Iterable[tuple[int, dict[str, str]]]:
    """Rows of a CSV file by header, each with its number; what separates cells is whatever the first line uses.

    Raises:
        InputError: It is no such file.
    """
    wanted = f"give a CSV file with a first line such as {', '.join(column.header for column in COLUMNS[:4])}"
    if len(data) > MOST_FILE:
        raise InputError(f"the file has more than {MOST_FILE // 1_000_000} MB; {wanted}")
    try:
        text = data.decode("utf-8-sig")
        mark = max(",;\t", key=text.partition("\n")[0].count)
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise InputError(f"the file is not CSV in UTF-8; {wanted}") from None
    headers = [header.strip() for header in lines[0]] if lines else []
    known = {column.header for column in COLUMNS}
    strange = [header for header in headers if header not in known]
    if strange or len(set(headers)) < len(headers) or "began_at" not in headers:
        what = f"an unknown column {strange[0][:60]!r}" if strange else "no began_at, or a column twice"
        raise InputError(f"the file has {what}; {wanted}")
    for number, cells in enumerate(lines[1:], 2):
        if not any(cells):
            continue
        if len(cells) != len(headers):
            raise InputError(
                f"row {number} in the file has {len(cells)} cells; give {len(headers)}, as in its first line"
            )
        yield number, dict(zip(headers, map(unguarded, cells), strict=True))


def _take_cells(session: Session, person_id: str, cells: Mapping[str, str], file_wins: bool) -> str:
    # A row written by hand has no id; the same row gets the same one, so that a file can be taken in twice.
    id = cells.get("id") or str(uuid5(UUID(person_id), json.dumps(sorted(cells.items()))))
    row = session.get(EntryRow, records.forms(Entry)["id"].check(id, "id"))
    if row is not None and row.person_id != person_id:
        raise InputError(f"the id {id} belongs to somebody else's entry; leave the cell empty for a new one")
    here = vars(record_of(Entry, row)) if row is not None else {"id": id, "person_id": person_id, "practice": "rest"}
    fields: dict[str, Any] = dict(here)
    for column in COLUMNS:
        cell = cells.get(column.header, "")
        # A cell that says what is there changes nothing: numbers in cells are rounded, and looks hold more than a cell.
        if not cell or (row is not None and cell == column.show(here)):
            continue
        if column.header == RESTED and here.get("record") is not None and not file_wins:
            continue
        fields.update(column.read(cell, fields))
    if row is None:
        insert(session, Entry, records.complete(Entry, fields))
        session.flush()
        return "added"
    changed = records.checked(Entry, {name: value for name, value in fields.items() if value != here[name]})
    told = _merged(Entry, here, changed, file_wins)
    put(row, Entry, told)
    session.flush()
    return "changed" if told else "same"


_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")  # OWASP, "CSV Injection": also the full-width signs
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def unguarded(cell: str) -> str:
    """A cell as it was before :func:`guarded`."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def _brief(value: float) -> str:
    """At most three decimals: a thousandth of a millimeter, or of a minute."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _number(cell: str, header: str) -> float:
    try:
        return float(cell.strip().replace(",", "."))  # spreadsheets in half of the world write a comma
    except ValueError:
        raise InputError(f"{header} is {cell[:60]!r}; give a number") from None


def _whole(cell: str, header: str) -> int:
    value = _number(cell, header)
    if not value.is_integer():
        raise InputError(f"{header} is {cell[:60]!r}; give a whole number")
    return int(value)


def _plain(header: str, name: str, load: Callable[[str], Any] = str, show: Callable[[Any], str] = str) -> Column:
    """A column that is one field; a cell of spaces is one of words, and nothing elsewhere."""

    def shown(entry: Mapping[str, Any]) -> str:
        return "" if entry.get(name) is None else show(entry[name])

    return Column(header, shown, lambda cell, entry: {name: load(cell)} if load is str or cell.strip() else {})


def _moment(cell: str) -> Any:
    form = records.forms(Entry)["created_at"]
    return form.check(form.load(cell.strip(), "began_at"), "began_at")


def _rested(record: Mapping[str, Any] | None) -> float | None:
    """What a session's record says was rested [min]."""
    seconds = (record or {}).get("rested_seconds")
    number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    return units.from_si(float(seconds), "min") if number else None  # type: ignore[arg-type]


def _show_rested(entry: Mapping[str, Any]) -> str:
    minutes = _rested(entry.get("record"))
    return "" if minutes is None else _brief(minutes)


def _read_rested(cell: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Minutes told by hand become a record of their own; the record of a session is never changed."""
    if not cell.strip():
        return {}
    minutes, shown = _number(cell, RESTED), _show_rested(entry)
    if entry.get("record") is not None:
        if not shown or minutes != float(shown):
            raise InputError(
                f"{RESTED} is {cell[:60]!r}, and the session's record says {shown or 'nothing'!r}; leave it"
            )
        return {}
    seconds = units.to_si(minutes, "min")
    if not 0 <= seconds <= 24 * 3600:
        raise InputError(f"{RESTED} is {cell[:60]!r}; give minutes from 0 to 1440")
    return {"record": {"rested_seconds": seconds, "by_hand": True}, "record_key": f"by-hand-{entry['id']}"}


_QUANTITY = dict(
    zip(PLACES, ("lumbar_gap", "rib_gap_left", "rib_gap_right", "thigh_gap_left", "thigh_gap_right"), strict=True)
)


def _look(when: str, place: str) -> Column:
    """A gap before or after [mm]: a number, "can't tell", or nothing where nobody looked."""
    name, header = f"look_{when}", f"{_QUANTITY[place]}_{when}_mm"

    def show(entry: Mapping[str, Any]) -> str:
        seen = (entry.get(name) or {}).get(place)
        if seen is None:
            return ""
        return CANT_TELL if seen["value"] is None else _brief(units.from_si(float(seen["value"]), "mm"))

    def read(cell: str, entry: Mapping[str, Any]) -> dict[str, Any]:
        look = dict(entry.get(name) or {})
        if not cell.strip():
            return {}
        if cell.strip() == CANT_TELL:
            look[place] = _seen(None, CANT_TELL)
        else:
            look[place] = _seen(units.to_si(_number(cell, header), "mm"), f"{cell.strip()} mm")
        return {name: look or None}

    return Column(header, show, read)


def _seen(value: float | None, said: str) -> dict[str, Any]:
    """A gap as a table tells it: nobody says how it was taken, so there is no range [m]."""
    return {"value": value, "low": None, "high": None, "said": said, "how": "guess"}


def _morning(header: str, key: str) -> Column:
    """One answer of the next morning."""

    def read(cell: str, entry: Mapping[str, Any]) -> dict[str, Any]:
        return {"next_morning": {**(entry.get("next_morning") or {}), key: cell}}

    return Column(header, lambda entry: (entry.get("next_morning") or {}).get(key) or "", read)


COLUMNS = (
    _plain("id", "id"),
    _plain("began_at", "created_at", _moment, datetime.isoformat),
    _plain("practice", "practice"),
    _plain("way", "way"),
    _plain("stage", "stage"),
    _plain("planned_min", "minutes", lambda cell: _number(cell, "planned_min"), _brief),
    Column(RESTED, _show_rested, _read_rested),
    *(_look(when, place) for when in ("before", "after") for place in PLACES),
    _plain("comfort_before_0_to_10", "comfort_before", lambda cell: _whole(cell, "comfort_before_0_to_10")),
    _plain("comfort_after_0_to_10", "comfort_after", lambda cell: _whole(cell, "comfort_after_0_to_10")),
    _plain("better_percent", "better", lambda cell: _whole(cell, "better_percent")),
    _plain("noticed", "noticed", lambda cell: cell.split(), " ".join),
    _plain("words", "words"),
    _morning("sleep", "sleep"),
    _morning("cramp", "cramp"),
    _morning("cramp_time", "cramp_time"),
    _morning("cramp_min", "cramp_minutes"),
    _morning("morning_note", "note"),
    _plain("note", "note"),
)
"""The columns of the entries' CSV, in order."""


# -- the days of a comparison -------------------------------------------------------------------------


def days_csv(header: Iterable[str], days: Iterable[Iterable[str]]) -> bytes:
    """A table of days for a spreadsheet, guarded as :func:`to_csv` does; it does not come in again, since JSON does.

    Args:
        header: Names of the columns.
        days: One row each, as many cells as the header has.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([guarded(cell) for cell in header])
    writer.writerows([guarded(cell) for cell in cells] for cells in days)
    return text.getvalue().encode("utf-8-sig")


# -- a calendar's reminder ----------------------------------------------------------------------------


def to_ics(reminder: Reminder, first: date, stamp: datetime, minutes: int = 20) -> bytes:
    """A reminder for the person's own calendar, at the same time of day wherever they are.

    Nothing in it tells of body or health, unless the person's own title does: not the title, and not the name of the program.

    Args:
        reminder: The reminder; its id is the event's.
        first: The first day it may fall on.
        stamp: When this is written, with its offset.
        minutes: How long the calendar shows it [min].
    Raises:
        InputError: ``stamp`` has no offset, or the calendar ends before the first day.
    """
    if stamp.utcoffset() is None:
        raise InputError(f"stamp is {stamp}; give a time with its offset from UTC")
    try:
        day = next(
            day
            for day in (first + timedelta(days=ahead) for ahead in range(7))
            if not reminder.days or DAYS[day.weekday()] in reminder.days
        )
    except OverflowError:
        raise InputError(f"the first day is {first}, at the end of the calendar; give an earlier one") from None
    event = Event()
    event.add("uid", str(uuid5(NAMESPACE_OID, reminder.id)))
    event.add("dtstamp", stamp)
    event.add("summary", reminder.title)
    event.add("dtstart", datetime.combine(day, reminder.at))  # no zone: floating, local wherever it is read
    event.add("duration", timedelta(minutes=minutes))
    rule: dict[str, Any] = {"freq": "weekly", "byday": [day.upper() for day in reminder.days]}
    event.add("rrule", rule if reminder.days else {"freq": "daily"})
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", reminder.title)
    alarm.add("trigger", timedelta(0))
    event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", "-//Quiet time//EN")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written
