"""The store: every question to the journal, and every change to it, one transaction each.

What a method returns is a frozen record or bytes, never something tied to the database. When a method that changes
something returns, the change is on the disk; when it raises, nothing has changed.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta, timezone
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self, TypeVar
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from psoas.errors import InputError, NotFoundError, StorageError
from psoas.journal import backup, database, schema
from psoas.journal.records import (
    NEUTRAL_TITLE,
    WITH_BYTES,
    ClueNote,
    Comparison,
    ComparisonDay,
    Delivery,
    Entry,
    HabitDay,
    Person,
    Photo,
    Record,
    Recording,
    Reminder,
    Tried,
    blob,
    checked,
    complete,
    forms,
    moments,
)
from psoas.journal.tables import (
    OFFSET,
    ClueNoteRow,
    ComparisonDayRow,
    ComparisonRow,
    EntryRow,
    HabitDayRow,
    PersonRow,
    PhotoRow,
    RecordingRow,
    ReminderRow,
    Row,
    TriedRow,
)
from psoas.journal.tables import (
    UTC as IN_UTC,
)

R = TypeVar("R", bound=Record)
ROWS: Mapping[type[Record], type[Row]] = MappingProxyType(
    {
        Person: PersonRow,
        Entry: EntryRow,
        Tried: TriedRow,
        Photo: PhotoRow,
        Recording: RecordingRow,
        Reminder: ReminderRow,
        Comparison: ComparisonRow,
        ComparisonDay: ComparisonDayRow,
        HabitDay: HabitDayRow,
        ClueNote: ClueNoteRow,
    }
)
"""The table of each kind of record."""
OWN = ("id", "person_id")
"""Fields that say what a record is, and are never changed."""
DELIVERED = ("record", "record_key")
"""Fields of an entry that only a delivery sets."""
DEALT = ("name_a", "name_b", "set_a", "set_b", "outcome", "method", "block", "seed", "order", "created_at")
"""Fields of a comparison that were settled before its first day, and are never changed."""
STEPPED = ("comparison_id", "entry_id", "step", "planned", "created_at")
"""Fields of a day of one that say which it is."""
DAYED = ("day", "created_at")
"""Fields of a day beside resting that say which it is."""
DELETED = "deleted"
"""What holds the ids of the entries that a person deleted, among their settings."""
MOST_DELETED = 5000
"""So many of them are remembered, the latest."""


class Store:
    """The journal in one folder.

    Args:
        folder: The data folder; made, with its database, if it is not there.
        read_only: Look only; needs a journal of this version.
    Raises:
        StorageError: The journal is damaged, is from a newer psoas, or cannot be opened or made.
    """

    def __init__(self, folder: str | Path, *, read_only: bool = False) -> None:
        self.folder = Path(folder)
        self.path = self.folder / database.FILE
        if not read_only:
            database.make_folder(self.folder)
        elif not self.path.is_file():
            raise StorageError(f"{self.folder} holds no journal; give the folder that psoas keeps its data in")
        with database.spoken(self.path):
            schema.bring_up(self.path, read_only=read_only)
            if not read_only:
                database.make_file(self.path)  # one that came with wider rights is closed to others
        self._engine = database.make_engine(self.path, read_only=read_only)
        self._reads = sessionmaker(self._engine)
        self._writes = sessionmaker(database.writing(self._engine))

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- people ---------------------------------------------------------------------------------------

    def people(self) -> tuple[Person, ...]:
        """Everybody here, the first one first."""
        return self._all(Person)

    def person(self, id: str) -> Person:
        """One person.

        Raises:
            NotFoundError: There is none with that id.
        """
        return self._one(Person, id)

    def add_person(self, name: str = "", *, created_at: datetime, **fields: Any) -> Person:
        """A new person; ``fields`` are those of :class:`~psoas.journal.records.Person`, all of which may be left out.

        Raises:
            InputError: A value cannot be used.
            StorageError: It could not be stored.
        """
        return self._add(Person, {"name": name, "created_at": created_at, **fields})

    def change_person(self, id: str, /, **fields: Any) -> Person:
        """Change what is given; the rest stays.

        Raises:
            NotFoundError: There is none with that id.
            InputError: A value cannot be used.
            StorageError: It could not be stored.
        """
        return self._change(Person, id, fields)

    # -- entries --------------------------------------------------------------------------------------

    def begin_entry(self, person_id: str, *, practice: str, created_at: datetime, **fields: Any) -> Entry:
        """A new entry, as Begin is pressed.

        Raises:
            NotFoundError: There is no such person.
            InputError: A value cannot be used; ``record`` and ``record_key`` come by :meth:`deliver`.
            StorageError: It could not be stored.
        """
        given = {"person_id": person_id, "created_at": created_at, "practice": practice, **fields}
        return self._add(Entry, given, fixed=DELIVERED)

    def entry(self, id: str) -> Entry:
        """One entry.

        Raises:
            NotFoundError: There is none with that id.
        """
        return self._one(Entry, id)

    def entries(self, person_id: str) -> tuple[Entry, ...]:
        """Somebody's entries, the latest first; none for an id that nobody has."""
        return self._all(Entry, person_id=person_id)[::-1]

    def change_entry(self, id: str, /, **fields: Any) -> Entry:
        """Change what is given; the rest stays, and a delivered record always does.

        Raises:
            NotFoundError: There is none with that id.
            InputError: A value cannot be used.
            StorageError: It could not be stored.
        """
        return self._change(Entry, id, fields, fixed=DELIVERED)

    def delete_entry(self, id: str) -> None:
        """Delete an entry and its photographs; its id, and nothing else of it, is remembered until the person goes.

        Raises:
            NotFoundError: There is none with that id.
            StorageError: It could not be deleted.
        """
        self._delete(Entry, id)

    def deliver(
        self,
        entry_id: str,
        key: str,
        record: Mapping[str, Any],
        *,
        person_id: str | None = None,
        created_at: datetime | None = None,
    ) -> Delivery:
        """Store what the player wrote down, exactly once, however often it is sent; the stage becomes ``rested``.

        An entry that is not here may have been deleted, or this journal may be an older one that was put back. The two
        can be told apart, since a person keeps the ids of the entries they deleted; of the second kind one is begun
        here, where it is known whose it is. Nothing comes back of a person who is not here.

        Args:
            entry_id: The entry that the session belongs to.
            key: The player's own key for this record; the same one each time it tries.
            record: Plain JSON.
            person_id: Whose rest it was, as the player was told.
            created_at: When it was, for an entry that has to be begun; ``None`` begins none.
        Returns:
            What became of it; true only where this call stored it.
        Raises:
            InputError: A value cannot be used, or the key has come with another entry.
            StorageError: It could not be stored; the player may try again.
        """
        given = checked(Entry, {"record_key": key, "record": record})
        if given["record_key"] is None or given["record"] is None:
            raise InputError("the key or the record is missing; give both")
        with self.writing() as session:
            row = session.get(EntryRow, str(entry_id)) or _begun_elsewhere(
                session, entry_id, person_id, created_at, given["record"]
            )
            if row is None:
                return Delivery.GONE
            if row.record is not None:
                return Delivery.REPEATED if row.record_key == given["record_key"] else Delivery.KEPT_FIRST
            if session.scalar(select(EntryRow.id).where(EntryRow.record_key == given["record_key"])):
                raise InputError(f"the key {key!r} has come with another entry; give each session a key of its own")
            row.record, row.record_key = given["record"], given["record_key"]
            if row.stage != "checked":
                row.stage = "rested"
        return Delivery.STORED

    # -- what else was tried --------------------------------------------------------------------------

    def tried(self, person_id: str) -> tuple[Tried, ...]:
        """What else somebody tried, the first noted first."""
        return self._all(Tried, person_id=person_id)

    def add_tried(self, person_id: str, *, what: str, created_at: datetime, **fields: Any) -> Tried:
        """Note something else that was tried.

        Raises:
            NotFoundError: There is no such person.
            InputError: A value cannot be used.
            StorageError: It could not be stored.
        """
        return self._add(Tried, {"person_id": person_id, "created_at": created_at, "what": what, **fields})

    def change_tried(self, id: str, /, **fields: Any) -> Tried:
        """Change what is given; raises as :meth:`change_entry`."""
        return self._change(Tried, id, fields)

    def delete_tried(self, id: str) -> None:
        """Delete a note; raises as :meth:`delete_entry`."""
        self._delete(Tried, id)

    # -- photographs ----------------------------------------------------------------------------------

    def photos(self, person_id: str, entry_id: str | None = None) -> tuple[Photo, ...]:
        """Somebody's photographs without their bytes, the first taken first; of one entry, where one is named."""
        return self._all(Photo, person_id=person_id, **({} if entry_id is None else {"entry_id": entry_id}))

    def photo(self, id: str) -> Photo:
        """One photograph, without its bytes.

        Raises:
            NotFoundError: There is none with that id.
        """
        return self._one(Photo, id)

    def photo_data(self, id: str) -> bytes:
        """The bytes of a photograph.

        Raises:
            NotFoundError: There is none with that id.
        """
        return self._bytes(Photo, id)

    def add_photo(self, person_id: str, data: bytes, *, which: str, taken_at: datetime, **fields: Any) -> Photo:
        """A photograph; ``mime``, ``width`` and ``height`` are needed, ``entry_id`` and ``scale_note`` may be left out.

        Raises:
            NotFoundError: There is no such person, or they have no such entry.
            InputError: A value cannot be used.
            StorageError: It could not be stored.
        """
        return self._add(Photo, {"person_id": person_id, "taken_at": taken_at, "which": which, **fields}, data)

    def change_photo(self, id: str, /, **fields: Any) -> Photo:
        """Change what is known of a photograph; raises as :meth:`add_photo`."""
        return self._change(Photo, id, fields)

    def delete_photo(self, id: str) -> None:
        """Delete a photograph; raises as :meth:`delete_entry`."""
        self._delete(Photo, id)

    # -- recordings -----------------------------------------------------------------------------------

    def recordings(self, person_id: str) -> tuple[Recording, ...]:
        """Somebody's own voice, cue by cue, without the bytes."""
        return self._all(Recording, person_id=person_id)

    def recording_data(self, id: str) -> bytes:
        """The bytes of a recording.

        Raises:
            NotFoundError: There is none with that id.
        """
        return self._bytes(Recording, id)

    def save_recording(
        self, person_id: str, data: bytes, *, cue: str, mime: str, seconds: float, created_at: datetime
    ) -> Recording:
        """A recording for a cue, in the place of an earlier one for the same cue.

        Raises:
            NotFoundError: There is no such person.
            InputError: A value cannot be used.
            StorageError: It could not be stored.
        """
        given = {"person_id": person_id, "created_at": created_at, "cue": cue, "mime": mime, "seconds": seconds}
        fields, data = complete(Recording, {"id": str(uuid4()), **given}), blob(data, "the recording")
        with self.writing() as session:
            same = _same(RecordingRow, person_id=fields["person_id"], cue=fields["cue"])
            row: Row | None = session.scalar(select(RecordingRow).where(*same))
            if row is None:
                row = insert(session, Recording, fields, data)
            else:
                put(row, Recording, {name: value for name, value in fields.items() if name != "id"}, data)
            session.flush()
            return record_of(Recording, row)

    def delete_recording(self, id: str) -> None:
        """Delete a recording; raises as :meth:`delete_entry`."""
        self._delete(Recording, id)

    # -- reminders ------------------------------------------------------------------------------------

    def reminders(self, person_id: str) -> tuple[Reminder, ...]:
        """Somebody's reminders."""
        return self._all(Reminder, person_id=person_id)

    def reminder(self, id: str) -> Reminder:
        """One reminder.

        Raises:
            NotFoundError: There is none with that id.
        """
        return self._one(Reminder, id)

    def add_reminder(
        self, person_id: str, at: time, *, created_at: datetime, days: Sequence[str] = (), title: str = NEUTRAL_TITLE
    ) -> Reminder:
        """A reminder, every day or on some days.

        Raises:
            NotFoundError: There is no such person.
            InputError: A value cannot be used.
            StorageError: It could not be stored.
        """
        given = {"person_id": person_id, "created_at": created_at, "at": at, "days": list(days), "title": title}
        return self._add(Reminder, given)

    def change_reminder(self, id: str, /, **fields: Any) -> Reminder:
        """Change what is given; raises as :meth:`change_entry`."""
        return self._change(Reminder, id, fields)

    def delete_reminder(self, id: str) -> None:
        """Delete a reminder; raises as :meth:`delete_entry`."""
        self._delete(Reminder, id)

    # -- a comparison ---------------------------------------------------------------------------------

    def comparisons(self, person_id: str) -> tuple[Comparison, ...]:
        """Somebody's comparisons, the latest first."""
        return self._all(Comparison, person_id=person_id)[::-1]

    def comparison(self, id: str) -> Comparison:
        """One comparison.

        Raises:
            NotFoundError: There is none with that id.
        """
        return self._one(Comparison, id)

    def begin_comparison(self, person_id: str, *, created_at: datetime, **fields: Any) -> Comparison:
        """A comparison with its plan; ``fields`` are those of :class:`~psoas.journal.records.Comparison`.

        Raises:
            NotFoundError: There is no such person.
            InputError: A value cannot be used.
            StorageError: It could not be stored.
        """
        return self._add(Comparison, {"person_id": person_id, "created_at": created_at, **fields})

    def change_comparison(self, id: str, /, **fields: Any) -> Comparison:
        """Change its state; the plan and what it compares stay. Raises as :meth:`change_entry`."""
        return self._change(Comparison, id, fields, fixed=DEALT)

    def delete_comparison(self, id: str) -> None:
        """Delete a comparison and what says which rests were its days; the rests stay. Raises as :meth:`delete_entry`."""
        self._delete(Comparison, id)

    def comparison_days(self, person_id: str, **where: str) -> tuple[ComparisonDay, ...]:
        """Somebody's days of comparisons, the first one first; ``comparison_id`` or ``entry_id`` narrow them."""
        return self._all(ComparisonDay, person_id=person_id, **where)

    def add_comparison_day(
        self, person_id: str, *, comparison_id: str, entry_id: str, created_at: datetime, **fields: Any
    ) -> ComparisonDay:
        """A rest as a day of a comparison, in the place of what was said of the same rest before.

        Raises:
            NotFoundError: There is no such person, or they have no such rest or comparison.
            InputError: A value cannot be used.
            StorageError: It could not be stored.
        """
        given = {"person_id": person_id, "comparison_id": comparison_id, "entry_id": entry_id, "created_at": created_at}
        whole = complete(ComparisonDay, {"id": str(uuid4()), **given, **fields})
        with self.writing() as session:
            same = _same(ComparisonDayRow, entry_id=whole["entry_id"])
            for old in session.scalars(select(ComparisonDayRow).where(*same)):
                session.delete(old)
            session.flush()
            row = insert(session, ComparisonDay, whole)
            session.flush()
            return record_of(ComparisonDay, row)

    def change_comparison_day(self, id: str, /, **fields: Any) -> ComparisonDay:
        """Say what the day was; which day it is stays. Raises as :meth:`change_entry`."""
        return self._change(ComparisonDay, id, fields, fixed=STEPPED)

    def delete_comparison_day(self, id: str) -> None:
        """Take a rest out of a comparison. Raises as :meth:`delete_entry`."""
        self._delete(ComparisonDay, id)

    # -- beside a rest --------------------------------------------------------------------------------

    def habit_days(self, person_id: str, **where: str) -> tuple[HabitDay, ...]:
        """What somebody's days had beside resting, the latest day first; ``day`` narrows them to one."""
        return tuple(sorted(self._all(HabitDay, person_id=person_id, **where), key=lambda one: one.day, reverse=True))

    def save_habit_day(self, person_id: str, *, day: str, created_at: datetime, **fields: Any) -> HabitDay:
        """What a day had, in the place of what was said of the same day before.

        Raises:
            NotFoundError: There is no such person.
            InputError: A value cannot be used.
            StorageError: It could not be stored.
        """
        given = {"person_id": person_id, "day": day, "created_at": created_at, **fields}
        checked(HabitDay, given, ("id",))
        whole = complete(HabitDay, {"id": str(uuid4()), **given})
        with self.writing() as session:
            same = _same(HabitDayRow, person_id=whole["person_id"], day=whole["day"])
            row: Row | None = session.scalar(select(HabitDayRow).where(*same))
            if row is None:
                row = insert(session, HabitDay, whole)
            else:
                put(row, HabitDay, {name: value for name, value in whole.items() if name not in ("id", *DAYED)})
            session.flush()
            return record_of(HabitDay, row)

    def delete_habit_day(self, id: str) -> None:
        """Delete what is kept of a day; raises as :meth:`delete_entry`."""
        self._delete(HabitDay, id)

    def clue_notes(self, person_id: str) -> tuple[ClueNote, ...]:
        """What was noticed of somebody by eye, the latest first."""
        return self._all(ClueNote, person_id=person_id)[::-1]

    def clue_note(self, id: str) -> ClueNote:
        """One note.

        Raises:
            NotFoundError: There is none with that id.
        """
        return self._one(ClueNote, id)

    def add_clue_note(self, person_id: str, *, created_at: datetime, **fields: Any) -> ClueNote:
        """A note of what was noticed; ``fields`` are those of :class:`~psoas.journal.records.ClueNote`.

        Raises:
            NotFoundError: There is no such person.
            InputError: A value cannot be used.
            StorageError: It could not be stored.
        """
        return self._add(ClueNote, {"person_id": person_id, "created_at": created_at, **fields})

    def change_clue_note(self, id: str, /, **fields: Any) -> ClueNote:
        """Change what is given; raises as :meth:`change_entry`."""
        return self._change(ClueNote, id, fields)

    def delete_clue_note(self, id: str) -> None:
        """Delete a note; raises as :meth:`delete_entry`."""
        self._delete(ClueNote, id)

    # -- erasing --------------------------------------------------------------------------------------

    def erase_person(self, id: str) -> None:
        """Delete a person and all that is theirs, from the file, its log and the backups in the folder.

        A backup in the folder that holds them, or cannot be read, goes as a whole. Backups and exports that were put
        elsewhere are for the person to delete.

        Raises:
            NotFoundError: There is nobody with that id.
            StorageError: Not all of it could be erased; the sentence says what is left.
        """
        id = _checked_id(Person, id)
        with self.writing() as session:
            session.delete(find(session, Person, id))
        self._scrub(lambda people: id in people)

    def erase_all(self) -> None:
        """Delete everything in the journal, its log and the backups in the folder; the empty journal stays in use.

        Raises:
            StorageError: Not all of it could be erased; the sentence says what is left.
        """
        with self.writing() as session:
            for row in session.scalars(select(PersonRow)):
                session.delete(row)
        self._scrub(lambda people: True)

    def _scrub(self, holds: Callable[[list[str]], bool]) -> None:
        with database.spoken(self.folder / database.BACKUPS):
            for path in (self.folder / database.BACKUPS).glob("*"):
                if _may_hold(path, holds):
                    path.unlink(missing_ok=True)
            for path in database.parts(self.folder):
                path.unlink(missing_ok=True)
            database.sync_folder(self.folder)
        database.scrub(self._engine, self.path)

    # -- what is the same for all kinds ---------------------------------------------------------------

    @contextlib.contextmanager
    def reading(self) -> Iterator[Session]:
        """One transaction that sees the journal as it is at one moment.

        Raises:
            StorageError: It cannot be read.
        """
        with database.spoken(self.path), self._reads.begin() as session:
            yield session

    @contextlib.contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction that may write, and takes the lock as it begins.

        Raises:
            StorageError: It cannot be written; nothing of it was.
        """
        with database.spoken(self.path), self._writes.begin() as session:
            yield session

    def _one(self, kind: type[R], id: str) -> R:
        with self.reading() as session:
            return record_of(kind, find(session, kind, id))

    def _all(self, kind: type[R], **where: str) -> tuple[R, ...]:
        with self.reading() as session:
            return tuple(record_of(kind, row) for row in rows(session, kind, **where))

    def _bytes(self, kind: type[Record], id: str) -> bytes:
        with self.reading() as session:
            found: bytes = find(session, kind, id).data  # type: ignore[attr-defined]
            return found

    def _add(self, kind: type[R], given: Mapping[str, Any], data: Any = None, fixed: tuple[str, ...] = ()) -> R:
        checked(kind, given, ("id", *fixed))
        fields = complete(kind, {"id": str(uuid4()), **given})
        if kind in WITH_BYTES:
            data = blob(data, "data")
        with self.writing() as session:
            row = insert(session, kind, fields, data)
            session.flush()
            return record_of(kind, row)

    def _change(self, kind: type[R], id: str, given: Mapping[str, Any], fixed: tuple[str, ...] = ()) -> R:
        fields = checked(kind, given, (*OWN, *fixed))
        with self.writing() as session:
            row = find(session, kind, id)
            put(row, kind, fields)
            belongs(session, kind, record_of(kind, row).__dict__)
            session.flush()
            return record_of(kind, row)

    def _delete(self, kind: type[Record], id: str) -> None:
        with self.writing() as session:
            row = find(session, kind, id)
            if isinstance(row, EntryRow):
                owner = session.get_one(PersonRow, row.person_id)
                owner.settings = {**owner.settings, DELETED: [*_deleted(owner), row.id][-MOST_DELETED:]}
            session.delete(row)
        # It is deleted, and the file's own pages are overwritten. The log is emptied too, where nobody reads it just now.
        with contextlib.suppress(StorageError):
            database.flush(self._engine, self.path)


# -- rows and records ---------------------------------------------------------------------------------


def find(session: Session, kind: type[Record], id: str) -> Row:
    """The row of a record.

    Raises:
        NotFoundError: There is none with that id.
    """
    row = session.get(ROWS[kind], _checked_id(kind, id))
    if row is None:
        raise NotFoundError(f"there is no {_called(kind)} with the id {id}; it may have been deleted")
    return row


def _called(kind: type[Record]) -> str:
    """A kind of record in words: ``comparison day``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.__name__).lower()


def _checked_id(kind: type[Record], id: str) -> str:
    try:
        found: str = forms(kind)["id"].check(id, "id")
    except InputError as problem:
        raise NotFoundError(str(problem)) from None
    return found


def rows(session: Session, kind: type[Record], **where: str) -> Iterator[Row]:
    """The rows of a kind, in the order of their time."""
    row = ROWS[kind]
    order = [getattr(row, f"{name}{IN_UTC}") for name in moments(kind)]
    yield from session.scalars(select(row).where(*_same(row, **where)).order_by(*order, row.id))


def _same(row: type[Row], **where: str) -> list[Any]:
    return [getattr(row, name) == value for name, value in where.items()]


def insert(session: Session, kind: type[Record], fields: Mapping[str, Any], data: bytes | None = None) -> Row:
    """A new row of complete, checked fields.

    Raises:
        NotFoundError: What it belongs to is not there.
    """
    belongs(session, kind, fields)
    row = ROWS[kind]()
    put(row, kind, fields, data)
    session.add(row)
    return row


def belongs(session: Session, kind: type[Record], fields: Mapping[str, Any]) -> None:
    """That the person of a record is there, and its entry and comparison theirs.

    Raises:
        NotFoundError: One is not.
    """
    if kind is not Person:
        find(session, Person, fields["person_id"])
    for name, other in (("entry_id", Entry), ("comparison_id", Comparison)):
        if fields.get(name) is not None:
            found = find(session, other, fields[name])
            if getattr(found, "person_id", None) != fields["person_id"]:
                raise NotFoundError(f"the {_called(other)} {fields[name]} is not this person's; give one of theirs")


def _deleted(person: PersonRow) -> list[str]:
    """The ids of the entries that somebody deleted, as far as their settings, perhaps from a file, tell."""
    told = person.settings.get(DELETED)
    return [id for id in told if isinstance(id, str)] if isinstance(told, list) else []


def _begun_elsewhere(
    session: Session, id: str, person_id: str | None, created_at: datetime | None, record: Mapping[str, Any]
) -> EntryRow | None:
    """An entry for a rest that this journal never knew; none for one that was deleted, or of somebody who is not here."""
    owner = session.get(PersonRow, person_id) if isinstance(person_id, str) else None
    if owner is None or created_at is None or id in _deleted(owner):
        return None
    given = {"id": id, "person_id": owner.id, "created_at": created_at, "practice": "rest"}
    told = {name: record[name] for name in ("way", "minutes") if name in record}
    row = insert(session, Entry, complete(Entry, {**given, **told}))
    assert isinstance(row, EntryRow)
    return row


def put(row: Row, kind: type[Record], fields: Mapping[str, Any], data: bytes | None = None) -> None:
    """Write checked fields, and bytes where there are some, into a row."""
    if data is not None:
        row.data = data  # type: ignore[attr-defined]
    for name, value in fields.items():
        if name in moments(kind):
            setattr(row, f"{name}{IN_UTC}", value.astimezone(UTC).replace(tzinfo=None))
            setattr(row, f"{name}{OFFSET}", int(value.utcoffset().total_seconds()))
        else:
            setattr(row, name, value)


def record_of(kind: type[R], row: Row) -> R:
    """The record of a row."""
    return kind(**{name: _value(kind, row, name) for name in forms(kind)})


def _value(kind: type[Record], row: Row, name: str) -> Any:
    if name not in moments(kind):
        return getattr(row, name)
    moment: datetime = getattr(row, f"{name}{IN_UTC}")
    offset = timezone(timedelta(seconds=getattr(row, f"{name}{OFFSET}")))
    return moment.replace(tzinfo=UTC).astimezone(offset)


def _may_hold(path: Path, holds: Callable[[list[str]], bool]) -> bool:
    """Whether a file among the backups holds somebody, or cannot tell."""
    try:
        return holds(backup.read_manifest(path).people)
    except InputError:
        return True
