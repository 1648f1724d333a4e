"""One run, looked at closely: how it stands, its files, what it was made of, whether its files are whole."""

import ipywidgets

from herd_engine.model.run_status import RunStatus
from herd_engine.model.visitor import LOCAL
from herd_engine.workbench.answer_types import FileFault
from herd_engine.workbench.answers import Run
from widgets.page import Page
from widgets.view_models.history import PastRuns
from widgets.views.common.exports import exports
from widgets.views.common.links import link
from widgets.views.common.markup import box, html, table_markup, tag
from widgets.views.common.run_progress import run_progress
from widgets.views.common.run_words import moment_text, run_settings
from widgets.views.common.scenario_names import scenario_title


def run_details(page: Page, history: PastRuns) -> ipywidgets.Widget:
    """Return the panel."""
    t, panel = page.texts.t, history.run_panel
    title, facts, answer = html(), html(css_class="herd-facts"), html()
    verify = ipywidgets.Button(description=t("history.verify"))
    verify.on_click(lambda _: page.guarded(history.verify)())
    files = exports(page, panel.changed, lambda: panel.exported)
    whole = box([title, run_progress(page, panel), files, facts, verify, answer], "herd-card", "herd-side")

    def draw() -> None:
        run = panel.run
        whole.layout.display = "none" if run is None else None
        if run is None:
            return
        is_done = run.status == RunStatus.SUCCEEDED
        title.value = tag("h2", scenario_title(page, history.names, run)) + (
            f"<p>{link(page, 'studio', t('history.open'), 'herd-button', run=run.id)}</p>"
        )
        facts.value = _facts(page, history, run)
        verify.layout.display = None if is_done else "none"
        answer.value = _answer(page, history.faults)

    page.draw_on(panel.changed, draw)
    page.draw_on(history.changed, draw)
    return whole


def _facts(page: Page, history: PastRuns, run: Run) -> str:
    t, dataset = page.texts.t, history.names.dataset(run)
    facts = {
        "file": t("data.item", name=dataset.name, day=page.texts.words.day(dataset.report_date)),
        "settings": run_settings(page, run),
        "seed": str(run.seed),
        "owner": t("history.at_the_machine") if run.owner == LOCAL else run.owner,
        "queued": moment_text(page, run.queued_at),
        "finished": moment_text(page, run.finished_at),
        "version": run.engine_version,
        "id": run.id,
    }
    rows = ((t(f"history.fact_{name}"), value) for name, value in facts.items() if value)
    return table_markup((t("history.fact"), t("history.fact_value")), rows, t("history.facts"))


def _answer(page: Page, faults: tuple[FileFault, ...] | None) -> str:
    t = page.texts.t
    if faults is None:
        return ""
    if not faults:
        return tag("p", t("history.verified"), "herd-good")
    lines = "".join(
        tag("li", t("history.file_missing" if fault.is_missing else "history.file_changed", name=fault.name))
        for fault in faults
    )
    title = tag("p", t("history.not_verified"), "herd-failure-title")
    advice = tag("p", t("history.not_verified_advice"), "herd-note")
    return f'<div class="herd-failure" role="alert">{title}<ul>{lines}</ul>{advice}</div>'
