"""What the overview stands on: the quality of the herd file in a line, and where its forecast comes from."""

from html import escape

import ipywidgets

from herd_engine.presentation.evidence import origin, text_list
from widgets.page import Page
from widgets.view_models.overview import Overview, Snapshot
from widgets.view_models.quality import FileQuality
from widgets.views.common.links import link
from widgets.views.common.markup import html, tag
from widgets.views.common.run_words import moment_text, run_settings
from widgets.views.common.scenario_names import scenario_title


def overview_footing(page: Page, overview: Overview) -> ipywidgets.Widget:
    """Return both."""
    content = html(css_class="herd-card")

    def draw() -> None:
        content.layout.display = "none" if overview.now is None else None
        if overview.now is not None:
            content.value = _quality(page, overview.now) + _provenance(page, overview, overview.now)

    page.draw_on(overview.changed, draw)
    return content


def _quality(page: Page, now: Snapshot) -> str:
    t, count = page.texts.t, page.texts.count
    counts = FileQuality(now.herd_file.issues).counts()
    rows = count("rows", now.row.n_rows)
    if counts:
        found = ", ".join(count(f"quality.{severity}", n) for severity, n in counts.items())
        line = t("quality.lead", rows=rows, counts=found)
    else:
        line = t("quality.none", rows=rows)
    way = link(page, "data", t("overview.to_data"))
    return tag("h2", t("quality.title")) + f"<p>{escape(line)} {way}</p>"


def _provenance(page: Page, overview: Overview, now: Snapshot) -> str:
    if now.forecast is None or now.run is None:
        return ""
    words = page.texts.words
    warnings = text_list(map(words.say, now.forecast.meta.warnings))
    about = page.texts.t(
        "overview.run_line",
        file=scenario_title(page, overview.names, now.run),
        settings=run_settings(page, now.run),
        moment=moment_text(page, now.run.finished_at),
    )
    return (
        (f'<div class="herd-notice">{warnings}</div>' if now.forecast.meta.warnings else "")
        + f"<details><summary>{escape(words.text('section_provenance'))}</summary>"
        + tag("p", about)
        + tag("p", origin(now.forecast, words), "herd-note")
        + f"<p>{link(page, 'studio', page.texts.t('overview.open_run'), run=now.run.id)}</p></details>"
    )
