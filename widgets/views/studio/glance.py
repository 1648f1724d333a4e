"""The milking cows in small, which stay in sight on a phone while the plan is changed."""

from html import escape

import ipywidgets
import numpy as np
from numpy.typing import NDArray

from herd_engine.model.forecast import Forecast, Metric
from widgets.page import Page
from widgets.view_models.studio import Studio
from widgets.views.common.markup import html, tag

WIDTH, HEIGHT = 100.0, 40.0


def glance(page: Page, studio: Studio) -> ipywidgets.Widget:
    """Return the picture; seen on narrow screens alone."""
    content = html(css_class="herd-glance")

    def draw() -> None:
        forecast = studio.forecast
        content.layout.display = "none" if forecast is None else None
        if forecast is not None:
            content.value = _picture(page, forecast, studio.at_once(forecast))

    page.draw_on(studio.shown, draw)
    return content


def _picture(page: Page, forecast: Forecast, line: NDArray[np.float64] | None) -> str:
    words, metric = page.texts.words, Metric.MILKING_COUNT
    series = forecast.series[metric]
    end = words.with_band(forecast, metric, -1) if line is None else words.number(float(line[-1]))
    told = tag("p", f"{words.metric(metric, 'name')}, {words.month(forecast.dates[-1])}", "herd-note")
    levels = [series.p_low, series.p_high, series.p50 if line is None else line]
    known = np.concatenate(levels)
    if np.isnan(known).all():
        return told
    low, high, middle = (_points(level, known) for level in levels)
    return (
        f"{told}<p><b>{escape(end)}</b></p>"
        f'<svg viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" preserveAspectRatio="none" aria-hidden="true">'
        f'<polygon points="{" ".join([*low, *reversed(high)])}" fill="var(--{metric})" opacity="0.2"/>'
        f'<polyline points="{" ".join(middle)}" fill="none" stroke="var(--{metric})" stroke-width="2"'
        ' vector-effect="non-scaling-stroke"/></svg>'
    )


def _points(level: NDArray[np.float64], known: NDArray[np.float64]) -> list[str]:
    bottom, top = float(np.nanmin(known)), float(np.nanmax(known))
    across = np.linspace(0, WIDTH, len(level))
    heights = HEIGHT * (1 - (level - bottom) / max(top - bottom, 1.0))
    return [f"{x:.1f},{y:.1f}" for x, y in zip(across, heights, strict=True) if not np.isnan(y)]
