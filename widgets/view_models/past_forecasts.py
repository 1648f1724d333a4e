"""How good forecasts of a herd have been: looked up, or worked out, in the background."""

from psygnal import Signal

from herd_engine.presentation.track_record import TrackRecord, Untold, track_record
from herd_engine.workbench.answers import Dataset
from widgets.view_models.page_model import PageModel


class PastForecasts:
    """The track record of the herd that was asked for last.

    Attributes
    ----------
    found : TrackRecord, Untold or None
        None where nothing was asked for, or while it is being worked out.
    is_busy : bool
        Whether it is being worked out.
    """

    changed = Signal()

    def __init__(self, page: PageModel) -> None:
        self._page = page
        self._asked: tuple[str, str] | None = None
        self.found: TrackRecord | Untold | None = None
        self.is_busy = False

    def ask(self, row: Dataset, mode: str) -> None:
        """Want the track record of a kept herd file, of one mode; the same again is no new wish."""
        wish = (row.id, mode)
        if wish == self._asked:
            return
        self._asked, self.found, self.is_busy = wish, None, True
        self.changed.emit()
        self._page.later(lambda: self._look(row, mode))

    def leave(self) -> None:
        """Tell nothing any more."""
        if self._asked is not None:
            self._asked, self.found, self.is_busy = None, None, False
            self.changed.emit()

    def _look(self, row: Dataset, mode: str) -> None:
        found: TrackRecord | Untold | None = None
        try:
            found = track_record(self._page.workbench, row.id, mode)
        finally:
            if self._asked == (row.id, mode):
                self.found, self.is_busy = found, False
                self.changed.emit()
