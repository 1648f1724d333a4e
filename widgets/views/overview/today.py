"""The herd on the report date in six numbers, and against the file before."""

import ipywidgets
import numpy as np

from herd_engine.i18n.wording import UNKNOWN
from herd_engine.model.forecast import STOCKS, Forecast, Metric
from herd_engine.model.usual import UsualRange, usual_level
from herd_engine.presentation.charts import LEVELS, digits_of, month_of_period
from herd_engine.presentation.page.html_page import WORD_JOINER
from herd_engine.presentation.tiles import expected_point, tile, usual_html
from herd_engine.workbench.answer_types import Shift
from widgets.page import Page
from widgets.view_models.overview import Overview, Snapshot
from widgets.views.common.markup import html, table_markup, tag


def today(page: Page, overview: Overview) -> ipywidgets.Widget:
    """Return the tiles."""
    content = html(css_class="herd-tiles")

    def draw() -> None:
        content.layout.display = "none" if overview.now is None else None
        if overview.now is not None:
            content.value = _tiles(page, overview.now, overview.before)

    page.draw_on(overview.changed, draw)
    return content


def since_before(page: Page, overview: Overview) -> ipywidgets.Widget:
    """Return the table of what changed since the file before."""
    content = html(css_class="herd-card")
    content.add_class("herd-changes")

    def draw() -> None:
        content.layout.display = "none" if overview.now is None else None
        content.value = tag("h2", page.texts.t("overview.changes")) + _changes(page, overview)

    page.draw_on(overview.changed, draw)
    return content


def _tiles(page: Page, now: Snapshot, before: Snapshot | None) -> str:
    t, words = page.texts.t, page.texts.words
    title = tag("h2", t("overview.today", day=words.day(now.row.report_date)))
    if before is None:
        note = t("overview.same_day" if now.is_corrected else "overview.first_file")
    else:
        note = t("overview.compared_with", name=before.row.name, day=words.day(before.row.report_date))
    if now.forecast is not None:
        note = f"{note} {t('overview.tile_legend')}"
    shown = "".join(_level_tile(page, metric, now, before) for metric in LEVELS)
    calvings = "" if now.forecast is None else _calvings_tile(page, now.forecast)
    return title + tag("p", note, "herd-note") + f'<ul class="tiles">{shown}{calvings}</ul>'


def _level_tile(page: Page, metric: Metric, now: Snapshot, before: Snapshot | None) -> str:
    words, forecast = page.texts.words, now.forecast
    band = ""
    if forecast is not None:
        point = expected_point(forecast)
        month = words.short_month(forecast.dates[point])
        span = words.band(forecast, metric, point).replace("–", f"–{WORD_JOINER}")  # stays on one line
        band = page.texts.t("overview.band", month=month, band=span)
    return tile(
        metric,
        words,
        number=words.number(now.value(metric)),
        lines=(_change(page, metric, now, before), band),
        trend=np.array([]) if forecast is None else forecast.series[metric].p50,
        usual=usual_html(now.value(metric), _usual(metric, now), words),
    )


def _usual(metric: Metric, now: Snapshot) -> UsualRange | None:
    return usual_level(metric, *(now.row.counts[group] for group in ("milking", "dry")))


def _change(page: Page, metric: Metric, now: Snapshot, before: Snapshot | None) -> str:
    """Return by how much a number changed since the file before; empty where one of the two is unknown."""
    then = None if before is None else before.value(metric)
    value = now.value(metric)
    if before is None or then is None or value is None:
        return ""
    words = page.texts.words
    change, day = words.change(round(value) - round(then)), words.day(before.row.report_date)
    return page.texts.t("overview.change", change=change, day=day)


def _calvings_tile(page: Page, forecast: Forecast) -> str:
    """Return the mean number of calvings of the first whole month, as the chart of events shows it."""
    words = page.texts.words
    points = range(1, len(forecast.dates))
    point = next((point for point in points if not forecast.is_partial(point)), 1)
    month = words.short_month(month_of_period(forecast, point))
    band = words.band(forecast, Metric.CALVINGS, point).replace("–", f"–{WORD_JOINER}")
    return tile(
        Metric.CALVINGS,
        words,
        number=words.number(forecast.value(Metric.CALVINGS, "mean", point)),
        lines=("", page.texts.t("overview.band", month=month, band=band)),
        trend=forecast.series[Metric.CALVINGS].mean,
    )


def _changes(page: Page, overview: Overview) -> str:
    t, words, now, before = page.texts.t, page.texts.words, overview.now, overview.before
    if now is None or before is None:
        return tag("p", t("overview.no_changes"), "herd-note")
    checks = {check.metric: check for check in overview.changes.checks} if overview.changes else {}
    total = (before.total, now.total, now.total - before.total)
    rows = [
        *(_changed(page, metric, now, before) for metric in STOCKS),
        (words.text("total"), *map(words.number, total[:2]), words.change(total[2])),
        _changed(page, Metric.AVG_DAYS_IN_MILK, now, before),
    ]
    columns = (
        "",
        words.day(before.row.report_date),
        words.day(now.row.report_date),
        t("overview.column_change"),
    )
    if not checks:
        return table_markup(columns, rows, t("overview.changes"))
    expected = [*(_expected(page, checks.get(metric)) for metric in STOCKS), "", ""]
    rows = [(*row, cell) for row, cell in zip(rows, expected, strict=True)]
    table = table_markup((*columns, t("overview.column_expected")), rows, t("overview.changes"))
    return table + tag("p", t("overview.expected_note"), "herd-note")


def _changed(page: Page, metric: Metric, now: Snapshot, before: Snapshot) -> tuple[str, ...]:
    words, digits = page.texts.words, digits_of(metric)
    then, value = before.value(metric), now.value(metric)
    change = UNKNOWN if then is None or value is None else words.change(value - then, digits)
    return words.metric(metric, "name"), words.number(then, digits), words.number(value, digits), change


def _expected(page: Page, check: Shift | None) -> str:
    if check is None:
        return ""
    words = page.texts.words
    band = f"{words.number(check.before_low)}–{words.number(check.before_high)}"
    return page.texts.t("overview.met" if check.is_within_band else "overview.missed", band=band)
