"""How everything is, asked of everything that is there."""

import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from herd_engine import __version__
from herd_engine.errors import ClusterError, HerdError
from herd_engine.execution.cluster import ClusterSettings, open_cluster, settings_from_environment
from herd_engine.execution.timing import DEFAULT
from herd_engine.monitoring.supervision_report import Report, living_supervisor, read_report
from herd_engine.monitoring.system_facts import SystemFacts, system_facts
from herd_engine.monitoring.told_checks import ToldTrouble, channel_troubles, policy_troubles
from herd_engine.operations.parts import scheduler_file
from herd_engine.operations.places import TOO_LITTLE_BYTES, existing, kept_database
from herd_engine.operations.store_checks import lost_database, missing_files, require_writable
from herd_engine.operations.supervisor import ROLE
from herd_engine.runs.liveness import is_any_alive
from herd_engine.runs.signs_of_life import sign_of
from herd_engine.runs.store import StoreSettings
from herd_engine.settings import Settings
from herd_engine.storage.database import Database
from herd_engine.storage.farms import FarmTable
from herd_engine.storage.outbox_retention import OutboxRetention
from herd_engine.storage.run_retention import RunRetention
from herd_engine.storage.run_rows import Queue
from herd_engine.storage.runs import RunTable
from herd_engine.storage.upgrading import Revisions, revisions

LOST_AFTER = timedelta(seconds=DEFAULT.lost_after)

Value = TypeVar("Value")


class NextRetention(NamedTuple):
    """What `herd watch` takes with its next retention; ``kept`` newest finished runs of each farm stay."""

    runs: int
    messages: int
    kept: int


class DatabaseStatus(NamedTuple):
    """A database that answers; ``queue`` and ``facts`` are None where its tables are old.

    ``due`` is what goes with the next retention; ``troubles`` those of who is told and what is watched.
    """

    place: str
    revisions: Revisions
    queue: Queue | None
    facts: SystemFacts | None = None
    due: NextRetention | None = None
    troubles: tuple[ToldTrouble, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemStatus:
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
    warnings : tuple of str
        What somebody ought to know, in words.
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
    warnings: tuple[str, ...]
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
            "warnings": list(self.warnings),
            "next_retention": self.database and self.database.due and self.database.due._asdict(),
            **(self.database.facts.document() if self.database and self.database.facts else {}),
        }


def status_of(settings: StoreSettings) -> SystemStatus:
    """Ask everything how it is; what does not answer becomes a fault in words, never an error."""
    faults: list[str] = []

    def ask(question: Callable[[StoreSettings], Value]) -> Value | None:
        try:
            return question(settings)
        except HerdError as error:
            faults.append(str(error))
            return None

    free_bytes = shutil.disk_usage(existing(settings.home)).free
    up, supervisor_faults = _supervisor(settings.home)
    is_runner_alive = is_any_alive(settings.home)
    database = ask(_database_status)
    if database is not None:
        faults += _database_faults(database, is_runner_alive=is_runner_alive)
        faults += _late_tasks(database) if up is not None else []
        faults += [str(each) for each in database.troubles if each.is_fault]
        ask(_require_writable)
        faults += ask(_file_faults) or ()
    faults += (*_home_faults(settings, free_bytes), *supervisor_faults)
    return SystemStatus(
        home=settings.home,
        up=up,
        is_runner_alive=is_runner_alive,
        workers=ask(cluster_workers),
        database=database,
        files=settings.storage_url,
        faults=tuple(faults),
        warnings=tuple(str(each) for each in database.troubles if not each.is_fault) if database else (),
        free_bytes=free_bytes,
    )


def _home_faults(settings: StoreSettings, free_bytes: int) -> list[str]:
    home, faults = settings.home, [lost_database(settings)]
    if home.exists() and not home.is_dir():
        faults.append(f"HERD_HOME, {home}, is a file, not a folder.")
    elif not os.access(existing(home), os.W_OK):
        faults.append(f"Nothing can be written to HERD_HOME, {home}.")
    if free_bytes < TOO_LITTLE_BYTES:
        faults.append(f"Only {free_bytes / 2**20:,.0f} MiB are free on the disk of {home}.")
    return [fault for fault in faults if fault]


def _supervisor(home: Path) -> tuple[Report | None, list[str]]:
    """Return what a living `herd up` tells, and what is wrong with it or its parts."""
    pid = living_supervisor(home)
    if pid is None:
        return None, []
    report, sign, faults = read_report(home), sign_of(home, ROLE, pid), []
    if sign is None or not sign.gets_on:
        faults.append(f"`herd up` (process {pid}) does not get on: it was stopped, or hangs.")
    if report is None:
        faults.append("What `herd up` tells of its parts cannot be read; it writes that again by itself.")
        return None, faults
    return report, [*faults, *(f"{part}." for part in report.down)]


def _database_faults(database: DatabaseStatus, *, is_runner_alive: bool) -> list[str]:
    queue = database.queue
    if queue is None:
        found, needed = database.revisions
        return [f"The tables are {found or 'missing'}, not {needed}; run `herd db upgrade`."]
    heard = queue.heartbeat_at
    if not queue.running or heard is None or datetime.now(UTC) - heard < LOST_AFTER:
        return []
    to_do = "it is taken up again soon" if is_runner_alive else "`herd up` takes it up again"
    return [f"A run has not been heard of since {heard:%Y-%m-%d %H:%M} UTC; {to_do}."]


def _late_tasks(database: DatabaseStatus) -> list[str]:
    tasks = database.facts.tasks if database.facts is not None else ()
    return [
        f"`herd watch` has not done its task {task.name} since {task.last_tick_at:%Y-%m-%d %H:%M} UTC."
        for task in tasks
        if task.is_late
    ]


def _require_writable(settings: StoreSettings) -> None:
    with kept_database(settings) as database:
        require_writable(database)


def _file_faults(settings: StoreSettings) -> list[str]:
    n_asked, missing = missing_files(settings, all_of_them=False)
    if not missing:
        return []
    lost = f"{len(missing)} of {n_asked} files that were looked for are gone, {missing[0]} first"
    return [f"{lost}; `herd doctor` looks for all of them."]


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
        if found.found != found.needed:
            return DatabaseStatus(database.place, found, None)
        home = settings.home
        return DatabaseStatus(
            database.place,
            found,
            RunTable(database).queue(),
            system_facts(database, existing(home)),
            _next_retention(database),
            (*channel_troubles(database, home), *policy_troubles(database, home)),
        )


def _next_retention(database: Database) -> NextRetention:
    kept, runs = Settings.read().runs_kept, RunRetention(database)
    n_runs = sum(len(runs.candidates(farm.id, kept)) for farm in FarmTable(database).list_farms())
    return NextRetention(runs=n_runs, messages=OutboxRetention(database).count(), kept=kept)
