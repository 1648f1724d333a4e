"""History: the runs of a farm, and one of them looked at closely."""

from collections.abc import Sequence

import ipywidgets

from widgets.page import Page
from widgets.pages.opening import for_visitors
from widgets.view_models.history import PastRuns
from widgets.view_models.page_model import PageModel
from widgets.views.common.heading import heading
from widgets.views.common.markup import box
from widgets.views.history.run_choice import run_choice
from widgets.views.history.run_details import run_details
from widgets.views.history.run_filters import run_filters
from widgets.views.history.run_table import run_table


@for_visitors("history")
def history(model: PageModel) -> Page:
    """Return the page for whoever opened it."""
    state = PastRuns(model)
    state.page.guarded(state.open)()
    return Page("history", state.page, lambda page: _build(page, state), poll=state.poll)


def _build(page: Page, state: PastRuns) -> Sequence[ipywidgets.Widget]:
    def tell() -> None:
        run = state.run_panel.run
        page.tell(run=run.id if run else None)

    page.draw_on(state.run_panel.followed, tell)
    filters, choice, runs = (make(page, state) for make in (run_filters, run_choice, run_table))
    main = box([filters, choice, runs], "herd-card")
    title = heading(page.texts.t("history.heading"), page.texts.t("history.lead"))
    return [title, box([main, run_details(page, state)], "herd-split", "herd-history")]
