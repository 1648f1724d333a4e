"""Rows that became no animal: each with its number and reason, the costliest reasons first."""

import csv
import io
from dataclasses import replace

from openpyxl import load_workbook

from herd_engine.charts.headline import headline, left_out
from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.exports.left_out import left_out_csv, left_out_xlsx
from herd_engine.model.answers import Answers
from herd_engine.sample import make_sample
from herd_engine.workbench import Workbench
from tests.herd_engine.datasets.reader.test_reading import COWS, HEIFERS, written


def farm() -> HerdFile:
    """Return a farm with every kind of row that is left out, of which a line each is known by hand."""
    rows = [
        *COWS,
        *HEIFERS,
        ["31", "nobody knows", "", "1", "", "", "Новотельная"],  # line 32
        ["32", "nobody knows", "", "1", "", "", "Новотельная"],
        ["33", "nobody knows", "01.02.2026", "1", "", "", "Продана"],
        ["34", "01.01.2022", "some day", "1", "", "", "Новотельная"],
        ["", "01.01.2022", "", "0", "", "", "Телка"],
        ["36", "01.01.2022", "", "-1", "", "", "Телка"],
        ["37", "01.01.2025", "", "0", "", "", "Бычок"],
        COWS[0],
        ["1", "01.02.2020", "", "1", "01.01.2025", "300", "Новотельная"],
        ["Итого", "", "", "", "", "", ""],
        ["41", "01.01.2030", "", "0", "", "", "Телка"],
        ["42", "01.01.2022", "", "0", "", "", "Телка", "more", "than", "the", "header"],
    ]
    return read_herd_bytes(written(rows), "farm.csv", answers=Answers(accept_losses=True))


def test_every_row_is_listed_with_number_and_reason_the_costliest_first() -> None:
    herd_file = farm()

    rows = [(row.line, row.animal_id, row.reason, row.may_be_here) for row in herd_file.left_out.rows()]

    assert rows[:3] == [
        (32, "31", "no_birth_date", True),
        (33, "32", "no_birth_date", True),
        (34, "33", "no_birth_date", False),  # sold: no forecast lacks it
    ]
    assert {row for row in rows[3:] if row[3]} == {
        (35, "34", "unreadable_archive_date", True),
        (36, "", "no_animal_id", True),
        (37, "36", "no_lactation", True),
        (42, "41", "born_after_report_date", True),
        (43, "", "malformed_row", True),
    }
    assert {row for row in rows if not row[3]} == {
        (34, "33", "no_birth_date", False),
        (38, "37", "male", False),
        (39, "1", "repeated_row", False),
        (40, "1", "earlier_lactation", False),
        (41, "Итого", "not_an_animal", False),
    }


def test_the_list_holds_what_the_herd_counts() -> None:
    herd_file = read_herd_bytes(
        make_sample(animals=1000, problems=True).csv,
        "farm.csv",
        answers=Answers.of(statuses={"На лечении": "present"}, accept_losses=True),
    )

    reasons = [row.reason for row in herd_file.left_out.rows()]

    left = {"sold", "dead", "moved", "left"}
    counted = {reason: n for reason, n in herd_file.herd.excluded.items() if reason not in left}
    assert {reason: reasons.count(reason) for reason in set(reasons)} == counted
    assert sum(counted.values()) > 5


def test_files_hold_the_list_and_no_formula() -> None:
    herd_file = farm()
    one = herd_file.left_out
    herd_file = replace(herd_file, left_out=replace(one, status=one.status.copy()))
    herd_file.left_out.status[:] = "=1+1"

    table = list(csv.reader(io.StringIO(left_out_csv(herd_file).decode("utf-8-sig"))))
    sheet = load_workbook(io.BytesIO(left_out_xlsx(herd_file, "ru")))["Не вошли"]

    assert table[0] == ["line", "animal_id", "status", "reason", "may_be_here"]
    assert table[1] == ["32", "31", "'=1+1", "no_birth_date", "yes"]
    assert len(table) == 1 + len(herd_file.left_out.rows())
    assert [cell.value for cell in sheet[2]] == [32, "31", "'=1+1", "нет пригодной даты рождения", "да"]
    assert left_out_xlsx(herd_file) == left_out_xlsx(herd_file)


def test_the_first_line_of_a_forecast_tells_of_losses_and_of_nothing_else() -> None:
    forecast = Workbench.open().forecast(farm(), runs=2)
    told = "Rows of the file that could not be used: 8 (no usable birth date 3, malformed row 1,"

    assert told in headline(forecast)
    assert left_out({"sold": 30, "male": 4, "repeated_row": 2, "earlier_lactation": 7}) == ""
