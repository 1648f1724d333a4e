"""System: whether everything is at work, what waits, and how much is kept."""

from collections.abc import Sequence

import ipywidgets

from widgets.page import Page
from widgets.pages.opening import for_visitors
from widgets.view_models.bell import standing
from widgets.view_models.page_model import PageModel
from widgets.view_models.system import SystemView
from widgets.views.common.heading import heading, set_heading
from widgets.views.common.markup import box
from widgets.views.system.glance import glance
from widgets.views.system.tables import herd_table, part_table, run_table, task_table


@for_visitors("system")
def system(model: PageModel) -> Page:
    """Return the page for whoever opened it."""
    state = SystemView(model)
    model.guarded(state.refresh)()
    return Page("system", model, lambda page: _build(page, state))


def _build(page: Page, view: SystemView) -> Sequence[ipywidgets.Widget]:
    t = page.texts.t
    title = heading(t("app.system"))
    if view.state is None:
        set_heading(title, t("app.system"), t("alerts.not_yours"))
        return [title]

    def draw() -> None:
        if view.state is not None:
            how = standing(view.state)
            set_heading(title, t(f"system.{how}"), t(f"system.lead.{how}"))

    page.draw_on(view.changed, draw)
    work = box([part_table(page, view), task_table(page, view)], "herd-column")
    kept = box([run_table(page, view), herd_table(page, view)], "herd-column")
    return [title, glance(page, view), box([work, kept], "herd-columns", "herd-uneven")]
