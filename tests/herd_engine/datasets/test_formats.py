"""Every encoding, delimiter and file format gives the same records."""

import csv
import io
from collections.abc import Callable
from datetime import date, datetime

import numpy as np
import openpyxl
import pyarrow as pa
import pytest
from pyarrow import parquet

from herd_engine.datasets.columns import Column
from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes, read_herd_file
from herd_engine.errors import HerdDataError
from herd_engine.model.answers import Answers

FIELDS = [column for column in Column if column is not Column.SEX]
DATES = [column for column in FIELDS if column.endswith("_date")]
NUMBERS = ["lactation", "days_in_milk", "days_pregnant"]


def day(text: str) -> date | None:
    return datetime.strptime(text, "%d.%m.%Y").date() if text else None  # noqa: DTZ007 - a date has no zone


def iso(row: dict[str, str]) -> dict[str, str]:
    return row | {name: str(day(row[name]) or "") for name in DATES}


def workbook(rows: list[list[object]], *more_sheets: str) -> bytes:
    book = openpyxl.Workbook()
    for values in rows:
        book.active.append(values)
    for title in more_sheets:
        book.create_sheet(title)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def typed(row: dict[str, str]) -> dict[str, object]:
    cells: dict[str, object] = {
        name: day(text) if name in DATES else text or None for name, text in row.items()
    }
    return cells | {name: int(row[name]) if row[name] else None for name in NUMBERS}


def parquet_bytes(columns: dict[str, object]) -> bytes:
    file = io.BytesIO()
    parquet.write_table(pa.table(columns), file)
    return file.getvalue()


def assert_same_records(file: HerdFile, expected: HerdFile) -> None:
    for name in ("animal_ids", "birth", "archive", "calving", "conception", "dry_off", "insemination"):
        assert getattr(file.records, name).tolist() == getattr(expected.records, name).tolist(), name
    for name in ("expected_dry_off", "expected_calving", "lactation", "presence"):
        assert getattr(file.records, name).tolist() == getattr(expected.records, name).tolist(), name
    assert file.records.report_date == expected.records.report_date
    assert [issue.code for issue in file.issues] == [issue.code for issue in expected.issues]


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"encoding": "utf-8"}, id="utf-8"),
        pytest.param({"encoding": "cp1251"}, id="cp1251"),
        pytest.param({"encoding": "utf-16"}, id="utf-16 with its mark"),
        pytest.param({"delimiter": ","}, id="comma"),
        pytest.param({"delimiter": "\t"}, id="tab"),
        pytest.param({"quoting": csv.QUOTE_NONE}, id="unquoted"),
        pytest.param({"quoting": csv.QUOTE_MINIMAL, "delimiter": ",", "encoding": "cp1251"}, id="mixed"),
        pytest.param({"headers": {name: name for name in FIELDS}}, id="English headers"),
    ],
)
def test_every_dialect_of_csv_gives_the_same_records(options, farm, as_csv, read_farm) -> None:
    assert_same_records(read_herd_bytes(as_csv(farm(), **options), "farm.csv"), read_farm())


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda data: data.replace(b"\n", b"\r\n"), id="Windows line ends"),
        pytest.param(lambda data: data.replace(b"\n", b"\r"), id="old Mac line ends"),
        pytest.param(lambda data: data.rstrip(b"\n"), id="no last line end"),
        pytest.param(lambda data: data + b"\n;;;;;;;;;;;;\n\n", id="blank lines at the end"),
        pytest.param(lambda data: b"\n\n" + data, id="blank lines at the start"),
    ],
)
def test_line_ends_and_blank_lines_do_not_matter(
    change: Callable[[bytes], bytes], farm, as_csv, read_farm
) -> None:
    data = change(as_csv(farm(), encoding="utf-8"))

    assert_same_records(read_herd_bytes(data, "farm.csv"), read_farm())


def test_iso_dates_give_the_same_records(farm, as_csv, read_farm) -> None:
    data = as_csv([iso(row) for row in farm()])

    assert_same_records(read_herd_bytes(data, "farm.csv"), read_farm())


def test_a_date_in_a_form_that_cannot_be_misread_is_read_in_any_column(read_farm) -> None:
    file = read_farm({1: {"lactation_start_date": "2025-12-01"}})

    assert_same_records(file, read_farm())


def test_a_utf8_file_with_one_broken_character_is_still_utf8(farm, as_csv, read_farm) -> None:
    data = as_csv(farm()).replace("Новотельное".encode(), b"\xd0\xff")
    file = read_herd_bytes(data, "farm.csv")

    assert file.herd.counts() == read_farm().herd.counts()
    assert [issue.sample_rows for issue in file.issues if issue.code == "undecodable_characters"] == [(2,)]


def test_xlsx_with_text_gives_the_same_records(farm, read_farm) -> None:
    rows = farm()
    data = workbook([list(rows[0]), *(list(row.values()) for row in rows)])

    assert_same_records(read_herd_bytes(data, "farm.xlsx"), read_farm())


def test_xlsx_with_real_dates_and_numbers_gives_the_same_records(farm, read_farm) -> None:
    rows = [typed(row) | {"animal_id": float(row["animal_id"])} for row in farm()]
    rows[1]["birth_date"] = "01.06.2021"
    data = workbook([list(rows[0]), *(list(row.values()) for row in rows)])

    assert_same_records(read_herd_bytes(data, "whatever.bin"), read_farm())


def test_xlsx_rows_are_numbered_as_in_the_sheet(farm) -> None:
    rows = [list(row.values()) for row in farm({4: {"birth_date": "soon"}})]
    data = workbook([[], list(farm()[0]), *rows[:3], [None], *rows[3:]], "Notes")
    file = read_herd_bytes(data, "farm.xlsx", answers=Answers(accept_losses=True))

    by_code = {issue.code: issue for issue in file.issues}
    assert by_code["invalid_date_values"].sample_rows == (7,)
    assert by_code["other_sheets_ignored"].params["sheets"] == ["Notes"]


@pytest.mark.parametrize("of_row", [typed, dict], ids=["typed", "text"])
def test_parquet_gives_the_same_records(of_row, farm, read_farm) -> None:
    rows = [of_row(row) for row in farm()]
    data = parquet_bytes({name: [row[name] for row in rows] for name in FIELDS})

    assert_same_records(read_herd_bytes(data, "farm.parquet"), read_farm())


def test_parquet_of_a_data_frame_gives_the_same_records(farm, read_farm) -> None:
    rows = [typed(row) for row in farm()]
    columns: dict[str, pa.Array] = {name: pa.array([row[name] for row in rows]) for name in FIELDS}
    columns |= {name: pa.array([row[name] for row in rows], pa.date32()) for name in DATES}
    columns |= {name: columns[name].cast(pa.timestamp("ns")) for name in DATES}
    columns |= {name: np.array([row[name] or np.nan for row in rows], float) for name in NUMBERS[1:]}
    columns["status"] = pa.array([row["status"] for row in rows]).dictionary_encode()

    assert_same_records(read_herd_bytes(parquet_bytes(columns), "farm.parquet"), read_farm())


def test_a_file_is_read_from_its_path(tmp_path, farm, as_csv, read_farm) -> None:
    path = tmp_path / "ферма 1.csv"
    path.write_bytes(as_csv(farm()))

    file = read_herd_file(path)

    assert file.name == "ферма 1.csv"
    assert_same_records(file, read_farm())


def test_unknown_headers_are_read_with_a_map(farm, as_csv, read_farm) -> None:
    headers = {name: f"kolumna {number}" for number, name in enumerate(FIELDS)}
    column_map = {header: name for name, header in headers.items()}
    data = as_csv(farm(), headers=headers)

    assert_same_records(read_herd_bytes(data, "farm.csv", column_map=column_map), read_farm())


def test_ragged_rows_are_left_out_and_told_by_line(farm, as_csv) -> None:
    lines = as_csv(farm()).splitlines(keepends=True)
    lines[4:4] = [b'"9";"01.01.2025"\n', b"\n", b'"10";"01.01.2025' + b'";"' * 11 + b'";x\n']
    data = b"".join([*lines, b'"11;01.01.2025\n'])
    file = read_herd_bytes(data, "farm.csv", answers=Answers(accept_losses=True))

    (issue,) = [issue for issue in file.issues if issue.code == "malformed_rows"]
    assert issue.sample_rows == (5, 7, 11)
    assert file.herd.excluded == {"malformed_row": 3, "sold": 1}
    assert file.n_rows == 9


def test_an_empty_workbook_is_refused() -> None:
    with pytest.raises(HerdDataError, match="The file is empty"):
        read_herd_bytes(workbook([]), "empty.xlsx")
