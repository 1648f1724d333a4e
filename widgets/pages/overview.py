"""Overview: the herd today, where it is going, what changed since the file before."""

from collections.abc import Sequence

import ipywidgets

from herd_engine.model.forecast import Forecast
from herd_engine.presentation.charts import headline, stability_sentence
from herd_engine.presentation.outlook_charts import level
from widgets.page import Page
from widgets.pages.opening import for_visitors
from widgets.view_models.overview import Overview
from widgets.view_models.page_model import PageModel
from widgets.views.common import pictures
from widgets.views.common.floor_panel import floor_panel, hear_clicks, marked
from widgets.views.common.heading import forecast_warnings, heading, set_heading
from widgets.views.common.markup import box
from widgets.views.common.past_forecasts import past_forecasts
from widgets.views.common.pictures import drawn, plot
from widgets.views.common.scenario_names import scenario_title
from widgets.views.overview.footing import overview_footing
from widgets.views.overview.judged import judged
from widgets.views.overview.latest_runs import latest_runs
from widgets.views.overview.start import overview_start
from widgets.views.overview.today import since_before, today


@for_visitors("overview")
def overview(model: PageModel) -> Page:
    """Return the page for whoever opened it."""
    state = Overview(model)
    state.open()
    return Page("overview", state.page, lambda page: _build(page, state), poll=state.run_panel.poll)


def _build(page: Page, state: Overview) -> Sequence[ipywidgets.Widget]:
    title = heading(page.texts.t("overview.title"))

    def draw() -> None:
        forecast = None if state.now is None else state.now.forecast
        if forecast is None:
            lead = page.texts.t("overview.lead" if state.is_ready else "overview.reading")
            set_heading(title, page.texts.t("overview.title"), lead)
        else:
            sentence = headline(forecast, page.texts.language)
            warnings = forecast_warnings(page, forecast)
            set_heading(title, sentence, _lead(page, state, forecast), warnings=warnings)
        page.tell(report_date=state.now.row.report_date if state.now else None)

    page.draw_on(state.changed, draw)
    evidence = box([since_before(page, state), overview_footing(page, state)], "herd-column")
    return [
        title,
        overview_start(page, state),
        today(page, state),
        _charts(page, state),
        judged(page, state),
        past_forecasts(page, state.past),
        box([evidence, latest_runs(page, state)], "herd-columns", "herd-uneven"),
    ]


def _lead(page: Page, state: Overview, forecast: Forecast) -> str:
    """Return which forecast the page speaks of, and how steady it is."""
    steady = stability_sentence(forecast, page.texts.language)
    run = None if state.now is None else state.now.run
    if run is None:
        return steady
    name = scenario_title(page, state.names, run)
    based_on = "overview.based_on" if state.starred is None else "overview.farms_plan"
    return f"{page.texts.t(based_on, name=name)} {steady}"


def _charts(page: Page, state: Overview) -> ipywidgets.Widget:
    plots = {name: plot(page, name) for name in ("milking", "events", "structure")}
    hear_clicks(page, plots["milking"], state.floor)
    floor = floor_panel(page, state.floor, lambda: _forecast(state), state.changed)
    around = box([plots["events"], plots["structure"]], "herd-columns")
    whole = box([plots["milking"], floor, around], "herd-pictures")

    def draw() -> None:
        forecast = _forecast(state)
        whole.layout.display = "none" if forecast is None else None
        if forecast is None:
            return
        made = {name: drawn(page, name, forecast) for name in ("events", "structure")}
        level(made["structure"], made["events"])
        for name, chart in made.items():
            plots[name].show(chart)

    def draw_milking() -> None:
        forecast = _forecast(state)
        if forecast is not None:
            floor = marked(page, state.floor, forecast, pictures.today())
            plots["milking"].show(drawn(page, "milking", forecast, floor))

    page.draw_on(state.changed, draw)
    page.draw_on(state.changed, draw_milking)
    page.draw_on(state.floor.changed, draw_milking)
    return whole


def _forecast(state: Overview) -> Forecast | None:
    return None if state.now is None else state.now.forecast
