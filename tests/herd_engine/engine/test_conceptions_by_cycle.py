"""A run's own pace by cycle and month, against the closed form of hazards constant by parts."""

from dataclasses import replace
from datetime import timedelta
from functools import cache

import numpy as np
import pytest

from herd_engine.calibration.calibrate import calibrate
from herd_engine.datasets.snapshot import herd_on_report_date
from herd_engine.engine.inputs import Inputs, prepare
from herd_engine.engine.kernel.compiled import compiled
from herd_engine.engine.kernel.life import conception_by_hazard
from herd_engine.engine.kernel.lookup import FAR
from herd_engine.engine.run_rates import MEAN_PER_OWN, ReplicateRates, run_rates
from herd_engine.model.scenario import Mode, ModelParameters, Scenario
from herd_engine.model.tables import CYCLES
from tests.statistical.known_farms import (
    CONCEPTIONS_PER_CYCLE,
    EXIT_RATES,
    REPORT_DATE,
    KnownFarm,
    make_herd,
)

N = 4000
SEED, RUNS, CLASS = 5, range(400), 1
DAILY = 0.01
STARTS = np.array([50, 71, 92, 113, 197])
LAST_DAY = 400


@compiled
def conceptions(inputs, rates, class_, start, bound, days):  # type: ignore[no-untyped-def]
    for i in range(len(days)):
        days[i] = conception_by_hazard(inputs, rates, class_, start, bound, (i + 0.5) / len(days))


@cache
def prepared() -> Inputs:
    """Return a farm whose cows conceive at 0.01 a day from day 50 on, with few conceptions behind it."""
    farm = KnownFarm(cows=30, exit_rates=EXIT_RATES, conceptions=CONCEPTIONS_PER_CYCLE)
    records = make_herd(farm, np.random.default_rng(SEED)).records
    tables = calibrate(records, Mode.CALIBRATED, ModelParameters())
    assert tables.calibrated is not None
    daily = np.zeros((4, LAST_DAY + 1))
    daily[:, STARTS[0] :] = -np.expm1(-DAILY)
    its = replace(
        tables.calibrated.conceptions,
        daily_probability=daily,
        events=np.full((4, CYCLES), 5.0),
        cycle_starts=np.tile(STARTS, (4, 1)),
        pace_variance=np.full((2, 1), 0.2),
        pace_months=np.full(2, 4.0),
    )
    tables = replace(tables, calibrated=replace(tables.calibrated, conceptions=its))
    return prepare(herd_on_report_date(records, {}), tables, Scenario(mode=Mode.CALIBRATED)).inputs


def rates_of(run: int) -> ReplicateRates:
    return ReplicateRates(*(field[run] for field in run_rates(prepared().posterior, SEED, RUNS)))


@pytest.mark.parametrize(
    ("start", "bound"), [(0, 1), (0, 50), (0, 60), (0, 71), (-40, 100), (-150, 200), (300, 1)]
)
@pytest.mark.parametrize("run", [0, 2, 4, 6])
def test_each_cycle_and_month_has_its_own_pace(run: int, start: int, bound: int) -> None:
    rates = rates_of(run)
    factor = 1 / rates.conception[CLASS, MEAN_PER_OWN]
    day = np.arange(LAST_DAY + 1)
    cycle = np.searchsorted(STARTS, day, side="right") - 1
    months = [REPORT_DATE + timedelta(days=int(each) + start) for each in day]
    month = np.array([(each.year - 2026) * 12 + each.month - 2 for each in months])
    hazard = DAILY * factor[cycle] * rates.pace[1][np.maximum(month, 0)]
    hazard[(day < STARTS[0]) | (day < bound)] = 0.0

    days = np.empty(N, np.int64)
    conceptions(prepared(), rates, CLASS, start, bound, days)

    still_open = np.array([(days > each).mean() for each in day])
    assert days.min() >= bound
    assert np.abs(still_open - np.exp(-np.cumsum(hazard))).max() <= 1.01 / N
    assert set(days[days > LAST_DAY]) <= {FAR}


def test_factors_vary_as_much_as_few_conceptions_leave_open() -> None:
    # Gamma(5, 5): mean 1, variance 1 / 5; of 200 draws (two runs share one) of 20 factors.
    factor = 1 / run_rates(prepared().posterior, SEED, RUNS).conception[::2, :, MEAN_PER_OWN]

    assert factor.mean() == pytest.approx(1, abs=4 * np.sqrt(0.2 / factor.size))
    assert factor.var() == pytest.approx(0.2, rel=0.15)
    between = np.corrcoef(factor.reshape(len(factor), -1).T)
    assert np.abs(between[~np.eye(4 * CYCLES, dtype=bool)]).max() < 4 / np.sqrt(len(factor))


def test_runs_of_known_parameters_take_the_mean() -> None:
    known = prepared().posterior._replace(is_uncertain=False)

    drawn = run_rates(known, SEED, RUNS).conception

    assert np.allclose(drawn[:, :, 0], drawn[:, :, 1], rtol=1e-12)
    assert (drawn[:, :, MEAN_PER_OWN] == 1).all()


def test_months_vary_about_a_level_that_months_leave_open() -> None:
    # Variance 0.2 of a month's factor; the level, of four such months, 0.05, one for two runs.
    pace = run_rates(prepared().posterior, SEED, range(4000)).pace

    level = pace.mean(axis=2)  # of 36 months or more: their own luck hardly counts
    months = pace.shape[2]
    assert pace.mean() == pytest.approx(1, abs=0.03)
    assert (pace / level[:, :, np.newaxis]).var() == pytest.approx(0.2, rel=0.1)
    between_draws = np.cov(level[::2, 0], level[1::2, 0])[0, 1]
    assert between_draws == pytest.approx(0.05, rel=0.2)
    assert level[:, 0].var() == pytest.approx(0.05 + 0.2 * 1.05 / months, rel=0.15)
