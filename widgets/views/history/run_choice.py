"""What can be done with the runs that are chosen: compare them, delete them."""

from html import escape

import ipywidgets

from herd_engine.workbench.answer_types import Deleted
from widgets.page import Page
from widgets.view_models.history import PastRuns
from widgets.views.common.links import link
from widgets.views.common.markup import box, html, tag


def run_choice(page: Page, history: PastRuns) -> ipywidgets.Widget:
    """Return the bar, the question before anything is deleted, and what became of it."""
    bar, question, outcome = _bar(page, history), _question(page, history), html(css_class="herd-outcome")

    def draw() -> None:
        deleted = history.deleted
        outcome.layout.display = "none" if deleted is None else None
        outcome.value = "" if deleted is None else _outcome(page, deleted)

    page.draw_on(history.changed, draw)
    return box([bar, question, outcome], "herd-choice")


def _bar(page: Page, history: PastRuns) -> ipywidgets.Widget:
    t = page.texts.t
    words = html(css_class="herd-choice-words")
    delete, none = (ipywidgets.Button(description=t(f"history.{name}")) for name in ("delete", "choose_none"))
    delete.on_click(lambda _: page.guarded(history.ask_to_delete)())
    none.on_click(lambda _: page.guarded(history.choose_none)())
    bar = box([words, delete, none], "herd-row")

    def draw() -> None:
        bar.layout.display = None if history.chosen and not history.is_asking else "none"
        if history.is_comparable:
            ids = ",".join(history.chosen)
            way = link(page, "compare", t("history.compare"), "herd-button herd-primary", runs=ids)
        else:
            way = tag("span", t("history.compare_rule"), "herd-note")
        count = page.texts.count("history.chosen", len(history.chosen))
        words.value = tag("strong", count) + " " + way

    page.draw_on(history.changed, draw)
    return bar


def _question(page: Page, history: PastRuns) -> ipywidgets.Widget:
    t = page.texts.t
    words = html()
    yes, no = (ipywidgets.Button(description=t(f"history.{name}")) for name in ("delete_yes", "delete_no"))
    yes.add_class("herd-danger")
    yes.on_click(lambda _: page.guarded(history.delete)())
    no.on_click(lambda _: page.guarded(history.keep)())
    question = box([words, box([yes, no], "herd-row")], "herd-question")

    def draw() -> None:
        question.layout.display = None if history.is_asking else "none"
        pinned = sum(run.pinned for run in history.chosen.values())
        text = page.texts.count("history.delete_question", len(history.chosen))
        also = " " + page.texts.count("history.delete_pinned", pinned) if pinned else ""
        words.value = f'<p role="alert"><strong>{escape(text)}</strong>{escape(also)}</p>' + tag(
            "p", t("history.delete_note"), "herd-note"
        )

    page.draw_on(history.changed, draw)
    return question


def _outcome(page: Page, deleted: Deleted) -> str:
    done = page.texts.count("history.deleted", len(deleted.deleted_ids))
    skipped = "".join(
        tag("li", page.texts.t(f"history.skipped_{item.reason}", id=item.id[:8])) for item in deleted.skipped
    )
    return f'<div role="status">{tag("p", done)}' + (f"<ul>{skipped}</ul></div>" if skipped else "</div>")
