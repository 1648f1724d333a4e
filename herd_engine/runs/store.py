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
from herd_engine.storage.upgrading import upgrade


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
        return cls(
            home=home,
            database_url=os.environ.get("HERD_DATABASE_URL", f"sqlite:///{home / 'herd.sqlite'}"),
            storage_url=os.environ.get("HERD_STORAGE_URL", str(home / "files")),
        )


class Store:
    """Repositories over one database and one file store."""

    def __init__(self, settings: StoreSettings) -> None:
        settings.home.mkdir(parents=True, exist_ok=True)
        self.settings = settings
        self.database: Database = open_database(settings.database_url)
        upgrade(self.database)
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
