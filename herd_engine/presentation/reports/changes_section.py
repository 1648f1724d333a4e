"""What changed since the report before, in words and tables."""

from collections.abc import Iterator, Sequence

from herd_engine.i18n.setting_words import setting_label, setting_value
from herd_engine.i18n.wording import Wording
from herd_engine.model.forecast import Forecast
from herd_engine.presentation.evidence import text_list
from herd_engine.presentation.reports.parts import heading, note, table
from herd_engine.review.changes import ForecastChanges, Shift


def changes_html(
    changes: ForecastChanges, forecast: Forecast, earlier: Forecast, words: Wording
) -> Iterator[str]:
    """Yield the paragraphs and tables of the section."""
    yield note(words.text("changes_since", day=words.day(changes.previous_report_date)))
    if changes.checks:
        yield heading(words.text("changes_checks"))
        yield _table(changes.checks, "changes_observed", words)
    if changes.shifts:
        yield heading(words.text("changes_shifts"))
        yield _table(changes.shifts, "changes_now", words)
    yield heading(words.text("changes_why"))
    yield text_list(_reasons(changes, forecast, earlier, words))


def _table(shifts: Sequence[Shift], now: str, words: Wording) -> str:
    columns = ("changes_what", "date", "changes_before", now, "changes_change", "changes_judgement")
    rows = [
        (
            words.metric(shift.metric, "name"),
            words.day(shift.day),
            _with_band(shift, words),
            words.number(shift.now),
            words.change(round(shift.now) - round(shift.before)),
            words.text("changes_within" if shift.is_within_band else "changes_outside"),
        )
        for shift in shifts
    ]
    return table((words.text(key) for key in columns), rows, words.text("section_changes"))


def _with_band(shift: Shift, words: Wording) -> str:
    before, low, high = (words.number(v) for v in (shift.before, shift.before_low, shift.before_high))
    return f"{before} ({low}–{high})"


def _reasons(
    changes: ForecastChanges, forecast: Forecast, earlier: Forecast, words: Wording
) -> Iterator[str]:
    if forecast.meta.dataset_sha256 != earlier.meta.dataset_sha256:
        days = words.day(earlier.meta.report_date), words.day(forecast.meta.report_date)
        yield words.text("why_file", before=days[0], now=days[1])
    for path, *values in changes.settings:
        before, now = (setting_value(path, value, words) for value in values)
        yield words.text("why_setting", name=setting_label(path, words), before=before, now=now)
    if changes.version is not None:
        yield words.text("why_version", before=changes.version[0], now=changes.version[1])
    issues = (
        ("why_new_issue", forecast, changes.new_issues),
        ("why_gone_issue", earlier, changes.gone_issues),
    )
    for key, source, codes in issues:
        for issue in source.meta.quality:
            if issue.code in codes:
                yield words.text(key, issue=words.issue(issue))
