"""The few numbers that a reader wants first."""

from html import escape

import numpy as np
from numpy.typing import NDArray

from herd_engine.charts.table import LEVELS
from herd_engine.i18n.wording import Wording
from herd_engine.model.exits import exits
from herd_engine.model.forecast import Forecast, Metric
from herd_engine.model.usual import UsualRange, usual_level

A_YEAR_MONTHS = 12
LINES = ("band", "change")


def expected_point(forecast: Forecast) -> int:
    """Return the point that tiles speak of: the scenario's date, else a year ahead or the last one."""
    wanted = forecast.meta.scenario.future_date
    if wanted in forecast.dates:
        return forecast.dates.index(wanted)
    return min(A_YEAR_MONTHS, len(forecast.dates) - 1)


def tiles(forecast: Forecast, words: Wording) -> str:
    """Return a tile for every count, the days in milk and all that leave the herd."""
    point = expected_point(forecast)
    level_tiles = [_level_tile(forecast, metric, point, words) for metric in LEVELS]
    return "".join([*level_tiles, _culls_tile(forecast, point, words)])


def _level_tile(forecast: Forecast, metric: Metric, point: int, words: Wording) -> str:
    now, then = (forecast.value(metric, "p50", p) for p in (0, point))
    change = ""
    if now is not None and then is not None:
        change = words.text(
            "tile_change", change=words.change(round(then) - round(now)), now=words.number(now)
        )
    return tile(
        metric,
        words,
        number=words.number(then),
        lines=(words.band(forecast, metric, point), change),
        trend=forecast.series[metric].p50,
        usual=usual_html(then, usual_of(metric, forecast), words),
    )


def usual_of(metric: Metric, forecast: Forecast) -> UsualRange | None:
    """Return the usual range of a level, for as many cows as there are today: no plan moves it."""
    cows = (forecast.value(group, "p50", 0) for group in (Metric.MILKING_COUNT, Metric.DRY_COUNT))
    milking, dry = (count or 0.0 for count in cows)
    return usual_level(metric, milking, dry)


def usual_html(value: float | None, usual: UsualRange | None, words: Wording, digits: int = 0) -> str:
    """Return the usual range in words, and as a thin bar with a mark where the value is."""
    if value is None or usual is None or usual.high <= usual.low:
        return ""
    width = usual.high - usual.low
    start, end = max(usual.low - width, 0.0), usual.high + width
    left, right, place = (
        100 * (min(max(edge, start), end) - start) / (end - start) for edge in (usual.low, usual.high, value)
    )
    text = words.text("usual", low=words.number(usual.low, digits), high=words.number(usual.high, digits))
    return (
        f'<p class="change">{escape(text)}</p><span class="range" aria-hidden="true">'
        f'<span style="left: {left:.0f}%; width: {right - left:.0f}%"></span>'
        f'<b style="left: {place:.0f}%"></b></span>'
    )


def _culls_tile(forecast: Forecast, point: int, words: Wording) -> str:
    means, left = forecast.series[Metric.CULLS].mean, exits(forecast)
    total, cows = (float(np.nansum(each[1 : point + 1])) for each in (means, left.cows))
    apart = words.text("tile_culls_apart", cows=words.number(cows), young=words.number(total - cows))
    return tile(
        Metric.CULLS,
        words,
        number=words.number(total),
        lines=(words.text("tile_culls_unit"), apart),
        trend=means,
    )


def tile(
    metric: Metric,
    words: Wording,
    *,
    number: str,
    lines: tuple[str, str],
    trend: NDArray[np.float64],
    usual: str = "",
) -> str:
    """Return a tile: its number, a line above the trend and a line below it, the usual range."""
    name, unit, definition = (escape(words.metric(metric, what)) for what in ("name", "unit", "definition"))
    if usual:
        definition += " " + escape(words.text(f"usual_{metric}"))
    above, below = (f'<p class="{c}">{escape(x)}</p>' if x else "" for c, x in zip(LINES, lines, strict=True))
    return (
        f'<li class="tile" tabindex="0" aria-describedby="about-{metric}"><h3>{name}</h3>'
        f'<p class="big">{escape(number)} <small>{unit}</small></p>'
        f"{above}{_trend(metric, trend)}{below}{usual}"
        f'<p class="definition" role="tooltip" id="about-{metric}">{definition}</p></li>'
    )


def _trend(metric: Metric, values: NDArray[np.float64]) -> str:
    """Return a small line over the whole horizon, without axes."""
    known = values[~np.isnan(values)]
    if not known.size:
        return ""
    across = np.linspace(0, 100, known.size)
    heights = 26 - 24 * (known - known.min()) / max(float(np.ptp(known)), 1.0)
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, heights, strict=True))
    return (
        '<svg viewBox="0 0 100 28" preserveAspectRatio="none" aria-hidden="true">'
        f'<polyline points="{points}" fill="none" stroke="var(--{metric})" stroke-width="2"'
        ' vector-effect="non-scaling-stroke"/></svg>'
    )
