"""The herd today, where it is going, and what changed since the file before."""

from dataclasses import dataclass

from psygnal import Signal

from herd_engine.datasets.herd_file import HerdFile
from herd_engine.model.forecast import Forecast, Metric
from herd_engine.review.changes import Changes, changes_since
from herd_engine.storage.datasets import DatasetRow
from herd_engine.storage.paging import MAX_LIMIT
from herd_engine.storage.run_rows import ACTIVE, RunFilters, RunRow, RunStatus
from widgets.view_models.page_model import PageModel
from widgets.view_models.past_forecasts import PastForecasts
from widgets.view_models.run_names import RunNames, payload_of
from widgets.view_models.run_panel import RunPanel
from widgets.view_models.scenario_form import ScenarioForm

LATEST_RUNS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The herd of one file, with the newest forecast of it where there is one."""

    row: DatasetRow
    herd_file: HerdFile
    run: RunRow | None
    forecast: Forecast | None

    def value(self, metric: Metric) -> float | None:
        """Return a count of the herd, or its mean days in milk, on the report date."""
        if metric is Metric.AVG_DAYS_IN_MILK:
            return self.herd_file.herd.mean_days_in_milk
        return self.row.counts[metric.removesuffix("_count")]

    @property
    def total(self) -> int:
        """All animals of the herd."""
        return sum(self.row.counts.values())


class Overview:
    """What the overview shows.

    Attributes
    ----------
    is_ready : bool
        False until the farm has been looked at.
    now, before : Snapshot or None
        The herd of the newest report date, and of the one before it.
    changes : Changes or None
        Between the forecasts of the two.
    latest : tuple of RunRow
        The visitor's newest runs; where visitors are not told apart, the farm's.
    run_panel : RunPanel
        A forecast on its way, of ``now``.
    past : PastForecasts
        How good forecasts of ``now`` have been; asked for once there is one.
    """

    changed = Signal()

    def __init__(self, page: PageModel, run_panel: RunPanel | None = None) -> None:
        self.page = page
        self.run_panel = run_panel or RunPanel(page)
        self.names = RunNames(page.workbench)
        self.past = PastForecasts(page)
        self.is_ready = False
        self.now: Snapshot | None = None
        self.before: Snapshot | None = None
        self.changes: Changes | None = None
        self.latest: tuple[RunRow, ...] = ()
        self.run_panel.finished.connect(self._after_run)

    def open(self) -> None:
        """Look at the farm, in the background."""
        self.page.later(self.refresh)

    def refresh(self) -> None:
        """Look at the farm."""
        kept = self.page.workbench.kept
        newest, earlier = newest_two(self.page.workbench.catalog.datasets.list(limit=MAX_LIMIT).items)
        self.now, self.before = self._snapshot(newest), self._snapshot(earlier)
        self.changes = _changes(self.now, self.before)
        visit = self.page.visit
        mine = RunFilters(owner=visit.owner if visit.is_named else None)
        self.latest = kept.list_runs(mine, limit=LATEST_RUNS).items
        self.is_ready = True
        self.changed.emit()
        if self.now is not None and self.now.run is not None:
            self.past.ask(self.now.row, payload_of(self.now.run)["mode"])
        if newest is not None and self.run_panel.run is None:
            active = kept.list_runs(RunFilters(dataset_id=newest.id, statuses=ACTIVE), limit=1).items
            for run in active:
                self.run_panel.follow(run.id)

    def forecast_now(self) -> None:
        """Forecast the herd with the defaults."""
        if self.now is not None and not self.run_panel.is_active:
            self.run_panel.start(self.now.row.id, ScenarioForm.defaults())

    def _snapshot(self, row: DatasetRow | None) -> Snapshot | None:
        """Return a herd with the newest forecast of it, whoever of the farm made that."""
        if row is None:
            return None
        kept = self.page.workbench.kept
        succeeded = RunFilters(dataset_id=row.id, statuses=(RunStatus.SUCCEEDED,))
        run = next(iter(kept.list_runs(succeeded, limit=1).items), None)
        return Snapshot(
            row=row,
            herd_file=kept.store.datasets.load(row),
            run=run,
            forecast=None if run is None else kept.forecast(run.id),
        )

    def _after_run(self) -> None:
        run = self.run_panel.run
        if run is not None and run.status is RunStatus.SUCCEEDED:
            self.run_panel.leave()
            self.page.later(self.refresh)


def newest_two(rows: tuple[DatasetRow, ...]) -> tuple[DatasetRow | None, DatasetRow | None]:
    """Return the herd file of the newest report date, and that of the newest date before.

    Parameters
    ----------
    rows : tuple of DatasetRow
        Of two files of the same day the one that was added later counts: it corrects the other.
    """
    by_date = sorted(rows, key=lambda row: (row.report_date, row.created_at), reverse=True)
    newest = next(iter(by_date), None)
    earlier = (row for row in by_date if newest is not None and row.report_date < newest.report_date)
    return newest, next(earlier, None)


def _changes(now: Snapshot | None, before: Snapshot | None) -> Changes | None:
    if now is None or before is None or now.run is None or before.run is None:
        return None
    if now.forecast is None or before.forecast is None:
        return None
    return changes_since(now.forecast, before.forecast, payload_of(now.run), payload_of(before.run))
