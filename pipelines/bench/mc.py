"""Runs simulated one after another, against runs in parallel on Dask: what more workers are worth here."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from herd_engine.calibration.calibrate import calibrate
from herd_engine.datasets.herd_file import read_herd_file
from herd_engine.engine.inputs import prepare
from herd_engine.engine.simulate import simulate_batch
from herd_engine.errors import ParameterError
from herd_engine.execution.cluster import Cluster, ClusterSettings, open_cluster
from herd_engine.model.scenario import Scenario
from pipelines.bench.figure import best_seconds

MONTHS = 36
REPEATS = 3
SEED = 42
ENOUGH = 0.95
"""More workers are worth having where fewer reach less than this share of the greatest speed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One way to simulate: workers (threads of one process), runs of a batch, seconds, and what they gain.

    Attributes
    ----------
    workers, batch : int
    seconds : float
    speed_up : float
        Against one after another, without Dask.
    efficiency : float
        Speed-up a worker.
    """

    workers: int
    batch: int
    seconds: float
    speed_up: float
    efficiency: float


def bench_mc(file: Path, workers: Sequence[int], batches: Sequence[int], runs: int) -> dict[str, Any]:
    """Measure each number of workers with each size of batches.

    Parameters
    ----------
    file : Path
        Herd export.
    workers : sequence of int
    batches : sequence of int
        Runs of a batch.
    runs : int
        Simulated each time.

    Returns
    -------
    dict
        Fit for JSON.
    """
    for name, numbers in (("--workers", workers), ("--batch", batches)):
        if not numbers or min(numbers) < 1:
            raise ParameterError(name, list(numbers), "be numbers from 1")
    herd_file = read_herd_file(file)
    scenario = Scenario(horizon_months=MONTHS)
    tables = calibrate(herd_file.records, scenario.mode, scenario.model)
    inputs, *_ = prepare(herd_file.herd, tables, scenario)
    simulate_batch(inputs, SEED, range(1))  # compiled, or read from the cache, before the clock runs
    expected, _ = simulate_batch(inputs, SEED, range(runs))
    alone = best_seconds(lambda: simulate_batch(inputs, SEED, range(runs)), REPEATS)
    found = []
    for n_workers in workers:
        with open_cluster(ClusterSettings(workers=n_workers)) as cluster:
            _on_cluster(cluster, inputs, n_workers, n_workers)
            found += [_measured(cluster, inputs, expected, alone, (n_workers, batch)) for batch in batches]
    return {
        "schema": "herd-bench-mc/1",
        "file": file.name,
        "runs": runs,
        "months": MONTHS,
        "sequential_seconds": alone,
        "parallel": [asdict(item) for item in found],
        "recommendation": recommendation(alone, found),
    }


def recommendation(alone: float, found: Sequence[Measured]) -> str:
    """Return what the figures say: the fewest workers that come close to the fastest, or none at all."""
    fastest = min(found, key=lambda item: item.seconds)
    if fastest.seconds >= alone * ENOUGH:
        return f"Simulate one after another: no parallel way takes less than {alone:.2f} s by more than 5 %."
    near = [item for item in found if fastest.seconds >= item.seconds * ENOUGH]
    best = min(near, key=lambda item: (item.workers, item.seconds))
    return (
        f"Take {best.workers} workers and batches of {best.batch} runs: {best.seconds:.2f} s, "
        f"{best.speed_up:.1f} times as fast as one after another ({alone:.2f} s); "
        f"the fastest of all takes {fastest.seconds:.2f} s with {fastest.workers} workers."
    )


def _measured(
    cluster: Cluster, inputs: Any, expected: np.ndarray[Any, Any], alone: float, choice: tuple[int, int]
) -> Measured:
    """Measure one choice of workers and batch; the result must be the one of runs one after another."""
    workers, batch = choice
    counts = _on_cluster(cluster, inputs, len(expected), batch)
    if not np.array_equal(counts, expected):
        raise RuntimeError(f"{workers} workers, batches of {batch}: the result is not that of one worker")
    seconds = best_seconds(lambda: _on_cluster(cluster, inputs, len(expected), batch), REPEATS)
    speed_up = alone / seconds
    return Measured(
        workers=workers, batch=batch, seconds=seconds, speed_up=speed_up, efficiency=speed_up / workers
    )


def _on_cluster(cluster: Cluster, inputs: Any, runs: int, batch: int) -> np.ndarray[Any, Any]:
    cut = [range(first, min(first + batch, runs)) for first in range(0, runs, batch)]
    name = f"bench-{time.monotonic_ns()}"
    done = [item for item in cluster.simulate(inputs, SEED, cut, name) if item is not None]
    return np.concatenate([item.counts for item in sorted(done, key=lambda item: item.runs.start)])
