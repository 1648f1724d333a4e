"""The heading of a page: one sentence."""

import re
from html import escape

import ipywidgets

from herd_engine.runs.exports.html_page import WORD_JOINER
from widgets.views.markup import html, tag

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


def set_heading(widget: ipywidgets.HTML, title: str, lead: str = "") -> None:
    """Change a heading; its bands are not broken in two lines."""
    widget.value = tag("h1", RANGE.sub(f"–{WORD_JOINER}", title)) + (
        tag("p", lead, "herd-lead") if lead else ""
    )
