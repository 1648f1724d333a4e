"""The herd today, where it is going, and what changed since the file before."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psygnal import Signal

from herd_engine.model.forecast import Forecast, Metric
from herd_engine.model.run_status import ACTIVE, RunStatus
from herd_engine.model.verdicts import RecordOfForecasts
from herd_engine.workbench import HerdFile
from herd_engine.workbench.answer_types import ForecastChanges, changes_since
from herd_engine.workbench.answers import Dataset, Run
from herd_engine.workbench.samples import add_sample_farm
from widgets.view_models.farm_plan import plan_of_farm, run_of_plan
from widgets.view_models.floor import Floor
from widgets.view_models.page_model import PageModel
from widgets.view_models.past_forecasts import PastForecasts
from widgets.view_models.run_names import RunNames, payload_of
from widgets.view_models.run_panel import RunPanel

LATEST_RUNS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The herd of one file, with the forecast of the farm's plan where there is one."""

    row: Dataset
    herd_file: HerdFile
    run: Run | None
    forecast: Forecast | None
    is_corrected: bool = False

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
    changes : ForecastChanges or None
        Between the forecasts of the two.
    starred : Run or None
        The farm's plan; it may be a forecast of another herd file.
    latest : tuple of Run
        The visitor's newest runs; where visitors are not told apart, the farm's.
    run_panel : RunPanel
        A forecast on its way, of ``now``.
    record : RecordOfForecasts
        What later herd files said of earlier forecasts.
    floor : Floor
        From how few milking cows on somebody is warned.
    past : PastForecasts
        How good forecasts of ``now`` have been; asked for once there is one.
    """

    changed = Signal()

    def __init__(self, page: PageModel, run_panel: RunPanel | None = None) -> None:
        self.page = page
        self.run_panel = run_panel or RunPanel(page)
        self.names = RunNames(page.workbench)
        self.past = PastForecasts(page)
        self.floor = Floor(page)
        self.is_ready = False
        self.now: Snapshot | None = None
        self.before: Snapshot | None = None
        self.changes: ForecastChanges | None = None
        self.latest: tuple[Run, ...] = ()
        self.starred: Run | None = None
        self.record = RecordOfForecasts(forecasts=())
        self._is_plan = False
        self.run_panel.finished.connect(self._after_run)

    def open(self) -> None:
        """Look at the farm, in the background."""
        self.page.later(self.refresh)

    def refresh(self) -> None:
        """Look at the farm."""
        runs, rows = self.page.workbench.runs, self.page.workbench.datasets.all()
        newest, earlier = newest_two(rows)
        self.starred, plan = runs.starred(), plan_of_farm(runs)
        self.now = self._snapshot(newest, plan)
        if self.now is not None:
            of_that_day = [row for row in rows if row.report_date == self.now.row.report_date]
            self.now = replace(self.now, is_corrected=len(of_that_day) > 1)
        shown = None if self.now is None or self.now.run is None else payload_of(self.now.run)
        self.before = self._snapshot(earlier, shown or plan)
        self.changes = _changes(self.now, self.before)
        self.record = self.page.workbench.report_card()
        visit = self.page.visit
        owner = visit.owner if visit.is_named else None
        self.latest = runs.list(owner=owner, limit=LATEST_RUNS).items
        self.is_ready = True
        self.floor.refresh()
        self.changed.emit()
        if self.now is not None and self.now.run is not None:
            self.past.ask(self.now.row, payload_of(self.now.run)["mode"])
        if newest is not None and self.run_panel.run is None:
            active = runs.list(dataset_id=newest.id, status=ACTIVE, limit=1).items
            for run in active:
                self.run_panel.see_to(run.id)

    def add_sample(self, name: str) -> str:
        """Add a sample farm of this name, or take the one that there is; return its name."""
        today = datetime.now().astimezone().date()
        return add_sample_farm(self.page.workbench, name, today).farms.current().name

    def forecast_now(self) -> None:
        """Forecast the herd with the farm's plan, and let that be the forecast of the plan from then on."""
        if self.now is not None and not self.run_panel.is_active:
            self._is_plan = True
            name = "" if self.starred is None else self.starred.name or ""
            self.run_panel.start(self.now.row.id, plan_of_farm(self.page.workbench.runs), name)

    def _snapshot(self, row: Dataset | None, plan: Mapping[str, Any]) -> Snapshot | None:
        """Return a herd with the forecast of a plan, whoever of the farm made that."""
        if row is None:
            return None
        workbench = self.page.workbench
        run = run_of_plan(workbench.runs, row, plan)
        return Snapshot(
            row=row,
            herd_file=workbench.datasets.load(row.id),
            run=run,
            forecast=None if run is None else workbench.runs.forecast(run.id),
        )

    def _after_run(self) -> None:
        run = self.run_panel.run
        if run is not None and run.status == RunStatus.SUCCEEDED:
            if self._is_plan:
                self.page.workbench.runs.star(run.id)
            self._is_plan = False
            self.run_panel.leave()
            self.page.later(self.refresh)


def newest_two(rows: tuple[Dataset, ...]) -> tuple[Dataset | None, Dataset | None]:
    """Return the herd file of the newest report date, and that of the newest date before.

    Parameters
    ----------
    rows : tuple of Dataset
        Of two files of the same day the one that was added later counts: it corrects the other.
    """
    by_date = sorted(rows, key=lambda row: (row.report_date, row.created_at), reverse=True)
    newest = next(iter(by_date), None)
    earlier = (row for row in by_date if newest is not None and row.report_date < newest.report_date)
    return newest, next(earlier, None)


def _changes(now: Snapshot | None, before: Snapshot | None) -> ForecastChanges | None:
    if now is None or before is None or now.run is None or before.run is None:
        return None
    if now.forecast is None or before.forecast is None:
        return None
    return changes_since(now.forecast, before.forecast, payload_of(now.run), payload_of(before.run))
