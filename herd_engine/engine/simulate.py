"""Many replicates of one herd under one scenario, on one or more threads."""

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from operator import index
from threading import Event
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from herd_engine.engine.inputs import Inputs, prepare
from herd_engine.engine.kernel.ledger import Ledger, new_ledger
from herd_engine.engine.kernel.life import new_stack
from herd_engine.engine.kernel.run import run_many
from herd_engine.engine.run_rates import no_rates, run_rates
from herd_engine.errors import ForecastCanceled, InvariantError, ParameterError
from herd_engine.model.animals import Herd
from herd_engine.model.forecast import COUNT_COLUMNS, STOCKS, Metric, Simulation
from herd_engine.model.scenario import MAX_RUNS, MAX_SEED, Scenario
from herd_engine.model.tables import Tables

Progress = Callable[[int], None]
Arrays = TypeVar("Arrays", bound=tuple[Any, ...])
_RUNS_OF_RATES = 256
"""So many replicates have their rates drawn at once: a replicate of ten years takes 0.1 MB for them."""
_ROOM_PER_ANIMAL, _ROOM = 2, 1000
"""Animals that may be there before a batch is run anew with more room: for each of the herd, and besides."""
_ANIMALS_PER_BATCH = 300_000
"""Replicates of a batch times animals: some 0.1 s, so that progress moves and a request to stop is heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """How a simulation is carried out; never changes its result.

    Attributes
    ----------
    threads : int
        Worker threads (the kernel releases Python's lock).
    progress : callable, optional
        Called with the number of finished replicates, from the calling thread.
    stop : threading.Event
        Set it to stop at the next batch.
    """

    threads: int = 1
    progress: Progress | None = None
    stop: Event = field(default_factory=Event)


def simulate(
    herd: Herd,
    tables: Tables,
    scenario: Scenario,
    replicates: int | range,
    seed: int,
    execution: Execution | None = None,
) -> Simulation:
    """Simulate a herd forward: a pure function of its first five arguments.

    Parameters
    ----------
    herd : Herd
        Animals on the report date.
    tables : Tables
        What `calibration` learned from the records.
    scenario : Scenario
    replicates : int or range
        Number of replicates, 1…50000, or which of them: ``range(0, 100)`` and ``range(100, 200)`` together
        are what 200 gives.
    seed : int
        0…2**53 - 1.
    execution : Execution, optional
        One thread without progress by default.

    Returns
    -------
    Simulation

    Raises
    ------
    ParameterError
        Replicates, seed or a purchase outside its range.
    ForecastCanceled
        The execution was told to stop.
    InvariantError
        Animals were lost or made: a defect of the engine.
    """
    numbers = _run_numbers(replicates)
    if type(seed) is bool or not hasattr(seed, "__index__") or not 0 <= seed <= MAX_SEED:
        raise ParameterError("seed", seed, f"be within 0 … {MAX_SEED}")
    execution = execution or Execution()
    inputs, capped_out, capped_dry = prepare(herd, tables, scenario)
    records = len(inputs.record_day)
    counts = np.zeros((len(numbers), records, len(COUNT_COLUMNS)), np.int32)
    sums = np.zeros((len(numbers), records), np.int64)

    def run_batch(batch: range) -> int:
        part = slice(batch.start, batch.stop)
        counts[part], sums[part] = simulate_batch(inputs, seed, numbers[part])
        return len(batch)

    _run_batches(run_batch, _batches(len(numbers), herd.n_animals, execution.threads), execution)
    check_conservation(counts, herd.n_animals - capped_out)
    return Simulation(counts=counts, days_in_milk_sum=sums, capped_out=capped_out, capped_dry=capped_dry)


def simulate_batch(
    inputs: Inputs, seed: int, replicates: range
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Simulate some consecutive replicates, on this thread.

    Returns
    -------
    counts : ndarray of int32, shape (replicates, months + 1, len(COUNT_COLUMNS))
    days_in_milk_sum : ndarray of int64, shape (replicates, months + 1)
    """
    inputs = in_one_layout(inputs)
    records = len(inputs.record_day)
    counts = np.zeros((len(replicates), records, len(COUNT_COLUMNS)), np.int32)
    sums = np.zeros((len(replicates), records), np.int64)
    ledger, stack = _ledger(inputs), new_stack()
    for first in range(0, len(replicates), _RUNS_OF_RATES):
        part = slice(first, first + _RUNS_OF_RATES)
        drawn = replicates[part]
        rates = run_rates(inputs.posterior, seed, drawn) if inputs.hazards.is_used else no_rates()
        rates, ledger.is_full[0] = in_one_layout(rates), 0
        run_many(inputs, rates, ledger, stack, np.uint64(seed), drawn.start, counts[part], sums[part])
        while ledger.is_full[0]:
            ledger = _ledger(inputs, 2 * ledger.present.shape[1])
            run_many(inputs, rates, ledger, stack, np.uint64(seed), drawn.start, counts[part], sums[part])
    return counts, sums


def _ledger(inputs: Inputs, room: int = 0) -> Ledger:
    """Return a ledger with room for twice the herd, or as told, where places are counted."""
    most = max(room, _ROOM_PER_ANIMAL * len(inputs.animals.key) + _ROOM) if inputs.has_places else 0
    return new_ledger(len(inputs.record_day) - 1, len(inputs.clock.scale), most_present=most)


def in_one_layout(values: Arrays) -> Arrays:
    """Return the same numbers in arrays that are contiguous and writable, at every depth.

    numba compiles the kernel anew, 15 s each time, for arrays in another layout or that are read-only,
    as Dask hands them out.
    """

    def laid_out(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return np.require(value, requirements=["C", "W"])
        return in_one_layout(value) if isinstance(value, tuple) else value

    return type(values)(*map(laid_out, values))


def _run_numbers(replicates: int | range) -> range:
    numbers = replicates if isinstance(replicates, range) else range(index(replicates))
    if not (0 <= numbers.start < numbers.stop <= MAX_RUNS and numbers.step == 1):
        raise ParameterError("runs", replicates, f"be within 1 … {MAX_RUNS}")
    return numbers


def _batches(replicates: int, n_animals: int, threads: int) -> list[range]:
    size = max(1, min(_ANIMALS_PER_BATCH // max(1, n_animals), -(-replicates // threads)))
    return [range(first, min(first + size, replicates)) for first in range(0, replicates, size)]


def _run_batches(run_batch: Callable[[range], int], batches: list[range], execution: Execution) -> None:
    """Keep every thread busy and no more than one batch waiting, so that stopping is quick."""
    finished, todo = 0, iter(batches)
    with ThreadPoolExecutor(execution.threads) as pool:
        running = {pool.submit(run_batch, batch) for batch in islice(todo, execution.threads + 1)}
        while running:
            done, running = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
            if execution.stop.is_set():
                for future in running:
                    future.cancel()
                raise ForecastCanceled
            for future in done:
                finished += future.result()
                running |= {pool.submit(run_batch, batch) for batch in islice(todo, 1)}
            if execution.progress is not None and done:
                execution.progress(finished)


def check_conservation(counts: NDArray[np.int32], n_start: int) -> None:
    """Raise unless every replicate starts with the herd, and no animal is lost or made in any period."""
    column = {name: counts[:, :, i] for i, name in enumerate(COUNT_COLUMNS)}
    present = sum(column[name] for name in STOCKS)
    entered = column["heifer_births"] + column[Metric.PURCHASES_IN] - column[Metric.CULLS]
    entered[:, 0] = n_start
    rules = {
        "animals in = animals out + animals present": np.diff(present, axis=1, prepend=0) != entered,
        "no count is negative": (counts < 0).any(axis=2),
    }
    for rule, broken in rules.items():
        if broken.any():
            replicate, month = np.argwhere(broken)[0]
            raise InvariantError(rule, int(replicate), int(month))
