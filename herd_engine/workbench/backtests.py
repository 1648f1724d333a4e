"""Backtests of kept herd files as jobs: asked for, executed by a runner, read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from herd_engine.i18n.failure_words import kept_failure
from herd_engine.model.run_status import RunStatus
from herd_engine.model.visitor import RUN
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.kept_backtest import finished_backtest, plan_key, plan_values
from herd_engine.storage.backtest_jobs import BacktestJobRow, BacktestJobTable
from herd_engine.storage.paging import Request
from herd_engine.workbench.answers import Listed, answer

if TYPE_CHECKING:
    from herd_engine.forecasting.backtest.backtest import BacktestPlan
    from herd_engine.model.backtest import Backtest


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestJob:
    """A backtest that was asked for.

    Attributes
    ----------
    owner : str
        Who asked first; equal plans for one file are one job.
    plan : dict
        Origins, horizon, modes, runs and seed.
    status : str
        queued, running, succeeded or failed.
    """

    id: str
    dataset_id: str
    owner: str
    plan: Mapping[str, Any]
    plan_key: str
    status: str
    error_code: str | None
    error_message: str | None
    created_at: datetime
    finished_at: datetime | None

    @property
    def is_active(self) -> bool:
        """Whether it has not ended."""
        return RunStatus(self.status).is_active


class BacktestJobs:
    """Backtests of the herd files of a farm."""

    def __init__(self, kept: KeptRuns) -> None:
        self._kept, self._rows = kept, BacktestJobTable(kept.store.database)

    def submit(self, dataset_id: str, plan: "BacktestPlan") -> tuple[BacktestJob, bool]:
        """Queue a backtest; one of an equal plan is returned instead, and that it is that.

        Raises
        ------
        ForbiddenError, NotFoundError
        """
        self._kept.access.require(RUN)
        given = (self._kept.access.owner, plan_values(plan), plan_key(plan))
        row, reused = self._rows.submit(self._kept.scope, dataset_id, *given)
        return _job(row), reused

    def get(self, job_id: str) -> BacktestJob:
        """Return a backtest, or raise NotFoundError."""
        return _job(self._rows.get(self._kept.scope, job_id))

    def list(self, dataset_id: str, cursor: str | None = None, limit: int = 20) -> Listed[BacktestJob]:
        """Return the backtests of a herd file, newest first."""
        page = self._rows.list_jobs(self._kept.scope, dataset_id, Request(cursor, limit))
        return Listed(tuple(map(_job, page.items)), page.next_cursor)

    def result(self, job: BacktestJob) -> "Backtest | None":
        """Return what came out; None before the end, and where it failed."""
        if job.status != RunStatus.SUCCEEDED:
            return None
        row = self._kept.catalog.datasets.get(job.dataset_id)
        return finished_backtest(self._kept.store, row, job.plan_key)


def _job(row: BacktestJobRow) -> BacktestJob:
    message = kept_failure(row.error_code, row.error_params, None)
    return answer(BacktestJob, row, status=row.status.value, error_message=message)
