"""The herd by group, stacked."""

import numpy as np

from herd_engine.charts.chart import Chart
from herd_engine.charts.layout import add_end_labels, add_report_date, level_hover, month_axis, new_figure
from herd_engine.charts.place_line import mark_places
from herd_engine.charts.table import Table
from herd_engine.charts.theme import LIGHT, Theme, translucent
from herd_engine.i18n.wording import wording
from herd_engine.model.forecast import Forecast, Metric

HEIGHT = 484
FILL_OPACITY = 0.55
GROUPS = (Metric.MILKING_COUNT, Metric.DRY_COUNT, Metric.PREGNANT_HEIFER_COUNT, Metric.HEIFER_COUNT)
"""From the bottom up: cows first."""


def herd_structure(forecast: Forecast, *, language: str = "en", theme: Theme = LIGHT) -> Chart:
    """Return the medians of the four groups, stacked; the whole is their sum, as a reader would add them up.

    They are the numbers that the other charts and the tiles tell. The plan's places for all are marked.
    """
    words = wording(language)
    medians = [forecast.series[metric].p50 for metric in GROUPS]
    total = np.sum(medians, axis=0)
    runs = words.number(forecast.meta.runs)
    title = words.text(
        "story_structure",
        start=words.number(total[0]),
        end=words.number(total[-1]),
        end_month=words.by_month(forecast.dates[-1]),
        share=words.number(100 * medians[0][-1] / max(total[-1], 1.0)),
    )
    figure = new_figure(title, words.text("subtitle_structure", runs=runs), HEIGHT, words=words, theme=theme)
    for metric, median in zip(GROUPS, medians, strict=True):
        is_first = metric is GROUPS[0]
        figure.add_scatter(
            x=forecast.dates,
            y=median.tolist(),
            mode="lines",
            stackgroup="herd",
            line={"color": theme.series[metric], "width": 1.5},
            fillcolor=translucent(theme.series[metric], FILL_OPACITY),
            hovertext=level_hover(forecast, words) if is_first else None,
            hoverinfo="text" if is_first else "skip",
        )
    figure.update_xaxes(month_axis(forecast.dates, words, max_labels=4))
    places = forecast.meta.scenario.places_head
    top = 1.05 * max(float(total.max()), places or 1.0)
    figure.update_yaxes(range=[0, top])
    figure.update_layout(margin_r=124)
    mark_places(figure, forecast, places, words, theme)
    add_report_date(figure, forecast, words, theme)
    ends = [float(median[-1]) for median in medians]
    add_end_labels(
        figure,
        forecast.dates[-1],
        [sum(ends[:i]) + end / 2 for i, end in enumerate(ends)],
        [
            f"{words.metric(metric, 'name')}<br><b>{words.number(end)}</b>"
            for metric, end in zip(GROUPS, ends, strict=True)
        ],
    )
    return Chart(figure, _herd_structure_table(forecast, language))


def _herd_structure_table(forecast: Forecast, language: str = "en") -> Table:
    """Return the numbers of ``herd_structure`` and their sum."""
    words = wording(language)
    medians = [forecast.series[metric].p50 for metric in GROUPS]
    return Table(
        columns=(
            words.text("date"),
            *(words.metric(metric, "name") for metric in GROUPS),
            words.text("total"),
        ),
        rows=tuple(
            (words.day(day), *(words.number(float(count)) for count in (*counts, sum(counts))))
            for day, *counts in zip(forecast.dates, *medians, strict=True)
        ),
    )
