"""The herd by group, each count with its bands."""

import plotly.graph_objects as go

from herd_engine.figures.bands import add_bands, add_observed, has_quartiles
from herd_engine.figures.herd_structure import GROUPS
from herd_engine.figures.layout import (
    add_report_date,
    add_row_title,
    level_hover,
    level_range,
    month_axis,
    new_figure,
)
from herd_engine.figures.table import Table
from herd_engine.figures.theme import LIGHT, Theme
from herd_engine.figures.wording import Wording, wording
from herd_engine.model.forecast import Forecast

ROW_HEIGHT = 150
MARGIN = 56
"""Room for the last medians, pixels."""
EDGES_HEIGHT = 154
"""Room for the title above and the months below, pixels."""


def group_counts(forecast: Forecast, *, language: str = "en", theme: Theme = LIGHT) -> go.Figure:
    """Return one small chart a group: median and bands, each on an axis of its own."""
    words = wording(language)
    height = EDGES_HEIGHT + ROW_HEIGHT * len(GROUPS)
    figure = new_figure(
        _title(forecast, words),
        _subtitle(forecast, words),
        height,
        words=words,
        theme=theme,
        rows=len(GROUPS),
    )
    hover = level_hover(forecast, words)
    for row, metric in enumerate(GROUPS, start=1):
        series = forecast.series[metric]
        add_bands(figure, forecast.dates, series, theme.series[metric], hover=hover, row=row)
        add_observed(figure, forecast, metric, theme, row=row)
        figure.update_yaxes(range=level_range([series.p_low, series.p_high]), nticks=4, row=row, col=1)
        add_row_title(figure, f"<b>{words.metric(metric, 'name')}</b>", row, beyond=MARGIN - 8)
        figure.add_annotation(
            text=f"<b>{words.number(series.p50[-1])}</b>",
            x=forecast.dates[-1],
            y=series.p50[-1],
            xanchor="left",
            xshift=4,
            showarrow=False,
            row=row,
            col=1,
        )
    figure.update_xaxes(month_axis(forecast.dates, words))
    add_report_date(figure, forecast, words, theme)
    figure.update_layout(margin_r=MARGIN)
    return figure


def group_counts_table(forecast: Forecast, language: str = "en") -> Table:
    """Return the numbers of ``group_counts``: medians with bands."""
    words = wording(language)
    return Table(
        columns=(words.text("date"), *(words.metric(metric, "name") for metric in GROUPS)),
        rows=tuple(
            (words.day(day), *(words.with_band(forecast, metric, point) for metric in GROUPS))
            for point, day in enumerate(forecast.dates)
        ),
    )


def _title(forecast: Forecast, words: Wording) -> str:
    changes = [round(forecast.series[m].p50[-1]) - round(forecast.series[m].p50[0]) for m in GROUPS]
    return words.text(
        "story_groups",
        end_month=words.by_month(forecast.dates[-1]),
        changes=", ".join(
            f"{words.metric(metric, 'name').lower()} {words.change(change)}"
            for metric, change in zip(GROUPS, changes, strict=True)
        ),
    )


def _subtitle(forecast: Forecast, words: Wording) -> str:
    futures = words.futures(forecast.meta.scenario.confidence_central)
    both = any(has_quartiles(forecast.series[metric]) for metric in GROUPS)
    return words.text(
        "subtitle_groups",
        bands=words.text("two_bands" if both else "one_band", futures=futures),
        runs=words.number(forecast.meta.runs),
    )
