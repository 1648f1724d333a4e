"""What a changed plan lets expect, at once, in front of the bands that are not up to date any more."""

from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from herd_engine.charts.bands import add_bands, add_observed
from herd_engine.charts.chart import Chart
from herd_engine.charts.fan_chart import HEIGHT
from herd_engine.charts.headline import finding
from herd_engine.charts.layout import (
    MarkedLevel,
    add_end_labels,
    add_report_date,
    heights,
    level_range,
    mark_level,
    month_axis,
    new_figure,
)
from herd_engine.charts.table import Table, digits_of
from herd_engine.charts.theme import LIGHT, Theme, translucent
from herd_engine.i18n.wording import Wording, wording
from herd_engine.model.forecast import Forecast, Metric

Numbers = NDArray[np.float64]
STALE = 0.35
"""Strength of what is not up to date, of 1."""
LINE_WIDTH = 1.5


def fan_at_once(
    forecast: Forecast,
    metric: Metric,
    expected: Numbers,
    *,
    language: str = "en",
    theme: Theme = LIGHT,
    marked: MarkedLevel | None = None,
) -> Chart:
    """Return the expected course of a changed plan as a line, the forecast before the change pale behind it.

    Parameters
    ----------
    forecast : Forecast
        Of the plan before.
    metric : Metric
        A count, or the days in milk.
    expected : ndarray of float64, shape (months + 1,)
        At the dates of the forecast.
    language : str
        ``en`` or ``ru``.
    theme : Theme
    marked : MarkedLevel, optional
        As in ``fan_chart``.
    """
    words, series, color = wording(language), forecast.series[metric], theme.series[metric]
    levels = np.array([] if marked is None else [marked.level])
    bottom, top = level_range([series.p_low, series.p_high, expected, levels])
    subtitle = words.text(
        "subtitle_at_once",
        metric=words.metric(metric, "name"),
        unit=words.metric(metric, "unit"),
        runs=words.number(forecast.meta.runs),
    )
    if bottom:
        subtitle += words.text("subtitle_axis", start=words.number(bottom))
    figure = new_figure(
        finding(_moved(forecast, metric, expected), metric, language),
        subtitle,
        HEIGHT,
        words=words,
        theme=theme,
    )
    add_bands(figure, forecast.dates, series, color, hover=())
    _fade(figure, color)
    _add_line(figure, forecast, expected, color, words)
    add_observed(figure, forecast, metric, theme)
    if marked is not None:
        mark_level(figure, marked, theme)
    figure.update_xaxes(month_axis(forecast.dates, words))
    figure.update_yaxes(range=[bottom, top])
    add_report_date(figure, forecast, words, theme)
    end = float(expected[-1])
    if not np.isnan(end):
        label = words.text("end_at_once", value=words.number(end))
        add_end_labels(figure, forecast.dates[-1], [end], [label])
    return Chart(figure, _fan_at_once_table(forecast, metric, expected, language))


def _add_line(figure: go.Figure, forecast: Forecast, expected: Numbers, color: str, words: Wording) -> None:
    name = words.text("at_once")
    figure.add_scatter(
        x=forecast.dates,
        y=heights(expected),
        name=name,
        mode="lines",
        line={"color": color, "width": LINE_WIDTH},
        hovertext=[
            f"<b>{words.day(day)}</b><br>{name}: {words.number(value)}"
            for day, value in zip(forecast.dates, expected, strict=True)
        ],
        hoverinfo="text",
    )


def _fan_at_once_table(forecast: Forecast, metric: Metric, expected: Numbers, language: str = "en") -> Table:
    """Return the numbers of the line: what is out of date stays out of the table."""
    words = wording(language)
    return Table(
        columns=(words.text("date"), words.text("at_once")),
        rows=tuple(
            (words.day(day), words.number(value, digits_of(metric)))
            for day, value in zip(forecast.dates, expected, strict=True)
        ),
    )


def _fade(figure: go.Figure, color: str) -> None:
    """Pale all lines and bands; plotly's own opacity of a trace leaves its fill as it is."""
    figure.update_traces(line_color=translucent(color, STALE), hoverinfo="skip")
    for trace in figure.select_traces({"fill": "tonexty"}):
        opacity = int(trace.fillcolor.removeprefix(color), 16) / 255
        trace.fillcolor = translucent(color, STALE * opacity)


def _moved(forecast: Forecast, metric: Metric, expected: Numbers) -> Forecast:
    series = replace(forecast.series[metric], p50=expected)
    return replace(forecast, series={**forecast.series, metric: series})
