"""The heading of a page: one sentence."""

import re
from collections.abc import Iterable, Sequence
from html import escape

import ipywidgets

from herd_engine.model.forecast import Forecast
from herd_engine.model.scenario import Mode
from herd_engine.presentation.charts import growth
from herd_engine.presentation.page.html_page import WORD_JOINER
from widgets.page import Page
from widgets.views.common.markup import html, tag

SIDE = "side"
RANGE = re.compile(r"(?<=\d)–(?=\d)")


def heading(title: str, lead: str = "") -> ipywidgets.HTML:
    """Return the heading, and a line below it."""
    widget = html(css_class="herd-heading")
    set_heading(widget, title, lead)
    return widget


def way_to_side(label: str) -> ipywidgets.HTML:
    """Return a link to the side panel, which on a phone stands far below; seen there alone."""
    return html(f'<a class="herd-button" href="#{SIDE}">{escape(label)} ↓</a>', "herd-way-down")


def side_anchor() -> ipywidgets.HTML:
    """Return the place that ``way_to_side`` leads to."""
    return html(f'<span id="{SIDE}"></span>', "herd-anchor")


def set_heading(widget: ipywidgets.HTML, title: str, lead: str = "", *, warnings: Sequence[str] = ()) -> None:
    """Change a heading; its bands are not broken in two lines."""
    widget.value = (
        tag("h1", RANGE.sub(f"–{WORD_JOINER}", title))
        + "".join(tag("p", warning, "herd-warning") for warning in warnings)
        + (tag("p", lead, "herd-lead") if lead else "")
    )


def forecast_warnings(page: Page, forecast: Forecast) -> list[str]:
    """Return what must be known beside the headline of a forecast: it may mislead who reads that alone."""
    is_calibrated = forecast.meta.scenario.mode is Mode.CALIBRATED
    told = [growth(forecast, page.texts.language), "" if is_calibrated else page.texts.t("mode.banner")]
    return [text for text in told if text]


def fade(parts: Iterable[ipywidgets.Widget], *, stale: bool) -> None:
    """Grey what is of before while the new is on its way, so that old numbers are not taken for new ones."""
    for part in parts:
        (part.add_class if stale else part.remove_class)("herd-stale")
