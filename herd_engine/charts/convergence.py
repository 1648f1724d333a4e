"""How the median and the band settle as replicates are added."""

import math

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from herd_engine.charts.chart import Chart
from herd_engine.charts.layout import add_end_labels, heights, level_range, new_figure
from herd_engine.charts.stability import STANDARD_ERRORS
from herd_engine.charts.table import Table, digits_of
from herd_engine.charts.theme import LIGHT, Theme, translucent
from herd_engine.engine.summary import quantile_standard_error
from herd_engine.i18n.wording import Wording, wording
from herd_engine.model.draws import Draws
from herd_engine.model.forecast import Forecast, Metric

HEIGHT = 484
FEWEST_RUNS = 20
STEPS = 40
TICKS = (20, 100, 500, 2000, 10_000, 50_000)
BAND_OPACITY = 0.18
DASHES = {"p_low": "dot", "p50": "solid", "p_high": "dash"}
ENDS = {"p_low": "end_low", "p50": "end_median", "p_high": "end_high"}

Course = tuple[list[int], NDArray[np.float64], NDArray[np.float64]]
"""Numbers of replicates; a quantile after so many; its standard error."""


def convergence(
    forecast: Forecast, draws: Draws, metric: Metric, *, language: str = "en", theme: Theme = LIGHT
) -> Chart:
    """Return the quantiles of a metric in the last month after 20, … replicates, and two standard errors."""
    words = wording(language)
    courses = {level: _course(forecast, draws, metric, level) for level in DASHES}
    bottom, top = level_range([edge for course in courses.values() for edge in _edges(course)])
    figure = new_figure(
        _title(forecast, metric, courses, words),
        _subtitle(forecast, metric, words, bottom),
        HEIGHT,
        words=words,
        theme=theme,
    )
    color = theme.series[metric]
    for level, course in courses.items():
        _add_course(figure, course, color, DASHES[level], words)
    runs = courses["p50"][0]
    ticks = [tick for tick in TICKS if runs[0] <= tick <= runs[-1]] or runs[-1:]
    figure.update_xaxes(
        type="log",
        range=[math.log10(runs[0]), math.log10(runs[-1])],
        tickvals=ticks,
        tickangle=0,
        ticktext=[words.number(tick) for tick in ticks],
        title_text=words.text("axis_runs"),
    )
    figure.update_yaxes(range=[bottom, top])
    ends = {level: float(course[1][-1]) for level, course in courses.items() if not np.isnan(course[1][-1])}
    add_end_labels(
        figure,
        math.log10(runs[-1]),
        list(ends.values()),
        [words.text(ENDS[level], value=words.number(end)) for level, end in ends.items()],
    )
    return Chart(figure, _convergence_table(forecast, draws, metric, language))


def _convergence_table(forecast: Forecast, draws: Draws, metric: Metric, language: str = "en") -> Table:
    """Return the numbers of ``convergence``: each quantile ± two standard errors."""
    words = wording(language)
    digits = max(digits_of(metric), 1)
    courses = [_course(forecast, draws, metric, level) for level in DASHES]

    def cell(course: Course, step: int) -> str:
        _, values, errors = course
        spread = words.number(STANDARD_ERRORS * float(errors[step]), digits)
        return f"{words.number(float(values[step]), digits)} ± {spread}"

    return Table(
        columns=tuple(words.text(key) for key in ("column_runs", "low", "median", "high")),
        rows=tuple(
            (words.number(n), *(cell(course, step) for course in courses))
            for step, n in enumerate(courses[0][0])
        ),
    )


def _course(forecast: Forecast, draws: Draws, metric: Metric, level: str) -> Course:
    """Return a quantile after more and more replicates; the published one ends it where it had more."""
    values = draws.values(metric)[:, -1]
    steps = np.unique(np.geomspace(min(FEWEST_RUNS, len(values)), len(values), STEPS).astype(int)).tolist()
    quantiles, errors = [], []
    for n in steps:
        known = np.sort(values[:n][~np.isnan(values[:n])])
        share = forecast.levels[level]
        quantiles.append(float(np.quantile(known, share)) if len(known) else np.nan)
        errors.append(float(quantile_standard_error(known[:, None], share)[0]))
    if forecast.meta.runs > draws.n_replicates:
        series = forecast.series[metric]
        steps.append(forecast.meta.runs)
        quantiles.append(float(getattr(series, level)[-1]))
        errors.append(float(getattr(series, f"mcse_{level}")[-1]))
    return steps, np.array(quantiles), np.array(errors)


def _edges(course: Course) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    _, values, errors = course
    spread = STANDARD_ERRORS * np.nan_to_num(errors)
    return values - spread, values + spread


def _add_course(figure: go.Figure, course: Course, color: str, dash: str, words: Wording) -> None:
    runs, values, errors = course
    fill = {"fill": "tonexty", "fillcolor": translucent(color, BAND_OPACITY)}
    for edge, filled in zip(_edges(course), ({}, fill), strict=True):
        figure.add_scatter(x=runs, y=heights(edge), mode="lines", line_width=0, hoverinfo="skip", **filled)
    figure.add_scatter(
        x=runs,
        y=heights(values),
        mode="lines",
        line={"color": color, "width": 2, "dash": dash},
        hovertext=[
            words.text(
                "hover_runs",
                runs=words.number(n),
                value=words.number(float(value)),
                apart=words.number(STANDARD_ERRORS * float(error), 1),
            )
            for n, value, error in zip(runs, values, errors, strict=True)
        ],
        hoverinfo="text",
    )


def _title(forecast: Forecast, metric: Metric, courses: dict[str, Course], words: Wording) -> str:
    last = np.array([errors[-1] for _, _, errors in courses.values()])
    values = {
        "runs": words.number(forecast.meta.runs),
        "metric": words.metric(metric, "name"),
        "month": words.by_month(forecast.dates[-1]),
    }
    if np.isnan(last).all():
        return words.text("story_convergence_unknown", **values)
    apart = words.number(float(np.ceil(STANDARD_ERRORS * np.nanmax(last))))
    return words.text("story_convergence", apart=apart, unit=words.metric(metric, "unit"), **values)


def _subtitle(forecast: Forecast, metric: Metric, words: Wording, bottom: float) -> str:
    subtitle = words.text(
        "subtitle_convergence",
        metric=words.metric(metric, "name"),
        unit=words.metric(metric, "unit"),
        day=words.day(forecast.dates[-1]),
    )
    return subtitle + (words.text("subtitle_axis", start=words.number(bottom)) if bottom else "")
