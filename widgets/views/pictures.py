"""A forecast in pictures: tiles, charts, tables, and the files to take along."""

from collections.abc import Callable
from typing import Any

import ipywidgets

from herd_engine.figures.events_by_month import events_by_month, events_table
from herd_engine.figures.fan_at_once import fan_at_once, fan_at_once_table
from herd_engine.figures.fan_chart import fan_chart, fan_chart_table
from herd_engine.figures.herd_structure import herd_structure, herd_structure_table
from herd_engine.figures.table import Table
from herd_engine.model.forecast import Forecast, Metric
from herd_engine.runs.exports.html_tiles import expected_point, tiles
from widgets.controls.plot import Plot
from widgets.page import Page
from widgets.view_models.studio import Studio
from widgets.views.markup import box, html, tag

Draw = Callable[[Forecast, str], tuple[Any, Table]]


def _fan(metric: Metric) -> Draw:
    return lambda forecast, language: (
        fan_chart(forecast, metric, language=language),
        fan_chart_table(forecast, metric, language),
    )


CHARTS: dict[str, Draw] = {
    "milking": _fan(Metric.MILKING_COUNT),
    "events": lambda forecast, language: (
        events_by_month(forecast, language=language),
        events_table(forecast, language),
    ),
    "structure": lambda forecast, language: (
        herd_structure(forecast, language=language),
        herd_structure_table(forecast, language),
    ),
    "days": _fan(Metric.AVG_DAYS_IN_MILK),
}


def plot(page: Page, name: str) -> Plot:
    """Return an empty chart of one kind."""
    texts = {"table": page.texts.words.text("show_table"), "picture": page.texts.words.text("save_picture")}
    return Plot(name=name, kind=page.texts.words.text(f"section_{name}"), texts=texts)


def pictures(page: Page, studio: Studio) -> ipywidgets.Widget:
    """Return tiles and charts of what the studio shows."""
    tile_row, plots = html(css_class="herd-tiles"), {name: plot(page, name) for name in CHARTS}
    whole = box(
        [
            tile_row,
            plots["milking"],
            box([plots["events"], plots["structure"]], "herd-columns"),
            plots["days"],
        ],
        "herd-pictures",
    )

    drawn: list[Any] = []

    def draw() -> None:
        """Draw a forecast once: what stands around it changes more often, and figures are dear."""
        forecast, is_partial = studio.forecast, studio.run_panel.is_active
        line = None if forecast is None else studio.at_once(forecast)
        before, drawn[:] = list(drawn), [forecast, is_partial, line]
        if before and all(new is old for new, old in zip(drawn, before, strict=True)):
            return
        whole.layout.display = "none" if forecast is None else None
        if forecast is None:
            return
        if line is not None:
            _draw_at_once(page, plots["milking"], forecast, line)
            return
        plots["milking"].show(*CHARTS["milking"](forecast, page.texts.language))
        if not is_partial:
            tile_row.value = _tiles(page, forecast)
            _draw_rest(page, plots, forecast)

    page.draw_on(studio.shown, draw)
    return whole


def _draw_at_once(page: Page, plot: Plot, forecast: Forecast, line: Any) -> None:
    """Draw what follows a control while it moves; all else waits for the new forecast."""
    metric, language = Metric.MILKING_COUNT, page.texts.language
    figure = fan_at_once(forecast, metric, line, language=language)
    plot.show(figure, fan_at_once_table(forecast, metric, line, language))


def _draw_rest(page: Page, plots: dict[str, Plot], forecast: Forecast) -> None:
    """Draw what the runner does not tell while it works; what stands side by side is equally high."""
    drawn = {name: CHARTS[name](forecast, page.texts.language) for name in ("events", "structure", "days")}
    drawn["structure"][0].update_layout(height=drawn["events"][0].layout.height)
    for name, (figure, twin) in drawn.items():
        plots[name].show(figure, twin)


def _tiles(page: Page, forecast: Forecast) -> str:
    words = page.texts.words
    day = words.day(forecast.dates[expected_point(forecast)])
    return tag("h2", words.text("expected", day=day)) + f'<ul class="tiles">{tiles(forecast, words)}</ul>'
