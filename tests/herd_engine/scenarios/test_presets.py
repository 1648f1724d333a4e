"""Built-in presets as the schema page states them, and what laying one over a payload does."""

from datetime import date
from typing import Any

import pytest

from herd_engine.i18n.catalogue import languages
from herd_engine.i18n.wording import wording
from herd_engine.scenarios.presets import (
    BUILT_IN,
    HOLD_THE_PLACES,
    LEGACY,
    apply_preset,
    built_in,
    content_hash,
    text_key,
)
from herd_engine.scenarios.schema import complete

EDITED: dict[str, Any] = {
    "dataset_id": "d1",
    "seed": 5,
    "mc_runs": 300,
    "horizon_months": 24,
    "future_date": "2027-01-01",
    "mode": "theoretical",
    "lead_time_days": 60,
    "confidence_central": 0.8,
    "model": {"voluntary_waiting_period": 60, "population_regulation": 0.9, "max_days_in_milk": 500},
    "purchases": [{"date_in": "2026-05-01", "count": 10, "days_pregnant": 150}],
}


NEW = {
    "keep the cows": {"purchase_policy": "auto_counter"},
    "fewer culls": {"model": {"culling_intensity": 0.85}},
    "better fertility": {"model": {"conception_intensity": 1.1}},
    "longer wait": {"model": {"waiting_period_change": 20}},
    "sell fewer heifers": {"model": {"heifer_sales_intensity": 0.5}},
}
COUNTS = {"milking": 60, "dry": 10, "heifer": 30, "pregnant_heifer": 12}
OF_A_HERD = built_in(COUNTS)


def test_baseline_comes_first_then_changes_of_it_then_those_that_leave_its_mode() -> None:
    assert list(BUILT_IN) == ["baseline", *NEW, "conservative", "aggressive"]
    assert list(OF_A_HERD) == ["baseline", *NEW, HOLD_THE_PLACES, "conservative", "aggressive"]
    modes = {name: complete(apply_preset({}, preset))["mode"] for name, preset in BUILT_IN.items()}
    assert {name for name, mode in modes.items() if mode != "calibrated"} == LEGACY


@pytest.mark.parametrize("name", OF_A_HERD)
def test_a_preset_makes_a_valid_payload_of_a_valid_one(name: str) -> None:
    for payload in ({}, EDITED):
        once = apply_preset(payload, OF_A_HERD[name])

        assert complete(once)
        assert apply_preset(once, OF_A_HERD[name]) == once


def test_to_hold_the_places_is_baseline_with_as_many_as_animals_are_there() -> None:
    payload = complete(apply_preset(EDITED, OF_A_HERD[HOLD_THE_PLACES]))

    places = {"places_milking": 60, "places_head": 112, "sell_pregnant": True, "cull_cows": True}
    assert payload == complete(apply_preset(EDITED, BUILT_IN["baseline"])) | places


@pytest.mark.parametrize("counts", [None, dict.fromkeys(COUNTS, 0)])
def test_without_a_herd_there_are_no_places_to_hold(counts: dict[str, int] | None) -> None:
    assert built_in(counts) == BUILT_IN


def test_baseline_takes_places_away() -> None:
    held = apply_preset({}, OF_A_HERD[HOLD_THE_PLACES])

    assert complete(apply_preset(held, BUILT_IN["baseline"])) == complete({})


@pytest.mark.parametrize(("name", "change"), NEW.items())
def test_a_new_preset_is_baseline_but_for_one_change(name: str, change: dict[str, Any]) -> None:
    payload = complete(apply_preset(EDITED, BUILT_IN[name]))

    baseline = complete(apply_preset(EDITED, BUILT_IN["baseline"]))
    purchases = [] if name == "keep the cows" else baseline["purchases"]
    model = baseline["model"] | change.get("model", {})
    assert payload == baseline | change | {"model": model, "purchases": purchases}


@pytest.mark.parametrize("language", languages())
def test_every_built_in_preset_has_a_name_and_a_line_on_what_it_changes(language: str) -> None:
    words = wording(language)
    told = [
        words.text(f"{part}.{text_key(name)}") for name in OF_A_HERD for part in ("preset", "preset_about")
    ]

    assert len(set(told)) == 2 * len(OF_A_HERD)
    assert all("\n" not in text and len(text) <= 80 for text in told)


def test_baseline_brings_all_assumptions_back_to_their_defaults() -> None:
    payload = complete(apply_preset(EDITED, BUILT_IN["baseline"]))

    experiment = ("dataset_id", "seed", "mc_runs", "horizon_months", "future_date")
    assert payload == complete({name: EDITED[name] for name in (*experiment, "purchases")})


def test_conservative_names_five_fields_and_leaves_the_rest() -> None:
    payload = complete(apply_preset(EDITED, BUILT_IN["conservative"]))

    expected = complete(EDITED)
    expected |= {"mode": "theoretical", "purchase_policy": "manual", "confidence_central": 0.90}
    expected["model"] |= {"population_regulation": 0.85, "max_service_period_after_vwp": 260}
    assert payload == expected


def test_aggressive_buys_by_forecast_and_clears_the_purchases() -> None:
    payload = complete(apply_preset(EDITED, BUILT_IN["aggressive"]))

    expected = complete(EDITED)
    expected |= {"mode": "empirical", "purchase_policy": "auto_forecast", "lead_time_days": 90}
    expected |= {"confidence_central": 0.75, "purchases": []}
    expected["model"] |= {"population_regulation": 1.0, "max_service_period_after_vwp": 340}
    assert payload == expected


def test_laying_a_preset_over_a_payload_changes_neither() -> None:
    before = complete(EDITED)

    result = apply_preset(before, BUILT_IN["aggressive"])
    result["model"]["gestation_lo"] = 250
    result["purchases"].append("x")

    assert before == complete(EDITED)
    assert BUILT_IN["aggressive"]["purchases"] == []
    assert "gestation_lo" not in BUILT_IN["aggressive"]["model"]


def test_a_preset_without_a_model_leaves_the_model_alone() -> None:
    assert apply_preset(EDITED, {"seed": 6}) == {**EDITED, "seed": 6}


def test_equal_content_has_one_hash() -> None:
    a = {"seed": 1, "model": {"gestation_sigma": 2, "gestation_lo": 275}, "future_date": "2027-01-01"}
    b = {"future_date": date(2027, 1, 1), "model": {"gestation_lo": 275, "gestation_sigma": 2.0}, "seed": 1}

    assert content_hash(a) == content_hash(b)
    assert content_hash(a) != content_hash({**a, "seed": 2})


def test_the_hash_of_content_can_be_computed_by_hand() -> None:
    # printf '{"seed":1}' | sha256sum
    assert content_hash({"seed": 1}) == "fbe47f6d82b435a89f6e6fca65ad16138195de06c5fc3ffb66826a76e64e479f"
