"""The rates of each replicate in the calibrated mode: what is not known of the farm, and months of luck.

Two replicates share one draw of the parameters (0 and 1, 2 and 3, …). What the two have in common is due to
the parameters, what sets them apart to chance: so the spread of a forecast can be told apart into the two
without another simulation.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, ndtri

from herd_engine.engine.kernel.random_numbers import philox_uniforms

RUNS_PER_DRAW = 2
FLAGGED_GROUP, BOUGHT_GROUP = 6, 8
"""Groups of ``ReplicateRates.exits``: 0 heifers, 1 … 5 cows by lactation, 6 and 7 flagged heifers and cows, 8
bought heifers: a farm does not sell what it has just bought."""
_N_GROUPS = 9
OWN, MEAN, MEAN_PER_OWN, OWN_PER_MEAN = 0, 1, 2, 3
"""Rows of ``ReplicateRates.conception``."""
_PARAMETERS, _MONTHS, _PACE = 1, 2, 3
"""Purposes of the numbers."""
_DAYS_PER_YEAR, _MONTHS_PER_YEAR = 365.25, 12

Numbers = NDArray[np.float64]


class ReplicateRates(NamedTuple):
    """Rates of consecutive replicates; the kernel sees those of one at a time, without the first axis.

    Attributes
    ----------
    exits : ndarray of float64, shape (replicates, groups, 2, bands)
        Daily rate of leaving; open or confirmed pregnant.
    season : ndarray of float64, shape (replicates, kinds, last_day + 1)
        Sum of the factors of the days 1 … t, by kind of exits.
    conception : ndarray of float64, shape (replicates, 4, 4, CYCLES)
        By cycle: where its hazard of conception begins, on this replicate's own running sum (``OWN``) and on
        that of the means (``MEAN``); and by how much the one grows with the other (``MEAN_PER_OWN``,
        ``OWN_PER_MEAN``).
    pace : ndarray of float64, shape (replicates, 2, months)
        Factor of the hazard of conception in each month, heifers and cows.
    hidden : ndarray of float64, shape (replicates, 2)
        Factor of the odds that an unconfirmed animal is pregnant.
    calf : ndarray of float64, shape (replicates, 2)
        Factor of the probability of a heifer calf: conceived by the report date, later.
    """

    exits: Numbers
    season: Numbers
    conception: Numbers
    pace: Numbers
    hidden: Numbers
    calf: Numbers


class Posterior(NamedTuple):
    """What replicates draw their rates from.

    Attributes
    ----------
    shape, years, flagged_shape, flagged_years, month_variance, heifer_death_share
        As in ``ExitRates``.
    level_variance : ndarray of float64
        Of the factor of all exits of a kind: what single months leave open, and what years to come may bring;
        equally likely values, shape (kinds, values).
    events, pace_variance, pace_months, hidden_log_odds_sd
        As in ``Conceptions``.
    before_cycle : ndarray of float64, shape (4, CYCLES)
        Mean hazard of conception summed up before each cycle; 0 before the first.
    calf_variance : ndarray of float64, shape (2,)
        Of the factor of the heifer calves per calving: (1 - p) / (p n) of n calvings; conceived by the report
        date, later.
    is_uncertain : bool
        As in ``Calibrated``.
    daily_season : ndarray of float64, shape (kinds, last_day)
        Expected factor of each day.
    month_of_day : ndarray of int64, shape (last_day,)
        0 for the month of day 1, and so on.
    kinds : ndarray of int64, shape (groups, 2, bands)
        As in ``Hazards``.
    """

    shape: Numbers
    years: Numbers
    flagged_shape: Numbers
    flagged_years: Numbers
    month_variance: Numbers
    level_variance: Numbers
    heifer_death_share: Numbers
    events: Numbers
    before_cycle: Numbers
    pace_variance: Numbers
    pace_months: Numbers
    hidden_log_odds_sd: Numbers
    calf_variance: Numbers
    is_uncertain: bool
    daily_season: Numbers
    month_of_day: NDArray[np.int64]
    kinds: NDArray[np.int64]


def no_posterior() -> Posterior:
    """Return what the other modes have in its place: the kernel, which does not read it, wants its types."""
    cells, few = np.zeros((0, 2, 0)), np.zeros(0)
    return Posterior(
        shape=cells,
        years=cells,
        flagged_shape=few,
        flagged_years=few,
        month_variance=np.zeros((0, 0)),
        level_variance=np.zeros((0, 0)),
        heifer_death_share=few,
        events=np.zeros((0, 0)),
        before_cycle=np.zeros((0, 0)),
        pace_variance=np.zeros((0, 0)),
        pace_months=few,
        hidden_log_odds_sd=few,
        calf_variance=np.zeros(2),
        is_uncertain=False,
        daily_season=np.zeros((0, 0)),
        month_of_day=np.zeros(0, np.int64),
        kinds=np.zeros((0, 2, 0), np.int64),
    )


def no_rates() -> ReplicateRates:
    """Return what the other modes hand to the kernel, which does not read it."""
    return ReplicateRates(
        exits=np.zeros((1, 1, 2, 1)),
        season=np.zeros((1, 1, 1)),
        conception=np.zeros((1, 4, 4, 1)),
        pace=np.zeros((1, 2, 1)),
        hidden=np.zeros((1, 2)),
        calf=np.ones((1, 2)),
    )


def run_rates(posterior: Posterior, seed: int, replicates: range) -> ReplicateRates:
    """Draw the rates of some replicates; those of one are the same whichever others are drawn with it."""
    numbers = np.arange(replicates.start, replicates.stop, dtype=np.uint64)
    draws, own = np.unique(numbers // np.uint64(RUNS_PER_DRAW), return_inverse=True)
    known, cells = not posterior.is_uncertain, posterior.shape.size
    kinds = len(posterior.month_variance)
    sizes = np.cumsum([cells, 2, kinds, posterior.events.size, 2, 1, kinds, kinds, 2])
    u = philox_uniforms(draws, int(sizes[-1]) + 2, seed, _PARAMETERS)
    cell, flag, kind, cycle, hidden, calf, months, years, varies, pace = np.split(u, sizes, axis=1)
    rate = _gamma(cell.reshape(-1, *posterior.shape.shape), posterior.shape, posterior.years, known=known)
    exits = np.zeros((len(draws), _N_GROUPS, *posterior.shape.shape[1:]))
    exits[:, :FLAGGED_GROUP] = rate
    flagged = _gamma(flag, posterior.flagged_shape, posterior.flagged_years, known=known)
    exits[:, FLAGGED_GROUP:BOUGHT_GROUP] = flagged[:, :, np.newaxis, np.newaxis]
    exits[:, BOUGHT_GROUP] = rate[:, 0] * posterior.heifer_death_share
    level = _factor(kind, _one_of(posterior.level_variance, years, known=known), known=known)
    month_variance = _one_of(posterior.month_variance, months, known=known)
    odds = np.exp(ndtri(hidden) * posterior.hidden_log_odds_sd)
    pace_variance = _one_of(posterior.pace_variance, varies, known=known)
    pace_level = _factor(pace, pace_variance / posterior.pace_months, known=known)
    by_cell = (each[:, posterior.kinds] for each in (level, month_variance))
    return ReplicateRates(
        exits=(_rate_behind(exits, *by_cell) / _DAYS_PER_YEAR)[own],
        season=_seasons(posterior, seed, numbers, level[own], month_variance[own]),
        conception=_conceptions(posterior, cycle)[own],
        pace=_pace(posterior, seed, numbers, pace_level[own], pace_variance[own]),
        hidden=(np.ones_like(odds) if known else odds)[own],
        calf=_factor(np.repeat(calf, 2, axis=1), posterior.calf_variance, known=known)[own],
    )


def _rate_behind(observed: Numbers, level: Numbers, variance: Numbers) -> Numbers:
    """Return the yearly rate that a month's luck multiplies, so that as many leave as were observed.

    Nobody leaves twice: a month that takes three times as many takes them from those that are there, and one
    that takes none takes none. Of those at a rate h that luck of variance v multiplies, (1 + v h)^(-1/v) are
    still there after the month (the Laplace transform of the gamma distribution); exp(-h) shall be.
    """
    hazard = observed * level / _MONTHS_PER_YEAR * variance
    rate: Numbers = observed * np.expm1(hazard) / np.where(hazard > 0, hazard, 1.0)
    return np.where(hazard > 0, rate, observed)


def _one_of(values: Numbers, u: Numbers, *, known: bool) -> Numbers:
    """Pick one of equally likely values, shape (kinds, values), or their mean; shape (draws, kinds)."""
    if known:
        return np.broadcast_to(values.mean(axis=1), u.shape)
    picked: Numbers = values[np.arange(len(values)), (u * values.shape[1]).astype(np.intp)]
    return picked


def _conceptions(posterior: Posterior, u: Numbers) -> Numbers:
    """Draw a factor for each cycle's hazard, from ``u`` of shape (draws, 4 * CYCLES)."""
    mean, known = posterior.before_cycle, not posterior.is_uncertain
    factor = _factor(u.reshape(-1, *mean.shape), 1 / posterior.events, known=known)
    own = np.cumsum(factor[:, :, :-1] * np.diff(mean), axis=2)
    own = np.pad(own, ((0, 0), (0, 0), (1, 0)))
    return np.stack([own, np.broadcast_to(mean, own.shape), 1 / factor, factor], axis=2)


def _seasons(
    posterior: Posterior, seed: int, numbers: NDArray[np.uint64], level: Numbers, variance: Numbers
) -> Numbers:
    """Return the running sums of the days' factors, shape (replicates, kinds, last_day + 1)."""
    months, kinds = int(posterior.month_of_day[-1]) + 1, len(posterior.month_variance)
    u = philox_uniforms(numbers, kinds * months, seed, _MONTHS).reshape(-1, kinds, months)
    luck = _factor(u, variance[:, :, np.newaxis], known=False)
    daily = posterior.daily_season * (luck * level[:, :, np.newaxis])[:, :, posterior.month_of_day]
    return np.pad(np.cumsum(daily, axis=2), ((0, 0), (0, 0), (1, 0)))


def _pace(
    posterior: Posterior, seed: int, numbers: NDArray[np.uint64], level: Numbers, variance: Numbers
) -> Numbers:
    """Draw the luck of each month about a level, shape (replicates, 2, months): log-normal, for speed."""
    months = int(posterior.month_of_day[-1]) + 1
    u = philox_uniforms(numbers, 2 * months, seed, _PACE).reshape(-1, 2, months)
    spread = np.log1p(variance)[:, :, np.newaxis]
    pace: Numbers = level[:, :, np.newaxis] * np.exp(ndtri(u) * np.sqrt(spread) - spread / 2)
    return pace


def _gamma(u: Numbers, shape: Numbers, years: Numbers, *, known: bool) -> Numbers:
    """Return Gamma(shape, years) by inversion, or its mean."""
    if known:
        return np.broadcast_to(shape / years, u.shape)
    values: Numbers = gammaincinv(shape, u) / years
    return values


def _factor(u: Numbers, variance: Numbers, *, known: bool) -> Numbers:
    """Return a gamma factor with mean 1, or 1."""
    if known:
        return np.ones(u.shape)
    shape = 1 / np.maximum(variance, 1e-9)
    return np.where(variance > 0, gammaincinv(shape, u) / shape, 1.0)
