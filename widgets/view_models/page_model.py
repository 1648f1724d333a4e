"""What every page has: a visit, the Workbench, work in the background, and failures that are seen."""

import logging
import secrets
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec

from psygnal import Signal

from herd_engine.errors import FarmNotFoundError, HerdError
from herd_engine.workbench import Workbench
from widgets.view_models.bell import Bell
from widgets.visit import Visit

logger = logging.getLogger(__name__)
Arguments = ParamSpec("Arguments")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What went wrong.

    Attributes
    ----------
    error : HerdError or None
        One of our own errors, which can be worded in every language; None for a fault of the program.
    id : str or None
        Of a fault: the log has its traceback under the same id.
    """

    error: HerdError | None = None
    id: str | None = None


class PageModel:
    """One visit to one page.

    Parameters
    ----------
    workbench : Workbench
    visit : Visit
    executor : Executor
        Where work goes that takes longer than a moment.
    is_shown : bool
        False: such work waits until ``begin``, for it would keep the page itself from being shown.
    """

    changed = Signal()
    seen = Signal()
    """The visitor looks at the page just now: it is time to look whether others changed something."""

    def __init__(
        self, workbench: Workbench, visit: Visit, executor: Executor, *, is_shown: bool = True
    ) -> None:
        self.workbench, self.visit = workbench, visit
        self._waiting: list[Callable[[], None]] | None = None if is_shown else []
        self.language = visit.language
        self.failure: Failure | None = None
        self._executor = executor
        self.bell = Bell(workbench)

    def speak(self, language: str) -> None:
        """Change the language of the page."""
        self.language = language
        self.changed.emit()

    def farms(self) -> tuple[str, list[str]]:
        """Return the name of the farm, and of all that the visitor may see; nothing where none is open."""
        try:
            farms = self.workbench.farms
        except FarmNotFoundError:
            return "", []
        return farms.current().name, [farm.name for farm in farms.list()]

    def dismiss(self) -> None:
        """Forget the failure that was shown, if there is one."""
        if self.failure is not None:
            self.failure = None
            self.changed.emit()

    def guarded(self, function: Callable[Arguments, None]) -> Callable[Arguments, None]:
        """Return the function such that no error of it is lost: it is shown on the page, and logged."""

        @wraps(function)
        def call(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
            try:
                function(*args, **kwargs)
            except HerdError as error:
                logger.info("%s: %s", error.code, error)
                self._fail(Failure(error=error))
            except Exception:
                failure = Failure(id=secrets.token_hex(4))
                logger.exception("failure %s", failure.id)
                self._fail(failure)

        return call

    def later(self, task: Callable[[], None]) -> None:
        """Do something in the background, guarded."""
        if self._waiting is None:
            self._executor.submit(self.guarded(task))
        else:
            self._waiting.append(task)

    def begin(self) -> None:
        """Do what was left for later, now that the page is shown."""
        waiting, self._waiting = self._waiting or [], None
        for task in waiting:
            self.later(task)

    def _fail(self, failure: Failure) -> None:
        self.failure = failure
        self.changed.emit()
