"""The one door to the database: SQLite in a file, or PostgreSQL."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection

from herd_engine.errors import ParameterError, StorageError

Connection = sa.Connection
"""An open transaction, as callers in other rooms hand it on."""

FILE = "sqlite:///"
BUSY_SECONDS = 30
"""How long a SQLite writer waits for its turn; a transaction of ours takes milliseconds."""

CONNECT_SECONDS = 10
"""How long PostgreSQL may take to answer a new connection."""

DRIVERS = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


@dataclass(frozen=True, slots=True)
class Database:
    """A database whose every access is a transaction.

    Attributes
    ----------
    engine : sqlalchemy.Engine
    """

    engine: sa.Engine

    @property
    def place(self) -> str:
        """Where it is, without the password."""
        return self.engine.url.render_as_string(hide_password=True)

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of ours rather than a server."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """Read and write; committed at the end, rolled back on any error.

        Raises
        ------
        StorageError
            The database cannot be reached or written.
        ParameterError
            It cannot keep a value: a text with a NUL character, a number that is too great.
        """
        with self._friendly_errors(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Read only: waits for no writer, and no writer waits for it.

        Raises
        ------
        StorageError
            The database cannot be reached, or something was written.
        """
        with self._friendly_errors(), self.engine.connect() as connection:
            yield connection.execution_options(herd_reads_only=True, postgresql_readonly=True)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _friendly_errors(self) -> Iterator[None]:
        try:
            yield
        except exc.DBAPIError as error:
            if _lacks_tables(error):
                raise StorageError(self.place, "its tables are missing; run `herd db upgrade`") from error
            if isinstance(error, exc.DataError):
                raise ParameterError("value", _first_line(error.orig), "be one that can be stored") from error
            if isinstance(error, exc.IntegrityError | exc.ProgrammingError):
                raise
            raise StorageError(self.place, _first_line(error.orig)) from error
        except UnicodeEncodeError as error:
            raise ParameterError("value", error.object[:100], "be one that can be stored") from error
        except exc.TimeoutError as error:
            raise StorageError(self.place, "all connections are in use") from error


def open_database(url: str, busy_seconds: float = BUSY_SECONDS) -> Database:
    """Open a database; it is first touched by its first transaction.

    Parameters
    ----------
    url : str
        ``sqlite:///path/of/file.db`` (its folder is made) or ``postgresql://user:password@host/name``.
    busy_seconds : float
        How long a SQLite writer waits for its turn.

    Raises
    ------
    StorageError
        The URL names no database of these two kinds, or the folder cannot be made.
    """
    try:
        # A path may have any characters, also those that mean something in other URLs.
        is_file = url.startswith(FILE)
        parsed = sa.URL.create("sqlite", database=url.removeprefix(FILE)) if is_file else sa.make_url(url)
    except exc.ArgumentError as error:
        raise StorageError("The database", "its URL cannot be read") from error
    place = parsed.render_as_string(hide_password=True)
    if parsed.drivername not in DRIVERS:
        raise StorageError(place, "only sqlite:/// and postgresql:// are known")
    parsed = parsed.set(drivername=DRIVERS[parsed.drivername])
    return Database(
        _sqlite(parsed, place, busy_seconds) if parsed.drivername == "sqlite" else _postgresql(parsed)
    )


def make_private(path: Path) -> None:
    """Make a file that is its owner's alone, unless there is one; what SQLite puts beside gets its rights."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def upsert(connection: sa.Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """Return the dialect's own INSERT, which knows ON CONFLICT."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def lock_content(connection: sa.Connection, sha256: str) -> None:
    """Let whoever stores or deletes the same bytes, on any farm, wait until the transaction ends."""
    if connection.dialect.name == "postgresql":  # SQLite has one writer at a time
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(int(sha256[:15], 16))))


def _postgresql(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": CONNECT_SECONDS})
    event.listen(engine, "connect", _let_nobody_wait_for_ever)
    return engine


def _let_nobody_wait_for_ever(connection: DBAPIConnection, _record: object) -> None:
    """Let the server end a transaction that stands still, as that of a process that was stopped."""
    cursor = connection.cursor()
    cursor.execute(f"SET idle_in_transaction_session_timeout = {round(1000 * IDLE_SECONDS)}")
    cursor.close()
    connection.commit()


def _sqlite(url: sa.URL, place: str, busy_seconds: float) -> sa.Engine:
    if not url.database or url.database == ":memory:":
        raise StorageError(place, "the URL must name a file")
    try:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(place, error.strerror or "its folder cannot be made") from error
    engine = sa.create_engine(url, connect_args={"timeout": busy_seconds})
    event.listen(engine, "connect", _set_up_connection)
    event.listen(engine, "begin", _begin)
    return engine


def _set_up_connection(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions by itself: it begins too late
    _use_wal(connection)
    connection.execute("PRAGMA synchronous = NORMAL").close()
    connection.execute("PRAGMA foreign_keys = ON").close()


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch a new file to its write-ahead log; of several at once SQLite refuses some without waiting."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
                return  # nothing is written by whoever only reads
            connection.execute("PRAGMA journal_mode = WAL").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _begin(connection: sa.Connection) -> None:
    reads_only = connection.get_execution_options().get("herd_reads_only", False)
    connection.exec_driver_sql(f"PRAGMA query_only = {int(reads_only)}")
    # A deferred transaction that read before it wrote would overwrite what others wrote meanwhile, or fail.
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


def _lacks_tables(error: exc.DBAPIError) -> bool:
    """Whether a table does not exist, in SQLite's words or by PostgreSQL's code."""
    return "no such table" in str(error.orig) or getattr(error.orig, "sqlstate", None) == "42P01"


def _first_line(error: BaseException | None) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")


IDLE_SECONDS = 60.0
"""So long a transaction may stand still on PostgreSQL; then it is undone, and others go on."""
