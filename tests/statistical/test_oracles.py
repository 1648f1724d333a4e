"""The engine against the closed forms O1-O11; O15 is in `test_deterministic_herds.py`.

Every herd starts in its equilibrium, so a conditional draw that is a day off moves the stocks at once.
Tolerance (T1): 4 standard errors over runs of fixed seeds, which must be below 0.5 % of the level.
"""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy import stats

from herd_engine.model.animals import Herd
from herd_engine.model.farm_calendar import month_starts
from herd_engine.model.scenario import Mode, ModelParameters, Scenario
from herd_engine.model.tables import Tables
from tests.followed_run import follow_run
from tests.herds import REPORT_DATE, heifer, herd, open_cow, spread, tables
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
    Start,
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
        cows,
        herd_tables,
        Scenario(mode=Mode.EMPIRICAL, horizon_months=32, model=model_of(cow, 60)),
        run=0,
        seed=SEED,
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
    # p = 0.20 and the day after the cycle's start: E = 1 + 10 + 21 (1 - 0.2) / 0.2 = 95, sd 94.1,
    # counted from the day on which she is bred: day 1.
    heifers = herd(*[heifer(900)] * 50_000)
    scenario = Scenario(mode=Mode.EMPIRICAL, horizon_months=60, model=ModelParameters(heifer_birth_prob=0.0))

    run = follow_run(heifers, tables(age_at_conception=spread(400, 500)), scenario, run=0, seed=SEED)
    conceptions = np.array(
        [day for _, day, kind, lactation in run.events if (kind, lactation) == ("conception", 0)]
    )

    assert len(conceptions) == 50_000
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
        return cows, Scenario(mode=Mode.EMPIRICAL, horizon_months=24, model=model_of(cow, 60))

    runs = replicate(start, engine_tables([cow]), 100)

    assert (runs.columns["culls"] == 0).all()
    assert_ratio(runs.days_in_milk_sum[:, 1:], runs.columns["milking_count"][:, 1:], square / (2 * mean))
    assert_ratio(runs.columns["milking_count"][:, 1:], runs.cows[:, 1:], 1 - 60 / interval)


# O4-O10: cows that leave, replaced by a Poisson inflow of heifers that calve on arrival.

HIGHEST_PARITY = 25
"""Fewer than one cow in 10**8 gets further."""


def feeding_start(parities: list[Lactation], per_day: float, months: int) -> Start:
    """Return how to draw a herd in equilibrium, and the heifers that feed it; the last law holds on."""
    last_day = (month_starts(REPORT_DATE, months)[-1] - REPORT_DATE).days

    def start(rng: np.random.Generator) -> tuple[Herd, Scenario]:
        cows, calvings_a_day = [], per_day
        for number in range(1, HIGHEST_PARITY):
            parity = parities[min(number, len(parities)) - 1]
            cows += cows_left(rng, parity, number, calvings_a_day)
            calvings_a_day *= parity.calves_again
        inflow = poisson_inflow(rng, per_day, last_day)
        model = model_of(parities[0], WAITING_DAYS)
        return herd(*cows), Scenario(
            mode=Mode.EMPIRICAL, horizon_months=months, model=model, purchases=inflow
        )

    return start


@cache
def fed_herd() -> Replicates:
    """400 runs of 24 months of a herd of a thousand cows that live by ``COW``."""
    return replicate(feeding_start([COW], FIRST_CALVINGS_A_DAY, 24), engine_tables([COW]), 400)


def test_o4_days_in_milk_with_constant_losses() -> None:
    runs = fed_herd()

    assert_ratio(runs.days_in_milk_sum[:, 1:], runs.columns["milking_count"][:, 1:], COW.mean_days_in_milk)


def test_o5_the_share_of_cows_in_milk() -> None:
    runs = fed_herd()

    assert_ratio(runs.columns["milking_count"][:, 1:], runs.cows[:, 1:], COW.days_milking / COW.days_present)


def test_o7_calvings_a_cow_year_count_the_calvings_of_replacements() -> None:
    runs = fed_herd()
    days = (month_starts(REPORT_DATE, 24)[-1] - REPORT_DATE).days

    calvings_a_year = runs.columns["calvings"].sum(axis=1, keepdims=True) / days * 365.25

    assert_ratio(calvings_a_year, runs.cows[:, 1:], 365.25 / COW.days_present)


def test_o8_cows_are_first_calvings_a_day_times_the_mean_herd_life() -> None:
    runs = fed_herd()

    herd_life = COW.days_present / (1 - COW.calves_again)

    assert_mean(runs.cows[:, 1:].mean(axis=1), FIRST_CALVINGS_A_DAY * herd_life)


def test_o8_with_constant_losses_only_the_herd_is_its_inflow_over_the_loss_whatever_the_lactation() -> None:
    # N = H / h; and a dry stock is its inflow times its mean stay (1 - q**D) / h.
    days_open = days_open_law(60, 0.25, 60 + 8 * 21 - 1, n_cycles=8)
    cow = Lactation(days_open=days_open / days_open.sum(), leaves_on=500, loss=0.35 / 365.25)
    days = (month_starts(REPORT_DATE, 24)[-1] - REPORT_DATE).days

    runs = replicate(feeding_start([cow], FIRST_CALVINGS_A_DAY, 24), engine_tables([cow]), 100)

    dry_offs_a_day = runs.columns["dryoffs"].sum(axis=1, keepdims=True) / days
    dry_stay = (1 - (1 - cow.loss) ** cow.dry_period) / cow.loss
    assert_mean(runs.cows[:, 1:].mean(axis=1), FIRST_CALVINGS_A_DAY / cow.loss)
    assert_ratio(runs.columns["dry_count"][:, 1:], dry_offs_a_day, dry_stay)


def test_o10_end_stocks_vary_as_poisson_counts_do() -> None:
    # T2: 4-sigma limits of variance / mean of 400 Poisson counts.
    runs = fed_herd()

    for stock in (runs.columns["milking_count"][:, -1], runs.columns["dry_count"][:, -1]):
        assert 0.74 < stock.var(ddof=1) / stock.mean() < 1.31


@pytest.mark.parametrize(
    ("stock", "days"),
    [("milking_count", COW.days_milking), ("dry_count", COW.days_present - COW.days_milking)],
)
def test_o10_end_stocks_follow_the_poisson_law_of_the_mean_stay(stock: str, days: float) -> None:
    mean = FIRST_CALVINGS_A_DAY / (1 - COW.calves_again) * days
    counts = fed_herd().columns[stock][:, -1]

    # Ten classes of about equal probability: chi-square with 9 degrees of freedom.
    edges = stats.poisson.ppf(np.arange(1, 10) / 10, mean)
    probability = np.diff(stats.poisson.cdf(edges, mean), prepend=0.0, append=1.0)
    observed = np.bincount(np.searchsorted(edges, counts), minlength=10)
    expected = probability * len(counts)

    assert stats.chi2.sf(((observed - expected) ** 2 / expected).sum(), 9) > 1e-4


def test_o10_end_stocks_of_different_states_are_independent() -> None:
    # The correlation of 400 independent pairs has a standard error of 1/20.
    runs = fed_herd()

    correlation = np.corrcoef(runs.columns["milking_count"][:, -1], runs.columns["dry_count"][:, -1])[0, 1]

    assert abs(correlation) < 4 / np.sqrt(400)


# O6, O9: what only the animals' own events tell.

FIVE_LOSSES = (0.20, 0.28, 0.37, 0.50, 0.60)
SAME_LOSSES = (0.35, 0.35, 0.35, 0.35, 0.35)
FOLLOWED_RUNS, FOLLOWED_MONTHS = 60, 12


@cache
def followed_herd(losses_a_year: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Cows by parity 1 ... 4 and more, and pregnant cows: means over the days of each run."""
    parities = [replace(COW, loss=loss / 365.25) for loss in losses_a_year]
    herd_tables = engine_tables(parities)
    start = feeding_start(parities, 6.0, FOLLOWED_MONTHS)
    last_day = (month_starts(REPORT_DATE, FOLLOWED_MONTHS)[-1] - REPORT_DATE).days
    by_parity, pregnant = [], []
    for run in range(FOLLOWED_RUNS):
        cows, scenario = start(np.random.default_rng([SEED, run]))
        books = DailyBooks(cows, follow_run(cows, herd_tables, scenario, run, SEED), last_day)
        mean = books.by_lactation[1:].mean(axis=0)
        by_parity.append([*mean[1:5], mean[5:].sum()])
        pregnant.append(books.stocks[1:, 3:].sum(axis=1).mean())
    return np.array(by_parity), np.array(pregnant)


@pytest.mark.slow
def test_o6_the_share_of_cows_that_are_pregnant() -> None:
    by_parity, pregnant = followed_herd(SAME_LOSSES)

    assert_ratio(
        pregnant[:, None], by_parity.sum(axis=1, keepdims=True), COW.days_pregnant / COW.days_present
    )


@pytest.mark.slow
def test_o9_with_equal_losses_parities_are_geometric() -> None:
    by_parity, _ = followed_herd(SAME_LOSSES)
    s = COW.calves_again
    shares = [(1 - s) * s**k for k in range(4)]

    for parity, share in enumerate([*shares, 1 - sum(shares)]):
        assert_ratio(by_parity[:, [parity]], by_parity.sum(axis=1, keepdims=True), share)


@pytest.mark.slow
def test_o9_with_losses_by_parity_shares_follow_from_reaching_and_staying() -> None:
    # N_k in proportion to s_1 ... s_(k-1) times the mean stay in parity k.
    parities = [replace(COW, loss=loss / 365.25) for loss in FIVE_LOSSES]
    stays = calvings_by_parity(parities) * [parity.days_present for parity in parities]
    by_parity, _ = followed_herd(FIVE_LOSSES)

    for parity, share in enumerate(stays / stays.sum()):
        assert_ratio(by_parity[:, [parity]], by_parity.sum(axis=1, keepdims=True), float(share))


# O11: a closed herd that rears its own heifers.

HEIFERS_PER_CALVING, HEIFER_LOSS = 0.48 * 0.94, 0.06 / 365.25
CONCEPTION_AGES = np.concatenate([np.zeros(382), np.full(81, 1 / 81)])
CALVINGS_A_DAY = 4.0


def growing_start(heifers_per_calving: float, growth: float, months: int) -> Start:
    """Return how to draw a herd of stable composition that grows by exp(growth) a day."""
    model = model_of(COW, WAITING_DAYS, heifer_birth_prob=heifers_per_calving)

    def start(rng: np.random.Generator) -> tuple[Herd, Scenario]:
        cows = cows_left(rng, COW, 1, CALVINGS_A_DAY, growth)
        born_a_day = CALVINGS_A_DAY * heifers_per_calving
        heifers = heifers_left(rng, CONCEPTION_AGES, COW.gestation, HEIFER_LOSS, born_a_day, growth)
        return herd(*cows, *heifers), Scenario(mode=Mode.EMPIRICAL, horizon_months=months, model=model)

    return start


def closed_herd_tables() -> Tables:
    """Return tables in which all parities are lost at the same rate, heifers at their own."""
    return engine_tables([COW], HEIFER_LOSS, age_at_conception=law(CONCEPTION_AGES))


def first_calving_ages() -> np.ndarray:
    """Return the law of the age at first calving: conception and a gestation later."""
    return np.concatenate([np.zeros(COW.gestation), CONCEPTION_AGES])


def assert_grows(runs: Replicates, growth: float) -> None:
    """Check that every stock has grown by exp(growth * days) from the report date to the last record."""
    months = runs.cows.shape[1] - 1
    factor = np.exp(growth * (month_starts(REPORT_DATE, months)[-1] - REPORT_DATE).days)
    for stock in (runs.cows, runs.columns["heifer_count"], runs.columns["pregnant_heifer_count"]):
        assert_mean(stock[:, -1] - factor * stock[:, 0], 0.0, level=float(stock[:, -1].mean()))


@pytest.mark.slow
def test_o11_a_closed_herd_grows_at_the_root_of_the_euler_equation() -> None:
    growth = growth_per_day(COW, HEIFERS_PER_CALVING, first_calving_ages(), HEIFER_LOSS)

    runs = replicate(growing_start(HEIFERS_PER_CALVING, growth, 120), closed_herd_tables(), 400)

    assert 0.02 < growth * 365.25 < 0.08
    assert_grows(runs, growth)


@pytest.mark.slow
def test_o11_a_herd_with_a_reproduction_number_of_one_keeps_its_size() -> None:
    ages = first_calving_ages()
    reared = float(ages @ (1 - HEIFER_LOSS) ** np.arange(len(ages)))
    heifers_per_calving = (1 - COW.calves_again) / reared

    runs = replicate(growing_start(heifers_per_calving, 0.0, 120), closed_herd_tables(), 400)

    assert heifers_per_calving < HEIFERS_PER_CALVING
    assert_grows(runs, 0.0)
