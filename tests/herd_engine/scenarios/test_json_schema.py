"""The published JSON Schema says what ``parse_scenario`` says, as far as JSON Schema can."""

from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator, FormatChecker

from herd_engine.errors import ScenarioError
from herd_engine.scenarios.schema import parse_scenario, payload_schema
from tests.herd_engine.scenarios.payloads import LIMITS, payload_with, valid_payloads

VALIDATOR = Draft202012Validator(payload_schema(), format_checker=FormatChecker())
PURCHASE = {"date_in": "2026-05-01", "count": 10, "days_pregnant": 150}

EXAMPLES: list[Any] = [
    *(payload_with(limit.path, limit.value, limit.beside) for limit in LIMITS),
    *(payload_with(limit.path, limit.beyond, limit.beside) for limit in LIMITS),
    {},
    [],
    {"dataset_id": "d1", "report_date": "2026-02-26"},
    {"dataset_id": 1},
    {"dataset_id": ""},
    {"report_date": ""},
    {"future_date": ""},
    {"future_date": None},
    {"future_date": "2027-02-30"},
    {"future_date": "20270201"},
    {"seed": "42"},
    {"seed": True},
    {"seed": 3.7},
    {"mode": "theoretical"},
    {"mode": "other"},
    {"purchase_policy": None},
    {"confidence_central": "0.9"},
    {"unknown": 1},
    {"model": None},
    {"model": {"unknown": 1}},
    {"model": {"max_days_in_milk": None}},
    {"purchases": None},
    {"purchases": [PURCHASE, {**PURCHASE, "expected_calving_date": ""}]},
    {"purchases": [{**PURCHASE, "days_pregnant": "", "expected_calving_date": "2026-06-01"}]},
    {"purchases": [{**PURCHASE, "unknown": 1}]},
    {"purchases": [{"count": 1, "days_pregnant": 1}]},
]


def is_accepted(payload: Any) -> bool:
    try:
        parse_scenario(payload)
    except ScenarioError:
        return False
    return True


def test_the_schema_is_a_schema() -> None:
    schema = payload_schema()

    Draft202012Validator.check_schema(schema)
    assert schema["title"] == "herd_m5_v2"


@pytest.mark.parametrize("payload", EXAMPLES, ids=str)
def test_the_schema_accepts_what_the_parser_accepts(payload: Any) -> None:
    assert VALIDATOR.is_valid(payload) == is_accepted(payload)


@given(valid_payloads())
def test_the_schema_accepts_every_valid_payload(payload: dict[str, Any]) -> None:
    assert VALIDATOR.is_valid(payload)


@pytest.mark.parametrize("path", sorted({limit.path for limit in LIMITS}))
def test_the_schema_carries_range_default_and_description(path: str) -> None:
    schema = payload_schema()
    owner = {"model": schema["$defs"]["ModelPayload"], "purchases": schema["$defs"]["PurchasePayload"]}
    *parents, name = path.split(".")
    field = (owner[parents[0]] if parents else schema)["properties"][name]
    number = field["anyOf"][0] if "anyOf" in field else field

    limits = sorted(limit.value for limit in LIMITS if limit.path == path)
    assert [number["minimum"], number["maximum"]] == limits
    assert field["description"]
    assert "default" in field
