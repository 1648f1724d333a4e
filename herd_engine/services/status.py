"""How everything is, asked of everything that is there."""

import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from herd_engine import __version__
from herd_engine.errors import ClusterError, HerdError
from herd_engine.runs.cluster import ClusterSettings, open_cluster, settings_from_environment
from herd_engine.runs.liveness import is_any_alive
from herd_engine.runs.store import StoreSettings
from herd_engine.services.parts import scheduler_file
from herd_engine.services.places import existing, kept_database
from herd_engine.services.supervision_file import Report, living_supervisor, read_report
from herd_engine.storage.files import open_file_store
from herd_engine.storage.run_rows import Queue
from herd_engine.storage.runs import Runs
from herd_engine.storage.upgrading import Revisions, revisions

Value = TypeVar("Value")


class DatabaseStatus(NamedTuple):
    """A database that answers; ``queue`` is None where its tables are not those that are needed."""

    place: str
    revisions: Revisions
    queue: Queue | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How everything is.

    Attributes
    ----------
    home : Path
    up : Report or None
        Of a living `herd up`.
    is_runner_alive : bool
        Also one that `herd up` has not started.
    workers : dict of str to int, or None
        Address and threads of Dask workers; None where no cluster answers.
    database : DatabaseStatus or None
    files : str
        Where they are.
    faults : tuple of str
        What is wrong, in words.
    free_bytes : int
        On the disk of ``home``.
    """

    home: Path
    up: Report | None
    is_runner_alive: bool
    workers: dict[str, int] | None
    database: DatabaseStatus | None
    files: str
    faults: tuple[str, ...]
    free_bytes: int

    @property
    def is_good(self) -> bool:
        """Whether everything runs that should run."""
        return self.up is not None and self.up.is_ready and bool(self.workers) and not self.faults

    def document(self) -> dict[str, Any]:
        """Return the status as plain data for JSON."""
        queue = self.database and self.database.queue
        return {
            "schema": "herd-status/1",
            "version": __version__,
            "is_good": self.is_good,
            "home": str(self.home),
            "up": self.up and asdict(self.up),
            "is_runner_alive": self.is_runner_alive,
            "workers": self.workers,
            "queued": queue and queue.queued,
            "running": queue and queue.running,
            "heartbeat_at": queue and queue.heartbeat_at and queue.heartbeat_at.isoformat(),
            "database": self.database and self.database.place,
            "revisions": self.database and self.database.revisions._asdict(),
            "files": self.files,
            "free_bytes": self.free_bytes,
            "faults": list(self.faults),
        }


def status_of(settings: StoreSettings) -> Status:
    """Ask everything how it is; what does not answer becomes a fault in words, never an error."""
    faults: list[str] = []

    def ask(question: Callable[[StoreSettings], Value]) -> Value | None:
        try:
            return question(settings)
        except HerdError as error:
            faults.append(str(error))
            return None

    database = ask(_database_status)
    if database is not None and database.queue is None:
        found, needed = database.revisions
        faults.append(f"The tables are {found or 'missing'}, not {needed}; run `herd db upgrade`.")
    ask(_look_into_files)
    return Status(
        home=settings.home,
        up=read_report(settings.home) if living_supervisor(settings.home) is not None else None,
        is_runner_alive=settings.home.exists() and is_any_alive(settings.home),
        workers=ask(cluster_workers),
        database=database,
        files=settings.storage_url,
        faults=tuple(faults),
        free_bytes=shutil.disk_usage(existing(settings.home)).free,
    )


def cluster_workers(settings: StoreSettings) -> dict[str, int]:
    """Return the addresses and threads of the workers that runs would be simulated on now.

    Raises
    ------
    ClusterError
        No cluster answers, or a worker has another version of this package.
    """
    wanted = settings_from_environment(1)
    if not (wanted.address or wanted.scheduler_file):
        path = scheduler_file(settings.home)
        if not path.exists():
            raise ClusterError("No Dask scheduler is running; `herd up` starts one.")
        wanted = ClusterSettings(scheduler_file=str(path))
    with open_cluster(wanted) as cluster:
        return cluster.workers


def _database_status(settings: StoreSettings) -> DatabaseStatus:
    with kept_database(settings) as database:
        found = revisions(database)
        queue = Runs(database).queue() if found.found == found.needed else None
        return DatabaseStatus(database.place, found, queue)


def _look_into_files(settings: StoreSettings) -> None:
    if not settings.is_missing:
        open_file_store(settings.storage_url).exists("doctor/file")
