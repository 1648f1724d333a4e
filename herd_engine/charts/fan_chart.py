"""One metric as a line with the bands of its futures."""

import numpy as np
import plotly.graph_objects as go

from herd_engine.charts.bands import add_bands, add_observed, has_quartiles
from herd_engine.charts.chart import Chart
from herd_engine.charts.headline import finding
from herd_engine.charts.layout import (
    MarkedLevel,
    add_end_labels,
    add_report_date,
    level_hover,
    level_range,
    mark_level,
    month_axis,
    new_figure,
)
from herd_engine.charts.place_line import mark_places
from herd_engine.charts.table import Table, digits_of
from herd_engine.charts.theme import LIGHT, Theme
from herd_engine.i18n.wording import Wording, wording
from herd_engine.model.forecast import EVENTS, Forecast, Metric

HEIGHT = 484


def fan_chart(
    forecast: Forecast,
    metric: Metric,
    *,
    language: str = "en",
    theme: Theme = LIGHT,
    marked: MarkedLevel | None = None,
) -> Chart:
    """Return a metric's median as a line and the bands of its futures around it, against a marked level.

    Of milking cows the plan's places are marked, too.
    """
    words = wording(language)
    series = forecast.series[metric]
    places = forecast.meta.scenario.places_milking if metric is Metric.MILKING_COUNT else None
    marks = (None if marked is None else marked.level, places)
    levels = np.array([level for level in marks if level is not None])
    bottom, top = level_range([series.p_low, series.p50, series.p_high, levels])
    figure = new_figure(
        finding(forecast, metric, language),
        _subtitle(forecast, metric, words, bottom),
        HEIGHT,
        words=words,
        theme=theme,
    )
    hover = level_hover(forecast, words) if metric not in EVENTS else _event_hover(forecast, metric, words)
    add_bands(figure, forecast.dates, series, theme.series[metric], hover=hover)
    add_observed(figure, forecast, metric, theme)
    if marked is not None:
        mark_level(figure, marked, theme)
    mark_places(figure, forecast, places, words, theme)
    if metric in EVENTS and forecast.is_partial(1):
        _hatch(figure, forecast, (bottom, top), theme)
    figure.update_xaxes(month_axis(forecast.dates, words))
    figure.update_yaxes(range=[bottom, top])
    add_report_date(figure, forecast, words, theme)
    ends = [(level, forecast.value(metric, level, -1)) for level in ("p_low", "p50", "p_high")]
    texts = {"p_low": "end_low", "p50": "end_median", "p_high": "end_high"}
    known = [
        (value, words.text(texts[level], value=words.number(value)))
        for level, value in ends
        if value is not None
    ]
    add_end_labels(
        figure,
        forecast.dates[-1],
        [value for value, _ in known],
        [label for _, label in known],
    )
    return Chart(figure, _fan_chart_table(forecast, metric, language))


def _fan_chart_table(forecast: Forecast, metric: Metric, language: str = "en") -> Table:
    """Return the numbers of ``fan_chart``; days in milk with one digit."""
    words = wording(language)
    digits = digits_of(metric)
    statistics = ("p_low", "p50", "p_high")
    return Table(
        columns=tuple(words.text(key) for key in ("date", "low", "median", "high")),
        rows=tuple(
            (
                words.day(day),
                *(words.number(forecast.value(metric, statistic, point), digits) for statistic in statistics),
            )
            for point, day in enumerate(forecast.dates)
        ),
    )


def _event_hover(forecast: Forecast, metric: Metric, words: Wording) -> list[str]:
    name = words.metric(metric, "name")
    return [
        f"<b>{words.day(day)}</b><br>{name}: {words.with_band(forecast, metric, point)}"
        for point, day in enumerate(forecast.dates)
    ]


def _hatch(figure: go.Figure, forecast: Forecast, edges: tuple[float, float], theme: Theme) -> None:
    """Hatch the part of a month after the report date, from the bottom to the top of the chart."""
    first, last = forecast.dates[:2]
    bottom, top = edges
    figure.add_scatter(
        x=[first, first, last, last],
        y=[bottom, top, top, bottom],
        mode="none",
        fill="toself",
        fillpattern={"shape": "/", "fgcolor": theme.muted, "size": 6, "solidity": 0.12},
        fillcolor="rgba(0,0,0,0)",
        hoverinfo="skip",
    )


def _subtitle(forecast: Forecast, metric: Metric, words: Wording, bottom: float) -> str:
    futures = words.futures(forecast.meta.scenario.confidence_central)
    subtitle = words.text(
        "subtitle_fan_events" if metric in EVENTS else "subtitle_fan",
        metric=words.metric(metric, "name"),
        unit=words.metric(metric, "unit"),
        bands=words.text(
            "two_bands" if has_quartiles(forecast.series[metric]) else "one_band", futures=futures
        ),
        runs=words.number(forecast.meta.runs),
    )
    if metric in EVENTS and forecast.is_partial(1):
        subtitle += words.text("subtitle_partial")
    return subtitle + (words.text("subtitle_axis", start=words.number(bottom)) if bottom else "")
