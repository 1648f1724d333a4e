"""The charts of a forecast are the same wherever it is shown, each a picture with its numbers."""

import re

import pytest

from herd_engine.i18n.wording import wording
from herd_engine.presentation.outlook_charts import CHARTS, outlook_chart, outlook_charts
from herd_engine.presentation.page.html_page import forecast_html
from herd_engine.presentation.reports.outlook import OutlookText
from tests.herd_engine.charts.hand_made import small_forecast

REPORT_PARTS = {"milking": "milking", "events": "events", "structure": "structure", "days": "days_in_milk"}


@pytest.mark.parametrize("language", ["en", "ru"])
def test_page_and_report_show_the_same_titles(language: str) -> None:
    forecast = small_forecast()
    titles = {name: chart.title for name, chart in outlook_charts(forecast, language).items()}
    headings = re.findall(
        r"<h2 id=\"[a-z_]+-title\">([^<]+)</h2>", forecast_html(forecast, language=language)
    )
    report = OutlookText(words=wording(language), forecast=forecast)
    told = {name: getattr(report, part)().data["text/html"] for name, part in REPORT_PARTS.items()}

    assert [heading.replace("\N{NON-BREAKING HYPHEN}", "-") for heading in headings][:4] == list(
        titles.values()
    )
    for name, title in titles.items():
        assert f'aria-label="{title}"' in told[name]


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_has_a_row_of_numbers_a_month_that_it_draws(name: str) -> None:
    forecast = small_forecast()
    chart = outlook_chart(name, forecast, "en")
    dates = {day for trace in chart.figure.data if trace.type in ("scatter", "bar") for day in trace.x}

    assert chart.title
    assert chart.subtitle
    assert len(chart.table.rows) in (len(forecast.dates), len(forecast.dates) - 1)
    assert len(dates) >= len(chart.table.rows)


def test_what_stands_side_by_side_is_equally_high() -> None:
    charts = outlook_charts(small_forecast(), "en")

    assert charts["structure"].figure.layout.height == charts["events"].figure.layout.height
