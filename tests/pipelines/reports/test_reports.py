"""Every report, made by a real kernel of a finished run, opened in a real browser without a network."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from html import escape
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from herd_engine.errors import ParameterError
from herd_engine.forecasting.backtest.backtest import BacktestPlan
from herd_engine.forecasting.long_run_check import sanity_line
from herd_engine.i18n.wording import wording
from herd_engine.model.forecast import Metric
from herd_engine.presentation.track_record import TrackRecord
from herd_engine.review.portfolio import farm_seed
from herd_engine.runs.kept_backtest import kept_backtest
from herd_engine.sample import make_sample
from herd_engine.scenarios.schema import complete
from herd_engine.workbench.work_lists import WorkListName
from pipelines.reports.edition import Order, make_edition
from pipelines.reports.journal import Journal
from pipelines.reports.manifest import Manifest, ReportStatus
from pipelines.reports.orders import single_order
from pipelines.reports.parameters import find_notebook
from pipelines.reports.pdf import EMPTY, find_chromium
from tests.pipelines.reports.conftest import PAYLOAD, QUIET, bench_of, work
from tests.stores import absent

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(kept, dataset) -> Callable[..., tuple[Manifest, Path]]:
    """Make a report; its runs are executed before, so that no worker has to be started."""

    def make(report: str, values: dict, formats: tuple[str, ...] = ("html",)) -> tuple[Manifest, Path]:
        order = single_order(find_notebook(report), values, bench_of(kept), formats=formats, seconds=300)
        journal = Journal(kept.store.settings.home)
        manifest = make_edition(order, bench_of(kept), journal, QUIET, lambda *_: None)
        return manifest, journal.folder(manifest)

    return make


@pytest.fixture(scope="module")
def forecast_report(kept, dataset, made) -> tuple[Manifest, Path]:
    kept.submit(dataset.id, PAYLOAD)
    work(kept)
    return made(
        "forecast", {"dataset": dataset.id, "payload": PAYLOAD}, ("html", "pdf", "xlsx", "csv", "json")
    )


def page_of(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


def figure_of(page: str, name: str) -> dict:
    return json.loads(re.search(rf'id="{name}-figure"[^>]*>(.*?)</script>', page, re.DOTALL)[1])


def test_a_forecast_report_tells_the_numbers_of_its_run(kept, forecast_report):
    manifest, folder = forecast_report
    page, forecast = page_of(folder), kept.forecast(manifest.runs[0])
    book = openpyxl.load_workbook(BytesIO((folder / "forecast.xlsx").read_bytes()))
    cells = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row}

    assert (manifest.status, manifest.error, manifest.farm) == (ReportStatus.SUCCEEDED, None, "farm")
    medians = forecast.series["milking_count"].p50
    figure = figure_of(page, "milking_count")
    assert any(trace["y"] == medians.tolist() for trace in figure["data"])
    assert {str(round(value)) for value in medians} <= cells
    assert json.loads((folder / "forecast.json").read_bytes()) == json.loads(
        kept.artifact(manifest.runs[0], "result.json")
    )
    assert manifest.headline.replace("–", "–\N{WORD JOINER}") in page
    assert "This is the first report of this farm" in page


LEVELS = {
    "milking_count": 0,
    "dry_count": 0,
    "heifer_count": 0,
    "pregnant_heifer_count": 0,
    "avg_days_in_milk": 1,
}
"""Columns of the table of months, and their decimals."""


def told(values: list[float], digits: int) -> str:
    """Return median and band as people read them: a number alone where all futures agree."""
    low, median, high = (f"{value:,.{digits}f}" for value in values)
    return median if values[0] == values[1] == values[2] else f"{median} ({low}–{high})"


def test_page_workbook_json_and_published_run_say_the_same_in_every_month(kept, forecast_report):
    manifest, folder = forecast_report
    page = page_of(folder)
    months = page[page.index('id="months-title"') :]
    rows = re.findall(r'<tr><th scope="row">.*?</th>(.*?)</tr>', months)[:13]
    shown = [re.findall("<td>(.*?)</td>", row) for row in rows]
    sheet = openpyxl.load_workbook(BytesIO((folder / "forecast.xlsx").read_bytes()))["Series"]
    head, *lines = sheet.iter_rows(values_only=True)
    book = [dict(zip(head, line, strict=True)) for line in lines]
    points = json.loads((folder / "forecast.json").read_bytes())["points"]
    forecast = kept.forecast(manifest.runs[0])
    levels = ("p_low", "p50", "p_high")

    def table(value: Callable[[int, str, str], float]) -> list[list[str]]:
        return [
            [told([value(i, m, level) for level in levels], digits) for m, digits in LEVELS.items()]
            for i in range(13)
        ]

    def column(metric: str, level: str) -> str:
        name = {"p_low": "low", "p50": "median", "p_high": "high"}[level]
        return f"{wording('en').metric(Metric(metric), 'name')}, {name}"

    assert shown == table(lambda i, metric, level: points[i][level][metric])
    assert shown == table(lambda i, metric, level: book[i][column(metric, level)])
    assert shown == table(lambda i, metric, level: forecast.value(Metric(metric), level, i))


def test_a_page_is_small_and_loads_nothing(forecast_report):
    manifest, folder = forecast_report
    page = page_of(folder)
    scripts = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)

    assert manifest.files["report.html"].n_bytes < 7_000_000
    assert page.count("plotly.js v") == 1
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", scripts)
    assert "ForecastReport" not in scripts  # no code


def test_two_equal_reports_differ_in_the_time_alone(made, dataset, forecast_report):
    first, folder = forecast_report
    page = page_of(folder)

    second, again = made(
        "forecast", {"dataset": dataset.id, "payload": PAYLOAD}, ("html", "pdf", "xlsx", "csv", "json")
    )

    assert second.id == first.id
    assert without_time(page_of(again)) == without_time(page)
    assert second.files["forecast.json"] == first.files["forecast.json"]


def without_time(page: str) -> str:
    changed, count = re.subn(r"<time .*?</time>", "", page)
    assert count == 1
    return re.sub(r"\d\d\\3a \d\d\\20 UTC", "", changed)  # of the printed page's foot


@pytest.fixture(scope="module")
def chromium() -> str:
    return find_chromium() or absent("Chromium is not installed")


def test_every_chart_is_drawn_without_a_network_and_nothing_is_asked_for(forecast_report, browser):
    _, folder = forecast_report
    asked, troubles = [], []
    with browser.new_context(offline=True) as context:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto((folder / "report.html").as_uri())
        page.locator(EMPTY).first.wait_for(state="detached")
        drawn = page.evaluate(
            "Object.fromEntries([...document.querySelectorAll('.chart')].map("
            "(chart) => [chart.id, chart.querySelectorAll('.trace, .point').length]))"
        )

    assert set(drawn) == {"parity", "milking_count", "events", "structure", "avg_days_in_milk"}
    assert all(drawn.values())
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert troubles == []


def test_the_paper_has_text_that_can_be_selected_and_pages_with_numbers(forecast_report, chromium):
    manifest, folder = forecast_report
    if shutil.which("pdftotext") is None:
        absent("pdftotext is not installed (apt-get install poppler-utils)")
    command = ["pdftotext", "-layout", str(folder / "report.pdf"), "-"]
    pages = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split("\f")[:-1]

    assert 4 <= len(pages) <= 9
    assert "What to expect on" in pages[0]
    assert all(
        page.lstrip().startswith("farm ") and re.search(rf"\b{number} ?/ ?{len(pages)}\b", page)
        for number, page in enumerate(pages, 1)
    )
    assert all(f"Forecast {manifest.runs[0][:8]}" in page for page in pages)
    whole = "".join(pages)
    assert "Assumptions" in whole
    for name in ("scenario.model", "herd_m5", "philox", manifest.id, manifest.datasets["My farm"][:12]):
        assert name not in whole


def test_a_report_tells_what_changed_since_the_one_before_in_russian(kept, dataset, made, forecast_report):
    before, _ = forecast_report
    payload = {**PAYLOAD, "model": {"waiting_period_change": 20}}
    kept.submit(dataset.id, payload)
    work(kept)

    manifest, folder = made(
        "forecast",
        {"dataset": dataset.id, "payload": payload, "previous_run": before.runs[0], "language": "ru"},
    )

    page = page_of(folder)
    assert '<html lang="ru">' in page
    assert "«Осеменять позже на»: 20, раньше 0." in page
    assert "Что изменилось с прошлого отчёта" in page
    assert manifest.title == "Прогноз стада"


def test_a_portfolio_of_two_farms_is_their_sum_and_tells_their_warnings(kept, dataset, made, browser):
    kept.catalog.farms.add("South")
    south = kept.of_farm("South")
    other = south.add_dataset(make_sample(animals=150, seed=3).csv, "south.csv")
    home = kept.catalog.farm.name
    for own, row, farm in ((kept, dataset, home), (south, other, "South")):
        own.submit(row.id, {**PAYLOAD, "seed": farm_seed(5, farm)})
    work(kept)

    datasets = {home: dataset.id, "South": other.id}
    both, folder = made("portfolio", {"datasets": datasets, "payload": PAYLOAD, "language": "ru"})

    forecasts = [own.forecast(run) for own, run in zip((kept, south), both.runs, strict=True)]
    page = page_of(folder)
    now = sum(forecast.meta.herd_counts["milking"] for forecast in forecasts)
    figure = figure_of(page, "milking_count")
    assert both.status is ReportStatus.SUCCEEDED
    assert any(trace["y"][0] == now for trace in figure["data"])
    assert '<th scope="row">South</th>' in page
    metas = [forecast.meta for forecast in forecasts]
    warnings = [sum(issue.said in meta.warnings for issue in meta.quality) for meta in metas]
    rows = re.findall(r'<th scope="row">(.*?)</th>.*?<td>(\d*)</td></tr>', page[page.index("По фермам") :])
    assert [int(count) for _, count in rows[:3]] == [*warnings, sum(warnings)]
    assert page.count("То же ещё на других фермах: 1.") == warnings[0] == warnings[1]  # both the same
    assert width_on_paper(browser, folder) <= PAPER_WIDTH  # else the browser would shrink all pages


def test_a_portfolio_without_a_wish_forecasts_each_farm_by_its_own_plan(kept, dataset, made):
    kept.catalog.farms.add("East")
    east = kept.of_farm("East")
    other = east.add_dataset(make_sample(animals=150, seed=3).csv, "east.csv")
    home, seed = kept.catalog.farm.name, complete({})["seed"]
    expected = []
    for own, row, farm, waiting in ((kept, dataset, home, 10), (east, other, "East", 20)):
        payload = {**PAYLOAD, "model": {"waiting_period_change": waiting}}
        plan = own.submit(row.id, payload, name=f"Wait {waiting}").run
        expected.append(own.submit(row.id, {**payload, "seed": farm_seed(seed, farm)}).run.id)
        work(own)
        own.star(plan.id)

    edition, folder = made("portfolio", {"datasets": {home: dataset.id, "East": other.id}})

    assert list(edition.runs) == expected
    assert "East is forecast by its own plan, “Wait 20”." in page_of(folder)


PAPER_WIDTH = 673
"""A4 less twice 16 mm, at 96 pixels an inch."""


def width_on_paper(browser, folder: Path) -> int:
    with browser.new_context(offline=True, viewport={"width": PAPER_WIDTH, "height": 1000}) as context:
        page = context.new_page()
        page.goto((folder / "report.html").as_uri())
        page.locator(EMPTY).first.wait_for(state="detached")  # every chart is drawn
        page.emulate_media(media="print")
        return int(page.evaluate("document.documentElement.scrollWidth"))


def test_a_comparison_of_equal_scenarios_finds_no_difference(kept, dataset, made, forecast_report):
    values = {"dataset": dataset.id, "payload": PAYLOAD, "scenarios": {"Now": {}, "Same": {}}}

    manifest, folder = made("comparison", values)

    assert manifest.headline.startswith("Same and Now give the same number of milking cows")
    assert figure_of(page_of(folder), "delta_milking_count")["data"]


def test_a_quality_report_counts_what_the_file_holds(kept, dataset, made):
    herd_file = kept.store.datasets.load(dataset)

    manifest, folder = made("quality", {"dataset": dataset.id})

    assert manifest.headline.startswith(
        f"{herd_file.herd.n_animals} animals in the herd, of {herd_file.n_rows} rows; fit for a forecast"
    )
    assert manifest.runs == []
    assert all(figure_of(page_of(folder), name)["data"] for name in ("parity", "fitted", "exits"))


def test_a_report_of_what_to_do_holds_every_animal_of_the_sheet(kept, dataset, made, browser):
    bench = bench_of(kept)
    sheet = bench.daily_sheet(bench.datasets.load(dataset.id), days=14)

    manifest, folder = made("review", {"dataset": dataset.id, "language": "ru", "days": 14})

    page = page_of(folder)
    n = len({row.animal for row in sheet.rows})
    assert manifest.headline.startswith(f"Животных в списках работ: {n};")
    assert all(f">{row.animal}</" in page for row in sheet.rows)
    assert f"({len(sheet.of(WorkListName.CALVE))})</h3>" in page
    assert wording("ru").text("kpi.pr21") in page
    assert figure_of(page, "levers")["layout"]["title"]["text"].startswith("Поголовье дойных к ")
    assert width_on_paper(browser, folder) <= PAPER_WIDTH


def test_other_aims_of_the_farm_are_another_edition(kept, dataset):
    def order(**values) -> Order:
        wish = {"dataset": dataset.id, **values}
        return single_order(find_notebook("review"), wish, bench_of(kept), formats=("html",), seconds=300)

    farms = bench_of(kept).farms
    before, stated = order(), order(targets={"vwp": 80})
    farms.change_sheet(None, {"waiting_days": 80})
    after = order()
    farms.change_sheet(None, {"waiting_days": None})

    assert len({before.id, after.id}) == 2
    assert after.id == stated.id
    assert after.parameters["targets"] == {"vwp": 80}
    assert order().id == before.id
    with pytest.raises(ParameterError, match="vwp"):
        order(targets={"vwp": 5})


def test_a_backtest_report_tells_what_was_forecast_and_what_happened(kept, dataset, made, browser):
    manifest, folder = made("backtest", {"dataset": dataset.id, "runs": 20, "language": "ru"})

    page, backtest = page_of(folder), kept_backtest(kept.store, dataset, BacktestPlan(runs=20))
    names = ("milking_count", "calvings", "culls", "avg_days_in_milk")
    dots = [trace for trace in figure_of(page, "culls")["data"] if trace["mode"] == "markers"]
    folds = sorted(backtest.folds, key=lambda fold: fold.origin)
    assert manifest.status is ReportStatus.SUCCEEDED
    assert manifest.headline == TrackRecord.of(backtest).sentence(wording("ru"))
    assert [trace["y"] for trace in dots] == [fold.happened[Metric.CULLS].tolist() for fold in folds]
    assert all(figure_of(page, name)["data"] for name in (*names, "skill", "bands"))
    assert "Оценка прогнозов" in page
    assert "В файле только текущая лактация" in page
    assert width_on_paper(browser, folder) <= PAPER_WIDTH


def test_a_forecast_report_tells_in_a_sentence_how_far_its_mode_can_be_trusted(kept, forecast_report):
    _, folder = forecast_report
    page = page_of(folder)

    card = page[page.index('id="record-title"') : page.index('id="months-title"')]
    assert re.search(r"Forecasts of milking cows were on average .*: chance alone gives \d+ to \d+\.", card)
    assert "way to use records: Calibrated" in card
    assert "<tr>" not in card  # no table of scores


def test_a_forecast_report_has_the_sanity_line_in_its_fine_print(kept, dataset, forecast_report):
    manifest, folder = forecast_report
    page = page_of(folder)

    line = sanity_line(kept.store.datasets.load(dataset), kept.forecast(manifest.runs[0]))

    assert line is not None
    words = line.sentences(wording("en"))
    assert escape(words) in page[page.index('id="provenance"') :]
    book = openpyxl.load_workbook(BytesIO((folder / "forecast.xlsx").read_bytes()))
    assert list(book["Parameters"].values)[-1] == ("Check", words)


def test_an_order_is_the_same_wherever_it_is_made(kept, dataset):
    def order(**changes) -> Order:
        values = {"dataset": dataset.id, "payload": PAYLOAD} | changes
        return single_order(find_notebook("forecast"), values, bench_of(kept), formats=("html",), seconds=1)

    assert order().id == order(previous_run="abc").id
    assert order().id != order(language="ru").id
    assert order().id != order(payload={**PAYLOAD, "seed": 6}).id
    assert order().day == date.today()  # noqa: DTZ011 - the day of this machine
