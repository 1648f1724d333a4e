"""A farm's herd file written in the forms that farms bring: dates, letters, headers, words, sheets, noise."""

import csv
import gzip
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from typing import Any

import numpy as np
from openpyxl import Workbook

from herd_engine.sample import make_sample

Cell = str | date
Row = dict[str, str]
COLUMNS = (
    *(
        "animal_id",
        "birth_date",
        "archive_date",
        "lactation",
        "lactation_start_date",
        "days_in_milk",
        "status",
    ),
    *("insemination_date", "successful_insemination_date", "days_pregnant", "dryoff_date"),
    *("expected_dryoff_date", "expected_calving_date"),
)
DATES = tuple(name for name in COLUMNS if name.endswith("_date"))

HEADERS: Mapping[str, Sequence[str]] = {
    "ru": (
        *("Номер животного", "Дата рождения", "Дата архива", "Лактация", "Дата начала тек.лакт"),
        *("Дни в доении", "Статус коровы", "Дата осеменения", "Дата успешного осеменения"),
        *("Дни стельности", "Дата запуска тек.лакт", "Дата ожидаемого запуска", "Дата ожидаемого отела"),
    ),
    "ru list": (
        *("Инв. №", "Дата рождения", "Дата выбытия", "Номер лактации", "Дата отёла", "Дней доения"),
        *("Статус животного", "Дата последнего осеменения", "Дата плодотворного осеменения"),
        *("Дней стельности", "Дата запуска", "Дата планового запуска", "Дата планового отела"),
    ),
    "en": (
        *("Ear tag", "Birth date", "Exit date", "Parity", "Last calving", "DIM", "Status", "Last service"),
        *("Conception", "Days pregnant", "Dry date", "Expected dry off", "Due date"),
    ),
    "dc305": (
        *("ID", "BDAT", "ARDAT", "LACT", "FDAT", "DIM", "RPRO", "HDAT", "CDAT", "DCC", "DDAT"),
        *("Dry-off due", "DUE"),
    ),
    "es": (
        *("Número de animal", "Fecha Nacimiento", "Fecha de baja", "Número Partos", "Fecha Último Parto"),
        *("Días en leche", "Estado", "Última inseminación", "Fecha de concepción", "Días de gestación"),
        *("Fecha de secado", "Fecha prevista de secado", "Due date"),
    ),
    "ours": COLUMNS,
}

WORDS: Mapping[str, Mapping[str, str]] = {
    "as they are": {},
    "ru": {
        "Продана": "Выбыла",
        "Мертвое животное": "Пала",
        "Перемещена": "Переведена",
        "Новотельное животное": "Новотельная",
        "Осемененная": "Осеменена",
        "Готова к осеменению": "Яловая",
        "Стельная": "Стельная",
        "В сухостое": "Сухостой",
        "В позднем сухостое": "Поздний сухостой",
        "Брак": "Не осеменять",
        "Телка": "Тёлка",
    },
    "undecided": {"Продана": "Выбракована"},
    "en": {
        "Продана": "Culled",
        "Мертвое животное": "Died",
        "Перемещена": "Transferred",
        "Новотельное животное": "Fresh",
        "Осемененная": "Bred",
        "Готова к осеменению": "Open",
        "Стельная": "Pregnant",
        "В сухостое": "Dry",
        "В позднем сухостое": "Close up",
        "Брак": "Do not breed",
        "Телка": "Heifer",
    },
}


def dates_as(pattern: str) -> Callable[[date], Cell]:
    """Return a writer of dates by a pattern of ``strftime``; ``{d}`` and ``{m}`` have no leading zeros."""
    return lambda day: day.strftime(pattern).format(d=day.day, m=day.month)


MONTHS_RU = ("янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
DATE_FORMS: Mapping[str, Callable[[date], Cell]] = {
    "DD.MM.YYYY": dates_as("%d.%m.%Y"),
    "D.M.YYYY": dates_as("{d}.{m}.%Y"),
    "ISO": dates_as("%Y-%m-%d"),
    "DD/MM/YYYY": dates_as("%d/%m/%Y"),
    "MM/DD/YYYY": dates_as("%m/%d/%Y"),
    "M/D/YYYY": dates_as("{m}/{d}/%Y"),
    "MM/DD/YY": dates_as("%m/%d/%y"),
    "DD-MM-YYYY": dates_as("%d-%m-%Y"),
    "YYYY/MM/DD": dates_as("%Y/%m/%d"),
    "YYYYMMDD": dates_as("%Y%m%d"),
    "DD.MM.YY": dates_as("%d.%m.%y"),
    "DD-Mon-YYYY": dates_as("%d-%b-%Y"),
    "D мес YYYY": lambda day: f"{day.day} {MONTHS_RU[day.month - 1]} {day.year}",
    "with a time": dates_as("%d.%m.%Y 00:00:00"),
    "12:00:00 AM": dates_as("{m}/{d}/%Y 12:00:00 AM"),
    "г.": dates_as("%d.%m.%Y г."),
    "midnight of Moscow in UTC": lambda day: (
        datetime(day.year, day.month, day.day, tzinfo=timezone(timedelta(hours=3)))
        .astimezone(UTC)
        .strftime("%Y-%m-%dT%H:%M:%SZ")
    ),
    "serial number": lambda day: str((day - date(1899, 12, 30)).days),
    "typed": lambda day: day,
}
ENCODINGS = ("utf-8", "utf-8-sig", "cp1251", "cp866", "koi8-r", "utf-16", "utf-16-le", "mac-cyrillic")
DELIMITERS = (";", ",", "\t", "|")
MISSING = ("", "NULL", "-", "N/A", "None", "\\N", "00.00.0000", "01.01.1900", "  .  .    ")
PLACES = (
    "text",
    "gz",
    "zip",
    "only sheet",
    "second sheet",
    "behind an old hidden copy",
    "behind an empty one",
)
NOISE = (
    *(
        "rows shuffled",
        "columns shuffled",
        "another column",
        "delimiters at row ends",
        "totals",
        "rows twice",
    ),
    *("padded", "crlf", "males", "earlier lactations", "numbers used again", "heifers without lactation"),
    *("sexes under another name", "calvings told twice", "rows twice with .0"),
    *("units below the head", "in quotes", "nameless columns"),
)
BOMBS = (
    *("none", "gone by an unknown word", "day and month half swapped", "two forms appended", "cut short"),
    *("dry-offs under another name", "no dry-offs", "one lactation too many", "rounded numbers"),
)


@dataclass(frozen=True, kw_only=True)
class Form:
    """How a herd file is written."""

    dates: str = "DD.MM.YYYY"
    encoding: str = "utf-8"
    delimiter: str = ";"
    headers: str = "ru"
    words: str = "as they are"
    missing: str = ""
    place: str = "text"
    titles: int = 0
    noise: frozenset[str] = field(default_factory=frozenset)
    bomb: str = "none"
    seed: int = 0


@cache
def farm_rows(seed: int) -> tuple[Row, ...]:
    """Return a sample farm, dates as ISO."""
    text = make_sample(animals=90, seed=seed).csv.decode("utf-8-sig")
    return tuple(
        {name: iso(value) if name in DATES else value for name, value in zip(COLUMNS, values, strict=True)}
        for values in list(csv.reader(io.StringIO(text), delimiter=";"))[1:]
    )


def iso(text: str) -> str:
    return "-".join(reversed(text.split(".")))


def write(rows: Sequence[Row], form: Form) -> bytes:
    """Return the bytes of a farm's file in a form; UnicodeEncodeError where its letters cannot write it."""
    lucky = np.random.default_rng(form.seed)
    rows = _with_noise([dict(row) for row in rows], form, lucky)
    table = [_cells(row, form) for row in rows]
    if form.bomb == "two forms appended":
        other = Form(dates="ISO", words=form.words, missing=form.missing)
        table += [_cells(row, other) for row in rows[: len(rows) // 2]]
    header = [*HEADERS[form.headers]]
    if "units below the head" in form.noise:
        table.insert(0, ["", *[""] * 4, "дн." if form.encoding in ENCODINGS[:7] else "days", *[""] * 7])
    _add_columns(header, table, form)
    if "another column" in form.noise:
        header.append("Note 7")
        table = [[*cells, one_of(lucky, ("", "a", "see vet", "12"))] for cells in table]
    if "nameless columns" in form.noise:
        header.append("")
        table = [[*cells, ""] for cells in table]
    if "columns shuffled" in form.noise:
        order = lucky.permutation(len(header))
        header, table = [header[n] for n in order], [[cells[n] for n in order] for cells in table]
    if "totals" in form.noise:
        table.append(["Total", *[""] * (len(header) - 2), str(len(rows))])
    titles: list[list[Cell]] = [["Farm North"], ["Herd list"], [""]][: form.titles]
    return _placed([*titles, header, *table], form, lucky)


def _add_columns(header: list[str], table: list[list[Cell]], form: Form) -> None:
    """Add columns that say again what others say, and take away or hide one of dry-offs."""
    if "sexes under another name" in form.noise:
        header.append("Class")
        for cells in table:
            cells.append("Bull" if str(cells[0]).strip().startswith("9000") else "Cow")
    if "calvings told twice" in form.noise:
        header.append("FRSH")
        for cells in table:
            cells.append(cells[COLUMNS.index("lactation_start_date")])
    place = COLUMNS.index("dryoff_date")
    if form.bomb == "dry-offs under another name":
        header[place] = "Dry since (when)"
    elif form.bomb == "no dry-offs":
        for cells in (header, *table):
            del cells[place]


def one_of(lucky: np.random.Generator, choices: Sequence[Any]) -> Any:
    """Return one of some choices."""
    return choices[int(lucky.integers(len(choices)))]


def _with_noise(rows: list[Row], form: Form, lucky: np.random.Generator) -> list[Row]:
    rows = _with_other_rows(rows, form.noise)
    young = [row for row in rows if row["lactation"] == "0" and not row["archive_date"]]
    if "rows twice" in form.noise:
        rows += [rows[n] for n in lucky.choice(len(rows), 20, replace=False)]
    if "rows twice with .0" in form.noise:
        rows += [
            row | {"animal_id": f"{row['animal_id']}.0"} for row in rows[::7] if row["animal_id"].isdigit()
        ]
    if "heifers without lactation" in form.noise:
        for row in young:
            row["lactation"] = ""
    if "rows shuffled" in form.noise:
        lucky.shuffle(rows)
    words = WORDS[form.words]
    for number, row in enumerate({id(row): row for row in rows}.values()):
        row["status"] = words.get(row["status"], row["status"])
        _explode(row, number, form.bomb)
    return rows


def _explode(row: Row, number: int, bomb: str) -> None:
    """Change a row so that the file cannot be read, or must be asked about."""
    if bomb == "gone by an unknown word" and row["archive_date"]:
        row["archive_date"], row["status"] = "", "XX gone"
    elif bomb == "one lactation too many":
        row["lactation"] = str(int(row["lactation"] or "0") + 1)
    elif bomb == "rounded numbers":
        row["animal_id"] = f"6,4{number % 10}E+14"


def _with_other_rows(rows: list[Row], noise: frozenset[str]) -> list[Row]:
    """Return the rows, and rows that no herd of today has."""
    here = [row for row in rows if not row["archive_date"]]
    young = [row for row in here if row["lactation"] == "0"]
    others: list[Row] = []
    if "earlier lactations" in noise:
        others += [_a_lactation_ago(row) for row in here if row["lactation"] not in ("0", "1")]
    if "numbers used again" in noise:
        for old, new in zip([row for row in rows if row["archive_date"]][:5], young, strict=False):
            old["animal_id"] = new["animal_id"]
    if "males" in noise:
        others += [_male(row, number) for number, row in enumerate(young[:6], 900_001)]
    return [*rows, *others]


def _a_lactation_ago(row: Row) -> Row:
    """Return what an earlier export said of a cow."""
    old = dict.fromkeys(COLUMNS, "") | {name: row[name] for name in ("animal_id", "birth_date")}
    calving = date.fromisoformat(row["lactation_start_date"]) - timedelta(days=380)
    lactation = str(int(row["lactation"]) - 1)
    return old | {
        "lactation": lactation,
        "lactation_start_date": calving.isoformat(),
        "days_in_milk": "305",
        "status": "Стельная",
    }


def _male(row: Row, number: int) -> Row:
    blank = dict.fromkeys(COLUMNS, "")
    return blank | {
        "animal_id": str(number),
        "birth_date": row["birth_date"],
        "lactation": "0",
        "status": "Бычок",
    }


def _cells(row: Row, form: Form) -> list[Cell]:
    swapped = form.bomb == "day and month half swapped"
    pad = " " * ("padded" in form.noise)
    cells: list[Cell] = []
    for name in COLUMNS:
        text = row[name]
        cell: Cell = text
        if name in DATES:
            cell = _date_cell(text, form, swapped=swapped) if text else form.missing
        cells.append(f"{pad}{cell}{pad}" if isinstance(cell, str) else cell)
    return cells


def _date_cell(text: str, form: Form, *, swapped: bool) -> Cell:
    day = date.fromisoformat(text)
    if not swapped:
        return DATE_FORMS[form.dates](day)
    if day.day > 12:
        return day.strftime("%d.%m.%Y")
    wrong = day.replace(day=day.month, month=day.day)
    return wrong if form.place not in ("text", "gz", "zip") else f"{wrong.month}/{wrong.day}/{wrong.year}"


def _placed(table: list[list[Cell]], form: Form, lucky: np.random.Generator) -> bytes:
    if form.place in ("text", "gz", "zip"):
        data = _as_text(table, form)
        if form.place == "gz":
            return gzip.compress(data, mtime=0)
        return _zipped(data) if form.place == "zip" else data
    data = _as_workbook(table, form)
    return data[: len(data) * 2 // 3] if form.bomb == "cut short" else data


def _as_text(table: list[list[Cell]], form: Form) -> bytes:
    out = io.StringIO()
    quoting = csv.QUOTE_ALL if "in quotes" in form.noise else csv.QUOTE_MINIMAL
    ends = "\r\n" if "crlf" in form.noise else "\n"
    writer = csv.writer(out, delimiter=form.delimiter, quoting=quoting, lineterminator=ends)
    writer.writerows([[str(cell) for cell in row] for row in table])
    text = out.getvalue()
    if "delimiters at row ends" in form.noise:
        text = text.replace(ends, form.delimiter + ends)
    if form.bomb == "cut short":
        text = _cut(text, form.delimiter)
    return text.encode(form.encoding)


def _cut(text: str, delimiter: str) -> str:
    """Return two thirds of a text: up to the middle of a row, behind its third filled cell."""
    start = text.index("\n", len(text) * 2 // 3) + 1
    n_filled, end = 0, start
    while n_filled < 3:
        next_end = text.index(delimiter, end)
        n_filled += bool(text[end:next_end].strip('" '))
        end = next_end + 1
    return text[:end]


def _zipped(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("herd.csv", data)
    return out.getvalue()


def _as_workbook(table: list[list[Cell]], form: Form) -> bytes:
    book = Workbook()
    first = book.active
    if form.place == "only sheet":
        sheet = first
    else:
        sheet = book.create_sheet("Herd")
        if form.place == "second sheet":
            first["A1"] = "Made for the vet"
        elif form.place == "behind an old hidden copy":
            first.sheet_state = "hidden"
            for row in table[: len(table) // 3]:
                first.append(row)
            book.active = 1
    for row in table:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
