"""Bring the tables of a database to what this version of the package needs."""

import sqlite3
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from herd_engine.errors import StorageError
from herd_engine.storage.database import Database, make_private
from herd_engine.storage.maintenance import copy_sqlite
from herd_engine.storage.tables import now

MIGRATIONS = Path(__file__).parent / "migrations"
UPGRADE_LOCK = 0x48455244
"""Key of PostgreSQL's advisory lock under which one process migrates: the letters HERD."""


class Revisions(NamedTuple):
    """Which tables a database has, and which this version of the package needs; None for none."""

    found: str | None
    needed: str | None


def make_ready(database: Database) -> None:
    """Give an empty database its tables; bring those of a SQLite file up to date, after a backup.

    The tables of a server are used by more than one machine: they change only when told to.

    Raises
    ------
    StorageError
        As ``upgrade``, or the tables of a server are of an older version.
    """
    if database.is_sqlite:
        _make_file(database)
    found, needed = revisions(database)
    if found == needed:
        return  # whoever only reads takes no lock
    if database.is_sqlite or found is None or is_newer(found):
        upgrade(database)
    else:
        reason = f"its tables are of an older version ({found}, not {needed}); run `herd db upgrade`"
        raise StorageError(database.place, reason)


def upgrade(database: Database) -> Path | None:
    """Run the migrations that are missing; several processes may do so at once.

    Returns
    -------
    Path or None
        The backup that was made first: of a SQLite file that has tables, where something was to do.

    Raises
    ------
    StorageError
        The database cannot be used, the backup cannot be written, or the tables are of a newer version.
    """
    with database.transaction() as connection:
        if not database.is_sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(UPGRADE_LOCK)))
        found = _revision(connection)
        if found == _scripts().get_current_head():
            return None
        if is_newer(found):
            raise StorageError(
                database.place, f"its tables ({found}) are of a newer version of Herd Workbench"
            )
        backup = _back_up(database, found) if database.is_sqlite and found else None
        command.upgrade(_config(connection), "head")
        return backup


def revisions(database: Database) -> Revisions:
    """Return what a database has and what it needs; they are equal where nothing is to do."""
    with database.reading() as connection:
        return Revisions(_revision(connection), _scripts().get_current_head())


def is_newer(revision: str | None) -> bool:
    """Tell whether tables are of a version that this package does not know yet."""
    return revision not in {None, *(script.revision for script in _scripts().walk_revisions())}


def is_current(database: Database) -> bool:
    """Whether the tables are those of this version of the package."""
    found, needed = revisions(database)
    return found == needed


def _make_file(database: Database) -> None:
    try:
        make_private(Path(str(database.engine.url.database)))
    except OSError as error:
        raise StorageError(database.place, error.strerror or "it cannot be made") from error


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(MIGRATIONS))


def _revision(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: sa.Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _back_up(database: Database, revision: str) -> Path:
    """Copy a SQLite file beside itself, by SQLite's own means: what is still in the WAL comes along."""
    source = Path(str(database.engine.url.database))
    backup = source.with_name(f"{source.name}.{revision}.{now():%Y%m%dT%H%M%S}.backup")
    try:
        copy_sqlite(source, backup)
    except sqlite3.Error as error:
        backup.unlink(missing_ok=True)
        raise StorageError(str(backup), f"the backup cannot be written: {error}") from error
    return backup
