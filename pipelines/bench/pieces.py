"""The pieces of a run, nanoseconds each: where the time goes."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from herd_engine.calibration.calibrate import calibrate
from herd_engine.datasets.herd_file import HerdFile
from herd_engine.engine.inputs import prepare
from herd_engine.engine.kernel.compiled import compiled
from herd_engine.engine.kernel.ledger import new_ledger
from herd_engine.engine.kernel.lookup import draw_at_least, exit_day
from herd_engine.engine.kernel.random_numbers import uniform, words
from herd_engine.engine.kernel.run import write_records
from herd_engine.model.forecast import COUNT_COLUMNS
from pipelines.bench.engine_bench import SCENARIO
from pipelines.bench.figure import Figure, best_seconds

TIMES = 1_000_000


@compiled
def _random_blocks(times):
    total = np.uint64(0)
    for i in range(times):
        total ^= words(np.uint64(1), np.uint64(2), np.uint64(i), np.uint64(3), np.uint64(0))[0]
    return total


@compiled
def _draws(lookup, bounds, uniforms, times):
    total = 0
    for i in range(times):
        k = i % uniforms.shape[0]
        total += draw_at_least(lookup, bounds[k], uniforms[k])
    return total


@compiled
def _exits(clock, until, patiences, times):
    total = 0
    for i in range(times):
        k = i % patiences.shape[0]
        total += exit_day(clock, np.int64(k & 3), np.int64(k & 255), until, patiences[k])
    return total


@compiled
def _patiences(times):
    total = 0.0
    for i in range(times):
        total -= np.log(uniform(np.uint64(i)))
    return total


@compiled
def _records(inputs, ledger, start, counts, sums, times):
    for _ in range(times):
        write_records(inputs, ledger, start, np.int64(0), counts, sums)


def piece_figures(herd_file: HerdFile) -> list[Figure]:
    """Measure random numbers, inverse distribution functions, exit times and month sums."""
    tables = calibrate(herd_file.records, SCENARIO.mode, SCENARIO.model)
    inputs = prepare(herd_file.herd, tables, SCENARIO).inputs
    rng = np.random.default_rng(1)
    uniforms: NDArray[np.float64] = rng.random(4096)
    bounds = rng.integers(50, 150, 4096)
    patiences = rng.exponential(0.5, 4096)
    ledger = new_ledger(SCENARIO.horizon_months, len(inputs.clock.scale))
    records = len(inputs.record_day)
    counts = np.zeros((records, len(COUNT_COLUMNS)), np.int32)
    sums = np.zeros(records, np.int64)
    start = (np.int64(0),) * 4
    until = np.int64(inputs.last_day)

    def one(task: Callable[[int], object], times: int) -> float:
        task(10)
        return best_seconds(lambda: task(times), 3) / times * 1e9

    def draw(times: int) -> object:
        return _draws(inputs.service_period, bounds, uniforms, times)

    def leave(times: int) -> object:
        return _exits(inputs.clock, until, patiences, times)

    def record(times: int) -> object:
        return _records(inputs, ledger, start, counts, sums, times)

    measured = {
        "random_block": (one(_random_blocks, TIMES), "four 32-bit words by Philox 4x32-10"),
        "inverse_cdf": (one(draw, TIMES), "one service period drawn at or above a bound"),
        "patience": (one(_patiences, TIMES), "-ln of a uniform"),
        "exit_search": (one(leave, TIMES), "one search for the day a patience is used up"),
        "month_sums": (one(record, TIMES // 1000), "the records of one run, 36 months"),
    }
    return [
        Figure(name=name, value=nanoseconds, unit="ns", definition=definition)
        for name, (nanoseconds, definition) in measured.items()
    ]
