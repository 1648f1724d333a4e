"""Pregnancies that nobody has confirmed yet: how likely, by days since the insemination."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from herd_engine.calibration.habits import is_on_farm
from herd_engine.calibration.priors import CONCEPTION_RATE, SERVICES_OF_A_RATE
from herd_engine.model.animals import NO_DAY, AnimalRecords, Presence

FRESH_WEEKS = 3
"""No animal is inseminated again sooner: in these weeks the file shows every insemination."""
KNOWN_WEEKS = 16
"""Of confirmed pregnancies, from which the number of hidden ones is told."""
_MOST_DAYS = 70
_FEWEST = 20

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class NowcastFit:
    """What the file tells of inseminations without a result; heifers, cows.

    Attributes
    ----------
    resolved_days : int
        After so many days nearly every insemination has a result.
    waiting : ndarray of float64, shape (2, weeks)
        Animals inseminated so many weeks ago, without a result.
    confirmed : ndarray of float64, shape (2, weeks)
        Animals that conceived so many weeks ago.
    conception_rate : ndarray of float64, shape (2,)
        Pregnancies per insemination.
    probability : ndarray of float64, shape (2, weeks)
        That an animal that waits is pregnant.
    log_odds_sd : ndarray of float64, shape (2,)
    """

    resolved_days: int
    waiting: Numbers
    confirmed: Numbers
    conception_rate: Numbers
    probability: Numbers
    log_odds_sd: Numbers

    def by_day(self) -> Numbers:
        """Return the probability by days since insemination, shape (2, resolved_days + 1)."""
        week = np.arange(self.resolved_days + 1) // 7
        return self.probability[:, week]


def resolved_days(records: AnimalRecords, confirmation_lag: int) -> int:
    """Return after how many days inseminations have a result: 97 % of those without are fresher."""
    waits = _waits(records) & (records.insemination > -_MOST_DAYS)
    if waits.sum() < _FEWEST:
        return confirmation_lag + 7
    days = int(np.quantile(-records.insemination[waits], 0.97))
    return int(np.clip(days, confirmation_lag, _MOST_DAYS))


def fit_nowcast(records: AnimalRecords, resolved: int) -> NowcastFit:
    """Estimate the probability that an inseminated animal without a result is pregnant.

    Notes
    -----
    Pregnancies begin at the pace of those that are confirmed, m a week. Of n animals inseminated
    in a recent week, m less those confirmed already are pregnant. Where inseminations are so recent that
    none was repeated, m / n is the conception rate; later, animals that did not conceive drop out of n as
    they are inseminated again.
    """
    weeks = resolved // 7 + 1
    is_cow = (records.lactation > 0).astype(np.int64)
    waits, pregnant = _waits(records), is_on_farm(records) & (records.conception != NO_DAY)
    waiting, confirmed = np.zeros((2, weeks)), np.zeros((2, weeks))
    rate, probability, sd = np.zeros(2), np.zeros((2, weeks)), np.zeros(2)
    for kind in (0, 1):
        ago = -records.insemination[waits & (is_cow == kind)].astype(np.int64)
        waiting[kind] = np.bincount(ago[ago < 7 * weeks] // 7, minlength=weeks)[:weeks]
        since = -records.conception[pregnant & (is_cow == kind)].astype(np.int64)
        confirmed[kind] = np.bincount(since[since < 7 * weeks] // 7, minlength=weeks)[:weeks]
        known = np.count_nonzero((since > resolved) & (since <= resolved + 7 * KNOWN_WEEKS))
        pace = known / KNOWN_WEEKS
        fresh = min(FRESH_WEEKS, weeks)
        served = waiting[kind, :fresh].sum()
        expected = min(pace * fresh, served)
        rate[kind] = (expected + CONCEPTION_RATE[kind] * SERVICES_OF_A_RATE) / (served + SERVICES_OF_A_RATE)
        probability[kind] = _probability(waiting[kind], confirmed[kind], pace, rate[kind], served / fresh)
        sd[kind] = np.sqrt(1 / (known + SERVICES_OF_A_RATE / 2) + 1 / (served + SERVICES_OF_A_RATE))
    return NowcastFit(
        resolved_days=resolved,
        waiting=waiting,
        confirmed=confirmed,
        conception_rate=rate,
        probability=probability,
        log_odds_sd=sd,
    )


def _probability(waiting: Numbers, confirmed: Numbers, pace: float, rate: float, served: float) -> Numbers:
    hidden = np.ones(len(waiting))
    if pace:
        hidden = np.minimum.accumulate(1 - np.minimum(confirmed / pace, 1.0))
    stays = np.ones(len(waiting))
    if served:
        stays = np.clip((waiting / served - rate * hidden) / (1 - rate), 0.02, 1.0)
        stays[:FRESH_WEEKS] = 1.0
        stays = np.minimum.accumulate(stays)
    return rate * hidden / (rate * hidden + (1 - rate) * stays)


def _waits(records: AnimalRecords) -> NDArray[np.bool_]:
    start = np.where(records.lactation > 0, records.calving, records.birth)
    served = (records.insemination != NO_DAY) & (records.insemination >= start)
    flagged = records.has_presence(Presence.CULL_FLAGGED)
    waits: NDArray[np.bool_] = is_on_farm(records) & served & ~flagged & (records.conception == NO_DAY)
    return waits
