"""What the farm's contract says of a herd file, and how the farm's files have fared, in the background."""

from psygnal import Signal

from herd_engine.workbench.contracts import ContractCheck
from herd_engine.workbench.preflight import BrokenRule, TrendPoint
from widgets.view_models.page_model import PageModel


class FileChecks:
    """What is known of the farm's files by its contract.

    Attributes
    ----------
    check : ContractCheck or None
        Of the herd file that is looked at.
    counts : dict of str to int
        Preflights of the farm by status.
    top_rules : tuple of BrokenRule
        Broken most often first.
    trend : tuple of TrendPoint
        Preflights of the farm by day and status, oldest first.
    """

    changed = Signal()

    def __init__(self, page: PageModel) -> None:
        self._page = page
        self.check: ContractCheck | None = None
        self.counts: dict[str, int] = {}
        self.top_rules: tuple[BrokenRule, ...] = ()
        self.trend: tuple[TrendPoint, ...] = ()

    def ask(self, dataset_id: str | None) -> None:
        """Look at a kept file, or at none."""
        self._page.later(lambda: self._look(dataset_id))

    def _look(self, dataset_id: str | None) -> None:
        workbench = self._page.workbench
        self.check = None if dataset_id is None else workbench.contracts.check_kept(dataset_id)
        self.counts, self.top_rules = workbench.preflights.counts(), workbench.preflights.top_rules()
        self.trend = workbench.preflights.trend()
        self.changed.emit()
