"""Pieces of a page; every text that goes in is escaped here."""

import json
from base64 import b64encode
from html import escape
from typing import Any

from herd_engine.charts.chart import Chart
from herd_engine.charts.table import Table
from herd_engine.i18n.wording import Wording

FEW_ROWS = 16
"""A table of so many rows or fewer stays on one page of paper."""
NON_BREAKING_HYPHEN = "\N{NON-BREAKING HYPHEN}"
ROOM_ABOVE = 32
"""Pixels above a chart whose title is text of the page; script.js says the same."""


def html_table(table: Table, label: str, *, css_class: str = "") -> str:
    """Return a table that scrolls inside its frame, by keyboard too; first cells name their rows."""
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in table.columns)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in table.rows
    )
    frame = "scroll whole" if len(table.rows) <= FEW_ROWS else "scroll"
    return (
        f'<div class="{frame}" role="region" tabindex="0" aria-label="{escape(label)}">'
        f'<table class="{css_class}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def figure_card(name: str, kind: str, chart: Chart, words: Wording) -> str:
    """Return a chart with its finding as a heading and its numbers as a table that unfolds."""
    return figure_frame(name, kind, chart, words) + figure_data(name, chart.figure.to_plotly_json())


def figure_frame(name: str, kind: str, chart: Chart, words: Wording) -> str:
    """Return the card of a chart with an empty place for it; ``figure_data`` is what fills it."""
    title, layout = escape(chart.title), chart.figure.layout
    heading = title.replace("-", NON_BREAKING_HYPHEN)  # balanced lines would end within "dry-offs"
    height = layout.height - layout.margin.t + ROOM_ABOVE
    return (
        f'<figure class="card" aria-labelledby="{name}-title">'
        f'<figcaption><p class="kind">{escape(kind)}</p><h2 id="{name}-title">{heading}</h2>'
        f'<p class="subtitle">{escape(chart.subtitle)}</p></figcaption>'
        f'<div class="chart" id="{name}" role="img" aria-label="{title}"'
        f' style="min-height: {height}px"></div>'
        f'<div class="actions"><details><summary>{escape(words.text("show_table"))}</summary>'
        f"{html_table(chart.table, kind)}</details>"
        f'<button type="button" data-chart="{name}">{escape(words.text("save_picture"))}</button></div>'
        "</figure>"
    )


def figure_data(name: str, figure: Any) -> str:
    """Return what script.js draws into the card of this name."""
    return f'<script type="application/json" id="{name}-figure">{script_json(figure)}</script>'


def script_json(value: Any) -> str:
    """Return JSON that cannot end the script element it stands in."""
    return json.dumps(value, ensure_ascii=False, default=str).replace("<", "\\u003c")


def data_uri(media_type: str, content: bytes) -> str:
    """Return content as an address that holds it."""
    return f"data:{media_type};base64,{b64encode(content).decode()}"


def css_text(text: str) -> str:
    """Return text as a CSS string; all but ASCII letters and digits is escaped."""
    return '"' + "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):x} " for c in text) + '"'
