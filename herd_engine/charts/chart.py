"""A picture and the same in numbers: one object for both."""

from dataclasses import dataclass

import plotly.graph_objects as go

from herd_engine.charts.table import Table


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn, and its table twin.

    Attributes
    ----------
    figure : plotly Figure
        In light colours; its title is what it shows, in a sentence.
    table : Table
        The same numbers in words.
    """

    figure: go.Figure
    table: Table

    @property
    def title(self) -> str:
        """What the chart shows, in a sentence."""
        return str(self.figure.layout.title.text)

    @property
    def subtitle(self) -> str:
        """How to read it."""
        return str(self.figure.layout.title.subtitle.text)
