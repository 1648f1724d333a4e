"""What stands below the numbers of a page: the quality of the data, and where the numbers come from."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from herd_engine.charts.table import Table
from herd_engine.exports.cells import Cell
from herd_engine.exports.provenance import fact_rows
from herd_engine.i18n.setting_words import setting_value
from herd_engine.i18n.wording import Wording
from herd_engine.model.forecast import Forecast
from herd_engine.model.quality import QualityIssue
from herd_engine.presentation.page.html_parts import html_table


def quality_html(quality: Sequence[QualityIssue], excluded: Mapping[str, int], words: Wording) -> str:
    """Return the issues of a herd file, and the rows left out of the herd by reason."""
    issues = "".join(_issue(issue, words) for issue in quality)
    shown = f'<ul class="issues">{issues}</ul>' if issues else f"<p>{escape(words.text('no_issues'))}</p>"
    reasons = ", ".join(_reason(reason, words.number(n), words) for reason, n in excluded.items() if n)
    left_out = f'<p class="note">{escape(words.text("excluded", reasons=reasons))}</p>' if reasons else ""
    return left_out + shown


def parameters_html(forecast: Forecast, words: Wording) -> str:
    """Return the table of everything that a forecast comes from."""
    parameters = Table(
        columns=(words.text("parameter"), words.text("value")),
        rows=tuple((str(name), _shown(value, words)) for name, value in fact_rows(forecast, words)),
    )
    return html_table(parameters, words.text("section_provenance"), css_class="facts")


def _shown(value: Cell, words: Wording) -> str:
    """Return a fact as the language writes it; whole numbers, such as the seed, in one piece."""
    return setting_value("", value, words) if isinstance(value, float) else str(value)


def origin(forecast: Forecast, words: Wording) -> str:
    """Return in one line what a forecast was made with."""
    meta = forecast.meta
    return words.text(
        "footer",
        engine=meta.engine,
        version=meta.engine_version,
        seed=str(meta.seed),
        hash=meta.dataset_sha256[:12],
    )


def text_list(texts: Iterable[str]) -> str:
    """Return texts as a list."""
    return "<ul>" + "".join(f"<li>{escape(text)}</li>" for text in texts) + "</ul>"


def _reason(reason: str, count: str, words: Wording) -> str:
    """Return why rows were left out, and how many; a reason without words says its code."""
    key = f"excluded_{reason}"
    return words.text(key, count=count) if key in words.texts else f"{reason.replace('_', ' ')} {count}"


def _issue(issue: QualityIssue, words: Wording) -> str:
    rows = [words.text("issue_rows", count=words.number(issue.row_count))] if issue.row_count else []
    if issue.sample_rows:
        more = ["…"] if issue.row_count > len(issue.sample_rows) else []
        rows.append(words.text("lines", lines=", ".join([*map(str, issue.sample_rows), *more])))
    severity = escape(words.text(f"severity_{issue.severity}"))
    return (
        f'<li><span class="severity {issue.severity}">{severity}</span>'
        f"<span>{escape(words.issue(issue))} <small>{escape('; '.join(rows))}</small></span></li>"
    )
