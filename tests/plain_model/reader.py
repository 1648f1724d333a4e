"""The herd files that belong to the reference tables, read by hand."""

import csv
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from herd_engine.model.animals import NO_DAY, PRESENCE_CODES, AnimalRecords, AnimalState, Herd, Presence

STATUSES = {
    "Продана": Presence.SOLD,
    "Мертвое животное": Presence.DEAD,
    "Перемещена": Presence.MOVED,
    "Брак": Presence.CULL_FLAGGED,
}
DATE_COLUMNS = {
    "birth": "Дата рождения",
    "archive": "Дата архива",
    "calving": "Дата начала тек.лакт",
    "conception": "Дата успешного осеменения",
    "dry_off": "Дата запуска тек.лакт",
    "insemination": "Дата осеменения",
    "expected_dry_off": "Дата ожидаемого запуска",
    "expected_calving": "Дата ожидаемого отела",
}
FACTUAL = ("birth", "archive", "calving", "insemination", "conception", "dry_off")
PRESENT = (Presence.ON_FARM, Presence.CULL_FLAGGED)


def read_records(path: Path) -> AnimalRecords:
    """Read all rows of a herd file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [_parsed(row) for row in csv.DictReader(file, delimiter=";")]
    report_date = _report_date(rows)
    days = {
        name: np.array(
            [NO_DAY if row[name] is None else (row[name] - report_date).days for row in rows], np.int32
        )
        for name in DATE_COLUMNS
    }
    return AnimalRecords(
        report_date=report_date,
        animal_ids=np.array([row["id"] for row in rows], object),
        lactation=np.array([row["lactation"] for row in rows], np.int32),
        presence=np.array([PRESENCE_CODES.index(row["presence"]) for row in rows], np.int8),
        **days,
    )


def _parsed(row: dict[str, str]) -> dict[str, Any]:
    parsed: dict[str, Any] = {name: _date(row[column]) for name, column in DATE_COLUMNS.items()}
    parsed["id"] = row["Номер животного"]
    parsed["lactation"] = int(row["Лактация"])
    parsed["presence"] = STATUSES.get(row["Статус коровы"], Presence.ON_FARM)
    parsed["days_in_milk"] = int(row["Дни в доении"]) if row["Дни в доении"] else None
    return parsed


def _date(text: str) -> date | None:
    if not text:
        return None
    day, month, year = text.split(".")
    return date(int(year), int(month), int(day))


def _report_date(rows: list[dict[str, Any]]) -> date:
    """Most frequent calving + days in milk over active, non-dry cows; else the latest factual date."""
    votes = Counter(
        row["calving"] + timedelta(days=row["days_in_milk"])
        for row in rows
        if row["presence"] in PRESENT
        and row["archive"] is None
        and row["lactation"] >= 1
        and row["dry_off"] is None
        and row["calving"] is not None
        and row["days_in_milk"] is not None
    )
    if votes:
        return votes.most_common(1)[0][0]
    return max(row[name] for row in rows for name in FACTUAL if row[name] is not None)


def herd_of(records: AnimalRecords) -> Herd:
    """Return the animals present on the report date and their states."""
    present = (
        (records.birth != NO_DAY) & (records.archive == NO_DAY) & records.has_presence(*PRESENT)
    ).nonzero()[0]
    return Herd(
        report_date=records.report_date,
        animal_ids=records.animal_ids[present],
        state=np.array([_state(records, i) for i in present], np.int8),
        is_flagged=records.has_presence(Presence.CULL_FLAGGED)[present],
        lactation=records.lactation[present],
        birth=records.birth[present],
        calving=np.array([_calving(records, i) for i in present], np.int32),
        conception=records.conception[present],
        dry_off=records.dry_off[present],
        expected_dry_off=records.expected_dry_off[present],
        expected_calving=records.expected_calving[present],
        insemination=records.insemination[present],
        excluded={},
    )


def _state(records: AnimalRecords, i: int) -> AnimalState:
    is_pregnant = records.conception[i] != NO_DAY
    if records.lactation[i] == 0:
        return AnimalState.PREGNANT_HEIFER if is_pregnant else AnimalState.HEIFER
    if records.dry_off[i] != NO_DAY:
        return AnimalState.DRY
    return AnimalState.PREGNANT if is_pregnant else AnimalState.OPEN


def _calving(records: AnimalRecords, i: int) -> int:
    """The report date stands in for a cow's unknown calving date."""
    is_unknown_cow = records.lactation[i] > 0 and records.calving[i] == NO_DAY
    return 0 if is_unknown_cow else int(records.calving[i])
