"""What the farm's herd software knows of each animal on the report date."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from herd_engine.model.animals import NO_DAY
from herd_engine.sample.breeding import Days, confirmations
from herd_engine.sample.farm import SampleFarm
from herd_engine.sample.lives import Lactation

ARCHIVE_WINDOW_DAYS = 730
"""Animals that left earlier are not exported."""

SOLD, DEAD, FLAGGED, HEIFER, FRESH, INSEMINATED, READY, PREGNANT, DRY, CLOSE_UP = range(10)
STATUS_TEXTS = (
    "Продана",
    "Мертвое животное",
    "Брак",
    "Телка",
    "Новотельное животное",
    "Осемененная",
    "Готова к осеменению",
    "Стельная",
    "В сухостое",
    "В позднем сухостое",
)
"""The export's words, by status code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of the export as arrays, shape (n_rows,); days count from the report date, ``NO_DAY`` if empty.

    Attributes
    ----------
    animal : ndarray of int64
        Position of the animal among the births of its batch.
    birth, archive, calving, insemination, conception, dry_off : ndarray of int32
        What the file says; an unconfirmed pregnancy has no ``conception`` here.
    lactation, days_in_milk, days_pregnant : ndarray of int32
        ``NO_DAY`` where the file is empty.
    status : ndarray of int8
        Position in ``STATUS_TEXTS``.
    hidden_conception : ndarray of int32
        Truth: day of conception of an animal on the farm whose pregnancy is not confirmed yet.
    """

    animal: NDArray[np.int64]
    birth: Days
    archive: Days
    lactation: Days
    calving: Days
    days_in_milk: Days
    status: NDArray[np.int8]
    insemination: Days
    conception: Days
    days_pregnant: Days
    dry_off: Days
    hidden_conception: Days

    @property
    def is_on_farm(self) -> NDArray[np.bool_]:
        """Animals that have not left."""
        on_farm: NDArray[np.bool_] = self.archive == NO_DAY
        return on_farm

    def select(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> "Rows":
        """Return some rows, in the given order."""
        return Rows(**{item.name: getattr(self, item.name)[rows] for item in fields(Rows)})


def join_rows(parts: list[Rows]) -> Rows:
    """Put rows one after the other."""
    return Rows(
        **{item.name: np.concatenate([getattr(part, item.name) for part in parts]) for item in fields(Rows)}
    )


def last_lactations(farm: SampleFarm, lactation: Lactation, report_weekday: int) -> Rows:
    """Return the rows of those for which this is the lactation that the export shows."""
    is_started = lactation.start <= 0
    is_over = lactation.calves_again & (lactation.next_calving <= 0)
    is_recent = lactation.exit >= -ARCHIVE_WINDOW_DAYS
    return _rows(farm, lactation.select(is_started & ~is_over & is_recent), report_weekday)


def _rows(farm: SampleFarm, shown: Lactation, report_weekday: int) -> Rows:
    has_left = shown.exit <= 0
    end = np.minimum(shown.exit, 0)
    insemination = _latest(shown.services, np.minimum(end, shown.flag))
    verdict = confirmations(farm, insemination, report_weekday)
    is_pregnant = (shown.conception <= end) & (verdict <= end)
    conception = _known(shown.conception, is_pregnant)
    dry_off = _known(shown.dry_off, shown.dry_off <= end)
    is_cow = shown.number > 0
    milked_until = np.where(dry_off == NO_DAY, end, dry_off)
    is_hidden = ~has_left & (shown.conception <= 0) & ~is_pregnant
    rows = Rows(
        animal=shown.animal,
        birth=shown.birth,
        archive=_known(shown.exit, has_left),
        lactation=np.full_like(shown.birth, shown.number),
        calving=_known(shown.start, np.full_like(has_left, is_cow)),
        days_in_milk=_known(milked_until - shown.start, np.full_like(has_left, is_cow)),
        status=np.where(shown.is_death, DEAD, SOLD).astype(np.int8),
        insemination=insemination,
        conception=conception,
        days_pregnant=_known(end - shown.conception, is_pregnant),
        dry_off=dry_off,
        hidden_conception=_known(shown.conception, is_hidden),
    )
    rows.status[:] = np.where(has_left, rows.status, _status(farm, rows, verdict, shown.flag <= 0))
    return rows


def _status(farm: SampleFarm, rows: Rows, verdict: Days, is_flagged: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Return the status of animals on the farm: the first that applies."""
    is_pregnant = rows.conception != NO_DAY
    is_dry = rows.dry_off != NO_DAY
    is_heifer = rows.lactation == 0
    is_close = is_pregnant & (rows.days_pregnant >= farm.calving_plan_days - farm.close_up_days)
    is_served = rows.insemination != NO_DAY
    choices = [
        (is_flagged, FLAGGED),
        (is_close & (is_dry | is_heifer), CLOSE_UP),
        (is_dry, DRY),
        (is_pregnant, PREGNANT),
        (is_served & (verdict > 0), INSEMINATED),
        (is_served, READY),
        (is_heifer, HEIFER),
    ]
    return np.select([claim for claim, _ in choices], [code for _, code in choices], FRESH).astype(np.int8)


def _latest(services: Days, until: Days) -> Days:
    """Return each animal's last service that is not after ``until``; ``NO_DAY`` without any."""
    latest: Days = np.where(services <= until[:, None], services, NO_DAY).max(axis=1).astype(np.int32)
    return latest


def _known(day: Days, is_known: NDArray[np.bool_]) -> Days:
    return np.where(is_known, day, NO_DAY).astype(np.int32)
