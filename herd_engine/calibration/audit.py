"""Every estimate of the calibrated mode beside what the file says at its word: the estimator audit."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, gammaincinv, ndtri

from herd_engine.calibration.calibrated import CalibratedFit, calf_formula, fit_calibrated
from herd_engine.calibration.conceptions import BIN_WEEKS, N_CLASSES
from herd_engine.calibration.exposure import DAYS_PER_YEAR, N_GROUPS, usual_days
from herd_engine.calibration.hazards import flagged_hazard, lactation_hazard
from herd_engine.calibration.priors import (
    CALVINGS_OF_A_CALF_RATE,
    COW_BANDS,
    FLAGGED_EXITS_PER_YEAR,
    FLAGGED_YEARS,
    HEIFER_BANDS,
    SERVICES_OF_A_RATE,
    WEEKS_PER_CELL,
)
from herd_engine.calibration.samples import conception_to_dry_off
from herd_engine.model.animals import NO_DAY, AnimalRecords
from herd_engine.model.scenario import ModelParameters

LEVEL = 0.90
"""Of the intervals."""
_ENDS = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
_FIRST_CYCLE_WEEKS = 3
_GIVEN_UP_WEEKS = 54
_FEWEST_YEARS = 1.0
"""At risk, of cows in a band: with less, it is no state that cows are in."""

Numbers = NDArray[np.float64]


class Quantity(StrEnum):
    """What is estimated, and in what unit."""

    COW_EXITS = "cow_exits"
    """Per 100 cow-years, by lactation."""
    OPEN_COW_EXITS = "open_cow_exits"
    PREGNANT_COW_EXITS = "pregnant_cow_exits"
    """Per 100 cow-years, by days in milk."""
    HEIFER_EXITS = "heifer_exits"
    """Per 100 animal-years, by days of age."""
    FLAGGED_EXITS = "flagged_exits"
    """Per 100 animal-years."""
    FIRST_SERVICE = "first_service"
    """Days."""
    FIRST_CYCLE = "first_cycle"
    """Of 100 animals open at the first service, those pregnant 21 days later."""
    NEVER_PREGNANT = "never_pregnant"
    """Of 100 animals open at the first service, those still open a year later, were none to leave."""
    HIDDEN_PREGNANCIES = "hidden_pregnancies"
    """Animals."""
    HEIFER_CALVES = "heifer_calves"
    """Of 100 calvings."""
    DRY_OFF = "dry_off"
    """Days from conception."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One number and where it comes from.

    Attributes
    ----------
    quantity : Quantity
    group : str
        ``heifers``, ``cows``, ``all``; a lactation such as ``3`` or ``5+``; days such as ``30-59``.
    events, exposure : float
        What was counted, and over what: animal-years, animals at risk, inseminations, calvings.
    naive : float or None
        What the file says at its word; None where the other modes know nothing of the kind.
    value, low, high : float
        Posterior mean and 90 % interval.
    prior_weight : float
        0 … 1: how much of it is what herds are usually like.
    """

    quantity: Quantity
    group: str
    events: float
    exposure: float
    naive: float | None
    value: float
    low: float
    high: float
    prior_weight: float


def estimator_audit(records: AnimalRecords, fit: CalibratedFit | None = None) -> tuple[Estimate, ...]:
    """Return all estimates of a farm; ``fit`` is that of the records, where it is there already."""
    fit = fit or fit_calibrated(records)
    estimates = (
        *_cow_exits(fit, records),
        *_exits_by_band(fit),
        *_flagged(fit, records),
        *_conceptions(fit),
        *_hidden(fit),
        _heifer_calves(fit),
        _dry_off(fit, records),
    )
    return tuple(sorted(estimates, key=lambda item: tuple(Quantity).index(item.quantity)))


def _pooled_rate(fit: CalibratedFit, cells: tuple[int | slice, ...]) -> dict[str, float]:
    """Pool cells, each as often as animals were in it; a gamma of their mean and variance gives the ends."""
    exits, rates = fit.exits, fit.exits.rates
    years = exits.exposure_years[cells]
    prior_years = exits.prior_years[cells]
    weight = years if years.any() else usual_days()[cells]
    weight = weight / weight.sum()
    shape, total = rates.shape[cells], rates.years[cells]
    mean = float((weight * shape / total).sum())
    variance = float((weight**2 * shape / total**2).sum())
    kinds = rates.kinds[cells].ravel()
    of_kind = np.bincount(kinds, (weight * shape / total).ravel(), minlength=len(rates.level_variance))
    by_month = float((of_kind**2 * rates.level_variance).sum())  # levels of kinds vary each by itself
    low, high = (100 * gammaincinv(mean**2 / (variance + by_month), end) for end in _ENDS)
    scale = (variance + by_month) / mean
    return {
        "events": float(exits.exits[cells].sum()),
        "exposure": float(years.sum()),
        "value": 100 * mean,
        "low": float(low) * scale,
        "high": float(high) * scale,
        "prior_weight": float((weight * prior_years / (years + prior_years)).sum()),
    }


def _cow_exits(fit: CalibratedFit, records: AnimalRecords) -> list[Estimate]:
    naive = 100 * DAYS_PER_YEAR * lactation_hazard(records)
    result = []
    for number in range(1, N_GROUPS):
        at_its_word = float(naive[number]) if number < len(naive) else None
        group = f"{number}+" if number == N_GROUPS - 1 else str(number)
        rate = _pooled_rate(fit, (number,))
        result.append(Estimate(quantity=Quantity.COW_EXITS, group=group, naive=at_its_word, **rate))
    return result


def _exits_by_band(fit: CalibratedFit) -> list[Estimate]:
    cows = slice(1, None)
    result = [
        Estimate(quantity=quantity, group=group, naive=None, **_pooled_rate(fit, (cows, status, band)))
        for status, quantity in enumerate((Quantity.OPEN_COW_EXITS, Quantity.PREGNANT_COW_EXITS))
        for band, group in enumerate(_band_names(COW_BANDS))
        if fit.exits.exposure_years[cows, status, band].sum() >= _FEWEST_YEARS
    ]
    for band, group in enumerate(_band_names(HEIFER_BANDS)):
        rate = _pooled_rate(fit, (slice(0, 1), slice(None), band))
        result.append(Estimate(quantity=Quantity.HEIFER_EXITS, group=group, naive=None, **rate))
    return result


def _band_names(edges: NDArray[np.int64]) -> list[str]:
    ends = [f"-{end - 1}" for end in edges[1:]]
    return [f"{edge}{end}" for edge, end in zip(edges, [*ends, "+"], strict=True)]


def _flagged(fit: CalibratedFit, records: AnimalRecords) -> list[Estimate]:
    rates, naive = fit.exits.rates, 100 * 365 * flagged_hazard(records)
    return [
        Estimate(
            quantity=Quantity.FLAGGED_EXITS,
            group=group,
            events=float(shape - FLAGGED_EXITS_PER_YEAR * FLAGGED_YEARS),
            exposure=float(years - FLAGGED_YEARS),
            naive=float(naive[kind]),
            value=float(100 * shape / years),
            low=float(100 * gammaincinv(shape, _ENDS[0]) / years),
            high=float(100 * gammaincinv(shape, _ENDS[1]) / years),
            prior_weight=float(FLAGGED_YEARS / years),
        )
        for kind, group in enumerate(("heifers", "cows"))
        for shape, years in [(rates.flagged_shape[kind], rates.flagged_years[kind])]
    ]


def _conceptions(fit: CalibratedFit) -> list[Estimate]:
    conceptions, usual = fit.conceptions, ModelParameters()
    naive_first = (usual.min_first_insem_age_days, *[usual.voluntary_waiting_period] * (N_CLASSES - 1))
    result = []
    for number in range(N_CLASSES):
        group = ("heifers", "1", "2", "3+")[number]
        first = float(conceptions.first_day[number])
        if number < 2:  # all cows have one waiting period
            result.append(
                Estimate(
                    quantity=Quantity.FIRST_SERVICE,
                    group="cows" if number else "heifers",
                    events=0.0,
                    exposure=0.0,
                    naive=float(naive_first[number]),
                    value=first,
                    low=first,
                    high=first,
                    prior_weight=0.0,
                )
            )
        result.append(_share(fit, number, group, _FIRST_CYCLE_WEEKS, Quantity.FIRST_CYCLE))
        result.append(_share(fit, number, group, _GIVEN_UP_WEEKS, Quantity.NEVER_PREGNANT))
    return result


def _share(fit: CalibratedFit, number: int, group: str, weeks: int, quantity: Quantity) -> Estimate:
    """Return the share that conceives, or does not, within some weeks after the waiting period.

    Runs draw a factor for the hazard of each cycle, and one for the level that lucky and unlucky months
    leave open; a gamma of the mean and variance of the whole gives the ends.
    """
    conceptions, kind = fit.conceptions, min(number, 1)
    hazard = conceptions.hazard_by_cycle(weeks)[number]
    mean, of_cycles = hazard.sum(), (hazard**2 / conceptions.events_by_cycle()[number]).sum()
    of_level = fit.pace_variance[kind].mean() / fit.pace_months[kind]
    variance = of_cycles * (1 + of_level) + mean**2 * of_level
    ends = gammaincinv(mean**2 / variance, _ENDS) * variance / mean
    is_open = quantity is Quantity.NEVER_PREGNANT
    low, value, high = sorted(
        100 * float(np.exp(-each) if is_open else -np.expm1(-each)) for each in (ends[0], mean, ends[1])
    )
    bins = np.cumsum(BIN_WEEKS) <= weeks
    at_risk, weight = conceptions.at_risk[number, bins], WEEKS_PER_CELL / BIN_WEEKS[bins]
    return Estimate(
        quantity=quantity,
        group=group,
        events=float(conceptions.conceptions[number, bins].sum()),
        exposure=float(at_risk[0]),
        naive=0.0 if is_open else None,
        value=value,
        low=low,
        high=high,
        prior_weight=float((weight / (at_risk + weight)).mean()),
    )


def _hidden(fit: CalibratedFit) -> list[Estimate]:
    nowcast = fit.nowcast
    result = []
    for kind, group in enumerate(("heifers", "cows")):
        waiting, probability = nowcast.waiting[kind], nowcast.probability[kind]
        odds = probability / np.maximum(1 - probability, 1e-9)
        ends = [odds * np.exp(ndtri(end) * nowcast.log_odds_sd[kind]) for end in _ENDS]
        low, high = (float((waiting * each / (1 + each)).sum()) for each in ends)
        served = float(waiting.sum())
        result.append(
            Estimate(
                quantity=Quantity.HIDDEN_PREGNANCIES,
                group=group,
                events=0.0,
                exposure=served,
                naive=0.0,
                value=float((waiting * probability).sum()),
                low=low,
                high=high,
                prior_weight=SERVICES_OF_A_RATE / (served + SERVICES_OF_A_RATE),
            )
        )
    return result


def _heifer_calves(fit: CalibratedFit) -> Estimate:
    usual = calf_formula(ModelParameters())
    share = np.array([fit.first_calving_share, 1 - fit.first_calving_share])
    n = fit.calvings + CALVINGS_OF_A_CALF_RATE
    born = fit.heifer_calves + CALVINGS_OF_A_CALF_RATE * float((usual * share).sum())
    born = min(born, n - 1e-6)
    low, high = (100 * float(betaincinv(born, n - born, end)) for end in _ENDS)
    return Estimate(
        quantity=Quantity.HEIFER_CALVES,
        group="all",
        events=fit.heifer_calves,
        exposure=fit.calvings,
        naive=100 * ModelParameters().heifer_birth_prob,
        value=100 * born / n,
        low=low,
        high=high,
        prior_weight=CALVINGS_OF_A_CALF_RATE / n,
    )


def _dry_off(fit: CalibratedFit, records: AnimalRecords) -> Estimate:
    days, distribution = conception_to_dry_off(records), fit.habits.conception_to_dry_off
    spread = 1.645 * distribution.sd / np.sqrt(max(1, distribution.n_observed))
    return Estimate(
        quantity=Quantity.DRY_OFF,
        group="cows",
        events=float(len(days)),
        exposure=float((records.dry_off != NO_DAY).sum()),
        naive=float(days.mean()) if len(days) else None,
        value=distribution.mean,
        low=distribution.mean - spread,
        high=distribution.mean + spread,
        prior_weight=0.0 if distribution.n_observed else 1.0,
    )
