"""The forecast's page in a real browser, opened from its file."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from herd_engine.model.forecast import Forecast, Metric
from herd_engine.presentation.page.html_page import forecast_html
from pipelines.demo import make_demo

pytestmark = pytest.mark.slow

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
CHARTS = ("milking_count", "events", "structure", "avg_days_in_milk")
LEVELS = ("milking_count", "dry_count", "heifer_count", "pregnant_heifer_count", "avg_days_in_milk")


@dataclass
class Visit:
    """A page that is open, what it asked for and what went wrong on it."""

    page: Page
    requests: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Pages:
    """A forecast and its pages by language."""

    forecast: Forecast
    english: Path
    russian: Path


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    """The demo's page, and the same in Russian."""
    folder = tmp_path_factory.mktemp("demo")
    demo = make_demo(folder, runs=100)
    russian = folder / "russian.html"
    russian.write_text(forecast_html(demo.shown.forecast, language="ru"), encoding="utf-8")
    return Pages(demo.shown.forecast, demo.page, russian)


@contextmanager
def opened(browser: Browser, path: Path, **options: Any) -> Iterator[Visit]:
    """Open a page and wait until its charts are drawn."""
    context = browser.new_context(viewport=options.pop("viewport", DESKTOP), **options)
    visit = Visit(context.new_page())
    page = visit.page
    page.on("request", lambda request: visit.requests.append(request.url))
    page.on("requestfailed", lambda request: visit.troubles.append(f"failed: {request.url}"))
    page.on("console", lambda message: visit.troubles.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: visit.troubles.append(str(error)))
    page.goto(path.as_uri())
    for chart in CHARTS:
        page.locator(f"#{chart} .main-svg").first.wait_for()
    yield visit
    context.close()


def drawn(page: Page, chart: str) -> list[tuple[float, float]]:
    """Return width and height of every line, area and bar that a chart shows."""
    shapes: list[tuple[float, float]] = page.eval_on_selector_all(
        f"#{chart} .trace path",
        "paths => paths.map(p => p.getBBox()).filter(b => b.width || b.height).map(b => [b.width, b.height])",
    )
    return shapes


def brightness(page: Page, selector: str, what: str) -> float:
    """Return 0 for black … 1 for white, or for nothing at all, as the paper is white."""
    color = page.eval_on_selector(selector, f"element => getComputedStyle(element).{what}")
    red, green, blue, *opacity = (float(part) for part in re.findall(r"[\d.]+", color))
    return 1.0 if opacity == [0.0] else (red + green + blue) / 3 / 255


def number(text: str) -> float:
    return float(text.replace(",", "").replace("\N{MINUS SIGN}", "-"))


def table_rows(page: Page, table: str) -> list[list[str]]:
    return [row.locator("th, td").all_inner_texts() for row in page.locator(table).locator("tbody tr").all()]


def test_the_page_asks_for_nothing_and_nothing_goes_wrong(browser: Browser, pages: Pages) -> None:
    with opened(browser, pages.english) as visit:
        visit.page.evaluate("window.scrollTo(0, document.body.scrollHeight)")

        assert visit.requests == [pages.english.as_uri()]
        assert visit.troubles == []


def test_headline_and_tiles_tell_the_forecast(browser: Browser, pages: Pages) -> None:
    milking = pages.forecast.series[Metric.MILKING_COUNT]

    with opened(browser, pages.english) as visit:
        heading, tiles = visit.page.locator("h1"), visit.page.locator(".tile")

        expect(heading).to_be_visible()
        assert heading.inner_text().startswith("Milking cows ")
        assert f"{milking.p50[0]:,.0f}" in heading.inner_text()
        assert tiles.count() == 6
        assert all(tile.is_visible() for tile in tiles.all())
        big = tiles.first.locator(".big").inner_text().split()[0]
        assert number(big) == round(milking.p50[12])  # a year ahead


@pytest.mark.parametrize("chart", CHARTS)
def test_every_chart_is_drawn(browser: Browser, pages: Pages, chart: str) -> None:
    with opened(browser, pages.english) as visit:
        shapes, frame = drawn(visit.page, chart), visit.page.locator(f"#{chart}").bounding_box()

    assert frame is not None
    assert min(frame["width"], frame["height"]) > 300
    assert max(width for width, _ in shapes) > (5 if chart == "events" else 0.6 * frame["width"])
    if chart == "events":
        kinds = [m for m in ("calvings", "dryoffs", "culls", "purchases_in", "heifer_intros")
                 if pages.forecast.series[Metric(m)].mean[1:].sum() > 0]  # fmt: skip
        assert len([height for _, height in shapes if height > 10]) > 12 * len(kinds)


@pytest.mark.parametrize(("chart", "digits"), [("milking_count", 0), ("avg_days_in_milk", 1)])
def test_show_as_table_opens_the_numbers_of_the_chart(
    browser: Browser, pages: Pages, chart: str, digits: int
) -> None:
    series = pages.forecast.series[Metric(chart)]

    with opened(browser, pages.english) as visit:
        card = visit.page.locator("figure.card", has=visit.page.locator(f"#{chart}"))
        table = card.locator("table")
        expect(table).to_be_hidden()

        card.get_by_text("Show as table").click()

        expect(table).to_be_visible()
        rows = table_rows(visit.page, f"figure.card:has(#{chart}) table")
    values = zip(series.p_low, series.p50, series.p_high, strict=True)
    assert [[number(cell) for cell in row[1:]] for row in rows] == [
        [round(float(value), digits) for value in point] for point in values
    ]
    assert rows[0][0] == "1 Mar 2026"


def test_months_that_are_over_when_the_page_is_read_are_shaded(browser: Browser, pages: Pages) -> None:
    with opened(browser, pages.english) as visit:  # the sample's report date is 1 March 2026
        labels = visit.page.locator(".chart").first.get_by_text("already past")

        expect(labels).to_be_visible()


def test_month_by_month_is_every_month_of_the_forecast(browser: Browser, pages: Pages) -> None:
    with opened(browser, pages.english) as visit:
        rows = table_rows(visit.page, "section[aria-labelledby=table]")

    medians = [[number(cell.split(" (")[0]) for cell in row[1:]] for row in rows]
    points = range(len(pages.forecast.dates))
    assert medians == [
        [round(float(pages.forecast.series[Metric(m)].p50[p]), int(m == LEVELS[-1])) for m in LEVELS]
        for p in points
    ]


def test_the_russian_page_is_russian_all_over(browser: Browser, pages: Pages) -> None:
    with opened(browser, pages.russian) as visit:
        page = visit.page

        assert page.locator("html").get_attribute("lang") == "ru"
        assert page.locator("h1").inner_text().startswith("Поголовье дойных")
        expect(page.get_by_text("Показать таблицей").first).to_be_visible()
        assert not re.search(r"[A-Za-z]{3}", " ".join(page.locator(".chart text").all_text_contents()))
        assert visit.troubles == []


@pytest.mark.parametrize("language", ["english", "russian"])
def test_a_phone_need_not_scroll_sideways(browser: Browser, pages: Pages, language: str) -> None:
    with opened(browser, getattr(pages, language), viewport=PHONE) as visit:
        for summary in visit.page.locator("summary").all():
            summary.click()

        assert visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        for chart in CHARTS:
            frame = visit.page.locator(f"#{chart} .main-svg").first.bounding_box()
            assert frame is not None
            assert frame["x"] >= 0
            assert frame["x"] + frame["width"] <= PHONE["width"]


@pytest.mark.parametrize(("scheme", "is_dark"), [("light", False), ("dark", True)])
def test_the_page_and_its_charts_wear_the_readers_scheme(
    browser: Browser, pages: Pages, scheme: str, is_dark: bool
) -> None:
    with opened(browser, pages.english, color_scheme=scheme) as visit:
        paper = brightness(visit.page, "body", "backgroundColor")
        ink = brightness(visit.page, f"#{CHARTS[0]} .xtick text", "fill")

    assert (paper < 0.2) if is_dark else (paper > 0.9)
    assert (ink > 0.5) if is_dark else (ink < 0.5)


def test_charts_follow_when_the_scheme_changes(browser: Browser, pages: Pages) -> None:
    ink_of = f"getComputedStyle(document.querySelector('#{CHARTS[0]} .xtick text')).fill"

    with opened(browser, pages.english, color_scheme="light") as visit:
        light = visit.page.evaluate(ink_of)
        visit.page.emulate_media(color_scheme="dark")
        expect(visit.page.locator(f"#{CHARTS[0]} .xtick text").first).not_to_have_css("fill", light)

        assert brightness(visit.page, "body", "backgroundColor") < 0.2
        assert brightness(visit.page, f"#{CHARTS[0]} .xtick text", "fill") > 0.5
        assert visit.troubles == []


def test_paper_keeps_the_charts_and_stays_light(browser: Browser, pages: Pages) -> None:
    with opened(browser, pages.english, color_scheme="dark") as visit:
        page = visit.page
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")

        shapes = {chart: drawn(page, chart) for chart in CHARTS}
        widths = {chart: page.locator(f"#{chart} .main-svg").first.bounding_box() for chart in CHARTS}
        paper = brightness(page, "body", "backgroundColor")
        ink = brightness(page, "#milking_count .xtick text", "fill")
        file = page.pdf(format="A4")
        assert visit.troubles == []

    assert all(shapes.values())
    assert all(frame is not None and frame["width"] <= 680 for frame in widths.values())  # A4 less margins
    assert paper > 0.9
    assert ink < 0.5
    assert file.startswith(b"%PDF-")
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b", file)) <= 8
