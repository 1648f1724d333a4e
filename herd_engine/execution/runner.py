"""The runner: claims runs and executes them one after the other, whatever becomes of each.

A process of its own (`herd worker`). Nothing of a run is visible before one transaction publishes all of
it; files of a runner that died belong to no result and go when its run is taken up again.

A runner that is kept running waits for its cluster, its database and its files, and goes on where it was;
one that ends when nothing is queued fails what it cannot do now. A run whose cluster is lost is tried
again, a few times. Nothing else is: what a run meets once it would meet again.
"""

import logging
import traceback
from collections.abc import Callable
from threading import Event

from herd_engine.errors import ClusterError, HerdError, StorageError
from herd_engine.execution.attempt import AttemptLog, RunExecution
from herd_engine.execution.backtest_work import BacktestWork
from herd_engine.execution.cluster import Cluster
from herd_engine.execution.heartbeat import RunStopped, Watch
from herd_engine.execution.lost_runs import LostRuns
from herd_engine.execution.patience import Patience, nobody
from herd_engine.execution.timing import DEFAULT, Timing
from herd_engine.i18n.failure_words import failure_of
from herd_engine.logs import bound
from herd_engine.model.message import Message
from herd_engine.model.run_status import RunStatus
from herd_engine.runs.liveness import new_runner_name
from herd_engine.runs.store import Store
from herd_engine.storage.run_rows import Outcome, RunRow

logger = logging.getLogger(__name__)


class Runner:
    """Executes queued runs, one after the other.

    Parameters
    ----------
    store : Store
    cluster : Cluster
    tell : callable
        Gets in words what the runner waits for, and nothing when all is well again.
    timing : Timing
    """

    def __init__(
        self,
        store: Store,
        cluster: Cluster,
        tell: Callable[[str], None] = nobody,
        timing: Timing = DEFAULT,
    ) -> None:
        self._store, self._cluster, self._tell, self._timing = store, cluster, tell, timing
        self._patience = Patience()
        self._lost = LostRuns(store, timing)
        self.name = new_runner_name()
        self._backtests = BacktestWork(store, self.name)

    def work(self, stop: Event, *, until_idle: bool = False) -> int:
        """Execute runs until told to stop; return how many were begun.

        Parameters
        ----------
        stop : threading.Event
        until_idle : bool
            Return as soon as nothing is queued. Without cluster, database or files, runs then fail instead
            of waiting.

        Raises
        ------
        StorageError
            The database cannot be used, and the runner does not wait.
        """
        self._patience = Patience(waits=not until_idle, tell=self._tell, timing=self._timing)
        begun = 0
        while not stop.is_set():
            run = self._patience.lasting(lambda: None if stop.is_set() else self._next(stop), stop.wait)
            if run is not None:
                begun += 1
                self.execute(run)
            elif self._execute_backtest(stop):
                begun += 1
            elif until_idle:
                break
            else:
                stop.wait(self._timing.idle)
        return begun

    def _next(self, stop: Event) -> RunRow | None:
        """Claim the next run, if there is one and a cluster for it."""
        self._lost.take_up(confirm=self._patience.waits)
        if self._patience.waits and not self._has_cluster(stop):
            return None
        return self._store.runs.claim(self.name)

    def _execute_backtest(self, stop: Event) -> bool:
        """Take and execute a backtest where one waits, and tell whether one did: runs come first."""
        job = self._patience.lasting(lambda: None if stop.is_set() else self._backtests.claim(), stop.wait)
        if job is not None:
            self._patience.passing(lambda: self._backtests.execute(job))
        return job is not None

    def execute(self, run: RunRow) -> None:
        """Execute one claimed run to its end, whatever that is."""
        journal = AttemptLog()
        journal.note(f"run {run.id}, attempt {run.attempt}, on {self.name}")
        belongs = bound(run_id=run.id, farm=run.farm_id)
        with belongs, Watch(self._store.runs, run, self.name, self._timing.beat) as watch:
            try:
                self._try(run, watch, journal)
                logger.info("run_finished", extra={"status": str(RunStatus.SUCCEEDED)})
            except (KeyboardInterrupt, SystemExit):
                self._give_back(run)
                raise
            except RunStopped as stopped:
                if stopped.outcome is not None:
                    self._finish(run, stopped.outcome)
            except HerdError as error:
                self._fail(run, failure_of(error), str(error))
            except Exception as error:  # noqa: BLE001 - the border: the next run must not suffer
                journal.note(traceback.format_exc())
                message = f"{type(error).__name__}: {error}"
                self._fail(run, Message("INTERNAL_ERROR", {"said": message}), message)
                self._keep_log(run, journal)

    def _try(self, run: RunRow, watch: Watch, journal: AttemptLog) -> None:
        """Execute a run, again where its cluster is lost and it has attempts left."""
        pause = self._timing.retry
        while True:
            try:
                return RunExecution(
                    store=self._store,
                    cluster=self._cluster,
                    run=run,
                    worker=self.name,
                    watch=watch,
                    journal=journal,
                    patience=self._patience,
                ).carry_out()
            except ClusterError as error:
                again = self._patience.lasting(self._retrying(run, str(error)), watch.wait)
                if again is None:
                    raise
                journal.note(f"attempt {again.attempt} in {pause:g} s: {error}")
                logger.warning("Run %s is tried again in %g s: %s", run.id, pause, error)
                run = again
            self._wait_for_cluster(watch, pause)
            pause *= 2

    def _retrying(self, run: RunRow, reason: str) -> Callable[[], RunRow | None]:
        return lambda: self._store.runs.retry(run.id, self.name, reason)

    def _wait_for_cluster(self, watch: Watch, pause: float) -> None:
        watch.wait(pause)
        while self._patience.waits:
            try:
                self._cluster.connect()
            except ClusterError as error:
                self._patience.is_troubled(error)
                watch.wait(self._timing.connect_again)
            else:
                self._patience.is_well()
                return

    def _has_cluster(self, stop: Event) -> bool:
        try:
            self._cluster.connect()
        except ClusterError as error:
            self._patience.is_troubled(error)
            stop.wait(self._timing.connect_again)
            return False
        return True

    def _give_back(self, run: RunRow) -> None:
        """Let another worker execute the run, for this one ends."""
        try:
            if self._store.runs.requeue(run.id, self.name):
                return
            if self._store.runs.heartbeat(run.id, self.name).cancel_requested:
                self._store.runs.finish(run.id, self.name, Outcome(status=RunStatus.CANCELED))
                return
            outcome = Outcome(status=RunStatus.FAILED, error_code="WORKER_STOPPED", error_params={})
            self._store.runs.finish(run.id, self.name, outcome)
        except StorageError as error:  # whoever looks for lost runs takes it up
            logger.warning("Run %s could not be given back: %s", run.id, error)

    def _keep_log(self, run: RunRow, journal: AttemptLog) -> None:
        try:
            self._store.files.put(f"runs/{run.id}/failed.log", journal.text().encode())
        except StorageError as error:
            logger.warning("The log of run %s was not kept: %s\n%s", run.id, error, journal.text())

    def _fail(self, run: RunRow, failure: Message, told: str) -> None:
        logger.warning("Run %s failed: %s", run.id, told)
        params = failure.as_plain()["params"]
        self._finish(run, Outcome(status=RunStatus.FAILED, error_code=failure.code, error_params=params))

    def _finish(self, run: RunRow, outcome: Outcome) -> None:
        self._patience.lasting(lambda: self._store.runs.finish(run.id, self.name, outcome))
        logger.info("run_finished", extra={"status": str(outcome.status), "error_code": outcome.error_code})
