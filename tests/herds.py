"""Herds and tables made by hand for tests: every number in them is known."""

from datetime import date
from typing import Any

import numpy as np

from herd_engine.model.animals import NO_DAY, AnimalState, Herd
from herd_engine.model.tables import DayDistribution, Tables

REPORT_DATE = date(2026, 2, 26)


def always(days: int) -> DayDistribution:
    """Return the distribution that is certain to give ``days``."""
    return DayDistribution(first_day=days, probability=np.ones(1), n_observed=1)


def spread(first: int, last: int) -> DayDistribution:
    """Return the uniform distribution over first … last."""
    n = last - first + 1
    return DayDistribution(first_day=first, probability=np.full(n, 1 / n), n_observed=n)


def tables(**changes: Any) -> Tables:
    """Return tables of a herd in which nothing is random and nobody leaves, but for ``changes``."""
    values: dict[str, Any] = {
        "age_at_conception": always(400),
        "service_period": always(100),
        "conception_to_dry_off": always(220),
        "gestation": always(280),
        "lactation_hazard": np.zeros(1),
        "month_hazard": np.zeros(12),
        "flagged_hazard": np.zeros(2),
    }
    return Tables(**(values | changes))


def herd(*animals: dict[str, Any], report_date: date = REPORT_DATE) -> Herd:
    """Return a herd of the given animals; what is left out is not known, not flagged, lactation 0."""
    defaults = {
        "state": AnimalState.HEIFER,
        "is_flagged": False,
        "lactation": 0,
        "birth": -3000,
        "calving": NO_DAY,
        "conception": NO_DAY,
        "dry_off": NO_DAY,
        "expected_dry_off": NO_DAY,
        "expected_calving": NO_DAY,
        "insemination": NO_DAY,
    }
    rows = [defaults | {"animal_id": str(number)} | animal for number, animal in enumerate(animals)]
    types = {"state": np.int8, "is_flagged": np.bool_}
    columns = {name: np.array([row[name] for row in rows], types.get(name, np.int32)) for name in defaults}
    ids = np.array([row["animal_id"] for row in rows], object)
    return Herd(report_date=report_date, animal_ids=ids, excluded={}, **columns)


def heifer(age: int, **more: Any) -> dict[str, Any]:
    return {"birth": -age, **more}


def open_cow(days_in_milk: int, **more: Any) -> dict[str, Any]:
    return {"state": AnimalState.OPEN, "lactation": 1, "calving": -days_in_milk, **more}


def pregnant_cow(days_in_milk: int, days_pregnant: int, **more: Any) -> dict[str, Any]:
    return {
        "state": AnimalState.PREGNANT,
        "lactation": 1,
        "calving": -days_in_milk,
        "conception": -days_pregnant,
        **more,
    }


def dry_cow(days_since_calving: int, days_pregnant: int, days_dry: int, **more: Any) -> dict[str, Any]:
    return pregnant_cow(days_since_calving, days_pregnant) | {
        "state": AnimalState.DRY,
        "dry_off": -days_dry,
        **more,
    }
