"""Compare: several runs of a farm against one of them."""

from collections.abc import Sequence

import ipywidgets

from widgets.page import Page
from widgets.pages.opening import open_page
from widgets.view_models.compare import Compare
from widgets.view_models.page_model import PageModel
from widgets.views.compare_fine_print import compare_files, compare_settings, luck_note
from widgets.views.compare_picker import compare_picker
from widgets.views.compare_pictures import compare_pictures
from widgets.views.compare_story import compare_glance, story
from widgets.views.heading import heading, set_heading, way_to_side
from widgets.views.markup import box
from widgets.views.scenario_names import scenario_names


def compare(model: PageModel | None = None) -> Page:
    """Return the page for whoever opened it."""
    state = Compare(model or open_page())
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
    main = box(
        [
            compare_glance(page, state),
            compare_pictures(page, state),
            compare_settings(page, state),
            compare_files(page, state),
        ],
        "herd-column",
    )
    way = way_to_side(t("compare.to_picker"))
    return [title, way, box([main, compare_picker(page, state)], "herd-split", "herd-compare")]
