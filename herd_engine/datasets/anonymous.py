"""A herd file that may be given away: other numbers, other years, the same herd.

What a forecast is made of stays: states, days, months of the year. Its luck, and the earlier lactations that
an export does not show, are drawn by the animals' numbers: they come out otherwise, by chance alone.
"""

import csv
import hashlib
import io
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from herd_engine.model.animals import NO_DAY, PRESENCE_CODES, AnimalRecords, Presence

DAYS_OF_FOUR_YEARS = 1461
"""Within 1901 … 2099 the calendar of months is the same four years earlier: so is the forecast."""
EARLIEST = date(1951, 1, 1)
"""Before the first year that a contract reads nothing may be moved."""
MOST_STEPS = 15
COLUMNS = {
    "birth_date": "birth",
    "archive_date": "archive",
    "lactation_start_date": "calving",
    "insemination_date": "insemination",
    "successful_insemination_date": "conception",
    "dryoff_date": "dry_off",
    "expected_dryoff_date": "expected_dry_off",
    "expected_calving_date": "expected_calving",
}
STATUSES = {
    Presence.ON_FARM: "present",
    Presence.CULL_FLAGGED: "cull_flagged",
    Presence.SOLD: "sold",
    Presence.DEAD: "dead",
    Presence.MOVED: "moved",
}


def days_earlier(key: bytes, farm: str, first: date) -> int:
    """Return by how many days all dates of a farm are moved back: 4, 8, 12 … years, by the key alone.

    Parameters
    ----------
    key : bytes
        Secret; who has it can undo the export.
    farm : str
        Its id.
    first : date
        Earliest day of all of the farm's exports.
    """
    steps = min(MOST_STEPS, (first - EARLIEST).days // DAYS_OF_FOUR_YEARS)
    drawn = int.from_bytes(_digest(key, "days", farm, 8), "big")
    return DAYS_OF_FOUR_YEARS * (1 + drawn % steps) if steps > 0 else 0


def anonymised_csv(records: AnimalRecords, key: bytes, farm: str, earlier: int) -> bytes:
    """Return the records as a herd file with other numbers and earlier dates.

    Parameters
    ----------
    records : AnimalRecords
    key : bytes
    farm : str
    earlier : int
        Days, as ``days_earlier`` gives them.

    Returns
    -------
    bytes
        CSV. An animal has the same new number in every export of its farm, so that they can be joined; rows
        are in the order of the new numbers. Events beside the current lactation are left out.
    """
    report_date = records.report_date - timedelta(days=earlier)
    # A letter first: no spreadsheet takes it for a number.
    numbers = [f"a{_digest(key, 'animal', f'{farm}/{name}', 6).hex()}" for name in records.animal_ids]
    columns = [
        numbers,
        records.lactation.tolist(),
        [STATUSES[PRESENCE_CODES[code]] for code in records.presence],
        _texts(_days_in_milk(records)),
        *([_day(report_date, day) for day in getattr(records, name).tolist()] for name in COLUMNS.values()),
    ]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["animal_id", "lactation", "status", "days_in_milk", *COLUMNS])
    writer.writerows(sorted(zip(*columns, strict=True)))
    return out.getvalue().encode()


def first_day(records: AnimalRecords) -> date:
    """Return the earliest day that the records tell."""
    days = np.concatenate([getattr(records, name) for name in COLUMNS.values()])
    return records.report_date + timedelta(days=int(days[days != NO_DAY].min(initial=0)))


def _days_in_milk(records: AnimalRecords) -> NDArray[np.int64]:
    """Return the days in milk as herd programs count them: they stand still at dry-off and at leaving."""
    calving, dry, left = (getattr(records, n).astype(np.int64) for n in ("calving", "dry_off", "archive"))
    end = np.where(left == NO_DAY, 0, left)
    end = np.where((dry != NO_DAY) & (dry >= calving), np.minimum(end, dry), end)
    is_cow = (records.lactation > 0) & (calving != NO_DAY)
    return np.where(is_cow, end - calving, NO_DAY)


def _texts(values: NDArray[np.int64]) -> Iterator[str]:
    return ("" if value == NO_DAY else str(value) for value in values.tolist())


def _day(report_date: date, day: int) -> str:
    return "" if day == NO_DAY else (report_date + timedelta(days=day)).isoformat()


def _digest(key: bytes, kind: str, text: str, size: int) -> bytes:
    return hashlib.blake2b(text.encode(), key=key, person=kind.encode(), digest_size=size).digest()
