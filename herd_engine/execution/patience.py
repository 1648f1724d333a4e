"""Waiting for database and files: what needs them is tried again until they are there, and no run is lost."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from herd_engine.errors import HerdError, StorageError
from herd_engine.execution.timing import DEFAULT, Timing

logger = logging.getLogger(__name__)

Value = TypeVar("Value")


def nobody(_trouble: str) -> None:
    """Tell nobody."""


class Patience:
    """How a runner takes it that database or files are away.

    Parameters
    ----------
    waits : bool
        Whether it waits for them, as one does that is kept running; another fails at once.
    tell : callable
        Gets in words what is waited for, and nothing when all is well again.
    timing : Timing
    """

    def __init__(
        self, *, waits: bool = False, tell: Callable[[str], None] = nobody, timing: Timing = DEFAULT
    ) -> None:
        self.waits, self._tell, self._timing = waits, tell, timing
        self._trouble = ""

    def lasting(self, task: Callable[[], Value], wait: Callable[[float], object] = time.sleep) -> Value:
        """Do something, again and again until database and files allow it.

        Parameters
        ----------
        task : callable
        wait : callable
            Waits for so many seconds, or raises.
        """
        pause = self._timing.store_again
        while True:
            try:
                result = task()
            except StorageError as error:
                if not self.waits:
                    raise
                self.is_troubled(error)
                wait(pause)
                pause = min(2 * pause, self._timing.store_again_longest)
            else:
                self.is_well()
                return result

    def passing(self, task: Callable[[], object]) -> None:
        """Do something that is not worth waiting for: it is left out where it cannot be done now."""
        try:
            task()
        except StorageError as error:
            if not self.waits:
                raise
            self.is_troubled(error)
        else:
            self.is_well()

    def is_troubled(self, error: HerdError) -> None:
        """Say what is waited for."""
        if str(error) != self._trouble:
            self._trouble = str(error)
            logger.warning("Waiting: %s", error)
            self._tell(f"it waits: {error}")

    def is_well(self) -> None:
        """Say that nothing is waited for any more."""
        if self._trouble:
            self._trouble = ""
            logger.warning("All is well again.")
            self._tell("")
