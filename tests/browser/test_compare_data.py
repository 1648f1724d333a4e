"""Compare and Data in a real browser, served by Voila."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect

from herd_engine.execution.cluster import ClusterSettings, open_cluster
from herd_engine.execution.runner import Runner
from herd_engine.model.forecast import Metric
from herd_engine.sample import make_sample
from herd_engine.workbench import Workbench
from tests.browser.apps_server import PATIENCE_MS, PHONE, Apps, served

pytestmark = pytest.mark.slow
expect.set_options(timeout=PATIENCE_MS)

FILE = "herd <b>&</b>.csv"
PURCHASE = {"date_in": "2026-05-01", "count": 30, "days_pregnant": 200}


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apps]:
    """A farm with one file and two forecasts of it: as it is, and with a plan that has a name."""
    home = tmp_path_factory.mktemp("home")
    workbench = Workbench(home, "local", None)
    dataset = workbench.kept.add_dataset(make_sample(animals=400, problems=True).csv, FILE).id
    plan = workbench.catalog.scenarios.save("<b>Buy</b> thirty", {"mc_runs": 80, "purchases": [PURCHASE]})
    workbench.kept.submit(dataset, {"mc_runs": 80})
    workbench.kept.submit(dataset, scenario_id=plan.id)
    with open_cluster(ClusterSettings()) as cluster:
        Runner(workbench.kept.store, cluster).work(Event(), until_idle=True)
    workbench.kept.close()
    with served(home, "--preheat", "0") as apps:
        yield apps


@pytest.fixture
def ids(apps: Apps) -> list[str]:
    """Ids of the forecast as it is, and of the plan."""
    kept = apps.workbench.kept
    found = [run.id for run in reversed(kept.list_runs().items)]
    kept.close()
    return found


def item(page: Page, title: str) -> str:
    """Return the selector of an item of a list."""
    return f".herd-items li:has-text('{title}')"


def sideways(page: Page) -> int:
    """Return how far a page is wider than the phone."""
    return int(page.evaluate("document.documentElement.scrollWidth")) - PHONE["width"]


def test_two_forecasts_are_chosen_compared_and_compared_the_other_way_round(
    browser: Browser, apps: Apps, ids: list[str]
) -> None:
    with apps.visit(browser, app="compare") as visit:
        page = visit.page
        expect(page.locator("h1")).to_have_text("Which plan is better?")
        page.get_by_role("checkbox", name="Without purchases").check()
        page.get_by_role("checkbox", name="<b>Buy</b> thirty").check()

        expect(page.locator("h1")).to_contain_text("“<b>Buy</b> thirty” keeps")
        expect(page.locator("h1")).to_contain_text(re.compile("more cows in milk.*in .* futures"))
        expect(page.locator("#delta .main-svg").first).to_be_visible()
        expect(page.locator("#delta")).to_contain_text("<b>Buy</b>")
        expect(page.get_by_text("All had the same luck in every simulated future").first).to_be_visible()
        expect(page).to_have_url(re.compile(f"runs={ids[0]}%2C{ids[1]}&base={ids[0]}"))

        page.get_by_role("button", name="Make it the base: <b>Buy</b> thirty").click()
        expect(page.locator("h1")).to_contain_text("fewer cows in milk than “<b>Buy</b> thirty”")
        expect(page).to_have_url(re.compile(f"base={ids[1]}"))

        page.locator("#delta").locator("..").get_by_text("Show as table").click()
        table = page.get_by_role("region", name="The difference").get_by_role("row")
        expect(table).to_have_count(38)

        page.get_by_role("combobox", name="What to look at").select_option("purchases_in")
        expect(page.locator("#overlay-title")).to_contain_text("Purchases")
        with page.expect_download() as saved:
            page.get_by_role("button", name="Excel (XLSX)").click()
        workbook = load_workbook(io.BytesIO(Path(saved.value.path()).read_bytes()))

    comparison = apps.workbench.compare(ids, ids[1])
    medians = comparison.runs[0].differences[Metric.MILKING_COUNT].series.p50
    header, *rows = workbook["Differences"].iter_rows(values_only=True)
    milking = [row for row in rows if row[header.index("Measure")] == "Milking cows"]
    assert [row[header.index("Difference, median")] for row in milking] == medians.tolist()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_comparison_opens_by_its_address_and_a_phone_need_not_scroll_sideways(
    browser: Browser, apps: Apps, ids: list[str], language: str
) -> None:
    query = f"?runs={','.join(ids)}&base={ids[1]}&lang={language}"
    with apps.visit(browser, query, app="compare", viewport=PHONE) as visit:
        page = visit.page
        page.locator("#overlay .main-svg").first.wait_for()

        expect(page.locator("h1")).to_contain_text("<b>Buy</b> thirty")
        assert sideways(page) <= 0


def test_forecasts_are_found_by_the_keyboard(browser: Browser, apps: Apps) -> None:
    with apps.visit(browser, app="compare") as visit:
        page = visit.page
        page.get_by_role("searchbox", name="Find by scenario or file").fill("thirty")
        expect(page.get_by_role("checkbox")).to_have_count(1)

        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        expect(page.get_by_role("list", name="Compared").get_by_role("listitem")).to_have_count(1)


def test_a_bad_file_is_refused_in_words_and_the_page_goes_on(browser: Browser, apps: Apps) -> None:
    with apps.visit(browser, app="data") as visit:
        page = visit.page
        expect(page.locator("h1")).to_contain_text(FILE)
        page.locator("input[type=file]").set_input_files(
            {"name": "toys.csv", "mimeType": "text/csv", "buffer": b"colour\nred\n"}
        )
        expect(page.get_by_text("No forecast can be made of toys.csv")).to_be_visible()

        page.locator("input[type=file]").set_input_files(
            {"name": "new.csv", "mimeType": "text/csv", "buffer": make_sample(animals=150, seed=5).csv}
        )
        page.get_by_role("button", name="keep it here").click()  # its animals are none of the farm's so far
        expect(page.locator("h1")).to_contain_text("new.csv: 150 animals")
        expect(page.locator(".tile")).to_have_count(12)
        page.locator("#dim .main-svg").first.wait_for()


def test_a_file_is_renamed_and_one_that_is_used_says_why_it_stays(browser: Browser, apps: Apps) -> None:
    with apps.visit(browser, app="data") as visit:
        page = visit.page
        page.get_by_role("radio", name=FILE).check()
        expect(page.locator("h1")).to_contain_text(FILE)

        page.get_by_role("button", name=f"Delete: {FILE}").click()
        expect(page.get_by_text("2 forecasts were made of this file")).to_be_visible()
        page.get_by_role("button", name="Close").click()

        page.get_by_role("button", name=f"Rename: {FILE}").click()
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type("North barn")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("North barn")

        page.get_by_role("button", name="Rename: North barn").click()
        page.get_by_role("textbox", name="Rename").fill(FILE)
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator("h1")).to_contain_text(FILE)

        page.reload(wait_until="commit")
        expect(page.locator("h1")).to_contain_text(FILE)


def test_a_farm_just_added_is_the_one_selected_and_one_can_go_back(browser: Browser, apps: Apps) -> None:
    with apps.visit(browser, app="data") as visit:
        page = visit.page
        page.get_by_label("Name of a new farm").fill("Hill & dale")
        page.get_by_role("button", name="Add a farm").click()
        expect(page.get_by_role("combobox", name="Farm", exact=True)).to_have_value("Hill & dale")
        expect(page.locator("h1")).to_have_text("The farm's herd files")
        expect(page).to_have_url(re.compile("farm=Hill"))

        page.get_by_role("combobox", name="Farm", exact=True).select_option(apps.workbench.catalog.farm.name)
        expect(page.locator("h1")).to_contain_text("in milk")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_data_of_a_herd_fit_on_a_phone(browser: Browser, apps: Apps, language: str) -> None:
    with apps.visit(browser, f"?lang={language}", app="data", viewport=PHONE) as visit:
        visit.page.locator("#fitted .main-svg").first.wait_for()

        assert sideways(visit.page) <= 0
