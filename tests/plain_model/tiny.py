"""Herds of one to three animals and tables without chance, for rules worked out by hand.

The report date is 26 February 2026: day 3 is 1 March, day 34 is 1 April, day 64 is 1 May.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from herd_engine.engine.kernel.random_numbers import file_animal_key
from herd_engine.model.animals import NO_DAY, AnimalState, Herd
from herd_engine.model.scenario import Mode, ModelParameters, Scenario
from tests.plain_model.calibration import PlainTables
from tests.plain_model.simulator import PlainRun, simulate_plain

REPORT_DATE = date(2026, 2, 26)
NEVER = [0.0] * 12


@dataclass(frozen=True, kw_only=True)
class Beast:
    """One animal of the report date; days as in `Herd`."""

    state: AnimalState
    is_flagged: bool = False
    lactation: int = 1
    birth: int = -1000
    calving: int = NO_DAY
    conception: int = NO_DAY
    dry_off: int = NO_DAY
    expected_dry_off: int = NO_DAY
    expected_calving: int = NO_DAY


def heifer(birth: int, **more: Any) -> Beast:
    """Return a heifer born on a day."""
    return Beast(state=AnimalState.HEIFER, lactation=0, birth=birth, **more)


def pregnant_heifer(**more: Any) -> Beast:
    """Return a pregnant heifer."""
    return Beast(state=AnimalState.PREGNANT_HEIFER, lactation=0, **more)


def open_cow(calving: int, **more: Any) -> Beast:
    """Return an open cow that calved on a day."""
    return Beast(state=AnimalState.OPEN, calving=calving, **more)


def pregnant_cow(calving: int = -150, conception: int = -50, **more: Any) -> Beast:
    """Return a pregnant cow in milk."""
    return Beast(state=AnimalState.PREGNANT, calving=calving, conception=conception, **more)


def dry_cow(**more: Any) -> Beast:
    """Return a dry cow."""
    return Beast(state=AnimalState.DRY, calving=-300, **more)


def herd(*beasts: Beast, report_date: date = REPORT_DATE) -> Herd:
    """Return a herd whose animals have the ids "0", "1", ..."""

    def column(name: str, kind: Any = np.int32) -> Any:
        return np.array([getattr(beast, name) for beast in beasts], kind)

    days = ("lactation", "birth", "calving", "conception", "dry_off", "expected_dry_off", "expected_calving")
    return Herd(
        report_date=report_date,
        animal_ids=np.array([str(i) for i in range(len(beasts))], object),
        state=column("state", np.int8),
        is_flagged=column("is_flagged", np.bool_),
        insemination=np.full(len(beasts), NO_DAY, np.int32),
        excluded={},
        **{name: column(name) for name in days},
    )


def tables(**changes: Any) -> PlainTables:
    """Return tables without chance and without culling."""
    certain = {
        "age_at_conception": {400: 1.0},
        "service_period": {100: 1.0},
        "conception_to_dry": {220: 1.0},
        "gestation": {278: 1.0},
        "leaving_by_lactation": {0: 0.0},
        "leaving_by_month": NEVER,
        "flagged_heifer_leaving": 0.0,
        "flagged_cow_leaving": 0.0,
    }
    return PlainTables(**(certain | changes))


def scenario(horizon_months: int = 12, **changes: Any) -> Scenario:
    """Return a scenario: empirical, bull calves only, unregulated culling, unless told otherwise."""
    own = {key: changes.pop(key) for key in list(changes) if key in Scenario.__dataclass_fields__}
    model = {"heifer_birth_prob": 0.0, "population_regulation": 1.0} | changes
    return Scenario(mode=Mode.EMPIRICAL, horizon_months=horizon_months, model=ModelParameters(**model), **own)


def play(some_herd: Herd, some_tables: PlainTables | None = None, **changes: Any) -> PlainRun:
    """Simulate run 0 of seed 1."""
    return simulate_plain(some_herd, some_tables or tables(), scenario(**changes), run=0, seed=1)


def story(run: PlainRun, animal: int | None = None, *, until: int = 10_000) -> list[tuple[int, str]]:
    """Return day and kind of the events of one animal, or of all, up to a day."""
    key = None if animal is None else file_animal_key(str(animal))
    return [
        (event.day, event.kind) for event in run.events if key in (None, event.key) and event.day <= until
    ]
