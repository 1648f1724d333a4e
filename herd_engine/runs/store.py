"""Everything that is kept, opened at once: database and files."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from herd_engine.datasets.store import DatasetStore
from herd_engine.errors import HerdError, StorageError
from herd_engine.runs.home import home_folder, make_home
from herd_engine.settings import Settings, secret_text
from herd_engine.storage.artifacts import Artifacts
from herd_engine.storage.database import BUSY_SECONDS, Database, open_database
from herd_engine.storage.events import Events
from herd_engine.storage.farms import FarmTable
from herd_engine.storage.files import FileStore, open_file_store
from herd_engine.storage.manifest_ledger import ManifestLedger
from herd_engine.storage.memberships import Memberships
from herd_engine.storage.runs import RunTable
from herd_engine.storage.submissions import SubmissionTable
from herd_engine.storage.upgrading import is_current, make_ready


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """Where things are kept.

    Attributes
    ----------
    home : Path
        Folder of the embedded store, of logs and locks.
    database_url, storage_url : str
        Within ``home`` by default.
    """

    home: Path
    database_url: str
    storage_url: str

    @classmethod
    def from_environment(cls, home: Path | None = None) -> Self:
        """Read ``HERD_HOME``, ``HERD_DATABASE_URL`` (or ``…_FILE``) and ``HERD_STORAGE_URL``."""
        said = Settings.read()
        home = home_folder(home)
        own = cls.embedded(home)
        return cls(
            home=home,
            database_url=_given_url(said) or own.database_url,
            storage_url=said.storage_url or own.storage_url,
        )

    @classmethod
    def embedded(cls, home: Path) -> Self:
        """Return the settings where everything is kept within ``home``."""
        database_url = f"sqlite:///{home / 'herd.sqlite'}"
        return cls(home=home, database_url=database_url, storage_url=str(home / "files"))

    @property
    def is_embedded(self) -> bool:
        """Whether everything is kept within ``home``."""
        return self == self.embedded(self.home)

    @property
    def has_files_at_home(self) -> bool:
        """Whether the files are in a folder within ``home``."""
        return "://" not in self.storage_url and Path(self.storage_url).is_relative_to(self.home)

    @property
    def is_missing(self) -> bool:
        """Whether the database is a file that is not there yet."""
        path = self.database_url.removeprefix("sqlite:///")
        return path != self.database_url and not Path(path).exists()


def _given_url(said: Settings) -> str | None:
    """Return the address of the database that the environment, or a file it names, gives; StorageError."""
    path = said.database_url_file
    if path is None:
        return secret_text(said.database_url)
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeError) as error:
        raise StorageError(str(path), str(error)) from error


class Store:
    """Repositories over one database and one file store."""

    def __init__(self, settings: StoreSettings, busy_seconds: float = BUSY_SECONDS) -> None:
        make_home(settings.home)
        self.settings = settings
        self.database: Database = open_database(settings.database_url, busy_seconds)
        make_ready(self.database)
        self.files: FileStore = open_file_store(settings.storage_url, private=settings.has_files_at_home)
        self.farms = FarmTable(self.database)
        self.memberships = Memberships(self.database)
        self.datasets = DatasetStore(self.database, self.files)
        self.runs = RunTable(self.database)
        self.submissions = SubmissionTable(self.database)
        self.events = Events(self.database)
        self.artifacts = Artifacts(self.database)
        self.ledger = ManifestLedger(self.database)

    def readiness(self) -> dict[str, bool]:
        """Tell what can be used just now: the database, its tables as this version needs them, the files."""
        try:
            current = is_current(self.database)
            database = True
        except HerdError:
            current = database = False
        try:
            self.files.exists("readiness")
            files = True
        except HerdError:
            files = False
        return {"database": database, "migrations": current, "files": files}

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()
