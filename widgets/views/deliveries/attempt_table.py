"""Each attempt at the message that is looked at: when, how it ended, what the recipient answered."""

import ipywidgets

from herd_engine.workbench.deliveries import DeliveryAttempt
from widgets.page import Page
from widgets.view_models.deliveries import FarmDeliveries
from widgets.views.common.markup import html, table_markup, tag
from widgets.views.common.run_words import moment_text

COLUMNS = ("moment", "outcome", "answer", "seconds")


def attempt_table(page: Page, deliveries: FarmDeliveries) -> ipywidgets.Widget:
    """Return the table; not seen before a message is picked."""
    t = page.texts.t
    content = html(css_class="herd-card")
    content.add_class("herd-attempts")

    def draw() -> None:
        content.layout.display = "none" if deliveries.shown_id is None else None
        rows = [_row(page, each) for each in deliveries.attempts]
        columns = tuple(t(f"deliveries.column_{name}") for name in COLUMNS)
        table = table_markup(columns, rows, t("deliveries.attempt_table"))
        content.value = tag("h2", t("deliveries.attempt_table")) + (
            table if rows else tag("p", t("deliveries.no_attempts"), "herd-note")
        )

    page.draw_on(deliveries.changed, draw)
    return content


def _row(page: Page, attempt: DeliveryAttempt) -> tuple[str, ...]:
    t, words = page.texts.t, page.texts.words
    code = attempt.error_code or ""
    said = page.texts.get(f"deliveries.error.{code}", "")
    if not said and attempt.http_status is not None:
        said = t("deliveries.http", status=str(attempt.http_status))
    return (
        moment_text(page, attempt.started_at),
        t(f"deliveries.outcome.{attempt.outcome}"),
        said or code,
        words.number(attempt.duration_seconds, 1),
    )
