"""The payload ``herd_m5_v2``: limits and rules are typed here as the schema page states them."""

from dataclasses import fields
from datetime import date, datetime
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_engine.errors import ParameterError, ScenarioError
from herd_engine.model.scenario import Mode, ModelParameters, Purchase, PurchasePolicy, Scenario, from_mapping
from herd_engine.scenarios.schema import (
    ModelPayload,
    PurchasePayload,
    ScenarioPayload,
    complete,
    parse_scenario,
    payload_schema,
    to_payload,
    to_scenario,
)
from tests.herd_engine.scenarios.payloads import LIMITS, Limit, payload_with, valid_payloads

ARRIVAL = {"date_in": "2026-05-01", "count": 10}


def problems_of(payload: Any) -> dict[str, str]:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(payload)
    return dict(caught.value.problems)


def test_an_empty_payload_has_the_defaults_of_the_schema_page() -> None:
    assert complete({}) == {
        "dataset_id": None,
        "report_date": None,
        "horizon_months": 36,
        "future_date": None,
        "seed": 42,
        "mc_runs": 50,
        "until_stable": False,
        "mode": "calibrated",
        "purchase_policy": "manual",
        "lead_time_days": 90,
        "confidence_central": 0.90,
        "places_milking": None,
        "places_head": None,
        "sell_pregnant": False,
        "cull_cows": False,
        "model": {
            "min_first_insem_age_days": 365,
            "voluntary_waiting_period": 50,
            "max_service_period_after_vwp": 300,
            "max_days_in_milk": None,
            "population_regulation": 0.5,
            "gestation_lo": 275,
            "gestation_hi": 280,
            "gestation_mu": 277.5,
            "gestation_sigma": 2.0,
            "heifer_birth_prob": 0.5,
            "purchased_days_to_calving_lo": 1,
            "purchased_days_to_calving_hi": 280,
            "culling_intensity": 1.0,
            "heifer_sales_intensity": 1.0,
            "conception_intensity": 1.0,
            "waiting_period_change": 0,
            "calf_loss": None,
            "female_fraction": None,
            "stillbirth_first": None,
            "stillbirth_later": None,
            "twinning_first": None,
            "twinning_later": None,
            "pregnancy_loss_heifer": 0.04,
            "pregnancy_loss_cow": 0.10,
            "gestation_mean": 278.0,
            "gestation_sd": 5.5,
            "parameter_uncertainty": True,
        },
        "purchases": [],
    }


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: f"{limit.path}={limit.value}")
def test_a_limit_is_accepted_and_one_step_beyond_refused(limit: Limit) -> None:
    accepted: Any = complete(payload_with(limit.path, limit.value, limit.beside))
    for name in limit.path.split("."):
        accepted = accepted[int(name) if name.isdigit() else name]

    assert accepted == limit.value
    assert limit.path in problems_of(payload_with(limit.path, limit.beyond, limit.beside))


def test_the_payload_has_the_fields_of_the_engine_and_those_of_the_experiment() -> None:
    experiment = {"dataset_id", "report_date", "seed", "mc_runs", "until_stable"}

    assert set(ScenarioPayload.model_fields) == {item.name for item in fields(Scenario)} | experiment
    assert set(ModelPayload.model_fields) == {item.name for item in fields(ModelParameters)}
    assert set(PurchasePayload.model_fields) == {item.name for item in fields(Purchase)}


@pytest.mark.parametrize("value", ["3", True, 3.7, 3.0, None, [3], "", float("nan")])
@pytest.mark.parametrize("name", ["horizon_months", "seed", "mc_runs", "lead_time_days"])
def test_a_whole_number_is_nothing_else(name: str, value: Any) -> None:
    assert list(problems_of({name: value})) == [name]


@pytest.mark.parametrize("value", ["0.9", True, None, float("nan"), float("inf"), 10**400])
def test_a_number_is_finite_and_no_text(value: Any) -> None:
    assert list(problems_of({"confidence_central": value})) == ["confidence_central"]


def test_a_whole_number_will_do_where_fractions_are_allowed() -> None:
    assert complete({"model": {"gestation_mean": 279}})["model"]["gestation_mean"] == 279.0


@pytest.mark.parametrize(
    "value",
    ["2026-02-30", "20260301", "2026-3-1", "01.03.2026", 20260301, datetime(2026, 3, 1), True],  # noqa: DTZ001
)
@pytest.mark.parametrize("name", ["future_date", "report_date"])
def test_a_date_is_an_iso_day(name: str, value: Any) -> None:
    assert "YYYY-MM-DD" in problems_of({name: value})[name]


@pytest.mark.parametrize(
    ("name", "value"), [("mode", "Empirical"), ("purchase_policy", "auto"), ("mode", None)]
)
def test_a_choice_is_one_of_its_values(name: str, value: Any) -> None:
    assert list(problems_of({name: value})) == [name]


def test_empty_texts_mean_null_where_the_schema_page_says_so() -> None:
    purchases = [
        {**ARRIVAL, "days_pregnant": "", "expected_calving_date": "2026-06-01"},
        {**ARRIVAL, "days_pregnant": 150, "expected_calving_date": ""},
    ]
    payload = complete({"future_date": "", "purchases": purchases})

    assert payload["future_date"] is None
    assert payload["purchases"][0]["days_pregnant"] is None
    assert payload["purchases"][1]["expected_calving_date"] is None
    assert "report_date" in problems_of({"report_date": ""})


@pytest.mark.parametrize(
    ("payload", "path", "message"),
    [
        ({"model": {"gestation_lo": 281}}, "model.gestation_hi", "at least gestation_lo"),
        ({"model": {"gestation_hi": 274}}, "model.gestation_hi", "at least gestation_lo"),
        ({"model": {"gestation_mu": 274.9}}, "model.gestation_mu", "at least gestation_lo"),
        ({"model": {"gestation_mu": 280.1}}, "model.gestation_mu", "at most gestation_hi"),
        (
            {"model": {"purchased_days_to_calving_lo": 10, "purchased_days_to_calving_hi": 9}},
            "model.purchased_days_to_calving_hi",
            "at least purchased_days_to_calving_lo",
        ),
        ({"future_date": "2027-01-02"}, "future_date", "first of a month"),
        (
            {"purchase_policy": "auto_counter", "purchases": [{**ARRIVAL, "days_pregnant": 1}]},
            "purchases",
            "empty unless purchase_policy is manual",
        ),
        ({"purchases": [ARRIVAL]}, "purchases.0.expected_calving_date", "Exactly one"),
        (
            {"purchases": [{**ARRIVAL, "days_pregnant": 0, "expected_calving_date": "2026-06-01"}]},
            "purchases.0.expected_calving_date",
            "Exactly one",
        ),
        (
            {"purchases": [{**ARRIVAL, "expected_calving_date": "2026-04-30"}]},
            "purchases.0.expected_calving_date",
            "before the arrival",
        ),
        (
            {"purchase_policy": "auto_forecast", "model": {"purchased_days_to_calving_lo": 91}},
            "lead_time_days",
            "at least model.purchased_days_to_calving_lo (91)",
        ),
        (
            {"model": {"voluntary_waiting_period": 60}},
            "model.voluntary_waiting_period",
            "Must not be set in the calibrated mode: use waiting_period_change; got 60.",
        ),
        (
            {"mode": "theoretical", "model": {"parameter_uncertainty": False}},
            "model.parameter_uncertainty",
            "Must not be set unless mode is calibrated; got False.",
        ),
    ],
)
def test_a_rule_that_joins_fields_is_kept(payload: dict[str, Any], path: str, message: str) -> None:
    assert message in problems_of(payload)[path]


def test_rules_that_join_fields_allow_their_limits() -> None:
    model = {
        "gestation_lo": 280,
        "gestation_hi": 280,
        "gestation_mu": 280,
        "purchased_days_to_calving_lo": 90,
    }
    purchase = {**ARRIVAL, "expected_calving_date": "2026-05-01"}

    payload = {"mode": "empirical", "model": model, "purchase_policy": "auto_forecast"}
    assert parse_scenario(payload).lead_time_days == 90
    assert parse_scenario({"purchases": [purchase], "future_date": "2027-01-01"}).purchases[0].count == 10


@pytest.mark.parametrize(
    ("payload", "path", "suggestion"),
    [
        ({"horizon_month": 12}, "horizon_month", "horizon_months"),
        ({"model": {"gestation_means": 277}}, "model.gestation_means", "gestation_mean"),
        (
            {"purchases": [{**ARRIVAL, "days_pregnant": 3, "counts": 3}]},
            "purchases.0.counts",
            "count",
        ),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest_known_one(
    payload: dict[str, Any], path: str, suggestion: str
) -> None:
    assert f"Did you mean `{suggestion}`?" in problems_of(payload)[path]


@pytest.mark.parametrize(
    "name", ["threads", "priority", "timeout_s", "tags", "labels", "name", "idempotency_key"]
)
def test_how_a_run_is_executed_is_no_part_of_a_payload(name: str) -> None:
    assert list(problems_of({name: 1})) == [name]


def test_all_problems_are_told_at_once() -> None:
    payload = {
        "horizon_months": 0,
        "seed": -1,
        "horizont": 3,
        "future_date": "2027-01-02",
        "model": {"gestation_lo": 300, "gestation_sigma": "wide", "vwp": 50},
        "purchases": [{"count": 0}, {"date_in": "tomorrow", "days_pregnant": 281}],
    }

    assert set(problems_of(payload)) == {
        "horizon_months",
        "seed",
        "horizont",
        "future_date",
        "model.gestation_hi",
        "model.gestation_mu",
        "model.gestation_sigma",
        "model.vwp",
        "purchases.0.date_in",
        "purchases.0.count",
        "purchases.0.expected_calving_date",
        "purchases.1.date_in",
        "purchases.1.days_pregnant",
    }


def test_a_message_says_what_was_given_and_keeps_it_short() -> None:
    assert problems_of({"seed": -1})["seed"].endswith("; got -1.")
    assert len(problems_of({"seed": "9" * 10_000})["seed"]) < 120


@pytest.mark.parametrize("payload", [None, [], "mode", {1: 2}])
def test_what_is_no_object_of_named_values_is_refused(payload: Any) -> None:
    assert problems_of(payload)


@given(valid_payloads())
def test_a_completed_payload_stays_as_it_is(payload: dict[str, Any]) -> None:
    whole = complete(payload)

    assert complete(whole) == whole


@given(valid_payloads())
def test_a_scenario_survives_the_way_through_its_payload(payload: dict[str, Any]) -> None:
    parsed = parse_scenario(payload)
    scenario = to_scenario(parsed)
    again = parse_scenario(to_payload(scenario, parsed.seed, parsed.mc_runs))

    assert to_scenario(again) == scenario
    assert (again.seed, again.mc_runs) == (parsed.seed, parsed.mc_runs)


def test_a_scenario_carries_dates_and_choices_to_the_engine() -> None:
    purchase = {"date_in": "2026-05-01", "count": 3, "expected_calving_date": "2026-06-01"}
    payload = {"mode": "theoretical", "future_date": "2027-01-01", "purchases": [purchase], "seed": 9}

    assert to_scenario(parse_scenario(payload)) == Scenario(
        mode=Mode.THEORETICAL,
        future_date=date(2027, 1, 1),
        purchases=(Purchase(date_in=date(2026, 5, 1), count=3, expected_calving_date=date(2026, 6, 1)),),
    )


GESTATIONS = st.fixed_dictionaries(
    {
        "gestation_lo": st.just(275) | st.integers(238, 322),
        "gestation_hi": st.just(280) | st.integers(238, 332),
        "gestation_mu": st.just(277.5) | st.integers(238, 322),
        "gestation_mean": st.just(278) | st.integers(263, 297),
        "purchased_days_to_calving_lo": st.integers(0, 282),
        "purchased_days_to_calving_hi": st.integers(0, 332),
    }
)


@given(GESTATIONS, st.sampled_from(Mode), st.sampled_from(PurchasePolicy), st.integers(0, 367))
def test_the_payload_and_the_engine_refuse_the_same(
    model: dict[str, int], mode: Mode, policy: PurchasePolicy, lead: int
) -> None:
    def engine_accepts() -> bool:
        try:
            Scenario(
                mode=mode,
                model=from_mapping(ModelParameters, model),
                purchase_policy=policy,
                lead_time_days=lead,
            )
        except ParameterError:
            return False
        return True

    def payload_accepts() -> bool:
        try:
            parse_scenario({"mode": mode, "model": model, "purchase_policy": policy, "lead_time_days": lead})
        except ScenarioError:
            return False
        return True

    assert payload_accepts() == engine_accepts()


def test_a_payload_may_say_its_own_version_and_is_the_same_scenario() -> None:
    said = {"schema_version": "herd_m5_v2", "seed": 7}

    assert parse_scenario(said) == parse_scenario({"seed": 7})
    assert complete(said) == complete({"seed": 7})
    jsonschema.Draft202012Validator(payload_schema()).validate(said)
    with pytest.raises(ScenarioError, match="schema_version"):
        parse_scenario({"schema_version": "herd_m5_v3"})


def test_a_lever_beside_the_model_is_told_where_it_belongs():
    with pytest.raises(ScenarioError, match=r"Did you mean `model\.female_fraction`\?"):
        parse_scenario({"female_fraction": 0.6})
