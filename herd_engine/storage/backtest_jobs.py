"""Backtests that somebody asked for: queued, taken by one runner, ended; equal ones are one."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from herd_engine.model.message import Message
from herd_engine.model.run_status import RunStatus
from herd_engine.storage.database import Database
from herd_engine.storage.farms import lock_farm
from herd_engine.storage.operation_tables import backtest_job
from herd_engine.storage.paging import ListPage, Request, read_page
from herd_engine.storage.run_rows import JsonObject
from herd_engine.storage.scope import Scope, require, row_as
from herd_engine.storage.tables import dataset, now

LEASE = timedelta(minutes=15)
"""A backtest that takes longer is taken up by another runner too; both come to the same result."""
MOST_ATTEMPTS = 3
LOST = "WORKER_LOST"
OPEN = (RunStatus.QUEUED, RunStatus.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestJobRow:
    """A backtest of a herd file, as asked for.

    Attributes
    ----------
    plan : dict
        Its values by name.
    plan_key : str
        What its result is kept under, beside the herd file; equal for equal plans of one version.
    attempt : int
        1 while it is executed for the first time.
    """

    id: str
    farm_id: str
    dataset_id: str
    owner: str
    plan: JsonObject
    plan_key: str
    status: RunStatus
    attempt: int
    worker: str | None
    error_code: str | None
    error_params: JsonObject | None
    created_at: datetime
    finished_at: datetime | None


class BacktestJobTable:
    """Ask for backtests, take them, end them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def submit(
        self, scope: Scope, dataset_id: str, owner: str, plan: JsonObject, plan_key: str
    ) -> tuple[BacktestJobRow, bool]:
        """Queue a backtest, or return the equal one that has not failed, and whether it is that.

        Raises
        ------
        NotFoundError
        """
        same = sa.and_(backtest_job.c.dataset_id == dataset_id, backtest_job.c.plan_key == plan_key)
        usable = sa.and_(same, backtest_job.c.status != RunStatus.FAILED)
        with self._database.transaction() as connection:
            lock_farm(connection, scope.farm_id)  # of two at once the second finds the first
            require(connection, dataset, scope, dataset_id)
            known = connection.execute(sa.select(backtest_job).where(usable).limit(1)).one_or_none()
            if known is not None:
                return _row(known), True
            values = {"id": str(uuid.uuid4()), "farm_id": scope.farm_id, "dataset_id": dataset_id}
            values |= {"owner": owner, "plan_key": plan_key, "status": RunStatus.QUEUED}
            new = sa.insert(backtest_job).values(**values, plan=plan, attempt=0, created_at=now())
            return _row(connection.execute(new.returning(backtest_job)).one()), False

    def get(self, scope: Scope, job_id: str) -> BacktestJobRow:
        """Return a backtest, or raise NotFoundError."""
        with self._database.reading() as connection:
            return _row(require(connection, backtest_job, scope, job_id))

    def list_jobs(self, scope: Scope, dataset_id: str, page: Request) -> ListPage[BacktestJobRow]:
        """Return the backtests of a herd file, newest first."""
        mine = sa.and_(backtest_job.c.farm_id == scope.farm_id, backtest_job.c.dataset_id == dataset_id)
        order = (backtest_job.c.created_at, backtest_job.c.id)
        with self._database.reading() as connection:
            return read_page(connection, sa.select(backtest_job).where(mine), order, page, _row)

    def n_waiting(self, farm_id: str | None = None) -> int:
        """Count those that wait for a runner, on a farm or on all of them."""
        query = sa.select(sa.func.count()).where(backtest_job.c.status == RunStatus.QUEUED)
        if farm_id is not None:
            query = query.where(backtest_job.c.farm_id == farm_id)
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def claim(self, worker: str) -> BacktestJobRow | None:
        """Take the oldest that waits, or whose runner did not end it in time; exactly one worker gets it."""
        moment = now()
        is_lost = sa.and_(backtest_job.c.status == RunStatus.RUNNING, backtest_job.c.leased_until < moment)
        ready = sa.or_(backtest_job.c.status == RunStatus.QUEUED, is_lost)
        with self._database.reading() as connection:  # an idle worker takes no lock from anybody
            if connection.execute(sa.select(backtest_job.c.id).where(ready).limit(1)).one_or_none() is None:
                return None
        oldest = sa.select(backtest_job.c.id).where(ready)
        oldest = oldest.order_by(backtest_job.c.created_at, backtest_job.c.id).limit(1)
        mine = backtest_job.c.id == oldest.with_for_update(skip_locked=True).scalar_subquery()
        taken = {"status": RunStatus.RUNNING, "worker": worker, "leased_until": moment + LEASE}
        taken["attempt"] = backtest_job.c.attempt + 1
        with self._database.transaction() as connection:
            change = sa.update(backtest_job).where(mine, ready).values(**taken).returning(backtest_job)
            row = connection.execute(change).one_or_none()
        return None if row is None else _row(row)

    def finish(self, job: BacktestJobRow, failure: Message | None = None) -> None:
        """Say how it ended; whoever was too slow changes nothing."""
        status = RunStatus.SUCCEEDED if failure is None else RunStatus.FAILED
        told = {} if failure is None else {"error_code": failure.code}
        params = None if failure is None else failure.as_plain()["params"]
        self._change(job, status=status, error_params=params, finished_at=now(), **told)

    def give_back(self, job: BacktestJobRow) -> None:
        """Let another worker execute it, for this one ends."""
        self._change(job, status=RunStatus.QUEUED, worker=None, leased_until=None)

    def _change(self, job: BacktestJobRow, **values: Any) -> None:
        mine = sa.and_(
            backtest_job.c.id == job.id,
            backtest_job.c.worker == job.worker,
            backtest_job.c.status == RunStatus.RUNNING,
        )
        with self._database.transaction() as connection:
            connection.execute(sa.update(backtest_job).where(mine).values(**values))


def _row(row: sa.Row[Any]) -> BacktestJobRow:
    return row_as(BacktestJobRow, row, status=RunStatus(row.status))
