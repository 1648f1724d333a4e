"""The herd at an earlier date, rebuilt from a later file without what was not known yet."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from herd_engine.calibration.habits import Habits
from herd_engine.calibration.keyed_numbers import WAITING, keyed_uniforms
from herd_engine.calibration.lactations import Days, Lactations
from herd_engine.calibration.waiting import place_flags, place_services
from herd_engine.datasets.snapshot import herd_on_report_date
from herd_engine.model.animals import NO_DAY, PRESENCE_CODES, AnimalRecords, Herd, Presence
from herd_engine.model.backtest import Coverage
from herd_engine.model.farm_calendar import day_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewound:
    """A herd at an earlier date.

    Attributes
    ----------
    records : AnimalRecords
        What the file would have held then (of those that had left, only what today's file still has);
        its report date is the origin.
    herd : Herd
        The animals on the farm.
    coverage : Coverage
    """

    records: AnimalRecords
    herd: Herd
    coverage: Coverage


def rewind(records: AnimalRecords, origin: date, lactations: Lactations, habits: Habits) -> Rewound:
    """Rebuild the herd at the end of an earlier day.

    Parameters
    ----------
    records : AnimalRecords
    origin : date
        The report date (which gives the records themselves) or earlier.
    lactations : Lactations
        Of these records, by ``rebuild_lactations``.
    habits : Habits

    Notes
    -----
    A fact counts if it is dated by the origin. Three kinds are not dated, and known on the report date
    only: cull flags (placed anew), the plan of the herd software (planned anew) and how an animal left.
    A conception is known once the farm's lag has passed, or at the end of the animal's record.
    """
    shown = _at(lactations, records, day_number(origin, records.report_date))
    filed = _as_filed(records, origin, shown, habits)
    rewound = filed
    if origin < records.report_date:
        u = keyed_uniforms(filed, 3, WAITING)
        rewound = place_services(filed, habits.waiting, u[:, :2])
        rewound = place_flags(rewound, habits.waiting, u[:, 2])
    return Rewound(
        records=rewound,
        herd=herd_on_report_date(rewound, {}),
        coverage=_coverage(records, shown, filed, rewound),
    )


def _as_filed(records: AnimalRecords, origin: date, shown: Lactations, habits: Habits) -> AnimalRecords:
    """Return what is known of the origin, before anything is placed."""
    day, rows = day_number(origin, records.report_date), shown.animal
    archive, presence = records.archive[rows].astype(np.int64), records.presence[rows]
    conception = _known_conceptions(shown, archive, habits, day)
    plans = {"expected_dry_off": habits.dry_off_plan, "expected_calving": habits.calving_plan}
    state: dict[str, NDArray[np.integer]] = {
        "birth": records.birth[rows],
        "archive": _until(archive, day),
        "calving": np.where(shown.number == 0, NO_DAY, shown.start),
        "conception": conception,
        "dry_off": _until(shown.dry_off, day),
        "insemination": _until(shown.insemination, day),
        **{name: getattr(records, name)[rows] for name in plans},
    }
    if day < 0:
        state |= {name: _planned(conception, plan) for name, plan in plans.items()}
        undone = (archive > day) | (presence == PRESENCE_CODES.index(Presence.CULL_FLAGGED))
        presence = np.where(undone, PRESENCE_CODES.index(Presence.ON_FARM), presence).astype(np.int8)
    place = np.full(records.n_animals, -1)
    place[rows] = np.arange(len(rows))
    happened = records.events.only(records.events.day <= day)
    return AnimalRecords(
        report_date=origin,
        animal_ids=records.animal_ids[rows],
        lactation=shown.number.astype(np.int32),
        presence=presence,
        events=happened.of_animals(place).counted_from(day),
        complete_from=min(records.complete_from - day, 1),
        **{name: _counted_from(values, day) for name, values in state.items()},
    )


def _at(lactations: Lactations, records: AnimalRecords, day: int) -> Lactations:
    """Return the lactation that each animal born by then was in, or had left in, in the records' order."""
    born = records.birth[lactations.animal] <= day
    running = lactations.select(born & (lactations.start <= day) & (day < lactations.next_calving))
    return running.select(np.argsort(running.animal, kind="stable"))


def _known_conceptions(shown: Lactations, archive: Days, habits: Habits, day: int) -> Days:
    end_of_record = np.where(archive == NO_DAY, 0, archive)
    confirmed = np.minimum(shown.conception + habits.confirmation_lag, end_of_record)
    return np.where(confirmed <= day, shown.conception, NO_DAY)


def _until(days: Days, day: int) -> Days:
    return np.where(days <= day, days, NO_DAY)


def _planned(conception: Days, plan: int | None) -> Days:
    planned = NO_DAY if plan is None else conception + plan
    return np.where(conception == NO_DAY, NO_DAY, planned)


def _counted_from(days: NDArray[np.integer], day: int) -> NDArray[np.int32]:
    return np.where(days == NO_DAY, NO_DAY, days.astype(np.int64) - day).astype(np.int32)


def _coverage(
    records: AnimalRecords, shown: Lactations, filed: AnimalRecords, rewound: AnimalRecords
) -> Coverage:
    here = (rewound.archive == NO_DAY) & rewound.has_presence(Presence.ON_FARM, Presence.CULL_FLAGGED)
    steps, number, today = shown.steps_back[here], shown.number[here], shown.animal[here]
    day = day_number(rewound.report_date, records.report_date)
    hidden = (shown.conception != NO_DAY) & (shown.conception <= day) & (rewound.conception == NO_DAY)
    unknown = rewound.has_presence(Presence.SOLD, Presence.DEAD, Presence.MOVED)
    exact = int((steps == 0).sum())
    return Coverage(
        animals=len(steps),
        exact=exact,
        conception_rebuilt=int(((steps == 1) & (number == 0)).sum()),
        calving_rebuilt=int(((steps == 1) & (number > 0)).sum()),
        two_calvings_since=int((steps > 1).sum()),
        share_exact=exact / max(1, len(steps)),
        came_back=int((records.archive[today] != NO_DAY).sum()),
        not_born=int((records.birth > day).sum()),
        unknown_leaving=int((unknown & (rewound.archive == NO_DAY)).sum()),
        unknown_calving=int((here & (rewound.lactation > 0) & (rewound.calving == NO_DAY)).sum()),
        pregnancies_hidden=int((hidden & here).sum()),
        services_placed=int((rewound.insemination != filed.insemination).sum()),
        flags_placed=int((rewound.presence != filed.presence).sum()),
    )
