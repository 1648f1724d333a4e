"""How good forecasts of a herd have been: looked up, or worked out, in the background."""

from psygnal import Signal

from herd_engine.review.backtest.track_record import TrackRecord, Untold, track_record
from herd_engine.storage.datasets import DatasetRow
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

    def ask(self, row: DatasetRow, mode: str) -> None:
        """Want the track record of a kept herd file, of one mode; the same again is no new wish."""
        wish = (row.id, mode)
        if wish == self._asked:
            return
        self._asked, self.found, self.is_busy = wish, None, True
        self.changed.emit()
        self._page.later(lambda: self._look(row, mode))

    def _look(self, row: DatasetRow, mode: str) -> None:
        found: TrackRecord | Untold | None = None
        try:
            found = track_record(self._page.workbench.kept, row, mode)
        finally:
            if self._asked == (row.id, mode):
                self.found, self.is_busy = found, False
                self.changed.emit()
