"""A forecast as one HTML page that needs nothing but a browser."""

from collections.abc import Mapping
from html import escape
from importlib.resources import files
from string import Template

from plotly.offline import get_plotlyjs

from herd_engine.charts.convergence import convergence
from herd_engine.charts.headline import growth, headline
from herd_engine.charts.scenario_overlay import scenario_overlay
from herd_engine.charts.stability import spread_sentence
from herd_engine.charts.table import levels_table
from herd_engine.charts.theme import DARK, FONT_FAMILY, LIGHT, css_variables, light_to_dark
from herd_engine.exports.csv_file import forecast_csv
from herd_engine.i18n.wording import Wording, wording
from herd_engine.model.draws import Draws
from herd_engine.model.forecast import Forecast, Metric
from herd_engine.presentation.evidence import origin, parameters_html, quality_html, text_list
from herd_engine.presentation.outlook_charts import outlook_charts
from herd_engine.presentation.page.html_parts import (
    css_text,
    data_uri,
    figure_card,
    html_table,
    script_json,
)
from herd_engine.presentation.tiles import expected_point, tiles

MARK = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24" aria-hidden="true">'
    '<rect width="24" height="24" rx="6" fill="#1f6f5c"/><path d="M4 9c4 0 5 6 9 6s4-3 7-3" fill="none"'
    ' stroke="#ffffff" stroke-width="2.5" stroke-linecap="round"/></svg>'
)
WORD_JOINER = "\N{WORD JOINER}"
BESIDE = (Metric.MILKING_COUNT, Metric.CALVINGS, Metric.AVG_DAYS_IN_MILK)
PLACES = {"milking": Metric.MILKING_COUNT, "days": Metric.AVG_DAYS_IN_MILK}
"""What the places of charts are called in a page that other programs read."""
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


def forecast_html(
    forecast: Forecast,
    draws: Draws | None = None,
    others: Mapping[str, Forecast] | None = None,
    *,
    language: str = "en",
    fine_print: str = "",
) -> str:
    """Return a forecast as one page: the sentence, tiles, charts, tables, quality, provenance.

    Parameters
    ----------
    forecast : Forecast
    draws : Draws, optional
        Its first replicates. Where their number was found by asking whether the bands are stable, a chart
        then shows how they settled.
    others : mapping of str to Forecast, optional
        The same in other modes, by mode: drawn beside it.
    language : str
        ``en`` or ``ru``.
    fine_print : str
        What else to say of where the numbers come from, in that language.

    Returns
    -------
    str
        A whole HTML document. It loads nothing: style, script and figures are inside.
    """
    words = wording(language)
    return Template(_page_file("template.html")).substitute(
        _texts(forecast, words)
        | _pictures(forecast, language)
        | {"convergence": _convergence(forecast, draws, words)}
        | {"beside": _beside(forecast, others or {}, words)}
        | _evidence(forecast, words)
        | {"fine_print": f'<p class="note">{escape(fine_print)}</p>' if fine_print else ""}
        | machinery()
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
        "growth": growth(forecast, words.language),
        "expected": words.text("expected", day=words.day(forecast.dates[expected_point(forecast)])),
        "origin": origin(forecast, words),
        "assumptions_title": words.text("assumptions"),
    }
    texts["expected_note"] = f"{texts['expected_note']} {spread_sentence(forecast, words.language)}".strip()
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
    return {"tiles": tiles(forecast, words)} | {
        name: figure_card(PLACES.get(name, name), words.text(f"section_{name}"), chart, words)
        for name, chart in outlook_charts(forecast, language).items()
    }


def _beside(forecast: Forecast, others: Mapping[str, Forecast], words: Wording) -> str:
    """Return the forecast and the same in other modes, in one figure a metric; nothing without others."""
    if not others:
        return ""
    modes = {str(forecast.meta.scenario.mode): forecast, **others}
    named = {words.texts["forecasts"][mode]: item for mode, item in modes.items()}
    unread = filter(None, (words.unread_note(mode, forecast.meta.scenario.model) for mode in others))
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in unread)
    return notes + "".join(
        figure_card(
            f"beside_{metric}",
            words.text("section_beside"),
            scenario_overlay(named, metric, language=words.language),
            words,
        )
        for metric in BESIDE
    )


def _convergence(forecast: Forecast, draws: Draws | None, words: Wording) -> str:
    """Return how many replicates were enough, and how bands settled; nothing where it was given."""
    stability, metric = forecast.meta.stability, Metric.MILKING_COUNT
    if stability is None:
        return ""
    note = f'<p class="note">{escape(words.say(stability.said))}</p>'
    if draws is None:
        return f'<section class="card">{note}</section>'
    chart = convergence(forecast, draws, metric, language=words.language)
    return figure_card("convergence", words.text("section_convergence"), chart, words) + note


def _evidence(forecast: Forecast, words: Wording) -> dict[str, str]:
    """Return the month table, what is remarkable about the data, and where the numbers come from."""
    meta = forecast.meta
    warnings, assumptions = (
        text_list(map(words.say, messages)) for messages in (meta.warnings, meta.assumptions)
    )
    return {
        "notices": f'<div class="notice">{warnings}</div>' if meta.warnings else "",
        "table": html_table(levels_table(forecast, words.language), words.text("section_table")),
        "numbers": data_uri("text/csv", forecast_csv(forecast, excel=words.has_decimal_comma, plain=True)),
        "quality": quality_html(meta.quality, meta.excluded, words),
        "assumptions": assumptions,
        "parameters": parameters_html(forecast, words),
    }


def machinery() -> dict[str, str]:
    """Return style, script and what they need, by the name of their place in a page."""
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
    return (files("herd_engine.presentation.page") / name).read_text(encoding="utf-8")
