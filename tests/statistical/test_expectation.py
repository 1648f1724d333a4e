"""The expected forecast and the long run: against closed forms, and against the simulation they second.

Closed forms are those of the domain page (O4-O11 and its ready numbers); the simulation is the kernel's own,
on the same hazards, so that two computations that share no step have to meet.
"""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from herd_engine.calibration.calibrate import calibrate
from herd_engine.datasets.herd_file import HerdFile, read_herd_file
from herd_engine.engine.exact.expectation import expected_forecast
from herd_engine.engine.exact.long_run import equilibrium
from herd_engine.engine.simulate import simulate
from herd_engine.errors import ParameterError
from herd_engine.forecasting.forecast import make_forecast
from herd_engine.forecasting.instant_preview import expectation, moved_median
from herd_engine.model.farm_calendar import month_starts
from herd_engine.model.forecast import STOCKS, Metric
from herd_engine.model.scenario import Mode, ModelParameters, Scenario
from herd_engine.model.tables import Tables
from tests.herds import REPORT_DATE, dry_cow, heifer, herd, open_cow, pregnant_cow, tables
from tests.plain_model import reference
from tests.statistical.closed_forms import (
    Lactation,
    calvings_by_parity,
    days_open_law,
    growth_per_day,
    reproduction_number,
)
from tests.statistical.hazard_herds import hazard_tables, in_a_constant_season, law_of, standardized
from tests.statistical.sample_farm import sample_farm

COW = Lactation(days_open=days_open_law(60, 0.22, 419), leaves_on=420, loss=0.35 / 365.25)
HEIFER_LOSS = 0.06 / 365.25
HEIFERS_PER_CALVING = 0.47 * 0.94
CONCEIVES_AT_437 = np.concatenate([np.zeros(437), [1.0]])
CONCEIVES_AT_382 = np.concatenate([np.zeros(382), np.full(81, 1 / 81)])
SEED = 20260226
RUNS = 1000


def closed_herd(parities: list[Lactation], ages: np.ndarray = CONCEIVES_AT_437, **changes: object) -> Tables:
    calves = np.full(2, HEIFERS_PER_CALVING)
    return hazard_tables(parities, ages, HEIFER_LOSS, **({"heifer_calf": calves} | changes))


# Closed forms.


def test_the_long_run_gives_the_numbers_that_the_page_documents() -> None:
    cow = Lactation(days_open=days_open_law(60, 0.22, 420), leaves_on=420, loss=0.35 / 365.25)
    # Cows are bred on the day, too, on which they leave unbred: pregnant from the day itself on.
    found = equilibrium(closed_herd([cow], confirmation_lag=-1), yearly_growth=0.0)

    assert round(found.mean_days_in_milk, 2) == 173.12
    assert round(found.milking_share, 4) == 0.8805
    assert round(found.calvings_per_cow_year, 4) == 1.0664
    assert round(found.first_calving_share, 4) == 0.3376
    assert round(found.turnover, 3) == 0.360
    assert round(found.reproduction_number, 3) == 1.164
    assert round(found.heifers_per_cow, 3) == 0.870


@pytest.mark.parametrize("loss_a_year", [0.1, 0.35, 0.7])
def test_o4_o5_o7_days_in_milk_share_in_milk_and_calvings_a_cow_year(loss_a_year: float) -> None:
    cow = replace(COW, loss=loss_a_year / 365.25)

    found = equilibrium(closed_herd([cow]), yearly_growth=0.0)

    assert found.mean_days_in_milk == pytest.approx(cow.mean_days_in_milk, rel=1e-9)
    assert found.milking_share == pytest.approx(cow.days_milking / cow.days_present, rel=1e-9)
    assert found.calvings_per_cow_year == pytest.approx(365.25 / cow.days_present, rel=1e-9)


@pytest.mark.parametrize("success", [0.1, 0.5])
def test_o8_with_constant_losses_only_cows_live_one_over_the_loss_whatever_the_lactation(
    success: float,
) -> None:
    cow = Lactation(days_open=days_open_law(60, success, 790), leaves_on=10_000, loss=0.4 / 365.25)

    found = equilibrium(closed_herd([cow]), yearly_growth=0.0)

    assert found.turnover == pytest.approx(0.4, rel=1e-5)  # the last leave on day 10,000


def test_o9_shares_of_lactations_follow_from_reaching_and_staying() -> None:
    parities = [replace(COW, loss=yearly / 365.25) for yearly in (0.20, 0.28, 0.37, 0.50, 0.60)]
    cows = calvings_by_parity(parities) * [parity.days_present for parity in parities]

    found = equilibrium(closed_herd(parities), yearly_growth=0.0)

    assert found.lactation_share == pytest.approx(cows / cows.sum(), rel=1e-9)


def test_o11_reproduction_number_and_growth_are_those_of_the_euler_equation() -> None:
    ages = np.concatenate([np.zeros(COW.gestation), CONCEIVES_AT_382])
    reared = float((ages * (1 - HEIFER_LOSS) ** np.arange(len(ages))).sum())
    growth = growth_per_day(COW, HEIFERS_PER_CALVING, ages, HEIFER_LOSS)

    found = equilibrium(closed_herd([COW], CONCEIVES_AT_382))

    assert found.reproduction_number == pytest.approx(
        reproduction_number(COW, HEIFERS_PER_CALVING * reared, 0, 0.0), rel=1e-9
    )
    assert 0.02 < growth * 365.25 < 0.08
    assert np.log1p(found.yearly_growth) == pytest.approx(growth * 365.25, abs=1e-8)


def test_t8_a_closed_herd_comes_to_grow_at_that_root() -> None:
    ages = np.concatenate([np.zeros(COW.gestation), CONCEIVES_AT_382])
    growth = growth_per_day(COW, HEIFERS_PER_CALVING, ages, HEIFER_LOSS)
    cows = [open_cow(days, lactation=number) for days in range(100) for number in (1, 2, 3)]
    heifers = [heifer(age) for age in range(0, 400, 2)]

    found = expected_forecast(
        herd(*cows, *heifers), closed_herd([COW], CONCEIVES_AT_382), Scenario(horizon_months=120)
    )

    present = sum(found.values[stock] for stock in STOCKS)
    days = [(day - REPORT_DATE).days for day in month_starts(REPORT_DATE, 120)]
    slope = np.log(present[-1] / present[-37]) / (days[-1] - days[-37])
    assert slope * 365.25 == pytest.approx(growth * 365.25, abs=0.003)


def test_a_herd_without_chance_has_its_dates_to_the_day() -> None:
    sure = Lactation(days_open=np.concatenate([np.zeros(100), [1.0]]), leaves_on=420, loss=0.0)
    calendar = hazard_tables([sure], CONCEIVES_AT_437, 0.0, heifer_calf=np.zeros(2))
    # Open for 50 days: conceives on day 50, dry on day 50 + 218, calves on day 50 + 278.
    one = herd(open_cow(50), heifer(437 - 10), pregnant_cow(200, 100), dry_cow(360, 260, 40))

    found = expected_forecast(one, calendar, Scenario(horizon_months=12)).values

    starts = month_starts(REPORT_DATE, 12)
    days = np.array([0, *((day - REPORT_DATE).days for day in starts)])
    calvings = np.histogram([328, 288, 178, 18, 18 + 378], bins=days + 0.5)[0]
    dry_offs = np.histogram([50 + 218, 118, 18 + 318, 178 + 318], bins=days + 0.5)[0]
    assert found[Metric.CALVINGS][1:] == pytest.approx(calvings, abs=1e-9)
    assert found[Metric.DRYOFFS][1:] == pytest.approx(dry_offs, abs=1e-9)
    assert found[Metric.HEIFER_INTROS][1:] == pytest.approx(np.histogram([288], bins=days + 0.5)[0], abs=1e-9)
    assert found[Metric.CULLS][1:] == pytest.approx(np.zeros(12), abs=1e-9)


def test_tables_without_hazards_are_refused() -> None:
    with pytest.raises(ParameterError, match="be calibrated"):
        expected_forecast(herd(open_cow(10)), tables(), Scenario())


# The simulation.


@cache
def farm(name: str) -> HerdFile:
    """Return the sample farm, or one of the herds of the data directory."""
    if name == "sample":
        return sample_farm()[0]
    if reason := reference.missing_reason(f"{name}.csv"):
        pytest.skip(reason)
    return read_herd_file(reference.DATA_DIR / f"{name}.csv")


def differences(name: str, runs: int, exit_factor: float = 1.0, **model: object) -> np.ndarray:
    """Return how far the runs of a farm are from its expected forecast, in standard errors."""
    herd_file = farm(name)
    scenario = Scenario(horizon_months=36, model=ModelParameters(parameter_uncertainty=False, **model))
    found = calibrate(herd_file.records, Mode.CALIBRATED, scenario.model)
    simulation = simulate(herd_file.herd, in_a_constant_season(found), scenario, runs, SEED)
    moved = in_a_constant_season(found, exit_factor)
    return standardized(simulation, expected_forecast(herd_file.herd, moved, scenario).values)


def assert_meets(off: np.ndarray) -> None:
    assert np.abs(off).max() <= 4
    assert (np.abs(off) > 2).mean() < 0.10


FARMS = [
    "sample",
    pytest.param("ds1", marks=[pytest.mark.slow, pytest.mark.reference]),
    pytest.param("ds2", marks=[pytest.mark.slow, pytest.mark.reference]),
]


@pytest.mark.parametrize("name", FARMS)
def test_runs_meet_the_expected_forecast_in_every_month(name: str) -> None:
    assert_meets(differences(name, RUNS))


LEVERS = [
    {"culling_intensity": 1.5},
    {"heifer_sales_intensity": 2.0},
    {"conception_intensity": 0.8},
    {"waiting_period_change": 30},
]


@pytest.mark.parametrize("lever", [*LEVERS, {"female_fraction": 0.9}], ids=lambda lever: next(iter(lever)))
def test_runs_meet_the_expected_forecast_of_a_plan_with_a_lever_moved(lever: dict[str, float]) -> None:
    assert_meets(differences("sample", RUNS, **lever))


@pytest.mark.parametrize("name", FARMS)
@pytest.mark.parametrize("lever", LEVERS, ids=lambda lever: next(iter(lever)))
def test_a_median_that_is_moved_at_once_is_where_the_runs_then_put_it(
    name: str, lever: dict[str, float]
) -> None:
    """With seasons, common luck and uncertain rates, which the expected forecast itself does not know.

    Within the inner band; and off by no more than the median of a preview's 200 runs may be, and a tenth of
    what the plan changes.
    """
    plans = [Scenario(model=ModelParameters(**changes)) for changes in ({}, lever)]
    before, after = (make_forecast(farm(name), plan, 2 * RUNS, SEED) for plan in plans)
    expected = [expectation(farm(name), plan) for plan in plans]
    assert None not in expected

    moved = moved_median(before, Metric.MILKING_COUNT, *expected)

    series = after.series[Metric.MILKING_COUNT]
    deviation = (series.p_high - series.p_low)[1:] / (2 * 1.645)
    of_preview = 1.253 * deviation / np.sqrt(200)  # standard error of the median of 200 normal values
    change = np.abs(series.p50 - before.series[Metric.MILKING_COUNT].p50)[1:]
    off = np.abs(moved - series.p50)[1:]
    assert (off <= 3 * of_preview + 0.5 + 0.1 * change).all()
    assert (moved >= series.p25 - 0.5).all()
    assert (moved <= series.p75 + 0.5).all()


@pytest.mark.parametrize("name", FARMS)
def test_exits_off_by_a_twentieth_are_noticed(name: str) -> None:
    off = differences(name, RUNS, exit_factor=1.05)

    assert np.abs(off).max() > 4
    assert (np.abs(off) > 2).mean() > 0.10


def test_runs_meet_the_expected_forecast_under_a_cap_on_days_in_milk() -> None:
    assert_meets(differences("sample", RUNS, max_days_in_milk=330))


def test_gestations_after_a_loss_are_told_apart_by_no_run() -> None:
    """The one approximation: five times the usual losses, and still nothing to see."""
    assert_meets(differences("sample", 3 * RUNS, pregnancy_loss_cow=0.5, pregnancy_loss_heifer=0.3))


def test_runs_meet_the_expected_forecast_of_every_odd_animal() -> None:
    known = in_a_constant_season(calibrate(farm("sample").records, Mode.CALIBRATED, ModelParameters()))
    assert known.calibrated is not None
    late = law_of({36: 0.3, 120: 0.2, 210: 0.1, 226: 0.4})
    conceptions = replace(
        known.calibrated.conceptions,
        hidden=np.full((2, 60), 0.4),
        heifer_loss=late,
        cow_loss=late,
    )
    known = replace(known, calibrated=replace(known.calibrated, conceptions=conceptions))
    no_day = herd(heifer(1)).conception[0]
    odd = herd(
        pregnant_cow(400, 310),  # overdue, not even dry
        dry_cow(400, 310, 80),  # overdue
        dry_cow(400, 200, 20) | {"conception": no_day},
        dry_cow(400, 200, 20) | {"conception": no_day, "expected_calving": 70, "lactation": 7},
        dry_cow(400, 200, 90) | {"conception": no_day},
        open_cow(80, insemination=-10, lactation=2),
        open_cow(300, insemination=-50, lactation=9),
        open_cow(900),
        heifer(450, insemination=-5),
        heifer(1200),
        heifer(600, state=1, conception=-100),
        heifer(900, state=1, conception=-305),
        open_cow(200, is_flagged=True),
        pregnant_cow(200, 90, is_flagged=True),
        dry_cow(400, 250, 40) | {"is_flagged": True},
        heifer(300, is_flagged=True),
        heifer(600, state=1, conception=-100, is_flagged=True),
    )
    scenario = Scenario(horizon_months=30)

    simulation = simulate(odd, known, scenario, 6000, SEED)

    assert_meets(standardized(simulation, expected_forecast(odd, known, scenario).values))
