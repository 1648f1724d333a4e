"""The list of runs with its pages, and what can be done with the chosen ones."""

from typing import Any

import ipywidgets

from herd_engine.model.run_status import RunStatus
from herd_engine.workbench.answers import Run
from widgets.controls.run_list import RunList
from widgets.page import Page
from widgets.view_models.history import PastRuns
from widgets.views.common.links import link
from widgets.views.common.markup import box, html, tag
from widgets.views.common.run_words import moment_text, run_settings
from widgets.views.common.scenario_names import scenario_title


def run_table(page: Page, history: PastRuns) -> ipywidgets.Widget:
    """Return the list."""
    t = page.texts.t
    runs = RunList(
        on_choose=page.guarded(lambda ids, chosen: history.choose(ids, chosen=chosen)),
        on_pin=page.guarded(lambda run_id, pinned: history.pin(run_id, pinned=pinned)),
        on_show=page.guarded(history.show),
        texts=page.texts.part("history.list"),
    )
    empty = html()
    older, newer = (ipywidgets.Button(description=t(f"history.{name}")) for name in ("older", "newer"))
    older.on_click(lambda _: page.guarded(history.older)())
    newer.on_click(lambda _: page.guarded(history.newer)())
    pages = box([newer, older], "herd-row")

    def draw() -> None:
        runs.rows = [_row(page, history, run) for run in history.rows]
        runs.layout.display = None if history.rows else "none"
        empty.layout.display = "none" if history.rows else None
        empty.value = _empty(page, history)
        pages.layout.display = None if history.has_older or history.has_newer else "none"
        older.disabled, newer.disabled = not history.has_older, not history.has_newer

    page.draw_on(history.changed, draw)
    page.draw_on(history.run_panel.followed, draw)
    return box([runs, empty, pages], "herd-column")


def _row(page: Page, history: PastRuns, run: Run) -> dict[str, Any]:
    shown = history.run_panel.run
    return {
        "id": run.id,
        "title": ("★ " if run.starred else "") + scenario_title(page, history.names, run),
        "file": history.names.dataset(run).name,
        "owner": "" if run.owner == page.model.visit.owner else page.texts.t("history.by", owner=run.owner),
        "settings": run_settings(page, run),
        "status": run.status,
        "state": _state(page, run),
        "percent": _percent(run),
        "moment": moment_text(page, run.queued_at),
        "pinned": run.pinned,
        "chosen": run.id in history.chosen,
        "shown": shown is not None and shown.id == run.id,
    }


def _percent(run: Run) -> int | None:
    if run.status != RunStatus.RUNNING:
        return None
    return 0 if run.progress is None else round(100 * run.progress.completed_runs / run.runs_total)


def _state(page: Page, run: Run) -> str:
    percent = _percent(run)
    if percent is not None:
        return page.texts.t("history.running", percent=percent)
    return page.texts.t(f"history.status.{run.status}")


def _empty(page: Page, history: PastRuns) -> str:
    t = page.texts.t
    if history.is_filtered:
        return tag("h2", t("history.none_found")) + tag("p", t("history.none_found_text"), "herd-note")
    return (
        tag("h2", t("history.none"))
        + tag("p", t("history.none_text"))
        + f"<p>{link(page, 'studio', t('history.make_one'), 'herd-button herd-primary')}</p>"
    )
