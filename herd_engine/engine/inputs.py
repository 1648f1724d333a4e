"""What the kernel reads: herd, tables and scenario as arrays, prepared once for all replicates."""

from datetime import timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from herd_engine.engine.kernel.lookup import FAR, DayLookup, ExitClock, day_lookup, exit_clock
from herd_engine.engine.kernel.random_numbers import file_animal_key
from herd_engine.engine.run_rates import Posterior, no_posterior
from herd_engine.errors import ParameterError
from herd_engine.model.animals import NO_DAY, AnimalState, Herd
from herd_engine.model.farm_calendar import calendar_months, day_number, month_starts
from herd_engine.model.scenario import Purchase, PurchasePolicy, Scenario
from herd_engine.model.tables import Calibrated, DayDistribution, ExitRates, Tables

POLICY_CODES = {
    PurchasePolicy.MANUAL: 0,
    PurchasePolicy.AUTO_COUNTER: 1,
    PurchasePolicy.AUTO_FORECAST: 2,
}


class StartingAnimals(NamedTuple):
    """The herd after the cap on days in milk, sorted by state so that the kernel's branches repeat.

    Shape (n_animals,) each. ``dry`` and ``due`` are the file's plan (``NO_DAY``: to be drawn) for
    animals not yet dry or not yet calved, and at least 1: what is overdue happens on day 1. ``hidden`` is
    the probability of being pregnant, though not confirmed (calibrated mode; else 0).
    """

    key: NDArray[np.uint64]
    state: NDArray[np.int64]
    flagged: NDArray[np.bool_]
    lactation: NDArray[np.int64]
    birth: NDArray[np.int64]
    calving: NDArray[np.int64]
    conception: NDArray[np.int64]
    dry: NDArray[np.int64]
    dried_on: NDArray[np.int64]
    due: NDArray[np.int64]
    insemination: NDArray[np.int64]
    hidden: NDArray[np.float64]


class Hazards(NamedTuple):
    """What takes the place of probabilities and lists in the calibrated mode.

    Attributes
    ----------
    is_used : bool
    conception : ExitClock
        Classes: heifers by age, cows in lactation 1, 2, 3 and more by days since calving.
    opens : ndarray of int64, shape (4,)
        First day from birth or calving on which animals of a class conceive.
    month_of_day : ndarray of int64, shape (last_day + 1,)
        Month of ``ReplicateRates.pace`` that a day of the forecast lies in.
    month_ends : ndarray of int64, shape (months,)
        Last day of each.
    edges : ndarray of int64, shape (2, bands + 1)
        Where bands of the exit rates begin and end, heifers by age and cows by days in milk.
    kinds : ndarray of int64, shape (groups, 2, bands)
        Row of ``ReplicateRates.season`` for each group (9), pregnancy and band.
    confirmation_lag : int
    heifer_loss, cow_loss : DayLookup
    age_of_bought : int
        At conception, in days: bands of bought heifers need a birth.
    """

    is_used: bool
    conception: ExitClock
    opens: NDArray[np.int64]
    month_of_day: NDArray[np.int64]
    month_ends: NDArray[np.int64]
    edges: NDArray[np.int64]
    kinds: NDArray[np.int64]
    confirmation_lag: int
    heifer_loss: DayLookup
    cow_loss: DayLookup
    age_of_bought: int


class PlannedPurchases(NamedTuple):
    """The manual plan, an element a bought heifer: day of arrival, and one of the two others (or -1)."""

    arrival: NDArray[np.int64]
    days_pregnant: NDArray[np.int64]
    due: NDArray[np.int64]


class Inputs(NamedTuple):
    """Everything the kernel reads.

    Attributes
    ----------
    animals : StartingAnimals
    purchases : PlannedPurchases
    age, service_period, dry_off, gestation : DayLookup
    clock : ExitClock
        Classes: lactation 0 … highest, flagged heifers, flagged cows.
    survival : ndarray of float64, shape (months + 1, classes)
        Probability of being there lead_time_days after a month start (`auto_forecast`).
    record_of_day : ndarray of int32, shape (last_day + 3,)
        First record on or after a day; months + 1 beyond the last.
    record_day : ndarray of int64, shape (months + 1,)
        Day of each record; 0 for the report date.
    heifer_birth : ndarray of float64, shape (2, 2)
        Probability of a heifer calf: conceived by the report date, later; born at a first, at a
        later calving.
    has_places : bool
        Whether a number of places is stated; ``FAR`` stands for one that is not.
    stops : ndarray of int64, shape (stops,)
        Days at whose end animals are counted then: months' firsts, and the days before animals are bought.
    """

    animals: StartingAnimals
    purchases: PlannedPurchases
    age: DayLookup
    service_period: DayLookup
    dry_off: DayLookup
    gestation: DayLookup
    clock: ExitClock
    survival: NDArray[np.float64]
    record_of_day: NDArray[np.int32]
    record_day: NDArray[np.int64]
    last_day: int
    policy: int
    lead_time: int
    target_milking: int
    min_age: int
    waiting_period: int
    longest_open: int
    cap: int
    heifer_birth: NDArray[np.float64]
    days_to_calving_lo: int
    days_to_calving_hi: int
    has_places: bool
    places_milking: int
    places_head: int
    sells_pregnant: bool
    culls_cows: bool
    stops: NDArray[np.int64]
    hazards: Hazards
    posterior: Posterior


class Prepared(NamedTuple):
    """``Inputs`` and what the cap on days in milk did on the report date."""

    inputs: Inputs
    capped_out: int
    capped_dry: int


def prepare(herd: Herd, tables: Tables, scenario: Scenario) -> Prepared:
    """Turn a herd, its tables and a scenario into arrays for the kernel.

    Raises
    ------
    ParameterError
        A purchase lies before the report date or after the last month.
    """
    starts = month_starts(herd.report_date, scenario.horizon_months)
    record_day = np.array([0, *(day_number(day, herd.report_date) for day in starts)], np.int64)
    last_day = int(record_day[-1])
    model, known = scenario.model, tables.calibrated
    animals, capped_out, capped_dry = _starting_animals(herd, tables, model.max_days_in_milk)
    daily = _daily_probabilities(herd, tables, scenario, last_day + scenario.lead_time_days)
    milking = np.isin(animals.state, [AnimalState.OPEN, AnimalState.PREGNANT])
    month = _months(herd, last_day)
    hazards = _hazards(tables, month)
    purchases = _planned_purchases(scenario.purchases, herd, last_day)
    inputs = Inputs(
        animals=animals,
        purchases=purchases,
        age=day_lookup(tables.age_at_conception),
        service_period=day_lookup(tables.service_period),
        dry_off=day_lookup(tables.conception_to_dry_off),
        gestation=day_lookup(tables.gestation),
        clock=exit_clock(daily[:, :last_day]),
        survival=_survival(daily, record_day, scenario.lead_time_days),
        record_of_day=np.searchsorted(record_day, np.arange(last_day + 3)).astype(np.int32),
        record_day=record_day,
        last_day=last_day,
        policy=POLICY_CODES[scenario.purchase_policy],
        lead_time=scenario.lead_time_days,
        target_milking=int(milking.sum()),
        min_age=model.min_first_insem_age_days,
        waiting_period=model.voluntary_waiting_period,
        longest_open=model.voluntary_waiting_period + model.max_service_period_after_vwp,
        cap=int(FAR) if model.max_days_in_milk is None else model.max_days_in_milk,
        heifer_birth=np.full((2, 2), float(model.heifer_birth_prob)) if known is None else calf_rates(known),
        days_to_calving_lo=model.purchased_days_to_calving_lo,
        days_to_calving_hi=_longest_to_calving(scenario),
        has_places=scenario.has_places,
        places_milking=int(FAR) if scenario.places_milking is None else scenario.places_milking,
        places_head=int(FAR) if scenario.places_head is None else scenario.places_head,
        sells_pregnant=scenario.sell_pregnant,
        culls_cows=scenario.cull_cows,
        stops=np.unique(np.concatenate([record_day[1:], record_day[1:] - 1, purchases.arrival - 1])),
        hazards=hazards,
        posterior=_posterior(herd, tables, month, hazards.conception),
    )
    return Prepared(inputs, capped_out, capped_dry)


def _months(herd: Herd, last_day: int) -> NDArray[np.int64]:
    """Return the month of each day of the forecast, 0 for that of day 1; shape (last_day,)."""
    calendar = calendar_months(herd.report_date, 1, last_day)
    return np.cumsum(np.diff(calendar, prepend=calendar[0]) != 0)


def _hazards(tables: Tables, month: NDArray[np.int64]) -> Hazards:
    known = tables.calibrated
    if known is None:
        never = exit_clock(np.zeros((1, 1)))
        nothing = day_lookup(DayDistribution(first_day=1, probability=np.ones(1), n_observed=0))
        edges, kinds = np.zeros((2, 2), np.int64), np.zeros((1, 2, 1), np.int64)
        days = np.zeros(1, np.int64)
        return Hazards(False, never, days, days, days, edges, kinds, 0, nothing, nothing, 0)
    conceptions = known.conceptions
    return Hazards(
        is_used=True,
        # Day 0 of a clock has no hazard of its own; nobody conceives on the day of birth or calving.
        conception=exit_clock(conceptions.daily_probability[:, 1:]),
        opens=conceptions.cycle_starts[:, 0],
        month_of_day=np.append(0, month),
        month_ends=np.flatnonzero(np.diff(month, append=-1)) + 1,
        edges=known.exits.edges,
        kinds=_kinds(known.exits),
        confirmation_lag=known.exits.confirmation_lag,
        heifer_loss=day_lookup(conceptions.heifer_loss),
        cow_loss=day_lookup(conceptions.cow_loss),
        age_of_bought=round(tables.age_at_conception.mean),
    )


def _kinds(exits: ExitRates) -> NDArray[np.int64]:
    """Add the flagged, and bought heifers."""
    heifers = exits.kinds[:1]
    flagged = [np.full_like(heifers, kind) for kind in exits.flagged_kinds]
    return np.concatenate([exits.kinds, *flagged, heifers])


def _posterior(herd: Herd, tables: Tables, month: NDArray[np.int64], clock: ExitClock) -> Posterior:
    known = tables.calibrated
    if known is None:
        return no_posterior()
    calendar = calendar_months(herd.report_date, 1, len(month))
    exits, conceptions = known.exits, known.conceptions
    return Posterior(
        shape=exits.shape,
        years=exits.years,
        flagged_shape=exits.flagged_shape,
        flagged_years=exits.flagged_years,
        month_variance=exits.month_variance,
        level_variance=exits.level_variance[:, np.newaxis] + exits.year_variance,
        heifer_death_share=exits.heifer_death_share,
        events=conceptions.events,
        before_cycle=np.take_along_axis(clock.cumulative, conceptions.cycle_starts - 1, axis=1),
        pace_variance=conceptions.pace_variance,
        pace_months=conceptions.pace_months,
        hidden_log_odds_sd=conceptions.hidden_log_odds_sd,
        calf_variance=_calf_variance(known),
        is_uncertain=known.is_uncertain,
        daily_season=exits.season[:, calendar],
        month_of_day=month,
        kinds=_kinds(exits),
    )


def calf_rates(known: Calibrated) -> NDArray[np.float64]:
    """Return ``Inputs.heifer_birth``."""
    carried = known.heifer_calf if known.carried_calf is None else known.carried_calf
    return np.stack([carried, known.heifer_calf])


def _calf_variance(known: Calibrated) -> NDArray[np.float64]:
    """Return how well the shares of ``calf_rates`` are known; a stated one is known."""
    shares = calf_rates(known).mean(axis=1)
    variance = np.array([(1 - p) / (p * known.calvings) if p else 0.0 for p in shares])
    if known.carried_calf is not None:
        variance[1] = 0.0
    return variance


def _longest_to_calving(scenario: Scenario) -> int:
    """Animals that `auto_forecast` buys must be in milk when they are needed."""
    longest = scenario.model.purchased_days_to_calving_hi
    if scenario.purchase_policy is PurchasePolicy.AUTO_FORECAST:
        return min(longest, scenario.lead_time_days)
    return longest


def _starting_animals(herd: Herd, tables: Tables, cap: int | None) -> tuple[StartingAnimals, int, int]:
    over = herd.is_milking & ~herd.is_flagged & (-herd.calving > (FAR if cap is None else cap))
    leaves = over & (herd.state == AnimalState.OPEN)
    dries = over & (herd.state == AnimalState.PREGNANT)
    state = np.where(dries, AnimalState.DRY, herd.state).astype(np.int64)
    kept = np.flatnonzero(~leaves)
    order = kept[np.lexsort((herd.lactation[kept], state[kept], herd.is_flagged[kept]))]
    keys = np.array([file_animal_key(name) for name in herd.animal_ids[order]], np.uint64)

    def plan(dates: NDArray[np.int32]) -> NDArray[np.int32]:
        """Leave out what the calibrated mode draws: a plan is a constant, what comes of it is not."""
        is_drawn = (tables.calibrated is not None) & (herd.conception != NO_DAY)
        return np.where(is_drawn, NO_DAY, dates)

    animals = StartingAnimals(
        key=keys,
        state=state[order],
        flagged=herd.is_flagged[order],
        lactation=herd.lactation[order].astype(np.int64),
        birth=herd.birth[order].astype(np.int64),
        calving=herd.calving[order].astype(np.int64),
        conception=herd.conception[order].astype(np.int64),
        dry=_not_before_day_1(plan(herd.expected_dry_off)[order]),
        dried_on=np.where(dries, 0, herd.dry_off)[order].astype(np.int64),
        due=_not_before_day_1(plan(herd.expected_calving)[order]),
        insemination=herd.insemination[order].astype(np.int64),
        hidden=_hidden_pregnancies(herd, tables)[order],
    )
    return animals, int(leaves.sum()), int(dries.sum())


def _hidden_pregnancies(herd: Herd, tables: Tables) -> NDArray[np.float64]:
    """Return the probability that an animal is pregnant though not confirmed, shape (n_animals,)."""
    if tables.calibrated is None:
        return np.zeros(herd.n_animals)
    by_day = tables.calibrated.conceptions.hidden
    ago = -herd.insemination.astype(np.int64)
    waits = np.isin(herd.state, [AnimalState.HEIFER, AnimalState.OPEN]) & ~herd.is_flagged
    waits &= (ago >= 0) & (ago < by_day.shape[1])
    return np.where(waits, by_day[(herd.lactation > 0).astype(np.intp), np.where(waits, ago, 0)], 0.0)


def _not_before_day_1(plan: NDArray[np.int32]) -> NDArray[np.int64]:
    return np.where(plan == NO_DAY, NO_DAY, np.maximum(plan, 1)).astype(np.int64)


def _planned_purchases(purchases: tuple[Purchase, ...], herd: Herd, last_day: int) -> PlannedPurchases:
    rows: list[tuple[int, int, int]] = []
    for purchase in purchases:
        arrival = day_number(purchase.date_in, herd.report_date)
        if not 0 <= arrival <= last_day:
            last = herd.report_date + timedelta(days=last_day)
            rule = f"lie within the forecast, {herd.report_date} … {last}"
            raise ParameterError("purchases.date_in", str(purchase.date_in), rule)
        arrival = max(arrival, 1)
        due = -1
        if purchase.expected_calving_date is not None:
            due = max(arrival, day_number(purchase.expected_calving_date, herd.report_date))
        pregnant = -1 if purchase.days_pregnant is None else purchase.days_pregnant
        rows += [(arrival, pregnant, due)] * purchase.count
    rows.sort(key=lambda row: row[0])
    arrival_days, days_pregnant, due_days = np.array(rows, np.int64).reshape(-1, 3).T.copy()
    return PlannedPurchases(arrival_days, days_pregnant, due_days)


def _daily_probabilities(herd: Herd, tables: Tables, scenario: Scenario, n_days: int) -> NDArray[np.float64]:
    """Return the probability of leaving by class on the days 1 … n_days; shape (classes, n_days)."""
    by_lactation = tables.lactation_hazard[:, None]
    flagged = np.repeat(tables.flagged_hazard[:, None], n_days, axis=1)
    if tables.calibrated is not None:
        return np.concatenate([np.repeat(by_lactation, n_days, axis=1), flagged])
    by_month = tables.month_hazard[calendar_months(herd.report_date, 1, n_days)]
    either = by_lactation + by_month - by_lactation * by_month
    return np.concatenate([either * scenario.model.population_regulation, flagged])


def _survival(
    daily: NDArray[np.float64], record_day: NDArray[np.int64], lead_time: int
) -> NDArray[np.float64]:
    """Return the product of 1 - p over the lead_time days after each record; shape (records, classes)."""
    return np.array([(1 - daily[:, day : day + lead_time]).prod(axis=1) for day in record_day])
