"""Runners, started for as long as something waits to be executed."""

import logging
from threading import Event, Lock, Thread

from herd_engine.errors import HerdError
from herd_engine.workbench import Workbench

LOOK_SECONDS = 1.0
START_SECONDS = 15.0
"""A runner needs some seconds until others see that it is alive."""

log = logging.getLogger(__name__)


class Runners:
    """Lets queued runs find a runner: one that is alive when a run is queued may just be ending."""

    def __init__(self, workbench: Workbench, *, wanted: bool) -> None:
        self._workbench, self._wanted, self._stop = workbench, wanted, Event()
        self._lock, self._thread = Lock(), Thread()

    def wake(self) -> None:
        """Look after what is queued, in the background, until nothing is."""
        with self._lock:
            if self._wanted and not self._thread.is_alive():
                self._thread = Thread(target=self._look_after, name="runners", daemon=True)
                self._thread.start()

    def end(self) -> None:
        """Look no longer; runners that were started go on."""
        self._stop.set()

    def _look_after(self) -> None:
        while not self._stop.is_set():
            try:
                with self._lock:
                    if not self._workbench.runs.n_queued():
                        self._thread = Thread()  # who comes now wakes another
                        return
                started = self._workbench.runs.ensure_runner()
            except HerdError as error:
                log.warning("no runner could be started: %s", error)
                started = False
            self._stop.wait(START_SECONDS if started else LOOK_SECONDS)
