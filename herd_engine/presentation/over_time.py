"""The exports of a farm one after the other, as a picture with its table."""

import plotly.graph_objects as go

from herd_engine.charts.herd_over_time import herd_over_time, herd_over_time_table
from herd_engine.charts.table import Table
from herd_engine.model.changes import History


def over_time(history: History, language: str) -> tuple[go.Figure, Table]:
    """Return the herd on the report date of each export, one at least, and the same numbers in words."""
    return herd_over_time(history, language=language), herd_over_time_table(history, language)
