"""The heading of a page: one sentence."""

import ipywidgets

from widgets.views.markup import html, tag


def heading(title: str, lead: str = "") -> ipywidgets.HTML:
    """Return the heading, and a line below it."""
    widget = html(css_class="herd-heading")
    set_heading(widget, title, lead)
    return widget


def set_heading(widget: ipywidgets.HTML, title: str, lead: str = "") -> None:
    """Change a heading."""
    widget.value = tag("h1", title) + (tag("p", lead, "herd-lead") if lead else "")
