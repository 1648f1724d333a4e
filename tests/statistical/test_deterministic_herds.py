"""Oracle O15: without chance the forecast is an exact sawtooth, equal in every month.

Cows conceive on day 100 of a lactation, are dried off on day 320 and calve again on day 380; heifers
conceive at 400 days of age and calve at 680. Nobody is lost. All expected values are worked out by hand or
by counting phases of these cycles.
"""

from typing import Any

import numpy as np
import pytest

from herd_engine.engine.simulate import simulate
from herd_engine.model.animals import Herd
from herd_engine.model.farm_calendar import month_starts
from herd_engine.model.forecast import COUNT_COLUMNS
from herd_engine.model.scenario import Mode, ModelParameters, Scenario
from tests.herds import REPORT_DATE, always, dry_cow, heifer, herd, open_cow, pregnant_cow, tables

INTERVAL, OPEN_DAYS, LENGTH = 380, 100, 320
CONCEIVES_AT, FIRST_CALVES_AT = 400, 680


def forecast(
    some_herd: Herd, months: int, heifer_birth_prob: float = 0.0, **changes: Any
) -> list[dict[str, int]]:
    model = ModelParameters(heifer_birth_prob=heifer_birth_prob, population_regulation=1.0)
    scenario = Scenario(mode=Mode.EMPIRICAL, horizon_months=months, model=model)
    result = simulate(some_herd, tables(**changes), scenario, 3, 1)
    for later in (1, 2):
        assert (result.counts[later] == result.counts[0]).all()
    return [
        {str(name): int(value) for name, value in zip(COUNT_COLUMNS, row, strict=True)} | {"dim": int(total)}
        for row, total in zip(result.counts[0], result.days_in_milk_sum[0], strict=True)
    ]


def cow_in_phase(phase: int) -> dict[str, Any]:
    """Return a cow that calved ``phase`` days ago."""
    if phase < OPEN_DAYS:
        return open_cow(phase)
    if phase < LENGTH:
        return pregnant_cow(phase, phase - OPEN_DAYS)
    return dry_cow(phase, phase - OPEN_DAYS, phase - LENGTH)


def test_o15_the_days_in_milk_of_one_cow_are_a_sawtooth() -> None:
    # Calved on 26.02.2026, dry from 12.01.2027 (day 320), calves on 13.03.2027 (day 380). The firsts of March
    # 2026 to May 2027 are the days 3, 34, 64, 95, 125, 156, 187, 217, 248, 278, 309, 340, 368, 399, 429.
    expected = [0, 3, 34, 64, 95, 125, 156, 187, 217, 248, 278, 309, None, None, 19, 49]

    records = forecast(herd(open_cow(0)), 15)

    assert [record["dim"] if record["milking_count"] else None for record in records] == expected
    assert [record["dry_count"] for record in records] == [int(dim is None) for dim in expected]
    assert [month for month, record in enumerate(records) if record["dryoffs"]] == [12]
    assert [month for month, record in enumerate(records) if record["calvings"]] == [14]


def test_o15_a_herd_with_a_cow_in_every_phase_never_changes() -> None:
    # Phases 0 ... 319 are in milk: 320 cows, days in milk 0 + 1 + ... + 319 = 51,040; a calving every day.
    records = forecast(herd(*(cow_in_phase(phase) for phase in range(INTERVAL))), 120)

    starts = month_starts(REPORT_DATE, 120)
    days = [(later - sooner).days for sooner, later in zip((REPORT_DATE, *starts), starts, strict=False)]
    for record, length in zip(records[1:], days, strict=True):
        assert (record["milking_count"], record["dry_count"], record["dim"]) == (320, 60, 51_040)
        assert (record["calvings"], record["dryoffs"], record["culls"]) == (length, length, 0)


def lives(first_calvings: list[int], births: list[int], last_day: int) -> tuple[list[list[int]], list[int]]:
    """Return the calving days of every line and all births, each calving after day 0 giving a heifer."""
    all_births = list(births)
    calvings = [list(range(first, last_day + 1, INTERVAL)) for first in first_calvings]
    waiting = [day for line in calvings for day in line if day > 0] + all_births
    while waiting:
        birth = waiting.pop()
        line = list(range(birth + FIRST_CALVES_AT, last_day + 1, INTERVAL))
        calvings.append(line)
        waiting += line
    all_births += [day for line in calvings for day in line if day > 0]
    return calvings, all_births


def test_o15_a_herd_that_rears_every_calf_is_equal_in_every_month() -> None:
    phases, ages = [0, 17, 99, 100, 250, 319, 320, 379], [1, 60, 399]
    starts = [(day - REPORT_DATE).days for day in month_starts(REPORT_DATE, 120)]
    calvings, births = lives([-phase for phase in phases], [-age for age in ages], starts[-1])

    records = forecast(herd(*map(cow_in_phase, phases), *map(heifer, ages)), 120, heifer_birth_prob=1.0)

    since = 0
    for day, record in zip(starts, records[1:], strict=True):
        last = [
            max(line_day for line_day in line if line_day <= day)
            for line in calvings
            if line and line[0] <= day
        ]
        in_milk = [day - calving for calving in last if day - calving < LENGTH]
        ages_now = [day - birth for birth in births if birth <= day < birth + FIRST_CALVES_AT]
        assert record["milking_count"] == len(in_milk)
        assert record["dim"] == sum(in_milk)
        assert record["dry_count"] == len(last) - len(in_milk)
        assert record["heifer_count"] == sum(age < CONCEIVES_AT for age in ages_now)
        assert record["pregnant_heifer_count"] == sum(age >= CONCEIVES_AT for age in ages_now)
        assert record["calvings"] == sum(since < calving <= day for line in calvings for calving in line)
        assert record["dryoffs"] == sum(
            since < calving + LENGTH <= day for line in calvings for calving in line
        )
        assert record["heifer_intros"] == sum(since < birth + FIRST_CALVES_AT <= day for birth in births)
        assert record["heifer_births"] == sum(since < birth <= day for birth in births)
        since = day


@pytest.mark.parametrize("phase", [0, 50, 349])
def test_o15_without_conceptions_every_cow_leaves_unbred_on_the_same_day_in_milk(phase: int) -> None:
    # Waiting period 50 and 300 days of breeding: a cow leaves on day 350 of her lactation.
    starts = [(day - REPORT_DATE).days for day in month_starts(REPORT_DATE, 14)]

    records = forecast(herd(open_cow(phase)), 14, service_period=always(600))

    assert [record["milking_count"] for record in records[1:]] == [int(day + phase < 350) for day in starts]
    assert np.sum([record["culls"] for record in records]) == 1
