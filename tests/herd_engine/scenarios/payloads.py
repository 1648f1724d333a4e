"""Payloads for tests: the limits that the schema page states, and a strategy of valid payloads."""

import math
from datetime import date, timedelta
from typing import Any, NamedTuple

from hypothesis import strategies as st


class Limit(NamedTuple):
    """A field with one of its limits and the neighbours that let it have this value."""

    path: str
    value: float
    beyond: float
    beside: dict[str, Any]


def _limits(
    path: str,
    low: float,
    high: float,
    beside_low: dict[str, Any] | None = None,
    beside_high: dict[str, Any] | None = None,
) -> list[Limit]:
    """Give both limits with one step beyond, and the neighbours that each of them needs."""
    if isinstance(low, int):
        below, above = low - 1, high + 1
    else:
        below, above = math.nextafter(low, -math.inf), math.nextafter(high, math.inf)
    return [Limit(path, low, below, beside_low or {}), Limit(path, high, above, beside_high or {})]


ARRIVAL = {"date_in": "2026-05-01"}
PREGNANT = {**ARRIVAL, "days_pregnant": 150}

NOT_CALIBRATED = {
    "min_first_insem_age_days",
    "voluntary_waiting_period",
    "max_service_period_after_vwp",
    "population_regulation",
    "gestation_lo",
    "gestation_hi",
    "gestation_mu",
    "gestation_sigma",
    "heifer_birth_prob",
}
"""Fields of the model that the default mode does not read."""

CALIBRATED = [
    *_limits("model.culling_intensity", 0.3, 2.0),
    *_limits("model.heifer_sales_intensity", 0.0, 3.0),
    *_limits("model.conception_intensity", 0.5, 2.0),
    *_limits("model.waiting_period_change", -60, 120),
    *_limits("model.calf_loss", 0.0, 0.5),
    *_limits("model.female_fraction", 0.05, 0.95),
    *_limits("model.stillbirth_first", 0.0, 0.5),
    *_limits("model.stillbirth_later", 0.0, 0.5),
    *_limits("model.twinning_first", 0.0, 0.2),
    *_limits("model.twinning_later", 0.0, 0.2),
    *_limits("model.pregnancy_loss_heifer", 0.0, 0.5),
    *_limits("model.pregnancy_loss_cow", 0.0, 0.5),
    *_limits("model.gestation_mean", 265.0, 295.0),
    *_limits("model.gestation_sd", 1.0, 10.0),
]

LIMITS = [
    *_limits("horizon_months", 1, 120),
    *_limits("seed", 0, 9_007_199_254_740_991),
    *_limits("mc_runs", 1, 50_000),
    *_limits("lead_time_days", 1, 365),
    *_limits("confidence_central", 0.50, 0.99),
    *_limits("places_milking", 1, 100_000),
    *_limits("places_head", 1, 100_000),
    *_limits("model.min_first_insem_age_days", 250, 800),
    *_limits("model.voluntary_waiting_period", 0, 200),
    *_limits("model.max_service_period_after_vwp", 50, 600),
    *_limits("model.max_days_in_milk", 200, 1000),
    *_limits("model.population_regulation", 0.0, 1.0),
    *_limits("model.gestation_lo", 240, 320, beside_high={"gestation_hi": 330, "gestation_mu": 320}),
    *_limits("model.gestation_hi", 240, 330, beside_low={"gestation_lo": 240, "gestation_mu": 240}),
    *_limits(
        "model.gestation_mu",
        240.0,
        320.0,
        beside_low={"gestation_lo": 240},
        beside_high={"gestation_hi": 320},
    ),
    *_limits("model.gestation_sigma", 0.1, 20.0),
    *_limits("model.heifer_birth_prob", 0.0, 1.0),
    *_limits("model.purchased_days_to_calving_lo", 1, 280),
    *_limits("model.purchased_days_to_calving_hi", 1, 330),
    *CALIBRATED,
    *_limits("purchases.0.count", 1, 5000, PREGNANT, PREGNANT),
    *_limits("purchases.0.days_pregnant", 0, 280, ARRIVAL, ARRIVAL),
]


def payload_with(path: str, value: Any, beside: dict[str, Any]) -> dict[str, Any]:
    """Return a payload with one value at a path, its neighbours beside it, and a mode that reads it."""
    *parents, name = path.split(".")
    inner = {**beside, name: value}
    if not parents:
        return inner
    mode = {"mode": "empirical"} if name in NOT_CALIBRATED else {}
    return {**mode, parents[0]: inner if len(parents) == 1 else [inner]}


DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@st.composite
def _models(draw: st.DrawFn, mode: str | None) -> dict[str, Any]:
    calving_lo = draw(st.integers(1, 280))
    always = {
        "max_days_in_milk": draw(st.none() | st.integers(200, 1000)),
        "purchased_days_to_calving_lo": calving_lo,
        "purchased_days_to_calving_hi": draw(st.integers(calving_lo, 330)),
    }
    return always | draw(_calibrated() if mode in (None, "calibrated") else _of_the_file())


@st.composite
def _calibrated(draw: st.DrawFn) -> dict[str, Any]:
    fields = {
        low.path.removeprefix("model."): st.integers(low.value, high.value)
        if isinstance(low.value, int)
        else st.floats(low.value, high.value)
        for low, high in zip(CALIBRATED[::2], CALIBRATED[1::2], strict=True)
    }
    return draw(st.fixed_dictionaries({}, optional=fields | {"parameter_uncertainty": st.booleans()}))


@st.composite
def _of_the_file(draw: st.DrawFn) -> dict[str, Any]:
    lo = draw(st.integers(240, 320))
    hi = draw(st.integers(lo, 330))
    return {
        "min_first_insem_age_days": draw(st.integers(250, 800)),
        "voluntary_waiting_period": draw(st.integers(0, 200)),
        "max_service_period_after_vwp": draw(st.integers(50, 600)),
        "population_regulation": draw(st.floats(0, 1)),
        "gestation_lo": lo,
        "gestation_hi": hi,
        "gestation_mu": draw(st.floats(lo, min(hi, 320))),
        "gestation_sigma": draw(st.floats(0.1, 20)),
        "heifer_birth_prob": draw(st.floats(0, 1)),
    }


@st.composite
def _purchases(draw: st.DrawFn) -> dict[str, Any]:
    arrival = draw(DAYS)
    when = draw(
        st.fixed_dictionaries({"days_pregnant": st.integers(0, 280)})
        | st.fixed_dictionaries(
            {"expected_calving_date": st.dates(arrival, arrival + timedelta(days=330)).map(str)}
        )
    )
    return {"date_in": str(arrival), "count": draw(st.integers(1, 5000)), **when}


@st.composite
def valid_payloads(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a payload that keeps every rule and leaves out any of its fields."""
    mode = draw(st.sampled_from([None, "calibrated", "empirical", "theoretical"]))
    model = draw(_models(mode))
    policy = draw(st.sampled_from(["manual", "auto_counter", "auto_forecast"]))
    shortest_lead = model["purchased_days_to_calving_lo"] if policy == "auto_forecast" else 1
    payload = {
        "model": model,
        "purchase_policy": policy,
        "lead_time_days": draw(st.integers(shortest_lead, 365)),
        "purchases": draw(st.lists(_purchases(), max_size=3)) if policy == "manual" else [],
    }
    free = {
        "dataset_id": st.text(st.characters(codec="utf-8"), min_size=1),
        "report_date": DAYS.map(str),
        "horizon_months": st.integers(1, 120),
        "future_date": st.just("") | DAYS.map(lambda day: str(day.replace(day=1))),
        "seed": st.integers(0, 2**53 - 1),
        "mc_runs": st.integers(1, 50_000),
        "until_stable": st.booleans(),
        "confidence_central": st.floats(0.5, 0.99),
    }
    if mode is not None:
        payload["mode"] = mode
    return payload | draw(st.fixed_dictionaries({}, optional=free))
