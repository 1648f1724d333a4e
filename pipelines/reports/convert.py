"""From an executed notebook to one HTML page that needs nothing but a browser."""

from collections.abc import Mapping
from datetime import date
from html import escape
from importlib.resources import files
from typing import Any

from nbconvert.exporters import TemplateExporter

from herd_engine.i18n.wording import Wording, wording
from herd_engine.presentation.page.html_page import machinery
from herd_engine.presentation.page.html_parts import css_text, figure_data
from herd_engine.presentation.reports.parts import FACTS, PLOTLY
from pipelines.reports.manifest import Manifest, ReportStatus

TEMPLATE = "page"
SHORT_ID = 8
"""Characters of a run's id: the beginning of one is enough for `herd runs show`."""


def facts_of(notebook: Any) -> dict[str, Any]:
    """Return what a notebook tells of its report; empty where it did not come that far."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if FACTS in output.get("data", {}):
                return dict(output.data[FACTS])
    return {}


def report_page(notebook: Any, manifest: Manifest) -> str:
    """Return a report as one page; of one that failed what was finished, below a banner.

    Parameters
    ----------
    notebook : NotebookNode
        Executed. Of its cells only the HTML and the figures that they show are taken: no code, no texts.
    manifest : Manifest

    Returns
    -------
    str
        A whole document. It loads nothing: style, script and figures are inside.
    """
    # The exporter for HTML would parse and write the page once more, plotly.js included.
    exporter = TemplateExporter(  # type: ignore[no-untyped-call]
        template_name=TEMPLATE,
        template_file="index.html.j2",
        extra_template_basedirs=[str(files("pipelines.reports"))],
        filters={"figure_data": _figure_data},
    )
    page = _texts(notebook, manifest) | machinery()
    html, _ = exporter.from_notebook_node(notebook, resources={"page": page})
    return str(html)


def _figure_data(output: Mapping[str, Any]) -> str:
    """Return the data of a figure; nothing for other outputs."""
    if PLOTLY not in output["data"]:
        return ""
    return figure_data(output["metadata"]["herd_report"]["name"], output["data"][PLOTLY])


def _texts(notebook: Any, manifest: Manifest) -> dict[str, str]:
    words, facts = wording(manifest.language), facts_of(notebook)
    report_date = words.day(date.fromisoformat(facts["report_date"])) if facts else ""
    made = words.text("made_at", moment=manifest.started_at.strftime("%Y-%m-%d %H:%M %Z"))
    run = manifest.runs[0] if len(manifest.runs) == 1 else ""
    origin = " · ".join(filter(None, [facts.get("origin", ""), run, manifest.id]))
    plain = {
        "language": manifest.language,
        "title": f"{manifest.title} – {manifest.farm}, {report_date}".rstrip(", "),
        "product": words.text("product"),
        "farm": manifest.farm,
        "report_date": words.text("report_of", day=report_date) if report_date else "",
        "origin": origin,
        "made": made,
        "made_iso": manifest.started_at.isoformat(),
    }
    return {name: escape(text) for name, text in plain.items()} | {
        "print_farm": css_text(manifest.farm),
        "print_date": css_text(plain["report_date"]),
        "print_origin": css_text(" · ".join(filter(None, [_run_on_paper(run, words), made]))),
        "banner": "" if manifest.status is ReportStatus.SUCCEEDED else _banner(manifest, words),
        # script.js opens this section before printing; a report that failed has none of its own.
        "provenance": ""
        if manifest.status is ReportStatus.SUCCEEDED
        else '<details id="provenance" hidden></details>',
    }


def _run_on_paper(run: str, words: Wording) -> str:
    """Return by what the numbers of a page of paper are found again."""
    return words.text("report_run", run=run[:SHORT_ID]) if run else ""


def _banner(manifest: Manifest, words: Wording) -> str:
    """Return what failed, where, why, and what to quote."""
    error = manifest.error
    lines = [words.text(f"status_{manifest.status}") + "."]
    details = ""
    if error is not None:
        if error.section:
            lines.append(words.text("report_failed_section", section=section_title(error.section, words)))
        lines.append(words.text("report_failed_why", reason=error.message))
        if error.details:
            summary = escape(words.text("details"))
            details = f"<details><summary>{summary}</summary><pre>{escape(error.details)}</pre></details>"
    lines.append(words.text("report_failed_id", id=manifest.id))
    if manifest.headline:
        lines.append(words.text("report_failed_after"))
    body = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return (
        f'<section class="banner" role="alert"><h1>{escape(words.text("report_failed"))}</h1>'
        f"{body}{details}</section>"
    )


def section_title(section: str, words: Wording) -> str:
    """Return what readers call the section of a cell; the id of the cell where it has no name."""
    if section in words.texts["metrics"]:
        return words.metric(section, "name")  # type: ignore[arg-type]
    return str(words.texts.get(f"section_{section}", section))
