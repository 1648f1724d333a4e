"""Places in the kernel against the plain simulator, animal by animal: same uniforms, same events.

The kernel goes from month's first to month's first, lactation by lactation, and takes back what a sold animal
was to do; the plain simulator walks every animal through every day, and just stops with her.
"""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest

from herd_engine.calibration.calibrate import calibrate
from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.model.farm_calendar import month_starts
from herd_engine.model.scenario import FILE_MODES, Mode, ModelParameters, Purchase, PurchasePolicy, Scenario
from herd_engine.sample import make_sample
from tests.followed_run import follow_run
from tests.plain_model.calibrated import simulate_calibrated
from tests.plain_model.calibration import calibrate as calibrate_plainly
from tests.plain_model.simulator import PlainRun, simulate_plain
from tests.statistical.test_kernel_against_calibrated_model import (
    FIRST,
    HERDS,
    REPLICATES,
    SEED,
    differences,
    happened,
    scenario_of,
    small_herd,
)

AT_ONCE = 3
ROOM: tuple[dict[str, Any], ...] = (
    {"places_head": 0.8},
    {"places_head": 0.9, "sell_pregnant": True},
    {"places_milking": 0.9, "cull_cows": True},
    {"places_head": 0.5, "places_milking": 0.8, "sell_pregnant": True, "cull_cows": True},
    {"places_head": 1.0, "places_milking": 1.0, "sell_pregnant": True, "cull_cows": True},
    {"places_milking": 1.0},
    {"places_head": 0.6, "cull_cows": True},
)
"""Places as shares of the animals on the report date."""


def with_places(scenario: Scenario, herd_file: HerdFile, room: dict[str, Any]) -> Scenario:
    herd = herd_file.herd
    there = {"places_head": herd.n_animals, "places_milking": int(herd.is_milking.sum())}
    places = {name: max(1, round(there[name] * of)) if name in there else of for name, of in room.items()}
    return replace(scenario, **places)


def last_day(herd_file: HerdFile, scenario: Scenario) -> int:
    report_date = herd_file.herd.report_date
    return (month_starts(report_date, scenario.horizon_months)[-1] - report_date).days


@pytest.mark.parametrize(
    "number", [pytest.param(n, marks=[pytest.mark.slow] if n >= AT_ONCE else []) for n in range(HERDS)]
)
def test_every_event_of_every_animal_agrees(number: int) -> None:
    herd_file = small_herd(number)
    scenario = with_places(scenario_of(number), herd_file, ROOM[number % len(ROOM)])
    tables = calibrate(herd_file.records, Mode.CALIBRATED, scenario.model)

    for replicate in range(REPLICATES):
        ours = follow_run(herd_file.herd, tables, scenario, replicate, SEED)
        theirs = simulate_calibrated(herd_file.herd, tables, scenario, replicate, SEED)

        told = happened(ours, last_day(herd_file, scenario))
        assert differences(told, theirs.events) == {}, replicate
        assert ours.records == theirs.records, replicate


@cache
def herd_of(animals: int) -> HerdFile:
    made = make_sample(animals=animals, seed=5, report_date=FIRST + timedelta(days=11))
    return read_herd_bytes(made.csv, "herd.csv")


def plainly(herd_file: HerdFile, scenario: Scenario, run: int) -> PlainRun:
    tables = calibrate_plainly(herd_file.records, scenario.mode, scenario.model)
    return simulate_plain(herd_file.herd, tables, scenario, run, SEED)


@pytest.mark.parametrize("room", ROOM, ids="-".join)
@pytest.mark.parametrize("policy", PurchasePolicy)
@pytest.mark.parametrize("mode", FILE_MODES)
def test_in_the_modes_of_lists_too(mode: Mode, policy: PurchasePolicy, room: dict[str, Any]) -> None:
    herd_file = herd_of(120)
    model = ModelParameters(max_days_in_milk=250 if policy is PurchasePolicy.AUTO_FORECAST else None)
    arrival = date(2026, 6, 1)
    bought = tuple(
        Purchase(date_in=arrival + timedelta(days=days), count=4, days_pregnant=250) for days in (-1, 0, 1, 9)
    )
    scenario = Scenario(
        mode=mode,
        horizon_months=24,
        purchase_policy=policy,
        purchases=bought if policy is PurchasePolicy.MANUAL else (),
        lead_time_days=300,
        model=model,
    )
    scenario = with_places(scenario, herd_file, room)
    tables = calibrate(herd_file.records, mode, model)

    ours, theirs = follow_run(herd_file.herd, tables, scenario, 4, SEED), plainly(herd_file, scenario, 4)

    assert differences(Counter(ours.events), theirs.events) == {}
    assert ours.records == theirs.records


@pytest.mark.parametrize("kind", ["sold", "purchase", "loss", "flag_exit"])
def test_what_is_compared_happens(kind: str) -> None:
    told: Counter[str] = Counter()
    for number in range(len(ROOM)):
        herd_file = small_herd(number)
        scenario = with_places(scenario_of(number), herd_file, ROOM[number])
        tables = calibrate(herd_file.records, Mode.CALIBRATED, scenario.model)
        told.update(event[2] for event in follow_run(herd_file.herd, tables, scenario, 0, SEED).events)

    assert told[kind] > 0
