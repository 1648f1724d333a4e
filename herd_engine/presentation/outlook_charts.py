"""The charts that a forecast is shown with, wherever it is shown: pages, reports, apps."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from herd_engine.charts.chart import Chart
from herd_engine.charts.events_by_month import events_by_month
from herd_engine.charts.fan_chart import fan_chart
from herd_engine.charts.herd_structure import herd_structure
from herd_engine.charts.layout import MarkedLevel
from herd_engine.model.forecast import Forecast, Metric

CHARTS: Mapping[str, Callable[..., Chart]] = MappingProxyType(
    {
        "milking": partial(fan_chart, metric=Metric.MILKING_COUNT),
        "events": events_by_month,
        "structure": herd_structure,
        "days": partial(fan_chart, metric=Metric.AVG_DAYS_IN_MILK),
    }
)
"""By the name of its section (``section_<name>`` among the texts), in the order of a page."""


def outlook_chart(name: str, forecast: Forecast, language: str, marked: MarkedLevel | None = None) -> Chart:
    """Return one of ``CHARTS`` of a forecast; a level can be marked on that of milking cows."""
    wishes = {} if marked is None or name != "milking" else {"marked": marked}
    return CHARTS[name](forecast, language=language, **wishes)


def outlook_charts(forecast: Forecast, language: str) -> dict[str, Chart]:
    """Return all of ``CHARTS``; those that stand side by side are equally high."""
    made = {name: outlook_chart(name, forecast, language) for name in CHARTS}
    level(made["structure"], made["events"])
    return made


def level(chart: Chart, beside: Chart) -> None:
    """Make a chart as high as the one that it stands beside."""
    chart.figure.update_layout(height=beside.figure.layout.height)
