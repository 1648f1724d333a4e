"""The engine against closed forms (`spec/domain.md` 2.3): O1-O11 and, as equality, O15.

Every herd starts in its equilibrium, so a conditional draw that is a day off moves the stocks at once.
Tolerance (T1): 4 standard errors over runs of fixed seeds, which must be below 0.5 % of the level.
"""

from functools import cache

import numpy as np
import pytest
from scipy import stats

from herd_engine.model.scenario import ModelParameters, Scenario
from tests.followed_run import follow_run
from tests.herds import always, herd, open_cow, spread, tables
from tests.statistical.closed_forms import (
    Lactation,
    calvings_by_parity,
    days_open_law,
    growth_per_day,
    reproduction_number,
)
from tests.statistical.daily_books import DailyBooks
from tests.statistical.equilibrium_herds import (
    SEED,
    Replicates,
    assert_mean,
    assert_ratio,
    cows_left,
    engine_tables,
    heifers_left,
    law,
    model_of,
    poisson_inflow,
    replicate,
)

WAITING_DAYS, SUCCESS = 60, 0.22
COW = Lactation(days_open=days_open_law(WAITING_DAYS, SUCCESS, 419), leaves_on=420, loss=0.35 / 365.25)
"""Page 7.3, but that the engine breeds no cow on the day on which she leaves unbred."""
FIRST_CALVINGS_A_DAY = 1.0


def test_the_formulas_give_the_eight_numbers_that_the_page_documents() -> None:
    cow = Lactation(days_open=days_open_law(60, 0.22, 420), leaves_on=420, loss=0.35 / 365.25)
    calvings_a_year, heifer_loss = 365.25 / cow.days_present, 0.06 / 365.25
    reared = 0.47 * 0.94 * (1 - (1 - heifer_loss) ** 715)

    assert round(cow.mean_days_in_milk, 2) == 173.12
    assert round(cow.days_milking / cow.days_present, 4) == 0.8805
    assert round(cow.days_pregnant / cow.days_present, 4) == 0.6164
    assert round(calvings_a_year, 4) == 1.0664
    assert round(1 - cow.calves_again, 4) == 0.3376
    assert round(calvings_a_year * (1 - cow.calves_again), 3) == 0.360
    assert round(reproduction_number(cow, 0.47 * 0.94, 715, heifer_loss), 3) == 1.164
    assert round(calvings_a_year * reared / heifer_loss / 365.25, 3) == 0.870


# O1, O2: cows that all calve on the report date, and nobody leaves but unbred.

FRESH_COWS = 20_000
CUT_AFTER = [8, 28]


@cache
def fresh_cows_by_event(n_cycles: int) -> dict[tuple[str, int], np.ndarray]:
    """Days of events by kind and lactation; cycles of 21 days from day 60, p = 0.25, cut at n_cycles."""
    cow = Lactation(days_open=days_open_law(60, 0.25, 1400), leaves_on=60 + 21 * n_cycles)
    cows = herd(*[open_cow(0)] * FRESH_COWS)
    gestation = spread(272, 284)
    herd_tables = replace(engine_tables([cow]), gestation=gestation)

    run = follow_run(
        cows, herd_tables, Scenario(horizon_months=32, model=model_of(cow, 60)), run=0, seed=SEED
    )

    kinds = {(kind, lactation) for _, _, kind, lactation in run.events}
    return {
        wanted: np.array([day for _, day, kind, lactation in run.events if (kind, lactation) == wanted])
        for wanted in kinds
    }


@pytest.mark.parametrize("n_cycles", CUT_AFTER)
def test_o1_days_open_cut_after_m_cycles_have_the_mean_of_the_closed_form(n_cycles: int) -> None:
    # E[K | K <= m] = 1/p - m (1 - p)**m / (1 - (1 - p)**m); E[Y] = v + 10 + 21 (E[K] - 1).
    never = 0.75**n_cycles
    cycles = 1 / 0.25 - n_cycles * never / (1 - never)

    days_open = fresh_cows_by_event(n_cycles)["conception", 1]

    assert_mean(days_open, 60 + 10 + 21 * (cycles - 1))
    error = np.sqrt(never * (1 - never) / FRESH_COWS)
    assert abs(len(days_open) / FRESH_COWS - (1 - never)) < 4 * error


def test_o1_the_cycle_is_geometric_and_the_day_within_it_uniform() -> None:
    # The two are independent: every (cycle, day) cell holds p (1 - p)**(k - 1) / 21 of the cows.
    cycle, day = np.divmod(fresh_cows_by_event(28)["conception", 1] - 60, 21)

    observed = np.zeros((28, 21))
    np.add.at(observed, (cycle, day), 1)
    expected = FRESH_COWS * 0.25 * 0.75 ** np.arange(28)[:, None] / 21 * np.ones(21)

    few = expected < 10
    observed, expected = observed[~few], expected[~few]
    statistic = ((observed - expected) ** 2 / expected).sum()
    assert stats.chi2.sf(statistic, len(expected)) > 1e-4


def test_o2_the_mean_calving_interval_is_days_open_plus_gestation() -> None:
    # Gestation is uniform on 272 ... 284 here: mean 278. Cut at 8 cycles every cow has calved in 32 months.
    events = fresh_cows_by_event(8)
    never = 0.75**8
    cycles = 1 / 0.25 - 8 * never / (1 - never)

    intervals = events["calving", 2]

    assert len(intervals) == len(events["conception", 1])
    assert_mean(intervals, 60 + 10 + 21 * (cycles - 1) + 278)


def test_o1_an_open_heifer_for_whom_nothing_is_left_conceives_by_21_day_cycles_from_today() -> None:
    # p = 0.20 and the day after the cycle's start: E = 0 + 1 + 10 + 21 (1 - 0.2) / 0.2 = 95, sd 94.1. She is
    # 900 days old on the report date, so that the first day of the first cycle is day 2 (day 1 counts as today).
    heifers = herd(*[heifer(900)] * FRESH_COWS)
    scenario = Scenario(horizon_months=60, model=ModelParameters(heifer_birth_prob=0.0))

    run = follow_run(heifers, tables(age_at_conception=spread(400, 500)), scenario, run=0, seed=SEED)
    conceptions = np.array(
        [day for _, day, kind, lactation in run.events if (kind, lactation) == ("conception", 0)]
    )

    assert len(conceptions) == FRESH_COWS
    assert conceptions.min() == 2
    assert_mean(conceptions, 1 + 95.0)
    assert conceptions.std() == pytest.approx(np.sqrt(21**2 * 0.8 / 0.2**2 + (21**2 - 1) / 12), rel=0.03)


# O3: nobody leaves.


def test_o3_without_losses_days_in_milk_and_the_milking_share_follow_from_the_length_of_lactation() -> None:
    # E[L (L - 1)] / (2 E[L]) and 1 - D / E[CI].
    days_open = days_open_law(60, 0.25, 60 + 8 * 21 - 1, n_cycles=8)
    cow = Lactation(days_open=days_open / days_open.sum(), leaves_on=500)
    length = np.arange(len(days_open)) + 218
    mean, square = cow.days_open @ length, cow.days_open @ (length * (length - 1))
    interval = mean + 60

    def start(rng: np.random.Generator) -> tuple[Herd, Scenario]:
        cows = herd(*cows_left(rng, cow, 1, 1000 / interval))
        return cows, Scenario(horizon_months=24, model=model_of(cow, 60))

    runs = replicate(start, engine_tables([cow]), 100)

    assert (runs.columns["culls"] == 0).all()
    assert_ratio(runs.days_in_milk_sum[:, 1:], runs.columns["milking_count"][:, 1:], square / (2 * mean))
    assert_ratio(runs.columns["milking_count"][:, 1:], runs.cows[:, 1:], 1 - 60 / interval)


# O4 - O10: cows that leave, replaced by a Poisson inflow of heifers that calve on arrival.


def feeding_start(parities: list[Lactation], per_day: float, months: int) -> Start:
    """Draw a herd in equilibrium with ``per_day`` first calvings, and the heifers that feed it."""
    calvings = calvings_by_parity([*parities, parities[-1]]) * per_day
    # Beyond the last parity of the list its law holds on: parities up to the one that 1 cow in 10,000 sees.
    numbers = range(1, 30)

    def start(rng: np.random.Generator) -> tuple[Herd, Scenario]:
        cows, flow = [], per_day
        for number in numbers:
            parity = parities[min(number, len(parities)) - 1]
            cows += cows_left(rng, parity, number, flow)
            flow *= parity.calves_again
        last_day = (month_starts(REPORT_DATE, months)[-1] - REPORT_DATE).days
        scenario = Scenario(
            horizon_months=months,
            model=model_of(parities[0], WAITING_DAYS),
            purchases=poisson_inflow(rng, per_day, last_day),
        )
        return herd(*cows), scenario

    return start
