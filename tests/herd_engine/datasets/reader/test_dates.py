"""Dates of a file; expected days by the calendar."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from herd_engine.datasets.contract.vocabulary import vocabulary
from herd_engine.datasets.reader.date_forms import DateForms
from herd_engine.datasets.reader.date_order import FileDates, Witnesses, read_file_dates
from herd_engine.datasets.text_table import text_column
from herd_engine.model.answers import NO_ANSWERS, Answers

FORMS = DateForms(vocabulary(), is_1904=False)
LEAP_DAY = date(2024, 2, 29)


def column(*texts: str):
    return text_column(pa.array(texts))


def read(*texts: str, answers: Answers = NO_ANSWERS, forms: DateForms = FORMS) -> FileDates:
    return read_file_dates({"birth": column(*texts)}, forms, answers=answers)


def dates_of(found: FileDates) -> list[date | None]:
    return [None if np.isnan(day) else date.fromordinal(int(day)) for day in found.days["birth"]]


@pytest.mark.parametrize(
    "text",
    [
        *("29.02.2024", "2024-02-29", "29.2.2024", "29/02/2024", "2/29/2024", "29-02-2024", "2024/02/29"),
        *("2024.02.29", "20240229", "29022024", "02292024", "29.02.2024 0:00:00", "2024-02-29 00:00:00"),
        *("2024-02-29T00:00:00Z", "2024-02-29T00:00:00+03:00", "2/29/2024 12:00:00 AM", "29.02.2024 г."),
        *("29-Feb-2024", "Feb 29, 2024", "29 февраля 2024 г.", "29-фев-24", "29 feb 2024", "2024-02-29T"),
        *("45351", "45351.0", "1709164800", "1709164800000", "2024-02-29 00:00:00.0000000"),
        *("2024-02-28T21:00:00Z", "2024-02-29T05:00:00Z"),  # midnights of Moscow and of Chicago
    ],
)
def test_a_date_is_read_in_every_form_that_proves_itself(text: str) -> None:
    assert dates_of(read(text)) == [LEAP_DAY]


@pytest.mark.parametrize(
    "text",
    [
        *("31.02.2025", "29.02.2025", "2025-13-01", "9", "01.01.1949", "2101-01-01", "2025-02"),
        *("01.02.2025 x", "٠١.٠٢.٢٠٢٥", "soon", "1 foo 2025", "99999", "1.2.3.2025", "32.01.2025"),
    ],
)
def test_anything_else_is_no_date(text: str) -> None:
    found = read(text)

    assert dates_of(found) == [None]
    assert found.is_invalid["birth"].tolist() == [True]


@pytest.mark.parametrize(
    "text", ["", "NULL", "00000000", "0", "-", "  .  .    ", "01.01.1900", "30.12.1899", "0001-01-01", "нет"]
)
def test_a_sign_for_nothing_is_no_date_and_no_mistake(text: str) -> None:
    found = read(text)

    assert dates_of(found) == [None]
    assert not found.is_invalid["birth"].any()


def test_one_cell_above_twelve_proves_the_order_of_all() -> None:
    assert dates_of(read("1/2/2024", "3/25/2024")) == [date(2024, 1, 2), date(2024, 3, 25)]
    assert dates_of(read("1/2/2024", "25/3/2024")) == [date(2024, 2, 1), date(2024, 3, 25)]


def test_two_forms_that_cannot_be_confused_are_both_read() -> None:
    assert dates_of(read("01.02.2024", "2024-02-03")) == [date(2024, 2, 1), date(2024, 2, 3)]


def test_an_order_that_nothing_proves_is_asked_and_the_answer_is_followed() -> None:
    found = read("1/2/2024", "3/4/2024")

    (question,) = found.questions
    assert (question.code, question.choices, question.row_count) == ("ask_date_order", ("dmy", "mdy"), 2)
    assert {"text": "1/2/2024", "dmy": "2024-02-01", "mdy": "2024-01-02"} in question.samples
    assert dates_of(found) == [None, None]
    assert dates_of(read("1/2/2024", answers=Answers.of(dates="mdy"))) == [date(2024, 1, 2)]
    assert dates_of(read("1/2/2024", answers=Answers.of(dates="dmy"))) == [date(2024, 2, 1)]


def test_an_answer_does_not_go_before_what_the_cells_prove() -> None:
    assert dates_of(read("25/3/2024", answers=Answers.of(dates="mdy"))) == [date(2024, 3, 25)]


def test_days_in_milk_prove_the_order() -> None:
    calvings = [date(2025, month, day) for month in range(1, 9) for day in (month % 12 + 1, 12 - month % 7)]
    report = date(2026, 3, 1)
    texts = column(*(f"{day.month}/{day.day}/{day.year}" for day in calvings))
    in_milk = np.array([(report - day).days for day in calvings], float)
    found = read_file_dates({"calving": texts}, FORMS, Witnesses(calving=texts, days_in_milk=in_milk))

    assert not found.questions
    assert [date.fromordinal(int(day)) for day in found.days["calving"]] == calvings


def test_orders_that_contradict_each_other_are_refused() -> None:
    found = read(*["25/3/2024"] * 5, *["3/26/2024"] * 5)

    assert [issue.code for issue in found.issues if issue.blocking] == ["mixed_date_orders"]


def test_years_of_two_digits_are_of_this_century_unless_that_is_too_far() -> None:
    assert dates_of(read("12/31/69", "12/31/70")) == [date(2069, 12, 31), date(1970, 12, 31)]


def test_serial_numbers_of_a_workbook_of_1904_are_counted_from_then() -> None:
    assert dates_of(read("43889", forms=DateForms(vocabulary(), is_1904=True))) == [LEAP_DAY]


def test_dates_that_a_program_swapped_are_put_right_and_told() -> None:
    typed = [date(2025, day, month) for month in range(1, 7) for day in (2, 11)]  # day and month exchanged
    found = read(*(f"{day.isoformat()}T" for day in typed), *(f"{day}.03.2025" for day in range(13, 20)))

    assert [issue.code for issue in found.issues] == ["dates_swapped_back"]
    assert dates_of(found)[0] == date(2025, 1, 2)
    assert dates_of(found)[-1] == date(2025, 3, 19)


def test_moments_of_another_zone_are_asked_and_read_by_the_farms() -> None:
    texts = ("2024-02-28T21:30:00Z", "2024-02-28T10:15:00Z")
    (question,) = read(*texts).questions

    assert question.code == "ask_time_zone"
    moscow = read(*texts, answers=Answers.of(time_zone="Europe/Moscow"))
    assert dates_of(moscow) == [LEAP_DAY, date(2024, 2, 28)]
