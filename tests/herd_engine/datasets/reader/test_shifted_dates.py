"""Dates that programs shifted or swapped in some columns only: the herd as it is, or a refusal."""

import csv
import io
from datetime import date, timedelta

import pytest
from openpyxl import Workbook

from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.errors import HerdDataError
from herd_engine.model.answers import Answers

HEADER = ("ID", "Birth date", "Lactation", "Last calving", "DIM", "Status", "Last service", "Conception")
REPORT = date(2026, 3, 1)
HERD = {"milking": 60, "dry": 0, "heifer": 40, "pregnant_heifer": 0}
DATES = (1, 3, 6, 7)
FROM_1900, FROM_1904 = date(1899, 12, 30), date(1904, 1, 1)
Row = list[object]


def rows() -> list[Row]:
    """Return 60 cows that calved first at 24 months, 40 of them pregnant, and 40 heifers."""
    cows: list[Row] = []
    for number in range(60):
        calving = REPORT - timedelta(3 + 5 * number)
        bred = calving + timedelta(75) if number >= 20 else None
        birth = calving - timedelta(725 + number % 11)
        status = "Pregnant" if bred else "Fresh"
        cows.append([str(number), birth, "1", calving, str((REPORT - calving).days), status, bred, bred])
    heifers: list[Row] = [
        [str(100 + number), REPORT - timedelta(10 + 9 * number), "0", None, "", "Heifer", None, None]
        for number in range(40)
    ]
    return [*cows, *heifers]


def with_dates(form: object, columns: tuple[int, ...] = DATES) -> list[Row]:
    """Return the rows with the dates of some columns as ``form`` writes them."""
    return [
        [form(cell) if place in columns and cell else cell for place, cell in enumerate(row)]  # type: ignore[operator]
        for row in rows()
    ]


def as_csv(table: list[Row]) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([HEADER, *table])
    return text.getvalue().encode()


def as_workbook(table: list[Row]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in [list(HEADER), *table]:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def since(start: date):
    return lambda day: str((day - start).days)


def codes(file: HerdFile) -> set[str]:
    return {issue.code for issue in file.issues}


def refusals(data: bytes) -> set[str]:
    with pytest.raises(HerdDataError) as caught:
        read_herd_bytes(data, "farm")
    return {issue.code for issue in caught.value.issues if issue.blocking}


AS_IT_IS = read_herd_bytes(as_csv(rows()), "farm")


def assert_same_herd(file: HerdFile) -> None:
    assert file.herd.report_date == REPORT
    assert file.herd.counts() == HERD
    assert file.herd.birth.tolist() == AS_IT_IS.herd.birth.tolist()
    assert file.herd.calving.tolist() == AS_IT_IS.herd.calving.tolist()


def test_the_farm_itself_is_read() -> None:
    assert_same_herd(AS_IT_IS)
    assert_same_herd(read_herd_bytes(as_workbook(rows()), "farm"))


@pytest.mark.parametrize("columns", [(1,), (3,), (6, 7), (3, 6, 7), (1, 6, 7), (1, 3)])
def test_numbers_of_1904_are_known_by_the_other_dates_of_the_animals(columns: tuple[int, ...]) -> None:
    file = read_herd_bytes(as_csv(with_dates(since(FROM_1904), columns)), "farm")

    assert_same_herd(file)
    assert "serials_put_right" in codes(file)


@pytest.mark.parametrize("columns", [(1,), (3,), (6, 7), (3, 6, 7), (1, 3)])
def test_numbers_of_1900_stay(columns: tuple[int, ...]) -> None:
    file = read_herd_bytes(as_csv(with_dates(since(FROM_1900), columns)), "farm")

    assert_same_herd(file)
    assert codes(file).isdisjoint({"serials_put_right", "serials_unproved"})


def test_numbers_alone_prove_no_year_unless_the_day_of_the_export_is_told() -> None:
    usual = read_herd_bytes(as_csv(with_dates(since(FROM_1900))), "farm")
    assert_same_herd(usual)
    assert "serials_unproved" in codes(usual)

    told = Answers.of(report_date=REPORT)
    for start in (FROM_1900, FROM_1904):
        file = read_herd_bytes(as_csv(with_dates(since(start))), "farm", answers=told)
        assert_same_herd(file)
        assert "serials_unproved" not in codes(file)


def test_numbers_of_which_some_fit_and_some_do_not_are_refused() -> None:
    mixed = [*with_dates(since(FROM_1900), (1,))[::2], *with_dates(since(FROM_1904), (1,))[1::2]]

    assert "serials_unclear" in refusals(as_csv(mixed))


def swapped(day: date) -> date:
    return day.replace(day=day.month, month=day.day) if day.day <= 12 else day


def as_opened_elsewhere(day: date) -> object:
    return swapped(day) if day.day <= 12 else day.strftime("%d.%m.%Y")


@pytest.mark.parametrize("write", [as_workbook, as_csv])
def test_one_column_half_swapped_is_put_right(write) -> None:
    file = read_herd_bytes(write(with_dates(as_opened_elsewhere, (1,))), "farm")

    assert_same_herd(file)
    assert "dates_swapped_back" in codes(file)


def test_months_first_half_swapped_are_put_right_too() -> None:
    american = with_dates(lambda day: swapped(day) if day.day <= 12 else day.strftime("%m/%d/%Y"))

    assert_same_herd(read_herd_bytes(as_workbook(american), "farm"))


@pytest.mark.parametrize("column", [1, 7])
def test_a_column_swapped_cell_by_cell_is_refused(column: int) -> None:
    table = with_dates(swapped, (column,))
    if column == 7:  # what the program expects was counted from the true conception
        header = (*HEADER, "Due date")
        table = [[*row, true[7] + timedelta(280) if true[7] else None]  # type: ignore[operator]
                 for row, true in zip(table, rows(), strict=True)]  # fmt: skip
        data = as_csv(table).replace(";".join(HEADER).encode(), ";".join(header).encode())
    else:
        data = as_workbook(table)

    assert "column_swapped" in refusals(data)


def test_dates_swapped_among_others_typed_later_are_refused() -> None:
    table = with_dates(as_opened_elsewhere, (1,))
    for row, true in zip(table[:6], rows(), strict=False):
        row[1] = true[1].replace(day=20)  # type: ignore[union-attr]

    assert "dates_swapped" in refusals(as_workbook(table))


def test_a_column_of_dates_without_any_late_day_is_refused() -> None:
    late = [row for row in rows() if row[1].day > 12]  # type: ignore[attr-defined]
    early = [row for row in with_dates(swapped, (1,)) if row[1].day <= 12]  # type: ignore[attr-defined]
    assert late
    assert len(early) >= 30

    assert "dates_without_late_days" in refusals(as_workbook(early))
