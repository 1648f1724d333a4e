"""Forecast studio: a herd file, a scenario, a forecast."""

from collections.abc import Sequence

import ipywidgets

from herd_engine.figures.headline import headline
from widgets.page import Page
from widgets.pages.opening import open_page
from widgets.view_models.page_model import PageModel
from widgets.view_models.studio import Studio
from widgets.views.evidence import evidence
from widgets.views.heading import heading, set_heading, way_to_side
from widgets.views.herd_source import herd_source
from widgets.views.markup import box
from widgets.views.past_forecasts import past_forecasts
from widgets.views.pictures import pictures
from widgets.views.quality_panel import quality_panel
from widgets.views.run_progress import run_progress
from widgets.views.scenario_panel import scenario_panel


def studio(model: PageModel | None = None) -> Page:
    """Return the page for whoever opened it."""
    state = Studio(model or open_page())
    state.page.guarded(state.open)()
    return Page("studio", state.page, lambda page: _build(page, state), poll=state.run_panel.poll)


def _build(page: Page, state: Studio) -> Sequence[ipywidgets.Widget]:
    title = heading(page.texts.t("studio.title"))

    def draw() -> None:
        # While a run is under way its numbers change twice a second: nobody could read the sentence.
        forecast = state.preview.forecast if state.run_panel.is_active else state.forecast
        if forecast is None:
            set_heading(title, page.texts.t("studio.title"), page.texts.t("studio.lead"))
        else:
            set_heading(title, headline(forecast, page.texts.language))

    def tell() -> None:
        run, row = state.run_panel.run, state.data.row
        page.tell(report_date=row.report_date if row else None, run=run.id if run else None)

    page.draw_on(state.shown, draw)
    page.draw_on(state.data.chosen, tell)
    page.draw_on(state.run_panel.followed, tell)
    main = box(
        [
            herd_source(page, state.data),
            run_progress(page, state.run_panel),
            pictures(page, state),
            evidence(page, state),
            past_forecasts(page, state.past),
            quality_panel(page, state.data),
        ],
        "herd-column",
    )
    panel = scenario_panel(page, state)
    way = way_to_side(page.texts.t("studio.to_scenario"))

    def lead_there() -> None:
        way.layout.display = panel.layout.display

    page.draw_on(state.data.chosen, lead_there)
    return [title, way, box([main, panel], "herd-split")]
