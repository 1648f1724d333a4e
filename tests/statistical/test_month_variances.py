"""How much months and years vary beyond chance, estimated from months drawn by the definition."""

import numpy as np
import pytest
from scipy import stats

from herd_engine.calibration.months import month_variances, year_variances
from herd_engine.calibration.priors import MONTH_SD, YEAR_FREEDOM, YEAR_VARIANCE

TRIALS, MONTHS, SEED = 300, 24, 20260226


def months(rng: np.random.Generator, variance: float, exits: float, n: int = MONTHS) -> np.ndarray:
    """Draw exits of consecutive months with a common gamma factor in each."""
    luck = rng.gamma(1 / variance, variance, n)
    return rng.poisson(exits * luck).astype(np.float64)


def fitted(observed: np.ndarray) -> np.ndarray:
    """Return the values for a farm whose level is known from these months only."""
    return month_variances(observed, np.full(len(observed), max(observed.mean(), 0.01)))


def usual_variance(rng: np.random.Generator) -> float:
    """Draw one by the prior, within the bounds of the estimator."""
    return float(stats.halfcauchy.ppf(rng.uniform(0.03, 0.94), scale=MONTH_SD) ** 2)


@pytest.mark.parametrize("exits", [1.0, 10.0, 60.0])
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_intervals_hold_the_truth_as_often_as_they_say(exits: float, share: float) -> None:
    low, high = stats.binom.ppf([0.0005, 0.9995], TRIALS, share)
    held = 0
    for trial in range(TRIALS):
        rng = np.random.default_rng([SEED, trial])
        truth = usual_variance(rng)
        rank = (fitted(months(rng, truth, exits)) < truth).mean()
        held += abs(rank - 0.5) < share / 2

    assert low <= held <= high


@pytest.mark.parametrize("variance", [0.1, 0.5, 3.0])
def test_the_estimate_is_right_on_average(variance: float) -> None:
    # By moments of the same months it is a third too small, seasons included.
    rng = np.random.default_rng(SEED)
    found = [fitted(months(rng, variance, 30.0)).mean() for _ in range(100)]

    assert np.std(found, ddof=1) / 10 < 0.07 * variance, "no power"
    assert np.mean(found) == pytest.approx(variance, rel=0.2)


def test_few_exits_leave_more_open_than_many() -> None:
    rng = np.random.default_rng(SEED)
    few, many = (fitted(months(rng, 0.2, exits)) for exits in (0.5, 50.0))

    assert np.ptp(np.sqrt(few)) > 3 * np.ptp(np.sqrt(many))


@pytest.mark.parametrize("n", [1, 2, 25])
def test_months_without_any_exit_tell_nothing_wrong(n: int) -> None:
    values = month_variances(np.zeros(n), np.full(n, 0.1))

    assert np.isfinite(values).all()
    assert np.median(np.sqrt(values)) == pytest.approx(MONTH_SD, rel=0.5)


@pytest.mark.parametrize("exits", [5.0, 60.0])
def test_the_year_to_come_lies_where_the_variances_of_years_say(exits: float) -> None:
    # Two years are on file. How much the farm's years differ is drawn by the prior.
    inside = 0
    for trial in range(TRIALS):
        rng = np.random.default_rng([SEED, trial])
        true = YEAR_VARIANCE * YEAR_FREEDOM / rng.chisquare(YEAR_FREEDOM)
        years = rng.gamma(1 / true, true, 3)
        observed = rng.poisson(exits * np.repeat(years[:2], 12)).astype(np.float64)
        level = observed.mean()
        variances = rng.choice(year_variances(observed, np.full(24, level), 0.0, 2.0), 2000)
        factor = rng.gamma(1 / variances, variances) * rng.gamma(observed.sum(), 1 / observed.sum(), 2000)
        low, high = np.quantile(factor, [0.1, 0.9])
        inside += low <= exits * years[2] / level <= high

    assert 0.75 * TRIALS <= inside <= 0.9 * TRIALS
