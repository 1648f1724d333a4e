"""Backtests that wait for a runner: it takes one where no run waits."""

import logging

from herd_engine.errors import HerdError, StorageError
from herd_engine.i18n.failure_words import failure_of
from herd_engine.model.message import Message
from herd_engine.runs.store import Store
from herd_engine.storage.backtest_jobs import LOST, MOST_ATTEMPTS, BacktestJobRow, BacktestJobTable
from herd_engine.storage.scope import Scope

logger = logging.getLogger(__name__)


class BacktestWork:
    """Takes and executes backtests.

    Parameters
    ----------
    store : Store
    worker : str
        Name of the runner.
    """

    def __init__(self, store: Store, worker: str) -> None:
        self._store, self._worker = store, worker
        self._jobs = BacktestJobTable(store.database)

    def claim(self) -> BacktestJobRow | None:
        """Take the next one, if there is one; StorageError."""
        return self._jobs.claim(self._worker)

    def execute(self, job: BacktestJobRow) -> None:
        """Execute one to its end, whatever that is; the next one must not suffer.

        Raises
        ------
        StorageError
            How it ended cannot be written down: then it is taken up again later.
        """
        if job.attempt > MOST_ATTEMPTS:
            self._jobs.finish(job, Message(LOST, {}))
            return
        try:
            self._make(job)
        except (KeyboardInterrupt, SystemExit):
            self._jobs.give_back(job)
            raise
        except StorageError:
            self._jobs.give_back(job)
            raise
        except HerdError as error:
            self._jobs.finish(job, failure_of(error))
        except Exception as error:
            logger.exception("Backtest %s failed.", job.id)
            self._jobs.finish(job, Message("INTERNAL_ERROR", {"said": f"{type(error).__name__}: {error}"}))
        else:
            self._jobs.finish(job)

    def _make(self, job: BacktestJobRow) -> None:
        from herd_engine.runs.kept_backtest import kept_backtest, plan_of  # noqa: PLC0415 - most make none

        row = self._store.datasets.rows.get(Scope(job.farm_id), job.dataset_id)
        kept_backtest(self._store, row, plan_of(job.plan))
