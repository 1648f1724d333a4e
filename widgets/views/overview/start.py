"""What stands in place of a forecast that is not there yet, with the one button that makes it."""

import ipywidgets

from widgets.page import Page
from widgets.view_models.overview import Overview
from widgets.views.common.links import link
from widgets.views.common.markup import box, html, tag
from widgets.views.common.run_progress import run_progress
from widgets.views.common.scenario_names import scenario_title


def overview_start(page: Page, overview: Overview) -> ipywidgets.Widget:
    """Return the way to a herd, or to a forecast of it, and the forecast on its way."""
    t = page.texts.t
    text = html()
    start = ipywidgets.Button(description=t("overview.forecast_now"))
    start.add_class("herd-primary")
    start.on_click(lambda _: page.guarded(overview.forecast_now)())
    sample, about = ipywidgets.Button(description=t("overview.try_sample")), html()
    about.value = tag("p", t("overview.try_sample_text"), "herd-note")
    name = t("overview.sample_farm")
    sample.on_click(lambda _: page.guarded(lambda: page.go_to_farm(overview.add_sample(name)))())
    trial = box([sample, about], "herd-trial")
    card = box([text, start, trial], "herd-card", "herd-empty")

    def draw() -> None:
        has_herd = overview.now is not None
        is_shown = overview.is_ready and (overview.now is None or overview.now.forecast is None)
        card.layout.display = None if is_shown and not overview.run_panel.is_active else "none"
        start.layout.display = None if has_herd else "none"
        trial.layout.display = "none" if has_herd else None
        key = "no_forecast" if has_herd else "no_herd"
        name = ""
        if has_herd and overview.starred is not None:
            key, name = "no_forecast_of_plan", scenario_title(page, overview.names, overview.starred)
        text.value = tag("h2", t(f"overview.{key}")) + tag("p", t(f"overview.{key}_text", name=name))
        if not has_herd:
            text.value += f"<p>{link(page, 'studio', t('overview.add_herd'), 'herd-button herd-primary')}</p>"

    page.draw_on(overview.changed, draw)
    page.draw_on(overview.run_panel.changed, draw)
    return box([card, run_progress(page, overview.run_panel)], "herd-column", "herd-start-here")
