"""What is not as it should be: how often each rule catches an animal, and what the file cannot tell."""

import ipywidgets

from herd_engine.presentation.findings import cluster_texts, not_evaluated, rates_table
from widgets.page import Page
from widgets.view_models.work import FarmWork
from widgets.views.common.markup import html, table_markup, tag


def rule_table(page: Page, work: FarmWork) -> ipywidgets.Widget:
    """Return the table of rules with the months in which many calvings are due."""
    words = page.texts.words
    content = html(css_class="herd-card")

    def draw() -> None:
        found = work.findings
        if found is None:
            return
        title = words.text("rule_title", day=found.as_of)
        table, caught = rates_table(found, words), found.any_deviation
        said = [words.text("rule_any", n=caught.n, of=caught.of[0]), *cluster_texts(found, words)]
        untold = words.text("rule_not_told", rules=", ".join(not_evaluated(found, words)))
        content.value = (
            tag("h2", title)
            + "".join(tag("p", text) for text in said)
            + table_markup(table.columns, table.rows, title)
            + tag("p", untold, "herd-note")
        )

    page.draw_on(work.changed, draw)
    return content
