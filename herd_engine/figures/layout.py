"""What all figures share: type, axes, the report date, hover texts, labels at line ends."""

from datetime import date

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from herd_engine.figures.table import LEVELS
from herd_engine.figures.theme import FONT_FAMILY, Theme
from herd_engine.figures.wording import Wording
from herd_engine.model.forecast import Forecast

MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60)


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
    axis = {"gridcolor": theme.line, "linecolor": theme.line, "zeroline": False, "fixedrange": True}
    figure.update_xaxes(axis, showgrid=False, ticks="outside", tickcolor=theme.line)
    figure.update_yaxes(axis, tickformat=",d", nticks=6)
    return figure


def month_axis(forecast: Forecast, words: Wording, *, max_labels: int = 9) -> dict[str, object]:
    """Return the x axis: names of months, and the year as a second line where it begins."""
    starts = forecast.dates[1:]
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
        "range": [forecast.dates[0], forecast.dates[-1]],
    }


def add_report_date(figure: go.Figure, forecast: Forecast, words: Wording, theme: Theme) -> None:
    """Draw the report date as a vertical line at the left edge: what follows is forecast."""
    day = figure.layout.xaxis.range[0]
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


def add_end_labels(
    figure: go.Figure, day: date, heights: list[float], labels: list[str], least_gap: float
) -> None:
    """Write labels at the right end of lines, lowest first, at least ``least_gap`` y units apart."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + least_gap) if placed else height)
    drift = float(np.mean(placed) - np.mean(heights)) if placed else 0.0
    for height, label in zip(placed, labels, strict=True):
        figure.add_annotation(
            text=label, x=day, y=height - drift, xanchor="left", xshift=6, showarrow=False, align="left"
        )


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
