from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np

from herd_engine.model.forecast import Metric
from herd_engine.model.scenario import ModelParameters, Scenario
from herd_engine.workbench import Workbench
from widgets.view_models.page_model import PageModel
from widgets.view_models.preview import PREVIEW_RUNS, Preview
from widgets.visit import Visit

PATIENCE_SECONDS = 60


def payload(later: int) -> dict[str, object]:
    return {"horizon_months": 12, "mc_runs": 1000, "model": {"waiting_period_change": later}}


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
    assert not preview.is_busy


def test_of_many_wishes_the_latest_wins(workbench: Workbench, sample_csv: bytes) -> None:
    herd_file = workbench.read_bytes(sample_csv, "farm.csv")
    with ThreadPoolExecutor(2) as executor:
        page = PageModel(workbench, Visit(), executor)
        preview, done = Preview(page), Event()
        shown: list[int] = []

        def look() -> None:
            if preview.forecast is not None:
                shown.append(preview.forecast.meta.scenario.model.waiting_period_change)
            if not preview.is_busy:
                done.set()

        preview.changed.connect(look)
        for days in range(30, 90):
            preview.ask(herd_file, payload(days))
        assert done.wait(PATIENCE_SECONDS)

    assert shown[-1] == 89
    assert len(set(shown)) < 60
    assert page.failure is None


def test_a_preview_that_was_cleared_is_gone(page: PageModel, workbench: Workbench, sample_csv: bytes) -> None:
    preview = Preview(page)
    preview.ask(workbench.read_bytes(sample_csv, "farm.csv"), payload(50))

    preview.clear()

    assert preview.forecast is None
