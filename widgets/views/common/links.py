"""Ways from one app to another, in the language and on the farm of the page."""

from html import escape
from urllib.parse import urlencode

from widgets.page import Page


def address(page: Page, app: str, **query: str) -> str:
    """Return the address of an app."""
    known = {"lang": page.texts.language, "farm": page.model.visit.farm, **query}
    return f"{app}?{urlencode({name: value for name, value in known.items() if value}, safe=',')}"


def link(page: Page, app: str, text: str, css_class: str = "", **query: str) -> str:
    """Return a link to an app."""
    target = escape(address(page, app, **query))
    return f'<a class="{css_class}" href="{target}">{escape(text)}</a>'
