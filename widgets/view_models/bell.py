"""What the frame of every page tells: alerts that nobody looks after, and whether everything is at work."""

from psygnal import Signal

from herd_engine.errors import FarmNotFoundError
from herd_engine.model.visitor import LOOK
from herd_engine.workbench import Workbench
from herd_engine.workbench.system import SystemState


def standing(state: SystemState) -> str:
    """Return how the machine is: ``good``, ``bad``, or ``alone`` where nothing works in the background."""
    if not state.is_good:
        return "bad"
    is_watched = any(task.is_held for task in state.tasks)
    return "good" if state.is_up or is_watched else "alone"


class Bell:
    """Counts alerts and asks how the service is; only while somebody looks, every few seconds.

    Attributes
    ----------
    count : int or None
        Alerts that hold now and that nobody has acknowledged; None where they are not the visitor's to see.
    service : str or None
        As ``standing``; None where that is not the visitor's to see.
    """

    changed = Signal()

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self.count: int | None = None
        self.service: str | None = None

    def look(self) -> None:
        """Look again."""
        before = (self.count, self.service)
        if self._may_look:
            self.count = self._workbench.alerts.n_ringing()
            self.service = standing(self._workbench.system.state())
        if (self.count, self.service) != before:
            self.changed.emit()

    @property
    def _may_look(self) -> bool:
        try:
            return LOOK in self._workbench.scopes
        except FarmNotFoundError:
            return False
