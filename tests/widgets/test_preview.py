from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest

from herd_engine.errors import ParameterError
from herd_engine.model.forecast import Metric
from herd_engine.model.scenario import ModelParameters, Scenario
from herd_engine.workbench import Workbench
from tests.widgets.conftest import Later
from widgets.view_models import preview as preview_module
from widgets.view_models.page_model import PageModel
from widgets.view_models.preview import PREVIEW_RUNS, Preview
from widgets.visit import Visit

PATIENCE_SECONDS = 60


def payload(later: int, **changes: object) -> dict[str, object]:
    return {"horizon_months": 12, "mc_runs": 1000, "model": {"waiting_period_change": later}, **changes}


def test_a_preview_is_the_forecast_of_200_runs(
    page: PageModel, workbench: Workbench, sample_csv: bytes
) -> None:
    herd_file = workbench.read_bytes(sample_csv, "farm.csv")
    preview = Preview(page)

    preview.ask(herd_file, payload(20))

    scenario = Scenario(horizon_months=12, model=ModelParameters(waiting_period_change=20))
    expected = workbench.forecast(herd_file, scenario, runs=PREVIEW_RUNS, seed=42)
    assert preview.forecast is not None
    assert preview.forecast.meta == expected.meta
    series = preview.forecast.series[Metric.MILKING_COUNT]
    assert np.array_equal(series.p50, expected.series[Metric.MILKING_COUNT].p50)
    assert preview.shown is not None
    assert preview.shown.at_once is None


def test_of_many_wishes_the_latest_wins(workbench: Workbench, sample_csv: bytes) -> None:
    herd_file = workbench.read_bytes(sample_csv, "farm.csv")
    with ThreadPoolExecutor(2) as executor:
        page = PageModel(workbench, Visit(), executor)
        preview, done = Preview(page), Event()
        shown: list[int] = []

        def look() -> None:
            if preview.forecast is not None:
                shown.append(preview.forecast.meta.scenario.model.waiting_period_change)
                if shown[-1] == 89:
                    done.set()

        preview.changed.connect(look)
        for days in range(30, 90):
            preview.ask(herd_file, payload(days))
        assert done.wait(PATIENCE_SECONDS)

    assert preview.shown is not None
    assert preview.shown.at_once is None
    assert shown[-1] == 89
    assert len(set(shown)) < 60
    assert page.failure is None


def test_a_preview_that_was_cleared_is_gone(page: PageModel, workbench: Workbench, sample_csv: bytes) -> None:
    preview = Preview(page)
    preview.ask(workbench.read_bytes(sample_csv, "farm.csv"), payload(50))

    preview.clear()

    assert preview.forecast is None


class Steps:
    """A preview whose work is done when a test says so; bands that are still to come take the latest wish."""

    def __init__(self, workbench: Workbench, later: Later, csv: bytes) -> None:
        self._later = later
        self._bands = self._line = lambda: None
        self.page = PageModel(workbench, Visit(), later)
        self.preview = Preview(self.page)
        self.herd_file = workbench.read_bytes(csv, "farm.csv")

    def ask(self, payload: dict[str, object]) -> None:
        self._later.tasks.clear()
        self.preview.ask(self.herd_file, payload)
        *bands, self._line = self._later.tasks
        self._bands = bands[0] if bands else self._bands

    def bands(self) -> None:
        self._bands()

    def line(self) -> None:
        self._line()

    @property
    def at_once(self) -> np.ndarray | None:
        assert self.preview.shown is not None
        return self.preview.shown.at_once


@pytest.fixture
def steps(workbench: Workbench, later: Later, sample_csv: bytes, monkeypatch: pytest.MonkeyPatch) -> Steps:
    """A forecast is shown already."""
    monkeypatch.setattr(preview_module, "DEBOUNCE_SECONDS", 0)
    steps = Steps(workbench, later, sample_csv)
    steps.ask(payload(0))
    steps.line()
    assert steps.preview.shown is None  # a line needs bands to stand before
    steps.bands()
    return steps


def test_a_line_is_there_at_once_and_gives_way_to_the_bands(steps: Steps) -> None:
    before = steps.preview.forecast
    assert before is not None

    steps.ask(payload(0, model={"culling_intensity": 2.0}))
    steps.line()

    line = steps.at_once
    assert line is not None
    assert steps.preview.forecast is before
    steps.bands()
    after = steps.preview.forecast
    assert after is not None
    assert steps.at_once is None
    old, new = (forecast.series[Metric.MILKING_COUNT].p50 for forecast in (before, after))
    assert line[0] == new[0]
    assert abs(line[-1] - new[-1]) < abs(old[-1] - new[-1]) / 5


@pytest.mark.parametrize(
    "changes",
    [
        {"horizon_months": 24},
        {"mode": "empirical", "model": {}},
        {"purchase_policy": "auto_counter"},
        {"purchases": [{"date_in": "2026-09-15", "count": 4, "days_pregnant": 150}]},
    ],
    ids=["longer", "other mode", "policy", "purchase"],
)
def test_where_nothing_can_be_told_at_once_there_is_no_line(steps: Steps, changes: dict[str, object]) -> None:
    steps.ask(payload(10))
    steps.line()
    assert steps.at_once is not None

    steps.ask(payload(0, **changes))
    steps.line()

    assert steps.at_once is None
    assert steps.page.failure is None


def test_a_line_never_lies_over_bands_that_are_newer(steps: Steps) -> None:
    steps.ask(payload(30))
    steps.bands()

    steps.line()

    assert steps.at_once is None


def test_another_herd_begins_without_a_line(steps: Steps, workbench: Workbench, sample_csv: bytes) -> None:
    steps.herd_file = workbench.read_bytes(sample_csv, "other.csv")
    steps.ask(payload(30))

    steps.line()

    assert steps.at_once is None


def test_a_plan_that_cannot_be_says_so_and_leaves_no_line(steps: Steps) -> None:
    steps.ask(payload(10))
    steps.line()

    steps.ask(payload(0, future_date="2050-01-01"))  # long after the forecast
    steps.line()

    assert steps.at_once is None
    assert steps.page.failure is not None
    assert isinstance(steps.page.failure.error, ParameterError)


def test_a_cleared_preview_takes_its_line_along(steps: Steps) -> None:
    steps.ask(payload(10))
    steps.preview.clear()

    steps.line()
    steps.bands()

    assert steps.preview.shown is None
