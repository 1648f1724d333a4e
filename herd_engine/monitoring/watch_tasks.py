"""What `herd watch` does again and again, how often, and when it was last done."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from herd_engine.storage.database import Database
from herd_engine.storage.database_clock import Clock, database_now
from herd_engine.storage.leases import Leases

SHORTEST_LEASE = 30.0
LATE_SECONDS = 180.0
"""From then on a task that ought to be done each minute is late."""


class TaskName(StrEnum):
    """The tasks."""

    ALERTS = "alerts"
    DISPATCH = "dispatch"
    RUNS = "runs"
    RETENTION = "retention"


SECONDS = {TaskName.ALERTS: 60.0, TaskName.DISPATCH: 5.0, TaskName.RUNS: 5.0, TaskName.RETENTION: 3600.0}
"""From one beginning to the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskTick:
    """When a task was last done.

    Attributes
    ----------
    name : str
    last_tick_at : datetime or None
        None for never.
    epoch : int
        How often it came to another process; 0 before the first.
    is_held : bool
        Whether a process has it now.
    is_late : bool
        Whether it was begun once and ought to have been done since.
    """

    name: str
    last_tick_at: datetime | None
    epoch: int
    is_held: bool
    is_late: bool


def ticks(database: Database, clock: Clock = database_now) -> tuple[TaskTick, ...]:
    """Return every task, those that nobody has ever begun too."""
    with database.reading() as connection:
        now = clock(connection)
    held = {row.name: row for row in Leases(database).list_leases()}
    told = []
    for name, seconds in SECONDS.items():
        row = held.get(name)
        last = None if row is None else row.last_tick_at
        age = None if last is None else (now - last).total_seconds()
        told.append(
            TaskTick(
                name=name.value,
                last_tick_at=last,
                epoch=0 if row is None else row.epoch,
                is_held=row is not None and row.until > now,
                is_late=age is not None and age > max(3 * seconds, LATE_SECONDS),
            )
        )
    return tuple(told)
