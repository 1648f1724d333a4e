"""Pieces of a report, as a notebook shows them; ``pipelines.reports.convert`` makes a page of them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from html import escape
from typing import Any

from herd_engine.charts.chart import Chart
from herd_engine.charts.table import Table
from herd_engine.i18n.wording import Wording
from herd_engine.presentation.page.html_parts import data_uri, figure_frame, html_table

PLOTLY = "application/vnd.plotly.v1+json"
FACTS = "application/vnd.herd-report+json"
HTML = "text/html"


@dataclass(frozen=True, slots=True)
class ReportPart:
    """What a cell of a report shows.

    Attributes
    ----------
    data : dict of str to value
        Content by media type.
    name : str
        Of a figure; it fills the place of this name.
    """

    data: dict[str, Any]
    name: str = ""

    def _repr_mimebundle_(self, **_wishes: object) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.data, {"herd_report": {"name": self.name}} if self.name else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a report besides its page.

    Attributes
    ----------
    title : str
        What kind of report it is, in its language.
    farm : str
    report_date : date
    headline : str
    origin : str
        What it was made with, in one line.
    runs : tuple of str
        Ids of the runs that its numbers are of.
    language : str
    """

    title: str
    farm: str
    report_date: date
    headline: str
    origin: str
    runs: tuple[str, ...] = field(default=())
    language: str


def opening(facts: Facts, *below: str) -> ReportPart:
    """Return the sentence that a report begins with, and what stands below it."""
    plain = {name: getattr(facts, name) for name in Facts.__slots__}
    plain |= {"report_date": facts.report_date.isoformat(), "runs": list(facts.runs)}
    sentence = escape(facts.headline).replace("–", "–\N{WORD JOINER}")  # a band stays on one line
    return ReportPart({FACTS: plain, HTML: f"<h1>{sentence}</h1>{''.join(below)}"})


def picture(name: str, kind: str, chart: Chart, words: Wording) -> ReportPart:
    """Return a chart with its numbers as a table."""
    plain = json.loads(chart.figure.to_json())  # NaN is null in it
    return ReportPart({PLOTLY: plain, HTML: figure_frame(name, kind, chart, words)}, name)


def section(name: str, title: str, *content: str) -> ReportPart:
    """Return a section; ``content`` is HTML."""
    head = f'<section class="card" aria-labelledby="{name}-title"><h2 id="{name}-title">{escape(title)}</h2>'
    return ReportPart({HTML: f"{head}{''.join(content)}</section>"})


def folded(name: str, title: str, note: str, *content: str) -> ReportPart:
    """Return a section that unfolds."""
    summary = f'<summary><h2>{escape(title)}</h2> <span class="note">{escape(note)}</span></summary>'
    return ReportPart({HTML: f'<details class="card" id="{name}">{summary}{"".join(content)}</details>'})


def note(text: str) -> str:
    """Return a small paragraph."""
    return f'<p class="note">{escape(text)}</p>'


def heading(text: str) -> str:
    """Return a heading within a section."""
    return f"<h3>{escape(text)}</h3>"


def table(columns: Iterable[str], rows: Iterable[Iterable[str]], label: str, *, css_class: str = "") -> str:
    """Return a table; texts are escaped."""
    content = Table(columns=tuple(columns), rows=tuple(tuple(row) for row in rows))
    return html_table(content, label, css_class=css_class)


def download(text: str, name: str, content: bytes) -> str:
    """Return a link that saves a CSV file."""
    address = data_uri("text/csv", content)
    return f'<p><a class="button" download="{escape(name)}" href="{address}">{escape(text)}</a></p>'


def notices(texts: Iterable[str]) -> str:
    """Return warnings that stand out; nothing where there are none."""
    items = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f'<div class="notice"><ul>{items}</ul></div>' if items else ""
