"""Records of a herd file made by hand: every day in them is known."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from herd_engine.datasets.snapshot import herd_on_report_date
from herd_engine.model.animals import NO_DAY, PRESENCE_CODES, AnimalRecords, Herd, Presence

REPORT_DATE = date(2026, 2, 26)
_DAYS = (
    "birth",
    "archive",
    "calving",
    "conception",
    "dry_off",
    "insemination",
    "expected_dry_off",
    "expected_calving",
)


def records(*animals: Mapping[str, Any]) -> AnimalRecords:
    """Return records of animals; what is left out is not known, lactation 0, on the farm, years old."""
    defaults: dict[str, Any] = dict.fromkeys(_DAYS, NO_DAY) | {
        "birth": -2000,
        "lactation": 0,
        "presence": Presence.ON_FARM,
    }
    rows = [defaults | {"animal_id": f"A{number:03d}"} | dict(each) for number, each in enumerate(animals)]
    return AnimalRecords(
        report_date=REPORT_DATE,
        animal_ids=np.array([row["animal_id"] for row in rows], object),
        lactation=np.array([row["lactation"] for row in rows], np.int32),
        presence=np.array([PRESENCE_CODES.index(row["presence"]) for row in rows], np.int8),
        **{name: np.array([row[name] for row in rows], np.int32) for name in _DAYS},
    )


def herd_of(found: AnimalRecords) -> Herd:
    """Return the herd of records on their report date."""
    return herd_on_report_date(found, {})


def cow(days_in_milk: int, **more: Any) -> dict[str, Any]:
    """Return an open cow in her first lactation."""
    return {"lactation": 1, "calving": -days_in_milk, **more}


def in_calf(days_in_milk: int, days_pregnant: int, **more: Any) -> dict[str, Any]:
    """Return a cow in calf."""
    return cow(days_in_milk, conception=-days_pregnant, insemination=-days_pregnant, **more)
