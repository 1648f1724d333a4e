"""Tables of the database: which there are, which are needed, and how they are brought up to date."""

from dataclasses import dataclass
from pathlib import Path

from herd_engine.runs.store import StoreSettings
from herd_engine.storage.database import open_database
from herd_engine.storage.postgres_setup import create_postgres
from herd_engine.storage.upgrading import Revisions, revisions, upgrade

__all__ = ["TablesFound", "TablesUpgraded", "create_postgres", "find_tables", "upgrade_tables"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TablesFound:
    """Which tables a database has, and which this version needs."""

    place: str
    revisions: Revisions


@dataclass(frozen=True, slots=True, kw_only=True)
class TablesUpgraded:
    """From which tables to which a database was brought; ``backup`` is a copy of a SQLite file."""

    place: str
    before: str | None
    after: str | None
    backup: Path | None


def find_tables(home: Path | None) -> TablesFound:
    """Return which tables the database of a home has."""
    with open_database(StoreSettings.from_environment(home).database_url) as database:
        return TablesFound(place=database.place, revisions=revisions(database))


def upgrade_tables(home: Path | None) -> TablesUpgraded:
    """Bring the tables to this version; a SQLite file is copied first."""
    with open_database(StoreSettings.from_environment(home).database_url) as database:
        before = revisions(database).found
        backup = upgrade(database)
        after = revisions(database).found
        return TablesUpgraded(place=database.place, before=before, after=after, backup=backup)
