"""Below the chart of milking cows: from how few of them on somebody wants to be warned."""

from bisect import bisect_left
from collections.abc import Callable
from datetime import date
from html import escape

import ipywidgets
from psygnal import SignalInstance

from herd_engine.model.forecast import Forecast
from herd_engine.presentation.charts import MarkedLevel
from widgets.controls.form import Form
from widgets.controls.plot import Plot
from widgets.page import Page
from widgets.view_models.floor import MONTHS, Floor, round_level
from widgets.views.common.links import link
from widgets.views.common.markup import box, html, tag

FIELD = "level"
CHANNEL = "channel."


def marked(page: Page, floor: Floor, forecast: Forecast, today: date) -> MarkedLevel | None:
    """Return the level as the chart shows it; None where there is none.

    It begins with the first month that counts, which is one to come; where all are past, with the first.
    """
    if floor.level is None:
        return None
    last = min(MONTHS, len(forecast.dates) - 1)
    text = page.texts.t("alerts.level", level=page.texts.words.number(floor.level))
    coming = bisect_left(forecast.dates, today)
    first = max(1, min(coming, last - 1)) if coming <= last else 1
    return MarkedLevel(level=floor.level, between=(forecast.dates[first], forecast.dates[last]), text=text)


def hear_clicks(page: Page, plot: Plot, floor: Floor) -> None:
    """Let a click on a chart choose the level."""

    def choose(level: float) -> None:
        bottom, top = plot.figure["layout"]["yaxis"]["range"]
        floor.choose(round_level(level, bottom, top))

    plot.hear_levels(page.guarded(choose))


def floor_panel(
    page: Page, floor: Floor, forecast: Callable[[], Forecast | None], shown: SignalInstance
) -> ipywidgets.Widget:
    """Return field and button; not seen by whoever may not set it, nor without a forecast.

    Parameters
    ----------
    page : Page
    floor : Floor
    forecast : callable
        Tells what is drawn.
    shown : SignalInstance
        Says when that is another one.
    """
    t = page.texts.t
    form = Form(on_change=page.guarded(lambda path, value: _change(floor, path, value)))
    button, note = ipywidgets.Button(description=t("floor.set")), html(css_class="herd-note")

    def on_set(_: object) -> None:
        drawn = forecast()
        if drawn is not None:
            floor.set(drawn)

    button.on_click(page.guarded(on_set))
    whole = box([form, button, note], "herd-card", "herd-floor")

    def draw() -> None:
        whole.layout.display = None if floor.may_set and forecast() is not None else "none"
        form.fields = [_field(page), *(_channel(page, name) for name in floor.known)]
        form.values = {FIELD: floor.level} | {CHANNEL + name: name in floor.told for name in floor.known}
        form.problems = {FIELD: t("floor.problem")} if floor.problem else {}
        button.disabled = not floor.is_changed
        note.value = _note(page, floor)

    page.draw_on(floor.changed, draw)
    page.draw_on(shown, draw)
    return whole


def _change(floor: Floor, path: str, value: object) -> None:
    if path.startswith(CHANNEL):
        floor.tell(path.removeprefix(CHANNEL), is_told=bool(value))
    else:
        floor.choose(value)


def _channel(page: Page, name: str) -> dict[str, object]:
    """Return the box that says whether a channel is told."""
    label = page.texts.t("floor.tell", channel=name)
    return {"path": CHANNEL + name, "kind": "switch", "label": label, "help": "", "group": ""}


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
    t = page.texts.t
    if floor.held is None or floor.is_changed:
        return _fault(page, floor) + escape(t("floor.hint"))
    policy = floor.held.policy
    said = t(
        "floor.watched",
        level=page.texts.words.number(policy.with_.level),
        share=page.texts.words.number(100 * (policy.with_.probability or 0)),
    )
    told = ", ".join(policy.channels)
    who = t("alerts.told", who=told) if told else t("alerts.told_nobody")
    missing = "" if floor.has_plan else t("floor.no_plan")
    way = link(page, "alerts", t("floor.to_alerts"))
    status = f'<span role="status">{escape(" ".join(filter(None, (said, who, missing))))}</span>'
    return f"{_fault(page, floor)}{status} {way}"


def _fault(page: Page, floor: Floor) -> str:
    """Return, where the file of channels has mistakes, that not everybody may be told."""
    return tag("p", page.texts.t("deliveries.fault"), "herd-warning") if floor.has_fault else ""
