"""Kept runs: what the whole path (submit, queue, Dask, publish) costs beside the bare engine."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from herd_engine.engine.simulate import Execution
from herd_engine.forecasting.forecast import make_forecast
from herd_engine.model.run_status import RunStatus
from herd_engine.runs.kept import KeptRuns
from herd_engine.scenarios.schema import parse_scenario, to_scenario
from herd_engine.storage.run_rows import RunRow
from herd_engine.workbench import Workbench
from pipelines.bench.figure import Figure

PAYLOAD = {"horizon_months": 36, "purchase_policy": "auto_counter"}
SWEEP_RUNS = 200
POLL_SECONDS = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured.

    Attributes
    ----------
    repeats : int
        Of each figure.
    first_runs : int
        Runs of a forecast of which the first ones are waited for.
    forecast_runs : int
        Runs of a forecast that is waited for.
    waiting_periods : int
        Of the sweep, each with five rates of culling.
    """

    repeats: int
    first_runs: int
    forecast_runs: int
    waiting_periods: int


SMALL = Size(repeats=3, first_runs=1000, forecast_runs=2000, waiting_periods=2)
LARGE = Size(repeats=5, first_runs=4000, forecast_runs=10_000, waiting_periods=20)


def runs_figures(file: Path, cores: int, size: Size = SMALL) -> list[Figure]:
    """Measure kept runs of one file with a worker process of their own, in a home of their own."""
    with TemporaryDirectory() as home, _worker(Path(home), cores) as kept:
        dataset_id = kept.add_dataset(file.read_bytes(), file.name).id
        _finished(kept, _submit(kept, dataset_id, seed=0, mc_runs=100))
        return [
            *_submit_figures(kept, dataset_id, size),
            *_overhead_figures(kept, dataset_id, cores, size),
            _sweep_figure(kept, dataset_id, size),
        ]


@contextmanager
def _worker(home: Path, cores: int) -> Iterator[KeptRuns]:
    kept = Workbench.open(home).kept
    command = [sys.executable, "-m", "herd_engine", "worker", "--home", str(home), "--threads", str(cores)]
    with (home / "worker.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603 - our own command line
    try:
        yield kept
    finally:
        process.terminate()
        process.wait()
        kept.close()


def _submit(kept: KeptRuns, dataset_id: str, **more: Any) -> str:
    return kept.submit(dataset_id, {**PAYLOAD, **more}).run.id


def _wait(kept: KeptRuns, run_id: str, is_reached: Callable[[RunRow], bool]) -> RunRow:
    while not is_reached(row := kept.get(run_id)):
        time.sleep(POLL_SECONDS)
    return row


def _finished(kept: KeptRuns, run_id: str) -> None:
    row = _wait(kept, run_id, lambda row: not row.status.is_active)
    if row.status is not RunStatus.SUCCEEDED:
        raise RuntimeError(f"run {run_id} ended as {row.status}: {row.error_message}")


def _seconds(task: Callable[[], object]) -> float:
    start = time.perf_counter()
    task()
    return time.perf_counter() - start


def _submit_figures(kept: KeptRuns, dataset_id: str, size: Size) -> list[Figure]:
    submits, firsts = [], []
    for seed in range(1, 1 + size.repeats):
        start = time.perf_counter()
        run_id = _submit(kept, dataset_id, seed=seed, mc_runs=size.first_runs)
        submits.append(time.perf_counter() - start)
        _wait(kept, run_id, lambda row: row.progress is not None and row.progress.completed_runs > 0)
        firsts.append(time.perf_counter() - start)
        _finished(kept, run_id)
    return [
        Figure(name="submit", value=median(submits) * 1e3, unit="ms",
               definition=f"submit one run; median of {size.repeats}"),
        Figure(name="first_progress", value=median(firsts), unit="s",
               definition=f"submit until finished runs are visible, warm worker; median of {size.repeats}"),
    ]  # fmt: skip


def _overhead_figures(kept: KeptRuns, dataset_id: str, cores: int, size: Size) -> list[Figure]:
    dataset = kept.catalog.datasets.get(dataset_id)
    herd_file = kept.store.datasets.load(dataset)
    scenario = to_scenario(parse_scenario(PAYLOAD))
    execution = Execution(threads=cores)
    bare, whole = [], []
    make_forecast(herd_file, scenario, 1, 0, execution)  # the worker has loaded its kernel, too
    n_runs, best = size.forecast_runs, f"best of {size.repeats}"
    for seed in range(100, 100 + size.repeats):  # in turns, so that other work on the machine disturbs both
        bare.append(
            _seconds(lambda s=seed: make_forecast(herd_file, scenario, n_runs, s, execution))  # type: ignore[misc]
        )
        whole.append(
            _seconds(
                lambda s=seed: _finished(kept, _submit(kept, dataset_id, seed=s, mc_runs=n_runs))  # type: ignore[misc]
            )
        )
    return [
        Figure(name="forecast_bare", value=min(bare), unit="s",
               definition=f"{n_runs:,} runs, 36 months, alone, {cores} threads; {best}"),
        Figure(name="forecast_kept", value=min(whole), unit="s",
               definition=f"the same from submit to published, worker of {cores} threads; {best}"),
        Figure(name="overhead", value=(min(whole) / min(bare) - 1) * 100, unit="%",
               definition="what the whole path costs over the bare engine"),
    ]  # fmt: skip


def _sweep_figure(kept: KeptRuns, dataset_id: str, size: Size) -> Figure:
    values: dict[str, list[float]] = {
        "model.waiting_period_change": list(range(size.waiting_periods)),
        "model.culling_intensity": [0.8, 0.9, 1.0, 1.1, 1.2],
    }
    start = time.perf_counter()
    sweep = kept.submit_variants(dataset_id, {**PAYLOAD, "mc_runs": SWEEP_RUNS, "seed": 7}, values)
    for item in sweep.items:
        if item.submitted is None:
            raise RuntimeError(str(item.error))
        _finished(kept, item.submitted.run.id)
    return Figure(
        name="sweep",
        value=time.perf_counter() - start,
        unit="s",
        definition=f"{len(sweep.items)} variants of {SWEEP_RUNS} runs, until the last is published",
    )
