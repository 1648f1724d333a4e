"""What the runs of a farm say, row by row: pages, views, CSV."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.outputs import KeptOutputs
from herd_engine.storage.outputs.index import Maintained
from herd_engine.storage.outputs.rows import NUMBERS, OutputFilters, View
from herd_engine.workbench.answers import INSIDE, Listed, answer

__all__ = ["NUMBERS", "Output", "OutputView", "Outputs"]


class OutputView(StrEnum):
    """Which rows: all, those of the newest runs, or the newest value of each metric."""

    ALL = "all"
    LATEST = "latest"
    LATEST_BY_METRIC = "latest_by_metric"


VIEWS = {
    OutputView.ALL: View.ALL,
    OutputView.LATEST: View.LATEST,
    OutputView.LATEST_BY_METRIC: View.LATEST_BY_METRIC,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One number of one run on one date, with its bands; None where nothing is known."""

    farm_id: Annotated[str, INSIDE]
    scenario_id: str
    run_id: str
    run_hash: str
    content_hash: str
    published_at: datetime
    asof_date: date
    target_month: date
    horizon_months: int
    metric: str
    unit: str
    mean: float | None
    p_low: float | None
    p25: float | None
    p50: float | None
    p75: float | None
    p_high: float | None
    mcse_mean: float | None
    mcse_p_low: float | None
    mcse_p25: float | None
    mcse_p50: float | None
    mcse_p75: float | None
    mcse_p_high: float | None


class Outputs:
    """Numbers of the succeeded runs of a farm; filters are named as those of the outputs table."""

    def __init__(self, kept: KeptRuns, outputs: KeptOutputs) -> None:
        self._kept, self._outputs = kept, outputs.of(kept.scope)

    def version(self) -> int:
        """Return what is another number after anything of the farm's runs was published or deleted."""
        return self._kept.store.farms.version(self._kept.scope.farm_id)

    def forget(self, about: str) -> None:
        """Let what is remembered of the farm's outputs be read anew; who wanted that is in the audit."""
        kept = self._kept
        kept.store.farms.renew(kept.scope.farm_id, kept.access.owner, about)

    def page(
        self, view: OutputView, cursor: str | None = None, limit: int = 100, **filters: Any
    ) -> Listed[Output]:
        """Return a page of rows.

        Raises
        ------
        NotFoundError
            A run or scenario of the filters is not there.
        ParameterError
            A filter, the limit or the cursor is wrong.
        """
        read = {
            OutputView.ALL: self._outputs.query,
            OutputView.LATEST: self._outputs.latest,
            OutputView.LATEST_BY_METRIC: self._outputs.latest_by_metric,
        }[view]
        page = read(OutputFilters(**filters), cursor, limit)
        return Listed(tuple(answer(Output, row) for row in page.items), page.next_cursor)

    def csv(self, view: OutputView, *, excel: bool = False, **filters: Any) -> Iterator[bytes]:
        """Return all rows as CSV, in pieces; only a piece at a time is held."""
        return self._outputs.csv(OutputFilters(**filters), VIEWS[view], excel=excel)

    def rebuild(self) -> int:
        """Make the table of all farms again from the files of the runs; return how many runs it holds."""
        return self._outputs.rebuild()

    def flush(self) -> int:
        """Append the runs that wait; return how many."""
        return self._outputs.flush()

    def maintain(self) -> Maintained:
        """Remove rows of deleted runs, merge small files, forget old ones."""
        return self._outputs.maintain()
