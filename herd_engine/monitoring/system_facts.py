"""What a home is doing and holds, asked of its database, its disk and its `herd up`."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from herd_engine.monitoring.supervision_report import PartReport, living_supervisor, read_report
from herd_engine.monitoring.watch_tasks import TaskTick, ticks
from herd_engine.runs.liveness import is_any_alive
from herd_engine.storage.database import Database
from herd_engine.storage.database_clock import database_now
from herd_engine.storage.home_counts import FarmHerd, HomeCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemFacts:
    """What a home is doing and holds.

    Attributes
    ----------
    at : datetime
        When that was so, by the database's clock.
    is_up : bool
        Whether a `herd up` lives.
    parts : tuple of PartReport
        Of it; none where there is no `herd up`.
    is_runner_alive : bool
    runs : mapping of str to int
        By state; every state is there.
    oldest_queued_at : datetime or None
    herds : tuple of FarmHerd
        One of each farm that is not archived.
    herd_files : int
    free_bytes, disk_bytes : int
        Of the disk of the home.
    tasks : tuple of TaskTick
        Of `herd watch`.
    """

    at: datetime
    is_up: bool
    parts: tuple[PartReport, ...]
    is_runner_alive: bool
    runs: Mapping[str, int]
    oldest_queued_at: datetime | None
    herds: tuple[FarmHerd, ...]
    herd_files: int
    free_bytes: int
    disk_bytes: int
    tasks: tuple[TaskTick, ...]

    def document(self) -> dict[str, Any]:
        """Return what `herd status --json` says of them."""
        return {
            "runs": dict(self.runs),
            "oldest_queued_at": self.oldest_queued_at and self.oldest_queued_at.isoformat(),
            "farms": len(self.herds),
            "herd_files": self.herd_files,
            "animals": sum(herd.animals for herd in self.herds),
            "disk_bytes": self.disk_bytes,
            "tasks": {
                task.name: {
                    "last_tick_at": task.last_tick_at and task.last_tick_at.isoformat(),
                    "is_held": task.is_held,
                    "is_late": task.is_late,
                }
                for task in self.tasks
            },
        }


def system_facts(database: Database, home: Path, farm_ids: Sequence[str] | None = None) -> SystemFacts:
    """Return what a home is doing and holds; nothing is written.

    Parameters
    ----------
    database : Database
    home : Path
    farm_ids : sequence of str, optional
        Farms whose runs, files and animals are counted; all by default.
    """
    counts = HomeCounts(database, farm_ids)
    report = read_report(home) if living_supervisor(home) is not None else None
    disk = shutil.disk_usage(home)
    with database.reading() as connection:
        at = database_now(connection)
    return SystemFacts(
        at=at,
        is_up=report is not None,
        parts=() if report is None else report.parts,
        is_runner_alive=is_any_alive(home),
        runs={status.value: n for status, n in counts.runs().items()},
        oldest_queued_at=counts.oldest_queued_at(),
        herds=counts.herds(),
        herd_files=counts.herd_files(),
        free_bytes=disk.free,
        disk_bytes=disk.total,
        tasks=ticks(database),
    )
