"""How long a page of outputs takes with many runs stored: read anew, and remembered."""

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import pyarrow as pa
from pyarrow import parquet

from herd_engine.forecasting.forecast import make_forecast
from herd_engine.model.forecast import Metric
from herd_engine.runs.artifacts import output_rows
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.outputs import KeptOutputs
from herd_engine.sample import make_sample
from herd_engine.scenarios.schema import parse_scenario, to_scenario
from herd_engine.storage.outputs.rows import OutputFilters
from herd_engine.storage.run_rows import ArtifactRow, Published
from herd_engine.workbench import Workbench
from pipelines.bench.figure import Figure

PAYLOAD = {"horizon_months": 36, "purchase_policy": "auto_counter", "mc_runs": 50, "seed": 1}
RUNS, MANY_RUNS = 100, 1000
SCENARIOS = 100
FLUSH_RUNS = 100
REPEATS = 3
WORKER = "bench"


def outputs_figures(n_runs: int = RUNS) -> list[Figure]:
    """Measure pages with ``n_runs`` runs stored: of 100 kept scenarios, and without kept scenario."""
    return [
        *_figures("of_scenarios", n_runs, min(SCENARIOS, n_runs)),
        *_figures("of_variants", n_runs, 0),
    ]


def _figures(layout: str, n_runs: int, n_scenarios: int) -> list[Figure]:
    about = f"{n_runs:,} runs of {n_scenarios} kept scenarios" if n_scenarios else f"{n_runs:,} variants"
    with _stored(n_runs, n_scenarios) as (kept, publish):
        outputs = kept.outputs
        figures = [
            Figure(
                name=f"outputs_append_{layout}",
                value=_seconds(lambda: (publish(), outputs.flush())),
                unit="s",
                definition=f"publish one run more and append it to the table; {about}",
            )
        ]
        for name, ask in _questions(kept, outputs).items():
            outputs.maintain()  # as a worker does now and then
            cold, cached = [], []
            for _ in range(REPEATS):
                publish()
                outputs.flush()
                cold.append(_seconds(ask))
                cached.append(_seconds(ask))
            figures += [
                Figure(name=f"outputs_{name}_{layout}_cold", value=median(cold) * 1e3, unit="ms",
                       definition=f"100 rows, first asked for after a run was published; {about}"),
                Figure(name=f"outputs_{name}_{layout}_cached", value=median(cached) * 1e3, unit="ms",
                       definition=f"the same rows again; {about}"),
            ]  # fmt: skip
        return figures


def _questions(kept: KeptRuns, outputs: KeptOutputs) -> dict[str, Callable[[], object]]:
    last = kept.list_runs(limit=1).items[0]
    of_one = OutputFilters(
        metrics=(Metric.CALVINGS,), scenario_ids=(last.scenario_id,) if last.scenario_id else ()
    )
    of_run = OutputFilters(run_ids=(last.id,))
    rare = OutputFilters(statistic="p_high", value_from=1e9)
    return {
        "page": outputs.query,
        "metric": lambda: outputs.query(of_one),
        "run": lambda: outputs.query(of_run),
        "search": lambda: outputs.query(rare),
        "latest": outputs.latest,
        "latest_by_metric": outputs.latest_by_metric,
    }


@contextmanager
def _stored(n_runs: int, n_scenarios: int) -> Iterator[tuple[KeptRuns, Callable[[], None]]]:
    """Yield a home of its own with runs stored, and what publishes one more."""
    with TemporaryDirectory() as home:
        kept = Workbench.open(Path(home)).kept
        herd_file = make_sample(animals=200).csv
        dataset_id = kept.add_dataset(herd_file, "sample.csv").id
        data = _outputs_file(kept, dataset_id)
        scenarios = [kept.catalog.scenarios.save(f"Plan {n}", PAYLOAD).id for n in range(n_scenarios)]
        published = 0

        def publish() -> None:
            nonlocal published
            scenario_id = scenarios[published % n_scenarios] if scenarios else None
            _publish(kept, dataset_id, scenario_id, data)
            published += 1

        for number in range(1, n_runs + 1):
            publish()
            if number % FLUSH_RUNS == 0:
                kept.outputs.flush()
        try:
            yield kept, publish
        finally:
            kept.close()


def _outputs_file(kept: KeptRuns, dataset_id: str) -> bytes:
    """Simulate once; every run then publishes the same numbers."""
    herd_file = kept.store.datasets.load(kept.catalog.datasets.get(dataset_id))
    forecast = make_forecast(herd_file, to_scenario(parse_scenario(PAYLOAD)), 50, 1)
    buffer = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(output_rows(forecast)), buffer, compression="zstd")
    return buffer.getvalue()


def _publish(kept: KeptRuns, dataset_id: str, scenario_id: str | None, data: bytes) -> None:
    """Do what a runner does, but for simulating."""
    payload = None if scenario_id else PAYLOAD
    run = kept.submit(dataset_id, payload, scenario_id=scenario_id, force=True).run
    runs = kept.store.runs
    runs.claim(WORKER)
    kept.store.files.put(f"runs/{run.id}/outputs.parquet", data)
    file = ArtifactRow(name="outputs.parquet", role="outputs", sha256="", size=len(data), deterministic=True)
    if not runs.publish(run.id, WORKER, Published(manifest_hash="", content_hash="", artifacts=(file,))):
        raise RuntimeError(f"run {run.id} was not published")


def _seconds(task: Callable[[], object]) -> float:
    start = time.perf_counter()
    task()
    return time.perf_counter() - start
