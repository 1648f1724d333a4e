"""The calibrated mode: hazards that fit what a farm's file can and cannot show."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from herd_engine.calibration.conceptions import (
    CYCLE_WEEKS,
    LONGEST_DAYS,
    ConceptionFit,
    fit_conceptions,
)
from herd_engine.calibration.distributions import truncated_normal
from herd_engine.calibration.exits import ExitFit, fit_exits
from herd_engine.calibration.exposure import DAYS_PER_YEAR, usual_days
from herd_engine.calibration.habits import Habits, habits_of, priors_as_habits
from herd_engine.calibration.lactations import rebuild_lactations
from herd_engine.calibration.nowcast import NowcastFit, fit_nowcast, resolved_days
from herd_engine.calibration.pace import MONTH_DAYS, pace_variances
from herd_engine.calibration.priors import (
    CALF_WINDOW_DAYS,
    CALVINGS_OF_A_CALF_RATE,
    FEMALE_FRACTION,
    GESTATION_RANGE_DAYS,
    HEIFERS_OF_TWINS,
    LOSS_DAYS,
    LOSS_SHARES,
    LOSSES_TO_COME,
    MOST_HEIFER_CALVES,
    PREGNANCY_LOSS,
    STILLBIRTH,
    TWINNING,
    UNREGISTERED_DAYS,
)
from herd_engine.calibration.samples import service_periods
from herd_engine.errors import ParameterError
from herd_engine.model.animals import NO_DAY, AnimalRecords
from herd_engine.model.scenario import ModelParameters
from herd_engine.model.tables import Calibrated, Conceptions, DayDistribution, ExitRates, Tables

IMPUTATIONS = 5
"""Of lactations that the file no longer shows; more move no rate by 1 %."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibratedFit:
    """Every estimate of the calibrated mode, before a scenario changes any.

    Attributes
    ----------
    habits : Habits
    exits : ExitFit
    conceptions : ConceptionFit
    nowcast : NowcastFit
    pace_variance : ndarray of float64, shape (2, values)
    pace_months : ndarray of float64, shape (2,)
        As ``pace_variances`` returns them.
    heifer_calves, calvings : float
        Recorded in the window in which the file shows all; 0 if these are more calves than so many calvings
        can bear, so that the usual share is taken.
    first_calving_share : float
        Of these calvings.
    """

    habits: Habits
    exits: ExitFit
    conceptions: ConceptionFit
    nowcast: NowcastFit
    pace_variance: Numbers
    pace_months: Numbers
    heifer_calves: float
    calvings: float
    first_calving_share: float


def fit_calibrated(records: AnimalRecords) -> CalibratedFit:
    """Estimate everything; a file that tells nothing leaves the priors.

    No scenario changes a fit: who makes many plans of a herd keeps it (``workbench.fits``).
    """
    habits = habits_of(records) if len(service_periods(records)) else priors_as_habits(records)
    imputations = [rebuild_lactations(records, habits, number) for number in range(IMPUTATIONS)]
    resolved = resolved_days(records, habits.confirmation_lag)
    conceptions = fit_conceptions(records, habits.confirmation_lag, resolved)
    pace_variance, pace_months = pace_variances(conceptions)
    luck = pace_variance.mean(axis=1) * min(1.0, MONTH_DAYS / resolved)
    recent = records.calving[(records.lactation > 0) & (records.calving != NO_DAY)]
    in_window = (recent > -CALF_WINDOW_DAYS) & (recent <= -UNREGISTERED_DAYS)
    first = records.lactation[(records.lactation > 0) & (records.calving != NO_DAY)][in_window] == 1
    births = (records.birth > -CALF_WINDOW_DAYS) & (records.birth <= -UNREGISTERED_DAYS)
    is_told = births.sum() <= MOST_HEIFER_CALVES * in_window.sum()
    return CalibratedFit(
        habits=habits,
        exits=fit_exits(records, imputations, habits),
        conceptions=conceptions,
        nowcast=fit_nowcast(records, resolved, luck),
        pace_variance=pace_variance,
        pace_months=pace_months,
        heifer_calves=float(births.sum() * is_told),
        calvings=float(in_window.sum() * is_told),
        first_calving_share=float(first.mean()) if len(first) else 0.35,
    )


def calibrated_tables(fit: CalibratedFit, parameters: ModelParameters) -> Tables:
    """Return what the engine needs in the calibrated mode, of the fit of a herd's records.

    Raises
    ------
    ParameterError
        The waiting period would begin before calving.
    """
    daily = _daily_probability(fit.conceptions, parameters)
    gestation = truncated_normal(parameters.gestation_mean, parameters.gestation_sd, *GESTATION_RANGE_DAYS)
    as_filed = _heifer_calf(fit, parameters)
    is_stated = parameters.female_fraction is not None
    exits = _exit_rates(fit.exits, parameters)
    return Tables(
        age_at_conception=_first_conception(daily[0]),
        service_period=_first_conception(daily[1:].mean(axis=0)),
        conception_to_dry_off=fit.habits.conception_to_dry_off,
        gestation=gestation,
        lactation_hazard=_mean_daily_exits(exits, fit.exits.exposure_years),
        month_hazard=np.zeros(12),
        flagged_hazard=-np.expm1(-exits.flagged_shape / exits.flagged_years / DAYS_PER_YEAR),
        calibrated=Calibrated(
            exits=exits,
            conceptions=Conceptions(
                daily_probability=daily,
                events=fit.conceptions.events_by_cycle(),
                cycle_starts=_cycle_starts(fit.conceptions, parameters),
                pace_variance=fit.pace_variance,
                pace_months=fit.pace_months,
                hidden=fit.nowcast.probability,
                hidden_log_odds_sd=fit.nowcast.log_odds_sd,
                heifer_loss=_loss(parameters.pregnancy_loss_heifer),
                cow_loss=_loss(parameters.pregnancy_loss_cow),
            ),
            heifer_calf=calf_formula(parameters) if is_stated else as_filed,
            calvings=fit.calvings + CALVINGS_OF_A_CALF_RATE,
            is_uncertain=parameters.parameter_uncertainty,
            carried_calf=as_filed if is_stated else None,
        ),
    )


def _mean_daily_exits(exits: ExitRates, years: Numbers) -> Numbers:
    """Return the mean daily probability of leaving by group, shape (groups,); cells as often as on file."""
    known = years.any(axis=(1, 2), keepdims=True)
    by_group = np.average(
        exits.shape / exits.years, axis=(1, 2), weights=np.where(known, years, usual_days())
    )
    daily: Numbers = -np.expm1(-by_group / DAYS_PER_YEAR)
    return daily


def _exit_rates(fit: ExitFit, parameters: ModelParameters) -> ExitRates:
    """Return the posterior with what the scenario changes: sales are decisions, deaths are not."""
    intensity = np.full((len(fit.exits), 1, 1), parameters.culling_intensity)
    intensity[0] = parameters.heifer_sales_intensity
    factor = fit.death_share + (1 - fit.death_share) * intensity
    if parameters.calf_loss is not None:
        wanted = -np.log1p(-parameters.calf_loss) * DAYS_PER_YEAR / fit.rates.edges[0, 1]
        factor[0, :, 0] = wanted * fit.rates.years[0, :, 0] / fit.rates.shape[0, :, 0]
    rates = fit.rates
    flagged = np.array([parameters.heifer_sales_intensity, parameters.culling_intensity])
    return ExitRates(
        shape=rates.shape,
        years=rates.years / np.maximum(factor, 1e-9),
        edges=rates.edges,
        kinds=rates.kinds,
        flagged_kinds=rates.flagged_kinds,
        flagged_shape=rates.flagged_shape,
        flagged_years=rates.flagged_years / np.maximum(flagged, 1e-9),
        season=rates.season,
        month_variance=rates.month_variance,
        level_variance=rates.level_variance,
        year_variance=rates.year_variance,
        confirmation_lag=rates.confirmation_lag,
        heifer_death_share=fit.death_share[0, 0] / np.maximum(factor[0, 0], 1e-9),
    )


def _first_days(fit: ConceptionFit, parameters: ModelParameters) -> NDArray[np.int64]:
    first = fit.first_day.copy()
    first[1:] += parameters.waiting_period_change
    if first[1:].min() < 1:
        rule = f"be at least {1 - int(fit.first_day[1:].min())}: the waiting period must end after calving"
        raise ParameterError("waiting_period_change", parameters.waiting_period_change, rule)
    return first


def _cycle_starts(fit: ConceptionFit, parameters: ModelParameters) -> NDArray[np.int64]:
    """Return the first day of each cycle after the waiting period, shape (4, CYCLES)."""
    starts: NDArray[np.int64] = _first_days(fit, parameters)[:, np.newaxis] + 7 * CYCLE_WEEKS
    return np.clip(starts, 1, LONGEST_DAYS)


def _daily_probability(fit: ConceptionFit, parameters: ModelParameters) -> Numbers:
    stated = np.array([parameters.pregnancy_loss_heifer, *[parameters.pregnancy_loss_cow] * 3])
    usual = PREGNANCY_LOSS[[0, 1, 1, 1]]
    # Conceptions on file have outlived most losses; some are still to come, and a scenario may state others.
    kept = (1 - LOSSES_TO_COME * usual) * (1 - stated) / (1 - usual)
    intensity = parameters.conception_intensity * kept[:, np.newaxis]
    hazard: Numbers = -np.log1p(-fit.daily_probability(_first_days(fit, parameters))) * intensity
    return -np.expm1(-hazard)


def _first_conception(daily: Numbers) -> DayDistribution:
    """Return the distribution of the day of conception of those that conceive."""
    survival = np.cumprod(1 - daily)
    mass = np.concatenate([[daily[0]], survival[:-1] * daily[1:]])
    first, last = int(np.flatnonzero(mass)[0]), len(mass)
    return DayDistribution(first_day=first, probability=mass[first:last] / mass.sum(), n_observed=0)


def _loss(share: float) -> DayDistribution:
    """Return the day of a loss; the day after the last one stands for a pregnancy that is kept."""
    probability = np.zeros(LOSS_DAYS[-1] + 1 - LOSS_DAYS[0])
    for first, end, part in zip(LOSS_DAYS[:-1], LOSS_DAYS[1:], LOSS_SHARES, strict=True):
        probability[first - LOSS_DAYS[0] : end - LOSS_DAYS[0]] = share * part / (end - first)
    probability[-1] = 1 - share
    return DayDistribution(first_day=LOSS_DAYS[0], probability=probability, n_observed=0)


def _heifer_calf(fit: CalibratedFit, parameters: ModelParameters) -> Numbers:
    """Return the probability of a heifer calf: the file's, as much more as stated stillbirths and twins make.

    A stated share of female calves changes nothing here: it acts on later conceptions alone.
    """
    usual = calf_formula(ModelParameters())
    share = np.array([fit.first_calving_share, 1 - fit.first_calving_share])
    level = float((usual * share).sum())
    calvings = fit.calvings + CALVINGS_OF_A_CALF_RATE
    rate = (fit.heifer_calves + CALVINGS_OF_A_CALF_RATE * level) / calvings
    of_farm = calf_formula(replace(parameters, female_fraction=None))
    return np.minimum(of_farm * rate / level, 1.0)


def calf_formula(parameters: ModelParameters) -> Numbers:
    """Return heifer calves per first and per later calving, from sex ratio, stillbirths and twins."""
    stillbirth = _stated((parameters.stillbirth_first, parameters.stillbirth_later), STILLBIRTH)
    twinning = _stated((parameters.twinning_first, parameters.twinning_later), TWINNING)
    female = FEMALE_FRACTION if parameters.female_fraction is None else parameters.female_fraction
    twins = HEIFERS_OF_TWINS * female / FEMALE_FRACTION
    calves: Numbers = ((1 - twinning) * female + twinning * twins) * (1 - stillbirth)
    return np.minimum(calves, 1.0)


def _stated(values: tuple[float | None, float | None], usual: Numbers) -> Numbers:
    return np.array([other if value is None else value for value, other in zip(values, usual, strict=True)])
