"""Payloads of the schema before: recognised by two names, shown with the reason."""

from typing import Any

import pytest

from herd_engine.errors import ScenarioError
from herd_engine.scenarios.legacy import describe_legacy, schema_version
from herd_engine.scenarios.schema import complete, parse_scenario

LEGACY: dict[str, Any] = {  # every field of legacy_v1 on the schema page
    "dataset_id": "d1",
    "dim_mode": "from_calving",
    "service_period": {"mean_days": 120, "std_days": 12, "min_days_after_calving": 45},
    "heifer_insem": {"min_age_days": 370, "max_age_days": 400},
    "culling": {
        "estimate_from_dataset": False,
        "grouping": "age_band",
        "fallback_monthly_hazard": 0.01,
        "age_band_years": 3,
    },
    "replacement": {"enabled": False, "annual_heifer_ratio": 0.25, "lookahead_months": 6},
    "mc_runs": 20,
}


@pytest.mark.parametrize(
    ("payload", "version"),
    [
        (LEGACY, "legacy_v1"),
        ({}, "legacy_v1"),
        ({"mode": "empirical"}, "legacy_v1"),
        ({"purchase_policy": "manual"}, "legacy_v1"),
        ({"mode": "empirical", "purchase_policy": "manual"}, "herd_m5_v2"),
        ({"mode": "empirical", "purchase_policy": "manual", "dim_mode": "from_calving"}, "herd_m5_v2"),
        (complete({}), "herd_m5_v2"),
    ],
    ids=str,
)
def test_mode_and_purchase_policy_together_make_the_difference(payload: dict[str, Any], version: str) -> None:
    assert schema_version(payload) == version


def test_a_legacy_payload_is_shown_with_the_reason() -> None:
    summary = describe_legacy(LEGACY)

    assert summary is not None
    assert summary.schema_version == "legacy_v1"
    assert "legacy_v1" in summary.reason
    assert summary.unknown == ()
    assert summary.values == {
        "dataset_id": "d1",
        "dim_mode": "from_calving",
        "service_period.mean_days": 120,
        "service_period.std_days": 12,
        "service_period.min_days_after_calving": 45,
        "heifer_insem.min_age_days": 370,
        "heifer_insem.max_age_days": 400,
        "culling.estimate_from_dataset": False,
        "culling.grouping": "age_band",
        "culling.fallback_monthly_hazard": 0.01,
        "culling.age_band_years": 3,
        "replacement.enabled": False,
        "replacement.annual_heifer_ratio": 0.25,
        "replacement.lookahead_months": 6,
        "mc_runs": 20,
    }


def test_what_a_legacy_payload_omits_is_shown_with_the_defaults_of_its_time() -> None:
    summary = describe_legacy({"service_period": {"mean_days": 120}, "colour": "red"})

    assert summary is not None
    assert summary.values["service_period.mean_days"] == 120
    assert summary.values["service_period.std_days"] == 10
    assert summary.values["replacement.annual_heifer_ratio"] == 0.30
    assert summary.values["mc_runs"] == 1
    assert summary.unknown == ("colour",)


def test_a_legacy_payload_never_becomes_a_scenario() -> None:
    with pytest.raises(ScenarioError, match="`dim_mode` is not a parameter"):
        parse_scenario(LEGACY)


def test_an_invalid_v2_payload_says_that_it_is_one_and_what_is_wrong() -> None:
    summary = describe_legacy({**complete({}), "seed": -1, "dim_mode": "from_calving"})

    assert summary is not None
    assert summary.schema_version == "herd_m5_v2"
    assert "herd_m5_v2" in summary.reason
    assert "legacy" in summary.reason
    assert [path for path, _ in summary.problems] == ["seed", "dim_mode"]


def test_a_valid_payload_is_not_legacy() -> None:
    assert describe_legacy(complete({})) is None
