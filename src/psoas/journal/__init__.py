"""The journal: what a person keeps of their rests, on their own computer; the only room with a database.

``Store`` is every question and every change. ``back_up`` and ``restore`` move the whole of it as one file;
``psoas.journal.exchange`` writes and reads JSON and CSV, and writes a calendar's reminder. Every record belongs to a person.
"""

from psoas.journal.backup import Manifest, back_up, read_manifest, restore
from psoas.journal.database import hold
from psoas.journal.records import (
    DAYS,
    OUTCOMES,
    PLACES,
    STAGES,
    ClueNote,
    Comparison,
    ComparisonDay,
    Delivery,
    Entry,
    HabitDay,
    Person,
    Photo,
    Recording,
    Reminder,
    Tried,
)
from psoas.journal.store import Store

__all__ = [
    "Store",
    "Person",
    "Entry",
    "Tried",
    "Photo",
    "Recording",
    "Reminder",
    "Comparison",
    "ComparisonDay",
    "HabitDay",
    "ClueNote",
    "Delivery",
    "STAGES",
    "PLACES",
    "OUTCOMES",
    "DAYS",
    "hold",
    "back_up",
    "restore",
    "read_manifest",
    "Manifest",
]
