"""The database file: how it is opened, what is asked of SQLite, and the sentence when it cannot be done.

The only place with anything of SQLite's own; tables, migrations and queries would do for another database.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, QueuePool, create_engine, event, inspect
from sqlalchemy.exc import DBAPIError

from psoas.errors import StorageError

FILE = "journal.sqlite"
"""The journal's file in its folder."""
BACKUPS = "backups"
"""Where earlier states are kept, in the same folder."""
LOCK = "lock"
"""Held by whoever runs on a folder."""
PART = "journal.part-"
"""How the name of a file begins that is not yet, or no longer, of use."""
BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database."""
WAIT = 10.0
"""How long a write waits for another one [s]."""

PRAGMAS: tuple[str, ...] = (
    "journal_mode = WAL",
    "synchronous = FULL",  # in WAL mode: each commit is on the disk before it returns
    "fullfsync = ON",  # on macOS fsync alone leaves the drive's own cache; nothing elsewhere
    "checkpoint_fullfsync = ON",
    "foreign_keys = ON",
    "secure_delete = ON",  # what is deleted is overwritten with zeros
    "temp_store = MEMORY",  # no words in a temporary file
    "trusted_schema = OFF",
    "cell_size_check = ON",
)
"""What every connection that may write asks for."""
_WRITES = "psoas_writes"


# -- folder and lock ----------------------------------------------------------------------------------


def make_folder(folder: Path) -> None:
    """A folder that only its owner may look into.

    Raises:
        StorageError: It cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if stat.S_IMODE(folder.stat().st_mode) != 0o700:
            folder.chmod(0o700)
    except OSError as problem:
        raise StorageError(
            f"the folder {folder} cannot be made private ({problem.strerror}); give a folder you own"
        ) from None


def make_file(path: Path) -> None:
    """An empty file that only its owner may read, unless it is there; SQLite gives its companions the same rights.

    A database that is there is never opened here: closing it again would drop the locks that SQLite holds on it in the
    same process (SQLite, "How To Corrupt An SQLite Database File", section 2.2).

    Raises:
        StorageError: It cannot be made.
    """
    try:
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            if stat.S_IMODE(path.stat().st_mode) != 0o600:
                path.chmod(0o600)
    except OSError as problem:
        raise StorageError(f"{path} cannot be written ({problem.strerror}); give a folder you can write to") from None


@contextlib.contextmanager
def hold(folder: str | Path) -> Iterator[None]:
    """Hold a folder for as long as an app runs on it, so that nothing is restored beneath it.

    Raises:
        StorageError: Somebody else holds it, or it cannot be made.
    """
    folder = Path(folder)
    make_folder(folder)
    lock = FileLock(folder / LOCK, mode=0o600, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise StorageError(f"psoas is already running on {folder}; close it first, or give another folder") from None
    except OSError as problem:
        raise StorageError(f"{folder / LOCK} cannot be written ({problem.strerror}); give a folder you own") from None
    try:
        yield
    finally:
        lock.release()


def sync_folder(folder: Path) -> None:
    """Names that were made, replaced or removed in a folder are on the disk when this returns."""
    if os.name == "nt":  # Windows cannot open a folder, and keeps its names by a journal of its own
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def parts(folder: Path) -> list[Path]:
    """Files left behind by something that was cut off."""
    return sorted(path for place in (folder, folder / BACKUPS) for path in place.glob(f"{PART}*"))


# -- engine -------------------------------------------------------------------------------------------


def make_engine(path: Path, *, read_only: bool = False, foreign_keys: bool = True) -> Engine:
    """An engine on a database file that is there.

    Transactions are the ones asked for: the driver's own habit of opening them late is off, reads begin deferred, and
    writes, through :func:`writing`, take the lock at once, so that what was read in one still holds when it writes.

    Args:
        read_only: Nothing is written, not even SQLite's own housekeeping in the file.
        foreign_keys: Off only while tables are rebuilt.
    """
    mode = "ro" if read_only else "rw"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(
            f"file:{quote(str(path.absolute()))}?mode={mode}",
            uri=True,
            timeout=WAIT,
            isolation_level=None,
            check_same_thread=False,  # the pool lends each connection to one thread at a time
        )

    engine = create_engine(
        "sqlite://", creator=connect, poolclass=QueuePool, max_overflow=-1
    )  # as many as there are threads

    @event.listens_for(engine, "connect")
    def _ask(connection: Any, _: Any) -> None:
        for pragma in ("foreign_keys = ON", "trusted_schema = OFF") if read_only else PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").fetchall()
        if not foreign_keys:
            connection.execute("PRAGMA foreign_keys = OFF")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def writing(engine: Engine) -> Engine:
    """The same engine, whose transactions take the write lock as they begin."""
    return engine.execution_options(**{_WRITES: True})


@contextlib.contextmanager
def spoken(path: Path) -> Iterator[None]:
    """What the database refuses, said in one sentence.

    Raises:
        StorageError: In place of the database's own error.
    """
    try:
        yield
    except DBAPIError as problem:
        raise StorageError(sentence(problem.orig, path)) from problem
    except (sqlite3.Error, OSError) as problem:
        raise StorageError(sentence(problem, path)) from problem


_SENTENCES = {
    "SQLITE_FULL": "the disk with {path} is full, so nothing was changed; make some room and try again",
    "SQLITE_READONLY": "{path} can be read but not written, so nothing was changed; make it writable and try again",
    "SQLITE_BUSY": "{path} is in use by another program, so nothing was changed; close that program and try again",
    "SQLITE_LOCKED": "{path} is in use by another program, so nothing was changed; close that program and try again",
    "SQLITE_CORRUPT": "{path} is damaged and was left as it is; restore a backup with psoas restore",
    "SQLITE_NOTADB": "{path} is not a journal, or is damaged, and was left as it is; restore a backup with psoas restore",
    "SQLITE_IOERR": "the disk with {path} refused, so nothing was changed; see that it is there and has room, and try again",
    "SQLITE_CANTOPEN": "{path} cannot be opened, so nothing was changed; see that its folder can be read and written",
}


def sentence(problem: BaseException | None, path: Path) -> str:
    """One sentence for what a database or a disk refused."""
    name = getattr(problem, "sqlite_errorname", "")
    for start, words in _SENTENCES.items():
        if name.startswith(start):
            return words.format(path=path)
    if isinstance(problem, OSError) and problem.strerror:
        return f"{path} cannot be used ({problem.strerror}); see that the disk is there, writable and has room"
    return f"{path} could not be changed ({problem}); nothing was stored"


# -- the whole file -----------------------------------------------------------------------------------


def damage(connection: Connection, *, quick: bool = False) -> str:
    """What is wrong with the database, or nothing: its pages, and rows that point nowhere."""
    check = "quick_check" if quick else "integrity_check"
    found = connection.exec_driver_sql(f"PRAGMA {check}(1)").scalar()
    if found != "ok":
        return str(found)
    if not quick and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        return "a row points to one that is not there"
    if connection.exec_driver_sql("SELECT count(*) FROM sqlite_master WHERE type IN ('trigger', 'view')").scalar():
        return "it holds triggers or views, which a journal has none of"
    return ""


def revisions(connection: Connection) -> tuple[str, ...]:
    """The migrations a database says it has had; none where it has no such table."""
    if not inspect(connection).has_table("alembic_version"):
        return ()
    return tuple(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars())


def snapshot(path: Path, target: Path) -> None:
    """A copy of a database as it is at one moment, in one file, synced; others may go on writing meanwhile.

    Raises:
        StorageError: It cannot be read, or the copy not written.
    """
    make_file(target)
    with contextlib.ExitStack() as stack:
        with spoken(path):
            uri = f"file:{quote(str(path.absolute()))}?mode=ro"
            old = stack.enter_context(contextlib.closing(sqlite3.connect(uri, uri=True, timeout=WAIT)))
            old.execute("SELECT count(*) FROM sqlite_master").fetchall()
        with spoken(target):
            new = stack.enter_context(contextlib.closing(sqlite3.connect(target, isolation_level=None)))
            old.backup(new)
            new.execute("PRAGMA journal_mode = DELETE").fetchall()  # one file, with nothing beside it
    with spoken(target), target.open("rb+") as file:
        os.fsync(file.fileno())


def settle(path: Path) -> None:
    """Bring what SQLite keeps beside a database into it, and leave one file; a damaged one is left as it is.

    Raises:
        StorageError: Somebody else has it open, or it cannot be written.
    """
    with spoken(path), contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as connection:
        try:
            connection.execute("PRAGMA journal_mode = DELETE").fetchall()
        except sqlite3.DatabaseError as problem:
            if problem.sqlite_errorname not in ("SQLITE_NOTADB", "SQLITE_CORRUPT"):
                raise


def recover(path: Path) -> None:
    """Undo a change that was cut off before the file had a write-ahead log, which reading alone cannot.

    Raises:
        StorageError: It cannot be written.
    """
    journal = Path(f"{path}-journal")
    if journal.exists() and journal.stat().st_size:
        with spoken(path), contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=WAIT)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchall()


def scrub(engine: Engine, path: Path) -> None:
    """Overwrite what was deleted: the file is written anew, and the log beside it emptied.

    Raises:
        StorageError: Another program reads the journal, or the disk refuses; the sentence says what is left.
    """
    try:
        _outside(engine, path, "VACUUM")
    except StorageError:  # most often a full disk: writing it anew needs as much room again
        flush(engine, path)
        raise StorageError(
            f"what was erased is deleted and overwritten, but {path} could not be written anew, so traces may be left in it"
            " until something is erased again with more room on the disk"
        ) from None
    if not flush(engine, path):
        raise StorageError(
            f"what was erased is gone from the journal, but its log {path}-wal is still being read and may hold traces;"
            " close psoas and other programs that use it, and the log goes too"
        )


def flush(engine: Engine, path: Path) -> bool:
    """Empty the log beside the database, which may hold earlier words; false where somebody still reads it.

    Raises:
        StorageError: The disk refuses.
    """
    return not _outside(engine, path, "PRAGMA wal_checkpoint(TRUNCATE)")[0][0]


def _outside(engine: Engine, path: Path, statement: str) -> list[Any]:
    """Rows of a statement that runs outside any transaction."""
    with spoken(path):
        connection = engine.raw_connection()
        try:
            cursor = connection.cursor()
            try:
                cursor.execute(statement)
                return list(cursor.fetchall())
            finally:
                cursor.close()
        finally:
            connection.close()


def fingerprint(path: Path, size: int | None = None) -> str:
    """SHA-256 of a file, or of so many bytes at its start, in hexadecimal."""
    digest = hashlib.sha256()
    left = path.stat().st_size if size is None else size
    with path.open("rb") as file:
        while left > 0 and (block := file.read(min(left, 1 << 20))):
            digest.update(block)
            left -= len(block)
    return digest.hexdigest()
