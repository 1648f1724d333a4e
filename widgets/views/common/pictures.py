"""A forecast in pictures: tiles, charts, tables, and the files to take along."""

from datetime import date, datetime
from typing import Any

import ipywidgets

from herd_engine.model.forecast import Forecast, Metric
from herd_engine.presentation.charts import (
    Chart,
    MarkedLevel,
    fan_at_once,
    mark_past,
)
from herd_engine.presentation.outlook_charts import CHARTS, level, outlook_chart
from herd_engine.presentation.tiles import expected_point, tiles
from widgets.controls.plot import Plot
from widgets.page import Page
from widgets.view_models.studio import Studio
from widgets.views.common.floor_panel import floor_panel, hear_clicks, marked
from widgets.views.common.markup import box, html, tag


def drawn(page: Page, name: str, forecast: Forecast, marked: MarkedLevel | None = None) -> Chart:
    """Return a chart of a forecast, on which the months that are over are drawn as past.

    A level that must not be crossed is marked on the chart of milking cows alone.
    """
    chart = outlook_chart(name, forecast, page.texts.language, marked)
    mark_past(chart.figure, forecast.dates, today(), page.texts.language)
    return chart


def today() -> date:
    """Return the day of this machine."""
    return datetime.now().astimezone().date()


def plot(page: Page, name: str) -> Plot:
    """Return an empty chart of one kind."""
    texts = {"table": page.texts.words.text("show_table"), "picture": page.texts.words.text("save_picture")}
    return Plot(name=name, kind=page.texts.words.text(f"section_{name}"), texts=texts)


def pictures(page: Page, studio: Studio) -> ipywidgets.Widget:
    """Return tiles and charts of what the studio shows, and the floor below that of milking cows."""
    tile_row, plots = html(css_class="herd-tiles"), {name: plot(page, name) for name in CHARTS}
    hear_clicks(page, plots["milking"], studio.floor)
    whole = box(
        [
            tile_row,
            plots["milking"],
            floor_panel(page, studio.floor, lambda: studio.forecast, studio.shown),
            box([plots["events"], plots["structure"]], "herd-columns"),
            plots["days"],
        ],
        "herd-pictures",
    )

    shown: list[Any] = []
    on_milking: list[Any] = []

    def draw() -> None:
        """Draw a forecast once: what stands around it changes more often, and figures are dear."""
        forecast, is_partial = studio.forecast, studio.run_panel.is_active
        line = None if forecast is None else studio.at_once(forecast)
        before, shown[:] = list(shown), [forecast, is_partial, line]
        if before and all(new is old for new, old in zip(shown, before, strict=True)):
            return
        whole.layout.display = "none" if forecast is None else None
        if forecast is None:
            return
        draw_milking()
        if line is None and not is_partial:
            tile_row.value = _tiles(page, forecast)
            _draw_rest(page, plots, forecast)

    def draw_milking() -> None:
        """Draw what a chosen floor is marked on; as it is drawn already, it stays."""
        forecast, _, line = shown or (None, None, None)
        if forecast is None:
            return
        level = marked(page, studio.floor, forecast, today())
        if on_milking and on_milking[0] is forecast and on_milking[1] is line and on_milking[2] == level:
            return
        on_milking[:] = [forecast, line, level]
        if line is None:
            plots["milking"].show(drawn(page, "milking", forecast, level))
        else:
            _draw_at_once(page, plots["milking"], forecast, line, level)

    page.draw_on(studio.shown, draw)
    page.draw_on(studio.floor.changed, draw_milking)
    return whole


def _draw_at_once(page: Page, plot: Plot, forecast: Forecast, line: Any, level: MarkedLevel | None) -> None:
    """Draw what follows a control while it moves; all else waits for the new forecast."""
    metric, language = Metric.MILKING_COUNT, page.texts.language
    chart = fan_at_once(forecast, metric, line, language=language, marked=level)
    mark_past(chart.figure, forecast.dates, today(), language)
    plot.show(chart)


def _draw_rest(page: Page, plots: dict[str, Plot], forecast: Forecast) -> None:
    """Draw what the runner does not tell while it works; what stands side by side is equally high."""
    made = {name: drawn(page, name, forecast) for name in ("events", "structure", "days")}
    level(made["structure"], made["events"])
    for name, chart in made.items():
        plots[name].show(chart)


def _tiles(page: Page, forecast: Forecast) -> str:
    words = page.texts.words
    day = words.day(forecast.dates[expected_point(forecast)])
    return tag("h2", words.text("expected", day=day)) + f'<ul class="tiles">{tiles(forecast, words)}</ul>'
