"""A forecast as one HTML page that needs nothing but a browser."""

from collections.abc import Iterable
from html import escape
from importlib.resources import files
from string import Template

from plotly.offline import get_plotlyjs

from herd_engine.figures.events_by_month import events_by_month, events_table
from herd_engine.figures.fan_chart import fan_chart, fan_chart_table
from herd_engine.figures.headline import headline
from herd_engine.figures.herd_structure import herd_structure, herd_structure_table
from herd_engine.figures.table import Table, levels_table
from herd_engine.figures.theme import DARK, FONT_FAMILY, LIGHT, css_variables, light_to_dark
from herd_engine.figures.wording import UNKNOWN, Language, Wording, wording
from herd_engine.model.forecast import Forecast, Metric
from herd_engine.model.quality import QualityIssue
from herd_engine.runs.exports.cells import parameter_rows
from herd_engine.runs.exports.csv_file import forecast_csv
from herd_engine.runs.exports.html_parts import (
    css_text,
    data_uri,
    figure_card,
    html_table,
    script_json,
)
from herd_engine.runs.exports.html_tiles import expected_point, tiles

MARK = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24" aria-hidden="true">'
    '<rect width="24" height="24" rx="6" fill="#1f6f5c"/><path d="M4 9c4 0 5 6 9 6s4-3 7-3" fill="none"'
    ' stroke="#ffffff" stroke-width="2.5" stroke-linecap="round"/></svg>'
)
WORD_JOINER = "\N{WORD JOINER}"
PLAIN_TEXTS = (
    "product",
    "expected_note",
    "needs_script",
    "section_table",
    "section_table_note",
    "section_quality",
    "section_provenance",
    "provenance_note",
    "save_numbers",
)


def forecast_html(forecast: Forecast, *, language: str = "en") -> str:
    """Return a forecast as one page: the sentence, tiles, charts, tables, quality, provenance.

    Parameters
    ----------
    forecast : Forecast
    language : str
        ``en`` or ``ru``.

    Returns
    -------
    str
        A whole HTML document. It loads nothing: style, script and figures are inside.
    """
    words = wording(language)
    return Template(_page_file("template.html")).substitute(
        _texts(forecast, words) | _pictures(forecast, language) | _evidence(forecast, words) | _machinery()
    )


def _texts(forecast: Forecast, words: Wording) -> dict[str, str]:
    """Return everything that is plain text, escaped."""
    meta = forecast.meta
    report_date = words.day(meta.report_date)
    futures = words.futures(meta.scenario.confidence_central)
    texts = {key: words.text(key, futures=futures, day=report_date) for key in PLAIN_TEXTS}
    texts |= {
        "language": words.language,
        "title": words.text("page_title", name=meta.dataset_name, day=report_date),
        "farm": meta.dataset_name,
        "report_date": words.text("report_of", day=report_date),
        "report_date_iso": meta.report_date.isoformat(),
        "headline": headline(forecast, words.language),
        "expected": words.text("expected", day=words.day(forecast.dates[expected_point(forecast)])),
        "origin": _origin(forecast, words),
        "assumptions_title": words.text("assumptions"),
    }
    texts["headline"] = texts["headline"].replace("–", f"–{WORD_JOINER}")  # a band stays on one line
    escaped = {key: escape(text) for key, text in texts.items()}
    return escaped | {
        "print_farm": css_text(meta.dataset_name),
        "print_date": css_text(texts["report_date"]),
        "print_origin": css_text(texts["origin"]),
    }


def _pictures(forecast: Forecast, language: str) -> dict[str, str]:
    """Return the tiles and the figures, each with its table."""
    words = wording(language)

    def fan(metric: Metric, section: str) -> str:
        figure, twin = (
            fan_chart(forecast, metric, language=language),
            fan_chart_table(forecast, metric, language),
        )
        return figure_card(metric, words.text(section), figure, twin, words)

    events, structure = (
        events_by_month(forecast, language=language),
        herd_structure(forecast, language=language),
    )
    structure.update_layout(height=events.layout.height)  # they stand side by side
    return {
        "tiles": tiles(forecast, words),
        "milking": fan(Metric.MILKING_COUNT, "section_milking"),
        "events": figure_card(
            "events", words.text("section_events"), events, events_table(forecast, language), words
        ),
        "structure": figure_card(
            "structure",
            words.text("section_structure"),
            structure,
            herd_structure_table(forecast, language),
            words,
        ),
        "days": fan(Metric.AVG_DAYS_IN_MILK, "section_days"),
    }


def _evidence(forecast: Forecast, words: Wording) -> dict[str, str]:
    """Return the month table, what is remarkable about the data, and where the numbers come from."""
    meta = forecast.meta
    parameters = Table(
        columns=(words.text("parameter"), words.text("value")),
        rows=tuple(
            (str(name), UNKNOWN if value is None else str(value))
            for name, value in parameter_rows(forecast)
            if not str(name).startswith(("assumptions.", "warnings."))  # told in the page's own language
        ),
    )
    own = words.sentences(forecast)
    warnings, assumptions = (
        _list(own.get(text, text) for text in texts) for texts in (meta.warnings, meta.assumptions)
    )
    return {
        "notices": f'<div class="notice">{warnings}</div>' if meta.warnings else "",
        "table": html_table(levels_table(forecast, words.language), words.text("section_table")),
        "numbers": data_uri("text/csv", forecast_csv(forecast, excel=words.language is Language.RUSSIAN)),
        "quality": _quality(forecast, words),
        "assumptions": assumptions,
        "parameters": html_table(parameters, words.text("section_provenance"), css_class="facts"),
    }


def _quality(forecast: Forecast, words: Wording) -> str:
    """Return the issues, and the rows left out of the herd by reason."""
    meta = forecast.meta
    issues = "".join(_issue(issue, words) for issue in meta.quality)
    shown = f'<ul class="issues">{issues}</ul>' if issues else f"<p>{escape(words.text('no_issues'))}</p>"
    reasons = ", ".join(_reason(reason, words.number(n), words) for reason, n in meta.excluded.items() if n)
    left_out = f'<p class="note">{escape(words.text("excluded", reasons=reasons))}</p>' if reasons else ""
    return left_out + shown


def _reason(reason: str, count: str, words: Wording) -> str:
    """Return why rows were left out, and how many; a reason without words says its code."""
    key = f"excluded_{reason}"
    return words.text(key, count=count) if key in words.texts else f"{reason.replace('_', ' ')} {count}"


def _issue(issue: QualityIssue, words: Wording) -> str:
    rows = [words.text("rows", count=words.number(issue.row_count))] if issue.row_count else []
    if issue.sample_rows:
        more = ["…"] if issue.row_count > len(issue.sample_rows) else []
        rows.append(words.text("lines", lines=", ".join([*map(str, issue.sample_rows), *more])))
    severity = escape(words.text(f"severity_{issue.severity}"))
    return (
        f'<li><span class="severity {issue.severity}">{severity}</span>'
        f"<span>{escape(words.issue(issue))} <small>{escape('; '.join(rows))}</small></span></li>"
    )


def _list(texts: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(text)}</li>" for text in texts) + "</ul>"


def _origin(forecast: Forecast, words: Wording) -> str:
    meta = forecast.meta
    return words.text(
        "footer",
        engine=meta.engine,
        version=meta.engine_version,
        seed=str(meta.seed),
        hash=meta.dataset_sha256[:12],
    )


def _machinery() -> dict[str, str]:
    """Return style, script and what they need."""
    return {
        "icon": data_uri("image/svg+xml", MARK.encode()),
        "mark": MARK,
        "light": css_variables(LIGHT),
        "dark": css_variables(DARK),
        "font": FONT_FAMILY,
        "style": _page_file("style.css"),
        "palette": script_json(light_to_dark()),
        "plotly": get_plotlyjs(),
        "script": _page_file("script.js"),
    }


def _page_file(name: str) -> str:
    return (files("herd_engine.runs.exports") / "page" / name).read_text(encoding="utf-8")
