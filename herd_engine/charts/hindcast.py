"""Forecasts from earlier dates and what happened since, one small chart a date."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from herd_engine.charts.bands import add_bands
from herd_engine.charts.chart import Chart
from herd_engine.charts.layout import add_row_title, heights, level_range, month_axis, new_figure
from herd_engine.charts.table import Table, digits_of
from herd_engine.charts.theme import LIGHT, Theme
from herd_engine.i18n.wording import Wording, wording
from herd_engine.model.backtest import JUDGED_BAND, QUANTILES, Backtest, Fold, Numbers
from herd_engine.model.forecast import EVENTS, Metric, Series

ROW_HEIGHT = 150
EDGES_HEIGHT = 154
"""Room for the title above and the months below, pixels."""
LOW, P25, MEDIAN, P75, HIGH = (QUANTILES.index(level) for level in (0.1, 0.25, 0.5, 0.75, 0.9))


def hindcast(
    backtest: Backtest, metric: Metric, name: str, *, language: str = "en", theme: Theme = LIGHT
) -> Chart:
    """Return what was forecast from every origin, and what happened, as dots; the earliest origin on top.

    Parameters
    ----------
    backtest : Backtest
    metric : Metric
    name : str
        Of the mode whose forecasts are shown.
    language : str
    theme : Theme
    """
    words, folds = wording(language), _folds(backtest, metric, name)
    figure = new_figure(
        _title(folds, metric, name, words),
        _subtitle(backtest, metric, name, words),
        EDGES_HEIGHT + ROW_HEIGHT * len(folds),
        words=words,
        theme=theme,
        rows=max(1, len(folds)),
    )
    for row, fold in enumerate(folds, start=1):
        days, quantiles = _days(fold, metric), fold.quantiles[name, metric]
        hover = [_hover(fold, metric, name, point, words) for point in range(fold.horizon)]
        add_bands(figure, days, _series(quantiles), theme.series[metric], hover=hover, row=row)
        figure.add_scatter(
            x=days,
            y=heights(fold.happened[metric]),
            mode="markers",
            marker={"color": theme.ink, "size": 7},
            cliponaxis=False,
            hoverinfo="skip",
            row=row,
            col=1,
        )
        add_row_title(figure, _row_title(fold, metric, name, words), row)
    if folds:
        days = [day for fold in folds for day in (fold.origin, *fold.dates)]
        figure.update_xaxes(month_axis(sorted(set(days)), words))
        shown = [(*fold.quantiles[name, metric][[LOW, HIGH]], fold.happened[metric]) for fold in folds]
        bottom, top = level_range([values for each in shown for values in each])
        figure.update_yaxes(range=[bottom, top])
    figure.update_layout(margin_r=16)
    return Chart(figure, _hindcast_table(backtest, metric, name, language))


def _hindcast_table(backtest: Backtest, metric: Metric, name: str, language: str = "en") -> Table:
    """Return the numbers of ``hindcast``, a row a forecast."""
    words, digits = wording(language), digits_of(metric)
    keys = ("forecast_from", "date", "happened", "median", "low", "high", "inside_band")
    return Table(
        columns=tuple(words.text(key) for key in keys),
        rows=tuple(
            (
                words.day(fold.origin),
                _period(fold, metric, point, words),
                words.number(fold.happened[metric][point], digits),
                *(
                    words.number(fold.quantiles[name, metric][at, point], digits)
                    for at in (MEDIAN, LOW, HIGH)
                ),
                _inside(fold, metric, name, point, words),
            )
            for fold in _folds(backtest, metric, name)
            for point in range(fold.horizon)
        ),
    )


def _folds(backtest: Backtest, metric: Metric, name: str) -> list[Fold]:
    """Return the origins of which something is known, the earliest first."""
    return sorted((fold for fold in backtest.folds if (name, metric) in fold.judged), key=lambda f: f.origin)


def _days(fold: Fold, metric: Metric) -> Sequence[date]:
    """Return where forecasts stand: stocks on their day, events on the first of their month."""
    return [fold.origin, *fold.dates[:-1]] if metric in EVENTS else fold.dates


def _series(quantiles: Numbers) -> Series:
    nothing = np.full_like(quantiles[MEDIAN], np.nan)
    levels = {"p_low": LOW, "p25": P25, "p50": MEDIAN, "p75": P75, "p_high": HIGH}
    known = {level: quantiles[at] for level, at in levels.items()}
    return Series(**{level: known.get(level, nothing) for level in Series.__slots__})


def _period(fold: Fold, metric: Metric, point: int, words: Wording) -> str:
    day = _days(fold, metric)[point]
    return words.month(day) if metric in EVENTS else words.day(day)


def _inside(fold: Fold, metric: Metric, name: str, point: int, words: Wording) -> str:
    happened, quantiles = fold.happened[metric][point], fold.quantiles[name, metric][:, point]
    if np.isnan(happened):
        return ""
    return words.text("yes" if quantiles[LOW] <= happened <= quantiles[HIGH] else "no")


def _hover(fold: Fold, metric: Metric, name: str, point: int, words: Wording) -> str:
    low, median, high = (fold.quantiles[name, metric][at, point] for at in (LOW, MEDIAN, HIGH))
    return words.text(
        "hover_hindcast",
        when=_period(fold, metric, point, words),
        forecast=f"{words.number(median)} ({words.number(low)}–{words.number(high)})",
        happened=words.number(fold.happened[metric][point]),
    )


def _errors(folds: Sequence[Fold], metric: Metric, name: str) -> tuple[float, str]:
    """Return the mean error and, where it can be told, how much of what happened that is."""
    judged = [fold.judged[name, metric] for fold in folds]
    errors = np.concatenate([abs(each.forecast - each.happened) for each in judged])
    total = float(sum(each.happened.sum() for each in judged))
    return float(errors.mean()), f"{100 * errors.sum() / total:.0f}" if total else ""


def _row_title(fold: Fold, metric: Metric, name: str, words: Wording) -> str:
    error, _ = _errors([fold], metric, name)
    return words.text(
        "row_hindcast", day=words.day(fold.origin), error=words.number(error, digits_of(metric))
    )


def _title(folds: Sequence[Fold], metric: Metric, name: str, words: Wording) -> str:
    if not folds:
        return words.text("story_hindcast_none", metric=words.metric(metric, "name"))
    judged = [fold.judged[name, metric] for fold in folds]
    error, share = _errors(folds, metric, name)
    at = words.text("share_of", percent=share) if share else ""
    return words.text(
        "story_hindcast",
        metric=words.metric(metric, "name"),
        error=words.number(error, digits_of(metric)),
        share=at,
        inside=words.number(float(sum(each.inside[:, 1].sum() for each in judged))),
        count=words.number(sum(map(len, judged))),
    )


def _subtitle(backtest: Backtest, metric: Metric, name: str, words: Wording) -> str:
    return words.text(
        "subtitle_hindcast",
        metric=words.metric(metric, "name"),
        unit=words.metric(metric, "unit"),
        bands=words.text("two_bands", futures=words.futures(JUDGED_BAND)),
        mode=words.forecast_name(name),
        runs=words.number(backtest.runs),
    )
