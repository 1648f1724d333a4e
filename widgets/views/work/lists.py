"""The work lists: one of them looked at, all of them to print and as a table."""

from html import escape

import ipywidgets

from herd_engine.presentation.daily_sheet import list_table, sheet_csv, sheet_page
from herd_engine.workbench.work_lists import WorkListName
from widgets.controls.download import Download
from widgets.controls.form import Form
from widgets.page import Page
from widgets.view_models.work import DAYS_AHEAD, FarmWork
from widgets.views.common.markup import box, html, table_markup, tag

MOST_ROWS = 100
"""More than are done in a day; the printed sheet has all."""


def work_lists(page: Page, work: FarmWork) -> ipywidgets.Widget:
    """Return the choice of a list, the list, and the ways to take all along."""
    rows = html()

    def draw() -> None:
        rows.value = _list(page, work)

    page.draw_on(work.changed, draw)
    return box([_choice(page, work), rows, _files(page, work)], "herd-card")


def _choice(page: Page, work: FarmWork) -> ipywidgets.Widget:
    t, words = page.texts.t, page.texts.words

    def change(path: str, value: object) -> None:
        if path == "list":
            work.look_at(WorkListName(str(value)))
        else:
            work.look_ahead(int(str(value)))

    form = Form(on_change=page.guarded(change))
    days = [[str(n), words.text("work_ahead", n=n)] for n in DAYS_AHEAD]

    def draw() -> None:
        counts = {name: 0 if work.sheet is None else len(work.sheet.of(name)) for name in WorkListName}
        lists = [[str(name), f"{words.text(f'work_list.{name}')} ({n})"] for name, n in counts.items()]
        form.fields = [
            {"path": "list", "kind": "choice", "label": t("todo.list"), "help": "", "group": "",
             "choices": lists},
            {"path": "days", "kind": "choice", "label": t("todo.ahead"), "help": "", "group": "",
             "choices": days},
        ]  # fmt: skip
        form.values = {"list": str(work.shown), "days": str(work.days)}

    page.draw_on(work.changed, draw)
    return form


def _list(page: Page, work: FarmWork) -> str:
    words, name = page.texts.words, work.shown
    label = words.text(f"work_list.{name}")
    head = f"<h2>{escape(label)}</h2>"
    if work.sheet is None or not work.sheet.of(name):
        return head + tag("p", words.text("work_none"), "herd-note")
    table = list_table(work.sheet, name, words)
    more = len(table.rows) - MOST_ROWS
    note = tag("p", page.texts.count("todo.more", more), "herd-note") if more > 0 else ""
    return head + table_markup(table.columns, table.rows[:MOST_ROWS], label) + note


def _files(page: Page, work: FarmWork) -> ipywidgets.Widget:
    t, words = page.texts.t, page.texts.words

    def give_page(button: Download) -> None:
        if work.sheet is not None and work.row is not None:
            content = sheet_page(work.sheet, work.row.name, words).encode()
            button.give(content, f"{_stem(work)}.html", "text/html")

    def give_table(button: Download) -> None:
        if work.sheet is not None:
            button.give(sheet_csv(work.sheet, words), f"{_stem(work)}.csv", "text/csv")

    printed = Download(on_wanted=page.guarded(give_page), label=t("todo.print"))
    table = Download(on_wanted=page.guarded(give_table), label=t("todo.table"))
    return box([printed, table], "herd-row")


def _stem(work: FarmWork) -> str:
    return f"sheet-{work.sheet.as_of.isoformat()}" if work.sheet is not None else "sheet"
