"""The line that follows a control, before the bands do."""

import json
from datetime import date

import numpy as np
import pytest

from herd_engine.charts.fan_at_once import fan_at_once
from herd_engine.charts.fan_chart import fan_chart
from herd_engine.model.forecast import Metric
from tests.herd_engine.charts.hand_made import forecast_of, small_forecast

EXPECTED = np.array([1277.0, 1266.4, 1200.0, 1050.6])


def test_the_line_stands_strong_before_bands_that_are_pale():
    *bands, median, line, observed = fan_at_once(small_forecast(), Metric.MILKING_COUNT, EXPECTED).figure.data

    assert list(line.y) == list(EXPECTED)
    assert line.name == "Expected, at once"
    assert line.line.color == "#1f6f5c"
    assert line.line.width < fan_chart(small_forecast(), Metric.MILKING_COUNT).figure.data[4].line.width
    assert line.hovertext[3] == "<b>1 May 2026</b><br>Expected, at once: 1,051"
    assert list(median.y) == [1277, 1268, 1218.5, 1118]
    assert {trace.line.color for trace in (*bands, median)} == {"#1f6f5c59"}  # 35 % of 255 is 89 = 59
    assert [trace.fillcolor for trace in bands if trace.fill] == ["#1f6f5c10", "#1f6f5c1d"]
    assert {trace.hoverinfo for trace in (*bands, median)} == {"skip"}
    assert list(observed.x) == [date(2026, 2, 26)]


@pytest.mark.parametrize(
    ("language", "title", "label"),
    [
        ("en", "Milking cows fall from 1,277 to 1,051 by May 2026", "expected<br><b>1,051</b>"),
        ("ru", "Поголовье дойных снизится с 1 277 до 1 051 к маю 2026 года", "ожидаем<br><b>1 051</b>"),
    ],
)
def test_title_and_label_tell_the_new_plan_the_subtitle_what_is_old(language, title, label):
    layout = fan_at_once(small_forecast(), Metric.MILKING_COUNT, EXPECTED, language=language).figure.layout

    ends = [note.text for note in layout.annotations][1:]
    texts = [
        text.replace("\N{NO-BREAK SPACE}", " ")
        for text in (layout.title.text, *ends, layout.title.subtitle.text)
    ]
    assert texts[:2] == [title, label]
    assert "2,000" in texts[2] or "2 000" in texts[2]


def test_a_line_beyond_the_bands_is_within_the_axis():
    figure = fan_at_once(small_forecast(), Metric.MILKING_COUNT, EXPECTED * 2).figure

    bottom, top = figure.layout.yaxis.range
    assert bottom < 1062
    assert top > 2 * 1277


def test_its_table_has_the_line_alone():
    table = fan_at_once(small_forecast(), Metric.MILKING_COUNT, EXPECTED).table

    assert table.columns == ("Date", "Expected, at once")
    assert table.rows[-1] == ("1 May 2026", "1,051")


def test_a_herd_without_milking_cows_is_told_without_a_line():
    nothing = np.full(3, np.nan)

    figure = fan_at_once(forecast_of([0, 0, 0]), Metric.MILKING_COUNT, nothing).figure

    assert json.loads(figure.to_json())["data"][-2]["y"] == [None, None, None]
