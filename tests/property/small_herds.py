"""Strategies: small herds, tables and scenarios, anywhere within their ranges."""

from datetime import date
from typing import Any

import numpy as np
from hypothesis import strategies as st

from herd_engine.model.animals import NO_DAY, AnimalState, Herd
from herd_engine.model.scenario import Mode, ModelParameters, Purchase, PurchasePolicy, Scenario
from herd_engine.model.tables import DayDistribution, Tables
from tests.herds import herd

REPORT_DATES = [date(2026, 2, 26), date(2024, 2, 28), date(2025, 12, 31), date(2027, 1, 1)]
HAZARDS = st.sampled_from([0.0, 0.0005, 0.003, 0.02, 0.3, 1.0])


def plans(latest: int) -> st.SearchStrategy[int]:
    """An expected day, overdue ones included, or none."""
    return st.one_of(st.just(NO_DAY), st.integers(-100, latest))


@st.composite
def animals(draw: st.DrawFn, number: int) -> dict[str, Any]:
    """One animal in any state, with dates that do not contradict each other."""
    state = draw(st.sampled_from(AnimalState))
    animal: dict[str, Any] = {
        "animal_id": f"{number}",
        "state": state,
        "is_flagged": draw(st.booleans()) and draw(st.booleans()),
        "birth": -draw(st.integers(0, 5000)),
        "expected_calving": draw(plans(330)),
        "expected_dry_off": draw(plans(330)),
    }
    pregnant = st.integers(0, 320)
    if state == AnimalState.PREGNANT_HEIFER:
        animal["conception"] = -draw(pregnant)
    if state >= AnimalState.OPEN:
        since = draw(st.integers(0, 900))
        animal |= {"lactation": draw(st.integers(1, 12)), "calving": -since}
        if state == AnimalState.PREGNANT or (state == AnimalState.DRY and draw(st.booleans())):
            animal["conception"] = -min(draw(pregnant), since)
        if state == AnimalState.DRY:
            animal["dry_off"] = -draw(st.integers(0, min(since, 200)))
    return animal


@st.composite
def herds(draw: st.DrawFn, most: int = 12) -> Herd:
    """A herd of no to ``most`` animals; classes are often empty."""
    size = draw(st.integers(0, most))
    rows = [draw(animals(number)) for number in range(size)]
    return herd(*rows, report_date=draw(st.sampled_from(REPORT_DATES)))


@st.composite
def laws(draw: st.DrawFn, first: int, last: int) -> DayDistribution:
    """A distribution over some of the days ``first`` … ``last``, with gaps."""
    low, high = sorted(draw(st.tuples(st.integers(first, last), st.integers(first, last))))
    weights = np.random.default_rng(draw(st.integers(0, 9))).integers(0, 3, high - low + 1).astype(float)
    weights[[0, -1]] = 1.0
    return DayDistribution(first_day=low, probability=weights / weights.sum(), n_observed=1)


@st.composite
def tables(draw: st.DrawFn) -> Tables:
    """Tables of any farm, sane or not."""
    return Tables(
        age_at_conception=draw(laws(1, 900)),
        service_period=draw(laws(1, 700)),
        conception_to_dry_off=draw(laws(1, 330)),
        gestation=draw(laws(240, 330)),
        lactation_hazard=np.array(draw(st.lists(HAZARDS, min_size=1, max_size=6))),
        month_hazard=np.array(draw(st.lists(HAZARDS, min_size=12, max_size=12)))
        * draw(st.sampled_from([0.0, 0.1, 1.0])),
        flagged_hazard=np.array(draw(st.tuples(HAZARDS, HAZARDS))),
    )


@st.composite
def parameters(draw: st.DrawFn) -> ModelParameters:
    """Parameters anywhere within their ranges, often at the ends."""
    cap = st.one_of(st.none(), st.sampled_from([200, 1000]), st.integers(200, 1000))
    return ModelParameters(
        min_first_insem_age_days=draw(st.integers(250, 800)),
        voluntary_waiting_period=draw(st.sampled_from([0, 50, 200])),
        max_service_period_after_vwp=draw(st.integers(50, 600)),
        max_days_in_milk=draw(cap),
        population_regulation=draw(st.sampled_from([0.0, 0.5, 1.0])),
        heifer_birth_prob=draw(st.sampled_from([0.0, 0.5, 1.0])),
        purchased_days_to_calving_hi=draw(st.sampled_from([1, 280, 330])),
    )


@st.composite
def scenarios(draw: st.DrawFn, report_date: date, most_months: int = 36) -> Scenario:
    """A scenario of any policy; manual ones may buy in their first year."""
    policy = draw(st.sampled_from(PurchasePolicy))
    months = draw(st.integers(1, most_months))
    purchases: tuple[Purchase, ...] = ()
    if policy is PurchasePolicy.MANUAL:
        ordinals = draw(st.lists(st.integers(0, min(27, months)), max_size=3))
        purchases = tuple(
            Purchase(
                date_in=date.fromordinal(report_date.toordinal() + ordinal),
                count=draw(st.integers(1, 3)),
                days_pregnant=draw(st.integers(0, 280)),
            )
            for ordinal in ordinals
            if date.fromordinal(report_date.toordinal() + ordinal).month == report_date.month
        )
    return Scenario(
        mode=Mode.EMPIRICAL,
        horizon_months=months,
        purchase_policy=policy,
        lead_time_days=draw(st.sampled_from([1, 90, 365])),
        model=draw(parameters()),
        purchases=purchases,
    )


@st.composite
def forecasts(draw: st.DrawFn, most_months: int = 36) -> tuple[Herd, Tables, Scenario]:
    """Everything that a simulation needs."""
    some_herd = draw(herds())
    return some_herd, draw(tables()), draw(scenarios(some_herd.report_date, most_months))
