"""A plan that was changed: its page, its address and its files are of one forecast."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect

from herd_engine.model.forecast import Metric
from herd_engine.sample import make_sample
from tests.browser.apps_server import PATIENCE_MS, Apps, served
from tests.herd_engine.runs.conftest import work

pytestmark = pytest.mark.slow
expect.set_options(timeout=PATIENCE_MS)
LAST = re.compile(r"([\d,]+) \([^()]*\) by [A-Z][a-z]{2} 2027")


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apps]:
    with served(tmp_path_factory.mktemp("home"), "--preheat", "0") as apps:
        yield apps


@pytest.fixture(scope="module")
def run_id(apps: Apps) -> str:
    kept = apps.workbench.kept
    dataset = kept.add_dataset(make_sample(animals=400).csv, "farm.csv")
    run = kept.submit(dataset.id, {"mc_runs": 50, "horizon_months": 12}, name="As it is").run
    work(kept)
    kept.close()
    return run.id


def at_rest(page: Page) -> None:
    """Wait until what is shown has caught up with the plan."""
    page.locator("#milking .main-svg").first.wait_for()
    expect(page.locator(".herd-heading.herd-stale")).to_have_count(0)


def told(page: Page) -> int:
    """Return the milking cows at the end, as the headline tells them."""
    found = LAST.findall(page.locator("h1").inner_text().replace("\u2060", ""))
    return int(found[-1].replace(",", ""))


def exported(page: Page) -> int:
    """Return the milking cows at the end, as the workbook of the page has them."""
    with page.expect_download() as saved:
        page.get_by_role("button", name="Excel (XLSX)").click()
    workbook = load_workbook(io.BytesIO(Path(saved.value.path()).read_bytes()))
    for sheet in workbook:
        header = [cell.value for cell in sheet[1]]
        if "Milking cows, median" in header:
            *_, last = sheet.iter_rows(min_row=2, values_only=True)
            return round(float(last[header.index("Milking cows, median")]))
    raise AssertionError(workbook.sheetnames)


def test_a_kept_plan_changed_shared_by_its_address_exported_one_number_in_all_three(
    browser: Browser, apps: Apps, run_id: str
) -> None:
    forecast = apps.workbench.kept.forecast(run_id)
    kept = round(float(forecast.series[Metric.MILKING_COUNT].p50[-1]))
    with apps.visit(browser, f"?run={run_id}") as visit:
        page = visit.page
        expect(page.get_by_text("Kept", exact=True)).to_be_visible()
        at_rest(page)
        assert told(page) == exported(page) == kept

        page.get_by_role("slider", name="Culling of cows").fill("0.5")
        expect(page.get_by_text("Changed, not kept")).to_be_visible()
        at_rest(page)
        changed = told(page)
        assert changed != kept
        assert exported(page) == changed
        expect(page).to_have_url(re.compile("plan="))
        address = page.url

    with apps.visit(browser, address.partition("/studio")[2]) as visit:
        colleague = visit.page
        expect(colleague.get_by_text("Changed, not kept")).to_be_visible()
        expect(colleague.get_by_role("textbox", name="Culling of cows")).to_have_value("0.5")
        at_rest(colleague)
        assert told(colleague) == exported(colleague) == changed

        colleague.reload()
        expect(colleague.get_by_text("Changed, not kept")).to_be_visible()
        at_rest(colleague)
        assert told(colleague) == changed

        colleague.get_by_role("button", name="Back to “As it is”").click()
        expect(colleague.get_by_text("Kept", exact=True)).to_be_visible()
        at_rest(colleague)
        assert told(colleague) == kept


def test_a_plan_that_was_left_is_asked_about_and_the_browsers_way_back_opens_it(
    browser: Browser, apps: Apps, run_id: str
) -> None:
    with apps.visit(browser) as visit:
        page = visit.page
        at_rest(page)
        page.get_by_role("slider", name="Culling of cows").fill("0.5")
        expect(page).to_have_url(re.compile("plan="))
        at_rest(page)
        changed = page.locator("h1").inner_text()

        page.get_by_role("link", name="Data").click()
        page.locator(".herd-items li").first.wait_for()
        page.go_back()
        at_rest(page)
        expect(page.locator("h1")).to_have_text(changed)

        page.goto(f"{apps.address}/studio?lang=en")
        expect(page.get_by_text("Go on with the plan that you left?")).to_be_visible()
        page.get_by_role("button", name="Go on with it").click()
        expect(page.locator("h1")).to_have_text(changed)
        expect(page.get_by_text("Go on with the plan that you left?")).to_be_hidden()
