"""Deliveries: what others were told, every attempt, and sent again on a wish."""

from collections.abc import Sequence

import ipywidgets

from widgets.page import Page
from widgets.pages.opening import for_visitors
from widgets.view_models.deliveries import FarmDeliveries
from widgets.view_models.page_model import PageModel
from widgets.views.common.heading import heading, set_heading
from widgets.views.common.markup import box
from widgets.views.deliveries.attempt_table import attempt_table
from widgets.views.deliveries.channel_list import channel_list
from widgets.views.deliveries.message_list import message_list
from widgets.views.deliveries.trend import trend


@for_visitors("deliveries")
def deliveries(model: PageModel) -> Page:
    """Return the page for whoever opened it."""
    state = FarmDeliveries(model)
    model.guarded(state.refresh)()
    return Page("deliveries", model, lambda page: _build(page, state))


def _build(page: Page, state: FarmDeliveries) -> Sequence[ipywidgets.Widget]:
    t = page.texts.t
    title = heading(t("app.deliveries"))
    if not state.may_look:
        set_heading(title, t("app.deliveries"), t("alerts.not_yours"))
        return [title]

    def draw() -> None:
        set_heading(title, _sentence(page, state), t("deliveries.lead"))
        page.tell(message=state.shown_id)

    page.draw_on(state.changed, draw)
    main = box([message_list(page, state), attempt_table(page, state), trend(page, state)], "herd-column")
    return [title, box([main, channel_list(page, state)], "herd-split", "herd-deliveries")]


def _sentence(page: Page, state: FarmDeliveries) -> str:
    """Return how many messages arrived, wait, and were given up."""
    t, count, stats = page.texts.t, page.texts.count, state.stats
    if stats is None or not stats.total:
        return t("deliveries.nothing")
    parts = [
        count("deliveries.dead", stats.dead) if stats.dead else "",
        count("deliveries.pending", stats.pending) if stats.pending else "",
        count("deliveries.sent", stats.sent),
    ]
    return " ".join(filter(None, parts))
