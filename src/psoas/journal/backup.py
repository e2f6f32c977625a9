"""Backups: the whole journal in one file that tells whether it is whole, and the way back.

A backup is a zip of ``journal.sqlite`` and ``manifest.json``. Its comment is the SHA-256 of every byte before the comment,
so that no byte of the file can change unseen.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import String, column, func, inspect, select, table

from psoas.errors import InputError, StorageError
from psoas.journal import database, migrations

SCHEMA = "psoas.backup/1"
_MANIFEST = "manifest.json"
_SEAL = b"sha256:"
_SEAL_SIZE = len(_SEAL) + 64
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a zip knows: the same journal makes the same file at any time
_MOST_MANIFEST = 10_000_000  # bytes


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself.

    Attributes:
        schema: ``SCHEMA``.
        sha256: Of the database in it.
        bytes: Its size.
        revision: Its last migration.
        counts: Rows by table.
        people: Ids of the people in it.
    """

    schema: str
    sha256: str
    bytes: int
    revision: str
    counts: dict[str, int]
    people: list[str]


def back_up(folder: str | Path, path: str | Path) -> Manifest:
    """Write one file with the whole journal as it is now; a running app may go on meanwhile.

    Args:
        folder: The data folder.
        path: The file to write; one that is there is replaced when the new one is whole and on the disk.
    Raises:
        InputError: The folder holds no journal, or the file is inside it under a name of the journal's own.
        StorageError: The journal cannot be read, or the file not written.
    """
    folder, path = Path(folder), Path(path)
    live = folder / database.FILE
    if not live.is_file():
        raise InputError(f"{folder} holds no journal; give the folder that psoas keeps its data in")
    if path.is_dir() or path.absolute().parent == folder.absolute():
        raise InputError(f"{path} is the journal's own folder or a folder; give the name of a file elsewhere")
    return _write(live, path)


def keep(live: Path, why: str) -> Path:
    """A backup beside the journal, under a name that is free.

    Args:
        live: The journal's file.
        why: Part of the name, such as ``before-0002``.
    Returns:
        The backup.
    Raises:
        StorageError: It cannot be written.
    """
    folder = live.parent / database.BACKUPS
    database.make_folder(folder)
    path = _free(folder, why, ".zip")
    _write(live, path)
    return path


def _free(folder: Path, why: str, ending: str) -> Path:
    number = 1
    while (path := folder / f"{why}-{number}{ending}").exists():
        number += 1
    return path


@contextlib.contextmanager
def _part(path: Path) -> Iterator[Path]:
    """A name beside ``path`` for what is not yet whole, and nothing under it afterwards."""
    part = path.parent / f"{database.PART}{uuid4().hex}"
    try:
        yield part
    finally:
        for ending in ("", *database.BESIDE):
            Path(f"{part}{ending}").unlink(missing_ok=True)


def _write(live: Path, path: Path) -> Manifest:
    with (
        database.spoken(path),
        _part(live) as snapshot,
        _part(path) as part,
    ):
        database.snapshot(live, snapshot)
        manifest = _describe(snapshot)
        database.make_file(part)
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.comment = bytes(_SEAL_SIZE)
            archive.writestr(_member(_MANIFEST), json.dumps(asdict(manifest), indent=1, sort_keys=True))
            with archive.open(_member(database.FILE), "w", force_zip64=True) as target, snapshot.open("rb") as source:
                shutil.copyfileobj(source, target, 1 << 20)
        size = part.stat().st_size - _SEAL_SIZE
        seal = _SEAL + database.fingerprint(part, size).encode("ascii")
        with part.open("rb+") as file:
            file.seek(size)
            file.write(seal)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        database.sync_folder(path.absolute().parent)
    return manifest


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info


def _describe(path: Path) -> Manifest:
    """The manifest of a database that nobody else has open; its tables may be older than today's."""
    return Manifest(SCHEMA, database.fingerprint(path), path.stat().st_size, *_contents(path))


def _contents(path: Path) -> tuple[str, dict[str, int], list[str]]:
    """A database's last migration, rows by table, and ids of people.

    Raises:
        StorageError: It is damaged, or no journal.
    """
    engine = database.make_engine(path, read_only=True)
    try:
        with database.spoken(path), engine.connect() as connection:
            wrong = database.damage(connection)
            found = database.revisions(connection)
            if wrong or len(found) != 1:
                raise StorageError(
                    f"{path} is damaged, or is no journal ({wrong or 'it has no tables'}); restore a backup with psoas restore"
                )
            names = sorted(set(inspect(connection).get_table_names()) - {"alembic_version"})
            counts = {name: connection.scalar(select(func.count()).select_from(table(name))) or 0 for name in names}
            ids = select(column("id", String)).select_from(table("person")).order_by(column("id"))
            return found[0], counts, list(connection.scalars(ids))
    finally:
        engine.dispose()


# -- the way back -------------------------------------------------------------------------------------


def read_manifest(path: str | Path) -> Manifest:
    """What a backup holds, once every byte of it has been found as it was written.

    Raises:
        InputError: It cannot be read, is damaged, or is no backup.
    """
    path = Path(path)
    try:
        size = path.stat().st_size - _SEAL_SIZE
        with path.open("rb") as file:
            file.seek(max(size, 0))
            seal = file.read()
        if size < 0 or not seal.startswith(_SEAL):
            raise InputError(f"{path} is damaged, or is no backup of psoas; give a file that psoas backup has written")
        if seal != _SEAL + database.fingerprint(path, size).encode("ascii"):
            raise InputError(f"{path} is damaged, so nothing was restored; give another backup")
        with zipfile.ZipFile(path) as archive:
            if sorted(archive.namelist()) != sorted((_MANIFEST, database.FILE)):
                raise InputError(f"{path} is no backup of psoas; give a file that psoas backup has written")
            with archive.open(_MANIFEST) as member:
                told = json.loads(member.read(_MOST_MANIFEST))
        if not isinstance(told, dict) or told.get("schema") != SCHEMA:
            raise InputError(f"{path} is no backup this psoas knows; give one of schema {SCHEMA}")
        return _manifest(told)
    except OSError as problem:
        raise InputError(f"{path} cannot be read ({problem.strerror}); give a backup that psoas has written") from None
    except (zipfile.BadZipFile, ValueError, TypeError, KeyError, RecursionError, NotImplementedError, EOFError):
        raise InputError(f"{path} is no backup of psoas; give a file that psoas backup has written") from None


def _manifest(told: dict[str, Any]) -> Manifest:
    manifest = Manifest(**told)
    for item in fields(Manifest):
        if not isinstance(told[item.name], {"str": str, "int": int}.get(str(item.type), (dict, list))):
            raise ValueError(item.name)
    return manifest


def restore(folder: str | Path, path: str | Path) -> Path | None:
    """Put a backup in the place of the journal. What was there is kept in ``backups`` beside it.

    Everything about the backup is verified before anything of the journal is touched: every byte, the pages and rows of the
    database in it, and that its tables are known here; older ones are migrated when the journal is next opened.

    Args:
        folder: The data folder; made if it is not there.
        path: A file that :func:`back_up` has written.
    Returns:
        Where the earlier journal is kept, if there was one.
    Raises:
        InputError: The backup is damaged, is none, or is from a newer psoas.
        StorageError: psoas is running on the folder, or the disk refuses.
    """
    folder, path = Path(folder), Path(path)
    manifest = read_manifest(path)
    if manifest.revision not in migrations.known():
        raise InputError(f"{path} is from a newer psoas (tables {manifest.revision}); use that version")
    live = folder / database.FILE
    with database.hold(folder), database.spoken(live), _part(live) as part:
        _extract(path, part, manifest)
        kept = _put_away(live)
        for ending in database.BESIDE:  # a log that stayed would be read into the restored file
            Path(f"{live}{ending}").unlink(missing_ok=True)
        database.sync_folder(folder)
        part.replace(live)
        database.sync_folder(folder)
    return kept


def _extract(path: Path, part: Path, manifest: Manifest) -> None:
    """The database of a backup under another name, verified and synced.

    Raises:
        InputError: It is not what the manifest says, or is damaged.
    """
    wrong = f"{path} is damaged inside, so nothing was restored; give another backup"
    database.make_file(part)
    try:
        with zipfile.ZipFile(path) as archive, archive.open(database.FILE) as source, part.open("wb") as target:
            left = manifest.bytes
            while left > 0 and (block := source.read(min(left, 1 << 20))):
                target.write(block)
                left -= len(block)
            if left or source.read(1):
                raise InputError(wrong)
            target.flush()
            os.fsync(target.fileno())
        if database.fingerprint(part) != manifest.sha256 or _describe(part) != manifest:
            raise InputError(wrong)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, StorageError):
        raise InputError(wrong) from None


def _put_away(live: Path) -> Path | None:
    """Keep what is there, as a backup, or byte by byte where it is damaged; nobody may have it open."""
    if not live.exists() or live.stat().st_size == 0:
        return None
    try:
        _contents(live)
    except StorageError:
        kept = _put_away_raw(live)
        database.settle(live)
        return kept
    database.settle(live)
    return keep(live, "before-restore")


def _put_away_raw(live: Path) -> Path:
    folder = live.parent / database.BACKUPS
    database.make_folder(folder)
    kept = _free(folder, "damaged", ".sqlite")
    for ending in (*database.BESIDE, ""):
        if Path(f"{live}{ending}").exists():
            with _part(kept) as part:
                database.make_file(part)
                shutil.copyfile(f"{live}{ending}", part)
                part.replace(f"{kept}{ending}")
    return kept
