"""A small forecast that follows the form while it is being changed; the latest wish wins."""

from collections.abc import Mapping
from threading import Event, Lock
from typing import Any

from psygnal import Signal

from herd_engine.datasets.herd_file import HerdFile
from herd_engine.engine.simulate import Execution
from herd_engine.errors import ForecastCanceled
from herd_engine.model.forecast import Forecast
from herd_engine.scenarios.schema import parse_scenario, to_scenario
from widgets.view_models.page_model import PageModel

PREVIEW_RUNS = 200
DEBOUNCE_SECONDS = 0.05


class Preview:
    """The newest preview.

    Attributes
    ----------
    forecast : Forecast or None
    is_busy : bool
        Whether a newer one is on its way.
    """

    changed = Signal()

    def __init__(self, page: PageModel) -> None:
        self._page = page
        self._lock, self._stop = Lock(), Event()
        self._wanted: tuple[HerdFile, Mapping[str, Any]] | None = None
        self.forecast: Forecast | None = None
        self.is_busy = False

    def ask(self, herd_file: HerdFile, payload: Mapping[str, Any]) -> None:
        """Want a preview of a valid payload; one under way that nobody wants any more is stopped."""
        with self._lock:
            self._wanted = (herd_file, payload)
            self._stop.set()
            if self.is_busy:
                return
            self.is_busy = True
        self._page.later(self._work)

    def clear(self) -> None:
        """Forget the preview and any wish for one."""
        with self._lock:
            self._wanted = None
            self._stop.set()
        self.forecast = None
        self.changed.emit()

    def _work(self) -> None:
        try:
            while (wish := self._next()) is not None:
                self._make(*wish)
        finally:
            self.is_busy = False
        self.changed.emit()

    def _next(self) -> tuple[HerdFile, Mapping[str, Any]] | None:
        with self._lock:
            wish, self._wanted, self._stop = self._wanted, None, Event()
            if wish is None:
                self.is_busy = False
        return wish

    def _make(self, herd_file: HerdFile, payload: Mapping[str, Any]) -> None:
        stop = self._stop
        if stop.wait(DEBOUNCE_SECONDS):
            return
        parsed = parse_scenario(payload)
        runs = min(parsed.mc_runs, PREVIEW_RUNS)
        try:
            self.forecast = self._page.workbench.forecast(
                herd_file, to_scenario(parsed), runs=runs, seed=parsed.seed, execution=Execution(stop=stop)
            )
        except ForecastCanceled:
            return
        self.changed.emit()
