"""What a farm's exports tell one after the other, looked up in the background."""

from datetime import date, datetime

from psygnal import Signal

from herd_engine.model.changes import History
from widgets.view_models.page_model import PageModel


class HerdHistory:
    """The history of the farm.

    Attributes
    ----------
    found : History or None
        None until it has been looked up.
    """

    changed = Signal()

    def __init__(self, page: PageModel) -> None:
        self._page = page
        self.found: History | None = None

    def ask(self) -> None:
        """Look again."""
        self._page.later(self._look)

    @property
    def age(self) -> int | None:
        """How many days old the newest export is; None without any."""
        return None if self.found is None else self.found.age(today())

    def _look(self) -> None:
        self.found = self._page.workbench.history()
        self.changed.emit()


def today() -> date:
    """Return the day where the visitor's farm is, as far as this machine knows."""
    return datetime.now().astimezone().date()
