"""What the farm's contract asks of its files: this file's answers, and how files have fared before."""

import ipywidgets

from widgets.page import Page
from widgets.view_models.file_checks import FileChecks
from widgets.views.common.markup import html, table_markup, tag

SHOWN_RULES = 5
STATUSES = ("FAIL", "WARN", "PASS", "SKIPPED")


def file_checks(page: Page, checks: FileChecks) -> ipywidgets.Widget:
    """Return the card; it is not seen without a file."""
    content = html(css_class="herd-card")
    content.add_class("herd-checks")

    def draw() -> None:
        content.layout.display = "none" if checks.check is None else None
        if checks.check is not None:
            content.value = (
                tag("h2", page.texts.t("checks.title")) + _rules(page, checks) + _past(page, checks)
            )

    page.draw_on(checks.changed, draw)
    return content


def _rules(page: Page, checks: FileChecks) -> str:
    """Return what was found, the worst first; rules that were kept are only counted."""
    t, words = page.texts.t, page.texts.words
    rules = () if checks.check is None else checks.check.rules
    told = sorted((r for r in rules if r.status in ("FAIL", "WARN")), key=lambda r: STATUSES.index(r.status))
    n_kept = sum(r.status == "PASS" for r in rules)
    sentence = t("checks.kept", kept=words.number(n_kept), of=words.number(len(rules)))
    if not told:
        return tag("p", sentence)
    rows = [(t(f"checks.{r.status}"), words.say(r.message), ", ".join(r.sample[:SHOWN_RULES])) for r in told]
    columns = ("", t("checks.rule"), t("checks.animals"))
    return tag("p", sentence) + table_markup(columns, rows, t("checks.title"))


def _past(page: Page, checks: FileChecks) -> str:
    """Return how the farm's examined files came out, and which rules they broke most often."""
    t, words = page.texts.t, page.texts.words
    if not checks.counts:
        return tag("p", t("checks.none"), "herd-note")
    counted = [(t(f"checks.{s}"), words.number(checks.counts[s])) for s in STATUSES if s in checks.counts]
    parts = tag("p", t("checks.past", counts=", ".join(f"{name} {n}" for name, n in counted)), "herd-note")
    rows = [
        (each.rule_id, words.number(each.failed), words.number(each.warned))
        for each in checks.top_rules[:SHOWN_RULES]
    ]
    if not rows:
        return parts
    columns = (t("checks.rule"), t("checks.FAIL"), t("checks.WARN"))
    return parts + table_markup(columns, rows, t("checks.top"))
