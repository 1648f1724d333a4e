"""Runs side by side: which are compared, with which of them, and by how much they differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from psygnal import Signal

from herd_engine.model.comparison import Comparison
from herd_engine.model.forecast import Forecast, Metric, Series
from herd_engine.model.run_status import RunStatus
from herd_engine.workbench.answers import Run
from herd_engine.workbench.groups import MOST_COMPARED as MOST_RUNS
from herd_engine.workbench.payloads import differences
from widgets.view_models.page_model import PageModel
from widgets.view_models.run_names import RunNames, payload_of

FEWEST_RUNS = 2
SHOWN_RUNS = 50
NOT_SETTINGS = ("dataset_id", "report_date")


@dataclass(frozen=True, slots=True)
class Setting:
    """A field in which runs differ, and its value in each of them."""

    path: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Runs that were compared.

    Attributes
    ----------
    runs : dict of str to Run
        By id, in the order of choosing.
    forecasts : dict of str to Forecast
    comparison : Comparison
        Its keys are the ids.
    """

    runs: dict[str, Run]
    forecasts: dict[str, Forecast]
    comparison: Comparison

    @property
    def aligned(self) -> dict[str, Forecast]:
        """The forecasts on the dates that all share: what is compared is of the same day."""
        return {run_id: on_dates(item, self.comparison.dates) for run_id, item in self.forecasts.items()}

    @property
    def settings(self) -> tuple[Setting, ...]:
        """What the runs differ in."""
        return differing_settings({run_id: payload_of(run) for run_id, run in self.runs.items()})

    def luck_apart(self, run_id: str) -> tuple[str, ...]:
        """Return why a run does not share its luck with the base: ``file``, ``seed``, ``version``."""
        run, base = (self.forecasts[one].meta for one in (run_id, self.comparison.base))
        reasons = {
            "file": run.dataset_sha256 != base.dataset_sha256,
            "seed": run.seed != base.seed,
            "version": run.random_scheme != base.random_scheme,
        }
        return tuple(name for name, is_apart in reasons.items() if is_apart)


class Compare:
    """What the page of comparisons knows.

    Attributes
    ----------
    rows : tuple of Run
        Finished runs to choose from, newest first.
    chosen : dict of str to Run
        By id, in the order of choosing; some may not be among ``rows``.
    base : str or None
        Id of the chosen run that the others are compared with.
    compared : Compared or None
        What came of it; None while fewer than two are chosen.
    metric : Metric
        What the charts show.
    is_full : bool
        Whether one more was wanted than can be compared.
    """

    changed = Signal()

    def __init__(self, page: PageModel) -> None:
        self.page = page
        self.names = RunNames(page.workbench)
        self.rows: tuple[Run, ...] = ()
        self.chosen: dict[str, Run] = {}
        self.base: str | None = None
        self.compared: Compared | None = None
        self.metric = Metric.MILKING_COUNT
        self.is_full = False
        self.text = ""

    @property
    def is_busy(self) -> bool:
        """Whether a comparison is on its way."""
        return self._is_enough and not self._is_current(self.compared) and self.page.failure is None

    def open(self) -> None:
        """Offer the newest runs, and compare those that the address of the page names."""
        self.search("")
        visit = self.page.visit
        wanted = tuple(dict.fromkeys(visit.runs))
        self.is_full = len(wanted) > MOST_RUNS
        self.chosen = {run_id: self.page.workbench.runs.get(run_id) for run_id in wanted[:MOST_RUNS]}
        self.base = visit.base if visit.base in self.chosen else self._usual_base()
        self._compare()

    def search(self, text: str) -> None:
        """Offer the runs whose scenario or herd file is called so."""
        visit, self.text = self.page.visit, text.strip()
        self.rows = self.page.workbench.runs.list(
            status=(RunStatus.SUCCEEDED,),
            text=self.text or None,
            owner=visit.owner if visit.is_named else None,
            limit=SHOWN_RUNS,
        ).items
        self.changed.emit()

    def pick(self, run_id: str, *, picked: bool) -> None:
        """Choose a run, or no longer; NotFoundError where the farm has none of this id."""
        self.is_full = picked and len(self.chosen) >= MOST_RUNS
        if picked and not self.is_full:
            self.chosen = {**self.chosen, run_id: self.page.workbench.runs.get(run_id)}
        elif not picked:
            self.chosen = {one: row for one, row in self.chosen.items() if one != run_id}
        if self.base not in self.chosen:
            self.base = self._usual_base()
        self._compare()

    def _usual_base(self) -> str | None:
        """Return the farm's plan where it was chosen, else what was chosen first."""
        plan = next((run_id for run_id, run in self.chosen.items() if run.starred), None)
        return plan or next(iter(self.chosen), None)

    def choose_base(self, run_id: str) -> None:
        """Compare the others with this one of the chosen runs."""
        if run_id in self.chosen:
            self.base = run_id
            self._compare()

    def look_at(self, metric: Metric) -> None:
        """Let the charts show another metric."""
        self.metric = metric
        self.changed.emit()

    @property
    def _is_enough(self) -> bool:
        return len(self.chosen) >= FEWEST_RUNS

    def _is_current(self, compared: Compared | None) -> bool:
        """Tell whether this is the comparison that is wanted now."""
        return (
            compared is not None
            and list(compared.runs) == list(self.chosen)
            and compared.comparison.base == self.base
        )

    def _compare(self) -> None:
        if self.page.failure is not None:
            self.page.dismiss()
        if not self._is_enough:
            self.compared = None
        self.changed.emit()
        if self._is_enough and self.base is not None:
            runs, base = dict(self.chosen), self.base
            self.page.later(lambda: self._make(runs, base))

    def _make(self, runs: dict[str, Run], base: str) -> None:
        workbench = self.page.workbench
        compared = Compared(
            runs=runs,
            forecasts={run_id: workbench.runs.forecast(run_id) for run_id in runs},
            comparison=workbench.compare(list(runs), base),
        )
        if self._is_current(compared):
            self.compared = compared
            self.changed.emit()


def on_dates(forecast: Forecast, dates: Sequence[date]) -> Forecast:
    """Return what a forecast says of some of its dates."""
    points = [forecast.dates.index(day) for day in dates]
    series = {
        metric: Series(**{item.name: getattr(known, item.name)[points] for item in fields(Series)})
        for metric, known in forecast.series.items()
    }
    return replace(forecast, dates=tuple(dates), series=series)


def differing_settings(payloads: Mapping[str, Mapping[str, Any]]) -> tuple[Setting, ...]:
    """Return the fields in which payloads differ, in schema order; all purchases are one field.

    Parameters
    ----------
    payloads : mapping of str to mapping
        Complete ones.
    """
    if not payloads:
        return ()
    first, *others = payloads.values()
    found = {
        "purchases" if item.path.startswith("purchases") else item.path
        for other in others
        for item in differences(first, other)
    }
    order = [
        f"{name}.{inner}" if isinstance(value, dict) else name
        for name, value in first.items()
        for inner in (value if isinstance(value, dict) else [""])
    ]
    return tuple(
        Setting(path, tuple(_value(payload, path) for payload in payloads.values()))
        for path in order
        if path in found and path not in NOT_SETTINGS
    )


def _value(payload: Mapping[str, Any], path: str) -> Any:
    owner, _, name = path.rpartition(".")
    return (payload[owner] if owner else payload)[name]
