"""What two payloads disagree on, and sweeps."""

from typing import Any

import pytest
from hypothesis import given

from herd_engine.errors import ParameterError, ScenarioError, UnknownParameterError
from herd_engine.scenarios.differences import differences, variants
from herd_engine.scenarios.schema import complete
from tests.herd_engine.scenarios.payloads import valid_payloads

PURCHASE: dict[str, Any] = {"date_in": "2026-05-01", "count": 10, "days_pregnant": 150}


@given(valid_payloads())
def test_a_payload_does_not_differ_from_itself_with_defaults_stated(payload: dict[str, Any]) -> None:
    assert differences(payload, complete(payload)) == []


def test_differences_name_field_and_both_values() -> None:
    a = {"seed": 1, "model": {"gestation_mean": 279}, "purchases": [PURCHASE]}
    b = {"mode": "theoretical", "purchases": [{**PURCHASE, "count": 20}, PURCHASE]}

    assert differences(a, b) == [
        ("seed", 1, 42),
        ("mode", "calibrated", "theoretical"),
        ("model.gestation_mean", 279.0, 278.0),
        ("purchases.0.count", 10, 20),
        ("purchases.1", None, {**PURCHASE, "expected_calving_date": None}),
    ]


def test_differences_of_invalid_payloads_are_refused() -> None:
    with pytest.raises(ScenarioError, match="seed"):
        differences({}, {"seed": -1})


def test_variants_are_all_combinations_the_last_path_fastest() -> None:
    base = {"seed": 3, "purchases": [PURCHASE]}

    made = variants(base, {"purchases.0.count": [10, 20], "model.gestation_sigma": [1.0, 2.0, 3.0]})

    assert [(v["purchases"][0]["count"], v["model"]["gestation_sigma"]) for v in made] == [
        (10, 1.0),
        (10, 2.0),
        (10, 3.0),
        (20, 1.0),
        (20, 2.0),
        (20, 3.0),
    ]
    assert {v["seed"] for v in made} == {3}
    assert base["purchases"] == [PURCHASE]


def test_no_values_give_the_base_itself() -> None:
    assert variants({"seed": 3}, {}) == [complete({"seed": 3})]


def test_a_hundred_variants_are_made_and_no_more() -> None:
    assert len(variants({}, {"seed": range(10), "horizon_months": range(1, 11)})) == 100
    with pytest.raises(ParameterError, match="be within 1 … 100; got 101"):
        variants({}, {"seed": range(101)})


def test_a_sweep_without_values_is_refused() -> None:
    with pytest.raises(ParameterError, match="be within 1 … 100; got 0"):
        variants({}, {"seed": []})


@pytest.mark.parametrize(
    "path", ["model.gestation_sigm", "model.", "purchases.0.count", "", "model.gestation_mu.x"]
)
def test_a_path_that_names_no_field_is_refused(path: str) -> None:
    with pytest.raises(UnknownParameterError, match="is not a parameter"):
        variants({}, {path: [1]})


def test_a_variant_out_of_range_is_found_when_it_is_parsed() -> None:
    good, bad = variants({}, {"horizon_months": [120, 121]})

    assert complete(good)["horizon_months"] == 120
    with pytest.raises(ScenarioError, match="less than or equal to 120"):
        complete(bad)
