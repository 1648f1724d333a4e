"""The truth beside a sample file: the farm, and what happened that the file does not show."""

from datetime import date, timedelta
from typing import Any

import numpy as np

from herd_engine.model.animals import NO_DAY
from herd_engine.sample.equilibrium import equilibrium
from herd_engine.sample.farm import SampleFarm
from herd_engine.sample.herd import SampleHerd
from herd_engine.sample.leaving import DAYS_PER_YEAR
from herd_engine.sample.snapshot import ARCHIVE_WINDOW_DAYS, STATUS_TEXTS

_ABOUT = {
    "parameters": "every parameter of the farm: value, and meaning with unit and source",
    "equilibrium": "what keeps the herd's size: heifers beyond the need are sold; lives lived to their end",
    "on_report_date": "animals by true state (a pregnancy that is not confirmed yet is a pregnancy), and by "
    "status as the file says, before any injected problem",
    "unconfirmed_pregnancies": "on the farm and pregnant, though the file does not know yet",
    "window": "what happened in the days before the report date, of all animals and lactations, shown or not",
    "future": "the same farm's herd at the end of month starts to come, nothing changed: one possible future",
    "problems": "faults put into the file; line 1 is the header",
}


def make_truth(
    farm: SampleFarm, herd: SampleHerd, report_date: date, seed: int, problems: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return the truth as a dict fit for JSON."""
    return {
        "about": _ABOUT,
        "report_date": report_date.isoformat(),
        "seed": seed,
        "parameters": farm.describe(),
        "equilibrium": _equilibrium(farm, herd),
        "on_report_date": _on_report_date(herd),
        "unconfirmed_pregnancies": _unconfirmed(herd, report_date),
        "window": _window(herd),
        "future": [
            {"date": _date(report_date, day), **herd.tally.herd_on(position)}
            for position, day in enumerate(herd.tally.days)
            if position
        ],
        "problems": problems,
    }


def _equilibrium(farm: SampleFarm, herd: SampleHerd) -> dict[str, Any]:
    found = equilibrium(farm)
    return {
        "live_heifer_calves_per_day": round(herd.births_per_day, 6),
        "reproduction_number_without_sales": round(found.reproduction_number, 4),
        "surplus_heifers_sold_share": round(found.surplus_share, 4),
        "calvings_per_heifer_calf": round(found.calvings_per_life, 4),
        "mean_herd_life_days": round(found.mean_herd_life_days, 2),
        "mean_herd_life_standard_error_days": round(found.mean_herd_life_se_days, 2),
    }


def _on_report_date(herd: SampleHerd) -> dict[str, Any]:
    rows = herd.rows
    by_status = np.bincount(rows.status, minlength=len(STATUS_TEXTS)).tolist()
    return {
        "animals_on_farm": int(rows.is_on_farm.sum()),
        "rows": len(rows.birth),
        "true_state": herd.tally.herd_on(0),
        "status_in_file": dict(zip(STATUS_TEXTS, by_status, strict=True)),
    }


def _unconfirmed(herd: SampleHerd, report_date: date) -> list[dict[str, str]]:
    found = np.flatnonzero(herd.rows.hidden_conception != NO_DAY)
    days = herd.rows.hidden_conception[found].tolist()
    return [
        {"id": str(number), "conception_date": _date(report_date, day)}
        for number, day in zip(herd.ids[found].tolist(), days, strict=True)
    ]


def _window(herd: SampleHerd) -> dict[str, Any]:
    tally = herd.tally
    n_conceptions = int(tally.conceptions[1:].sum())
    cow_days = int(tally.exposure_days[1:].sum())
    n_exits = int(tally.exits[1:].sum())
    return {
        "days": ARCHIVE_WINDOW_DAYS,
        "hazard_by_lactation": tally.rates(),
        "cow_exits_per_cow_year": round(n_exits / cow_days * DAYS_PER_YEAR, 6) if cow_days else None,
        "first_calvings": int(tally.calvings[1]),
        "calvings": int(tally.calvings[1:].sum()),
        "live_heifer_births": int(tally.calvings[0]),
        "cow_conceptions": n_conceptions,
        "mean_days_open": round(tally.days_open_sum / n_conceptions, 3) if n_conceptions else None,
    }


def _date(report_date: date, day: int) -> str:
    return (report_date + timedelta(days=day)).isoformat()
