"""What may be wrong with database and files although both are there."""

from itertools import islice
from pathlib import Path

from herd_engine.model.service_limits import EVERYWHERE
from herd_engine.operations.places import kept_database
from herd_engine.runs.store import StoreSettings
from herd_engine.storage.database import Database
from herd_engine.storage.files import FileStore, open_file_store
from herd_engine.storage.maintenance import named_files
from herd_engine.storage.service_switches import ServiceSwitches

SAMPLE = 20


def require_writable(database: Database) -> None:
    """Ask for the right to write, and give it back.

    Raises
    ------
    StorageError
        Another program holds it, or nothing can be written there.
    """
    with database.transaction():
        pass


def lost_database(settings: StoreSettings) -> str:
    """Return in words that there are files but no database that knows of them; nothing where all is well."""
    if not settings.is_missing or "://" in settings.storage_url:
        return ""
    folder = Path(settings.storage_url)
    if not any(any((folder / name).glob("*")) for name in ("datasets", "runs")):
        return ""
    return f"The database is gone; files that it named are in {folder}."


def kept_files(settings: StoreSettings) -> FileStore:
    """Return the file store; a folder that is not there is not made by asking."""
    return open_file_store(settings.storage_url, make=False)


def missing_files(settings: StoreSettings, *, all_of_them: bool) -> tuple[int, list[str]]:
    """Return how many files were looked for, and those that the database names but the store has lost.

    Parameters
    ----------
    settings : StoreSettings
    all_of_them : bool
        Look for every file; for some of them otherwise, which is quick.
    """
    store = kept_files(settings)
    with kept_database(settings) as database:
        named = named_files(database)
    if all_of_them:
        return len(named), sorted(named - set(store.list()))
    some = list(islice(sorted(named), 0, None, max(1, len(named) // SAMPLE)))
    return len(some), [key for key in some if not store.exists(key)]


def exceptions_told(database: Database) -> list[str]:
    """Return in words what of the service is switched off, and who is an exception to its limits."""
    switches = ServiceSwitches(database)
    off = [f"{row.name} is switched off {_where(row.place)}" for row in switches.flags() if not row.enabled]
    allowed = [
        f"{row.principal or 'all together'} may {row.kind} {row.rate} {_where(row.place)}"
        for row in switches.limits()
    ]
    return off + allowed


def _where(place: str) -> str:
    return "everywhere" if place == EVERYWHERE else f"on farm {place}"
