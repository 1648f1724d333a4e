"""Where things are kept, asked without making anything."""

from pathlib import Path

from herd_engine.errors import StorageError
from herd_engine.runs.store import StoreSettings
from herd_engine.storage.database import Database, open_database


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
    return open_database(settings.database_url)


def existing(path: Path) -> Path:
    """Return the path, or the nearest folder above it that is there."""
    return path if path.exists() else existing(path.parent)
