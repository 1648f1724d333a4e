"""The forecast studio in a real browser, served by Voila."""

import io
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect

from herd_engine.model.forecast import Metric
from herd_engine.model.run_status import RunStatus
from herd_engine.model.scenario import Scenario
from herd_engine.sample import make_sample
from herd_engine.storage.run_rows import RunFilters
from tests.browser.apps_server import PATIENCE_MS, PHONE, Apps, served

pytestmark = pytest.mark.slow
expect.set_options(timeout=PATIENCE_MS)

SAMPLE = make_sample(animals=400, problems=True).csv
LARGE = make_sample(animals=3000).csv
_HEADER, *_ROWS = LARGE.splitlines()
LARGE = b"\n".join([_HEADER, SAMPLE.splitlines()[1], *_ROWS])  # one animal in common: nothing is asked
YEAR_OF_THE_END = "2031"


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apps]:
    with served(tmp_path_factory.mktemp("home"), "--preheat", "0") as apps:
        yield apps


def upload(page: Page, content: bytes, name: str = "farm.csv") -> None:
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content}
    )


def show_herd(page: Page, content: bytes = SAMPLE, name: str = "farm.csv") -> None:
    """Upload a herd and wait for its picture."""
    upload(page, content, name)
    expect(page.get_by_role("combobox", name="Files of this farm")).to_contain_text(name)
    page.locator("#milking .main-svg").first.wait_for()


def fill(page: Page, label: str, value: str) -> None:
    page.get_by_role("textbox", name=label).fill(value)


def title_of(page: Page) -> str:
    return page.locator("#milking-title").inner_text()


def test_upload_quality_preview_run_and_cancel(browser: Browser, apps: Apps) -> None:
    with apps.visit(browser) as visit:
        page = visit.page
        expect(page.get_by_text("up to 20 MB")).to_be_visible()
        show_herd(page)

        quality = page.get_by_role("region", name="Quality of the file")
        expect(quality.get_by_text("Error").first).to_be_visible()
        assert quality.get_by_role("row").count() > 5

        before = title_of(page)
        page.get_by_role("slider", name="Culling of cows").fill("0.5")
        expect(page.locator("#milking-title")).not_to_have_text(before)

        fill(page, "How far ahead", "500")
        page.get_by_role("textbox", name="How far ahead").press("Tab")
        expect(page.get_by_text("500 is too much: 120 is the most, and is taken.")).to_be_visible()
        expect(page.get_by_role("textbox", name="How far ahead")).to_have_value("120")
        fill(page, "Simulated futures", "50000")
        page.get_by_role("button", name="Keep this forecast").click()
        expect(page.get_by_role("progressbar")).to_be_visible()
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_text("The forecast was canceled")).to_be_visible()

    canceled = apps.workbench.kept.list_runs(RunFilters(statuses=(RunStatus.CANCELED,))).items
    assert [run.runs_total for run in canceled] == [50_000]


WATCH = """(chart) => {
    window.seen = [];
    chart.on("plotly_afterplot", () => {
        const line = chart.data.find((trace) => trace.name);
        const {name = null, y} = line ?? chart.data[4];
        window.seen.push({name, end: y.at(-1)});
    });
}"""


@pytest.mark.parametrize(
    ("query", "slider", "name"),
    [
        ("?lang=en", "Culling of cows", "Expected, at once"),
        ("?lang=ru", "Выбраковка коров", "Ожидание, сразу"),
    ],
)
def test_a_moved_slider_is_followed_by_a_line_at_once_then_by_the_bands(
    browser: Browser, apps: Apps, query: str, slider: str, name: str
) -> None:
    apps.workbench.expectation(
        apps.workbench.read_bytes(SAMPLE, "farm.csv"), Scenario()
    )  # compiled, if need be
    with apps.visit(browser, query) as visit:
        page = visit.page
        upload(page, LARGE)  # bands of few animals are there as soon as the line
        chart = page.locator("#milking")
        chart.locator(".main-svg").first.wait_for()
        page.locator("[data-path=horizon_months] .herd-slider").fill("60")
        expect(page.locator("#milking-title")).to_contain_text(YEAR_OF_THE_END)
        chart.evaluate(WATCH)

        page.get_by_role("slider", name=slider).fill("1.6")
        page.wait_for_function("window.seen.length > 1 && window.seen.at(-1).name === null")

        seen = page.evaluate("window.seen")
        assert seen[0]["name"] == name
        assert seen[-1]["name"] is None
        assert seen[0]["end"] == pytest.approx(seen[-1]["end"], rel=0.03)


def test_a_finished_run_is_shown_as_it_is_kept_and_its_workbook_has_its_numbers(
    browser: Browser, apps: Apps
) -> None:
    with apps.visit(browser) as visit:
        page = visit.page
        show_herd(page)
        fill(page, "Simulated futures", "300")
        page.get_by_role("button", name="Keep this forecast").click()
        expect(page.get_by_text("This forecast is kept: 300 futures.")).to_be_visible()
        expect(page).to_have_url(re.compile("run="))
        run_id = re.search(r"run=([-0-9a-f]{36})", page.url)[1]
        with page.expect_download() as saved:
            page.get_by_role("button", name="Excel (XLSX)").click()
        workbook = load_workbook(io.BytesIO(Path(saved.value.path()).read_bytes()))

    forecast = apps.workbench.kept.forecast(run_id)
    sheet = workbook["Series"]
    header = [cell.value for cell in sheet[1]]
    medians = [row[header.index("Milking cows, median")].value for row in sheet.iter_rows(min_row=2)]
    assert saved.value.suggested_filename == f"forecast-{forecast.meta.report_date}-{run_id[:8]}.xlsx"
    assert medians == [round(value) for value in forecast.series[Metric.MILKING_COUNT].p50]


def test_a_run_goes_on_when_its_page_is_closed_and_is_there_again(browser: Browser, apps: Apps) -> None:
    with apps.visit(browser) as visit:
        page = visit.page
        show_herd(page)
        fill(page, "How far ahead", "60")
        fill(page, "Simulated futures", "20000")
        page.get_by_role("button", name="Keep this forecast").click()
        expect(page.get_by_role("progressbar")).to_be_visible()
        run_id = re.search(r"run=([-0-9a-f]{36})", page.url)[1]

    with apps.visit(browser, f"?run={run_id}") as visit:
        expect(visit.page.get_by_text("This forecast is kept: 20,000 futures.")).to_be_visible()
        expect(visit.page.get_by_role("textbox", name="Simulated futures")).to_have_value("20000")
        forecast = apps.workbench.kept.forecast(run_id)
        last = forecast.series[Metric.MILKING_COUNT].p50[-1]
        expect(visit.page.locator("#milking-title")).to_contain_text(f"{last:,.0f}")


def test_language_and_theme_change_at_once_and_are_remembered(browser: Browser, apps: Apps) -> None:
    with apps.visit(browser) as visit:
        page = visit.page
        show_herd(page)
        page.get_by_role("slider", name="How far ahead").fill("24")
        page.get_by_role("combobox", name="Language").select_option("ru")
        expect(page.locator("h1")).to_contain_text("Поголовье дойных")
        expect(page.get_by_role("textbox", name="На сколько вперёд")).to_have_value("24")
        expect(page.locator("html")).to_have_attribute("lang", "ru")
        page.get_by_role("combobox", name="Оформление").select_option("dark")
        expect(page.locator(".herd-page")).to_have_css("background-color", "rgb(20, 23, 26)")
        page.goto(f"{apps.address}/studio")
        expect(page.locator("h1")).to_contain_text("Поголовье дойных")
        expect(page.locator(".herd-page")).to_have_css("background-color", "rgb(20, 23, 26)")


def test_a_bad_file_is_refused_in_words_and_the_page_goes_on(browser: Browser, apps: Apps) -> None:
    with apps.visit(browser) as visit:
        page = visit.page
        upload(page, b"colour,shape\nred,round\n", "toys.csv")
        expect(page.get_by_text("No forecast can be made of toys.csv")).to_be_visible()
        upload(page, b"", "empty.csv")
        expect(page.get_by_text("This file is empty.")).to_be_visible()
        show_herd(page)


def test_fifteen_megabytes_are_taken_and_more_than_the_limit_is_refused(browser: Browser, apps: Apps) -> None:
    header, *lines = SAMPLE.decode("utf-8-sig").splitlines()
    filler = "x" * (15 * 2**20 // len(lines))
    delimiter = ";" if ";" in header else ","
    wide = "\n".join([f"{header}{delimiter}note", *(f"{line}{delimiter}{filler}" for line in lines)]).encode()
    assert len(wide) > 15 * 2**20

    with apps.visit(browser) as visit:
        show_herd(visit.page, wide, "wide.csv")
        upload(visit.page, b"x" * (21 * 2**20), "huge.csv")
        expect(visit.page.get_by_text("This file is larger than 20 MB.")).to_be_visible()


def test_a_run_that_is_not_there_is_said_in_words(browser: Browser, apps: Apps) -> None:
    with apps.visit(browser, "?run=00000000-0000-4000-8000-000000000000") as visit:
        expect(visit.page.get_by_role("alert").get_by_text("There is no forecast")).to_be_visible()


@pytest.mark.parametrize("query", ["?lang=en", "?lang=ru"])
def test_a_phone_need_not_scroll_sideways(browser: Browser, apps: Apps, query: str) -> None:
    with apps.visit(browser, query, viewport=PHONE) as visit:
        upload(visit.page, SAMPLE)
        visit.page.locator("#milking .main-svg").first.wait_for()

        assert visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_pages_that_were_left_leave_no_kernel(browser: Browser, apps: Apps) -> None:
    with apps.visit(browser) as visit:
        visit.page.reload()
        visit.page.locator(".herd-page h1").wait_for()
        assert apps.kernel_ids()
        visit.page.goto("about:blank")
    with apps.visit(browser):
        assert apps.kernel_ids()

    for _ in range(PATIENCE_MS // 100):
        if not apps.kernel_ids():
            break
        Event().wait(0.1)
    assert apps.kernel_ids() == []


def test_the_user_that_a_trusted_proxy_names_owns_what_is_kept_with_kernels_that_were_ready_before(
    browser: Browser, tmp_path: Path
) -> None:
    with served(tmp_path, "--trust-forwarded-user") as apps:
        for user in ("anna", "boris"):
            with apps.visit(browser, extra_http_headers={"X-Forwarded-User": user}) as visit:
                show_herd(visit.page)
                fill(visit.page, "Simulated futures", "20")
                fill(visit.page, "Culling of cows", "0.9" if user == "anna" else "1.1")
                visit.page.get_by_role("button", name="Keep this forecast").click()
                expect(visit.page.get_by_text("This forecast is kept: 20 futures.")).to_be_visible()

        assert {run.owner for run in apps.workbench.kept.list_runs().items} == {"anna", "boris"}


def test_a_lost_connection_is_said_and_the_page_can_be_loaded_again(browser: Browser, apps: Apps) -> None:
    with apps.visit(browser) as visit:
        for kernel in apps.kernel_ids():
            os.kill(kernel, signal.SIGKILL)

        expect(visit.page.get_by_text("The connection to this page is lost.")).to_be_visible()
        visit.page.get_by_role("button", name="Load again").click()
        expect(visit.page.locator(".herd-page h1")).to_be_visible()
        visit.troubles.clear()  # that its kernel is gone is told by the browser too


def test_a_preset_of_ones_own_is_there_on_the_next_visit(browser: Browser, apps: Apps) -> None:
    with apps.visit(browser) as visit:
        show_herd(visit.page)
        fill(visit.page, "Breed cows later by", "27")
        visit.page.get_by_label("Name of a new preset").fill("Longer wait")
        visit.page.get_by_role("button", name="Save as a preset").click()
        start = visit.page.get_by_role("combobox", name="Start from")  # a built-in one is called alike
        expect(start.get_by_role("option", name="Longer wait", exact=True)).to_be_attached()

    with apps.visit(browser) as visit:
        show_herd(visit.page)
        visit.page.get_by_role("combobox", name="Start from").select_option("Longer wait")
        expect(visit.page.get_by_role("textbox", name="Breed cows later by")).to_have_value("27")
        visit.page.get_by_role("button", name="Undo").click()
        expect(visit.page.get_by_role("textbox", name="Breed cows later by")).to_have_value("0")


def test_a_purchase_is_planned_and_what_is_wrong_with_it_is_said_at_it(browser: Browser, apps: Apps) -> None:
    with apps.visit(browser) as visit:
        page = visit.page
        show_herd(page)
        before = title_of(page)
        page.get_by_role("button", name="Add a purchase").click()
        expect(page.get_by_label("Arrival, 1")).to_have_value("2026-06-01")
        page.get_by_label("Head, 1").fill("150")
        page.get_by_label("Head, 1").press("Tab")
        expect(page.locator("#milking-title")).not_to_have_text(before)

        page.get_by_label("Calving, 1").fill("2027-06-01")
        page.get_by_label("Calving, 1").press("Tab")
        expect(page.get_by_text("Give either the days pregnant or the calving date")).to_be_visible()
        expect(page.get_by_role("button", name="Keep this forecast")).to_be_disabled()


def test_every_control_is_reached_by_tab_and_has_a_name(browser: Browser, apps: Apps) -> None:
    with apps.visit(browser) as visit:
        page = visit.page
        show_herd(page)
        nameless = page.evaluate(
            """() => [...document.querySelectorAll(".herd-page :is(button, input, select, a, summary)")]
                .filter(e => e.checkVisibility())
                .filter(e => !(e.ariaLabel || e.labels?.length || e.textContent.trim()))
                .map(e => e.outerHTML)"""
        )
        assert nameless == []
        page.locator("body").press("Tab")
        seen = set()
        n_controls = page.locator(".herd-page :is(button, input, select, a, summary)").count()
        for _ in range(n_controls + 20):  # regions that scroll and tiles are stops too
            seen.add(page.evaluate("document.activeElement.outerHTML.slice(0, 200)"))
            page.keyboard.press("Tab")
        assert {"Undo", "Keep this forecast"} & {
            word for text in seen for word in re.findall(r">([^<>]+)<", text)
        }
        assert len(seen) > 20


CHANNELS = """
version: 1
channels:
  - {id: barn, kind: folder, folder: told}
  - {id: desk, kind: folder, folder: desk}
"""


def test_a_floor_is_set_on_the_chart_and_a_faulty_file_of_channels_is_told(
    browser: Browser, apps: Apps
) -> None:
    file = apps.home / "channels.yaml"
    file.write_text(CHANNELS, encoding="utf-8")
    with apps.visit(browser) as visit:
        page = visit.page
        show_herd(page)
        panel, chart = page.locator(".herd-floor"), page.locator("#milking")
        expect(panel.get_by_role("checkbox", name="Tell desk")).to_be_checked()
        chart.scroll_into_view_if_needed()
        frame = chart.bounding_box()
        assert frame is not None
        page.mouse.click(frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2)
        level = page.get_by_role("textbox", name="Warn me when milking cows fall below")
        expect(level).not_to_have_value("")
        expect(chart).to_contain_text(f"warn at {level.input_value()}")
        panel.get_by_role("checkbox", name="Tell desk").uncheck()
        file.write_text(CHANNELS.replace("folder: desk", "address: desk"), encoding="utf-8")
        panel.get_by_role("button", name="Warn me").click()
        expect(panel).to_contain_text("Told: barn. The farm has no plan yet")
        expect(panel).to_contain_text("The file of recipients has mistakes")

    file.unlink()
    (held,) = apps.workbench.alerts.policies()
    assert (held.policy.metric, held.policy.channels) == ("forecast_below", ["barn"])
