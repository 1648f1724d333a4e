"""A comparison in pictures: the difference with its bands, and the forecasts side by side."""

import ipywidgets

from herd_engine.model.forecast import Metric
from herd_engine.presentation.charts import (
    delta_chart,
    mark_past,
    scenario_overlay,
)
from widgets.controls.form import Form
from widgets.controls.plot import Plot
from widgets.page import Page
from widgets.view_models.compare import Compare
from widgets.views.common.markup import box
from widgets.views.common.pictures import today
from widgets.views.common.scenario_names import scenario_names


def compare_pictures(page: Page, compare: Compare) -> ipywidgets.Widget:
    """Return the charts, and the choice of what they show."""
    t, words = page.texts.t, page.texts.words
    texts = {"table": words.text("show_table"), "picture": words.text("save_picture")}
    delta, overlay = (
        Plot(name=name, kind=t(f"compare.{name}"), texts=texts) for name in ("delta", "overlay")
    )
    choice = Form(on_change=page.guarded(lambda _, value: compare.look_at(Metric(value))))
    choices = [[metric.value, words.metric(metric, "name")] for metric in Metric]
    choice.fields = [
        {
            "path": "metric",
            "kind": "choice",
            "label": t("compare.metric"),
            "help": "",
            "group": "",
            "choices": choices,
        }
    ]
    choice.add_class("herd-compare-metric")
    whole = box([choice, delta, overlay], "herd-pictures")

    def draw() -> None:
        compared, metric, language = compare.compared, compare.metric, page.texts.language
        whole.layout.display = "none" if compared is None else None
        choice.values = {"metric": metric.value}
        if compared is None:
            return
        names, comparison = scenario_names(page, compare.names, compared.runs), compared.comparison
        forecasts = {names[run_id]: forecast for run_id, forecast in compared.aligned.items()}
        difference = delta_chart(comparison, metric, names, language=language)
        beside = scenario_overlay(forecasts, metric, language=language)
        for chart in (difference, beside):
            mark_past(chart.figure, comparison.dates, today(), language)
        delta.show(difference)
        overlay.show(beside)

    page.draw_on(compare.changed, draw)
    return whole
