"""A small forecast that follows the form while it is being changed: a line at once, then the bands."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from threading import Event, Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

from herd_engine.errors import ForecastCanceled
from herd_engine.model.forecast import Forecast, Metric
from herd_engine.model.scenario import Scenario
from herd_engine.workbench import Execution, HerdFile
from herd_engine.workbench.fitted import moved_median
from herd_engine.workbench.payloads import parse_scenario, to_scenario
from widgets.view_models.latest import Latest
from widgets.view_models.page_model import PageModel

PREVIEW_RUNS = 200
DEBOUNCE_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPreview:
    """A plan of which a preview is wanted; later ones have higher numbers."""

    number: int
    herd_file: HerdFile
    scenario: Scenario
    runs: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A forecast, and what a newer plan makes of it.

    Attributes
    ----------
    wish : WantedPreview
        Of the forecast.
    forecast : Forecast
    at_once : ndarray of float64, shape (months + 1,), or None
        Milking cows as the newer plan lets them be expected.
    """

    wish: WantedPreview
    forecast: Forecast
    at_once: NDArray[np.float64] | None = None


class Preview:
    """The newest preview.

    Attributes
    ----------
    shown : Shown or None
    """

    changed = Signal()

    def __init__(self, page: PageModel) -> None:
        self._page = page
        self._lock, self._numbers = Lock(), count()
        self._line = Latest[WantedPreview](page.later, self._expect)
        self._bands = Latest[WantedPreview](page.later, self._simulate)
        self.shown: Shown | None = None
        self._wanted: int | None = None

    @property
    def is_behind(self) -> bool:
        """Whether another plan is wanted than the one of the forecast."""
        return self._wanted is not None and (self.shown is None or self.shown.wish.number != self._wanted)

    @property
    def forecast(self) -> Forecast | None:
        """The newest forecast."""
        return None if self.shown is None else self.shown.forecast

    def ask(self, herd_file: HerdFile, payload: Mapping[str, Any]) -> None:
        """Want a preview of a valid payload; one under way that nobody wants any more is stopped."""
        parsed = parse_scenario(payload)
        wish = WantedPreview(
            number=next(self._numbers),
            herd_file=herd_file,
            scenario=to_scenario(parsed),
            runs=min(parsed.mc_runs, PREVIEW_RUNS),
            seed=parsed.seed,
        )
        self._wanted = wish.number
        self._bands.ask(wish)  # first: what is under way must not end beneath the new line
        self._line.ask(wish)

    def clear(self) -> None:
        """Forget the preview and any wish for one."""
        with self._lock:
            self._line.drop()
            self._bands.drop()
            self.shown, self._wanted = None, None
        self.changed.emit()

    def _expect(self, wish: WantedPreview, _: Event) -> None:
        """Show what a plan lets expect while its forecast is being made."""
        line, base = None, self.shown
        if base is None or base.wish.number >= wish.number:
            return
        try:
            line = self._moved(base, wish)
        finally:  # where there is none, one of a plan before must not stay
            with self._lock:
                if self.shown is base:
                    self.shown = replace(base, at_once=line)
            self.changed.emit()

    def _moved(self, base: Shown, wish: WantedPreview) -> NDArray[np.float64] | None:
        workbench = self._page.workbench
        if base.wish.herd_file is not wish.herd_file:
            return None
        before = workbench.expectation(wish.herd_file, base.forecast.meta.scenario)
        after = workbench.expectation(wish.herd_file, wish.scenario)
        if before is None or after is None:
            return None
        return moved_median(base.forecast, Metric.MILKING_COUNT, before, after)

    def _simulate(self, wish: WantedPreview, stop: Event) -> None:
        if stop.wait(DEBOUNCE_SECONDS):
            return
        try:
            forecast = self._page.workbench.forecast(
                wish.herd_file,
                wish.scenario,
                runs=wish.runs,
                seed=wish.seed,
                execution=Execution(stop=stop),
            )
        except ForecastCanceled:
            return
        with self._lock:
            if stop.is_set():
                return
            self.shown = Shown(wish=wish, forecast=forecast)
        self.changed.emit()
        # What the next plan will be measured against: of the first plan no line has asked for it yet.
        self._page.workbench.expectation(wish.herd_file, wish.scenario)
