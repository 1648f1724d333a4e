"""Forecast studio: a herd file, a scenario, a forecast."""

from collections.abc import Sequence

import ipywidgets

from herd_engine.presentation.charts import headline
from widgets.page import Page
from widgets.pages.opening import for_visitors
from widgets.view_models.page_model import PageModel
from widgets.view_models.studio import PlanState, Studio
from widgets.views.common.heading import fade, forecast_warnings, heading, set_heading, way_to_side
from widgets.views.common.herd_source import herd_source
from widgets.views.common.markup import box
from widgets.views.common.past_forecasts import past_forecasts
from widgets.views.common.pictures import pictures
from widgets.views.common.quality_panel import quality_panel
from widgets.views.studio.evidence import evidence
from widgets.views.studio.plan_state import plan_left, plan_state
from widgets.views.studio.scenario_panel import scenario_panel


@for_visitors("studio")
def studio(model: PageModel) -> Page:
    """Return the page for whoever opened it."""
    state = Studio(model)
    state.page.guarded(state.open)()
    return Page(
        "studio",
        state.page,
        lambda page: _build(page, state),
        poll=state.run_panel.poll,
        on_left=state.remember,
    )


def _build(page: Page, state: Studio) -> Sequence[ipywidgets.Widget]:
    title = heading(page.texts.t("studio.title"))

    def draw() -> None:
        # While a run is under way its numbers change twice a second: nobody could read the sentence.
        forecast = state.preview.forecast if state.run_panel.is_active else state.forecast
        if forecast is None:
            set_heading(title, page.texts.t("studio.title"), page.texts.t("studio.lead"))
        else:
            warnings = forecast_warnings(page, forecast)
            set_heading(title, headline(forecast, page.texts.language), warnings=warnings)

    def tell() -> None:
        row = state.data.row
        page.tell(report_date=row.report_date if row else None, **state.address)
        page.remember(state.address if state.is_lost_when_left else {})
        if state.state in (PlanState.ACTIVE, PlanState.KEPT, PlanState.FARMS):
            page.forget()

    page.draw_on(state.shown, draw)
    page.draw_on(state.shown, tell)
    told = [
        pictures(page, state),
        evidence(page, state),
        past_forecasts(page, state.past),
        quality_panel(page, state.data),
    ]
    around = [herd_source(page, state.data), plan_left(page, state), plan_state(page, state)]
    main = box([*around, *told], "herd-column")
    panel = scenario_panel(page, state)
    way = way_to_side(page.texts.t("studio.to_scenario"))

    def lead_there() -> None:
        way.layout.display = panel.layout.display

    page.draw_on(state.data.chosen, lead_there)
    page.draw_on(state.shown, lambda: fade((title, *told), stale=state.is_stale))
    return [title, way, box([main, panel], "herd-split")]
