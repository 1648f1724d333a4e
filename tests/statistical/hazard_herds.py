"""Tables of the calibrated mode by hand, and simulations that the expected forecast must meet."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from herd_engine.model.forecast import COUNT_COLUMNS, Metric, Simulation
from herd_engine.model.tables import CYCLES, Calibrated, Conceptions, DayDistribution, ExitRates, Tables
from tests.herds import always, tables
from tests.statistical.closed_forms import Lactation

DAYS_PER_YEAR = 365.25
_CERTAIN_A_DAY = 64.0
_NEVER_AGAIN = 2**20


def hazard_tables(
    parities: list[Lactation], conception_ages: NDArray[np.float64], heifer_loss: float, **changes: Any
) -> Tables:
    """Return the tables of closed forms: five lactations of their own loss, one law of days open.

    A cow who has not conceived leaves on ``leaves_on``: from then on an open cow stays no day longer.
    """
    cow = parities[0]
    shape = np.zeros((6, 2, 2))
    shape[0] = yearly(heifer_loss)
    for group in range(1, 6):
        shape[group] = yearly(parities[min(group, len(parities)) - 1].loss)
    shape[1:, 0, 1] = _CERTAIN_A_DAY * DAYS_PER_YEAR
    values = {
        "exits": ExitRates(
            shape=shape,
            years=np.ones_like(shape),
            edges=np.array([[0, 1, _NEVER_AGAIN], [0, cow.leaves_on, _NEVER_AGAIN]]),
            kinds=np.zeros(shape.shape, np.int64),
            flagged_kinds=(0, 0),
            flagged_shape=np.ones(2),
            flagged_years=np.ones(2),
            season=np.ones((1, 12)),
            month_variance=np.zeros((1, 1)),
            level_variance=np.zeros(1),
            year_variance=np.zeros((1, 1)),
            confirmation_lag=0,
            heifer_death_share=np.ones(2),
        ),
        "conceptions": Conceptions(
            daily_probability=np.stack([hazard(conception_ages), *[hazard(cow.days_open)] * 3]),
            events=np.full((4, CYCLES), 100.0),
            cycle_starts=np.tile([1, 60, 90, 200, 300], (4, 1)),
            pace_variance=np.zeros((2, 1)),
            pace_months=np.ones(2),
            hidden=np.zeros((2, 1)),
            hidden_log_odds_sd=np.zeros(2),
            heifer_loss=always(300),
            cow_loss=always(300),
        ),
        "heifer_calf": np.full(2, 0.5),
        "calvings": np.inf,
        "is_uncertain": False,
    }
    lags = changes.pop("confirmation_lag", None)
    if lags is not None:
        values["exits"] = replace(values["exits"], confirmation_lag=lags)
    return tables(
        gestation=always(cow.gestation),
        conception_to_dry_off=always(cow.gestation - cow.dry_period),
        lactation_hazard=np.zeros(6),
        calibrated=Calibrated(**(values | changes)),
    )


def yearly(daily_loss: float) -> float:
    """Return the yearly rate of a daily probability."""
    return float(-np.log1p(-daily_loss) * DAYS_PER_YEAR)


def hazard(law: NDArray[np.float64], days: int = 800) -> NDArray[np.float64]:
    """Return the daily probability of conception, given none before, of a (sub-)law over days."""
    full = np.pad(law, (0, days - len(law)))
    left = 1 - np.concatenate([[0.0], np.cumsum(full)[:-1]])
    return np.divide(full, left, out=np.zeros(days), where=left > 1e-12)


def in_a_constant_season(found: Tables, exit_factor: float = 1.0) -> Tables:
    """Return tables without calendar, and without luck and ignorance that runs have in common."""
    assert found.calibrated is not None
    exits = found.calibrated.exits
    exits = replace(
        exits,
        shape=exits.shape * exit_factor,
        season=np.ones_like(exits.season),
        month_variance=np.zeros_like(exits.month_variance),
        level_variance=np.zeros_like(exits.level_variance),
        year_variance=np.zeros_like(exits.year_variance),
    )
    paces = found.calibrated.conceptions
    paces = replace(paces, pace_variance=np.zeros_like(paces.pace_variance))
    known = replace(found.calibrated, exits=exits, conceptions=paces, is_uncertain=False)
    return replace(found, calibrated=known)


def standardized(simulation: Simulation, expected: dict[Metric, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return (mean of runs - expected) / standard error by metric and month, shape (9, months).

    Days in milk are compared as a ratio of means. Where the runs do not vary, they must agree.
    """
    rows = []
    for column, name in enumerate(COUNT_COLUMNS[:9]):
        if name != Metric.PURCHASES_IN:
            values = simulation.counts[:, 1:, column].astype(np.float64)
            rows.append(_in_standard_errors(values - expected[Metric(name)][1:], 1.0))
    milking = simulation.counts[:, 1:, 0].astype(np.float64)
    excess = (
        simulation.days_in_milk_sum[:, 1:] - np.nan_to_num(expected[Metric.AVG_DAYS_IN_MILK][1:]) * milking
    )
    rows.append(_in_standard_errors(excess, 1.0))
    return np.array(rows)


def _in_standard_errors(difference: NDArray[np.float64], least: float) -> NDArray[np.float64]:
    error = difference.std(axis=0, ddof=1) / np.sqrt(len(difference))
    mean = difference.mean(axis=0)
    # Where no run of a thousand tells of an event, one in a thousand may still be due.
    floor = least / len(difference)
    return np.where(np.abs(mean) < 1e-9, 0.0, mean / np.maximum(error, floor))


def law_of(values: dict[int, float]) -> DayDistribution:
    """Return a law over days by the probabilities of some."""
    first, last = min(values), max(values)
    probability = np.array([values.get(day, 0.0) for day in range(first, last + 1)])
    return DayDistribution(first_day=first, probability=probability / probability.sum(), n_observed=0)
