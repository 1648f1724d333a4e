"""How sending went, day by day."""

from zoneinfo import ZoneInfo

import ipywidgets

from herd_engine.presentation.charts import Chart, counts_by_day
from widgets.controls.plot import Plot
from widgets.page import Page
from widgets.view_models.deliveries import FarmDeliveries
from widgets.views.common.markup import box


def trend(page: Page, deliveries: FarmDeliveries) -> ipywidgets.Widget:
    """Return the picture of attempts by day; not seen before there was one."""
    words = page.texts.words
    texts = {"table": words.text("show_table"), "picture": words.text("save_picture")}
    plot = Plot(name="deliveries", kind=page.texts.t("deliveries.trend"), texts=texts)
    whole, drawn = box([plot]), list[object]()

    def draw() -> None:
        has_any = any(day.sent + day.retry + day.dead for day in deliveries.days)
        whole.layout.display = None if has_any else "none"
        if has_any and drawn != [deliveries.days]:
            drawn[:] = [deliveries.days]
            plot.show(_chart(page, deliveries))

    page.draw_on(deliveries.changed, draw)
    return whole


def _chart(page: Page, deliveries: FarmDeliveries) -> Chart:
    t, days = page.texts.t, deliveries.days
    n_failed = sum(day.retry + day.dead for day in days)
    number, zone = page.texts.words.number, ZoneInfo(deliveries.time_zone)
    counts = {
        t("deliveries.trend_sent"): [day.sent for day in days],
        t("deliveries.trend_retry"): [day.retry for day in days],
        t("deliveries.trend_dead"): [day.dead for day in days],
    }
    title = t("deliveries.trend_title", sent=number(sum(day.sent for day in days)), failed=number(n_failed))
    return counts_by_day(
        [day.start.astimezone(zone).date() for day in days],
        counts,
        title,
        t("deliveries.trend_note", zone=deliveries.time_zone),
        language=page.texts.language,
    )
