"""Where things are kept, asked without making anything."""

from pathlib import Path

from herd_engine.errors import StorageError
from herd_engine.runs.store import StoreSettings
from herd_engine.storage.database import Database, open_database

LITTLE_BYTES, TOO_LITTLE_BYTES = 2**30, 100 * 2**20
BUSY_SECONDS = 2.0
"""A transaction of ours takes milliseconds: who holds the right to write for so long does not let go."""


def kept_database(settings: StoreSettings) -> Database:
    """Return the database; a SQLite file that is not there is not made by asking.

    Raises
    ------
    StorageError
        The URL is wrong, or there is no such file.
    """
    if settings.is_missing:
        reason = "there is no database yet; the first command that keeps something makes it"
        raise StorageError(settings.database_url, reason)
    return open_database(settings.database_url, BUSY_SECONDS)


def existing(path: Path) -> Path:
    """Return the path, or the nearest folder above it that is there."""
    return path if path.exists() else existing(path.parent)
