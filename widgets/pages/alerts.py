"""Alerts: what holds on the farm, why, since when, and what is done about it."""

from collections.abc import Sequence

import ipywidgets

from widgets.page import Page
from widgets.pages.opening import for_visitors
from widgets.view_models.alerts import FarmAlerts
from widgets.view_models.page_model import PageModel
from widgets.views.alerts.alert_list import alert_list
from widgets.views.alerts.crossed_forecast import crossed_forecast
from widgets.views.alerts.record import record
from widgets.views.alerts.watched import silences, watched
from widgets.views.common.heading import heading, set_heading
from widgets.views.common.markup import box


@for_visitors("alerts")
def alerts(model: PageModel) -> Page:
    """Return the page for whoever opened it."""
    state = FarmAlerts(model)
    model.guarded(state.refresh)()
    return Page("alerts", model, lambda page: _build(page, state))


def _build(page: Page, state: FarmAlerts) -> Sequence[ipywidgets.Widget]:
    t = page.texts.t
    title = heading(t("app.alerts"))
    if not state.may_look:
        set_heading(title, t("app.alerts"), t("alerts.not_yours"))
        return [title]

    def draw() -> None:
        set_heading(title, _sentence(page, state), t("alerts.lead"))
        page.tell(alert=None if state.shown is None else state.shown.id)

    page.draw_on(state.changed, draw)
    main = box([alert_list(page, state), crossed_forecast(page, state), record(page, state)], "herd-column")
    side = box([watched(page, state), silences(page, state)], "herd-column")
    return [title, box([main, side], "herd-split", "herd-alerts")]


def _sentence(page: Page, state: FarmAlerts) -> str:
    """Return how many alerts hold, and how many of them nobody looks after."""
    count, firing = page.texts.count, len(state.firing)
    alone = sum(alert.ack_at is None for alert in state.firing)
    if not state.policies and not firing:
        return page.texts.t("alerts.none_watched")
    if not firing:
        return count("alerts.all_well", len(state.policies))
    told = count("alerts.some_alone", alone)
    if alone in (0, firing):
        number = "one" if firing == 1 else "more"
        told = page.texts.t(f"alerts.{'all_alone' if alone else 'all_looked_after'}.{number}")
    return f"{count('alerts.firing', firing)} {told}"
