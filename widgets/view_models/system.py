"""The machine behind the herds: what is at work, what waits, how much is kept."""

from psygnal import Signal

from herd_engine.model.visitor import LOOK
from herd_engine.workbench.system import SystemState
from widgets.view_models.page_model import PageModel


class SystemView:
    """What the page of the system knows.

    Attributes
    ----------
    state : SystemState or None
        None where it is not the visitor's to see.
    """

    changed = Signal()

    def __init__(self, page: PageModel) -> None:
        self.page = page
        self.state: SystemState | None = None
        page.seen.connect(self.refresh)

    def refresh(self) -> None:
        """Look again."""
        if LOOK in self.page.workbench.scopes:
            self.state = self.page.workbench.system.state()
            self.changed.emit()
