"""What happened on each day, as bars of several kinds on top of one another."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from herd_engine.charts.chart import Chart
from herd_engine.charts.layout import as_label, new_figure
from herd_engine.charts.table import Table
from herd_engine.charts.theme import LIGHT, Theme
from herd_engine.i18n.wording import Wording, wording

HEIGHT = 320
BAR_MILLISECONDS = 0.8 * 24 * 3600 * 1000
"""Most of a day; of a single bar nothing beside it would tell how wide it is."""
FEW = 6
"""So many have a mark each on the axis."""
SHORTEST = timedelta(days=13)
"""A single day is a bar among two weeks."""
PATTERNS = ("", "/", "x")
"""One a kind: nothing is told by colour alone."""


def counts_by_day(
    days: Sequence[date],
    counts: Mapping[str, Sequence[int]],
    title: str,
    subtitle: str,
    *,
    language: str = "en",
    theme: Theme = LIGHT,
) -> Chart:
    """Return bars of up to three kinds: what went well, what has to be watched, what failed.

    Parameters
    ----------
    days : sequence of date
        At least one, in their order.
    counts : mapping of str to sequence of int
        By the name of a kind, one a day.
    title, subtitle : str
    language : str
    theme : Theme
    """
    words = wording(language)
    figure = new_figure(title, subtitle, HEIGHT, words=words, theme=theme)
    colors = (theme.accent, theme.warning, theme.error)
    for (name, values), color, pattern in zip(counts.items(), colors, PATTERNS, strict=False):
        figure.add_bar(
            x=list(days),
            y=list(values),
            width=BAR_MILLISECONDS,
            name=as_label(name),
            marker={"color": color, "pattern": {"shape": pattern}},
            hovertext=[
                f"<b>{words.day(day)}</b><br>{as_label(name)}: {words.number(value)}"
                for day, value in zip(days, values, strict=True)
            ],
            hoverinfo="text",
        )
    figure.update_layout(barmode="stack", showlegend=True, margin_r=16)
    figure.update_layout(legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"})
    figure.update_xaxes(_day_axis(days, words))
    figure.update_yaxes(rangemode="tozero")
    if max(map(sum, zip(*counts.values(), strict=True))) <= FEW:  # no half ones between
        figure.update_yaxes(dtick=1)
    return Chart(figure, _counts_by_day_table(days, counts, words))


def _day_axis(days: Sequence[date], words: Wording) -> Mapping[str, object]:
    """Return an axis that names about six days."""
    named = days[:: max(len(days) // 6, 1)]
    labels = [f"{day.day} {words.texts['months_short'][day.month - 1]}" for day in named]
    first, half = min(days[0], days[-1] - SHORTEST), timedelta(hours=12)
    ends = [datetime.combine(first, time()) - half, datetime.combine(days[-1], time()) + half]
    return {"tickvals": list(named), "ticktext": labels, "tickangle": 0, "range": ends}


def _counts_by_day_table(days: Sequence[date], counts: Mapping[str, Sequence[int]], words: Wording) -> Table:
    """Return one row a day on which anything happened."""
    rows = [
        (words.day(day), *(words.number(n) for n in of_day))
        for day, *of_day in zip(days, *counts.values(), strict=True)
        if any(of_day)
    ]
    return Table(columns=(words.text("date"), *counts), rows=tuple(rows))
