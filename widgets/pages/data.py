"""Data: herd files, what is in them, and the farms that they belong to."""

from collections.abc import Sequence

import ipywidgets

from widgets.page import Page
from widgets.pages.opening import for_visitors
from widgets.view_models.holdings import Holdings
from widgets.view_models.page_model import PageModel
from widgets.views.common.heading import fade, heading, set_heading
from widgets.views.common.herd_source import herd_source
from widgets.views.common.markup import box
from widgets.views.common.quality_panel import quality_panel
from widgets.views.data.examined_files import examined_files
from widgets.views.data.export_guide import guide
from widgets.views.data.farm_list import farm_list
from widgets.views.data.farm_sheet import farm_sheet
from widgets.views.data.file_alerts import file_alerts
from widgets.views.data.file_checks import file_checks
from widgets.views.data.herd_files import herd_files
from widgets.views.data.herd_history import herd_history
from widgets.views.data.herd_next import herd_next
from widgets.views.data.herd_today import herd_figures, herd_today


@for_visitors("data")
def data(model: PageModel) -> Page:
    """Return the page for whoever opened it."""
    state = Holdings(model)
    state.page.guarded(state.open)()
    return Page("data", state.page, lambda page: _build(page, state))


def _build(page: Page, state: Holdings) -> Sequence[ipywidgets.Widget]:
    t = page.texts.t
    title = heading(t("holdings.title"))

    def draw() -> None:
        row, herd_file = state.data.row, state.data.herd_file
        if row is None or herd_file is None:
            set_heading(title, t("holdings.title"), t("holdings.lead"))
        else:
            set_heading(title, _sentence(page, state))
        farm = state.farms.current.name if page.model.visit.farm else None
        page.tell(report_date=row.report_date if row else None, dataset=row.id if row else None, farm=farm)

    page.draw_on(state.data.changed, draw)
    page.draw_on(state.farms.changed, draw)
    told = [
        herd_today(page, state),
        herd_figures(page, state),
        quality_panel(page, state.data),
        file_checks(page, state.checks),
        examined_files(page, state.checks),
    ]
    page.draw_on(state.data.changed, lambda: fade((title, *told), stale=state.data.is_changing))
    around = [herd_source(page, state.data, has_picker=False), guide(page), herd_next(page, state.data)]
    farm = [farm_sheet(page, state.sheet), farm_list(page, state)]
    below = [file_alerts(page, state.alerts), herd_history(page, state.history), *farm]
    main = box([*around, *told, *below], "herd-column")
    return [title, box([main, herd_files(page, state)], "herd-split", "herd-data")]


def _sentence(page: Page, state: Holdings) -> str:
    """Return how many animals the herd has, and how much is remarkable about its file."""
    row, herd_file, words = state.data.row, state.data.herd_file, page.texts.words
    if row is None or herd_file is None:
        return ""
    errors = sum(issue.severity == "error" for issue in herd_file.issues)
    return page.texts.t(
        "holdings.sentence",
        name=row.name,
        animals=page.texts.count("holdings.animals", herd_file.herd.n_animals),
        milking=words.number(herd_file.herd.counts()["milking"]),
        errors=page.texts.count("quality.error", errors) if errors else page.texts.t("holdings.no_errors"),
    )
