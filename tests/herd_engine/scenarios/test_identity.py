"""Canonical JSON against the published examples of RFC 8785; hashes against strings written by hand."""

import hashlib
import math
import struct
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_engine.errors import ParameterError, ScenarioError
from herd_engine.model.scenario import Mode
from herd_engine.scenarios.identity import canonical_json, run_hash
from herd_engine.scenarios.schema import complete
from tests.herd_engine.scenarios.payloads import valid_payloads

SHA = "ab" * 32
ENGINE, SCHEME = "0.1.0", "philox4x32-10/1"

CANONICAL = (
    '{"dataset_sha256":"abababababababababababababababababababababababababababababababab",'
    '"engine_version":"0.1.0","random_scheme":"philox4x32-10/1",'
    '"scenario":{"confidence_central":0.9,"future_date":"2027-01-01","horizon_months":12,"lead_time_days":90,'
    '"mc_runs":200,"mode":"empirical","model":{"gestation_hi":280,"gestation_lo":275,"gestation_mu":277.5,'
    '"gestation_sigma":2,"heifer_birth_prob":0.5,"max_days_in_milk":null,"max_service_period_after_vwp":300,'
    '"min_first_insem_age_days":365,"population_regulation":0.5,"purchased_days_to_calving_hi":280,'
    '"purchased_days_to_calving_lo":1,"voluntary_waiting_period":60},"purchase_policy":"manual",'
    '"purchases":[{"count":10,"date_in":"2026-05-01","days_pregnant":150,"expected_calving_date":null}]},'
    '"seed":7}'
)
CANONICAL_BY_DEFAULT = (
    '{"dataset_sha256":"abababababababababababababababababababababababababababababababab",'
    '"engine_version":"0.1.0","random_scheme":"philox4x32-10/1",'
    '"scenario":{"confidence_central":0.9,"future_date":null,"horizon_months":36,"lead_time_days":90,'
    '"mc_runs":50,"mode":"calibrated","model":{"calf_loss":null,"conception_intensity":1,'
    '"culling_intensity":0.8,"female_fraction":null,"gestation_mean":278,"gestation_sd":5.5,'
    '"heifer_sales_intensity":1,"max_days_in_milk":null,"parameter_uncertainty":true,'
    '"pregnancy_loss_cow":0.1,"pregnancy_loss_heifer":0.04,"purchased_days_to_calving_hi":280,'
    '"purchased_days_to_calving_lo":1,"stillbirth_first":null,"stillbirth_later":null,'
    '"twinning_first":null,"twinning_later":null,"waiting_period_change":0},"purchase_policy":"manual",'
    '"purchases":[]},"seed":42}'
)
"""What the mode does not read is no part of a run's identity: neither of this one nor of the other."""
PAYLOAD: dict[str, Any] = {
    "horizon_months": 12,
    "future_date": "2027-01-01",
    "seed": 7,
    "mc_runs": 200,
    "mode": "empirical",
    "model": {"voluntary_waiting_period": 60},
    "purchases": [{"date_in": "2026-05-01", "count": 10, "days_pregnant": 150}],
}


def shuffled(value: Any) -> Any:
    """Return the same mapping with its keys the other way round, all the way down."""
    if isinstance(value, dict):
        return {key: shuffled(value[key]) for key in reversed(value)}
    return [shuffled(item) for item in value] if isinstance(value, list) else value


def test_the_example_of_rfc_8785_is_written_as_there_but_for_twelve_digits() -> None:
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }

    assert canonical_json(value).decode() == (
        '{"literals":[null,true,false],"numbers":[333333333.333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_keys_are_sorted_by_their_utf_16_codes_as_in_rfc_8785() -> None:
    value = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }

    assert canonical_json(value).decode() == (
        '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"Latin Small Letter O With Diaeresis",'
        '"€":"Euro Sign","\U0001f600":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}'
    )


@pytest.mark.parametrize(
    ("bits", "text"),
    [  # RFC 8785, appendix B; where it has more than twelve significant digits, rounded to twelve
        ("0000000000000000", "0"),
        ("8000000000000000", "0"),
        ("444b1ae4d6e2ef50", "1e+21"),
        ("44b52d02c7e14af6", "1e+23"),
        ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("3eb0c6f7a0b5ed8c", "0.000001"),
        ("41b3de4355555553", "333333333.333"),
        ("41b3de4355555557", "333333333.333"),
        ("becbf647612f3696", "-0.00000333333333333"),
        ("43143ff3c1cb0959", "1424953923780000"),
        ("4430000000000000", "295147905179000000000"),
    ],
)
def test_numbers_are_written_as_in_rfc_8785(bits: str, text: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))

    assert canonical_json(number).decode() == text


def test_dates_enumerations_and_whole_floats_have_one_form() -> None:
    value = {"day": date(2026, 3, 1), "mode": Mode.EMPIRICAL, "whole": 5.0, "pair": (1, -0.0)}

    assert canonical_json(value) == b'{"day":"2026-03-01","mode":"empirical","pair":[1,0],"whole":5}'


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(ParameterError, match="must be finite"):
        canonical_json({"a": [value]})


@pytest.mark.parametrize("value", [2**53, {1: 2}, {"\ud800": 1}, "\ud800", object(), b"bytes"])
def test_what_json_cannot_carry_is_refused(value: Any) -> None:
    with pytest.raises(ParameterError, match="fit for canonical JSON"):
        canonical_json(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_rounding_moves_a_number_by_less_than_a_twelfth_digit(number: float) -> None:
    written = float(canonical_json(number))

    assert math.isclose(written, number, rel_tol=5.1e-12, abs_tol=5e-324)


def test_the_hash_is_that_of_a_string_written_by_hand() -> None:
    by_default = {"model": {"culling_intensity": 0.8}}

    for payload, text in ((PAYLOAD, CANONICAL), (by_default, CANONICAL_BY_DEFAULT)):
        assert run_hash(payload, SHA, ENGINE, SCHEME) == hashlib.sha256(text.encode()).hexdigest()


@given(valid_payloads())
def test_order_of_keys_and_stated_defaults_do_not_change_the_hash(payload: dict[str, Any]) -> None:
    hashes = {run_hash(p, SHA, ENGINE, SCHEME) for p in (payload, shuffled(payload), complete(payload))}

    assert len(hashes) == 1


@pytest.mark.parametrize(
    "same",
    [
        {"dataset_id": "another name of the same file"},
        {"report_date": "2026-02-26"},
        {"confidence_central": 0.9 + 1e-15},
        {"mode": Mode.EMPIRICAL},
        {"model": {"voluntary_waiting_period": 60, "culling_intensity": 1.0}},
        {"future_date": date(2027, 1, 1)},
        {"places_milking": None, "places_head": None, "sell_pregnant": False, "cull_cows": False},
    ],
    ids=str,
)
def test_what_does_not_change_the_result_does_not_change_the_hash(same: dict[str, Any]) -> None:
    assert run_hash(PAYLOAD | same, SHA, ENGINE, SCHEME) == run_hash(PAYLOAD, SHA, ENGINE, SCHEME)


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 8},
        {"mc_runs": 201},
        {"horizon_months": 13},
        {"future_date": "2027-02-01"},
        {"confidence_central": 0.91},
        {"mode": "theoretical"},
        {"model": {"voluntary_waiting_period": 61}},
        {"model": {"voluntary_waiting_period": 60, "max_days_in_milk": 500}},
        {"purchases": []},
        {"places_milking": 100},
        {"places_head": 100},
        {"places_head": 100, "sell_pregnant": True},
        {"places_head": 100, "cull_cows": True},
        {"purchases": [{"date_in": "2026-05-02", "count": 10, "days_pregnant": 150}]},
    ],
    ids=str,
)
def test_what_changes_the_result_changes_the_hash(other: dict[str, Any]) -> None:
    assert run_hash(PAYLOAD | other, SHA, ENGINE, SCHEME) != run_hash(PAYLOAD, SHA, ENGINE, SCHEME)


def test_another_dataset_engine_or_random_scheme_changes_the_hash() -> None:
    hashes = {
        run_hash(PAYLOAD, SHA, ENGINE, SCHEME),
        run_hash(PAYLOAD, "ac" + SHA[2:], ENGINE, SCHEME),
        run_hash(PAYLOAD, SHA, "0.1.1", SCHEME),
        run_hash(PAYLOAD, SHA, ENGINE, "philox4x32-10/2"),
    }

    assert len(hashes) == 4


def test_an_invalid_payload_has_no_hash() -> None:
    with pytest.raises(ScenarioError, match="finite"):
        run_hash({"confidence_central": math.nan}, SHA, ENGINE, SCHEME)
