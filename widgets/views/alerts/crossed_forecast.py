"""The forecast of an alert against its floor or ceiling."""

import ipywidgets

from herd_engine.presentation.charts import MarkedLevel, fan_chart, mark_past
from widgets.controls.plot import Plot
from widgets.page import Page
from widgets.view_models.alerts import Crossed, FarmAlerts
from widgets.views.common.links import link
from widgets.views.common.markup import box, html
from widgets.views.common.pictures import today


def crossed_forecast(page: Page, alerts: FarmAlerts) -> ipywidgets.Widget:
    """Return the picture and the way to the plan; not seen of an alert of something else."""
    words = page.texts.words
    texts = {"table": words.text("show_table"), "picture": words.text("save_picture")}
    plot, way = Plot(name="crossed", kind=page.texts.t("alerts.picture"), texts=texts), html()
    whole, drawn = box([plot, way], "herd-column"), list[Crossed]()

    def draw() -> None:
        crossed = alerts.crossed
        whole.layout.display = "none" if crossed is None else None
        if crossed is None or (drawn and drawn[0] is crossed):
            return
        drawn[:] = [crossed]
        _show(page, plot, crossed)
        open_plan = link(page, "studio", page.texts.t("alerts.open_plan"), "herd-button", run=crossed.run_id)
        way.value = f"<p>{open_plan}</p>"

    page.draw_on(alerts.changed, draw)
    return whole


def _show(page: Page, plot: Plot, crossed: Crossed) -> None:
    language, forecast = page.texts.language, crossed.forecast
    text = page.texts.t("alerts.level", level=page.texts.words.number(crossed.level))
    marked = MarkedLevel(level=crossed.level, between=crossed.between, text=text)
    chart = fan_chart(forecast, crossed.metric, language=language, marked=marked)
    mark_past(chart.figure, forecast.dates, today(), language)
    plot.show(chart)
