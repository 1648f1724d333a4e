"""Texts → dates and numbers; expected values by calendar."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from herd_engine.datasets.cells import read_dates, read_numbers
from herd_engine.datasets.text_table import text_column


def dates_of(*texts: str) -> list[date | None]:
    days = read_dates(text_column(pa.array(texts))).days
    return [None if np.isnan(day) else date.fromordinal(int(day)) for day in days]


@pytest.mark.parametrize("text", ["29.02.2024", "2024-02-29", "29.02.2024 0:00:00", "2024-02-29 00:00:00"])
def test_a_date_is_read_in_either_format(text: str) -> None:
    assert dates_of(text) == [date(2024, 2, 29)]


@pytest.mark.parametrize(
    "text",
    [
        *("31.02.2025", "29.02.2025", "2025-13-01", "1.2.2025", "01/02/2025", "01.02.25", "45000"),
        *("01.01.0001", "9999-12-31", "2025-1-2", "01.02.2025 x", "٠١.٠٢.٢٠٢٥", "soon", "2025-02"),
    ],
)
def test_anything_else_is_no_date(text: str) -> None:
    cells = read_dates(text_column(pa.array([text])))

    assert np.isnan(cells.days).tolist() == [True]
    assert cells.is_invalid.tolist() == [True]


def test_a_blank_is_unknown_and_not_invalid() -> None:
    cells = read_dates(text_column(pa.array(["", "  ", None])))

    assert np.isnan(cells.days).all()
    assert not cells.is_invalid.any()


def test_a_column_has_the_format_of_most_of_its_cells() -> None:
    iso = read_dates(text_column(pa.array(["2025-12-01", "2025-12-01", "02.12.2025"])))

    assert iso.format == "YYYY-MM-DD"
    assert iso.is_other_format.tolist() == [False, False, True]
    assert np.isnan(iso.days).tolist() == [False, False, True]
    assert not iso.is_invalid.any()


def test_a_real_date_of_a_workbook_fits_any_format() -> None:
    assert dates_of("2025-12-01T", "02.12.2025") == [date(2025, 12, 1), date(2025, 12, 2)]


@pytest.mark.parametrize(
    ("text", "number"), [("3", 3), (" 3 ", 3), ("3.0", 3), ("1,5", 1.5), ("-1", -1), ("007", 7)]
)
def test_a_number_is_read(text: str, number: float) -> None:
    assert read_numbers(text_column(pa.array([text]))).tolist() == [number]


@pytest.mark.parametrize("text", ["", "x", "1e3", "99999", "nan", "inf", "1 000", "٣", "0x1", "1_0", "--1"])
def test_anything_else_is_no_number(text: str) -> None:
    assert np.isnan(read_numbers(text_column(pa.array([text])))).tolist() == [True]
