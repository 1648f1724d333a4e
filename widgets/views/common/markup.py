"""Pieces of HTML; every text that goes in is escaped here."""

from collections.abc import Iterable
from html import escape

import ipywidgets

from herd_engine.presentation.charts import Table
from herd_engine.presentation.page.html_parts import html_table


def tag(name: str, text: str, css_class: str = "") -> str:
    """Return an element with a text."""
    return f'<{name} class="{css_class}">{escape(text)}</{name}>'


def html(value: str = "", css_class: str = "") -> ipywidgets.HTML:
    """Return a widget that shows markup."""
    widget = ipywidgets.HTML(value)
    if css_class:
        widget.add_class(css_class)
    return widget


def box(children: Iterable[ipywidgets.Widget], *css_classes: str) -> ipywidgets.Box:
    """Return a box whose arrangement is the style sheet's."""
    result = ipywidgets.Box(tuple(children))
    for name in css_classes:
        result.add_class(name)
    return result


def table_markup(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]], label: str) -> str:
    """Return a table that scrolls inside its frame.

    The tables of pages have some twenty rows in an order that means something, errors before notes, months
    in turn: nobody sorts or searches them, and plain markup follows language, colours and screen readers by
    itself. Where analysts do sort and search, in `notebooks/explore`, itables is used.
    """
    return html_table(Table(columns=columns, rows=tuple(rows)), label)
