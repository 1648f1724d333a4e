import copy
import json
from dataclasses import fields, replace
from datetime import date

import jsonschema
import pytest

from herd_engine.exports.document import forecast_document, forecast_json, forecast_schema
from herd_engine.exports.document_reader import forecast_from_document
from herd_engine.model.forecast import Metric, Stability
from herd_engine.model.scenario import ModelParameters, Purchase, Scenario
from tests.herd_engine.charts.hand_made import forecast_of, long_forecast, small_forecast

SOMETIMES = ("stability", "places_milking", "places_head", "sell_pregnant", "cull_cows")
"""The number of replicates where it was found by asking whether there are enough, and places where stated."""
METRICS = [
    "milking_count",
    "dry_count",
    "heifer_count",
    "pregnant_heifer_count",
    "avg_days_in_milk",
    "calvings",
    "dryoffs",
    "culls",
    "purchases_in",
    "heifer_intros",
]


def assert_valid(document):
    schema = forecast_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.Draft202012Validator(schema, format_checker=checker).validate(document)


@pytest.mark.parametrize("forecast", [small_forecast(), long_forecast(120), forecast_of([0, 0])])
def test_the_json_keeps_the_published_contract(forecast):
    assert_valid(json.loads(forecast_json(forecast)))


def test_the_contract_refuses_what_it_does_not_name_and_misses_nothing():
    document = forecast_document(small_forecast())
    extra = copy.deepcopy(document)
    extra["points"][0]["mean"]["p10"] = 1.0
    missing = copy.deepcopy(document)
    del missing["points"][0]["p50"]["culls"]

    with pytest.raises(jsonschema.ValidationError, match="Additional properties are not allowed"):
        assert_valid(extra)
    with pytest.raises(jsonschema.ValidationError, match="'culls' is a required property"):
        assert_valid(missing)


def test_every_object_of_the_contract_is_closed_or_open_by_name():
    def objects(node):
        if isinstance(node, dict):
            if node.get("type") == "object":
                yield node
            for child in node.values():
                yield from objects(child)

    for node in objects(forecast_schema()):
        assert node["additionalProperties"] is not True
        always = [name for name in node.get("properties", {}) if name not in SOMETIMES]
        assert node.get("required", []) == always


@pytest.mark.parametrize(
    ("name", "cls"), [("model", ModelParameters), ("purchase", Purchase), ("scenario", Scenario)]
)
def test_the_contract_knows_every_parameter_and_its_range(name, cls):
    properties = forecast_schema()["$defs"][name]["properties"]

    assert set(properties) == {item.name for item in fields(cls)}
    for item in fields(cls):
        if "low" in item.metadata:
            assert properties[item.name]["minimum"] == item.metadata["low"]
            assert properties[item.name]["maximum"] == item.metadata["high"]


def test_a_point_holds_the_numbers_as_computed():
    point = forecast_document(small_forecast())["points"][2]

    assert point["date"] == "2026-04-01"
    assert point["p_low"]["milking_count"] == 1201.45
    assert point["p50"]["milking_count"] == 1218.5
    assert point["mean"]["milking_count"] == 1218.75
    assert point["p25"]["milking_count"] == 1209.975  # halfway from the low to the median
    assert point["mcse"]["milking_count"] == {
        "mean": 0.125,
        "p_low": None,
        "p25": None,
        "p50": 0.25,
        "p75": None,
        "p_high": 0.5,
    }
    for block in ("mean", "p_low", "p25", "p50", "p75", "p_high", "mcse"):
        assert list(point[block]) == METRICS


def test_events_are_unknown_at_the_report_date():
    first = forecast_document(small_forecast())["points"][0]

    assert [first["p50"][metric] for metric in METRICS] == [1277.0, 145.0, 940.0, 444.0, 181.152] + [None] * 5
    assert first["period_start"] is None
    assert first["partial"] is False


def test_periods_join_and_only_the_first_is_partial():
    points = forecast_document(small_forecast())["points"]

    assert [point["period_start"] for point in points[1:]] == ["2026-02-27", "2026-03-02", "2026-04-02"]
    assert [point["partial"] for point in points[1:]] == [True, False, False]


def test_a_period_from_a_month_start_is_whole():
    points = forecast_document(forecast_of([10, 10], report_date=date(2026, 3, 1)))["points"]

    assert points[1]["period_start"] == "2026-03-02"
    assert points[1]["partial"] is False


def test_the_future_point_is_the_point_of_that_date():
    document = forecast_document(small_forecast())

    assert document["future_point"] == document["points"][2]


@pytest.mark.parametrize("future_date", [None, date(2030, 1, 1)])
def test_without_such_a_date_there_is_no_future_point(future_date):
    scenario = replace(small_forecast().meta.scenario, future_date=future_date)

    assert forecast_document(small_forecast(scenario=scenario))["future_point"] is None


def test_meta_says_where_the_numbers_come_from():
    meta = forecast_document(small_forecast())["meta"]

    assert meta["seed"] == 9007199254740991
    assert meta["dataset"] == {"name": "North Meadow.csv", "sha256": "ab" * 32}
    assert meta["levels"] == pytest.approx(
        {"p_low": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p_high": 0.95}
    )
    assert meta["excluded"] == {"sold": 812, "dead": 0}
    assert meta["scenario"]["future_date"] == "2026-04-01"
    assert meta["scenario"]["purchases"] == [
        {"date_in": "2026-03-15", "count": 20, "days_pregnant": None, "expected_calving_date": "2026-06-01"}
    ]
    assert meta["scenario"]["model"]["max_days_in_milk"] is None
    assert meta["quality"][0]["params"]["dates"] == ["2026-03-01"]


@pytest.mark.parametrize(("n_unsettled", "stopped"), [(0, "stable"), (17, "most_runs")])
def test_meta_says_how_the_number_of_runs_was_found(n_unsettled, stopped):
    stability = Stability(most_runs=20_000, checked_at=(200, 400, 500), n_unsettled=n_unsettled)
    forecast = small_forecast()
    forecast = replace(forecast, meta=replace(forecast.meta, stability=stability))

    document = json.loads(forecast_json(forecast))

    assert_valid(document)
    assert document["meta"]["stability"] == {
        "most_runs": 20_000,
        "checked_at": [200, 400, 500],
        "n_unsettled": n_unsettled,
        "is_stable": stopped == "stable",
        "stopped": stopped,
        "message": {
            "code": "note_unstable" if n_unsettled else "note_stable",
            "params": {"runs": 500, "checked": [200, 400, 500]},
            "severity": "warning" if n_unsettled else "info",
        },
    }
    assert forecast_from_document(document).meta.stability == stability
    assert "stability" not in forecast_document(small_forecast())["meta"]


def test_keys_come_in_a_fixed_order():
    document = forecast_document(small_forecast())

    assert list(document) == ["schema", "meta", "points", "future_point", "timing"]
    assert document["schema"] == "herd-forecast/2"
    assert list(document["points"][0]) == [
        "date",
        "period_start",
        "partial",
        "mean",
        "p_low",
        "p25",
        "p50",
        "p75",
        "p_high",
        "mcse",
        "parameter_share",
    ]
    assert list(document["points"][0]["mean"]) == [metric.value for metric in Metric]


def test_only_timing_differs_between_equal_forecasts():
    one, other = small_forecast(), replace(small_forecast(), timing={"engine": 99.0, "read": 1.0})
    first, second = json.loads(forecast_json(one)), json.loads(forecast_json(other))

    assert first.pop("timing") != second.pop("timing")
    assert first == second
    assert forecast_json(one) == forecast_json(small_forecast())


def test_the_text_is_utf8_without_nan_and_ends_with_a_line_feed():
    text = forecast_json(small_forecast(dataset_name="Луговое.csv"))

    assert "Луговое.csv" in text
    assert "NaN" not in text
    assert text.endswith("}\n")


def test_a_fact_that_is_not_a_number_becomes_null():
    issue = replace(small_forecast().meta.quality[0], params={"share": float("nan")})
    document = json.loads(forecast_json(small_forecast(quality=(issue,))))

    assert_valid(document)
    assert document["meta"]["quality"][0]["params"] == {"share": None}
