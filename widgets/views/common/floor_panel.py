"""Below the chart of milking cows: from how few of them on somebody wants to be warned."""

from collections.abc import Callable
from html import escape

import ipywidgets

from herd_engine.model.forecast import Forecast
from herd_engine.presentation.charts import MarkedLevel
from widgets.controls.form import Form
from widgets.controls.plot import Plot
from widgets.page import Page
from widgets.view_models.floor import MONTHS, Floor, round_level
from widgets.views.common.links import link
from widgets.views.common.markup import box, html

FIELD = "level"


def marked(page: Page, floor: Floor, forecast: Forecast) -> MarkedLevel | None:
    """Return the level as the chart shows it; None where there is none."""
    if floor.level is None:
        return None
    last = min(MONTHS, len(forecast.dates) - 1)
    text = page.texts.t("alerts.level", level=page.texts.words.number(floor.level))
    return MarkedLevel(level=floor.level, between=(forecast.dates[1], forecast.dates[last]), text=text)


def hear_clicks(page: Page, plot: Plot, floor: Floor) -> None:
    """Let a click on a chart choose the level."""

    def choose(level: float) -> None:
        bottom, top = plot.figure["layout"]["yaxis"]["range"]
        floor.choose(round_level(level, bottom, top))

    plot.hear_levels(page.guarded(choose))


def floor_panel(page: Page, floor: Floor, forecast: Callable[[], Forecast | None]) -> ipywidgets.Widget:
    """Return field and button; not seen by whoever may not set it, nor without a forecast."""
    t = page.texts.t
    form = Form(on_change=page.guarded(lambda _, value: floor.choose(value)))
    form.fields = [_field(page)]
    button, note = ipywidgets.Button(description=t("floor.set")), html(css_class="herd-note")

    def on_set(_: object) -> None:
        shown = forecast()
        if shown is not None:
            floor.set(shown)

    button.on_click(page.guarded(on_set))
    whole = box([form, button, note], "herd-card", "herd-floor")

    def draw() -> None:
        whole.layout.display = None if floor.may_set and forecast() is not None else "none"
        form.values = {FIELD: floor.level}
        form.problems = {FIELD: t("floor.problem")} if floor.problem else {}
        button.disabled = floor.chosen is None
        note.value = _note(page, floor)

    page.draw_on(floor.changed, draw)
    return whole


def _field(page: Page) -> dict[str, object]:
    t = page.texts.t
    return {
        "path": FIELD,
        "kind": "number",
        "label": t("floor.label"),
        "unit": t("floor.unit"),
        "help": t("floor.help"),
        "group": "",
        "step": 1,
        "low": 1,
        "choices": [],
    }


def _note(page: Page, floor: Floor) -> str:
    """Return what is watched, whom it tells, and what is missing."""
    t, held = page.texts.t, floor.held
    if held is None or floor.chosen is not None:
        return escape(t("floor.hint"))
    policy = held.policy
    said = t(
        "floor.watched",
        level=page.texts.words.number(policy.with_.level),
        share=page.texts.words.number(100 * (policy.with_.probability or 0)),
    )
    told = ", ".join(policy.channels)
    who = t("alerts.told", who=told) if told else t("alerts.told_nobody")
    missing = "" if floor.has_plan else t("floor.no_plan")
    way = link(page, "alerts", t("floor.to_alerts"))
    return f'<span role="status">{escape(" ".join(filter(None, (said, who, missing))))}</span> {way}'
