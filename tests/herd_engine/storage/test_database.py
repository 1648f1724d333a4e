"""The database itself: migrations, backups, and what is said where it cannot be used."""

import shutil
import sqlite3
import uuid
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
import typer
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from herd_engine.cli import db
from herd_engine.errors import StorageError
from herd_engine.storage import (
    operation_tables,  # noqa: F401 - its tables are of the same metadata
    upgrading,
)
from herd_engine.storage.database import open_database
from herd_engine.storage.farms import FarmTable
from herd_engine.storage.maintenance import integrity_faults
from herd_engine.storage.presets import PresetTable
from herd_engine.storage.run_rows import RunFilters
from herd_engine.storage.runs import RunTable
from herd_engine.storage.scope import Scope
from herd_engine.storage.submissions import SubmissionTable
from herd_engine.storage.tables import farm, metadata, now
from herd_engine.storage.upgrading import is_current, make_ready, revisions, upgrade
from tests.herd_engine.storage.disks import make_read_only
from tests.herd_engine.storage.processes import migrate


def test_migrations_and_tables_agree(database):
    with database.reading() as connection:
        options = {"compare_type": True, "include_name": is_ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def is_ours(name, kind, _parents):
    """The catalogue of the outputs table is Iceberg's own."""
    return kind != "table" or not name.startswith("iceberg_")


def test_an_empty_database_gets_tables_and_a_farm(empty_url):
    with open_database(empty_url) as database:
        assert not is_current(database)
        assert upgrade(database) is None
        assert is_current(database)
        assert upgrade(database) is None
        assert FarmTable(database).default().name == "My farm"


def test_missing_tables_are_told(empty_url):
    with (
        open_database(empty_url) as database,
        pytest.raises(StorageError, match=r"its tables are missing; run `herd db upgrade`"),
    ):
        FarmTable(database).list_farms()


def test_tables_of_a_newer_version_are_left_alone(own_database):
    with own_database.transaction() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(StorageError, match=r"its tables \(9999\) are of a newer version of Herd Workbench"):
        upgrade(own_database)


def test_processes_may_upgrade_at_once(empty_url, two_processes):
    assert list(two_processes.map(migrate, [empty_url] * 4)) == [False] * 4

    with open_database(empty_url) as database:
        assert len(FarmTable(database).list_farms()) == 1


def test_an_empty_database_is_made_ready(empty_url):
    with open_database(empty_url) as database:
        make_ready(database)

        assert is_current(database)
        assert FarmTable(database).default().name == "My farm"


def test_newer_tables_are_not_made_ready(own_database):
    with own_database.transaction() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(StorageError, match="newer version of Herd Workbench"):
        make_ready(own_database)


def test_only_tables_of_a_file_are_upgraded_unasked(kind, own_database, next_migration):
    next_migration()

    if kind == "sqlite":
        make_ready(own_database)
        assert revisions(own_database) == (NEXT, NEXT)
    else:
        with pytest.raises(
            StorageError, match=rf"older version \({HEAD}, not {NEXT}\); run `herd db upgrade`"
        ):
            make_ready(own_database)
        assert revisions(own_database) == (HEAD, NEXT)


VERSIONS = sorted((upgrading.MIGRATIONS / "versions").glob("v*.py"))
HEAD, NEXT = VERSIONS[-1].name[1:5], "9999"
NEXT_MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "{next}"
down_revision = "{head}"


def upgrade():
    op.add_column("farm", sa.Column("extra", sa.Text))
    {more}
"""


@pytest.fixture
def next_migration(tmp_path, monkeypatch):
    """Return what adds a migration to those of the package; ``more`` is its last line."""

    def add(more="pass"):
        folder = tmp_path / "migrations"
        shutil.copytree(upgrading.MIGRATIONS, folder)
        (folder / "versions" / f"v{NEXT}.py").write_text(
            NEXT_MIGRATION.format(head=HEAD, next=NEXT, more=more)
        )
        monkeypatch.setattr(upgrading, "MIGRATIONS", folder)

    return add


def test_a_sqlite_file_is_copied_before_its_tables_change(kind, own_database, next_migration):
    FarmTable(own_database).add("Kept")
    next_migration()

    backup = upgrade(own_database)

    with own_database.reading() as connection:
        assert connection.execute(sa.text("SELECT name, extra FROM farm ORDER BY name")).all() == [
            ("Kept", None),
            ("My farm", None),
        ]
    if kind == "postgresql":
        assert backup is None
        return
    assert backup.parent == Path(own_database.engine.url.database).parent
    with closing(sqlite3.connect(backup)) as old:
        assert old.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
        assert old.execute("SELECT count(*) FROM farm WHERE name = 'Kept'").fetchall() == [(1,)]


@contextmanager
def tables_of(revision, monkeypatch, folder):
    """Let upgrades end at a revision, as those of the version that brought it did."""
    older = folder / f"until-{revision}"
    shutil.copytree(upgrading.MIGRATIONS, older)
    for later in (older / "versions").glob("v*.py"):
        if later.name[1:5] > revision:
            later.unlink()
    with monkeypatch.context() as before:
        before.setattr(upgrading, "MIGRATIONS", older)
        yield


def insert_old(connection, table_name, /, **values):
    """Insert a row into a table as it is in the database; what is not named is made up, or left out."""
    table = sa.Table(table_name, sa.MetaData(), autoload_with=connection)
    made_up = {sa.Text: "x", sa.Integer: 1, sa.BigInteger: 1, sa.Boolean: False, sa.JSON: "{}"}
    made_up |= {sa.String: str(uuid.uuid4()), sa.DateTime: now(), sa.Date: now().date()}
    row = {}
    for column in table.columns:
        if column.name in values:
            row[column.name] = values[column.name]
        elif not column.nullable and column.server_default is None:
            row[column.name] = next(value for kind, value in made_up.items() if isinstance(column.type, kind))
    connection.execute(sa.insert(table).values(row))


def old_run(database, **values):
    """Insert a run, with its dataset, into tables of any version; return its id."""
    farm_id, dataset_id, run_id = FarmTable(database).default().id, str(uuid.uuid4()), str(uuid.uuid4())
    with database.transaction() as connection:
        insert_old(connection, "dataset", id=dataset_id, farm_id=farm_id, sha256=uuid.uuid4().hex)
        insert_old(
            connection, "run", **({"id": run_id, "farm_id": farm_id, "dataset_id": dataset_id} | values)
        )
    return run_id


def test_runs_that_an_older_version_queued_can_be_claimed(empty_url, tmp_path, monkeypatch):
    with open_database(empty_url) as database:
        with tables_of("0002", monkeypatch, tmp_path):
            upgrade(database)
        run_id = old_run(database, status="queued", not_before=now())

        upgrade(database)

        assert RunTable(database).claim("worker").id == run_id


def test_whoever_owned_a_run_of_an_older_version_asked_for_it(empty_url, tmp_path, monkeypatch):
    with open_database(empty_url) as database:
        with tables_of("0003", monkeypatch, tmp_path):
            upgrade(database)
        run_id = old_run(database, owner="anna", status="failed", priority=3, timeout_seconds=60.0)
        old_run(database, owner="local", status="failed")

        upgrade(database)

        scope = Scope(FarmTable(database).default().id)
        (asked,) = SubmissionTable(database).of_run(scope, run_id)
        run = RunTable(database).get(scope, run_id)
        assert (asked.principal, asked.source, asked.priority) == ("anna", "app", 3)
        assert (asked.created_at, asked.timeout_seconds) == (run.queued_at, 60.0)
        assert (run.name, run.starred) == (None, False)
        assert len(RunTable(database).list_runs(scope, RunFilters(owner="local")).items) == 1


def test_rows_of_built_in_presets_go_and_ones_own_stay(empty_url, tmp_path, monkeypatch):
    with open_database(empty_url) as database:
        with tables_of("0004", monkeypatch, tmp_path):
            upgrade(database)
        farm_id = FarmTable(database).default().id
        with database.transaction() as connection:
            for name, built_in in (("baseline", True), ("mine", False)):
                values = {"id": str(uuid.uuid4()), "content_hash": name, "name": name, "built_in": built_in}
                insert_old(connection, "preset", farm_id=farm_id, owner="anna", **values)

        upgrade(database)

        assert [row.name for row in PresetTable(database).list_presets(Scope(farm_id)).items] == ["mine"]


def test_a_migration_that_fails_changes_nothing(own_database, next_migration):
    next_migration('raise RuntimeError("half way")')

    with pytest.raises(RuntimeError, match="half way"):
        upgrade(own_database)

    with own_database.reading() as connection:
        assert "extra" not in {column["name"] for column in sa.inspect(connection).get_columns("farm")}
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() == HEAD


def test_an_error_rolls_everything_back(database, scope):
    with pytest.raises(RuntimeError, match="half way"):
        break_off(database)

    assert FarmTable(database).get(scope.farm_id).name == "My farm"


def break_off(database):
    with database.transaction() as connection:
        connection.execute(sa.update(farm).values(name="changed"))
        raise RuntimeError("half way")


def test_whoever_reads_cannot_write(database, scope):
    change = sa.update(farm).values(name="changed")

    with pytest.raises(StorageError, match=r"read-?only"), database.reading() as connection:
        connection.execute(change)

    assert FarmTable(database).rename(scope.farm_id, "written").name == "written"


def test_a_moment_without_zone_is_refused(database):
    with pytest.raises(sa.exc.StatementError, match="needs its time zone"), database.reading() as connection:
        connection.execute(sa.select(farm).where(farm.c.created_at > datetime(2026, 1, 1)))  # noqa: DTZ001


def test_sqlite_is_set_up_for_many(tmp_path):
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    url = f"sqlite:///{tmp_path}/new/folder/herd.db"

    with open_database(url) as database, database.transaction() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}

    # https://sqlite.org/pragma.html: synchronous NORMAL is 1
    assert found == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 30_000}


def test_postgresql_is_meant_by_its_short_url():
    with open_database("postgresql://anna:secret@nowhere.invalid/herd") as database:
        assert database.engine.url.drivername == "postgresql+psycopg"
        assert database.place == "postgresql+psycopg://anna:***@nowhere.invalid/herd"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("nonsense", "its URL cannot be read"),
        ("mysql://u:secret@h/d", "only sqlite:/// and postgresql:// are known"),
        ("sqlite://", "the URL must name a file"),
        ("sqlite:////proc/nowhere/herd.db", "No such file or directory"),
    ],
)
def test_a_url_of_no_database_is_told(url, reason):
    with pytest.raises(StorageError, match=reason) as caught:
        open_database(url)

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("host", ["/?host=/nowhere", "127.0.0.1:9/"])
def test_a_server_that_does_not_answer_is_told(host):
    with (
        open_database(f"postgresql://anna:secret@{host}") as database,
        pytest.raises(StorageError, match=r"cannot be used: .*connection.* failed") as caught,
    ):
        FarmTable(database).default()

    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_database_is_told(tmp_path):
    (tmp_path / "herd.db").write_bytes(b"these are not the bytes of a database" * 100)

    with (
        open_database(f"sqlite:///{tmp_path}/herd.db") as database,
        pytest.raises(StorageError, match="file is not a database"),
    ):
        upgrade(database)


@pytest.fixture
def sqlite_database(migrated_sqlite, tmp_path):
    (tmp_path / "herd.db").write_bytes(migrated_sqlite.read_bytes())
    with open_database(f"sqlite:///{tmp_path}/herd.db") as opened:
        yield opened


def test_a_full_disk_is_told_and_nothing_is_half_written(migrated_sqlite, tiny_disk):
    (tiny_disk / "herd.db").write_bytes(migrated_sqlite.read_bytes())

    with open_database(f"sqlite:///{tiny_disk}/herd.db") as database:
        with pytest.raises(StorageError, match="database or disk is full"):
            fill(database)
        assert FarmTable(database).default().name == "My farm"


def fill(database):
    with database.transaction() as connection:
        connection.execute(sa.update(farm).values(name="changed"))
        connection.execute(sa.update(farm).values(name="x" * 2_000_000))


def test_a_read_only_disk_is_told(migrated_sqlite, tiny_disk):
    (tiny_disk / "herd.db").write_bytes(migrated_sqlite.read_bytes())
    make_read_only(tiny_disk)

    with (
        open_database(f"sqlite:///{tiny_disk}/herd.db") as database,
        pytest.raises(StorageError, match=r"readonly database|unable to open"),
    ):
        FarmTable(database).add("Other")


def test_a_full_disk_leaves_no_half_backup(sqlite_database, next_migration, monkeypatch):
    next_migration()

    def full(*_):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(upgrading, "copy_sqlite", full)
    with pytest.raises(StorageError, match="the backup cannot be written: database or disk is full"):
        upgrade(sqlite_database)

    assert not is_current(sqlite_database)
    assert list(Path(sqlite_database.engine.url.database).parent.glob("*.backup")) == []


def test_the_command_tells_what_it_upgrades_and_where_the_backup_is(
    kind, own_database, empty_url, next_migration, monkeypatch, capsys
):
    monkeypatch.setenv("HERD_DATABASE_URL", empty_url)
    monkeypatch.setenv("COLUMNS", "300")
    next_migration()
    with pytest.raises(typer.Exit) as behind:
        db.revision()

    db.upgrade()
    db.revision()

    assert behind.value.exit_code == 3
    first, second, *backup, last = (line.split(": ", 1)[1] for line in capsys.readouterr().out.splitlines())
    assert (first, second, last) == (
        f"{HEAD}, needed: {NEXT}",
        f"{HEAD} -> {NEXT}",
        f"{NEXT}, needed: {NEXT}",
    )
    assert [Path(path).exists() for path in backup] == ([True] if kind == "sqlite" else [])


def test_nothing_is_upgraded_twice(own_database, empty_url, monkeypatch, capsys):
    monkeypatch.setenv("HERD_DATABASE_URL", empty_url)
    head = revisions(own_database).needed

    db.upgrade()

    assert capsys.readouterr().out.replace("\n", "").endswith(f"{head} -> {head}")


def test_a_broken_reference_is_found(sqlite_database):
    assert integrity_faults(sqlite_database) == ()
    with closing(sqlite3.connect(sqlite_database.engine.url.database)) as careless, careless:
        careless.execute("INSERT INTO farm_version (farm_id, version) VALUES ('nobody', 1)")

    assert any("farm_version refers to nothing" in fault for fault in integrity_faults(sqlite_database))


def test_a_path_with_a_question_mark_is_a_path(tmp_path):
    with open_database(f"sqlite:///{tmp_path}/a?b#c%20/herd.db") as database:
        make_ready(database)

    assert [path.name for path in tmp_path.iterdir()] == ["a?b#c%20"]
    assert (tmp_path / "a?b#c%20" / "herd.db").stat().st_mode & 0o077 == 0


def test_what_is_up_to_date_is_opened_and_read_while_somebody_else_writes(sqlite_database, migrated_sqlite):
    place = sqlite_database.engine.url.database
    with closing(sqlite3.connect(place, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with open_database(f"sqlite:///{place}", busy_seconds=0.0) as database:
            make_ready(database)
            assert len(FarmTable(database).list_farms()) == 1


def test_who_stands_still_in_a_transaction_on_postgresql_gives_way(migrated_postgres, monkeypatch):
    """As a process that was stopped with its locks: the server ends it, and others go on."""
    change, url = sa.update(farm).values(name=farm.c.name), migrated_postgres()

    def stand_still(still, other):
        with still.transaction() as first:
            first.execute(change)
            with other.transaction() as second:
                second.execute(change)  # waits until the first has lost its locks

    with open_database(url) as other, open_database(url) as still:
        with other.reading() as connection:  # connects before the patience is cut
            connection.execute(sa.text("SELECT 1"))
        monkeypatch.setattr("herd_engine.storage.database.IDLE_SECONDS", 0.2)
        with pytest.raises(StorageError, match="idle-in-transaction"):
            stand_still(still, other)
        monkeypatch.undo()
        with still.transaction() as connection:  # another connection, and all is well
            connection.execute(sa.text("SELECT 1"))
