"""The newest runs, each with the way to it."""

import ipywidgets

from herd_engine.workbench.answers import Run
from widgets.page import Page
from widgets.view_models.overview import Overview
from widgets.views.common.links import link
from widgets.views.common.markup import html, tag
from widgets.views.common.run_words import moment_text, run_settings
from widgets.views.common.scenario_names import scenario_title


def latest_runs(page: Page, overview: Overview) -> ipywidgets.Widget:
    """Return the list."""
    content, t = html(css_class="herd-card"), page.texts.t

    def draw() -> None:
        content.layout.display = "none" if overview.now is None else None
        items = "".join(_item(page, overview, run) for run in overview.latest)
        listed = (
            f'<ul class="herd-runs">{items}</ul>' if items else tag("p", t("overview.no_runs"), "herd-note")
        )
        more = f"<p>{link(page, 'history', t('overview.all_runs'))}</p>" if items else ""
        content.value = tag("h2", t("overview.latest")) + listed + more

    page.draw_on(overview.changed, draw)
    return content


def _item(page: Page, overview: Overview, run: Run) -> str:
    name = ("★ " if run.starred else "") + scenario_title(page, overview.names, run)
    title = link(page, "studio", name, run=run.id)
    status = tag("span", page.texts.t(f"history.status.{run.status}"), f"herd-status {run.status}")
    about = page.texts.t(
        "overview.run_line",
        file=overview.names.dataset(run).name,
        settings=run_settings(page, run),
        moment=moment_text(page, run.queued_at),
    )
    return f"<li><p>{title} {status}</p>{tag('p', about, 'herd-note')}</li>"
