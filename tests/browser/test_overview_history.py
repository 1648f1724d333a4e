"""The overview, the history and the pages of words in a real browser, served by Voila."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from threading import Event

import pytest
from playwright.sync_api import Browser, Page, expect

from herd_engine.execution.cluster import ClusterSettings, open_cluster
from herd_engine.execution.runner import Runner
from herd_engine.sample import make_sample
from herd_engine.workbench import Workbench
from tests.browser.apps_server import PATIENCE_MS, PHONE, Apps, served

pytestmark = pytest.mark.slow
expect.set_options(timeout=PATIENCE_MS)

PURCHASE = {"date_in": "2026-09-15", "count": 12, "days_pregnant": 150}


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apps]:
    """A farm with two herd files and a forecast of each, and a second one of the newer file."""
    home = tmp_path_factory.mktemp("home")
    kept = Workbench(home, "local", None).kept
    february = make_sample(animals=400, seed=2, report_date=date(2026, 2, 1)).csv
    march = make_sample(animals=400).csv
    before, now = (kept.add_dataset(*item) for item in ((february, "february.csv"), (march, "march.csv")))
    kept.submit(before.id, {"mc_runs": 60})
    kept.submit(now.id, {"mc_runs": 60, "purchases": [PURCHASE]})
    kept.submit(now.id, {"mc_runs": 60})
    with open_cluster(ClusterSettings()) as cluster:
        Runner(kept.store, cluster).work(Event(), until_idle=True)
    kept.close()
    with served(home, "--preheat", "0") as apps:
        yield apps


def row(title: str) -> str:
    """Return the selector of the runs that say so."""
    return f".herd-run-list tbody tr:has-text('{title}')"


def sideways(page: Page) -> int:
    """Return how far a page is wider than the phone."""
    return int(page.evaluate("document.documentElement.scrollWidth")) - PHONE["width"]


def test_the_overview_answers_in_a_sentence_tiles_and_a_chart_in_both_languages(
    browser: Browser, apps: Apps
) -> None:
    with apps.visit(browser, app="overview") as visit:
        page = visit.page
        expect(page.locator("h1")).to_contain_text("Milking cows")
        expect(page.locator(".tile")).to_have_count(6)
        page.locator("#milking .main-svg").first.wait_for()
        expect(page.get_by_text(re.compile("since 1 Feb 2026")).first).to_be_visible()
        expect(page.get_by_role("region", name="What has changed").get_by_role("row")).to_have_count(7)
        expect(page.locator(".herd-past")).to_contain_text(
            re.compile(r"Forecasts of milking cows .* of \d+ lay")
        )
        expect(page.locator("#past-milking .main-svg").first).to_be_visible()

        definition = page.locator("#about-milking_count")
        expect(definition).to_be_hidden()
        page.locator(".tile").first.focus()
        expect(definition).to_be_visible()

        page.get_by_role("combobox", name="Language").select_option("ru")
        expect(page.locator("h1")).to_contain_text("Поголовье дойных")
        expect(page.get_by_text("Последние прогнозы")).to_be_visible()

        page.get_by_role("link", name="Без закупок").first.click()
        expect(page).to_have_url(re.compile(r"/studio\?lang=ru&run=[-0-9a-f]{36}"))


def test_on_paper_charts_fit_and_nothing_is_left_to_press(browser: Browser, apps: Apps) -> None:
    with apps.visit(browser, app="overview", color_scheme="dark") as visit:
        page = visit.page
        chart = page.locator("#milking .main-svg").first
        chart.wait_for()
        page.emulate_media(media="print", color_scheme="dark")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")

        expect(chart).to_have_attribute("width", "660")  # A4 within its margins
        expect(page.locator(".herd-page")).to_have_css("background-color", "rgba(0, 0, 0, 0)")
        expect(page.locator("h1")).to_have_css("color", "rgb(29, 35, 39)")
        assert [item for item in page.locator("button, select, nav").all() if item.is_visible()] == []

        page.emulate_media(media="screen")
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        expect(chart).not_to_have_attribute("width", "660")


def test_the_history_finds_pins_verifies_and_deletes_and_says_so(browser: Browser, apps: Apps) -> None:
    with apps.visit(browser, app="history") as visit:
        page = visit.page
        expect(page.locator(".herd-run-list tbody tr")).to_have_count(3)

        page.get_by_role("textbox", name="Search").fill("february")
        expect(page.locator(".herd-run-list tbody tr")).to_have_count(1)
        page.get_by_role("textbox", name="Search").fill("")
        expect(page.locator(".herd-run-list tbody tr")).to_have_count(3)

        bought = page.locator(row("Purchase of 12 heifers"))
        bought.get_by_role("button", name=re.compile("^Pin")).click()
        expect(bought.locator(".herd-pin")).to_have_attribute("aria-pressed", "true")
        page.get_by_role("combobox", name="Pins").select_option("pinned")
        expect(page.locator(".herd-run-list tbody tr")).to_have_count(1)
        page.get_by_role("combobox", name="Pins").select_option("")

        bought.get_by_role("button", name="Purchase of 12 heifers", exact=True).click()
        page.get_by_role("button", name="Check its files").click()
        expect(page.get_by_text("Every file of this forecast is as it was published.")).to_be_visible()
        with page.expect_download() as saved:
            page.get_by_role("button", name="Numbers (CSV)").click()
        assert Path(saved.value.path()).read_bytes().count(b"\n") > 36

        page.locator(row("march.csv")).first.get_by_role("checkbox").check()
        bought.get_by_role("checkbox").check()
        expect(page.get_by_role("link", name="Compare", exact=True).last).to_have_attribute(
            "href", re.compile(r"runs=[-0-9a-f]{36},[-0-9a-f]{36}$")
        )
        page.get_by_role("button", name="Choose none").click()
        page.locator(row("february.csv")).get_by_role("checkbox").check()
        page.get_by_role("button", name="Delete …").click()
        expect(page.get_by_text("Delete 1 forecast?")).to_be_visible()
        page.get_by_role("button", name="Delete", exact=True).click()
        expect(page.get_by_text("1 forecast was deleted.")).to_be_visible()
        expect(page.locator(".herd-run-list tbody tr")).to_have_count(2)

    kept = apps.workbench.kept.list_runs().items
    assert sorted(run.pinned for run in kept) == [False, True]


def test_pages_of_words_need_no_kernel_and_lead_on_in_the_visitors_language(
    browser: Browser, apps: Apps
) -> None:
    before = set(apps.kernel_ids())
    with apps.visit(browser, app="", locale="ru-RU") as visit:
        page = visit.page
        expect(page).to_have_url(re.compile(r"\?lang=ru$"))
        expect(page.locator(".herd-cards li")).to_have_count(10)
        page.get_by_role("combobox", name="Оформление").select_option("dark")
        page.locator(".herd-cards").get_by_role("link", name=re.compile("Справка")).click()
        expect(page.locator("h1")).to_have_text("Как читать прогноз")
        expect(page.locator(".herd-page")).to_have_css("background-color", "rgb(20, 23, 26)")
        page.get_by_role("link", name="English").click()
        expect(page.locator("h1")).to_have_text("How to read a forecast")
        assert sum("overview" in link.get_attribute("href") for link in page.get_by_role("link").all()) == 1
        assert set(apps.kernel_ids()) <= before


def test_two_users_at_once_see_only_their_own_history(browser: Browser, tmp_path: Path) -> None:
    dataset = Workbench(tmp_path, "anna", None).kept.add_dataset(make_sample(animals=100).csv, "farm.csv").id
    for seed, owner in enumerate(("anna", "boris", "boris")):
        kept = Workbench(tmp_path, owner, None).kept
        kept.submit(dataset, {"mc_runs": 10, "seed": seed, "horizon_months": 6 if owner == "anna" else 7})
        kept.close()

    with (
        served(tmp_path, "--preheat", "0", "--trust-forwarded-user") as apps,
        apps.visit(browser, app="history", extra_http_headers={"X-Forwarded-User": "anna"}) as anna,
        apps.visit(browser, app="history", extra_http_headers={"X-Forwarded-User": "boris"}) as boris,
    ):
        expect(anna.page.locator(row("6 months"))).to_have_count(1)
        expect(boris.page.locator(row("7 months"))).to_have_count(2)
        expect(anna.page.locator(row("7 months"))).to_have_count(0)
        expect(boris.page.locator(row("6 months"))).to_have_count(0)


@pytest.mark.parametrize("app", ["overview", "history", "", "help"])
def test_a_phone_need_not_scroll_sideways(browser: Browser, apps: Apps, app: str) -> None:
    with apps.visit(browser, "?lang=ru", app=app, viewport=PHONE) as visit:
        if app == "overview":
            visit.page.locator("#milking .main-svg").first.wait_for()
        if app == "history":
            visit.page.locator(".herd-run-list tbody tr").first.wait_for()

        assert sideways(visit.page) <= 0
        shown = visit.page.locator(
            ".herd-rail a:visible"
        ).all()  # a phone's bar leaves out what the bell leads to
        assert len(shown) == 7
        for link in shown:
            frame = link.bounding_box()
            assert frame is not None
            assert frame["x"] + frame["width"] <= PHONE["width"]
