"""Copies and checks of a whole database, whatever is in it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from herd_engine.storage.database import Database
from herd_engine.storage.tables import artifact, dataset

DATASET_FILES = ("original", "animals.parquet")


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a SQLite file by SQLite's own means: what is still in the WAL comes along, writers go on.

    Raises
    ------
    sqlite3.Error
        The file is no database, or the copy cannot be written.
    """
    with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True)) as old:  # noqa: SIM117
        with closing(sqlite3.connect(target)) as new:
            old.backup(new)


def integrity_faults(database: Database) -> tuple[str, ...]:
    """Let SQLite check every page and every reference; return what is wrong."""
    with database.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
        orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    return (
        *(str(fault) for fault in pages if fault != "ok"),
        *(f"row {row[1]} of {row[0]} refers to nothing" for row in orphans),
    )


def sqlite_faults(path: Path) -> tuple[str, ...]:
    """Let SQLite check every page and reference of a file that nobody uses; nothing is written beside it.

    Raises
    ------
    sqlite3.DatabaseError
        It is no database.
    """
    with closing(_unused(path)) as database:
        pages = database.execute("PRAGMA integrity_check").fetchall()
        orphans = database.execute("PRAGMA foreign_key_check").fetchall()
    broken = (str(fault) for (fault,) in pages if fault != "ok")
    return (*broken, *(f"row {row[1]} of {row[0]} refers to nothing" for row in orphans))


def sqlite_revision(path: Path) -> str | None:
    """Return of which version the tables of a file are that nobody uses.

    Raises
    ------
    sqlite3.DatabaseError
        It is no database, or one without our tables.
    """
    with closing(_unused(path)) as database:
        row = database.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


def _unused(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)


def named_files(database: Database) -> frozenset[str]:
    """Return the keys of all files that the rows of a database name."""
    with database.reading() as connection:
        files = connection.execute(sa.select(artifact.c.run_id, artifact.c.name)).all()
        hashes = connection.execute(sa.select(dataset.c.sha256)).scalars().all()
    return frozenset(
        (
            *(f"runs/{run_id}/{name}" for run_id, name in files),
            *(f"datasets/{sha256}/{name}" for sha256 in hashes for name in DATASET_FILES),
        )
    )
