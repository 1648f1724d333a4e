"""What moves a number of the herd most: asked for by the visitor, worked out in the background."""

from psygnal import Signal

from herd_engine.model.forecast import Metric
from herd_engine.model.sensitivity import Sensitivity, WatchedNumber
from herd_engine.workbench import HerdFile
from widgets.view_models.work import FarmWork

METRICS = (Metric.MILKING_COUNT, Metric.HEIFER_COUNT, Metric.CALVINGS, Metric.AVG_DAYS_IN_MILK)
MONTHS = (6, 12, 24, 36)


class HerdInfluence:
    """A number of the forecast, and what one step of each lever does to it.

    Attributes
    ----------
    number : WatchedNumber
        That is chosen.
    found : Sensitivity or None
        Of that number and of the herd that is shown; None before it is asked for.
    is_working : bool
    """

    changed = Signal()

    def __init__(self, work: FarmWork) -> None:
        self._work = work
        self.number = WatchedNumber()
        self.found: Sensitivity | None = None
        self.is_working = False
        self._herd_file: HerdFile | None = work.herd_file
        work.changed.connect(self._follow)

    def choose(self, number: WatchedNumber) -> None:
        """Take another number; what was found of the last one is gone."""
        self.number, self.found = number, None
        self.changed.emit()

    def look(self) -> None:
        """Move every lever: a second or two."""
        herd_file, number = self._work.herd_file, self.number
        if herd_file is None or self.is_working:
            return
        self.is_working = True
        self.changed.emit()
        self._work.page.later(lambda: self._look(herd_file, number))

    def _look(self, herd_file: HerdFile, number: WatchedNumber) -> None:
        try:
            found = self._work.page.workbench.sensitivity(herd_file, number)
            if herd_file is self._work.herd_file and number == self.number:  # else nobody asks any more
                self.found = found
        finally:
            self.is_working = False
            self.changed.emit()

    def _follow(self) -> None:
        if self._work.herd_file is not self._herd_file:
            self._herd_file, self.found = self._work.herd_file, None
            self.changed.emit()
