from datetime import date
from typing import Any

import numpy as np
import pytest

from herd_engine.errors import ParameterError, UnknownParameterError
from herd_engine.model.scenario import (
    Mode,
    ModelParameters,
    Purchase,
    PurchasePolicy,
    Scenario,
    from_mapping,
)

ARRIVAL = date(2026, 3, 26)


def test_texts_become_the_members_that_code_compares_with() -> None:
    scenario = Scenario(mode="theoretical", purchase_policy="auto_forecast")  # type: ignore[arg-type]

    assert scenario.mode is Mode.THEORETICAL
    assert scenario.purchase_policy is PurchasePolicy.AUTO_FORECAST


@pytest.mark.parametrize("name", ["mode", "purchase_policy"])
def test_an_unknown_mode_or_policy_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(ParameterError, match=rf"`{name}` must be one of .*; got 'bogus'"):
        from_mapping(Scenario, {name: "bogus"})


def test_whole_numbers_of_numpy_are_whole_numbers() -> None:
    scenario = Scenario(horizon_months=np.int64(12))  # type: ignore[arg-type]

    assert type(scenario.horizon_months) is int


@pytest.mark.parametrize(
    "values",
    [
        {"horizon_months": 0},
        {"horizon_months": 121},
        {"horizon_months": 1.5},
        {"horizon_months": True},
        {"lead_time_days": 366},
        {"confidence_central": 0.49},
        {"confidence_central": float("nan")},
        {"future_date": date(2026, 5, 2)},
    ],
)
def test_values_outside_their_range_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ParameterError, match=f"`{next(iter(values))}` must"):
        Scenario(**values)


def test_gestation_has_its_mean_within_its_limits() -> None:
    with pytest.raises(ParameterError, match="`gestation_mu` must lie within"):
        ModelParameters(gestation_lo=280, gestation_hi=290)


def test_a_bought_heifer_calves_within_a_gestation_of_her_arrival() -> None:
    Purchase(date_in=ARRIVAL, count=1, expected_calving_date=date(2027, 2, 19))  # 330 days

    with pytest.raises(ParameterError, match="at most 330 days after the arrival"):
        Purchase(date_in=ARRIVAL, count=1, expected_calving_date=date(2027, 2, 20))


def test_a_purchase_says_in_exactly_one_way_when_it_calves() -> None:
    with pytest.raises(ParameterError, match="exactly one of days_pregnant, expected_calving_date"):
        Purchase(date_in=ARRIVAL, count=1)
    with pytest.raises(ParameterError, match="exactly one of days_pregnant, expected_calving_date"):
        Purchase(date_in=ARRIVAL, count=1, days_pregnant=10, expected_calving_date=ARRIVAL)


def test_purchases_go_with_the_manual_policy_only() -> None:
    purchase = Purchase(date_in=ARRIVAL, count=1, days_pregnant=100)

    with pytest.raises(ParameterError, match="be empty unless purchase_policy is manual"):
        Scenario(purchase_policy=PurchasePolicy.AUTO_COUNTER, purchases=(purchase,))


@pytest.mark.parametrize(
    ("mode", "model", "rule"),
    [
        (Mode.CALIBRATED, {"population_regulation": 0.6}, "use culling_intensity; got 0.6"),
        (Mode.EMPIRICAL, {"culling_intensity": 0.6}, "unless mode is calibrated; got 0.6"),
        (Mode.THEORETICAL, {"female_fraction": 0.9}, "unless mode is calibrated; got 0.9"),
    ],
)
def test_what_the_mode_does_not_read_is_refused(mode: Mode, model: dict[str, Any], rule: str) -> None:
    with pytest.raises(ParameterError, match=f"`{next(iter(model))}` must not be set .*{rule}"):
        Scenario(mode=mode, model=ModelParameters(**model))


def test_a_value_at_its_default_may_be_stated_in_every_mode() -> None:
    model = ModelParameters(population_regulation=0.5, culling_intensity=1.0)

    assert {Scenario(mode=mode, model=model).model for mode in Mode} == {ModelParameters()}


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownParameterError, match="Did you mean `voluntary_waiting_period`"):
        from_mapping(ModelParameters, {"voluntary_wait": 60})
