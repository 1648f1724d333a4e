"""How far the numbers of a forecast would move with another seed, and why futures differ, in words."""

import numpy as np

from herd_engine.i18n.wording import wording
from herd_engine.model.forecast import Forecast, Metric

STANDARD_ERRORS = 2
"""Some 95 of 100 other seeds give a number within so many of them."""


A_YEAR_MONTHS = 12
FEWEST_RUNS_TO_SPLIT = 200
"""The standard error of a share is about one over the root of the pairs of replicates."""


def stability(forecast: Forecast, metric: Metric) -> float | None:
    """Return twice the largest Monte Carlo standard error of a metric's median and band in the last month.

    The one number that says how far another seed would move the numbers; ``convergence`` draws the same.

    Returns
    -------
    float or None
        In the metric's unit; None where it cannot be estimated: with one replicate, for example.
    """
    series = forecast.series[metric]
    errors = np.array([series.mcse_p_low[-1], series.mcse_p50[-1], series.mcse_p_high[-1]])
    known = errors[~np.isnan(errors)]
    return STANDARD_ERRORS * float(known.max()) if len(known) else None


def stability_sentence(forecast: Forecast, language: str = "en") -> str:
    """Return how sure the bands of the milking cows are, such as *stable to ±3 cows*."""
    words = wording(language)
    runs = words.number(forecast.meta.runs)
    apart = stability(forecast, Metric.MILKING_COUNT)
    if apart is None:
        return words.text("stability_unknown", runs=runs)
    month = words.by_month(forecast.dates[-1])
    return words.text("stability", cows=words.number(np.ceil(apart)), month=month, runs=runs)


def spread_sentence(forecast: Forecast, language: str = "en") -> str:
    """Return which share of the spread comes from not knowing the farm's rates, a year ahead; or nothing.

    Of milking cows and of mean days in milk; empty where the replicates do not draw their rates, or are too
    few to tell the two apart.
    """
    if forecast.meta.runs < FEWEST_RUNS_TO_SPLIT:
        return ""
    point = min(A_YEAR_MONTHS, len(forecast.dates) - 1)
    shares = [
        forecast.value(metric, "parameter_share", point)
        for metric in (Metric.MILKING_COUNT, Metric.AVG_DAYS_IN_MILK)
    ]
    if None in shares:
        return ""
    words = wording(language)
    milking, days = (words.number(100 * share) for share in shares if share is not None)
    return words.text("spread", day=words.day(forecast.dates[point]), milking=milking, days=days)
