"""Runs whose runner was lost are taken up again: silence is counted by whoever looks, twice."""

import logging
import time
from datetime import datetime

from herd_engine.errors import StorageError
from herd_engine.execution.timing import Timing
from herd_engine.model.run_status import RunStatus
from herd_engine.runs.store import Store
from herd_engine.storage.run_rows import RunRow

logger = logging.getLogger(__name__)


class LostRuns:
    """Looks for lost runs, now and then.

    Parameters
    ----------
    store : Store
    timing : Timing
    """

    def __init__(self, store: Store, timing: Timing) -> None:
        self._store, self._timing = store, timing
        self._silent_since: dict[tuple[str, datetime | None], float] = {}
        self._next_look = 0.0

    def take_up(self, *, confirm: bool = True) -> None:
        """Queue lost runs again if they have attempts left, and delete what their runners left of them.

        Parameters
        ----------
        confirm : bool
            Believe that a run is silent only after having looked for a while.

        Raises
        ------
        StorageError
            The database cannot be used.
        """
        moment = time.monotonic()
        if moment < self._next_look:
            return
        self._next_look = moment + self._timing.look_for_lost
        before, self._silent_since = self._silent_since, {}  # nothing is known where the database is away
        silent = {(row.id, row.heartbeat_at): row for row in self._store.runs.silent(self._timing.lost_after)}
        self._silent_since = {key: before.get(key, moment) for key in silent}
        enough = self._timing.confirm if confirm else 0.0
        lost = [silent[key] for key, since in self._silent_since.items() if moment - since >= enough]
        for run in self._store.runs.take_up(lost):
            self._told(run)

    def _told(self, run: RunRow) -> None:
        what = "is taken up again" if run.status is RunStatus.QUEUED else f"is {run.status}"
        logger.warning("Run %s was lost with its runner; it %s.", run.id, what)
        try:
            self._store.files.delete_prefix(f"runs/{run.id}")
        except StorageError as error:
            logger.warning("Files of run %s, which has no result, are left: %s", run.id, error)
