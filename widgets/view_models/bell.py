"""What the frame of every page tells: alerts that nobody looks after."""

from psygnal import Signal

from herd_engine.errors import FarmNotFoundError
from herd_engine.model.visitor import LOOK
from herd_engine.workbench import Workbench


class Bell:
    """Counts alerts; to be asked seldom and only while somebody looks.

    Attributes
    ----------
    count : int or None
        Alerts that hold now and that nobody has acknowledged; None where they are not the visitor's to see.
    """

    changed = Signal()

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self.count: int | None = None

    def look(self) -> None:
        """Count again."""
        before, self.count = self.count, self._counted()
        if self.count != before:
            self.changed.emit()

    def _counted(self) -> int | None:
        try:
            may_look = LOOK in self._workbench.scopes
        except FarmNotFoundError:
            return None
        return self._workbench.alerts.n_ringing() if may_look else None
