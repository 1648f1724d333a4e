"""The kernel against the plain simulator in the default mode: same uniforms, same events on the same days.

Rates are drawn twice from the same tables and uniforms; hazards are added up day by day there, and looked
up by band, cycle and month here.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest

from herd_engine.calibration.calibrate import calibrate
from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.model.farm_calendar import month_starts
from herd_engine.model.scenario import Mode, ModelParameters, Purchase, PurchasePolicy, Scenario
from herd_engine.model.tables import Calibrated, DayDistribution
from herd_engine.sample import make_sample
from tests.followed_run import FollowedRun, follow_run
from tests.plain_model.calibrated import simulate_calibrated
from tests.plain_model.simulator import LEAVING, Event

HERDS, AT_ONCE, REPLICATES, SEED = 50, 3, 20, 17
FIRST = date(2026, 1, 31)
"""Report dates are this day and the days after it."""
LEVERS: tuple[dict[str, Any], ...] = (
    {},
    {"max_days_in_milk": 260},
    {"culling_intensity": 2.0, "heifer_sales_intensity": 3.0},
    {"conception_intensity": 0.6, "waiting_period_change": 40},
    {"pregnancy_loss_cow": 0.5, "pregnancy_loss_heifer": 0.5},
    {"parameter_uncertainty": False},
    {"gestation_sd": 10.0, "max_days_in_milk": 400},
    {"female_fraction": 0.9, "stillbirth_first": 0.3, "twinning_later": 0.2},
)


@cache
def small_herd(number: int) -> HerdFile:
    report_date = FIRST + timedelta(days=number)
    made = make_sample(animals=15 + number % 3 * 10, seed=number, report_date=report_date)
    return read_herd_bytes(made.csv, "small.csv")


@cache
def larger_herd() -> HerdFile:
    return read_herd_bytes(make_sample(animals=200, seed=3, report_date=FIRST).csv, "larger.csv")


def scenario_of(number: int) -> Scenario:
    policy = tuple(PurchasePolicy)[number % 3]
    start = FIRST + timedelta(days=number)
    bought = (
        Purchase(date_in=start + timedelta(days=40), count=3, days_pregnant=200),
        Purchase(
            date_in=start + timedelta(days=90), count=2, expected_calving_date=start + timedelta(days=95)
        ),
    )
    return Scenario(
        horizon_months=12,
        purchase_policy=policy,
        purchases=bought if policy is PurchasePolicy.MANUAL else (),
        lead_time_days=(60, 120, 300)[number // 3 % 3],
        model=ModelParameters(**LEVERS[number % len(LEVERS)]),
    )


def happened(followed: FollowedRun, last_day: int) -> Counter[tuple[int, int, str, int]]:
    """Return the kernel's events; it also notes losses that cows who left before, or the end, forestalled.

    Who is sold for want of places leaves in the evening, after all else.
    """
    left = {key: day + (kind == "sold") for key, day, kind, _ in followed.events if kind in LEAVING}
    return Counter(
        event
        for event in followed.events
        if event[2] != "loss" or (event[1] <= last_day and event[1] < left.get(event[0], last_day + 1))
    )


def differences(ours: Counter[Any], theirs: Iterable[Event]) -> dict[Any, int]:
    left = Counter(ours)
    left.subtract(tuple(event) for event in theirs)
    return {event: n for event, n in left.items() if n}


@pytest.mark.parametrize(
    "number", [pytest.param(n, marks=[pytest.mark.slow] if n >= AT_ONCE else []) for n in range(HERDS)]
)
def test_every_event_of_every_animal_agrees(number: int) -> None:
    herd_file, scenario = small_herd(number), scenario_of(number)
    tables = calibrate(herd_file.records, Mode.CALIBRATED, scenario.model)
    last_day = (
        month_starts(herd_file.herd.report_date, scenario.horizon_months)[-1] - herd_file.herd.report_date
    ).days

    for replicate in range(REPLICATES):
        ours = follow_run(herd_file.herd, tables, scenario, replicate, SEED)
        theirs = simulate_calibrated(herd_file.herd, tables, scenario, replicate, SEED)

        assert differences(happened(ours, last_day), theirs.events) == {}, replicate
        assert ours.records == theirs.records, replicate


def with_exits(known: Calibrated, **changes: Any) -> Calibrated:
    return replace(known, exits=replace(known.exits, **changes))


def with_conceptions(known: Calibrated, **changes: Any) -> Calibrated:
    return replace(known, conceptions=replace(known.conceptions, **changes))


def a_day_later(law: DayDistribution) -> DayDistribution:
    return replace(law, first_day=law.first_day + 1)


MEANT_OTHERWISE: dict[str, Callable[[Calibrated], Calibrated]] = {
    "rates of leaving": lambda known: with_exits(known, shape=known.exits.shape * 1.2),
    "rates of the flagged": lambda known: with_exits(known, flagged_shape=known.exits.flagged_shape * 1.5),
    "bands": lambda known: with_exits(known, edges=known.exits.edges + (known.exits.edges > 0) * 5),
    "confirmation": lambda known: with_exits(known, confirmation_lag=known.exits.confirmation_lag + 20),
    "season": lambda known: with_exits(known, season=np.roll(known.exits.season, 3, axis=1)),
    "common luck": lambda known: with_exits(known, month_variance=known.exits.month_variance * 2 + 0.1),
    "cycles": lambda known: with_conceptions(known, cycle_starts=known.conceptions.cycle_starts + 7),
    "pace": lambda known: with_conceptions(known, pace_variance=known.conceptions.pace_variance * 2 + 0.1),
    "hidden": lambda known: with_conceptions(known, hidden=known.conceptions.hidden * 0.5),
    "losses": lambda known: with_conceptions(
        known,
        heifer_loss=a_day_later(known.conceptions.heifer_loss),
        cow_loss=a_day_later(known.conceptions.cow_loss),
    ),
    "calves": lambda known: replace(known, heifer_calf=known.heifer_calf * 0.8),
}


@pytest.mark.parametrize("name", MEANT_OTHERWISE)
def test_what_is_meant_otherwise_is_noticed(name: str) -> None:
    model = ModelParameters(pregnancy_loss_cow=0.5, pregnancy_loss_heifer=0.5)
    scenario = Scenario(horizon_months=6, model=model)
    herd_file = larger_herd()
    tables = calibrate(herd_file.records, Mode.CALIBRATED, model)
    assert tables.calibrated is not None
    other = replace(tables, calibrated=MEANT_OTHERWISE[name](tables.calibrated))
    last_day = (month_starts(herd_file.herd.report_date, 6)[-1] - herd_file.herd.report_date).days

    ours = happened(follow_run(herd_file.herd, tables, scenario, 0, SEED), last_day)

    assert differences(ours, simulate_calibrated(herd_file.herd, tables, scenario, 0, SEED).events) == {}
    assert differences(ours, simulate_calibrated(herd_file.herd, other, scenario, 0, SEED).events) != {}
