"""The tables, as SQLAlchemy knows them. Nothing here is of one database's own.

A time is two columns: the moment in UTC, and the offset of the place in seconds. Whatever is changed here wants a migration
beside ``migrations/versions/0001_first.py`` and its number in ``REVISION``; a test compares the two.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    Double,
    ForeignKey,
    LargeBinary,
    MetaData,
    String,
    Text,
    Time,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

REVISION = "0003"
"""The newest migration, which these tables are."""
OFFSET, UTC = "_offset_s", "_utc"
"""How the two columns of a time end."""

# Every constraint has a name, so that a later migration can say which one it means.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(DeclarativeBase):
    """What every table has: an id, made by the store."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012, as SQLAlchemy reads it
        dict[str, Any]: JSON(none_as_null=True),
        list[Any]: JSON(none_as_null=True),
        list[str]: JSON(none_as_null=True),
        datetime: DateTime(),
        time: Time(),
        float: Double(),
        bytes: LargeBinary(),
        str: Text(),
    }

    id: Mapped[str] = mapped_column(String(36), primary_key=True)


def _owner() -> Mapped[str]:
    return mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)


class PersonRow(Row):
    """Somebody who rests here."""

    __tablename__ = "person"

    created_at_utc: Mapped[datetime]
    created_at_offset_s: Mapped[int]
    name: Mapped[str]
    measures: Mapped[dict[str, Any]]
    typed: Mapped[dict[str, Any]]
    units: Mapped[str]
    surface: Mapped[str]
    props: Mapped[list[Any]]
    history: Mapped[list[str]]
    inner_resources: Mapped[str]
    outer_resources: Mapped[str]
    crisis_number: Mapped[str]
    settings: Mapped[dict[str, Any]]


class EntryRow(Row):
    """One rest."""

    __tablename__ = "entry"
    __table_args__ = (
        CheckConstraint("comfort_before BETWEEN 0 AND 10", "comfort_before"),
        CheckConstraint("comfort_after BETWEEN 0 AND 10", "comfort_after"),
        CheckConstraint("better BETWEEN -100 AND 100", "better"),
    )

    person_id: Mapped[str] = _owner()
    created_at_utc: Mapped[datetime]
    created_at_offset_s: Mapped[int]
    practice: Mapped[str]
    way: Mapped[str]
    stage: Mapped[str]
    screening: Mapped[dict[str, Any] | None]
    look_before: Mapped[dict[str, Any] | None]
    look_after: Mapped[dict[str, Any] | None]
    minutes: Mapped[float | None]
    options: Mapped[dict[str, Any]]
    setup: Mapped[dict[str, Any] | None]
    record: Mapped[dict[str, Any] | None]
    record_key: Mapped[str | None] = mapped_column(unique=True)
    noticed: Mapped[list[str]]
    words: Mapped[str]
    comfort_before: Mapped[int | None]
    comfort_after: Mapped[int | None]
    better: Mapped[int | None]
    next_morning: Mapped[dict[str, Any] | None]
    note: Mapped[str]


class TriedRow(Row):
    """Something else that was tried."""

    __tablename__ = "tried"

    person_id: Mapped[str] = _owner()
    created_at_utc: Mapped[datetime]
    created_at_offset_s: Mapped[int]
    what: Mapped[str]
    when: Mapped[str]
    outcome: Mapped[str]
    note: Mapped[str]


class PhotoRow(Row):
    """A photograph of the look."""

    __tablename__ = "photo"

    person_id: Mapped[str] = _owner()
    entry_id: Mapped[str | None] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), index=True)
    taken_at_utc: Mapped[datetime]
    taken_at_offset_s: Mapped[int]
    which: Mapped[str]
    mime: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    scale_note: Mapped[str]
    data: Mapped[bytes] = mapped_column(deferred=True)


class RecordingRow(Row):
    """A cue in somebody's own voice."""

    __tablename__ = "recording"
    __table_args__ = (UniqueConstraint("person_id", "cue"),)

    person_id: Mapped[str] = _owner()
    created_at_utc: Mapped[datetime]
    created_at_offset_s: Mapped[int]
    cue: Mapped[str]
    mime: Mapped[str]
    seconds: Mapped[float]
    data: Mapped[bytes] = mapped_column(deferred=True)


class ReminderRow(Row):
    """A time of day to be reminded at."""

    __tablename__ = "reminder"

    person_id: Mapped[str] = _owner()
    created_at_utc: Mapped[datetime]
    created_at_offset_s: Mapped[int]
    at: Mapped[time]
    days: Mapped[list[str]]
    title: Mapped[str]


class ComparisonRow(Row):
    """Two ways to rest, compared day by day."""

    __tablename__ = "comparison"

    person_id: Mapped[str] = _owner()
    created_at_utc: Mapped[datetime]
    created_at_offset_s: Mapped[int]
    name_a: Mapped[str]
    name_b: Mapped[str]
    outcome: Mapped[str]
    method: Mapped[str]
    order: Mapped[list[str]]
    block: Mapped[int]
    seed: Mapped[int]
    set_a: Mapped[dict[str, Any]]
    set_b: Mapped[dict[str, Any]]
    state: Mapped[str]


class ComparisonDayRow(Row):
    """One rest as a step of a comparison."""

    __tablename__ = "comparison_day"
    __table_args__ = (UniqueConstraint("entry_id"),)

    person_id: Mapped[str] = _owner()
    created_at_utc: Mapped[datetime]
    created_at_offset_s: Mapped[int]
    comparison_id: Mapped[str] = mapped_column(ForeignKey("comparison.id", ondelete="CASCADE"), index=True)
    entry_id: Mapped[str] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"))
    step: Mapped[int]
    planned: Mapped[str]
    done: Mapped[str | None]


class HabitDayRow(Row):
    """What one day had beside resting."""

    __tablename__ = "habit_day"
    __table_args__ = (UniqueConstraint("person_id", "day"),)

    person_id: Mapped[str] = _owner()
    created_at_utc: Mapped[datetime]
    created_at_offset_s: Mapped[int]
    day: Mapped[str]
    done: Mapped[list[str]]
    checks: Mapped[dict[str, Any]]
    note: Mapped[str]


class ClueNoteRow(Row):
    """What was noticed of somebody by eye."""

    __tablename__ = "clue_note"

    person_id: Mapped[str] = _owner()
    created_at_utc: Mapped[datetime]
    created_at_offset_s: Mapped[int]
    by: Mapped[str]
    seen: Mapped[dict[str, Any]]
    words: Mapped[str]
