"""Bring the tables of a database to what this version of the package needs."""

import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from herd_engine.errors import StorageError
from herd_engine.storage.database import Database
from herd_engine.storage.tables import now

MIGRATIONS = Path(__file__).parent / "migrations"
UPGRADE_LOCK = 0x48455244
"""Key of PostgreSQL's advisory lock under which one process migrates: the letters HERD."""


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
        found, scripts = _revision(connection), ScriptDirectory(str(MIGRATIONS))
        if found == scripts.get_current_head():
            return None
        if found not in {None, *(script.revision for script in scripts.walk_revisions())}:
            raise StorageError(database.place, "its tables are of a newer version of Herd Workbench")
        backup = _back_up(database, found) if database.is_sqlite and found else None
        command.upgrade(_config(connection), "head")
        return backup


def is_current(database: Database) -> bool:
    """Whether the tables are those of this version of the package."""
    with database.reading() as connection:
        return _revision(connection) == ScriptDirectory(str(MIGRATIONS)).get_current_head()


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
        _copy(source, backup)
    except sqlite3.Error as error:
        backup.unlink(missing_ok=True)
        raise StorageError(str(backup), f"the backup cannot be written: {error}") from error
    return backup


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
