"""Months by the lorry take animals together, not more of them."""

import numpy as np
import pytest

from herd_engine.engine.run_rates import Posterior, run_rates

RUNS, MONTHS, SEED = 40_000, 6, 20260226
DAYS_PER_YEAR = 365.25


def posterior(rate: float, variance: float, level_variance: float = 0.0) -> Posterior:
    """Return known rates of six groups in one band, all of one kind, over months of 365.25 / 12 days."""
    cells = np.full((6, 2, 1), 1e9)
    return Posterior(
        shape=rate * cells,
        years=cells,
        flagged_shape=np.full(2, rate),
        flagged_years=np.ones(2),
        month_variance=np.full((1, 1), variance),
        level_variance=np.full((1, 1), level_variance),
        heifer_death_share=np.ones(1),
        events=np.full((4, 4), 1e9),
        before_cycle=np.zeros((4, 4)),
        pace_variance=np.zeros((2, 1)),
        pace_months=np.ones(2),
        hidden_log_odds_sd=np.zeros(2),
        calf_variance=np.zeros(2),
        is_uncertain=level_variance > 0,
        daily_season=np.full((1, MONTHS), DAYS_PER_YEAR / 12),  # a month's days on one day
        month_of_day=np.arange(MONTHS),
        kinds=np.zeros((9, 2, 1), np.int64),
    )


@pytest.mark.parametrize("rate", [0.3, 1.5, 3.0])
@pytest.mark.parametrize("variance", [0.0, 0.2, 1.0, 5.0])
def test_as_many_are_left_after_a_month_as_at_a_constant_rate(rate: float, variance: float) -> None:
    rates = run_rates(posterior(rate, variance), SEED, range(RUNS))

    hazard = rates.exits[:, 0, 0, :1] * np.diff(rates.season[:, 0])
    left = np.exp(-hazard)

    error = left.std() / np.sqrt(left.size)
    assert left.mean() == pytest.approx(np.exp(-rate / 12), abs=max(4 * error, 1e-9))
    assert error < 0.004


def test_luck_is_the_farms_not_the_animals() -> None:
    rates = run_rates(posterior(1.5, 2.0), SEED, range(RUNS))

    left = np.exp(-rates.exits[:, 0, 0, :1] * np.diff(rates.season[:, 0]))

    # (1 + v h)^(-1/v) of the rate behind, once and for two animals of the same month.
    behind = np.expm1(2.0 * 1.5 / 12) / 2.0
    both = (1 + 2 * 2.0 * behind) ** (-1 / 2.0)
    assert (left**2).mean() == pytest.approx(both, rel=0.01)


def test_a_level_that_is_not_known_is_of_what_is_observed() -> None:
    rates = run_rates(posterior(1.5, 2.0, level_variance=0.04), SEED, range(RUNS))

    left = np.exp(-rates.exits[:, 0, 0, :1] * np.diff(rates.season[:, 0]))

    # exp(-L m) of a gamma level L of mean 1 and variance 0.04.
    expected = (1 + 0.04 * 1.5 / 12) ** (-1 / 0.04)
    assert left.mean() == pytest.approx(expected, rel=0.01)
