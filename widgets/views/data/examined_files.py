"""How the farm's files that were examined came out, day by day."""

import ipywidgets

from herd_engine.presentation.charts import Chart, counts_by_day
from widgets.controls.plot import Plot
from widgets.page import Page
from widgets.view_models.file_checks import FileChecks
from widgets.views.common.markup import box

STATUSES = ("PASS", "WARN", "FAIL")


def examined_files(page: Page, checks: FileChecks) -> ipywidgets.Widget:
    """Return the picture; it is not seen before a file was examined."""
    words = page.texts.words
    texts = {"table": words.text("show_table"), "picture": words.text("save_picture")}
    plot = Plot(name="examined", kind=page.texts.t("checks.trend"), texts=texts)
    whole = box([plot])

    def draw() -> None:
        whole.layout.display = None if checks.trend else "none"
        if checks.trend:
            plot.show(_chart(page, checks))

    page.draw_on(checks.changed, draw)
    return whole


def _chart(page: Page, checks: FileChecks) -> Chart:
    t, number = page.texts.t, page.texts.words.number
    found = {(point.day, point.status): point.n for point in checks.trend}
    days = sorted({day for day, _ in found})
    counts = {t(f"checks.{name}"): [found.get((day, name), 0) for day in days] for name in STATUSES}
    n_failed = sum(found.get((day, "FAIL"), 0) for day in days)
    title = t("checks.trend_title", files=number(sum(found.values())), failed=number(n_failed))
    return counts_by_day(days, counts, title, t("checks.trend_note"), language=page.texts.language)
