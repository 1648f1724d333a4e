"""Reads a farm export as a person would, with nothing of the code that wrote it."""

import csv
from datetime import date, datetime
from functools import lru_cache

import numpy as np
import pandas as pd

HEADERS = [
    "Номер животного",
    "Дата рождения",
    "Дата архива",
    "Лактация",
    "Дата начала тек.лакт",
    "Дни в доении",
    "Статус коровы",
    "Дата осеменения",
    "Дата успешного осеменения",
    "Дни стельности",
    "Дата запуска тек.лакт",
    "Дата ожидаемого запуска",
    "Дата ожидаемого отела",
]
NAMES = [
    "id",
    "birth",
    "archive",
    "lactation",
    "calving",
    "days_in_milk",
    "status",
    "insemination",
    "conception",
    "days_pregnant",
    "dry_off",
    "expected_dry_off",
    "expected_calving",
]
FACTS = ["birth", "archive", "calving", "insemination", "conception", "dry_off"]
DATES = [*FACTS, "expected_dry_off", "expected_calving"]
NUMBERS = ["id", "lactation", "days_in_milk", "days_pregnant"]


def cells(data: bytes) -> list[list[str]]:
    """Return the texts of all lines, the header first."""
    return list(csv.reader(data.decode("utf-8-sig").split("\n"), delimiter=";"))


def table(data: bytes, report_date: date) -> pd.DataFrame:
    """Return the rows with days counted from the report date; empty cells are NaN."""
    frame = pd.DataFrame(cells(data)[1:], columns=NAMES)
    for name in DATES:
        frame[name] = [_day(text, report_date) for text in frame[name]]
    for name in NUMBERS:
        frame[name] = [float(int(text)) if text else np.nan for text in frame[name]]
    return frame


@lru_cache(maxsize=50_000)
def _day(text: str, report_date: date) -> float:
    if not text:
        return np.nan
    day = datetime.strptime(text, "%d.%m.%Y").date()  # noqa: DTZ007 - the file's dates have no zone
    return float((day - report_date).days)
