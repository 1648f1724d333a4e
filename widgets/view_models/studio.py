"""The forecast studio: a herd, a scenario, a preview that follows it, a run that is kept."""

import logging
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

from herd_engine.errors import ConflictError
from herd_engine.model.draws import Draws
from herd_engine.model.forecast import Forecast
from herd_engine.model.run_status import RunStatus
from herd_engine.workbench.payloads import short_form
from widgets.view_models.exported import Exported
from widgets.view_models.floor import Floor
from widgets.view_models.herd_data import HerdData
from widgets.view_models.page_model import PageModel
from widgets.view_models.past_forecasts import PastForecasts
from widgets.view_models.preview import Preview
from widgets.view_models.run_panel import RunPanel
from widgets.view_models.scenario_form import ScenarioForm
from widgets.view_models.sources import Fact, sources

logger = logging.getLogger(__name__)


class PlanState(StrEnum):
    """How the plan that is shown stands."""

    NEW = "new"
    """It was never kept."""
    CHANGED = "changed"
    """It was made of a kept one and is not kept itself."""
    ACTIVE = "active"
    """It is being kept."""
    ENDED = "ended"
    """It was to be kept, and that failed or was canceled."""
    KEPT = "kept"
    FARMS = "farms"
    """It is kept, and the plan of the farm."""


class Studio:
    """What the studio shows; ``shown`` says when the pictures, or how their plan stands, change.

    Page, address and exported files are always of the same forecast, that of ``plan``.

    Attributes
    ----------
    plan : dict
        Complete payload; what the form says, as long as that is valid.
    left : dict of str to str
        What the address of a plan said that the visitor left without keeping it; empty once that was
        answered.
    """

    shown = Signal()
    asked = Signal()

    def __init__(self, page: PageModel, run_panel: RunPanel | None = None) -> None:
        self.page = page
        self.data = HerdData(page)
        self.form = ScenarioForm(page, self.data)
        self.preview = Preview(page)
        self.run_panel = run_panel or RunPanel(page)
        self.past = PastForecasts(page)
        self.floor = Floor(page)
        self.sources: dict[str, Fact] = {}
        self.plan: dict[str, Any] = self.form.payload
        self.left: dict[str, str] = {}
        self._is_opening = False
        self._draws: tuple[str, Draws] | None = None
        self._looked_back = ""
        self.data.chosen.connect(self._read_sources)
        self.data.changed.connect(self.shown.emit)
        self.form.edited.connect(self._follow_form)
        self.preview.changed.connect(self.shown.emit)
        self.run_panel.changed.connect(self.shown.emit)
        self.shown.connect(self._look_back)
        self.run_panel.finished.connect(self._read_draws)

    def open(self) -> None:
        """Show what the address of the page asks for, else the newest herd."""
        self.data.refresh()
        self.form.refresh_presets()
        self.page.later(self.floor.refresh)
        visit = self.page.visit
        if visit.run or visit.dataset or visit.plan:
            self._is_opening = True
            self.page.later(lambda: self._show(visit.run, visit.dataset, visit.plan))
        elif self.data.datasets:
            self.data.look_at(self.data.datasets[0].id)

    def follow(self, run_id: str) -> None:
        """Show a run with its herd and its scenario; NotFoundError where the farm has none of this id."""
        run = self.page.workbench.runs.get(run_id)
        self.data.choose(run.dataset_id)
        self.run_panel.follow(run_id)
        self.form.load(self.run_panel.payload())

    def go_back(self) -> None:
        """Show the kept forecast again that the plan was made of; that can be undone."""
        run = self.run_panel.run
        if run is not None:
            self.data.choose(run.dataset_id)
            self.form.load(self.run_panel.payload())

    def remember(self, query: Mapping[str, str]) -> None:
        """Ask whether a plan is to be shown again that was left without being kept."""
        self.left = dict(query)
        self.asked.emit()

    def take_up(self) -> None:
        """Show the plan that was left."""
        left, self.left = self.left, {}
        self.asked.emit()
        self._show(left.get("run"), left.get("dataset"), left.get("plan"))

    def give_up(self) -> None:
        """Forget the plan that was left."""
        self.left = {}
        self.asked.emit()

    @property
    def address(self) -> dict[str, str]:
        """What an address must say to show the same again; what was asked for until that is shown."""
        run, row = self.run_panel.run, self.data.row
        if row is None or self._is_opening:
            visit = self.page.visit
            return {"run": visit.run or "", "dataset": visit.dataset or "", "plan": visit.plan or ""}
        if run is not None and self._is_of_run(self.plan):
            return {"run": run.id, "dataset": "", "plan": ""}
        plan = short_form.written(self.plan, self.form.defaults())
        is_plain = run is None and self.plan == self.form.defaults()
        return {"run": run.id if run else "", "dataset": row.id, "plan": "" if is_plain else plan}

    @property
    def state(self) -> PlanState:
        """How the plan stands."""
        run = self.run_panel.run
        if run is None:
            return PlanState.NEW
        if not self._is_of_run(self.form.payload):
            return PlanState.CHANGED
        if run.is_active:
            return PlanState.ACTIVE
        if run.status != RunStatus.SUCCEEDED:
            return PlanState.ENDED
        return PlanState.FARMS if run.starred else PlanState.KEPT

    @property
    def is_lost_when_left(self) -> bool:
        """Whether the visitor made a plan that nothing keeps."""
        return self.state in (PlanState.NEW, PlanState.CHANGED) and bool(self.address["plan"])

    @property
    def exported(self) -> Exported | None:
        """What files are made of: what is shown; None while that is still to change by itself."""
        forecast, herd_file = self.forecast, self.data.herd_file
        if forecast is None or herd_file is None or self.is_stale or self.state is PlanState.ACTIVE:
            return None
        if forecast is self.run_panel.forecast:
            return self.run_panel.exported
        stem = f"forecast-{forecast.meta.report_date}-not-kept"
        return Exported(forecast=forecast, herd_file=lambda: herd_file, stem=stem)

    @property
    def is_stale(self) -> bool:
        """Whether another forecast is on its way, or wanted, than the one that is drawn."""
        if self.data.is_changing or not self.form.is_valid:
            return True
        return self.preview.is_behind and self.forecast is self.preview.forecast

    def _show(self, run: str | None, dataset: str | None, plan: str | None) -> None:
        """Show a herd and a plan; what is not there any more is said, and the rest shown."""
        newest = next(iter(self.data.datasets), None)
        herd = dataset or (newest.id if newest and not run else None)
        if run:
            self.page.guarded(self.follow)(run)
        if herd is not None:
            self.page.guarded(self.data.choose)(herd)
        if plan:
            self.page.guarded(self._load)(plan)
        self._is_opening = False
        self.shown.emit()

    def _load(self, plan: str) -> None:
        self.form.load(short_form.read(plan, self.form.defaults()))

    def start(self, name: str = "") -> None:
        """Keep a forecast of the herd as the form says."""
        self.page.dismiss()
        if self.data.row is not None and self.form.is_valid:
            self.run_panel.start(self.data.row.id, self.form.payload, name)

    def star(self, *, starred: bool) -> None:
        """Make the followed run the plan of its farm, whose floor is then of it, or no longer."""
        self.run_panel.star(starred=starred)
        self.floor.refresh()

    @property
    def is_of_run(self) -> bool:
        """Whether the form says what the followed run says."""
        return self._is_of_run(self.form.payload)

    def _is_of_run(self, plan: Mapping[str, Any]) -> bool:
        run = self.run_panel.run
        if run is None or self.data.row is None or run.dataset_id != self.data.row.id:
            return False
        ignored = short_form.NOT_OF_A_PLAN
        mine, theirs = (
            {key: value for key, value in payload.items() if key not in ignored}
            for payload in (plan, self.run_panel.payload())
        )
        return mine == theirs

    @property
    def forecast(self) -> Forecast | None:
        """What to draw: the result, the running bands, or the preview."""
        if self._is_of_run(self.plan):
            return (
                self.run_panel.forecast
                or self.run_panel.partial(self.preview.forecast)
                or self.preview.forecast
            )
        return self.preview.forecast

    def at_once(self, forecast: Forecast) -> NDArray[np.float64] | None:
        """Return what a plan, newer than that of the forecast which is drawn, makes of its milking cows."""
        shown = self.preview.shown
        return shown.at_once if shown is not None and shown.forecast is forecast else None

    def _look_back(self) -> None:
        """Ask how good forecasts of the herd have been, once one is kept; of another mode nothing is told."""
        if self.data.row is not None and self.run_panel.forecast is not None and self.is_of_run:
            self.past.ask(self.data.row, self.plan["mode"])
            self._looked_back = self.plan["mode"]
        elif self.plan["mode"] != self._looked_back:
            self.past.leave()

    @property
    def draws(self) -> Draws | None:
        """The single futures of the run that is shown; None where it has none, or none are known yet."""
        run = self.run_panel.run
        if self._draws is None or run is None or self._draws[0] != run.id or not self.is_of_run:
            return None
        return self._draws[1]

    def _read_draws(self) -> None:
        run = self.run_panel.run
        if run is None or run.status != RunStatus.SUCCEEDED:
            return
        try:
            self._draws = (run.id, self.page.workbench.runs.draws(run.id))
        except ConflictError as error:  # made by a version that kept none
            logger.info("%s: %s", error.code, error)
        self.shown.emit()

    def _read_sources(self) -> None:
        if self.data.herd_file is not None:
            self.sources = sources(self.page.workbench.inspect(self.data.herd_file).fit)
            self.shown.emit()

    def _follow_form(self) -> None:
        if self.form.is_valid:
            self.plan = self.form.payload
            if self.data.herd_file is not None:
                self.preview.ask(self.data.herd_file, self.plan)
        self.shown.emit()
