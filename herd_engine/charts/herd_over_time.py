"""The herd on the report date of each export of its farm."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from herd_engine.charts.chart import Chart
from herd_engine.charts.layout import new_figure
from herd_engine.charts.table import Table
from herd_engine.charts.theme import LIGHT, Theme
from herd_engine.i18n.wording import Wording, wording
from herd_engine.model.changes import Export, History
from herd_engine.model.forecast import STOCKS, Metric

HEIGHT = 360
MOST_NAMED = 4
"""Days on the axis: more do not fit on a phone."""


def herd_over_time(history: History, *, language: str = "en", theme: Theme = LIGHT) -> Chart:
    """Return a line a group of animals, a point an export; one export at least."""
    words = wording(language)
    first, last = history.exports[0].report_date, history.exports[-1].report_date
    subtitle = words.text("subtitle_over_time", first=words.day(first), last=words.day(last))
    figure = new_figure(_title(history, words), subtitle, HEIGHT, words=words, theme=theme)
    days = [export.report_date.isoformat() for export in history.exports]
    for metric in STOCKS:
        name = words.metric(metric, "name")
        counts = [_count(export, metric) for export in history.exports]
        hover = [
            f"{name}: {words.number(count)}<br>{words.day(export.report_date)}"
            for count, export in zip(counts, history.exports, strict=True)
        ]
        figure.add_scatter(
            x=days,
            y=counts,
            name=name,
            mode="lines+markers",
            line={"color": theme.series[metric], "width": 2},
            hovertext=hover,
            hoverinfo="text",
        )
    figure.update_layout(showlegend=True)
    figure.update_xaxes(_day_axis([export.report_date for export in history.exports], words))
    figure.update_yaxes(rangemode="tozero")
    return Chart(figure, _herd_over_time_table(history, language))


def _day_axis(days: Sequence[date], words: Wording) -> Mapping[str, object]:
    """Return an axis that names a few of the days, in the language of the reader; a single one has room."""
    distinct = sorted(set(days))
    named = distinct[:: -(-len(distinct) // MOST_NAMED)]
    axis: dict[str, object] = {
        "tickvals": [day.isoformat() for day in named],
        "ticktext": [words.day(day) for day in named],
        "tickangle": 0,
    }
    if len(distinct) == 1:
        week = timedelta(days=7)
        axis["range"] = [(days[0] - week).isoformat(), (days[0] + week).isoformat()]
    return axis


def _herd_over_time_table(history: History, language: str = "en") -> Table:
    """Return the numbers of ``herd_over_time``."""
    words = wording(language)
    return Table(
        columns=(words.text("date"), *(words.metric(metric, "name") for metric in STOCKS)),
        rows=tuple(
            (words.day(export.report_date), *(words.number(_count(export, metric)) for metric in STOCKS))
            for export in history.exports
        ),
    )


def _count(export: Export, metric: Metric) -> int:
    return export.counts[metric.removesuffix("_count")]


def _title(history: History, words: Wording) -> str:
    before, now = (_count(history.exports[place], Metric.MILKING_COUNT) for place in (0, -1))
    return words.text("story_over_time", before=words.number(before), now=words.number(now))
