"""What is remarkable about the herd file."""

import ipywidgets

from herd_engine.model.left_out import LOSSES, NO_ANIMALS
from herd_engine.workbench import HerdFile
from herd_engine.workbench.forecast_files import left_out_xlsx
from widgets.controls.download import Download
from widgets.page import Page
from widgets.view_models.herd_data import HerdData
from widgets.view_models.quality import FileQuality
from widgets.views.common.exports import XLSX_TYPE
from widgets.views.common.markup import box, html, table_markup, tag


def quality_panel(page: Page, data: HerdData) -> ipywidgets.Widget:
    """Return a table of the file's issues, and a button that saves it."""
    t = page.texts.t
    content = html()
    save = Download(on_wanted=lambda button: page.guarded(_save)(data, button), label=t("quality.save"))
    rows = Download(
        on_wanted=lambda button: page.guarded(_save_rows)(page, data, button), label=t("quality.save_rows")
    )
    panel = box([content, box([save, rows], "herd-actions")], "herd-card")

    def draw() -> None:
        panel.layout.display = "none" if data.herd_file is None else None
        if data.herd_file is not None:
            content.value = _content(page, FileQuality(data.herd_file.issues), data.herd_file.n_rows)
            save.disabled = not data.herd_file.issues
            rows.layout.display = None if _has_left_out(data.herd_file) else "none"

    page.draw_on(data.chosen, draw)
    return panel


def _content(page: Page, quality: FileQuality, n_rows: int) -> str:
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
        for issue in quality.by_effect()
    )
    table = table_markup(columns, rows, t("quality.title"))
    return title + tag("p", lead, "herd-note") + f'<div class="herd-quality">{table}</div>'


def _has_left_out(herd_file: HerdFile) -> bool:
    return any(herd_file.herd.excluded.get(reason) for reason in (*LOSSES, *NO_ANIMALS))


def _save_rows(page: Page, data: HerdData, button: Download) -> None:
    if (herd_file := data.left_out()) is not None:
        button.give(left_out_xlsx(herd_file, page.texts.language), "left_out.xlsx", XLSX_TYPE)


def _save(data: HerdData, button: Download) -> None:
    if data.herd_file is not None:
        button.give(FileQuality(data.herd_file.issues).as_csv(), "quality.csv", "text/csv")
