"""How good forecasts have been on the visitor's own herd: a sentence and two pictures."""

from collections.abc import Callable
from html import escape

import ipywidgets

from herd_engine.i18n.wording import wording
from herd_engine.model.forecast import Metric
from herd_engine.presentation.charts import hindcast
from herd_engine.presentation.track_record import TrackRecord, Untold
from widgets.controls.plot import Plot
from widgets.page import Page
from widgets.view_models.past_forecasts import PastForecasts
from widgets.views.common.markup import box, html, tag

PICTURES = {"past-milking": Metric.MILKING_COUNT, "past-calvings": Metric.CALVINGS}


def past_forecasts(page: Page, past: PastForecasts) -> ipywidgets.Widget:
    """Return the panel; it is not seen before a track record is asked for."""
    card, pictures = html(css_class="herd-card"), box([], "herd-columns")
    whole = box([card, pictures], "herd-column", "herd-past")

    def draw() -> None:
        found = past.found
        whole.layout.display = None if past.is_busy or found is not None else "none"
        pictures.layout.display = None if isinstance(found, TrackRecord) else "none"
        card.value = tag("h2", page.texts.t("past.title")) + _told(page, found)
        if isinstance(found, TrackRecord):
            pictures.children = pictures.children or tuple(map(_plot(page), PICTURES))
            for plot in pictures.children:
                _show(page, plot, found)

    page.draw_on(past.changed, draw)
    return whole


def _told(page: Page, found: TrackRecord | Untold | None) -> str:
    words = wording(page.texts.language)
    if found is None:
        return tag("p", page.texts.t("past.busy"), "herd-note")
    if isinstance(found, Untold):
        return tag("p", words.text(found))
    return (
        tag("p", found.sentence(words))
        + f"<details><summary>{escape(page.texts.t('past.how'))}</summary>"
        + tag("p", found.how(words), "herd-note")
        + "</details>"
    )


def _plot(page: Page) -> Callable[[str], Plot]:
    """Return what makes the empty chart of a name."""
    words = page.texts.words
    texts = {"table": words.text("show_table"), "picture": words.text("save_picture")}
    return lambda name: Plot(name=name, kind=words.metric(PICTURES[name], "name"), texts=texts)


def _show(page: Page, plot: Plot, found: TrackRecord) -> None:
    about = found.backtest, PICTURES[plot.name], found.mode
    language = page.texts.language
    plot.show(hindcast(*about, language=language))
