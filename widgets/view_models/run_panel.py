"""A kept run, from the wish to its end: queued, running, done, or why not."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from psygnal import Signal

from herd_engine.model.forecast import Forecast, Metric, Series
from herd_engine.model.run_status import RunStatus
from herd_engine.workbench.answers import Run
from herd_engine.workbench.payloads import complete
from herd_engine.workbench.runners import is_any_alive, start_runner
from widgets.view_models.exported import Exported
from widgets.view_models.page_model import PageModel
from widgets.view_models.run_names import payload_of


def ensure_runner(home: Path) -> None:
    """Start a runner where none is alive."""
    if not is_any_alive(home):
        start_runner(home)


class RunPanel:
    """The run that the page follows.

    Attributes
    ----------
    run : Run or None
    position : int or None
        In the queue; 1 is next.
    forecast : Forecast or None
        The result of a run that succeeded.
    """

    changed = Signal()
    followed = Signal()
    finished = Signal()

    def __init__(self, page: PageModel, ensure: Callable[[Path], None] = ensure_runner) -> None:
        self._page, self._ensure = page, ensure
        self.run: Run | None = None
        self.position: int | None = None
        self.forecast: Forecast | None = None

    @property
    def is_active(self) -> bool:
        """Whether something may still happen to the run."""
        return self.run is not None and self.run.is_active

    @property
    def exported(self) -> Exported | None:
        """What its files are made of; None until it has succeeded."""
        forecast, run = self.forecast, self.run
        if forecast is None or run is None:
            return None
        return Exported(
            forecast=forecast,
            herd_file=lambda: self._page.workbench.runs.herd_file(run.id),
            stem=f"forecast-{forecast.meta.report_date}-{run.id[:8]}",
        )

    def start(self, dataset_id: str, payload: Mapping[str, Any], name: str = "") -> None:
        """Queue a run under a name, if one is given, or take the one that answers it already."""
        self._page.later(lambda: self._submit(dataset_id, dict(payload), name.strip() or None))

    def rename(self, name: str) -> None:
        """Give the run another name; without one it is called by what its plan changes."""
        if self.run is not None:
            self._update(self._page.workbench.runs.rename(self.run.id, name.strip() or None))

    def star(self, *, starred: bool) -> None:
        """Make the run the plan of its farm, or no longer."""
        if self.run is not None:
            self._update(self._page.workbench.runs.star(self.run.id, starred=starred))

    def follow(self, run_id: str) -> None:
        """Show a run that exists; NotFoundError where the farm has none of this id."""
        self._show(self._page.workbench.runs.get(run_id))

    def see_to(self, run_id: str) -> None:
        """Show a run that nobody here has started, and see to it that somebody carries it out."""
        self.follow(run_id)
        self._ensure(self._page.workbench.home)

    def cancel(self) -> None:
        """Ask the run to stop."""
        if self.run is not None and self.is_active:
            self._update(self._page.workbench.runs.withdraw(self.run.id))

    def leave(self) -> None:
        """Show no run any more; it goes on."""
        self.run, self.position, self.forecast = None, None, None
        self.changed.emit()
        self.followed.emit()

    def poll(self) -> bool:
        """Look how the run stands; tell whether there is something to wait for."""
        if self.run is None or not self.is_active:
            return False
        self._update(self._page.workbench.runs.get(self.run.id))
        return self.is_active

    def payload(self) -> dict[str, Any]:
        """Return the complete payload of the run; the defaults where there is no run."""
        if self.run is None:
            return complete({})
        return payload_of(self.run)

    def partial(self, base: Forecast | None) -> Forecast | None:
        """Return ``base`` with the milking cows of the run as far as it is, None where nothing is known.

        Parameters
        ----------
        base : Forecast
            Of the same scenario; stands for all that the runner does not tell while it works.
        """
        progress = None if self.run is None else self.run.progress
        if base is None or progress is None or not progress.partial:
            return None
        levels = [np.asarray(progress.partial[name], np.float64) for name in ("p05", "p50", "p95")]
        if len(levels[0]) != len(base.dates):
            return None
        return with_milking(base, levels, progress.completed_runs)

    def _submit(self, dataset_id: str, payload: dict[str, Any], name: str | None) -> None:
        submitted = self._page.workbench.runs.submit(dataset_id, payload, name=name)
        self._show(submitted.run)
        if submitted.run.is_active:
            self._ensure(self._page.workbench.home)

    def _show(self, run: Run) -> None:
        self.forecast, self.run = None, None
        self._update(run)
        self.followed.emit()

    def _update(self, run: Run) -> None:
        ended = not run.is_active and (self.run is None or self.run.is_active)
        self.run = run
        is_queued = run.status == RunStatus.QUEUED
        self.position = self._page.workbench.runs.queue_position(run.id) if is_queued else None
        self.changed.emit()
        if ended and run.status == RunStatus.SUCCEEDED:
            self._page.later(self._read)
        elif ended:
            self.finished.emit()

    def _read(self) -> None:
        run = self.run
        if run is None:
            return
        forecast = self._page.workbench.runs.forecast(run.id)
        if self.run is not None and self.run.id == run.id:
            self.forecast = forecast
            self.changed.emit()
            self.finished.emit()


def with_milking(base: Forecast, levels: list[Any], runs: int) -> Forecast:
    """Return a forecast whose milking cows are these quantiles of so many runs."""
    low, middle, high = levels
    unknown = np.full_like(middle, np.nan)
    known = {"p_low": low, "p50": middle, "p_high": high}
    series = Series(**{item.name: known.get(item.name, unknown) for item in fields(Series)})
    return replace(
        base, series={**base.series, Metric.MILKING_COUNT: series}, meta=replace(base.meta, runs=max(runs, 1))
    )
