"""A median as a line in the bands of its futures."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import plotly.graph_objects as go

from herd_engine.charts.layout import heights
from herd_engine.charts.theme import Theme, translucent
from herd_engine.model.forecast import Forecast, Metric, Series

OUTER_OPACITY = 0.18
INNER_OPACITY = 0.32


def has_quartiles(series: Series) -> bool:
    """Tell whether there is an inner band: old forecasts have none, and a band of half the futures is it."""
    return bool(np.any(series.p25 > series.p_low) or np.any(series.p75 < series.p_high))


def add_observed(
    figure: go.Figure, forecast: Forecast, metric: Metric, theme: Theme, *, row: int = 1
) -> None:
    """Draw what was counted on the report date as a dot."""
    figure.add_scatter(
        x=forecast.dates[:1],
        y=heights(forecast.series[metric].p50[:1]),
        mode="markers",
        marker={"color": theme.ink, "size": 8},
        cliponaxis=False,
        hoverinfo="skip",
        row=row,
        col=1,
    )


def add_bands(
    figure: go.Figure,
    dates: Sequence[date],
    series: Series,
    color: str,
    *,
    hover: Sequence[str],
    row: int = 1,
) -> None:
    """Draw the outer band, the inner band where there is one, and the median.

    Parameters
    ----------
    figure : Figure
        Drawn into.
    dates : sequence of date, length n
    series : Series
        Shape (n,) each.
    color : str
        ``#rrggbb``.
    hover : sequence of str, length n
        Shown at the median.
    row : int
        Of the figure, from 1.
    """
    bands = [(series.p_low, series.p_high, OUTER_OPACITY, 1)]
    if has_quartiles(series):
        bands.append((series.p25, series.p75, INNER_OPACITY, 0))
    for low, high, opacity, width in bands:
        fill = {"fill": "tonexty", "fillcolor": translucent(color, opacity)}
        for edge, filled in ((low, {}), (high, fill)):
            figure.add_scatter(
                x=dates,
                y=heights(edge),
                mode="lines",
                line={"color": color, "width": width, "dash": "dot"},
                hoverinfo="skip",
                row=row,
                col=1,
                **filled,
            )
    figure.add_scatter(
        x=dates,
        y=heights(series.p50),
        mode="lines",
        line={"color": color, "width": 2.5},
        hovertext=hover,
        hoverinfo="text",
        row=row,
        col=1,
    )
