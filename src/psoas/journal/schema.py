"""From whatever is in the folder to a database with today's tables: made, migrated, or refused with a sentence."""

from __future__ import annotations

import contextlib
from pathlib import Path
from threading import Lock

from alembic import command
from alembic.config import Config
from sqlalchemy import inspect

from psoas.errors import StorageError
from psoas.journal import backup, database, migrations, tables

_ONE_AT_A_TIME = Lock()  # Alembic keeps the migration it runs in a module


def bring_up(path: Path, *, read_only: bool = False) -> None:
    """A database at ``path`` with today's tables.

    A file that is not there, or is empty, gets them. One with earlier tables is backed up and migrated, all steps or
    none. Anything else is left untouched.

    Args:
        path: The journal's file, in a folder that is there.
        read_only: Make and migrate nothing.
    Raises:
        StorageError: The file is damaged, is no journal, is from a newer psoas, or cannot be written.
    """
    fresh = not path.exists() or path.stat().st_size == 0
    revision = None if fresh else _revision(path)
    if revision == tables.REVISION:
        return
    if revision is not None and revision not in migrations.known():
        raise StorageError(
            f"{path} was written by a newer psoas (tables {revision}, known here up to {tables.REVISION}) and was left"
            " as it is; use that version"
        )
    if read_only:
        raise StorageError(f"{path} is not of this version of psoas; open it once where it can be written")
    if revision is None:
        database.make_file(path)
    else:
        backup.keep(path, f"before-{tables.REVISION}")
    _upgrade(path)


def _revision(path: Path) -> str | None:
    """Which tables a file has; none where it has no table at all. Reads only, so that a damaged file stays as it is."""
    database.recover(path)
    engine = database.make_engine(path, read_only=True)
    try:
        with database.spoken(path), engine.connect() as connection:
            wrong = database.damage(connection, quick=True)
            if wrong:
                raise StorageError(
                    f"{path} is damaged ({' '.join(wrong.split())}) and was left as it is; restore a backup with psoas restore"
                )
            found = database.revisions(connection)
            if len(found) != 1 and inspect(connection).get_table_names():
                raise StorageError(f"{path} is a database, but no journal, and was left as it is; give another folder")
            return found[0] if found else None
    finally:
        engine.dispose()


def _upgrade(path: Path) -> None:
    """Run the migrations that are due, in one transaction.

    Raises:
        StorageError: One fails; the database is as it was.
    """
    config = Config()
    config.set_main_option("script_location", str(migrations.FOLDER).replace("%", "%%"))
    # A table that is rebuilt is dropped under its old name, which must not take other rows with it. The keys cannot be
    # switched off inside a transaction, hence an engine without them and a check before the commit.
    engine = database.make_engine(path, foreign_keys=False)
    with contextlib.ExitStack() as stack:
        stack.callback(engine.dispose)
        stack.enter_context(_ONE_AT_A_TIME)
        stack.enter_context(database.spoken(path))
        connection = stack.enter_context(database.writing(engine).begin())
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, tables.REVISION)
            wrong = database.damage(connection)
        except Exception as problem:  # a migration is code and may fail in any way; nothing of it stays
            reason = " ".join(str(problem).split()) or type(problem).__name__
            raise StorageError(
                f"the tables of {path} could not be brought up to date ({reason}), so they are as they were; use the"
                " version of psoas that wrote them"
            ) from problem
        if wrong:
            raise StorageError(
                f"{path} would be damaged by an update ({wrong}), so it is as it was; use an earlier psoas"
            )
