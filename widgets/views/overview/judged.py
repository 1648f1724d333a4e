"""Forecast then, file now: what the next herd file said of the farm's plan."""

import ipywidgets

from herd_engine.i18n.wording import UNKNOWN
from herd_engine.model.forecast import Metric
from herd_engine.model.verdicts import JudgedForecast, RecordOfForecasts, Verdict
from widgets.page import Page
from widgets.view_models.overview import Overview
from widgets.views.common.markup import html, table_markup, tag

LATEST_DAYS = 3


def judged(page: Page, overview: Overview) -> ipywidgets.Widget:
    """Return the card; it is not seen before a forecast was judged."""
    content = html(css_class="herd-card")
    content.add_class("herd-judged")

    def draw() -> None:
        record = overview.record
        content.layout.display = None if record.forecasts else "none"
        if record.forecasts:
            content.value = (
                tag("h2", page.texts.t("overview.judged"))
                + tag("p", _sentence(page, record))
                + _table(page, record.forecasts[0])
            )

    page.draw_on(overview.changed, draw)
    return content


def _sentence(page: Page, record: RecordOfForecasts) -> str:
    """Return how many numbers held, and which quantity held least often where some mostly did not."""
    t, words, tally = page.texts.t, page.texts.words, record.tally
    if tally is None:
        return ""
    low, high = (words.number(100 * end) for end in tally.interval)
    counted = (words.number(tally.inside), words.number(tally.of))
    said = t("overview.judged_held", inside=counted[0], of=counted[1], low=low, high=high)
    if tally.skill is not None:
        said += " " + t("overview.judged_skill", skill=words.number(100 * tally.skill))
    missed = {m: each for m, each in record.by_metric().items() if 2 * each.inside < each.of}
    if missed:
        metric = min(missed, key=lambda each: missed[each].inside / missed[each].of)
        change = words.change(missed[metric].bias, metric.digits)
        said += " " + t("overview.judged_missed", metric=words.metric(metric, "name"), change=change)
    return said


def _table(page: Page, forecast: JudgedForecast) -> str:
    """Return the forecast that was judged last: a row a quantity, a column a day."""
    t, words = page.texts.t, page.texts.words
    days = sorted({verdict.day for verdict in forecast.verdicts})[-LATEST_DAYS:]
    found = {(verdict.metric, verdict.day): verdict for verdict in forecast.verdicts}
    metrics = [metric for metric in Metric if any((metric, day) in found for day in days)]
    rows = [
        (words.metric(metric, "name"), *(_cell(page, found.get((metric, day))) for day in days))
        for metric in metrics
    ]
    title = t("overview.judged_title", made=words.day(forecast.made), day=words.day(forecast.judged_by))
    note = t("overview.judged_note", band=words.number(100 * forecast.band))
    return table_markup(("", *map(words.day, days)), rows, title) + tag("p", f"{title} {note}", "herd-note")


def _cell(page: Page, verdict: Verdict | None) -> str:
    if verdict is None:
        return UNKNOWN
    words, digits = page.texts.words, verdict.metric.digits
    happened, low, high = (words.number(n, digits) for n in (verdict.happened, verdict.low, verdict.high))
    key = "overview.judged_inside" if verdict.is_inside else "overview.judged_outside"
    return page.texts.t(key, happened=happened, band=f"{low}–{high}")
