"""A claimed run is kept alive from a thread of its own, which also hears whether the run shall stop."""

import logging
import time
from threading import Event, Thread
from types import TracebackType
from typing import Self

from herd_engine.errors import StorageError
from herd_engine.execution.timing import DEFAULT
from herd_engine.model.run_status import RunStatus
from herd_engine.storage.run_rows import Heartbeat, Outcome, RunRow
from herd_engine.storage.runs import RunTable

logger = logging.getLogger(__name__)

AGAIN_SECONDS = 1.0
"""After a sign of life that could not be given."""


class RunStopped(Exception):  # noqa: N818 - an outcome, not a fault
    """A run ends without a result; ``outcome`` None: it has ended already, or is somebody else's."""

    def __init__(self, outcome: Outcome | None) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class Watch:
    """Says that a run is alive, however busy the thread is that executes it, and ends it at its time limit.

    Parameters
    ----------
    runs : RunTable
    run : RunRow
        Just claimed: its time limit begins now.
    worker : str
        Who claimed it.
    beat_seconds : float
        Between two signs of life.
    """

    def __init__(self, runs: RunTable, run: RunRow, worker: str, beat_seconds: float = DEFAULT.beat) -> None:
        self._runs, self._run, self._worker, self._beat_seconds = runs, run, worker, beat_seconds
        limit = run.timeout_seconds
        self._deadline = None if limit is None else time.monotonic() + limit
        self._stopped: RunStopped | None = None
        self._wake, self._is_over = Event(), Event()
        self._thread = Thread(target=self._beat, name=f"watch-{run.id}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self._thread.join()

    def check(self) -> None:
        """Raise RunStopped if the run shall stop or has been ended."""
        if self._stopped is not None:
            raise self._stopped

    def hear(self, beat: Heartbeat) -> None:
        """Take in what the store answered to a sign of life."""
        if not beat.is_mine:
            self._stop(None)
        elif beat.cancel_requested:
            self._stop(Outcome(status=RunStatus.CANCELED))

    def wait(self, seconds: float) -> None:
        """Wait, but raise RunStopped as soon as the run shall stop."""
        self._wake.wait(seconds)
        self.check()

    def _stop(self, outcome: Outcome | None) -> None:
        self._stopped = self._stopped or RunStopped(outcome)
        self._wake.set()

    def _beat(self) -> None:
        while not self._is_over.wait(min(self._beat_seconds, self._seconds_left())):
            try:
                if self._seconds_left() <= 0:
                    self._end_at_limit()
                    return
                self.hear(self._runs.heartbeat(self._run.id, self._worker))
            except StorageError as error:  # the thread that executes the run meets it too, and tells
                logger.warning("Run %s could not be kept alive: %s", self._run.id, error)
                self._is_over.wait(AGAIN_SECONDS)

    def _seconds_left(self) -> float:
        return self._beat_seconds if self._deadline is None else max(0.0, self._deadline - time.monotonic())

    def _end_at_limit(self) -> None:
        limit = {"seconds": self._run.timeout_seconds}
        outcome = Outcome(status=RunStatus.TIMEOUT, error_code="TIMEOUT", error_params=limit)
        self._runs.finish(self._run.id, self._worker, outcome)
        self._stop(None)
