"""One sentence made from the numbers of a forecast."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from herd_engine.i18n.wording import wording
from herd_engine.model.forecast import EVENTS, Forecast, Metric
from herd_engine.model.left_out import losses

SMALL_SHARE = 0.02
"""A median that moves by less than this share of where it starts has not moved; our choice."""
LATE_SHARE = 0.75
"""A turn this late in the horizon is not worth words if the level then holds; our choice."""

MOST_GROWTH = 1.1
"""A herd that has grown beyond this share of today's cows needs places that it may not have."""


def headline(forecast: Forecast, language: str = "en") -> str:
    """Return what becomes of the milking cows, with bands, and how many purchases that takes.

    Examples
    --------
    *Milking cows fall from 1,277 to 1,118 (1,062–1,171) by Aug 2026, then recover to 1,210
    (1,130–1,280) by Mar 2029; purchases until then: 34.*

    Where rows of the herd file could not be used, the sentence goes on with how many and why.
    """
    words = wording(language)
    sentence = finding(forecast, Metric.MILKING_COUNT, language, with_bands=True)
    purchases = round(float(np.nansum(forecast.series[Metric.PURCHASES_IN].mean)))
    if purchases:
        sentence += words.text("story_purchases", count=words.number(purchases))
    return " ".join(filter(None, (f"{sentence}.", left_out(forecast.meta.excluded, language))))


def left_out(excluded: Mapping[str, int], language: str = "en") -> str:
    """Return how many rows of a file are wrong and left out, and why, most first; nothing without any."""
    words, lost = wording(language), losses(excluded)
    if not lost:
        return ""
    reasons = ", ".join(words.text(f"excluded_{reason}", count=words.number(n)) for reason, n in lost.items())
    return words.text("story_left_out", count=words.number(sum(lost.values())), reasons=reasons)


def growth(forecast: Forecast, language: str = "en") -> str:
    """Return that the cows outgrow today's by more than a tenth, when most of all; nothing where they do not.

    Cows are milking and dry: the means of the two add up to the mean of both, their medians would not.
    """
    words = wording(language)
    cows = forecast.series[Metric.MILKING_COUNT].mean + forecast.series[Metric.DRY_COUNT].mean
    now, point = float(cows[0]), int(np.argmax(cows))
    most = float(cows[point])
    if not now or most <= MOST_GROWTH * now:
        return ""
    return words.text(
        "story_growth",
        now=words.number(now),
        most=words.number(most),
        month=words.by_month(forecast.dates[point]),
        percent=words.number(100 * (most / now - 1)),
    )


def finding(forecast: Forecast, metric: Metric, language: str = "en", *, with_bands: bool = False) -> str:
    """Return how the median of a metric moves: where it starts, where it turns, where it ends.

    Parameters
    ----------
    forecast : Forecast
    metric : Metric
        A count, or the days in milk.
    language : str
        ``en`` or ``ru``.
    with_bands : bool
        Whether every number but the first is followed by its band.

    Returns
    -------
    str
        A sentence without a full stop.
    """
    words = wording(language)
    medians = forecast.series[metric].p50
    known = _comparable(forecast, metric)
    if not medians[known].any():
        return words.text(
            "story_none",
            metric=words.metric(metric, "name"),
            start_day=words.day(forecast.dates[0]),
            end_month=words.by_month(forecast.dates[-1]),
        )
    start, end = int(known[0]), int(known[-1])
    turn = int(known[np.argmax(np.abs(medians[known] - medians[start]))])

    def written(point: int) -> str:
        return words.with_band(forecast, metric, point) if with_bands else words.number(float(medians[point]))

    is_late = turn > LATE_SHARE * end
    course = _course(medians[start], medians[turn], medians[end], is_late=is_late)
    if course == "fall_recover" and metric is not Metric.MILKING_COUNT:
        course = "fall_beyond"  # more milking cows is better; more of the rest is just more
    return words.text(
        f"story_{course}",
        subject=words.metric(metric, "subject"),
        start=words.number(float(medians[start])),
        turn=written(turn),
        turn_month=words.by_month(forecast.dates[turn]),
        end=written(end),
        end_month=words.by_month(forecast.dates[end]),
    )


def _comparable(forecast: Forecast, metric: Metric) -> NDArray[np.int64]:
    """Return the points where a metric is known; of events those of whole periods, if there is any."""
    known = np.flatnonzero(~np.isnan(forecast.series[metric].p50))
    whole = known if metric not in EVENTS else known[[not forecast.is_partial(int(p)) for p in known]]
    return whole if len(whole) else known


def _course(start: float, turn: float, end: float, *, is_late: bool) -> str:
    """Name the course from ``start`` over its farthest value ``turn`` to ``end``."""
    small = max(1.0, SMALL_SHARE * start)
    if abs(turn - start) < small:
        return "stay"
    first = "fall" if turn < start else "rise"
    if abs(end - turn) < small:
        return first if is_late else f"{first}_hold"
    is_beyond = abs(end - start) >= small and (end > start) == (first == "fall")
    return f"{first}_beyond" if is_beyond else f"{first}_recover"
