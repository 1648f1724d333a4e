"""The kernel against the plain simulator, animal by animal: same uniforms, same events on the same days.

Nothing but the keyed uniforms is shared: lists, distributions, hazards, the order of a day, policies and
the cap are read from the model page twice.
"""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from herd_engine.calibration.calibrate import calibrate
from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes, read_herd_file
from herd_engine.model.animals import NO_DAY, AnimalState
from herd_engine.model.scenario import FILE_MODES, Mode, ModelParameters, Purchase, PurchasePolicy, Scenario
from herd_engine.sample import make_sample
from tests.followed_run import follow_run
from tests.plain_model.calibration import calibrate as calibrate_plainly
from tests.plain_model.simulator import simulate_plain

MONTH_END = date(2026, 2, 28)
"""With this report date the first record is on day 1."""


def assert_same_run(herd_file: HerdFile, scenario: Scenario, run: int, seed: int) -> None:
    tables = calibrate(herd_file.records, scenario.mode, scenario.model)
    plain_tables = calibrate_plainly(herd_file.records, scenario.mode, scenario.model)

    ours = follow_run(herd_file.herd, tables, scenario, run, seed)
    theirs = simulate_plain(herd_file.herd, plain_tables, scenario, run, seed)

    difference = Counter(ours.events)
    difference.subtract(tuple(event) for event in theirs.events)
    assert len(theirs.events) > 100
    assert {event: n for event, n in difference.items() if n} == {}
    assert ours.records == theirs.records


def sample(report_date: date = MONTH_END - timedelta(days=2), animals: int = 250) -> HerdFile:
    return read_herd_bytes(make_sample(animals=animals, seed=3, report_date=report_date).csv, "sample.csv")


VARIATIONS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "cap": {"max_days_in_milk": 220},
    "late_cap": {"max_days_in_milk": 400, "voluntary_waiting_period": 150},
    "long_wait": {"voluntary_waiting_period": 200, "max_service_period_after_vwp": 60},
    "no_wait": {"voluntary_waiting_period": 0, "max_service_period_after_vwp": 50},
    "late_heifers": {"min_first_insem_age_days": 800},
    "harsh": {"population_regulation": 1.0, "heifer_birth_prob": 0.9},
    "gestation": {"gestation_lo": 240, "gestation_hi": 330, "gestation_mu": 280.0, "gestation_sigma": 15.0},
}


@pytest.mark.parametrize("mode", FILE_MODES)
@pytest.mark.parametrize("policy", PurchasePolicy)
@pytest.mark.parametrize("name", VARIATIONS)
def test_every_event_of_every_animal_agrees(name: str, policy: PurchasePolicy, mode: Mode) -> None:
    model = ModelParameters(**VARIATIONS[name])
    scenario = Scenario(horizon_months=30, mode=mode, purchase_policy=policy, model=model)

    assert_same_run(sample(), scenario, run=5, seed=11)


@pytest.mark.parametrize("lead_time_days", [1, 30, 90, 200, 279, 365])
@pytest.mark.parametrize("cap", [None, 200, 350])
def test_what_auto_forecast_foresees_agrees(cap: int | None, lead_time_days: int) -> None:
    scenario = Scenario(
        mode=Mode.EMPIRICAL,
        horizon_months=24,
        purchase_policy=PurchasePolicy.AUTO_FORECAST,
        lead_time_days=lead_time_days,
        model=ModelParameters(max_days_in_milk=cap),
    )

    assert_same_run(sample(), scenario, run=0, seed=2)


@pytest.mark.parametrize("policy", PurchasePolicy)
def test_a_report_date_at_a_months_end_agrees(policy: PurchasePolicy) -> None:
    scenario = Scenario(mode=Mode.EMPIRICAL, horizon_months=18, purchase_policy=policy, lead_time_days=365,
                        model=ModelParameters(max_days_in_milk=250))  # fmt: skip

    assert_same_run(sample(report_date=MONTH_END), scenario, run=1, seed=4)


def test_manual_purchases_of_every_kind_agree() -> None:
    herd_file = sample()
    start = herd_file.herd.report_date
    scenario = Scenario(
        mode=Mode.EMPIRICAL,
        horizon_months=36,
        purchases=(
            Purchase(date_in=start, count=3, days_pregnant=280),
            Purchase(date_in=start, count=2, expected_calving_date=start),
            Purchase(date_in=start + timedelta(days=1), count=2, days_pregnant=0),
            Purchase(date_in=start + timedelta(days=200), count=4, days_pregnant=276),
            Purchase(date_in=date(2026, 9, 1), count=5, expected_calving_date=date(2026, 9, 1)),
            Purchase(date_in=date(2026, 9, 1), count=5, expected_calving_date=date(2026, 12, 24)),
        ),
    )

    assert_same_run(herd_file, scenario, run=9, seed=8)


@pytest.mark.parametrize("missing", ["expected_dry_off", "expected_calving", "both", "all_dates"])
def test_plans_that_the_file_does_not_give_agree(missing: str) -> None:
    herd_file = sample(animals=600)
    names = [missing] if missing.startswith("expected") else ["expected_dry_off", "expected_calving"]
    unknown = np.full(herd_file.herd.n_animals, NO_DAY, np.int32)
    herd = replace(herd_file.herd, **dict.fromkeys(names, unknown))
    if missing == "all_dates":
        # Dry cows of which only the dry-off is known; pregnancies that have outlasted every gestation.
        is_dry = herd.state == AnimalState.DRY
        herd = replace(
            herd,
            conception=np.where(is_dry, NO_DAY, herd.conception - 150).astype(np.int32),
        )

    assert_same_run(
        replace(herd_file, herd=herd), Scenario(mode=Mode.EMPIRICAL, horizon_months=24), run=2, seed=6
    )


def test_a_file_full_of_problems_agrees() -> None:
    herd_file = read_herd_bytes(make_sample(animals=400, seed=5, problems=True).csv, "problems.csv")

    assert_same_run(herd_file, Scenario(mode=Mode.EMPIRICAL, horizon_months=24), run=0, seed=1)


@pytest.mark.slow
@pytest.mark.reference
@pytest.mark.parametrize("name", ["ds1.csv", "ds2.csv"])
@pytest.mark.parametrize("policy", PurchasePolicy)
def test_real_herds_agree(data_dir: Path, name: str, policy: PurchasePolicy) -> None:
    assert_same_run(
        read_herd_file(data_dir / name), Scenario(mode=Mode.EMPIRICAL, purchase_policy=policy), run=3, seed=7
    )


@pytest.mark.slow
@pytest.mark.reference
def test_a_real_herd_with_a_cap_agrees_in_theory(data_dir: Path) -> None:
    model = ModelParameters(max_days_in_milk=350, voluntary_waiting_period=90, min_first_insem_age_days=420)
    scenario = Scenario(mode=Mode.THEORETICAL, purchase_policy=PurchasePolicy.AUTO_FORECAST, model=model)

    assert_same_run(read_herd_file(data_dir / "ds2.csv"), scenario, run=0, seed=7)
