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

LIMITS = [
    *_limits("horizon_months", 1, 120),
    *_limits("seed", 0, 9_007_199_254_740_991),
    *_limits("mc_runs", 1, 50_000),
    *_limits("lead_time_days", 1, 365),
    *_limits("confidence_central", 0.50, 0.99),
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
    *_limits("purchases.0.count", 1, 5000, PREGNANT, PREGNANT),
    *_limits("purchases.0.days_pregnant", 0, 280, ARRIVAL, ARRIVAL),
]


def payload_with(path: str, value: Any, beside: dict[str, Any]) -> dict[str, Any]:
    """Return a payload with one value at a path, and its neighbours in the same object."""
    *parents, name = path.split(".")
    inner = {**beside, name: value}
    if not parents:
        return inner
    return {parents[0]: inner if len(parents) == 1 else [inner]}


DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@st.composite
def _models(draw: st.DrawFn) -> dict[str, Any]:
    lo = draw(st.integers(240, 320))
    hi = draw(st.integers(lo, 330))
    calving_lo = draw(st.integers(1, 280))
    return {
        "min_first_insem_age_days": draw(st.integers(250, 800)),
        "voluntary_waiting_period": draw(st.integers(0, 200)),
        "max_service_period_after_vwp": draw(st.integers(50, 600)),
        "max_days_in_milk": draw(st.none() | st.integers(200, 1000)),
        "population_regulation": draw(st.floats(0, 1)),
        "gestation_lo": lo,
        "gestation_hi": hi,
        "gestation_mu": draw(st.floats(lo, min(hi, 320))),
        "gestation_sigma": draw(st.floats(0.1, 20)),
        "heifer_birth_prob": draw(st.floats(0, 1)),
        "purchased_days_to_calving_lo": calving_lo,
        "purchased_days_to_calving_hi": draw(st.integers(calving_lo, 330)),
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
    model = draw(_models())
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
        "mode": st.sampled_from(["empirical", "theoretical"]),
        "confidence_central": st.floats(0.5, 0.99),
    }
    return payload | draw(st.fixed_dictionaries({}, optional=free))
