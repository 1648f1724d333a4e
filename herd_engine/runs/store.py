"""Everything that is kept, opened at once: database and files."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from herd_engine.datasets.store import DatasetStore
from herd_engine.storage.artifacts import Artifacts
from herd_engine.storage.database import Database, open_database
from herd_engine.storage.events import Events
from herd_engine.storage.farms import Farms
from herd_engine.storage.files import FileStore, open_file_store
from herd_engine.storage.manifest_ledger import ManifestLedger
from herd_engine.storage.runs import Runs
from herd_engine.storage.upgrading import make_ready


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
        """Read ``HERD_HOME``, ``HERD_DATABASE_URL`` and ``HERD_STORAGE_URL``."""
        home = home or Path(os.environ.get("HERD_HOME", Path.home() / ".herd-workbench"))
        own = cls.embedded(home)
        return cls(
            home=home,
            database_url=os.environ.get("HERD_DATABASE_URL", own.database_url),
            storage_url=os.environ.get("HERD_STORAGE_URL", own.storage_url),
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
    def is_missing(self) -> bool:
        """Whether the database is a file that is not there yet."""
        path = self.database_url.removeprefix("sqlite:///")
        return path != self.database_url and not Path(path).exists()


class Store:
    """Repositories over one database and one file store."""

    def __init__(self, settings: StoreSettings) -> None:
        settings.home.mkdir(parents=True, exist_ok=True)
        self.settings = settings
        self.database: Database = open_database(settings.database_url)
        make_ready(self.database)
        self.files: FileStore = open_file_store(settings.storage_url)
        self.farms = Farms(self.database)
        self.datasets = DatasetStore(self.database, self.files)
        self.runs = Runs(self.database)
        self.events = Events(self.database)
        self.artifacts = Artifacts(self.database)
        self.ledger = ManifestLedger(self.database)

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()
