"""Events of every month as bars with whiskers, one small chart a kind of event."""

from datetime import date, timedelta
from typing import Any

import numpy as np

from herd_engine.charts.chart import Chart
from herd_engine.charts.layout import add_report_date, add_row_title, month_axis, new_figure
from herd_engine.charts.table import Table
from herd_engine.charts.theme import LIGHT, Theme, translucent
from herd_engine.i18n.wording import Wording, wording
from herd_engine.model.exits import exits
from herd_engine.model.forecast import EVENTS, Forecast, Metric

ROW_HEIGHT = 110
YOUNG_OPACITY = 0.45
EDGES_HEIGHT = 154
"""Room for the title above and the months below, pixels."""


def events_by_month(forecast: Forecast, *, language: str = "en", theme: Theme = LIGHT) -> Chart:
    """Return bars of the mean with whiskers over the band; kinds that never happen are left out."""
    words = wording(language)
    metrics = _metrics_that_happen(forecast)
    height = EDGES_HEIGHT + ROW_HEIGHT * len(metrics)
    figure = new_figure(
        _title(forecast, words),
        _subtitle(forecast, words),
        height,
        words=words,
        theme=theme,
        rows=len(metrics),
    )
    hover = [_hover(forecast, words, point) for point in range(1, len(forecast.dates))]
    for row, metric in enumerate(metrics, start=1):
        for bars in _bars(forecast, metric, theme):
            figure.add_bar(**bars, hovertext=hover, hoverinfo="text", row=row, col=1)
        name = f"<b>{words.metric(metric, 'name')}</b>"
        add_row_title(figure, name + (words.text("cows_and_young") if metric is Metric.CULLS else ""), row)
    figure.update_xaxes(month_axis(forecast.dates, words))
    figure.update_xaxes(range=[month_of_period(forecast, 1), forecast.dates[-1]])
    add_report_date(figure, forecast, words, theme)
    figure.update_yaxes(rangemode="tozero", nticks=4)
    figure.update_layout(barmode="stack", bargap=0.3, margin_r=16)
    return Chart(figure, _events_table(forecast, language))


def _events_table(forecast: Forecast, language: str = "en") -> Table:
    """Return the numbers of ``events_by_month``: means with bands, whole months unless marked."""
    words, left = wording(language), exits(forecast)
    apart = words.text("cows_leave"), words.text("young_leave")
    return Table(
        columns=(words.text("month"), *(words.metric(metric, "name") for metric in EVENTS), *apart),
        rows=tuple(
            (
                _month(forecast, words, point),
                *(words.with_band(forecast, metric, point, "mean") for metric in EVENTS),
                *(words.number(float(each[point])) for each in (left.cows, left.young)),
            )
            for point in range(1, len(forecast.dates))
        ),
    )


def _metrics_that_happen(forecast: Forecast) -> list[Metric]:
    happen = [metric for metric in EVENTS if np.nansum(forecast.series[metric].mean) > 0]
    return happen or [Metric.CALVINGS]


def _bars(forecast: Forecast, metric: Metric, theme: Theme) -> list[dict[str, Any]]:
    """Return the bars of one kind of event, in the middle of their months; of exits young stock on top."""
    series, points = forecast.series[metric], range(1, len(forecast.dates))
    left, color = exits(forecast), theme.series[metric]
    parts = [series.mean] if metric is not Metric.CULLS else [left.cows, left.young]
    bars: list[dict[str, Any]] = [
        {
            "x": [month_of_period(forecast, point).replace(day=15) for point in points],
            "y": part[1:].tolist(),
            "marker": {
                "color": color if i == 0 else translucent(color, YOUNG_OPACITY),
                "pattern": {"shape": ["/" if forecast.is_partial(point) else "" for point in points]},
            },
        }
        for i, part in enumerate(parts)
    ]
    bars[-1]["error_y"] = {
        "type": "data",
        "array": np.maximum(series.p_high - series.mean, 0)[1:].tolist(),
        "arrayminus": np.maximum(series.mean - series.p_low, 0)[1:].tolist(),
        "color": theme.muted,
        "thickness": 1,
        "width": 2,
    }
    return bars


def _title(forecast: Forecast, words: Wording) -> str:
    """Return the events of an average whole month (of the part of one where there is no other)."""
    points = range(1, len(forecast.dates))
    whole = [point for point in points if not forecast.is_partial(point)] or [1]
    counts = []
    for metric in _metrics_that_happen(forecast):
        average = float(forecast.series[metric].mean[whole].mean())
        counts.append(f"{words.metric(metric, 'name').lower()} {words.number(average)}")
    return words.text("story_events", counts=", ".join(counts))


def _subtitle(forecast: Forecast, words: Wording) -> str:
    subtitle = words.text(
        "subtitle_events",
        futures=words.futures(forecast.meta.scenario.confidence_central),
        runs=words.number(forecast.meta.runs),
    )
    return subtitle + (words.text("subtitle_partial") if forecast.is_partial(1) else "")


def _hover(forecast: Forecast, words: Wording, point: int) -> str:
    first = forecast.period_start(point) or forecast.dates[0]
    lines = [
        words.text(
            "period",
            month=words.month(month_of_period(forecast, point)),
            first=words.day(first),
            last=words.day(forecast.dates[point]),
        )
    ]
    left = exits(forecast)
    lines += [
        f"{words.metric(metric, 'name')}: {words.with_band(forecast, metric, point, 'mean')}"
        for metric in EVENTS
    ]
    lines += [
        f"{words.text(key)}: {words.number(float(each[point]))}"
        for key, each in (("cows_leave", left.cows), ("young_leave", left.young))
    ]
    return "<br>".join([f"<b>{lines[0]}</b>", *lines[1:]])


def _month(forecast: Forecast, words: Wording, point: int) -> str:
    month = words.month(month_of_period(forecast, point))
    return f"{month} ({words.text('part')})" if forecast.is_partial(point) else month


def month_of_period(forecast: Forecast, point: int) -> date:
    """Return the first of the month that a record closes: 2 Mar … 1 Apr is March."""
    return (forecast.dates[point] - timedelta(days=1)).replace(day=1)
