"""Rates of leaving: occurrence over exposure inside the archive window, shrunk to what herds are like."""

from dataclasses import dataclass

import numpy as np

from herd_engine.calibration.exposure import (
    DAYS_PER_YEAR,
    FLAGGED_KINDS,
    N_BANDS,
    N_GROUPS,
    Cells,
    at_risk,
    band_edges,
    exits,
    exposure_days,
    kinds_of_exits,
    usual_days,
)
from herd_engine.calibration.flagged import flagged_rates
from herd_engine.calibration.habits import Habits
from herd_engine.calibration.lactations import Lactations
from herd_engine.calibration.months import fit_months
from herd_engine.calibration.priors import (
    CALF_DEATH_SHARE,
    CALF_LOSS_60_DAYS,
    COW_BANDS,
    COW_DEATH_SHARE,
    COW_EXITS_PER_YEAR,
    EXITS_BY_BAND,
    HEIFER_DEATH_SHARE,
    HEIFER_EXITS_PER_YEAR,
    YEARS_PER_CELL,
)
from herd_engine.model.animals import AnimalRecords, Presence
from herd_engine.model.tables import ExitRates

_EXITS_OF_A_DEATH_SHARE = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitFit:
    """What the file tells of leaving, and what follows; shape (groups, 2, bands) but for the last two.

    Attributes
    ----------
    exits, deaths : ndarray of float64
    exposure_years : ndarray of float64
        Animal-years at risk, averaged over imputations of lactations that the file no longer shows.
    prior_years : ndarray of float64
        Animal-years that a prior counts in each cell.
    death_share : ndarray of float64
        Of the rate in each cell, what is not a decision of the farm.
    rates : ExitRates
    window_days : int
        Days of recorded exits.
    """

    exits: Cells
    deaths: Cells
    exposure_years: Cells
    prior_years: Cells
    death_share: Cells
    rates: ExitRates
    window_days: int


def fit_exits(records: AnimalRecords, imputations: list[Lactations], habits: Habits) -> ExitFit:
    """Estimate rates of leaving.

    Parameters
    ----------
    records : AnimalRecords
    imputations : list of Lactations
        At least one; exposure is averaged over them.
    habits : Habits
    """
    risks = [at_risk(records, lactations, habits.confirmation_lag) for lactations in imputations]
    days = [exposure_days(risk, risk.first_day, 0) for risk in risks]
    years = np.mean(days, axis=0) / DAYS_PER_YEAR
    risk = risks[0]
    left = exits(risk)
    died = records.has_presence(Presence.DEAD)[risk.animal]
    deaths = exits(risk, died)
    usual = _usual_rates()
    prior_exits = usual * YEARS_PER_CELL
    prior_years = prior_exits / _prior_rates(left, years, usual)
    shape, total_years = prior_exits + left, prior_years + years
    share = _information(left, years, shape, total_years)
    death_share = _death_share(left, deaths)
    months = fit_months(records, risk, shape / total_years)
    flagged_shape, flagged_years = flagged_rates(records, habits.confirmation_lag)
    return ExitFit(
        exits=left,
        deaths=deaths,
        exposure_years=years,
        prior_years=prior_years,
        death_share=death_share,
        rates=ExitRates(
            shape=shape * share,
            years=total_years * share,
            edges=band_edges(),
            kinds=kinds_of_exits(),
            flagged_kinds=FLAGGED_KINDS,
            flagged_shape=flagged_shape,
            flagged_years=flagged_years,
            season=months.season,
            month_variance=months.variance,
            level_variance=_level_variance(months.variance, risk.first_day),
            year_variance=months.year_variance,
            confirmation_lag=habits.confirmation_lag,
            heifer_death_share=death_share[0, 0],
        ),
        window_days=max(0, -risk.first_day),
    )


def _level_variance(months: Cells, first_day: int) -> Cells:
    """Return by how much the mean of so many months may be off; what no month tells is in the priors."""
    if first_day >= 0:
        return np.zeros(len(months))
    variance: Cells = months.mean(axis=1) / max(1.0, -first_day / (DAYS_PER_YEAR / 12))
    return variance


def _usual_rates() -> Cells:
    """Return the yearly rates of the literature; a lactation's, over usual times in its bands, as stated."""
    usual = np.full((N_GROUPS, 2, N_BANDS), HEIFER_EXITS_PER_YEAR)
    usual[0, :, 0] = -np.log1p(-CALF_LOSS_60_DAYS) * DAYS_PER_YEAR / 60
    by_band = np.full(N_BANDS, EXITS_BY_BAND[-1])
    by_band[: len(COW_BANDS)] = EXITS_BY_BAND
    by_band /= np.average(by_band, weights=usual_days()[1, 0])
    usual[1:] = COW_EXITS_PER_YEAR[:, np.newaxis, np.newaxis] * by_band
    return usual


def _prior_rates(left: Cells, years: Cells, usual: Cells) -> Cells:
    """Return the rates that cells are shrunk to: of cows parity × (band, pregnancy), at the farm's level.

    The parts are themselves shrunk to the literature, by as many exits as it counts for in one cell: by so
    many exits, not years, as they would pull the rate of a farm that sells many down to the usual one.
    """
    prior = usual.copy()
    _set_heifers(prior[0], left[0], years[0])
    base = COW_EXITS_PER_YEAR[:, np.newaxis, np.newaxis]
    weight = YEARS_PER_CELL * COW_EXITS_PER_YEAR.mean()
    expected = (base * years[1:]).sum(axis=0)
    level = (left[1:].sum() + weight) / (expected.sum() + weight)
    by_band = usual[1] / COW_EXITS_PER_YEAR[0]
    if expected.any():
        by_band = by_band * expected.sum() / (by_band * expected).sum()
    shape = (left[1:].sum(axis=0) + weight) / (expected + weight / (level * by_band))
    expected_parity = (base * shape * years[1:]).sum(axis=(1, 2))
    parity = (left[1:].sum(axis=(1, 2)) + weight) / (expected_parity + weight)
    prior[1:] = base * parity[:, np.newaxis, np.newaxis] * shape
    return prior


def _set_heifers(prior: Cells, left: Cells, years: Cells) -> None:
    """Set heifers' rates to the farm's, by kind of exits; the youngest calves keep the usual rate."""
    kinds = kinds_of_exits()[0]
    weight = YEARS_PER_CELL * HEIFER_EXITS_PER_YEAR
    for kind in np.unique(kinds):
        cells = kinds == kind
        cells[:, 0] = False
        expected = HEIFER_EXITS_PER_YEAR * years[cells].sum()
        prior[cells] *= (left[cells].sum() + weight) / (expected + weight)


def _information(left: Cells, years: Cells, shape: Cells, total_years: Cells) -> Cells:
    """Return by what posteriors are widened: what the farm's own exits said of a prior counts once.

    The prior of a lactation's cells has the level of its own exits. So its rate, over all cells, is known as
    well as these exits make it, or, where there are hardly any, as the literature does.
    """
    cows = slice(1, None)
    weight = YEARS_PER_CELL * COW_EXITS_PER_YEAR.mean()
    rate, known = shape[cows] / total_years[cows], years[cows].any(axis=(1, 2), keepdims=True)
    in_cell = np.where(known, years[cows], 1.0)
    variance = (in_cell**2 * rate / total_years[cows]).sum(axis=(1, 2)) / (in_cell * rate).sum(
        axis=(1, 2)
    ) ** 2
    share = np.ones((N_GROUPS, 1, 1))
    share[cows, 0, 0] = np.minimum(variance * np.maximum(left[cows].sum(axis=(1, 2)), weight), 1.0)
    return share


def _death_share(left: Cells, deaths: Cells) -> Cells:
    """Return the share of deaths: of heifers by band, of cows in all."""
    prior = np.full((N_GROUPS, 1, N_BANDS), COW_DEATH_SHARE)
    prior[0] = HEIFER_DEATH_SHARE
    prior[0, :, 0] = CALF_DEATH_SHARE
    heifers = [cells[:1].sum(axis=1, keepdims=True) for cells in (left, deaths)]
    cows = [np.broadcast_to(cells[1:].sum(), (N_GROUPS - 1, 1, N_BANDS)) for cells in (left, deaths)]
    n, died = (np.concatenate(pair) for pair in zip(heifers, cows, strict=True))
    share = (died + prior * _EXITS_OF_A_DEATH_SHARE) / (n + _EXITS_OF_A_DEATH_SHARE)
    return np.broadcast_to(share, left.shape)
