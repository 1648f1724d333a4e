"""What comes after the file was read: a forecast of it, or of the newer one."""

import ipywidgets

from widgets.page import Page
from widgets.view_models.herd_data import HerdData
from widgets.views.common.links import link
from widgets.views.common.markup import html, tag


def herd_next(page: Page, data: HerdData) -> ipywidgets.Widget:
    """Return the way to the forecast of the herd that is shown; an older file says that it is one."""
    way = html(css_class="herd-next")

    def draw() -> None:
        row, newer = data.row, data.newer
        way.layout.display = "none" if row is None else None
        if row is None:
            return
        t, words = page.texts.t, page.texts.words
        way.value = link(page, "studio", t("holdings.forecast"), "herd-button herd-primary", dataset=row.id)
        if newer is not None:
            days = {"day": words.day(row.report_date), "newest": words.day(newer.report_date)}
            told = tag("p", t("holdings.older", name=newer.name, **days), "herd-note")
            way.value = told + link(page, "data", t("holdings.newest"), dataset=newer.id) + " · " + way.value

    page.draw_on(data.chosen, draw)
    return way
