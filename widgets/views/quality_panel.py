"""What is remarkable about the herd file."""

import ipywidgets

from widgets.controls.download import Download
from widgets.page import Page
from widgets.view_models.herd_data import HerdData
from widgets.view_models.quality import Quality
from widgets.views.markup import box, html, table_markup, tag


def quality_panel(page: Page, data: HerdData) -> ipywidgets.Widget:
    """Return a table of the file's issues, and a button that saves it."""
    t = page.texts.t
    content = html()
    save = Download(on_wanted=lambda button: page.guarded(_save)(data, button), label=t("quality.save"))
    panel = box([content, save], "herd-card")

    def draw() -> None:
        panel.layout.display = "none" if data.herd_file is None else None
        if data.herd_file is not None:
            content.value = _content(page, Quality(data.herd_file.issues), data.herd_file.n_rows)
            save.disabled = not data.herd_file.issues

    page.draw_on(data.chosen, draw)
    return panel


def _content(page: Page, quality: Quality, n_rows: int) -> str:
    t, words = page.texts.t, page.texts.words
    title = tag("h2", t("quality.title"))
    if not quality.issues:
        return title + tag("p", t("quality.none", rows=page.texts.count("rows", n_rows)), "herd-note")
    counts = ", ".join(page.texts.count(f"quality.{name}", n) for name, n in quality.counts().items())
    lead = t("quality.lead", rows=page.texts.count("rows", n_rows), counts=counts)
    columns = tuple(t(f"quality.column_{name}") for name in ("severity", "what", "rows", "lines"))
    rows = (
        (
            words.text(f"severity_{issue.severity}"),
            words.issue(issue),
            words.number(issue.row_count) if issue.row_count else "",
            ", ".join(map(str, issue.sample_rows))
            + (" …" if issue.row_count > len(issue.sample_rows) else ""),
        )
        for issue in quality.issues
    )
    table = table_markup(columns, rows, t("quality.title"))
    return title + tag("p", lead, "herd-note") + f'<div class="herd-quality">{table}</div>'


def _save(data: HerdData, button: Download) -> None:
    if data.herd_file is not None:
        button.give(Quality(data.herd_file.issues).as_csv(), "quality.csv", "text/csv")
