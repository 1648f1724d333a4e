"""A hundred farms whose truth is known, each with what calibration makes of its export."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import stats

from herd_engine.calibration import priors
from herd_engine.calibration.calibrate import calibrate
from herd_engine.calibration.calibrated import CalibratedFit, fit_calibrated
from herd_engine.calibration.conceptions import BIN_WEEKS, CYCLE_WEEKS
from herd_engine.model.animals import NO_DAY, AnimalRecords
from herd_engine.model.scenario import Mode, ModelParameters
from herd_engine.model.tables import Calibrated
from tests.statistical.known_farms import (
    CONCEPTIONS_PER_CYCLE,
    EXIT_RATES,
    YEAR,
    KnownFarm,
    KnownHerd,
    make_herd,
)

FARMS, DRAWS, SEED = 100, 1000, 20260226
COWS = 400
LACTATIONS = {"1": slice(0, 1), "2": slice(1, 2), "3+": slice(2, 5)}
CLASSES = ("heifers", "1", "2", "3+")
FIRST_CYCLE_DAYS = 21
CYCLE_OF_BIN = np.searchsorted(CYCLE_WEEKS, np.cumsum(BIN_WEEKS) - BIN_WEEKS, side="right") - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A farm, and what calibration makes of its export."""

    farm: KnownFarm
    herd: KnownHerd
    fit: CalibratedFit
    known: Calibrated


@dataclass(frozen=True, slots=True)
class Posterior:
    """Draws of a quantity beside its truth."""

    truth: float
    draws: np.ndarray

    @property
    def rank(self) -> float:
        return float((self.draws < self.truth).mean())

    @property
    def error(self) -> float:
        """Of the mean, relative to the truth."""
        return float(self.draws.mean() / self.truth - 1)


def any_farm(rng: np.random.Generator, cows: int, conceptions: np.ndarray) -> KnownFarm:
    """Draw a farm: every rate between 0.6 and 1.6 times the usual one, each on its own."""
    conceptions = conceptions * rng.uniform(0.6, 1.6, 4)
    return KnownFarm(
        cows=cows,
        exit_rates=EXIT_RATES * rng.uniform(0.6, 1.6, 5),
        conceptions=np.minimum(conceptions, 0.6),
        pregnant_factor=rng.uniform(0.25, 0.6),
        service_rate=rng.uniform(0.65, 0.95),
        heifer_calves=rng.uniform(0.40, 0.50),
        lag=int(rng.integers(32, 43)),
    )


@cache
def judged() -> list[Judged]:
    """A hundred farms of 400 cows."""
    return _judge(CONCEPTIONS_PER_CYCLE)


@cache
def usual_farms() -> list[Judged]:
    """A hundred others, which conceive as herds do on average: 0.6 … 1.6 times the stated is 1.1 times."""
    return _judge(priors.CONCEPTIONS_PER_CYCLE / 1.1)


def _judge(conceptions: np.ndarray) -> list[Judged]:
    result = []
    for number in range(FARMS):
        rng = np.random.default_rng([SEED, number])
        farm = any_farm(rng, COWS, conceptions)
        herd = make_herd(farm, rng)
        tables = calibrate(herd.records, Mode.CALIBRATED, ModelParameters())
        assert tables.calibrated is not None
        fit = fit_calibrated(herd.records)
        result.append(Judged(farm=farm, herd=herd, fit=fit, known=tables.calibrated))
    return result


def posteriors(quantity: str, farms: list[Judged] | None = None) -> list[Posterior]:
    """Return the posterior of a quantity on each farm."""
    draw = {"exits": _exits, "level": _level, "cycle": _first_cycle, "calf": _calf}
    kind, _, group = quantity.partition(" ")
    return [
        draw[kind](one, group, np.random.default_rng([SEED, FARMS + n]))
        for n, one in enumerate(farms or judged())
    ]


def _exits(one: Judged, group: str, rng: np.random.Generator) -> Posterior:
    """Sum the cells as often as animals were in them; months that are better or worse are drawn, too."""
    rates, years = one.fit.exits.rates, one.fit.exits.exposure_years
    cells = rng.gamma(rates.shape, size=(DRAWS, *rates.shape.shape)) / rates.years
    variance = np.maximum(rates.level_variance, 1e-12)
    level = rng.gamma(1 / variance, size=(DRAWS, len(variance))) * variance
    exits = cells * level[:, rates.kinds] * years
    lactations = LACTATIONS.get(group, slice(None))
    rows = np.arange(1, 6)[lactations]
    draws = exits[:, rows].sum(axis=(1, 2, 3)) / years[rows].sum()
    return Posterior(true_exits(one, lactations), draws)


def true_exits(one: Judged, lactations: slice = slice(None)) -> float:
    """Return exits per cow-year, true of each lactation, of the farm's own mix of lactations."""
    cow_years = one.herd.cow_years[lactations]
    return float(one.farm.yearly_exits[lactations] @ cow_years / cow_years.sum())


def _still_open(farm: KnownFarm, number: int) -> np.ndarray:
    """Return the probability of not having conceived on each day, from birth or calving on."""
    law = np.pad(farm.conception_law(number), (0, 3000))
    return 1 - np.cumsum(law)


def still_open_after_a_year(one: Judged, group: str) -> float:
    """Return the share of those open at the first service that are so 54 weeks later, if none leaves."""
    number = CLASSES.index(group)
    first, still_open = one.fit.conceptions.first_day[number], _still_open(one.farm, number)
    return float(still_open[first + 7 * 54 - 1] / still_open[first - 1])


def _cycle_factors(one: Judged, number: int, rng: np.random.Generator) -> np.ndarray:
    """Draw the factors of a class as runs do; shape (DRAWS, cycles)."""
    its, kind = one.known.conceptions, min(number, 1)
    events = its.events[number]
    variance = rng.choice(its.pace_variance[kind], (DRAWS, 1)) / its.pace_months[kind]
    level = rng.gamma(1 / variance) * variance
    return level * rng.gamma(events, size=(DRAWS, len(events))) / events


def _level(one: Judged, group: str, rng: np.random.Generator) -> Posterior:
    """Conceptions that the estimate expects of the animals at risk, over those that the truth expects."""
    fit, number = one.fit.conceptions, CLASSES.index(group)
    still_open = _still_open(one.farm, number)
    ends = fit.first_day[number] + np.concatenate([[0], np.cumsum(7 * BIN_WEEKS)])
    true = 1 - still_open[ends[1:] - 1] / still_open[ends[:-1] - 1]
    factor = _cycle_factors(one, number, rng)[:, CYCLE_OF_BIN]
    expected = -np.expm1(np.log1p(-fit.probability[number]) * factor)
    at_risk = fit.at_risk[number]
    return Posterior(1.0, (expected * at_risk).sum(axis=1) / (at_risk * true).sum())


def _first_cycle(one: Judged, group: str, rng: np.random.Generator) -> Posterior:
    """Probability of conceiving in the 21 days from the first service on."""
    fit, number = one.fit.conceptions, CLASSES.index(group)
    first = fit.first_day[number]
    still_open = _still_open(one.farm, number)
    true = 1 - still_open[first + FIRST_CYCLE_DAYS - 1] / still_open[first - 1]
    daily = fit.daily_probability(fit.first_day)[number, first : first + FIRST_CYCLE_DAYS]
    hazard = -np.log1p(-daily).sum() * _cycle_factors(one, number, rng)[:, 0]
    return Posterior(float(true), -np.expm1(-hazard))


def _calf(one: Judged, group: str, rng: np.random.Generator) -> Posterior:
    known = one.known
    share = np.array([one.fit.first_calving_share, 1 - one.fit.first_calving_share])
    level = float((known.heifer_calf * share).sum())
    return Posterior(one.farm.heifer_calves, level * rng.gamma(known.calvings, size=DRAWS) / known.calvings)


def coverage(found: list[Posterior], share: float) -> int:
    return sum(abs(each.rank - 0.5) < share / 2 for each in found)


def limits(share: float) -> tuple[int, int]:
    """Return between which numbers of 100 intervals hold the truth: binomial, 0.001 two-sided."""
    low, high = stats.binom.ppf([0.0005, 0.9995], FARMS, share)
    return int(low), int(high)


def naive_exits(records: AnimalRecords) -> tuple[float, float]:
    """Return the other modes' exits and cow-years: of lactations on file, over all days of these."""
    cows = records.lactation > 0
    gone = records.archive != NO_DAY
    days = np.where(gone, records.archive, 0).astype(np.int64) - records.calving
    return float((cows & gone).sum()), float(days[cows].sum() / YEAR)


def waiting(one: Judged) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return of all animals without a result: whether cows, their probability, whether they are pregnant."""
    records, by_day = one.herd.records, one.fit.nowcast.probability
    start = np.where(records.lactation > 0, records.calving, records.birth)
    ago = -records.insemination.astype(np.int64)
    rows = (records.archive == NO_DAY) & (records.conception == NO_DAY) & (records.insemination >= start)
    rows &= ago < by_day.shape[1]
    is_cow = (records.lactation > 0)[rows]
    return is_cow, by_day[is_cow.astype(int), ago[rows]], (one.herd.hidden != NO_DAY)[rows]
