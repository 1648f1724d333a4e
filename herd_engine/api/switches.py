"""Flags and limits as this process knows them: read from the store anew every other second."""

import logging
import time
from collections.abc import Callable

from fastapi.concurrency import run_in_threadpool

from herd_engine.errors import StorageError
from herd_engine.workbench import Workbench
from herd_engine.workbench.switches import SwitchBoard

log = logging.getLogger(__name__)
FRESH_SECONDS = 2.0
"""What another process, or a command, has changed is obeyed after this time at the latest."""


class RememberedSwitches:
    """What is switched off and who may ask for how much; a store that is away changes nothing of it.

    Parameters
    ----------
    workbench : Workbench
    clock : callable
        Seconds.
    """

    def __init__(self, workbench: Workbench, clock: Callable[[], float] = time.monotonic) -> None:
        self._workbench, self._clock = workbench, clock
        self._board, self._read_at, self._reading = SwitchBoard(), -FRESH_SECONDS, False

    async def now(self) -> SwitchBoard:
        """Return what holds now; one request reads it for all, the others take what was known before."""
        if self._clock() - self._read_at >= FRESH_SECONDS and not self._reading:
            self._reading = True
            try:
                self._board = await run_in_threadpool(self._workbench.switches.board)
            except StorageError as error:
                log.warning("flags and limits cannot be read; those from before hold: %s", error)
            finally:
                self._read_at, self._reading = self._clock(), False
        return self._board

    def forget(self) -> None:
        """Read everything anew: something was changed."""
        self._read_at = self._clock() - FRESH_SECONDS
