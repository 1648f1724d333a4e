"""One metric of several forecasts in one chart."""

import textwrap
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import plotly.graph_objects as go

from herd_engine.charts.bands import add_observed
from herd_engine.charts.chart import Chart
from herd_engine.charts.layout import (
    add_end_labels,
    add_report_date,
    as_label,
    heights,
    level_range,
    month_axis,
    new_figure,
)
from herd_engine.charts.table import Table, digits_of
from herd_engine.charts.theme import LIGHT, Theme, scenario_colors, translucent
from herd_engine.errors import ParameterError
from herd_engine.i18n.wording import Wording, wording
from herd_engine.model.forecast import Forecast, Metric

HEIGHT = 484
BAND_OPACITY = 0.12
MOST_BANDS = 3
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
LABEL_LETTERS, LABEL_LINES = 17, 2
"""Of a name, with its value before it, at the end of its line; hover texts have all of it."""


def scenario_overlay(
    forecasts: Mapping[str, Forecast], metric: Metric, *, language: str = "en", theme: Theme = LIGHT
) -> Chart:
    """Return a metric's medians of 1…6 forecasts by name, each with its own colour, dashes and label.

    Up to three have their bands behind them; more would hide each other.

    Raises
    ------
    ParameterError
        There are more than six, or none.
    """
    if not 1 <= len(forecasts) <= len(DASHES):
        raise ParameterError("forecasts", len(forecasts), f"be 1 … {len(DASHES)}")
    words = wording(language)
    has_bands = len(forecasts) <= MOST_BANDS
    series = [forecast.series[metric] for forecast in forecasts.values()]
    bottom, top = level_range(
        [s.p50 for s in series] + ([b for s in series for b in (s.p_low, s.p_high)] if has_bands else [])
    )
    figure = new_figure(
        _title(forecasts, metric, words),
        _subtitle(forecasts, metric, words, bottom, has_bands=has_bands),
        HEIGHT,
        words=words,
        theme=theme,
    )
    colors = scenario_colors(theme)
    if has_bands:
        for forecast, color in zip(forecasts.values(), colors, strict=False):
            _add_band(figure, forecast, metric, color)
    for (name, forecast), color, dash in zip(forecasts.items(), colors, DASHES, strict=False):
        figure.add_scatter(
            x=forecast.dates,
            y=heights(forecast.series[metric].p50),
            name=name,
            mode="lines",
            line={"color": color, "width": 2.5, "dash": dash},
            hovertext=[
                f"<b>{as_label(name)}</b>, {words.day(day)}<br>{words.with_band(forecast, metric, point)}"
                for point, day in enumerate(forecast.dates)
            ],
            hoverinfo="text",
        )
        add_observed(figure, forecast, metric, theme)
    figure.update_xaxes(month_axis(_all_dates(forecasts), words, max_labels=7))
    figure.update_yaxes(range=[bottom, top])
    figure.update_layout(margin_r=136)
    _label_ends(figure, forecasts, metric, words)
    add_report_date(figure, next(iter(forecasts.values())), words, theme)
    return Chart(figure, _scenario_overlay_table(forecasts, metric, language))


def _scenario_overlay_table(forecasts: Mapping[str, Forecast], metric: Metric, language: str = "en") -> Table:
    """Return the numbers of ``scenario_overlay``: a row a date, medians with bands."""
    words = wording(language)
    digits = digits_of(metric)

    def cell(forecast: Forecast, day: date) -> str:
        if day not in forecast.dates:
            return words.number(None)
        return words.with_band(forecast, metric, forecast.dates.index(day), digits=digits)

    return Table(
        columns=(words.text("date"), *forecasts),
        rows=tuple(
            (words.day(day), *(cell(forecast, day) for forecast in forecasts.values()))
            for day in _all_dates(forecasts)
        ),
    )


def _all_dates(forecasts: Mapping[str, Forecast]) -> Sequence[date]:
    return sorted({day for forecast in forecasts.values() for day in forecast.dates})


def _add_band(figure: go.Figure, forecast: Forecast, metric: Metric, color: str) -> None:
    series = forecast.series[metric]
    fill = {"fill": "tonexty", "fillcolor": translucent(color, BAND_OPACITY)}
    for edge, filled in ((series.p_low, {}), (series.p_high, fill)):
        figure.add_scatter(
            x=forecast.dates, y=heights(edge), mode="lines", line_width=0, hoverinfo="skip", **filled
        )


def _ends(forecasts: Mapping[str, Forecast], metric: Metric) -> dict[str, float]:
    """Return the last median of every forecast where it is known, lowest first."""
    last = {name: float(forecast.series[metric].p50[-1]) for name, forecast in forecasts.items()}
    return {name: last[name] for name in sorted(last, key=last.__getitem__) if not np.isnan(last[name])}


def _label_ends(figure: go.Figure, forecasts: Mapping[str, Forecast], metric: Metric, words: Wording) -> None:
    ends = _ends(forecasts, metric)
    add_end_labels(
        figure,
        figure.layout.xaxis.range[1],
        list(ends.values()),
        [_end_label(words.number(end), name) for name, end in ends.items()],
    )


def _end_label(value: str, name: str) -> str:
    """Return a value and a name in at most two short lines."""
    lines = textwrap.wrap(f"{value} {name}", LABEL_LETTERS, max_lines=LABEL_LINES, placeholder="…")
    first, *others = (as_label(line) for line in lines)
    return "<br>".join([f"<b>{value}</b>{first.removeprefix(value)}", *others])


def _title(forecasts: Mapping[str, Forecast], metric: Metric, words: Wording) -> str:
    ends = list(_ends(forecasts, metric).items())
    name, month = words.metric(metric, "name"), words.by_month(_all_dates(forecasts)[-1])
    if not ends:
        return words.text("story_scenarios_none", metric=name)
    (lowest, low), (highest, high) = ends[0], ends[-1]
    if round(low) == round(high):
        return words.text("story_scenarios_same", metric=name, month=month, value=words.number(low))
    return words.text(
        "story_scenarios",
        metric=name,
        month=month,
        low=words.number(low),
        lowest=lowest,
        high=words.number(high),
        highest=highest,
    )


def _subtitle(
    forecasts: Mapping[str, Forecast], metric: Metric, words: Wording, bottom: float, *, has_bands: bool
) -> str:
    first = next(iter(forecasts.values()))
    subtitle = words.text(
        "subtitle_scenarios",
        metric=words.metric(metric, "name"),
        unit=words.metric(metric, "unit"),
        runs=", ".join(sorted({words.number(f.meta.runs) for f in forecasts.values()})),
    )
    if has_bands:
        futures = words.futures(first.meta.scenario.confidence_central)
        subtitle += "; " + words.text("one_band", futures=futures)
    return subtitle + (words.text("subtitle_axis", start=words.number(bottom)) if bottom else "")
