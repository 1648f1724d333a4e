"""How exits vary in time beyond chance: seasons, months by the lorry, years."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, gammaln

from herd_engine.calibration.exposure import (
    DAYS_PER_YEAR,
    N_KINDS,
    AtRisk,
    Cells,
    cells_at_end,
    exposure_days,
    kinds_of_exits,
)
from herd_engine.calibration.priors import (
    EXITS_OF_A_SEASON,
    MONTH_SD,
    YEAR_FREEDOM,
    YEAR_VARIANCE,
)
from herd_engine.model.animals import AnimalRecords
from herd_engine.model.farm_calendar import calendar_months

Numbers = NDArray[np.float64]

VARIANCES = 32
"""Equally likely values that stand for what is known of the variance of months, and of years."""
_QUANTILES = (np.arange(VARIANCES) + 0.5) / VARIANCES
_SD_GRID = np.geomspace(0.01, 3.5, 48)
_LEVEL_GRID = np.linspace(-4.0, 4.0, 25)
"""Standard deviations of the level."""
_FEWEST_EXITS_OF_A_HALF = 10.0
_HARDLY_ANY = 1e-6
"""Exits expected of a month that tells nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Months:
    """How exits vary in time, by kind.

    Attributes
    ----------
    season : ndarray of float64, shape (kinds, 12)
        Factor by calendar month.
    variance : ndarray of float64, shape (kinds, VARIANCES)
        Of the factor common to a kind's exits in a month: equally likely values.
    year_variance : ndarray of float64, shape (kinds, VARIANCES)
        Of the factor by which the years to come may differ from those of the file, likewise.
    """

    season: Numbers
    variance: Numbers
    year_variance: Numbers


def fit_months(records: AnimalRecords, risk: AtRisk, rates: Cells) -> Months:
    """Compare the exits of each month with those expected of the animals that were there.

    Parameters
    ----------
    records : AnimalRecords
    risk : AtRisk
    rates : ndarray of float64, shape (groups, 2, bands)
        Yearly.
    """
    season = np.ones((N_KINDS, 12))
    variance = np.tile(month_variances(np.zeros(1), np.full(1, _HARDLY_ANY)), (N_KINDS, 1))
    years = np.tile(year_variances(np.zeros(0), np.zeros(0), 0.0, 0.0), (N_KINDS, 1))
    if risk.first_day >= 0:
        return Months(season=season, variance=variance, year_variance=years)
    month = calendar_months(records.report_date, risk.first_day, 1 - risk.first_day)
    begins = np.flatnonzero(np.diff(month, prepend=-1))
    firsts = begins + risk.first_day
    lasts = np.append(firsts[1:] - 1, 0)
    calendar, kinds = month[begins], kinds_of_exits()
    days, kind_of_exit = risk.end[risk.leaves], kinds[cells_at_end(risk, risk.leaves)]
    pairs = zip(firsts, lasts, strict=True)
    at_risk = np.array([exposure_days(risk, int(first), int(last)) for first, last in pairs])
    likely = at_risk * rates / DAYS_PER_YEAR
    for kind in range(N_KINDS):
        observed = np.histogram(days[kind_of_exit == kind], np.append(firsts, 1))[0].astype(np.float64)
        expected = likely[:, kinds == kind].sum(axis=1)
        if expected.any():
            worth = 1 / (1 + month_variances(observed, expected).mean() * expected)
            season[kind] = _season(calendar, observed * worth, expected * worth)
            others = _season_of_others(calendar, observed * worth, expected * worth)
            variance[kind] = month_variances(observed, expected * others)
            n_years = -risk.first_day / DAYS_PER_YEAR
            years[kind] = year_variances(observed, expected, float(variance[kind].mean()), n_years)
    return Months(season=season, variance=variance, year_variance=years)


def _season(calendar: NDArray[np.int64], observed: Numbers, expected: Numbers) -> Numbers:
    """Shrink observed over expected, by what months that vary anyway are worth, towards 1."""
    left = np.bincount(calendar, weights=observed, minlength=12)
    likely = np.bincount(calendar, weights=expected, minlength=12)
    factor: Numbers = (left + EXITS_OF_A_SEASON) / (likely + EXITS_OF_A_SEASON)
    mean: float = factor.mean()
    return factor / mean


def _season_of_others(calendar: NDArray[np.int64], observed: Numbers, expected: Numbers) -> Numbers:
    """Return each month's factor as other years tell it: its own exits would hide how much it varies."""
    left = np.bincount(calendar, weights=observed, minlength=12)[calendar] - observed
    likely = np.bincount(calendar, weights=expected, minlength=12)[calendar] - expected
    factor: Numbers = (left + EXITS_OF_A_SEASON) / (likely + EXITS_OF_A_SEASON)
    return factor


def month_variances(observed: Numbers, expected: Numbers, usual_sd: float = MONTH_SD) -> Numbers:
    """Return equally likely values of the variance of a month's common factor, shape (VARIANCES,).

    Parameters
    ----------
    observed, expected : ndarray of float64, shape (months,)
        Events; some are expected.
    usual_sd : float
        Half of all farms and kinds vary less.

    Notes
    -----
    Given the factor, a month's events are Poisson; the factor is gamma, its level log-normal about what is
    expected (a standard deviation of 1, which some exits outweigh). Few months, or
    few events in each, say little of how much they vary: then the prior speaks, a half-Cauchy of the
    standard deviation [1]_. Moments would come out a third too small, and be taken as certain.

    References
    ----------
    .. [1] Gelman, A. (2006). Prior distributions for variance parameters in hierarchical models. Bayesian
       Anal. 1, 515-534. https://doi.org/10.1214/06-BA117A
    """
    variance = _SD_GRID**2
    known = expected > 0
    n, m = observed[known], expected[known]
    spread = np.sqrt(variance / len(m) + 1 / (m.sum() + 1))
    log_level = (spread[:, np.newaxis] * _LEVEL_GRID)[:, :, np.newaxis]
    mean = np.exp(log_level) * m
    shape = 1 / variance[:, np.newaxis, np.newaxis]
    fits = gammaln(n + shape) - gammaln(shape) - shape * np.log1p(mean / shape)
    fits = (fits + n * np.log(mean / (shape + mean))).sum(axis=2) - log_level[:, :, 0] ** 2 / 2
    likelihood = np.exp(fits - fits.max()).sum(axis=1) * spread
    weight = likelihood * _SD_GRID / (1 + (_SD_GRID / usual_sd) ** 2)
    share = (np.cumsum(weight) - weight / 2) / weight.sum()
    sd: Numbers = np.interp(_QUANTILES, share, _SD_GRID)
    return sd**2


def year_variances(observed: Numbers, expected: Numbers, variance: float, n_years: float) -> Numbers:
    """Return equally likely values of the variance between the years to come and those of the file.

    Parameters
    ----------
    observed, expected : ndarray of float64, shape (months,)
        Exits.
    variance : float
        Of months.
    n_years : float
        Of the file.

    Notes
    -----
    Farms change their mind from year to year: how much is told by the two halves of the file, beyond what
    chance and single months make them differ, together with what is usual. One difference is little
    evidence, so it counts as one against the prior's degrees of freedom, and what follows is known no better
    than by so many: a scaled inverse chi-square. The years of the file are as peculiar as those to come, and
    their mean is off by a share of it.
    """
    halves = [slice(None, len(expected) // 2), slice(len(expected) // 2, None)]
    likely = [float(expected[half].sum()) for half in halves]
    freedom, between = YEAR_FREEDOM, YEAR_VARIANCE
    if min(likely) >= _FEWEST_EXITS_OF_A_HALF:
        first, second = (float(observed[half].sum()) / n for half, n in zip(halves, likely, strict=True))
        chance = sum(1 / n for n in likely) + 4 * variance / len(expected)
        difference = max(0.0, ((first - second) ** 2 - chance) / 2)
        freedom = YEAR_FREEDOM + 1
        between = (YEAR_FREEDOM * YEAR_VARIANCE + difference) / freedom
    chi_square = 2 * gammaincinv(np.full(VARIANCES, freedom / 2), _QUANTILES)
    values: Numbers = between * (1 + 1 / max(n_years, 1.0)) * freedom / chi_square
    return values
