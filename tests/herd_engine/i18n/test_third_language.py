"""A third language is one folder: with it, nothing that people read stays English."""

import io
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.errors import HerdError
from herd_engine.exports.xlsx_file import forecast_xlsx
from herd_engine.forecasting.forecast import make_forecast
from herd_engine.forecasting.long_run_check import fine_print
from herd_engine.i18n.catalogue import languages
from herd_engine.i18n.error_words import error_text
from herd_engine.i18n.wording import wording
from herd_engine.model.forecast import Forecast
from herd_engine.model.scenario import Scenario
from herd_engine.presentation.page.html_page import forecast_html
from herd_engine.sample import make_sample
from tests.architecture.test_errors import EXAMPLES
from tests.herd_engine.presentation.test_html_page import Page
from tests.third_language import OTHER_LETTERS, english_in, third_language

OWN_NAMES = {"North", "Spring", "herd", "runs", "voluntary", "wait", "weekly", "write", "yaml"}
"""Names that people gave, and of what no form has."""


@pytest.fixture
def third(tmp_path: Path) -> Iterator[str]:
    with third_language(tmp_path) as language:
        yield language


@pytest.fixture(scope="module")
def herd_file() -> HerdFile:
    return read_herd_bytes(make_sample(animals=300, problems=True).csv, "1.csv")


@pytest.fixture(scope="module")
def forecast(herd_file: HerdFile) -> Forecast:
    return make_forecast(herd_file, Scenario(horizon_months=12), runs=20, seed=1)


def test_a_folder_is_a_language(third: str) -> None:
    assert languages() == ("en", "ru", "xx")
    assert wording(third).count("rows", 2) == "2 " + "rows".translate(OTHER_LETTERS)


def test_no_page_of_a_forecast_stays_english(third: str, herd_file: HerdFile, forecast: Forecast) -> None:
    page = forecast_html(forecast, language=third, fine_print=fine_print(herd_file, forecast, third))

    assert english_in(Page(page).words) == set()  # type: ignore[no-untyped-call]


def test_no_workbook_stays_english(third: str, herd_file: HerdFile, forecast: Forecast) -> None:
    note = fine_print(herd_file, forecast, third)
    book = openpyxl.load_workbook(
        io.BytesIO(forecast_xlsx(forecast, language=third, farm="Ψ", fine_print=note))
    )
    cells = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]

    assert english_in([*book.sheetnames, *(cell for cell in cells if cell != "None")]) == set()


def test_no_message_stays_english(third: str, herd_file: HerdFile, forecast: Forecast) -> None:
    words = wording(third)
    told = [words.issue(issue) for issue in herd_file.issues]
    told += [words.say(said) for said in (*forecast.meta.assumptions, *forecast.meta.warnings)]

    assert len(told) > 20
    assert english_in(told) == set()


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_no_error_stays_english(third: str, error: HerdError) -> None:
    assert english_in([error_text(error, wording(third))]) <= OWN_NAMES
