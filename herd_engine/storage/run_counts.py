"""How runs ended and what waits: the numbers that alerts and monitoring look at."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from herd_engine.model.run_status import RunStatus
from herd_engine.storage.database import Database
from herd_engine.storage.run_history import run_row
from herd_engine.storage.run_rows import RunRow
from herd_engine.storage.tables import run


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What is queued: how many, and since when the oldest waits."""

    n_runs: int
    oldest: datetime | None


class RunCounts:
    """Counts of runs, and the newest of a name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def by_status(self, farm_id: str, since: datetime) -> dict[RunStatus, int]:
        """Return how many runs of a farm ended in each way since a moment."""
        query = (
            sa.select(run.c.status, sa.func.count())
            .where(run.c.farm_id == farm_id, run.c.finished_at >= since)
            .group_by(run.c.status)
        )
        with self._database.reading() as connection:
            return {RunStatus(status): int(n) for status, n in connection.execute(query)}

    def waiting(self, farm_id: str | None = None) -> Waiting:
        """Return what is queued, on a farm or on all of them."""
        query = sa.select(sa.func.count(), sa.func.min(run.c.queued_at)).where(
            run.c.status == RunStatus.QUEUED
        )
        if farm_id is not None:
            query = query.where(run.c.farm_id == farm_id)
        with self._database.reading() as connection:
            n_runs, oldest = connection.execute(query).one()
        return Waiting(n_runs=n_runs, oldest=oldest)

    def newest_succeeded(self, farm_id: str, name: str) -> RunRow | None:
        """Return the newest run of a farm that was kept under this name and has a result."""
        query = (
            sa.select(run)
            .where(run.c.farm_id == farm_id, run.c.name == name, run.c.status == RunStatus.SUCCEEDED)
            .order_by(run.c.finished_at.desc(), run.c.id)
            .limit(1)
        )
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else run_row(row)
