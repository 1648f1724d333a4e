"""What a herd's records say of its intervals and exits, against what a forecast draws."""

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from herd_engine.calibration.fit import Fit
from herd_engine.charts.chart import Chart
from herd_engine.charts.layout import add_row_title, new_figure
from herd_engine.charts.table import Table
from herd_engine.charts.theme import LIGHT, Theme
from herd_engine.i18n.wording import UNKNOWN, Wording, wording
from herd_engine.model.forecast import Metric
from herd_engine.model.scenario import FILE_MODES, Mode
from herd_engine.model.tables import DayDistribution

ROW_HEIGHT = 200
EDGES_HEIGHT = 154
"""Room for the title above and the days below, pixels."""
BIN_DAYS = {"age_at_conception": 15, "service_period": 10, "conception_to_dry_off": 5}
DAYS_OF_YEAR = 365


def fitted_distributions(fit: Fit, *, language: str = "en", theme: Theme = LIGHT) -> Chart:
    """Return three charts: the herd's records as bars, the fitted formula as a line."""
    words = wording(language)
    figure = new_figure(
        _title(fit, words),
        words.text("subtitle_fitted"),
        EDGES_HEIGHT + ROW_HEIGHT * len(BIN_DAYS),
        words=words,
        theme=theme,
        rows=len(BIN_DAYS),
    )
    figure.update_xaxes(matches=None, showticklabels=True, tickformat=",d", nticks=8)
    figure.update_yaxes(rangemode="tozero", nticks=4)
    for row, name in enumerate(BIN_DAYS, start=1):
        records, formula = (_distribution(fit, mode, name) for mode in FILE_MODES)
        if records is not None:
            _add_bars(figure, records, BIN_DAYS[name], row, theme)
        if formula is not None:
            _add_line(figure, formula, BIN_DAYS[name], row, theme)
        add_row_title(figure, _row_title(name, records or formula, words), row)
    figure.update_yaxes(title_text=words.text("axis_records"), row=(len(BIN_DAYS) + 1) // 2, col=1)
    figure.update_xaxes(title_text=words.text("axis_days"), row=len(BIN_DAYS), col=1)
    figure.update_layout(bargap=0.08, margin_r=16, margin_b=64)
    return Chart(figure, _fitted_distributions_table(fit, language))


def _fitted_distributions_table(fit: Fit, language: str = "en") -> Table:
    """Return the numbers behind ``fitted_distributions``: records, mean and spread as recorded and fitted."""
    words = wording(language)
    keys = ("interval", "records", "mean_recorded", "sd_recorded", "mean_fitted", "sd_fitted")
    rows = []
    for name in BIN_DAYS:
        both = [_distribution(fit, mode, name) for mode in FILE_MODES]
        counts = [d.n_observed for d in both if d is not None]
        rows.append(
            (
                words.text(name),
                words.number(counts[0] if counts else None),
                *(
                    words.number(None if d is None else value, 1)
                    for d in both
                    for value in ((None, None) if d is None else (d.mean, d.sd))
                ),
            )
        )
    return Table(columns=tuple(words.text(key) for key in keys), rows=tuple(rows))


def exit_rates(fit: Fit, *, language: str = "en", theme: Theme = LIGHT) -> Chart:
    """Return how many of 100 animals leave within a year, by lactation and by calendar month."""
    words = wording(language)
    figure = new_figure(
        _exit_title(fit, words),
        words.text("subtitle_exits"),
        EDGES_HEIGHT + 2 * ROW_HEIGHT,
        words=words,
        theme=theme,
        rows=2,
    )
    by_lactation, by_month = _yearly(fit)
    bars = (
        ([str(number) for number in range(len(by_lactation))], by_lactation, "by_lactation"),
        (words.texts["months_short"], by_month, "by_calendar_month"),
    )
    figure.update_xaxes(matches=None, showticklabels=True, type="category", tickangle=0)
    for row, (names, shares, title) in enumerate(bars, start=1):
        figure.add_bar(
            x=names,
            y=shares.tolist(),
            marker={"color": theme.series[Metric.CULLS]},
            hovertext=[
                f"<b>{name}</b>: {words.number(share, 1)}" for name, share in zip(names, shares, strict=False)
            ],
            hoverinfo="text",
            row=row,
            col=1,
        )
        add_row_title(figure, f"<b>{words.text(title)}</b>", row)
    figure.update_xaxes(dtick=2, row=2, col=1)  # on a phone twelve names would touch
    figure.update_yaxes(title_text=words.text("axis_of_100"), rangemode="tozero", nticks=5)
    figure.update_layout(bargap=0.3, margin_r=16)
    return Chart(figure, _exit_rates_table(fit, language))


def _exit_rates_table(fit: Fit, language: str = "en") -> Table:
    """Return the numbers of ``exit_rates``: of 100 animals, those that leave within a year."""
    words = wording(language)
    by_lactation, by_month = _yearly(fit)
    named = [
        *((words.text("lactation", number=str(i)), share) for i, share in enumerate(by_lactation)),
        *zip(words.months, by_month, strict=False),
    ]
    return Table(
        columns=(words.text("group"), words.text("axis_of_100")),
        rows=tuple((name, words.number(float(share), 1)) for name, share in named),
    )


def _distribution(fit: Fit, mode: Mode, name: str) -> DayDistribution | None:
    tables = fit.tables.get(mode)
    return None if tables is None else getattr(tables, name)


def _per_bin(distribution: DayDistribution, width: int) -> tuple[list[float], list[float]]:
    """Return the middles of bins of so many days, and the records in each, of a formula as expected."""
    bins = distribution.days // width
    counts = np.bincount(bins, weights=distribution.probability) * distribution.n_observed
    first = int(bins[0])
    return [width * (i + 0.5) for i in range(first, len(counts))], counts[first:].tolist()


def _add_bars(figure: go.Figure, records: DayDistribution, width: int, row: int, theme: Theme) -> None:
    middles, counts = _per_bin(records, width)
    figure.add_bar(
        x=middles,
        y=counts,
        marker={"color": theme.series[Metric.HEIFER_COUNT]},
        hoverinfo="x+y",
        row=row,
        col=1,
    )


def _add_line(figure: go.Figure, formula: DayDistribution, width: int, row: int, theme: Theme) -> None:
    middles, counts = _per_bin(formula, width)
    figure.add_scatter(
        x=middles,
        y=counts,
        mode="lines",
        line={"color": theme.series[Metric.CULLS], "width": 2.5},
        hoverinfo="skip",
        row=row,
        col=1,
    )


def _row_title(name: str, distribution: DayDistribution | None, words: Wording) -> str:
    if distribution is None:
        return f"<b>{words.text(name)}</b>: {words.text('no_records')}"
    return words.text(
        "fitted_row",
        name=words.text(name),
        n=words.number(distribution.n_observed),
        mean=words.number(distribution.mean),
        sd=words.number(distribution.sd),
    )


def _title(fit: Fit, words: Wording) -> str:
    means = {}
    for name in BIN_DAYS:
        known = [d for mode in FILE_MODES if (d := _distribution(fit, mode, name)) is not None]
        means[name] = words.number(known[0].mean) if known else UNKNOWN
    return words.text("story_fitted", **means)


def _yearly(fit: Fit) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return of 100 animals those that leave within a year, by lactation and by month; empty if not known."""
    tables = next(iter(fit.tables.values()), None)
    if tables is None:
        return np.zeros(0), np.zeros(0)
    by_lactation, by_month = (
        100 * (1 - (1 - hazard) ** DAYS_OF_YEAR) for hazard in (tables.lactation_hazard, tables.month_hazard)
    )
    return by_lactation, by_month


def _exit_title(fit: Fit, words: Wording) -> str:
    by_lactation, _ = _yearly(fit)
    if len(by_lactation) < 2:
        return words.text("story_exits_none")
    return words.text(
        "story_exits",
        heifers=words.number(float(by_lactation[0])),
        first=words.number(float(by_lactation[1])),
    )
