"""The engine of the calibrated mode against closed forms: growth (T8) and dispersion (T2)."""

from dataclasses import replace

import numpy as np
import pytest

from herd_engine.model.animals import Herd
from herd_engine.model.farm_calendar import month_starts
from herd_engine.model.scenario import Mode, ModelParameters, Scenario
from herd_engine.model.tables import CYCLES, Calibrated, Conceptions, DayDistribution, ExitRates, Tables
from tests.herds import REPORT_DATE
from tests.herds import herd as herd_of
from tests.statistical.closed_forms import Lactation, days_open_law, growth_per_day
from tests.statistical.equilibrium_herds import (
    Replicates,
    assert_mean,
    cows_left,
    engine_tables,
    heifers_left,
    law,
    replicate,
)

YEAR = 365.25
slow = pytest.mark.slow
COW = Lactation(days_open=days_open_law(60, 0.22, 1400), leaves_on=1450, loss=0.35 / YEAR)
HEIFERS_PER_CALVING, HEIFER_LOSS = 0.48 * 0.94, 0.06 / YEAR
CONCEPTION_AGES = np.concatenate([np.zeros(382), np.full(81, 1 / 81)])
CALVINGS_A_DAY = 2.0
CERTAIN = 1e9
"""Years behind a rate that is known."""


def hazard_of(law_of_days: np.ndarray, days: int = 1500) -> np.ndarray:
    """Return the probability of an event on each day, given that it did not come before."""
    mass = np.pad(law_of_days, (0, days - len(law_of_days)))
    before = 1 - np.concatenate([[0.0], np.cumsum(mass)[:-1]])
    return np.where(before > 1e-9, np.minimum(mass / np.maximum(before, 1e-9), 1.0), 0.0)


def known_tables() -> Tables:
    """Return tables of the calibrated mode in which every rate is constant and certain."""
    yearly = -np.log1p(-np.array([HEIFER_LOSS, *[COW.loss] * 5])) * YEAR
    rates = np.broadcast_to(yearly[:, np.newaxis, np.newaxis], (6, 2, 1))
    kept = DayDistribution(first_day=35, probability=np.array([0.0, 1.0]), n_observed=0)
    zero = np.zeros(1)
    exits = ExitRates(
        shape=rates * CERTAIN,
        years=np.full((6, 2, 1), CERTAIN),
        edges=np.array([[0, 2**20], [0, 2**20]]),
        kinds=np.zeros((6, 2, 1), np.int64),
        flagged_kinds=(0, 0),
        flagged_shape=np.ones(2),
        flagged_years=np.ones(2),
        season=np.ones((1, 12)),
        month_variance=np.zeros((1, 1)),
        level_variance=zero,
        year_variance=np.zeros((1, 1)),
        confirmation_lag=38,
        heifer_death_share=np.ones(1),
    )
    conceptions = Conceptions(
        daily_probability=np.array([hazard_of(CONCEPTION_AGES), *[hazard_of(COW.days_open)] * 3]),
        events=np.full((4, CYCLES), CERTAIN),
        cycle_starts=np.ones((4, CYCLES), np.int64),
        pace_variance=np.zeros((2, 1)),
        pace_months=np.ones(2),
        hidden=np.zeros((2, 1)),
        hidden_log_odds_sd=np.zeros(2),
        heifer_loss=kept,
        cow_loss=kept,
    )
    calibrated = Calibrated(
        exits=exits,
        conceptions=conceptions,
        heifer_calf=np.full(2, HEIFERS_PER_CALVING),
        calvings=CERTAIN,
        is_uncertain=False,
    )
    ages = law(CONCEPTION_AGES)
    return replace(engine_tables([COW], HEIFER_LOSS, age_at_conception=ages), calibrated=calibrated)


def grown(growth: float, months: int, runs: int) -> Replicates:
    """Run closed herds that start in the stable composition of this growth a day."""
    model = ModelParameters(parameter_uncertainty=False, pregnancy_loss_heifer=0.0, pregnancy_loss_cow=0.0)
    scenario = Scenario(mode=Mode.CALIBRATED, horizon_months=months, model=model)

    def start(rng: np.random.Generator) -> tuple[Herd, Scenario]:
        cows = cows_left(rng, COW, 1, CALVINGS_A_DAY, growth)
        born_a_day = CALVINGS_A_DAY * HEIFERS_PER_CALVING
        heifers = heifers_left(rng, CONCEPTION_AGES, COW.gestation, HEIFER_LOSS, born_a_day, growth)
        return herd_of(*cows, *heifers), scenario

    return replicate(start, known_tables(), runs)


@slow
def test_t8_a_closed_herd_grows_at_the_root_of_the_euler_equation() -> None:
    ages = np.concatenate([np.zeros(COW.gestation), CONCEPTION_AGES])
    growth = growth_per_day(COW, HEIFERS_PER_CALVING, ages, HEIFER_LOSS)
    months = 120

    runs = grown(growth, months, 150)

    factor = np.exp(growth * (month_starts(REPORT_DATE, months)[-1] - REPORT_DATE).days)
    assert 0.02 < growth * YEAR < 0.10
    for stock in (runs.cows, runs.columns["heifer_count"], runs.columns["pregnant_heifer_count"]):
        difference = stock[:, -1] - factor * stock[:, 0]
        assert_mean(difference / stock[:, -1].mean() + 1, 1.0, level=2.0)


@slow
def test_t2_stocks_vary_as_poisson_counts_do() -> None:
    # No animal born within two years from now calves within eight months: until then stocks are Poisson.
    runs = grown(0.0, 8, 400)

    for stock in (runs.columns["milking_count"][:, -1], runs.columns["dry_count"][:, -1]):
        assert 0.74 < stock.var(ddof=1) / stock.mean() < 1.31
