from collections.abc import Iterator
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from herd_engine.errors import NotFoundError
from herd_engine.execution.cluster import ClusterSettings, open_cluster
from herd_engine.execution.runner import Runner
from herd_engine.model.forecast import Metric
from herd_engine.model.run_status import RunStatus
from herd_engine.model.scenario import Scenario
from herd_engine.scenarios.schema import parse_scenario, to_scenario
from herd_engine.storage.run_rows import Outcome, Progress
from herd_engine.workbench import Workbench
from widgets.view_models.page_model import PageModel
from widgets.view_models.run_panel import RunPanel
from widgets.view_models.studio import Studio

PAYLOAD = {"horizon_months": 12, "mc_runs": 40, "seed": 3}


@pytest.fixture
def started() -> list[Path]:
    """Homes in which a runner was asked for."""
    return []


@pytest.fixture
def panel(page: PageModel, started: list[Path]) -> RunPanel:
    return RunPanel(page, ensure=started.append)


@pytest.fixture
def dataset_id(workbench: Workbench, sample_csv: bytes) -> str:
    return workbench.kept.add_dataset(sample_csv, "farm.csv").id


@pytest.fixture
def runner(workbench: Workbench) -> Iterator[Runner]:
    with open_cluster(ClusterSettings()) as cluster:
        yield Runner(workbench.kept.store, cluster)


def test_a_run_waits_in_the_queue_and_a_runner_is_asked_for(
    panel: RunPanel, dataset_id: str, started: list[Path], workbench: Workbench
) -> None:
    workbench.kept.submit(dataset_id, {"seed": 1})
    panel.start(dataset_id, PAYLOAD)

    assert panel.run is not None
    assert panel.run.status == RunStatus.QUEUED
    assert panel.position == 2
    assert started == [workbench.kept.store.settings.home]


def test_a_queued_run_that_is_canceled_has_ended(panel: RunPanel, dataset_id: str) -> None:
    panel.start(dataset_id, PAYLOAD)

    panel.cancel()

    assert panel.run is not None
    assert panel.run.status == RunStatus.CANCELED
    assert not panel.poll()


def test_progress_is_followed_with_the_bands_so_far(
    panel: RunPanel, dataset_id: str, workbench: Workbench, sample_csv: bytes
) -> None:
    panel.start(dataset_id, PAYLOAD)
    runs = workbench.kept.store.runs
    claimed = runs.claim("worker")
    assert claimed is not None
    known = {"metric": "milking_count", "p05": [60.0] * 13, "p50": [70.0] * 13, "p95": [80.0] * 13}
    progress = Progress(stage="simulate", completed_runs=10, total_runs=40, partial=known)
    runs.report_progress(claimed.id, "worker", progress)

    assert panel.poll()

    base = workbench.forecast(workbench.read_bytes(sample_csv, "farm.csv"), runs=5)
    assert panel.partial(base) is None  # another horizon
    base = workbench.forecast(workbench.read_bytes(sample_csv, "farm.csv"), scenario_of(panel), runs=5)
    partial = panel.partial(base)
    assert partial is not None
    assert partial.meta.runs == 10
    assert np.array_equal(partial.series[Metric.MILKING_COUNT].p_high, [80.0] * 13)
    assert partial.series[Metric.DRY_COUNT] is base.series[Metric.DRY_COUNT]


def test_a_run_that_failed_says_why(panel: RunPanel, dataset_id: str, workbench: Workbench) -> None:
    panel.start(dataset_id, PAYLOAD)
    claimed = workbench.kept.store.runs.claim("worker")
    assert claimed is not None
    outcome = Outcome(status=RunStatus.FAILED, error_code="OF_TOMORROW", error_params={"said": "No room."})
    workbench.kept.store.runs.finish(claimed.id, "worker", outcome)

    assert not panel.poll()
    assert panel.run is not None
    assert panel.run.error_message == "The program said: No room."
    assert panel.forecast is None


def test_a_run_of_nobody_is_not_found(panel: RunPanel) -> None:
    with pytest.raises(NotFoundError, match="There is no run"):
        panel.follow("00000000-0000-4000-8000-000000000000")


@pytest.mark.slow
def test_a_run_that_succeeds_brings_its_forecast_and_opens_again_with_its_scenario(
    page: PageModel, panel: RunPanel, dataset_id: str, runner: Runner
) -> None:
    panel.start(dataset_id, PAYLOAD)
    runner.work(Event(), until_idle=True)
    panel.poll()

    assert panel.forecast is not None
    assert panel.forecast.meta.runs == 40
    assert panel.run is not None

    again = Studio(page, RunPanel(page, ensure=lambda _: None))
    again.follow(panel.run.id)
    assert again.is_of_run
    assert again.forecast is again.run_panel.forecast is not None
    assert (again.form.value("seed"), again.form.value("mc_runs")) == (3, 40)
    assert again.draws is not None
    assert again.draws.n_replicates == 40

    again.form.set("seed", 4)
    assert not again.is_of_run
    assert again.draws is None
    assert again.forecast is again.preview.forecast


@pytest.mark.slow
def test_the_same_wish_again_is_answered_by_the_run_that_is_there(
    panel: RunPanel, dataset_id: str, runner: Runner, started: list[Path]
) -> None:
    panel.start(dataset_id, PAYLOAD)
    runner.work(Event(), until_idle=True)
    first = panel.run

    panel.start(dataset_id, PAYLOAD)

    assert first is not None
    assert panel.run is not None
    assert panel.run.id == first.id
    assert panel.forecast is not None
    assert len(started) == 1


def scenario_of(panel: RunPanel) -> Scenario:
    return to_scenario(parse_scenario(panel.payload()))
