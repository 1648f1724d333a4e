"""How many places there are, as a line of charts that count animals."""

import plotly.graph_objects as go

from herd_engine.charts.layout import LEVEL_OPACITY
from herd_engine.charts.theme import Theme, translucent
from herd_engine.i18n.wording import Wording
from herd_engine.model.forecast import Forecast


def mark_places(
    figure: go.Figure, forecast: Forecast, places: int | None, words: Wording, theme: Theme
) -> None:
    """Draw a plan's places as a dotted line from the first month on, with their number; nothing where none.

    Parameters
    ----------
    figure : Figure
    forecast : Forecast
    places : int or None
        Of the scenario: for what the figure counts.
    words : Wording
    theme : Theme
    """
    if places is None:
        return
    name = words.text("place_line", places=words.number(places))
    first, last = forecast.dates[1], forecast.dates[-1]
    figure.add_scatter(
        x=[first, last],
        y=[places, places],
        mode="lines",
        line={"color": theme.ink, "width": 1.5, "dash": "dot"},
        hoverinfo="skip",
        name=name,
    )
    figure.add_annotation(
        text=name,
        x=first,
        y=places,
        xanchor="left",
        yanchor="bottom",
        showarrow=False,
        bgcolor=translucent(theme.surface, LEVEL_OPACITY),
        font={"size": 12, "color": theme.ink},
    )
