"""What all figures share: type, axes, the report date, hover texts, labels at line ends."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from herd_engine.charts.table import LEVELS
from herd_engine.charts.theme import FONT_FAMILY, LIGHT, Theme, translucent
from herd_engine.i18n.wording import Wording, wording
from herd_engine.model.forecast import Forecast

MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60)
PAST_OPACITY = 0.16
LEVEL_OPACITY = 0.8
"""Behind the words at a level, which lines may cross."""
LABEL_SHARE = 0.14
"""Share of the y axis that two lines of text need; on paper, too, where charts are lower."""


def new_figure(
    title: str, subtitle: str, height: int, *, words: Wording, theme: Theme, rows: int = 1
) -> go.Figure:
    """Return an empty figure whose title is the finding and whose subtitle says what is drawn."""
    figure = make_subplots(rows=rows, shared_xaxes=True, vertical_spacing=0.28 / rows)
    figure.update_layout(
        {
            "template": go.layout.Template(),
            "title": {
                "text": title,
                "font": {"size": 20},
                "subtitle": {"text": subtitle, "font": {"size": 13, "color": theme.muted}},
                "x": 0,
                "xref": "paper",
            },
            "font": {"family": FONT_FAMILY, "size": 13, "color": theme.ink},
            "separators": words.separators,
            "paper_bgcolor": theme.surface,
            "plot_bgcolor": theme.surface,
            "hoverlabel": {
                "bgcolor": theme.surface,
                "bordercolor": theme.muted,
                "font": {"family": FONT_FAMILY, "size": 13, "color": theme.ink},
                "align": "left",
            },
            "hovermode": "x",
            "showlegend": False,
            "height": height,
            "margin": {"l": 48, "r": 72, "t": 104, "b": 48},
        }
    )
    axis = {
        "gridcolor": theme.line,
        "linecolor": theme.line,
        "zeroline": False,
        "fixedrange": True,
        "title": {"font": {"size": 12, "color": theme.muted}, "standoff": 8},
    }
    figure.update_xaxes(axis, showgrid=False, ticks="outside", tickcolor=theme.line)
    figure.update_yaxes(axis, tickformat=",d", nticks=6)
    return figure


def month_axis(dates: Sequence[date], words: Wording, *, max_labels: int = 9) -> dict[str, object]:
    """Return the x axis: names of months, and the year as a second line where it begins.

    Parameters
    ----------
    dates : sequence of date
        Record dates; all but the first are month starts, at least one.
    words : Wording
    max_labels : int
    """
    starts = dates[1:]
    step = next((s for s in MONTH_STEPS if len(starts) / s <= max_labels), MONTH_STEPS[-1])
    months = [day.year * 12 + day.month - 1 for day in starts]
    ticks = [day for day, month in zip(starts, months, strict=True) if month % step == 0] or [starts[0]]
    years = [day.year for day in ticks]
    labels = [
        words.texts["months_short"][day.month - 1] + (f"<br>{day.year}" if day.year not in years[:i] else "")
        for i, day in enumerate(ticks)
    ]
    return {
        "tickvals": ticks,
        "ticktext": labels,
        "minor": {"tickmode": "linear", "tick0": starts[0], "dtick": "M1", "ticks": "outside", "ticklen": 3},
        "tickangle": 0,
        "range": [dates[0], dates[-1]],
    }


def as_label(text: str) -> str:
    """Return a text from outside for a label or a hover text, whose tags plotly would take for its own.

    Titles need it not: pages show them as text.
    """
    return escape(text, quote=False)


def heights(values: NDArray[np.float64]) -> list[float | None]:
    """Return y values as JSON knows them: None, a gap, where nothing is known."""
    return [None if np.isnan(value) else float(value) for value in values]


def level_range(values: Sequence[NDArray[np.float64]]) -> tuple[float, float]:
    """Return where a y axis begins, a round number or 0, and where it ends; NaN does not matter."""
    known = np.concatenate(values)
    known = known[~np.isnan(known)]
    if not known.any():
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    margin = max(0.1 * (high - low), 0.02 * high)
    step = 10.0 ** math.floor(math.log10(high - low + margin)) / 2
    bottom = math.floor((low - margin) / step) * step
    return (bottom if bottom > 0.25 * high else 0.0), high + margin


def add_report_date(figure: go.Figure, forecast: Forecast, words: Wording, theme: Theme) -> None:
    """Draw the report date as a vertical line at the left edge: what follows is forecast.

    A page that is read later shades what is over by then (script.js), from what ``meta`` tells it.
    """
    day = figure.layout.xaxis.range[0]
    days = {"first": day, "second": forecast.dates[1], "last": forecast.dates[-1]}
    figure.update_layout(meta={"past": words.text("already_past"), **days})
    figure.add_shape(
        type="line", xref="x", yref="paper", x0=day, x1=day, y0=0, y1=1, line={"color": theme.ink, "width": 1}
    )
    figure.add_annotation(
        text=words.text("report_date", day=words.day(forecast.meta.report_date)),
        x=day,
        y=1,
        xref="x",
        yref="paper",
        xanchor="left",
        yanchor="bottom",
        showarrow=False,
        font={"size": 12, "color": theme.muted},
    )


def mark_past(
    figure: go.Figure, dates: Sequence[date], today: date, language: str, theme: Theme = LIGHT
) -> None:
    """Shade the months of a forecast that are over: nothing can be changed about them any more."""
    words = wording(language)
    if today < dates[1]:
        return
    shown = figure.layout.xaxis.range
    first, end = shown[0] if shown else dates[0], min(today, dates[-1])
    figure.add_shape(
        type="rect",
        xref="x",
        yref="paper",
        x0=first,
        x1=end,
        y0=0,
        y1=1,
        line={"width": 0},
        fillcolor=translucent(theme.muted, PAST_OPACITY),
        layer="below",
    )
    figure.add_annotation(
        text=words.text("already_past"),
        x=first,
        y=0,
        xref="x",
        yref="paper",
        xanchor="left",  # a narrow shade is left on the right, never over the numbers of the axis
        yanchor="bottom",
        showarrow=False,
        font={"size": 12, "color": theme.muted},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedLevel:
    """A level that must not be crossed between two dates, and what is said of it."""

    level: float
    between: tuple[date, date]
    text: str


def mark_level(figure: go.Figure, marked: MarkedLevel, theme: Theme = LIGHT) -> None:
    """Draw a level as a dashed line, with its words."""
    figure.add_scatter(
        x=list(marked.between),
        y=[marked.level, marked.level],
        mode="lines",
        line={"color": theme.error, "width": 2, "dash": "dash"},
        hoverinfo="skip",
        name=marked.text,
    )
    figure.add_annotation(
        text=marked.text,
        x=marked.between[0],
        y=marked.level,
        xanchor="left",
        yanchor="top",
        showarrow=False,
        bgcolor=translucent(theme.surface, LEVEL_OPACITY),
        font={"size": 12, "color": theme.error},
    )


def add_row_title(figure: go.Figure, text: str, row: int, *, beyond: int = 0) -> None:
    """Write above the right end of a row of a figure, or so many pixels beyond it, what the row shows."""
    figure.add_annotation(
        text=text,
        x=1,
        y=1,
        xref="x domain",
        yref="y domain",
        xanchor="right",
        xshift=beyond,
        yanchor="bottom",
        showarrow=False,
        row=row,
        col=1,
    )


def add_end_labels(figure: go.Figure, x: date | float, at: list[float], labels: list[str]) -> None:
    """Write labels at the right end of lines, lowest first: as near as may be, apart, within the chart."""
    bottom, top = figure.layout.yaxis.range
    for y, label in zip(_apart(at, bottom, top), labels, strict=True):
        figure.add_annotation(text=label, x=x, y=y, xanchor="left", xshift=6, showarrow=False, align="left")


def _apart(at: list[float], bottom: float, top: float) -> list[float]:
    """Return the heights nearest to ``at``, ascending, that lie a label apart and within the axis.

    Neighbours too close share their mean (pool adjacent violators): the least squares of all ways.
    """
    gap = LABEL_SHARE * (top - bottom)
    pools: list[tuple[float, int]] = []
    for i, height in enumerate(at):
        mean, n = height - i * gap, 1
        while pools and pools[-1][0] > mean:
            other, m = pools.pop()
            mean, n = (mean * n + other * m) / (n + m), n + m
        pools.append((mean, n))
    lowest, highest = bottom + gap / 2, top - gap * (len(at) - 0.5)
    free = [max(min(mean, highest), lowest) for mean, n in pools for _ in range(n)]
    return [height + i * gap for i, height in enumerate(free)]


def signed_axis(low: float, high: float, words: Wording) -> dict[str, object]:
    """Return a y axis of differences from ``low`` to ``high``: some five round ticks, each with its sign."""
    wanted = (high - low) / 5
    unit = 10.0 ** math.floor(math.log10(wanted))
    step = max(1.0, unit * next(factor for factor in (1, 2, 5, 10) if factor * unit >= wanted))
    ticks = [step * i for i in range(math.ceil(low / step), math.floor(high / step) + 1)]
    return {"range": [low, high], "tickvals": ticks, "ticktext": [words.change(tick) for tick in ticks]}


def level_hover(forecast: Forecast, words: Wording) -> list[str]:
    """Return for every point what the herd looks like, each line with its band."""
    return [
        "<br>".join(
            [f"<b>{words.day(day)}</b>"]
            + [
                f"{words.metric(metric, 'name')}: {words.with_band(forecast, metric, point)}"
                for metric in LEVELS
            ]
        )
        for point, day in enumerate(forecast.dates)
    ]
