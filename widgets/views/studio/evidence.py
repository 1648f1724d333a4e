"""How sure a forecast is, what it warns of, what it assumes, and where its numbers come from."""

from html import escape

import ipywidgets

from herd_engine.model.draws import Draws
from herd_engine.model.forecast import Forecast, Metric
from herd_engine.presentation.charts import (
    convergence,
    spread_sentence,
    stability_sentence,
)
from herd_engine.presentation.evidence import origin, parameters_html, text_list
from widgets.controls.plot import Plot
from widgets.page import Page
from widgets.view_models.studio import Studio
from widgets.views.common.markup import box, html, tag


def evidence(page: Page, studio: Studio) -> ipywidgets.Widget:
    """Return the fine print of what the studio shows."""
    return box([_words(page, studio), _settling(page, studio)], "herd-column")


def _settling(page: Page, studio: Studio) -> ipywidgets.Widget:
    """Return how the numbers settle as futures are added; of a kept forecast alone."""
    texts = {"table": page.texts.words.text("show_table"), "picture": page.texts.words.text("save_picture")}
    plot = Plot(name="convergence", kind=page.texts.t("evidence.settling"), texts=texts)
    drawn: list[Draws | None] = []

    def draw() -> None:
        draws, forecast = studio.draws, studio.run_panel.forecast
        plot.layout.display = "none" if draws is None or forecast is None else None
        if draws is None or forecast is None or (drawn and drawn[0] is draws):
            return
        drawn[:] = [draws]
        metric, language = Metric.MILKING_COUNT, page.texts.language
        plot.show(convergence(forecast, draws, metric, language=language))

    page.draw_on(studio.shown, draw)
    return plot


def _words(page: Page, studio: Studio) -> ipywidgets.Widget:
    content = html(css_class="herd-evidence")

    drawn: list[Forecast] = []

    def draw() -> None:
        forecast = studio.forecast
        if forecast is None or studio.run_panel.is_active or (drawn and drawn[0] is forecast):
            return
        drawn[:] = [forecast]
        words = page.texts.words
        warnings = text_list(map(words.say, forecast.meta.warnings))
        assumptions = text_list(map(words.say, forecast.meta.assumptions))
        content.value = (
            tag("h2", page.texts.t("evidence.title"))
            + tag(
                "p",
                f"{stability_sentence(forecast, words.language)} {spread_sentence(forecast, words.language)}",
            )
            + (f'<div class="herd-notice">{warnings}</div>' if forecast.meta.warnings else "")
            + tag("h3", words.text("assumptions"))
            + assumptions
            + _check(page, studio, forecast)
            + f"<details><summary>{escape(words.text('section_provenance'))}</summary>"
            + tag("p", origin(forecast, words), "herd-note")
            + parameters_html(forecast, words)
            + "</details>"
        )

    page.draw_on(studio.shown, draw)
    return content


def _check(page: Page, studio: Studio, forecast: Forecast) -> str:
    """Return the check of a long forecast of the file at hand; a preview, which soon is another, has none."""
    herd_file = studio.data.herd_file
    is_kept = forecast is studio.run_panel.forecast
    if not is_kept or herd_file is None or herd_file.sha256 != forecast.meta.dataset_sha256:
        return ""
    text = page.model.workbench.fine_print(herd_file, forecast, page.texts.language)
    return tag("p", text, "herd-note") if text else ""
