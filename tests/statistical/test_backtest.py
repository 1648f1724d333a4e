"""Rewinding against a farm that was really exported at the earlier date, and the past against the truth."""

from datetime import timedelta

import numpy as np
import pytest

from herd_engine.calibration.calibrate import calibrate
from herd_engine.calibration.habits import habits_of
from herd_engine.calibration.lactations import rebuild_lactations
from herd_engine.engine.simulate import simulate
from herd_engine.forecasting.backtest.happened import Happened
from herd_engine.forecasting.backtest.rewind import Rewound, rewind
from herd_engine.model.animals import NO_DAY, AnimalRecords, Herd
from herd_engine.model.forecast import COUNT_COLUMNS, Metric
from herd_engine.model.scenario import Mode, Scenario
from tests.herd_engine.forecasting.backtest.farm_at_two_dates import REPORT_DATE, two_exports

LAG = 35
"""Of the sample farm: pregnancies are found on the first weekly check from this day on."""


def rewound(days_back: int) -> Rewound:
    records = two_exports(days_back).later.records
    habits = habits_of(records)
    origin = REPORT_DATE - timedelta(days=days_back)
    return rewind(records, origin, rebuild_lactations(records, habits), habits)


def in_order_of(herd: Herd, other: Herd) -> np.ndarray:
    """Return the positions in ``other`` of the animals of ``herd``."""
    position = {name: i for i, name in enumerate(other.animal_ids)}
    return np.array([position[name] for name in herd.animal_ids])


@pytest.mark.parametrize("days_back", [90, 181, 273])
def test_the_rewound_herd_is_the_herd_that_was_exported_then(days_back: int) -> None:
    real, again = two_exports(days_back).earlier.herd, rewound(days_back).herd

    assert set(again.animal_ids) == set(real.animal_ids)
    order = in_order_of(again, real)
    assert np.array_equal(again.lactation, real.lactation[order])
    assert np.array_equal(again.birth, real.birth[order])
    # What is drawn, gestation and dry-off, can only move animals near a border between states.
    assert (again.state == real.state[order]).mean() > 0.96
    for state, count in real.counts().items():
        assert abs(again.counts()[state] - count) < 4 * np.sqrt(0.04 * real.n_animals / 2), state


@pytest.mark.parametrize("days_back", [90, 181, 273])
def test_known_days_are_as_they_were_and_drawn_ones_right_on_average(days_back: int) -> None:
    real, again = two_exports(days_back).earlier.herd, rewound(days_back).herd
    order = in_order_of(again, real)
    cows = again.lactation > 0
    missed = (again.calving - real.calving[order])[cows].astype(float)
    drawn = missed[missed != 0]

    assert (missed == 0).mean() > 0.1  # still in that lactation on the report date, or left from it
    assert abs(drawn.mean()) < 4 * drawn.std() / np.sqrt(len(drawn))
    both = (again.conception != NO_DAY) & (real.conception[order] != NO_DAY)
    errors = (again.conception - real.conception[order])[both]
    # Two draws of gestation apart: one real, one ours.
    assert errors[errors != 0].std() == pytest.approx(5.5 * np.sqrt(2), rel=0.15)


@pytest.mark.parametrize("days_back", [90, 181, 273])
def test_an_insemination_says_as_little_of_a_pregnancy_as_it_did_then(days_back: int) -> None:
    """Filed alone, the last inseminations before the origin would all be of pregnant animals."""
    farm = two_exports(days_back)

    def pregnant_share(records: AnimalRecords) -> tuple[float, int]:
        waits = (records.conception == NO_DAY) & (records.archive == NO_DAY)
        served = waits & (records.insemination > -LAG)
        pregnant = [name in farm.hidden for name in records.animal_ids[served]]
        return float(np.mean(pregnant)), int(served.sum())

    (real, n_real), (again, n_again) = (
        pregnant_share(records) for records in (farm.earlier.records, rewound(days_back).records)
    )
    assert n_again == pytest.approx(n_real, rel=0.2)
    assert again == pytest.approx(real, abs=4 * np.sqrt(real * (1 - real) * 2 / n_real))


def test_as_many_are_marked_for_culling_as_were() -> None:
    flagged = [
        (int(two_exports(back).earlier.herd.is_flagged.sum()), int(rewound(back).herd.is_flagged.sum()))
        for back in (90, 181, 273)
    ]
    real, again = (sum(counts) for counts in zip(*flagged, strict=True))

    assert again == pytest.approx(real, abs=4 * np.sqrt(2 * real))


def test_the_lag_is_that_of_the_farm() -> None:
    """Services at 35 days or more on a weekly check: the youngest pregnancies are 35 to 41 days, or so."""
    lag = habits_of(two_exports(90).later.records).confirmation_lag

    assert LAG <= lag < LAG + 14


def test_what_happened_is_what_was_lived() -> None:
    days = tuple(range(-270, 1, 30))
    farm = two_exports(90, days)
    records = farm.later.records
    habits = habits_of(records)
    series = Happened(records, rebuild_lactations(records, habits), habits).series(days)
    cows, heifers = farm.tally.stocks[1:, :2], farm.tally.stocks[1:, 2:]
    n_cows = series[Metric.MILKING_COUNT] + series[Metric.DRY_COUNT]
    days_in_milk = farm.tally.days_in_milk[1:] / cows[:, 0]

    assert n_cows.tolist() == cows.sum(axis=1).tolist()
    assert series[Metric.MILKING_COUNT] == pytest.approx(cows[:, 0], rel=0.02)
    assert series[Metric.AVG_DAYS_IN_MILK] == pytest.approx(days_in_milk, abs=4)
    told_apart = ~np.isnan(series[Metric.PREGNANT_HEIFER_COUNT])
    assert told_apart.tolist() == [True] * 7 + [False] * 2  # those of the last 30 days may not be known
    young = series[Metric.HEIFER_COUNT] + series[Metric.PREGNANT_HEIFER_COUNT]
    assert young[told_apart].tolist() == heifers.sum(axis=1)[told_apart].tolist()
    assert series[Metric.PREGNANT_HEIFER_COUNT][told_apart] == pytest.approx(heifers[told_apart, 1], rel=0.03)


def test_calvings_and_exits_are_counted_exactly() -> None:
    days = tuple(range(-270, 1, 30))
    farm = two_exports(90, days)
    records = farm.later.records
    habits = habits_of(records)
    series = Happened(records, rebuild_lactations(records, habits), habits).series(days)
    calved = np.concatenate([item.start for item in farm.lactations if item.number])
    first = np.concatenate([item.start for item in farm.lactations if item.number == 1])
    left = np.concatenate([item.exit[~item.calves_again] for item in farm.lactations])

    def by_period(of: np.ndarray) -> list[int]:
        return np.histogram(of, np.array(days) + 0.5)[0].tolist()

    assert series[Metric.CALVINGS].tolist() == by_period(calved)
    assert series[Metric.HEIFER_INTROS].tolist() == by_period(first)
    assert series[Metric.CULLS].tolist() == by_period(left)


def test_the_forecast_from_the_rewound_herd_is_the_forecast_that_was_made_then() -> None:
    """The first seven months' calvings come from pregnancies that were known: near the same numbers."""
    farm = two_exports(273)
    real = farm.earlier
    column = COUNT_COLUMNS.index(Metric.CALVINGS)
    scenario = Scenario(mode=Mode.EMPIRICAL, horizon_months=7)

    def calvings(records: AnimalRecords, herd: Herd) -> np.ndarray:
        tables = calibrate(real.records, scenario.mode, scenario.model)
        return simulate(herd, tables, scenario, 40, 3).counts[:, 1:, column].mean(axis=0)

    then, again = calvings(real.records, real.herd), calvings(rewound(273).records, rewound(273).herd)

    assert again.sum() == pytest.approx(then.sum(), rel=0.05)
    assert np.abs(again - then).max() < 4 * np.sqrt(then.max() / 4)  # a few cross the end of a month
