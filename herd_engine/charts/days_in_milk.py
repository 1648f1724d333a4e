"""How long the cows in milk have been milked, on the report date."""

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from herd_engine.charts.chart import Chart
from herd_engine.charts.layout import new_figure
from herd_engine.charts.table import Table
from herd_engine.charts.theme import LIGHT, Theme
from herd_engine.i18n.wording import Wording, wording
from herd_engine.model.animals import AnimalState, Herd
from herd_engine.model.forecast import Metric

HEIGHT = 420
BIN_DAYS = 30
LAST_DAYS = 600
"""Cows in milk for longer stand together: a handful of stragglers would squeeze all others."""
LATE_DAYS = 200
"""Days in milk after which an open cow is worth words; the last stage of lactation begins there."""


def days_in_milk_distribution(herd: Herd, *, language: str = "en", theme: Theme = LIGHT) -> Chart:
    """Return the cows in milk by days in milk, pregnant ones below, open ones hatched above."""
    words = wording(language)
    pregnant, not_pregnant = _by_bin(herd)
    figure = new_figure(
        _title(herd, words),
        words.text("subtitle_days", days=str(BIN_DAYS), day=words.day(herd.report_date)),
        HEIGHT,
        words=words,
        theme=theme,
    )
    middles = [BIN_DAYS * (i + 0.5) for i in range(len(pregnant))]
    hover = [
        words.text("hover_days", days=_days(i), pregnant=words.number(p), open=words.number(o))
        for i, (p, o) in enumerate(zip(pregnant, not_pregnant, strict=True))
    ]
    color = theme.series[Metric.MILKING_COUNT]
    for counts, shape in ((pregnant, ""), (not_pregnant, "/")):
        figure.add_bar(
            x=middles,
            y=counts.tolist(),
            width=0.9 * BIN_DAYS,
            marker={"color": color, "line": {"color": color, "width": 1}, "pattern": {"shape": shape}},
            hovertext=hover,
            hoverinfo="text",
        )
    figure.update_layout(barmode="stack", margin_r=16)
    figure.update_xaxes(
        title_text=words.text("axis_days_in_milk"), dtick=100, range=[0, BIN_DAYS * max(len(pregnant), 1)]
    )
    figure.update_yaxes(title_text=words.text("axis_cows"), rangemode="tozero")
    if herd.mean_days_in_milk is not None:
        _mark_mean(figure, herd.mean_days_in_milk, words, theme)
    return Chart(figure, _days_in_milk_table(herd, language))


def _days_in_milk_table(herd: Herd, language: str = "en") -> Table:
    """Return the numbers of ``days_in_milk_distribution``."""
    words = wording(language)
    return Table(
        columns=tuple(words.text(key) for key in ("days_in_milk", "pregnant", "open", "total")),
        rows=tuple(
            (_days(i), words.number(p), words.number(o), words.number(p + o))
            for i, (p, o) in enumerate(zip(*_by_bin(herd), strict=True))
        ),
    )


def _by_bin(herd: Herd) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the numbers of pregnant and of open cows in milk for each ``BIN_DAYS`` days."""
    bins = np.minimum(-herd.calving.astype(np.int64), LAST_DAYS) // BIN_DAYS
    milking = herd.is_milking
    n_bins = int(bins[milking].max()) + 1 if milking.any() else 0
    pregnant, not_pregnant = (
        np.bincount(bins[herd.state == state], minlength=n_bins)
        for state in (AnimalState.PREGNANT, AnimalState.OPEN)
    )
    return pregnant, not_pregnant


def _days(i: int) -> str:
    first = BIN_DAYS * i
    return f"{first}–{first + BIN_DAYS - 1}" if first < LAST_DAYS else f"{first}+"


def _mark_mean(figure: go.Figure, mean: float, words: Wording, theme: Theme) -> None:
    figure.add_vline(x=mean, line={"color": theme.ink, "width": 1, "dash": "dash"})
    figure.add_annotation(
        text=words.text("mean_days", days=words.number(mean)),
        x=mean,
        y=1,
        yref="paper",
        xanchor="left",
        yanchor="bottom",
        showarrow=False,
        font={"size": 12, "color": theme.muted},
    )


def _title(herd: Herd, words: Wording) -> str:
    if herd.mean_days_in_milk is None:
        return words.text("story_days_none")
    late_open = (herd.state == AnimalState.OPEN) & (-herd.calving > LATE_DAYS)
    return words.text(
        "story_days",
        mean=words.number(herd.mean_days_in_milk),
        days=str(LATE_DAYS),
        late=words.number(int(late_open.sum())),
        total=words.number(int(herd.is_milking.sum())),
    )
