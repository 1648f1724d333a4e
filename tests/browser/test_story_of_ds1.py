"""The whole story of the workbench on a real herd: from its export to a comparison of two plans."""

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect

from herd_engine.model.forecast import Metric
from herd_engine.model.run_status import RunStatus
from herd_engine.runs.kept import KeptRuns
from tests.browser.apps_server import PATIENCE_MS, Apps, served
from tests.stores import absent

pytestmark = pytest.mark.slow
expect.set_options(timeout=PATIENCE_MS)

FIGURES = ("milking", "events", "structure", "days")


@pytest.fixture(scope="module")
def ds1() -> Path:
    path = Path(os.environ.get("HERD_DATA_DIR", "../shared/data")) / "ds1.csv"
    if not path.exists():
        absent("no real herd: HERD_DATA_DIR names the folder of ds1.csv")
    return path


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apps]:
    with served(tmp_path_factory.mktemp("home"), "--preheat", "0") as apps:
        yield apps


def keep(page: Page, runs: int) -> str:
    """Start a kept forecast of so many runs, and return its id."""
    page.get_by_role("textbox", name="Simulated futures").fill(str(runs))
    before = run_in(page.url)
    page.get_by_role("button", name="Keep this forecast").click()
    page.wait_for_url(lambda url: run_in(url) not in (None, before))  # it follows the plan meanwhile
    return run_in(page.url)


def run_in(url: str) -> str | None:
    """Return the id of the run that an address names."""
    found = re.search(r"run=([-0-9a-f]{36})", url)
    return None if found is None else found[1]


def add_and_look(page: Page, ds1: Path) -> None:
    """The export is dropped on the page: what is in it, and what is remarkable about it."""
    page.locator("input[type=file]").set_input_files(ds1)
    expect(page.get_by_role("combobox", name="Files of this farm")).to_contain_text("ds1.csv")
    for figure in FIGURES:
        expect(page.locator(f"#{figure} .main-svg").first).to_be_visible()
    expect(page.locator("h1")).to_contain_text("Milking cows fall from 1,277")
    quality = page.get_by_role("region", name="Quality of the file")
    expect(
        quality.get_by_text("Inseminated in the last seven weeks without a result yet: 420.")
    ).to_be_visible()
    assert quality.get_by_role("row").count() > 10


def move_the_preview(page: Page) -> None:
    """A slider moves, and the picture, its title and the tiles follow."""
    title, tile = page.locator("#milking-title"), page.locator(".tile .big").first
    before = title.inner_text(), tile.inner_text()
    page.get_by_role("slider", name="Culling of cows").fill("0.5")
    expect(title).not_to_have_text(before[0])
    expect(tile).not_to_have_text(before[1])
    page.get_by_role("button", name="Undo").click()
    expect(title).to_have_text(before[0])


def run_and_cancel(page: Page, kept: KeptRuns) -> None:
    """A forecast of fifty thousand futures is begun, watched and canceled."""
    run_id = keep(page, 50_000)
    bar = page.get_by_role("progressbar", name="Finished futures")
    expect(bar).not_to_have_attribute("aria-valuenow", "0")
    expect(page.get_by_text(re.compile("processors? at work"))).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("The forecast was canceled")).to_be_visible()
    assert kept.get(run_id).status == RunStatus.CANCELED


def read_back(page: Page, run_id: str, kept: KeptRuns) -> None:
    """The workbook that the page gives has the numbers that are kept."""
    with page.expect_download() as saved:
        page.get_by_role("button", name="Excel (XLSX)").click()
    sheet = load_workbook(io.BytesIO(Path(saved.value.path()).read_bytes()))["Series"]
    header, *rows = sheet.iter_rows(values_only=True)
    medians = [row[header.index("Milking cows, median")] for row in rows]
    assert medians == [round(value) for value in kept.forecast(run_id).series[Metric.MILKING_COUNT].p50]
    assert len(medians) == 37


def test_from_the_export_of_a_real_herd_to_a_comparison_of_two_plans(
    browser: Browser, apps: Apps, ds1: Path
) -> None:
    kept = apps.workbench.kept
    with apps.visit(browser) as visit:
        add_and_look(visit.page, ds1)
        move_the_preview(visit.page)
        run_and_cancel(visit.page, kept)
        as_it_is = keep(visit.page, 10_000)
        expect(visit.page.get_by_role("progressbar")).to_be_visible()

    with apps.visit(browser, f"?run={as_it_is}") as visit:  # the tab was closed, the forecast went on
        page = visit.page
        expect(page.get_by_text("This forecast is kept: 10,000 futures.")).to_be_visible()
        expect(page.get_by_text("Mean days in milk, as a check:")).to_be_visible()
        last = kept.forecast(as_it_is).series[Metric.MILKING_COUNT].p50[-1]
        expect(page.locator("h1")).to_contain_text(f" to {last:,.0f} (")
        for figure in FIGURES:
            expect(page.locator(f"#{figure} .main-svg").first).to_be_visible()
        read_back(page, as_it_is, kept)

        page.get_by_role("combobox", name="Purchases").select_option("auto_forecast")
        with_purchases = keep(page, 1_000)
        expect(page.get_by_text("This forecast is kept: 1,000 futures.")).to_be_visible()

    with apps.visit(browser, f"?runs={as_it_is},{with_purchases}", app="compare") as visit:
        page = visit.page
        expect(page.locator("h1")).to_contain_text(
            re.compile("“Buy when milking cows will be missing.*more cows in milk"),
            timeout=3 * PATIENCE_MS,  # ten thousand futures against a thousand, beside another test
        )
        expect(page.locator("#delta .main-svg").first).to_be_visible()
        expect(page.locator("#overlay .main-svg").first).to_be_visible()
        difference = apps.workbench.compare([as_it_is, with_purchases], as_it_is).runs[0].differences
        middle = difference[Metric.MILKING_COUNT].series.p50[-1]
        expect(page.locator("#delta-title")).to_contain_text(f"+{middle:,.0f}")
    kept.close()
