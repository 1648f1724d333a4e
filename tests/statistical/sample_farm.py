"""One synthetic farm, and how to simulate it with a few words; results are cached or cheap."""

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import numpy as np

from herd_engine.calibration.calibrate import calibrate
from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.engine.simulate import Execution, simulate
from herd_engine.model.animals import Herd
from herd_engine.model.forecast import Simulation
from herd_engine.model.scenario import Mode, ModelParameters, Purchase, Scenario
from herd_engine.model.tables import Tables
from herd_engine.sample import make_sample
from tests.followed_run import FollowedRun, follow_run

SAMPLE = make_sample(animals=400, seed=7, report_date=date(2026, 2, 26)).csv
SEED = 11


@cache
def sample_farm() -> tuple[HerdFile, Tables]:
    """Return a farm of 400 animals and what calibration makes of it."""
    herd_file = read_herd_bytes(SAMPLE, "sample.csv")
    return herd_file, calibrate(herd_file.records, Mode.EMPIRICAL, ModelParameters())


def simulated(
    runs: int | range = 6, threads: int = 1, herd: Herd | None = None, **scenario: Any
) -> Simulation:
    herd_file, herd_tables = sample_farm()
    settings = Scenario(**({"horizon_months": 24, "mode": Mode.EMPIRICAL} | scenario))
    execution = Execution(threads=threads)
    return simulate(herd or herd_file.herd, herd_tables, settings, runs, SEED, execution)


def followed(herd: Herd | None = None, **scenario: Any) -> FollowedRun:
    herd_file, herd_tables = sample_farm()
    settings = Scenario(**({"horizon_months": 24, "mode": Mode.EMPIRICAL} | scenario))
    return follow_run(herd or herd_file.herd, herd_tables, settings, 0, SEED)


def assert_same(one: Simulation, other: Simulation) -> None:
    assert np.array_equal(one.counts, other.counts)
    assert np.array_equal(one.days_in_milk_sum, other.days_in_milk_sum)
    assert (one.capped_out, one.capped_dry) == (other.capped_out, other.capped_dry)


def chosen(herd: Herd, order: np.ndarray) -> Herd:
    """Return the animals of a herd in another order, or some of them."""
    columns = {
        name: getattr(herd, name)[order] for name in Herd.__slots__ if name not in ("report_date", "excluded")
    }
    return replace(herd, **columns)


def bought(count: int, on: date, days_pregnant: int = 200) -> Purchase:
    return Purchase(date_in=on, count=count, days_pregnant=days_pregnant)


def without(values: Simulation, months: int) -> Simulation:
    """Return the first ``months`` months of a simulation."""
    counts, sums = values.counts[:, : months + 1], values.days_in_milk_sum[:, : months + 1]
    return replace(values, counts=counts, days_in_milk_sum=sums)
