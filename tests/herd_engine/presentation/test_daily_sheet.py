"""The daily sheet as CSV and as a page."""

import csv
import io

import pytest

from herd_engine.i18n.catalogue import catalogue
from herd_engine.i18n.wording import wording
from herd_engine.model.targets import FarmTargets
from herd_engine.presentation.daily_sheet import sheet_csv, sheet_page
from herd_engine.review.work_lists import DailySheet, WorkListName, daily_sheet
from tests.herd_engine.review.filed import cow, in_calf, records


@pytest.fixture
def sheet() -> DailySheet:
    found = records(cow(90, animal_id="=1+1"), in_calf(300, 222, animal_id="<b>7</b>", expected_dry_off=-2))
    return daily_sheet(found, FarmTargets(vwp=60), 7)


def test_a_spreadsheet_gets_a_row_for_each_animal_and_runs_none(sheet: DailySheet) -> None:
    rows = list(csv.DictReader(io.StringIO(sheet_csv(sheet, wording("en")).decode("utf-8-sig"))))

    assert [(row["list"], row["animal"]) for row in rows] == [("breed", "'=1+1"), ("dry_off", "<b>7</b>")]
    assert rows[0]["reason"] == "not inseminated since calving, 90 d in milk"
    assert rows[1]["reason"] == "dry-off 2 d late"
    assert rows[1]["day"] == "2026-02-24"
    assert ";" in sheet_csv(sheet, wording("ru")).decode().splitlines()[0]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_page_names_every_list_and_escapes_what_files_say(sheet: DailySheet, language: str) -> None:
    page = sheet_page(sheet, "<script>", wording(language))

    assert "<b>" not in page
    assert "<script" not in page
    assert "&lt;b&gt;7&lt;/b&gt;" in page
    assert all(catalogue(language)[f"work_list.{name}"] in page for name in WorkListName)
    assert f'lang="{language}"' in page
