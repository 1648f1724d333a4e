"""Compare: several runs of a farm against one of them."""

from collections.abc import Sequence

import ipywidgets

from widgets.page import Page
from widgets.pages.opening import for_visitors
from widgets.view_models.compare import Compare
from widgets.view_models.page_model import PageModel
from widgets.views.common.heading import fade, heading, set_heading, way_to_side
from widgets.views.common.markup import box
from widgets.views.common.scenario_names import scenario_names
from widgets.views.compare.fine_print import compare_files, compare_settings, luck_note
from widgets.views.compare.picker import compare_picker
from widgets.views.compare.pictures import compare_pictures
from widgets.views.compare.story import compare_glance, story


@for_visitors("compare")
def compare(model: PageModel) -> Page:
    """Return the page for whoever opened it."""
    state = Compare(model)
    state.page.guarded(state.open)()
    return Page("compare", state.page, lambda page: _build(page, state))


def _build(page: Page, state: Compare) -> Sequence[ipywidgets.Widget]:
    t = page.texts.t
    title = heading(t("compare.title"))

    def draw() -> None:
        compared = state.compared
        if compared is None:
            set_heading(title, t("compare.title"), t("compare.busy" if state.is_busy else "compare.lead"))
        else:
            names = scenario_names(page, state.names, compared.runs)
            set_heading(title, story(page, compared, names), luck_note(page, compared))
        base = compared and compared.forecasts[compared.comparison.base]
        report_date = base.meta.report_date if base else None
        page.tell(report_date=report_date, runs=",".join(state.chosen), base=state.base)

    page.draw_on(state.changed, draw)
    told = [
        compare_glance(page, state),
        compare_pictures(page, state),
        compare_settings(page, state),
        compare_files(page, state),
    ]
    page.draw_on(state.changed, lambda: fade((title, *told), stale=state.is_busy))
    main = box(told, "herd-column")
    way = way_to_side(t("compare.to_picker"))
    return [title, way, box([main, compare_picker(page, state)], "herd-split", "herd-compare")]
