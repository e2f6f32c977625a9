import os
import shutil
import sqlite3

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from psoas.errors import StorageError
from psoas.journal import Store, backup, database, migrations, records, restore, tables
from psoas.journal.store import ROWS


def test_the_migrations_make_the_tables_the_code_has(store, folder):
    engine = database.make_engine(folder / database.FILE, read_only=True)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, tables.Row.metadata) == []
        made = dict(connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'").all())
    engine.dispose()
    # Alembic does not compare constraints by their text, so the names are looked for: those of the code, and no others.
    for table in tables.Row.metadata.tables.values():
        wanted = str(CreateTable(table).compile(dialect=engine.dialect))
        assert constraints(made[table.name]) == constraints(wanted), table.name


def constraints(sql):
    """The lines of a table's constraints, in any order."""
    lines = (" ".join(line.strip().rstrip(",").split()) for line in sql.splitlines())
    return sorted(line for line in lines if line.startswith("CONSTRAINT"))


def test_the_newest_migration_is_the_one_the_tables_name():
    assert migrations.known()[0] == tables.REVISION


def test_each_field_of_a_record_has_its_column_and_each_column_its_field():
    for kind, row in ROWS.items():
        wanted = set(records.forms(kind))
        for name in records.moments(kind):
            wanted = wanted - {name} | {f"{name}_utc", f"{name}_offset_s"}
        assert wanted | ({"data"} if kind in records.WITH_BYTES else set()) == set(row.__table__.columns.keys())
    assert set(ROWS) == set(records.KINDS.values())


def test_the_tables_are_nothing_of_sqlites_own():
    for table in tables.Row.metadata.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=postgresql.dialect()))


def test_only_one_module_speaks_to_sqlite():
    room = migrations.FOLDER.parent
    own = [
        path.relative_to(room).as_posix()
        for path in room.rglob("*.py")
        if "PRAGMA " in path.read_text(encoding="utf-8")
    ]
    assert own == ["database.py"]


# -- an update ----------------------------------------------------------------------------------------

GOOD = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0004", "0003"
def upgrade():
    with op.batch_alter_table("entry", recreate="always") as batch:
        batch.add_column(sa.Column("mood", sa.Text()))
"""
FAILING = {
    "raises": GOOD + '    raise ValueError("the second\\nstep fails")\n',
    "wrong SQL": GOOD + '    op.execute("UPDATE entry SET nothing = 1")\n',
    "leaves orphans": GOOD + '    op.execute("DELETE FROM person")\n',
}


@pytest.fixture
def migrate(tmp_path, monkeypatch):
    """Give this psoas another migration."""

    def plant(script):
        place = tmp_path / "migrations"
        shutil.copytree(migrations.FOLDER, place, ignore=shutil.ignore_patterns("__pycache__"))
        (place / "versions" / "0004_more.py").write_text(script)
        monkeypatch.setattr(migrations, "FOLDER", place)
        monkeypatch.setattr(tables, "REVISION", "0004")

    return plant


def test_an_update_backs_up_first_and_loses_nothing(folder, fill, migrate, monkeypatch):
    with Store(folder) as store:
        made = fill(store, "old")
    migrate(GOOD)
    with Store(folder) as store:
        assert store.entries(made.person.id) == (made.entry,)
        assert store.comparison_days(made.person.id) == (made.day,)
        assert store.photos(made.person.id) == (made.photo,)  # rebuilding their table's parent took nothing with it
        with store.reading() as session:
            assert session.connection().exec_driver_sql("SELECT mood FROM entry").all() == [(None,)]
    kept = folder / "backups" / "before-0004-1.zip"
    assert backup.read_manifest(kept).revision == "0003"
    monkeypatch.undo()  # back to this version, and to what it wrote
    with pytest.raises(StorageError, match=r"newer psoas \(tables 0004, known here up to 0003\)"):
        Store(folder)
    restore(folder, kept)
    with Store(folder) as store:
        assert store.entries(made.person.id) == (made.entry,)


@pytest.fixture
def first_tables(folder, monkeypatch):
    """A journal as an earlier psoas left it, with a rest in it; its backup, and the rest's id."""

    def make(moment, revision="0001"):
        with monkeypatch.context() as before:
            before.setattr(tables, "REVISION", revision)
            with Store(folder) as store:
                who = store.add_person("Ann", created_at=moment)
                entry = store.begin_entry(who.id, practice="rest", created_at=moment, words="kept", comfort_before=4)
            backup.back_up(folder, folder.parent / "first.zip")
        return who, entry, folder.parent / "first.zip"

    return make


def test_a_journal_of_the_first_tables_is_brought_up_and_its_backup_too(folder, first_tables, now):
    who, entry, saved = first_tables(now)
    assert "comparison" not in {name for (name,) in tables_of(folder)}
    for again in (False, True):
        if again:
            restore(folder, saved)
        with Store(folder) as store:
            assert store.people() == (who,)
            assert store.entries(who.id) == (entry,)
            assert store.comparisons(who.id) == store.comparison_days(who.id) == ()
            made = store.begin_comparison(
                who.id,
                created_at=now,
                name_a="A",
                name_b="B",
                outcome="comfort",
                method="alternating",
                order=["A", "B"],
            )
            store.add_comparison_day(
                who.id, comparison_id=made.id, entry_id=entry.id, created_at=now, step=0, planned="A"
            )
            assert store.habit_days(who.id) == store.clue_notes(who.id) == ()
    assert backup.read_manifest(folder / "backups" / "before-0003-1.zip").revision == "0001"


def test_a_journal_of_the_second_tables_is_backed_up_and_takes_a_day_and_a_note(folder, first_tables, now):
    who, entry, saved = first_tables(now, "0002")
    assert ("comparison",) in tables_of(folder) and ("habit_day",) not in tables_of(folder)
    for again in (False, True):
        if again:
            restore(folder, saved)
        with Store(folder) as store:
            assert store.entries(who.id) == (entry,)
            day = store.save_habit_day(who.id, day="2026-03-29", created_at=now, done=["walk"])
            note = store.add_clue_note(who.id, created_at=now, seen={"pelvis": ["turns"]})
        with Store(folder) as store:
            assert (store.habit_days(who.id), store.clue_notes(who.id)) == ((day,), (note,))
    assert backup.read_manifest(folder / "backups" / "before-0003-1.zip").revision == "0002"


def tables_of(folder):
    connection = sqlite3.connect(folder / database.FILE)
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    connection.close()
    return names


@pytest.mark.parametrize("how", FAILING)
def test_an_update_that_fails_leaves_the_journal_as_it_was(folder, fill, migrate, monkeypatch, how):
    with Store(folder) as store:
        made = fill(store, "old")
    before = dump(folder)
    migrate(FAILING[how])
    with pytest.raises(StorageError, match=r"could not be brought up to date|would be damaged") as refused:
        Store(folder)
    assert "\n" not in str(refused.value)
    assert dump(folder) == before
    monkeypatch.undo()
    with Store(folder) as store:
        assert store.entries(made.person.id) == (made.entry,)
        assert store.change_entry(made.entry.id, words="goes on").words == "goes on"


def dump(folder):
    connection = sqlite3.connect(folder / database.FILE)
    lines = list(connection.iterdump())
    connection.close()
    return lines


def test_no_update_without_a_backup(folder, fill, migrate, monkeypatch):
    with Store(folder) as store:
        fill(store)
    before = dump(folder)
    migrate(GOOD)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup.shutil, "copyfileobj", full)
    with pytest.raises(StorageError, match="No space left"):
        Store(folder)
    assert dump(folder) == before
    assert list((folder / "backups").iterdir()) == []
    assert database.parts(folder) == []


def test_a_journal_of_an_older_psoas_cannot_be_read_only(folder, migrate):
    Store(folder).close()
    migrate(GOOD)
    with pytest.raises(StorageError, match="not of this version"):
        Store(folder, read_only=True)


# -- what is no journal -------------------------------------------------------------------------------


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix == ".sqlite"}


def ruin_header(path):
    path.write_bytes(b"not a database, but long enough to look like one" * 200)


def ruin_page(path):
    data = bytearray(path.read_bytes())
    data[4096:8192] = os.urandom(1) * 4096
    path.write_bytes(data)


def cut(path):
    path.write_bytes(path.read_bytes()[:10_000])


def foreign(path):
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE recipe (soup TEXT)")
    connection.commit()
    connection.close()


def newer(path):
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("ruin", "said"),
    [
        (ruin_header, "is not a journal, or is damaged, and was left as it is"),
        (ruin_page, "damaged .*and was left as it is; restore a backup"),
        (cut, "damaged .*and was left as it is; restore a backup"),
        (foreign, "is a database, but no journal, and was left as it is"),
        (newer, "written by a newer psoas .* and was left as it is"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_and_left_as_it_is(folder, fill, ruin, said):
    with Store(folder) as store:
        fill(store)
    ruin(folder / database.FILE)
    before = contents(folder)
    for read_only in (False, True):
        with pytest.raises(StorageError, match=said) as refused:
            Store(folder, read_only=read_only)
        assert "\n" not in str(refused.value)
    assert contents(folder) == before


def test_an_empty_file_becomes_a_journal(folder):
    folder.mkdir()
    (folder / database.FILE).touch()
    with Store(folder) as store:
        assert store.people() == ()


def test_a_change_cut_off_before_the_log_is_undone(folder, fill):
    """A hot rollback journal, as a kill leaves one between a restore and the first write."""
    with Store(folder) as store:
        made = fill(store)
    path = folder / database.FILE
    database.settle(path)
    before = path.read_bytes()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA cache_size = 1")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE photo SET data = zeroblob(200000)")
    connection.execute("UPDATE entry SET words = 'half'")
    spilled, journal = path.read_bytes(), (folder / f"{database.FILE}-journal").read_bytes()
    connection.execute("ROLLBACK")
    connection.close()
    assert spilled != before and journal
    path.write_bytes(spilled)
    (folder / f"{database.FILE}-journal").write_bytes(journal)
    with Store(folder) as store:
        assert store.entry(made.entry.id) == made.entry
