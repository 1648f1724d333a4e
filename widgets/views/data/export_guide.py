"""What an export must hold, folded away below the place where files are dropped."""

from html import escape

import ipywidgets

from herd_engine.presentation.export_guide import export_guide
from herd_engine.presentation.page.html_parts import html_table
from widgets.page import Page
from widgets.views.common.markup import html, tag


def guide(page: Page) -> ipywidgets.Widget:
    """Return the guide, in the language of the page."""
    told = export_guide(page.texts.language)
    content = (
        tag("p", told.lead)
        + html_table(told.columns, told.title)
        + tag("h3", told.statuses_title)
        + html_table(told.statuses, told.statuses_title)
        + "".join(tag("p", note, "herd-note") for note in told.notes)
    )
    return html(f"<details><summary>{escape(told.title)}</summary>{content}</details>", "herd-card")
