"""One metric as a line with the band of its futures."""

import math

import numpy as np
import plotly.graph_objects as go

from herd_engine.figures.headline import finding
from herd_engine.figures.layout import add_end_labels, add_report_date, level_hover, month_axis, new_figure
from herd_engine.figures.table import Table, digits_of
from herd_engine.figures.theme import LIGHT, Theme, translucent
from herd_engine.figures.wording import Wording, wording
from herd_engine.model.forecast import Forecast, Metric

BAND_OPACITY = 0.18
HEIGHT = 484
LEAST_LABEL_GAP = 0.13
"""Share of the y axis that two lines of text need."""


def fan_chart(forecast: Forecast, metric: Metric, *, language: str = "en", theme: Theme = LIGHT) -> go.Figure:
    """Return a metric's median as a line and the band of its futures around it."""
    words = wording(language)
    bottom, top = _y_range(forecast, metric)
    figure = new_figure(
        finding(forecast, metric, language),
        _subtitle(forecast, metric, words, bottom),
        HEIGHT,
        words=words,
        theme=theme,
    )
    series, color = forecast.series[metric], theme.series[metric]
    edge = {"color": color, "width": 1, "dash": "dot"}
    figure.add_scatter(x=forecast.dates, y=series.p_low.tolist(), mode="lines", line=edge, hoverinfo="skip")
    figure.add_scatter(
        x=forecast.dates,
        y=series.p_high.tolist(),
        mode="lines",
        line=edge,
        fill="tonexty",
        fillcolor=translucent(color, BAND_OPACITY),
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=forecast.dates,
        y=series.p50.tolist(),
        mode="lines",
        line={"color": color, "width": 2.5},
        hovertext=level_hover(forecast, words),
        hoverinfo="text",
    )
    figure.add_scatter(
        x=forecast.dates[:1],
        y=series.p50[:1].tolist(),
        mode="markers",
        marker={"color": theme.ink, "size": 8},
        cliponaxis=False,
        hoverinfo="skip",
    )
    figure.update_xaxes(month_axis(forecast, words))
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
        LEAST_LABEL_GAP * (top - bottom),
    )
    return figure


def fan_chart_table(forecast: Forecast, metric: Metric, language: str = "en") -> Table:
    """Return the numbers of ``fan_chart``; days in milk with one digit."""
    words = wording(language)
    digits = digits_of(metric)
    statistics = ("p_low", "p50", "p_high", "mean")
    return Table(
        columns=tuple(words.text(key) for key in ("date", "low", "median", "high", "mean")),
        rows=tuple(
            (
                words.day(day),
                *(words.number(forecast.value(metric, statistic, point), digits) for statistic in statistics),
            )
            for point, day in enumerate(forecast.dates)
        ),
    )


def _subtitle(forecast: Forecast, metric: Metric, words: Wording, bottom: float) -> str:
    subtitle = words.text(
        "subtitle_fan",
        metric=words.metric(metric, "name"),
        unit=words.metric(metric, "unit"),
        futures=words.futures(forecast.meta.scenario.confidence_central),
        runs=words.number(forecast.meta.runs),
    )
    return subtitle + (words.text("subtitle_axis", start=words.number(bottom)) if bottom else "")


def _y_range(forecast: Forecast, metric: Metric) -> tuple[float, float]:
    """Return where the y axis begins, a round number or 0, and where it ends."""
    series = forecast.series[metric]
    values = np.concatenate([series.p_low, series.p50, series.p_high])
    values = values[~np.isnan(values)]
    if not values.any():
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    margin = max(0.1 * (high - low), 0.02 * high)
    step = 10.0 ** math.floor(math.log10(high - low + margin)) / 2
    bottom = math.floor((low - margin) / step) * step
    return (bottom if bottom > 0.25 * high else 0.0), high + margin
