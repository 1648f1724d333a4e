"""The runner: claims runs and executes them one after the other, whatever becomes of each.

A process of its own (`herd worker`). Nothing of a run is visible before one transaction publishes all of
it; files of a runner that died belong to no result and go when its run is swept.

A run whose Dask cluster is lost is tried again, a few times; then it fails, and the runner takes no other
before the cluster answers. Nothing else is retried: what a run meets once it would meet again.
"""

import logging
import traceback
from threading import Event

from herd_engine.errors import ClusterError, HerdError, StorageError
from herd_engine.runs.cluster import Cluster
from herd_engine.runs.execution import Journal, RunExecution
from herd_engine.runs.liveness import LOST_AFTER_SECONDS, new_runner_name
from herd_engine.runs.store import Store
from herd_engine.runs.watch import RunStopped, Watch
from herd_engine.storage.run_rows import Outcome, RunRow, RunStatus

logger = logging.getLogger(__name__)

IDLE_SECONDS = 0.1
RETRY_SECONDS = 5.0
"""Before the second attempt; twice as long before each further one."""
CONNECT_AGAIN_SECONDS = 10.0


class Runner:
    """Executes queued runs, one after the other."""

    def __init__(self, store: Store, cluster: Cluster) -> None:
        self._store, self._cluster = store, cluster
        self.name = new_runner_name()

    def work(self, stop: Event, *, until_idle: bool = False) -> int:
        """Execute runs until told to stop; return how many were begun.

        Parameters
        ----------
        stop : threading.Event
        until_idle : bool
            Return as soon as nothing is queued. Without a cluster, runs then fail instead of waiting.

        Raises
        ------
        StorageError
            The database cannot be used.
        """
        begun = 0
        while not stop.is_set():
            self._sweep()
            if not (until_idle or self._has_cluster(stop)):
                continue
            run = self._store.runs.claim(self.name)
            if run is not None:
                begun += 1
                self.execute(run)
            elif until_idle:
                break
            else:
                stop.wait(IDLE_SECONDS)
        return begun

    def execute(self, run: RunRow) -> None:
        """Execute one claimed run to its end, whatever that is."""
        journal = Journal()
        journal.note(f"run {run.id}, attempt {run.attempt}, on {self.name}")
        with Watch(self._store.runs, run, self.name) as watch:
            try:
                self._try(run, watch, journal)
            except (KeyboardInterrupt, SystemExit):
                self._give_back(run)
                raise
            except RunStopped as stopped:
                if stopped.outcome is not None:
                    self._store.runs.finish(run.id, self.name, stopped.outcome)
            except HerdError as error:
                self._fail(run, error.code, str(error))
            except Exception as error:  # noqa: BLE001 - the border: the next run must not suffer
                journal.note(traceback.format_exc())
                message = f"{type(error).__name__}: {error}. See failed.log of the run."
                self._fail(run, "INTERNAL_ERROR", message)
                self._keep_log(run, journal)

    def _try(self, run: RunRow, watch: Watch, journal: Journal) -> None:
        """Execute a run, again where its cluster is lost and it has attempts left."""
        pause = RETRY_SECONDS
        while True:
            try:
                return RunExecution(
                    store=self._store,
                    cluster=self._cluster,
                    run=run,
                    worker=self.name,
                    watch=watch,
                    journal=journal,
                ).carry_out()
            except ClusterError as error:
                again = self._store.runs.retry(run.id, self.name, str(error))
                if again is None:
                    raise
                journal.note(f"attempt {again.attempt} in {pause:g} s: {error}")
                logger.warning("Run %s is tried again in %g s: %s", run.id, pause, error)
                run = again
            watch.wait(pause)
            pause *= 2

    def _has_cluster(self, stop: Event) -> bool:
        try:
            self._cluster.connect()
        except ClusterError as error:
            logger.warning("No runs are taken: %s. Trying again in %g s.", error, CONNECT_AGAIN_SECONDS)
            stop.wait(CONNECT_AGAIN_SECONDS)
            return False
        return True

    def _sweep(self) -> None:
        """Fail the runs whose runner was lost, and delete what it left of them."""
        for lost in self._store.runs.sweep(LOST_AFTER_SECONDS):
            logger.warning("Run %s was lost with its worker %s.", lost.id, lost.worker)
            try:
                self._store.files.delete_prefix(f"runs/{lost.id}")
            except StorageError as error:
                logger.warning("Files of run %s, which has no result, are left: %s", lost.id, error)

    def _give_back(self, run: RunRow) -> None:
        """Let another worker execute the run, for this one ends."""
        if self._store.runs.requeue(run.id, self.name):
            return
        if self._store.runs.heartbeat(run.id, self.name).cancel_requested:
            self._store.runs.finish(run.id, self.name, Outcome(status=RunStatus.CANCELED))
        else:
            self._fail(
                run, "WORKER_STOPPED", "The workers of this run were stopped, each time; submit it again."
            )

    def _keep_log(self, run: RunRow, journal: Journal) -> None:
        try:
            self._store.files.put(f"runs/{run.id}/failed.log", journal.text().encode())
        except StorageError as error:
            logger.warning("The log of run %s was not kept: %s\n%s", run.id, error, journal.text())

    def _fail(self, run: RunRow, code: str, message: str) -> None:
        logger.warning("Run %s failed: %s", run.id, message)
        outcome = Outcome(status=RunStatus.FAILED, error_code=code, error_message=message)
        self._store.runs.finish(run.id, self.name, outcome)
