"""Starting herds drawn from their equilibrium, a new one for every run, and the inflow that keeps it.

Cows of one parity are what Poisson calvings of the past left behind: draw the day of calving, days open
and the day of loss of each, and keep those that are still in that lactation at the end of day 0. Then every
number of animals on every later day is Poisson with the mean of the closed form (M/G/infinity, O10) - if
the engine draws what is left of each life as it should.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from herd_engine.engine.simulate import simulate
from herd_engine.model.animals import AnimalState, Herd
from herd_engine.model.forecast import COUNT_COLUMNS
from herd_engine.model.scenario import ModelParameters, Purchase, Scenario
from herd_engine.model.tables import DayDistribution, Tables
from tests.herds import REPORT_DATE, always, dry_cow, open_cow, pregnant_cow, tables
from tests.statistical.closed_forms import Lactation

SEED = 20260226
Animals = list[dict[str, Any]]


def law(probability: NDArray[np.float64]) -> DayDistribution:
    """Return a law over days as a table; missing mass goes far beyond, where no cow is bred any more."""
    full = np.zeros(max(len(probability), 1500))
    full[: len(probability)] = probability
    full[-1] += 1 - full.sum()
    first = int(np.flatnonzero(full)[0])
    return DayDistribution(first_day=first, probability=full[first:], n_observed=1)


def engine_tables(parities: list[Lactation], heifer_loss: float = 0.0, **changes: Any) -> Tables:
    """Return the tables of cows that live by ``parities`` (days open and plans are the same in all)."""
    cow = parities[0]
    return tables(
        service_period=law(cow.days_open),
        gestation=always(cow.gestation),
        conception_to_dry_off=always(cow.gestation - cow.dry_period),
        lactation_hazard=np.array([heifer_loss, *(parity.loss for parity in parities)]),
        **changes,
    )


def model_of(lactation: Lactation, waiting_days: int, **changes: Any) -> ModelParameters:
    """Return parameters under which cows leave unbred on ``lactation.leaves_on``."""
    fixed: dict[str, Any] = {
        "voluntary_waiting_period": waiting_days,
        "max_service_period_after_vwp": lactation.leaves_on - waiting_days,
        "population_regulation": 1.0,
        "heifer_birth_prob": 0.0,
    }
    return ModelParameters(**(fixed | changes))


def cows_left(
    rng: np.random.Generator, lactation: Lactation, number: int, per_day: float, growth: float = 0.0
) -> Animals:
    """Return the cows in lactation ``number`` that ``per_day * exp(growth * t)`` calvings a day left."""
    span = len(lactation.days_open) + lactation.gestation
    intensity = per_day * np.exp(-growth * np.arange(span))
    ago = np.repeat(np.arange(span), rng.poisson(intensity))
    days_open = _draw(rng, lactation.days_open, len(ago))
    lost = rng.geometric(lactation.loss, len(ago)) if lactation.loss else np.full(len(ago), span)
    ends = np.where(days_open < 0, lactation.leaves_on, days_open + lactation.gestation)
    cows: Animals = []
    for since, conceived in zip(
        *(a[(ago < ends) & (ago < lost)].tolist() for a in (ago, days_open)), strict=True
    ):
        dry_after = conceived + lactation.gestation - lactation.dry_period
        if conceived < 0 or since < conceived:
            cows.append(open_cow(since, lactation=number))
        elif since < dry_after:
            cows.append(pregnant_cow(since, since - conceived, lactation=number))
        else:
            cows.append(dry_cow(since, since - conceived, since - dry_after, lactation=number))
    return cows


def heifers_left(
    rng: np.random.Generator,
    conception_ages: NDArray[np.float64],
    gestation: int,
    loss: float,
    born_per_day: float,
    growth: float,
) -> Animals:
    """Return the heifers that ``born_per_day * exp(growth * t)`` births a day left."""
    span = len(conception_ages) + gestation
    ages = np.arange(span)
    age = np.repeat(ages, rng.poisson(born_per_day * np.exp(-growth * ages) * (1 - loss) ** ages))
    conceives = _draw(rng, conception_ages, len(age))
    return [
        {"birth": -old}
        if old < first
        else {"birth": -old, "conception": first - old, "state": AnimalState.PREGNANT_HEIFER}
        for old, first in zip(age.tolist(), conceives.tolist(), strict=True)
        if old < first + gestation
    ]


def _draw(rng: np.random.Generator, probability: NDArray[np.float64], n: int) -> NDArray[np.int64]:
    """Draw from a sub-probability over days; -1 for the missing mass."""
    days = np.searchsorted(np.cumsum(probability), rng.random(n), side="right")
    return np.where(days < len(probability), days, -1)


def poisson_inflow(rng: np.random.Generator, per_day: float, last_day: int) -> tuple[Purchase, ...]:
    """Return heifers that calve on arrival, Poisson many on each of the days 1 … last_day."""
    counts = rng.poisson(per_day, last_day)
    dates = [REPORT_DATE + timedelta(days=day) for day in range(1, last_day + 1)]
    return tuple(
        Purchase(date_in=day, count=n, expected_calving_date=day)
        for day, n in zip(dates, counts.tolist(), strict=True)
        if n
    )


class Replicates(NamedTuple):
    """Independent runs, each from a herd of its own; arrays of shape (runs, months + 1)."""

    columns: dict[str, NDArray[np.float64]]
    days_in_milk_sum: NDArray[np.float64]

    @property
    def cows(self) -> NDArray[np.float64]:
        return self.columns["milking_count"] + self.columns["dry_count"]


Start = Callable[[np.random.Generator], tuple[Herd, Scenario]]


def replicate(start: Start, herd_tables: Tables, runs: int) -> Replicates:
    """Run number r on the herd and scenario that ``start`` draws with a generator of its own."""
    results = []
    for run in range(runs):
        herd, scenario = start(np.random.default_rng([SEED, run]))
        results.append(simulate(herd, herd_tables, scenario, range(run, run + 1), SEED))
    counts = np.concatenate([result.counts for result in results]).astype(np.float64)
    columns = {str(name): counts[:, :, i] for i, name in enumerate(COUNT_COLUMNS)}
    sums = np.concatenate([result.days_in_milk_sum for result in results])
    return Replicates(columns, sums.astype(np.float64))


def assert_mean(values: NDArray[np.float64], expected: float, level: float | None = None) -> None:
    """T1: the mean over runs is within 4 standard errors, themselves below 0.5 % of the level.

    A ratio a/b = x is tested without bias as the mean of a - x b being 0, at the level of a.
    """
    error = values.std(ddof=1) / np.sqrt(len(values))
    assert error < 0.005 * abs(expected if level is None else level), "no power: more runs are needed"
    assert abs(values.mean() - expected) < 4 * error, f"{values.mean()} against {expected}, error {error}"


def assert_ratio(above: NDArray[np.float64], below: NDArray[np.float64], expected: float) -> None:
    """Check the ratio of two quantities, each averaged over the months of a run first."""
    above, below = above.mean(axis=1), below.mean(axis=1)
    assert_mean(above - expected * below, 0.0, level=float(above.mean()))
