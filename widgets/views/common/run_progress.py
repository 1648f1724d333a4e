"""How the run stands: in the queue, under way, done; or what to do where it failed."""

import ipywidgets

from herd_engine.i18n.failure_words import failure_text
from herd_engine.model.run_status import RunStatus
from herd_engine.workbench.answers import Run, RunProgress
from widgets.page import Page
from widgets.view_models.run_panel import RunPanel
from widgets.views.common.markup import box, html, tag

LONG_SECONDS = 90.0


def run_progress(page: Page, panel: RunPanel) -> ipywidgets.Widget:
    """Return the bar with its words, and the button that cancels."""
    words = html(css_class="herd-progress")
    cancel = ipywidgets.Button(description=page.texts.t("run.cancel"))
    cancel.on_click(lambda _: page.model.later(panel.cancel))
    card = box([words, cancel], "herd-card", "herd-run")

    def draw() -> None:
        card.layout.display = "none" if panel.run is None else None
        if panel.run is not None:
            words.value = progress_html(page, panel)
            cancel.layout.display = None if panel.is_active else "none"
            cancel.disabled = panel.run.cancel_requested
            (card.add_class if panel.is_active else card.remove_class)("active")

    page.draw_on(panel.changed, draw)
    return card


def progress_html(page: Page, panel: RunPanel) -> str:
    """Return the state of the run in words, with a bar while it is under way."""
    run = panel.run
    if run is None:
        return ""
    if run.status == RunStatus.RUNNING:
        return _running(page, run)
    t = page.texts.t
    if run.status == RunStatus.QUEUED:
        return tag("p", t("run.queued", position=page.texts.words.number(panel.position or 1)), "herd-state")
    if run.status == RunStatus.SUCCEEDED:
        return tag("p", t("run.succeeded", runs=page.texts.count("runs", run.runs_total)), "herd-state")
    title = tag("p", t(f"run.{run.status}"), "herd-failure-title")
    words = failure_text(run.error_code, run.error_params, page.texts.words)
    reason = tag("p", words) if words else ""
    if run.error_message and not words:  # made by a program that knew more codes than this one
        reason = tag("p", run.error_message)
    advice = tag("p", t(f"run.{run.status}_advice"), "herd-note")
    return title + reason + advice + tag("p", t("run.id", id=run.id[:8]), "herd-note")


def _running(page: Page, run: Run) -> str:
    t, number, progress = page.texts.t, page.texts.words.number, run.progress
    done, total = (0, run.runs_total) if progress is None else (progress.completed_runs, progress.total_runs)
    percent = 100 * done / max(total, 1)
    text = t("run.running", done=number(done), total=number(total), percent=number(percent))
    if run.cancel_requested:
        text = t("run.canceling")
    elif progress is not None and progress.eta_seconds is not None:
        text += t("run.left", time=_time_left(page, progress.eta_seconds))
    label = t("run.bar")
    bar = (
        f'<div class="herd-bar" role="progressbar" aria-label="{label}" aria-valuemin="0" aria-valuemax="100"'
        f' aria-valuenow="{percent:.0f}"><span style="width: {percent:.1f}%"></span></div>'
    )
    return tag("p", text, "herd-state") + bar + tag("p", _speed(page, progress), "herd-note")


def _time_left(page: Page, seconds: float) -> str:
    """Return a time that nobody has to convert: seconds up to a minute and a half, then minutes."""
    number = page.texts.words.number
    if seconds < LONG_SECONDS:
        return page.texts.t("run.left_seconds", n=number(max(seconds, 1)))
    return page.texts.t("run.left_minutes", n=number(seconds / 60))


def _speed(page: Page, progress: RunProgress | None) -> str:
    """Return how fast the run is and how many work on it, as far as that is known."""
    if progress is None:
        return ""
    rate, workers = progress.runs_per_second, progress.workers
    told = [page.texts.t("run.rate", rate=page.texts.words.number(rate))] if rate else []
    told += [page.texts.count("run.workers", workers)] if workers else []
    return " · ".join(told)
