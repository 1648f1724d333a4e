"""A farm's export of a herd program, its dates written and damaged as spreadsheets do."""

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache

from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from herd_engine.datasets.importers.bringing import zipped
from herd_engine.datasets.importers.writers import FORMS
from herd_engine.sample import make_sample
from tests.property.file_forms import dates_as

Cell = str | int | date
Table = list[list[Cell]]
PROGRAMS = ("dc305", "dc305-events", "lely", "delpro", "selex", "1c")
"""Programs whose export is tables of texts."""
_FORMS = ("%Y-%m-%d 00:00:00", "%Y-%m-%d", "%d.%m.%Y", "%m/%d/%y")
_DATE = re.compile(r"\d{4}-\d\d-\d\d.*|\d\d\.\d\d\.\d{4}|\d\d/\d\d/\d\d")
_ZERO, _ZERO_1904 = date(1899, 12, 30), date(1904, 1, 1)


def serial(day: date) -> Cell:
    """Return a date as a number of days, as a spreadsheet counts them."""
    return (day - _ZERO).days


def serial_from_1904(day: date) -> Cell:
    """Return a date as a number of days, as old spreadsheets of the Mac count them."""
    return (day - _ZERO_1904).days


def exchanged(day: date) -> date:
    """Return what a program makes of a date whose day it takes for the month, where it can."""
    return day.replace(day=day.month, month=day.day) if day.day <= 12 else day


SOUND: Mapping[str, Callable[[date], Cell]] = {
    "DD.MM.YYYY": dates_as("%d.%m.%Y"),
    "ISO": dates_as("%Y-%m-%d"),
    "M/D/YYYY": dates_as("{m}/{d}/%Y"),
    "DD-Mon-YYYY": dates_as("%d-%b-%Y"),
    "YYYYMMDD": dates_as("%Y%m%d"),
    "serial number": serial,
    "typed": lambda day: day,
}
"""In each of these all dates of an export can be written."""
DAMAGED: Mapping[str, Callable[[date], Cell]] = {
    "serial number from 1904": serial_from_1904,
    "swapped, all typed": exchanged,
    "swapped, all ISO": lambda day: exchanged(day).isoformat(),
    "swapped, the others left": lambda day: exchanged(day) if day.day <= 12 else day.strftime("%d.%m.%Y"),
    "swapped, the others left as ISO": lambda day: exchanged(day) if day.day <= 12 else day.isoformat(),
}
"""What damages some of the columns of an export, or all."""


@dataclass(frozen=True, kw_only=True)
class Export:
    """How an export is written: ``dates`` everywhere but in the columns ``damaged``."""

    program: str
    dates: str = "ISO"
    damage: str = ""
    damaged: frozenset[str] = frozenset()
    place: str = "zip"


@cache
def tables_of(program: str, seed: int) -> dict[str, tuple[tuple[str | date, ...], ...]]:
    """Return the tables of a farm as a program writes them, dates read."""
    farm = make_sample(animals=120, seed=seed, with_events=FORMS[program].has_events)
    files = FORMS[program].write(farm)
    return {name.partition(".")[0]: tuple(map(tuple, _rows(data))) for name, data in files.items()}


def _rows(data: bytes) -> list[list[str | date]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1251")
    delimiter = ";" if ";" in text.splitlines()[-1] else ","
    return [
        [_read(cell.strip()) for cell in row] for row in csv.reader(io.StringIO(text), delimiter=delimiter)
    ]


def _read(text: str) -> str | date:
    if not _DATE.fullmatch(text):
        return text
    for form in _FORMS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return text


def date_columns(program: str, seed: int) -> list[str]:
    """Return the columns of dates of an export, as ``table/header``."""
    return [
        f"{name}/{place}"
        for name, rows in tables_of(program, seed).items()
        for place in range(len(rows[-2]))
        if any(isinstance(row[place], date) for row in rows if len(row) > place)
    ]


def write_export(seed: int, export: Export) -> bytes:
    """Return the bytes of a farm's export."""
    tables = {
        name: [[_cell(cell, f"{name}/{place}", export) for place, cell in enumerate(row)] for row in rows]
        for name, rows in tables_of(export.program, seed).items()
    }
    if export.place == "zip":
        return zipped({f"{name}.csv": _text(rows) for name, rows in tables.items()})
    return _workbook(tables, is_1904=export.place == "workbook of 1904")


def _cell(cell: str | date, column: str, export: Export) -> Cell:
    if isinstance(cell, str):
        return "" if cell == "00000000" else cell
    return DAMAGED[export.damage](cell) if column in export.damaged else SOUND[export.dates](cell)


def _text(rows: Table) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def _workbook(tables: Mapping[str, Table], *, is_1904: bool) -> bytes:
    book, out = Workbook(), io.BytesIO()
    book.remove(book.active)
    if is_1904:
        book.epoch = CALENDAR_MAC_1904
    for name, rows in tables.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(out)
    return out.getvalue()
