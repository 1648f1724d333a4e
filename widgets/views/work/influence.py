"""What moves the herd most: a number to choose, and a bar a lever."""

from typing import Any

import ipywidgets

from herd_engine.model.forecast import Metric
from herd_engine.model.sensitivity import WatchedNumber
from herd_engine.presentation.charts import tornado
from herd_engine.presentation.sensitivity import sensitivity_notes
from widgets.controls.form import Form
from widgets.controls.plot import Plot
from widgets.page import Page
from widgets.view_models.influence import METRICS, MONTHS, HerdInfluence
from widgets.views.common.markup import box, html, tag


def influence_card(page: Page, influence: HerdInfluence) -> ipywidgets.Widget:
    """Return the card."""
    t, words = page.texts.t, page.texts.words
    form = Form(on_change=page.guarded(lambda name, value: influence.choose(_chosen(influence, name, value))))
    look, state, notes = ipywidgets.Button(description=t("todo.look")), html(), html()
    look.add_class("herd-primary")
    look.on_click(lambda _: page.guarded(influence.look)())
    texts = {"table": words.text("show_table"), "picture": words.text("save_picture")}
    plot, drawn = Plot(name="levers", kind=words.text("section_levers"), texts=texts), list[object]()
    picture = box([plot, notes])

    def draw() -> None:
        found = influence.found
        form.fields, form.values = _fields(page), _values(influence.number)
        look.disabled = influence.is_working
        said = tag("p", t("todo.moving"), "herd-note") if influence.is_working else ""
        state.value = f'<div role="status">{said}</div>'
        picture.layout.display = "none" if found is None else None
        if found is not None and drawn != [found]:
            drawn[:] = [found]
            plot.show(tornado(found, language=page.texts.language))
            notes.value = "".join(tag("p", text, "herd-note") for text in sensitivity_notes(found, words))

    page.draw_on(influence.changed, draw)
    title = html(tag("h2", words.text("section_levers")) + tag("p", t("todo.levers_note"), "herd-note"))
    return box([title, form, box([look], "herd-row"), state, picture], "herd-card", "herd-levers")


def _chosen(influence: HerdInfluence, name: str, value: object) -> WatchedNumber:
    said = _values(influence.number) | {name: str(value)}
    return WatchedNumber(metric=Metric(said["metric"]), month=int(said["month"]))


def _values(number: WatchedNumber) -> dict[str, str]:
    return {"metric": number.metric.value, "month": str(number.month)}


def _fields(page: Page) -> list[dict[str, Any]]:
    t, words = page.texts.t, page.texts.words
    choice = {"kind": "choice", "help": "", "group": ""}
    metrics = [[metric.value, words.metric(metric, "name")] for metric in METRICS]
    months = [[str(month), page.texts.count("todo.in_months", month)] for month in MONTHS]
    return [
        choice | {"path": "metric", "label": t("todo.number"), "choices": metrics},
        choice | {"path": "month", "label": t("todo.when"), "choices": months},
    ]
