"""Pregnancies that nobody has confirmed yet: how likely, by days since the insemination."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from herd_engine.calibration.habits import is_on_farm
from herd_engine.calibration.priors import CONCEPTION_RATE, SERVICES_OF_A_RATE
from herd_engine.model.animals import NO_DAY, AnimalRecords, Presence

FRESH_WEEKS = 3
"""No animal is inseminated again sooner: in these weeks the file shows every insemination."""
KNOWN_WEEKS = 16
"""Of confirmed pregnancies, from which the number of hidden ones is told."""
_MOST_DAYS = 70
_LAG_IS_KNOWN_TO_DAYS = 3
_FEWEST = 20
_PREGNANCIES_OF_A_SHARE, _LEAST_PACE = 5.0 / 7, 0.01
_FAILED_OF_A_SHARE, _USUAL_SHARE, _LEAST_SHARE = 50.0, 0.3, 0.02
"""Of failed inseminations, those not repeated a cycle later: 0.3 by usual service rates. They are told as
what is left of those that wait without the expected pregnancies, so n animals give a standard deviation of
about 1 / sqrt(n): 50 are worth one of 0.14, by which farms may differ (an assumption)."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class NowcastFit:
    """What the file tells of inseminations without a result; heifers, cows.

    Attributes
    ----------
    resolved_days : int
        After so many days nearly every insemination has a result.
    waiting : ndarray of float64, shape (2, days)
        Animals inseminated so many days ago, without a result.
    conception_rate : ndarray of float64, shape (2,)
        Pregnancies per insemination.
    probability : ndarray of float64, shape (2, days)
        That an animal that waits is pregnant.
    log_odds_sd : ndarray of float64, shape (2,)
    """

    resolved_days: int
    waiting: Numbers
    conception_rate: Numbers
    probability: Numbers
    log_odds_sd: Numbers


def resolved_days(records: AnimalRecords, confirmation_lag: int) -> int:
    """Return after how many days inseminations have a result: 97 % of those without are fresher."""
    waits = _waits(records) & (records.insemination > -_MOST_DAYS)
    if waits.sum() < _FEWEST:
        return confirmation_lag + 7
    days = int(np.quantile(-records.insemination[waits], 0.97))
    return int(np.clip(days, confirmation_lag + _LAG_IS_KNOWN_TO_DAYS, _MOST_DAYS))


def fit_nowcast(records: AnimalRecords, resolved: int, luck: Numbers) -> NowcastFit:
    """Estimate the probability that an inseminated animal without a result is pregnant.

    Parameters
    ----------
    records : AnimalRecords
    resolved : int
    luck : ndarray of float64, shape (2,)
        Variance of the factor by which these weeks may differ from those before.

    Notes
    -----
    Pregnancies begin at the pace of those that are confirmed, m a week. Of n animals inseminated
    in a recent week, m less those confirmed already are pregnant. Where inseminations are so recent that
    none was repeated, m / n is the conception rate; later, animals that did not conceive drop out of n as
    they are inseminated again. Checks fall on one day after an insemination, or one day of the week:
    what is confirmed is told by day.
    """
    weeks = resolved // 7 + 1
    is_cow = (records.lactation > 0).astype(np.int64)
    waits, pregnant = _waits(records), is_on_farm(records) & (records.conception != NO_DAY)
    waiting, confirmed, pace = np.zeros((3, 2, 7 * weeks))
    for kind in (0, 1):
        ago = -records.insemination[waits & (is_cow == kind)].astype(np.int64)
        waiting[kind] = np.bincount(ago[ago < 7 * weeks], minlength=7 * weeks)
        since = -records.conception[pregnant & (is_cow == kind)].astype(np.int64)
        confirmed[kind] = np.bincount(since[since < 7 * weeks], minlength=7 * weeks)
        known = since[(since > resolved) & (since <= resolved + 7 * KNOWN_WEEKS)]
        pace[kind] = np.tile(np.bincount(known % 7, minlength=7), weeks) / KNOWN_WEEKS
    hidden = _hidden_share(confirmed, pace)
    fresh = min(FRESH_WEEKS, weeks)
    rate, probability, sd = np.zeros(2), np.zeros((2, 7 * weeks)), np.zeros(2)
    for kind in (0, 1):
        served, known_pregnant = waiting[kind, : 7 * fresh].sum(), pace[kind, :7].sum() * KNOWN_WEEKS
        expected = min(pace[kind, :7].sum() * fresh, served)
        rate[kind] = (expected + CONCEPTION_RATE[kind] * SERVICES_OF_A_RATE) / (served + SERVICES_OF_A_RATE)
        probability[kind] = _probability(waiting[kind], hidden[kind], rate[kind], served / fresh)
        chance = 1 / (known_pregnant + SERVICES_OF_A_RATE / 2) + 1 / (served + SERVICES_OF_A_RATE)
        # Of the rate's logarithm, and of the logarithm of its odds.
        sd[kind] = np.sqrt(chance + luck[kind]) / (1 - rate[kind])
    return NowcastFit(
        resolved_days=resolved,
        waiting=waiting[:, : resolved + 1],
        conception_rate=rate,
        probability=probability[:, : resolved + 1],
        log_odds_sd=sd,
    )


def _hidden_share(confirmed: Numbers, pace: Numbers) -> Numbers:
    """Return the share of pregnancies that is not confirmed yet, shape (2, days); it can only fall.

    Heifers and cows are drawn to both together: a few heifers' pregnancies say little of the farm's checks.
    """
    of_both = np.maximum(pace.sum(axis=0), _LEAST_PACE)
    shown = 1 - _falling(1 - confirmed.sum(axis=0) / of_both, of_both)
    weight = pace + _PREGNANCIES_OF_A_SHARE
    share = 1 - (confirmed + _PREGNANCIES_OF_A_SHARE * shown) / weight
    return np.array([np.clip(_falling(*of_kind), 0.0, 1.0) for of_kind in zip(share, weight, strict=True)])


def _probability(waiting: Numbers, hidden: Numbers, rate: float, served: float) -> Numbers:
    """Return the probability that an animal that waits is pregnant, by days since the insemination.

    Weeks hold few animals. The share of those not pregnant that still waits can only fall: it is smoothed
    so, by pooling weeks that rise; the lowest so far would make chance look like certainty. A week's share
    is drawn to that of its cycle, and that to a usual one.
    """
    by_week, hidden_by_week = waiting.reshape(-1, 7).sum(axis=1), hidden.reshape(-1, 7).mean(axis=1)
    stays = np.ones(len(by_week))
    if served:
        cycle = np.arange(len(by_week)) // FRESH_WEEKS
        failed, at_first = by_week - rate * served * hidden_by_week, (1 - rate) * served
        in_cycle = np.bincount(cycle, weights=failed) + _FAILED_OF_A_SHARE * _USUAL_SHARE
        in_cycle /= np.bincount(cycle) * at_first + _FAILED_OF_A_SHARE
        stays = (failed + _FAILED_OF_A_SHARE * in_cycle[cycle]) / (at_first + _FAILED_OF_A_SHARE)
        stays[:FRESH_WEEKS] = 1.0
        stays = np.clip(_falling(stays, np.ones(len(stays))), _LEAST_SHARE, 1.0)
    probability: Numbers = rate * hidden / (rate * hidden + (1 - rate) * np.repeat(stays, 7))
    return probability


def _falling(values: Numbers, weights: Numbers) -> Numbers:
    """Return the nearest series that never rises (least squares)."""
    falling: Numbers = isotonic_regression(values, weights=weights, increasing=False).x
    return falling


def _waits(records: AnimalRecords) -> NDArray[np.bool_]:
    start = np.where(records.lactation > 0, records.calving, records.birth)
    served = (records.insemination != NO_DAY) & (records.insemination >= start)
    flagged = records.has_presence(Presence.CULL_FLAGGED)
    waits: NDArray[np.bool_] = (
        is_on_farm(records)
        & served
        & ~flagged
        & ((records.conception == NO_DAY) | (records.conception < start))
    )
    return waits
