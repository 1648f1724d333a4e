"""A file with an open question in a real browser: asked, answered, remembered, and right the second time."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.apps_server import PATIENCE_MS, PHONE, Apps, served
from tests.browser.test_compare_data import sideways
from tests.herd_engine.datasets.reader.test_reading import COWS, HEIFERS, gone, written

pytestmark = pytest.mark.slow
expect.set_options(timeout=PATIENCE_MS)

WORDS = {
    "en": (
        "What does the status “Гуляет” mean?",
        "Read the file on",
        "30 animals, 20 in milk",
        "Forecast this herd",
    ),
    "ru": (
        "Что значит статус «Гуляет»?",
        "Читать файл дальше",
        "30 животных, дойных 20",
        "Прогноз этого стада",
    ),
}


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apps]:
    with served(tmp_path_factory.mktemp("home"), "--preheat", "0") as apps:
        yield apps


def drop(page: Page, file: Path) -> None:
    page.locator("input[type=file]").set_input_files(file)


def test_a_word_is_asked_once_and_a_phone_need_not_scroll_sideways(
    browser: Browser, apps: Apps, tmp_path: Path
) -> None:
    january, february = tmp_path / "january.csv", tmp_path / "february.csv"
    january.write_bytes(written([*COWS, *HEIFERS, *gone("Гуляет")]))
    february.write_bytes(written([*COWS, *HEIFERS[:-1], *gone("Гуляет")]))
    for language, (asked, go_on, herd, forecast) in WORDS.items():
        with apps.visit(browser, f"?lang={language}", app="data", viewport=PHONE) as visit:
            page = visit.page
            drop(page, january)
            if language == "en":
                expect(page.locator(".herd-question").first).to_contain_text(asked)
                expect(page.locator(".herd-question").first).to_contain_text("Number 201, lactation 3")
                assert sideways(page) <= 0
                page.locator(".herd-question select").select_option("sold")
                page.get_by_role("button", name=go_on).click()
            expect(page.locator("h1")).to_contain_text(herd)
            expect(page.get_by_role("link", name=forecast)).to_be_visible()
            assert sideways(page) <= 0
            drop(page, february)
            expect(page.locator("h1")).to_contain_text("29")
