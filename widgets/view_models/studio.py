"""The forecast studio: a herd, a scenario, a preview that follows it, a run that is kept."""

import logging

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

from herd_engine.errors import ConflictError
from herd_engine.model.draws import Draws
from herd_engine.model.forecast import Forecast
from herd_engine.storage.run_rows import RunStatus
from widgets.view_models.herd_data import HerdData
from widgets.view_models.page_model import PageModel
from widgets.view_models.past_forecasts import PastForecasts
from widgets.view_models.preview import Preview
from widgets.view_models.run_panel import RunPanel
from widgets.view_models.scenario_form import ScenarioForm
from widgets.view_models.sources import Fact, sources

logger = logging.getLogger(__name__)


class Studio:
    """What the studio shows; ``shown`` says when the pictures change."""

    shown = Signal()

    def __init__(self, page: PageModel, run_panel: RunPanel | None = None) -> None:
        self.page = page
        self.data = HerdData(page)
        self.form = ScenarioForm(page, self.data)
        self.preview = Preview(page)
        self.run_panel = run_panel or RunPanel(page)
        self.past = PastForecasts(page)
        self.sources: dict[str, Fact] = {}
        self._draws: tuple[str, Draws] | None = None
        self.data.chosen.connect(self._read_sources)
        self.form.edited.connect(self._follow_form)
        self.preview.changed.connect(self.shown.emit)
        self.run_panel.changed.connect(self.shown.emit)
        self.shown.connect(self._look_back)
        self.run_panel.finished.connect(self._read_draws)

    def open(self) -> None:
        """Show the run that the address of the page asks for, else the newest herd."""
        self.data.refresh()
        self.form.refresh_presets()
        run_id = self.page.visit.run
        if run_id is not None:
            self.page.later(lambda: self.follow(run_id))
        elif self.data.datasets:
            self.data.look_at(self.data.datasets[0].id)

    def follow(self, run_id: str) -> None:
        """Show a run with its herd and its scenario; NotFoundError where the farm has none of this id."""
        run = self.page.workbench.kept.get(run_id)
        self.data.choose(run.dataset_id)
        self.run_panel.follow(run_id)
        self.form.load(self.run_panel.payload())

    def start(self) -> None:
        """Keep a forecast of the herd as the form says."""
        if self.data.row is not None and self.form.is_valid:
            self.run_panel.start(self.data.row.id, self.form.payload)

    @property
    def is_of_run(self) -> bool:
        """Whether the form says what the followed run says."""
        run = self.run_panel.run
        if run is None or self.data.row is None or run.dataset_id != self.data.row.id:
            return False
        ignored = ("dataset_id", "report_date")
        mine, theirs = (
            {key: value for key, value in payload.items() if key not in ignored}
            for payload in (self.form.payload, self.run_panel.payload())
        )
        return mine == theirs

    @property
    def forecast(self) -> Forecast | None:
        """What to draw: the result, the running bands, or the preview."""
        if self.is_of_run:
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
        """Ask how good forecasts of the herd have been, once there is one that is kept."""
        if self.data.row is not None and self.run_panel.forecast is not None and self.is_of_run:
            self.past.ask(self.data.row, self.run_panel.payload()["mode"])

    @property
    def draws(self) -> Draws | None:
        """The single futures of the run that is shown; None where it has none, or none are known yet."""
        run = self.run_panel.run
        if self._draws is None or run is None or self._draws[0] != run.id or not self.is_of_run:
            return None
        return self._draws[1]

    def _read_draws(self) -> None:
        run = self.run_panel.run
        if run is None or run.status is not RunStatus.SUCCEEDED:
            return
        try:
            self._draws = (run.id, self.page.workbench.kept.draws(run.id))
        except ConflictError as error:  # made by a version that kept none
            logger.info("%s: %s", error.code, error)
        self.shown.emit()

    def _read_sources(self) -> None:
        if self.data.herd_file is not None:
            self.sources = sources(self.page.workbench.inspect(self.data.herd_file).fit)
            self.shown.emit()

    def _follow_form(self) -> None:
        if self.data.herd_file is not None and self.form.is_valid:
            self.preview.ask(self.data.herd_file, self.form.payload)
        self.shown.emit()
