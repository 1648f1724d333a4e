"""The expected future of a herd, without simulation: a second opinion on the calibrated mode.

A renewal (semi-Markov) calculation on the hazards that the kernel draws from: animals of the report date
one by one, then everybody who calves or is born, by convolution over days.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from herd_engine.engine.exact.expected_lives import (
    Books,
    Lives,
    new_books,
    new_scratch,
    new_whole,
    renew,
    whole_lives,
)
from herd_engine.engine.exact.expected_start import CHANGED, CHANGING, DRY, OPEN, Starters, live_on
from herd_engine.engine.inputs import Inputs, StartingAnimals, prepare
from herd_engine.engine.kernel.lookup import FAR, cumulative_hazard, day_lookup
from herd_engine.errors import ParameterError
from herd_engine.model.animals import NO_DAY, AnimalState, Herd
from herd_engine.model.forecast import Metric
from herd_engine.model.scenario import Mode, Scenario
from herd_engine.model.tables import Calibrated, DayDistribution, Tables

Numbers = NDArray[np.float64]
_DAYS_PER_YEAR = 365.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """Expected values at the record dates.

    Attributes
    ----------
    values : dict of Metric to ndarray of float64
        Shape (months + 1,) each; events are NaN at the report date. Mean days in milk are a ratio of
        expectations.
    """

    values: dict[Metric, Numbers]


def expected_forecast(herd: Herd, tables: Tables, scenario: Scenario) -> Expectation:
    """Return what the replicates of a simulation average to in the calibrated mode, if nothing is bought.

    Parameters
    ----------
    herd : Herd
    tables : Tables
        Of the calibrated mode.
    scenario : Scenario
        Horizon and cap on days in milk are read; purchases are left out. It counts no places: who is sold
        then depends on who else is there, and so does no expectation that is summed animal by animal.

    Raises
    ------
    ParameterError
        The tables are of another mode, or the scenario counts places.

    Notes
    -----
    Exact for the mean rates in a constant season. Not counted are thus what years of good and bad luck and
    uncertain rates do to a mean (the mean of exp(-rate) is not exp(-mean rate)), and the calendar of exits.
    One corner is approximate: after a lost pregnancy the kernel uses the same random numbers for the next
    gestation and dry-off; here they are independent of the loss. It touches losses later than the earliest
    dry-off, some 1 % of pregnancies, by a few days.
    """
    known = require_calibrated(tables)
    if scenario.has_places:
        said = scenario.places_head or scenario.places_milking
        raise ParameterError("places", said, "not be stated: only a simulation can tell who is sold")
    inputs = prepare(herd, tables, scenario).inputs
    animals, last_day = inputs.animals, inputs.last_day
    starts = np.where(animals.lactation > 0, animals.calving, animals.birth)
    oldest = int(-starts.min(initial=0, where=~animals.flagged))
    lives = lives_of(tables, last_day + oldest, inputs.cap)
    whole, room = new_whole(lives), new_scratch(lives)
    whole_lives(lives, room, whole)
    groups = len(lives.open)
    books = new_books(inputs.record_day, groups)
    live_on(lives, whole, books, room, starters(inputs, groups)[0])
    _dry_without_conception(inputs, lives, books)
    calved, born = np.zeros((groups, last_day + 1)), np.zeros(last_day + 1)
    renew(lives, whole, books, calved, born, inputs.heifer_birth)
    _keep_flagged(inputs, known, books)
    return Expectation(values=_values(inputs, books, calved, born))


def require_calibrated(tables: Tables) -> Calibrated:
    """Return what the calibrated mode knows.

    Raises
    ------
    ParameterError
    """
    if tables.calibrated is None:
        rule = f"be {Mode.CALIBRATED}: the expected forecast is one of hazards"
        raise ParameterError("mode", "a mode without hazards", rule)
    return tables.calibrated


def lives_of(tables: Tables, days: int, cap: int = int(FAR)) -> Lives:
    """Tabulate all laws for the days 0 … ``days`` after birth or calving, at the mean rates."""
    known = require_calibrated(tables)
    exits = known.exits
    x = np.arange(days + 1)
    hazard = np.zeros((len(exits.shape), 2, days + 1))
    for group, rates in enumerate(exits.shape / exits.years / _DAYS_PER_YEAR):
        edges = exits.edges[min(group, 1)]
        band = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, len(edges) - 2)
        hazard[group] = rates[:, band]
    hazard[:, :, 0] = 0.0
    total = np.cumsum(hazard, axis=2)
    waits = _waits(known.conceptions.daily_probability, days)[np.minimum(np.arange(len(hazard)), 3)]
    conceives = -np.diff(waits, axis=1, prepend=1.0)
    conceives[1:, cap + 1 :] = 0.0
    longest = tables.gestation.first_day + len(tables.gestation.probability)
    carries, dries = _exceeds(tables.gestation, longest), _exceeds(tables.conception_to_dry_off, longest)
    cow_stays = dries * np.append(carries[1:], 0.0)
    calves_on, dries_on = -np.diff(carries, prepend=1.0), -np.diff(cow_stays, prepend=1.0)
    losses = (known.conceptions.heifer_loss, known.conceptions.cow_loss)
    return Lives(
        open=np.exp(-total[:, 0]),
        pregnant=np.exp(-total[:, 1]),
        gain=np.exp(total[:, 1] - total[:, 0]),
        waits=waits,
        conceives=conceives,
        carries=carries,
        stays=np.stack([np.zeros_like(cow_stays), cow_stays]),
        calves_on=calves_on,
        dries_on=dries_on,
        first_calving=int(np.argmax(calves_on > 0)),
        first_dry_off=int(np.argmax(dries_on > 0)),
        dries=dries,
        kept=np.stack([_kept(loss, longest) for loss in losses]),
        cap=cap,
        lag=exits.confirmation_lag,
    )


def _waits(daily_probability: Numbers, days: int) -> Numbers:
    """Return the probability of no conception by the end of day 0 … ``days``; shape (4, days + 1)."""
    left = np.exp(-cumulative_hazard(daily_probability[:, 1:]))[:, : days + 1]
    return np.pad(left, ((0, 0), (0, days + 1 - left.shape[1])), mode="edge")


def _exceeds(law: DayDistribution, longest: int) -> Numbers:
    """Return P(X > k), k = 0 … ``longest``."""
    above = day_lookup(law).at_least[1 : longest + 2]
    return np.pad(above, (0, longest + 1 - len(above)))


def _kept(loss: DayDistribution, longest: int) -> Numbers:
    """Return P(no loss before day k), k = 0 … ``longest`` + 1; the last day of the law stands for never."""
    at_least = day_lookup(loss).at_least[:-1][: longest + 2]
    return np.pad(at_least, (0, longest + 2 - len(at_least)), mode="edge")


def starters(inputs: Inputs, groups: int, *, by_animal: bool = False) -> tuple[Starters, NDArray[np.int64]]:
    """Return the animals whose future depends on their past; who is perhaps pregnant stands here twice.

    Parameters
    ----------
    inputs : Inputs
    groups : int
    by_animal : bool
        In the order of ``inputs.animals``, as is needed where each lives alone; else by cohort.

    Returns
    -------
    Starters
    ndarray of int64
        The place of each in ``inputs.animals``.
    """
    animals, lag = inputs.animals, inputs.hazards.confirmation_lag
    is_dry = animals.state == AnimalState.DRY
    in_play = np.flatnonzero(~animals.flagged & ~(is_dry & (animals.conception == NO_DAY)))
    hidden = np.flatnonzero(~animals.flagged & (animals.hidden > 0))
    rows = np.concatenate([in_play, hidden])
    perhaps = np.repeat([False, True], [len(in_play), len(hidden)])
    state, is_cow = animals.state[rows], animals.lactation[rows] > 0
    stage = np.select(
        [state == AnimalState.DRY, (state == AnimalState.PREGNANT) | (perhaps & is_cow)],
        [DRY, CHANGING],
        np.where((state == AnimalState.PREGNANT_HEIFER) | perhaps, CHANGED, OPEN),
    )
    group = np.minimum(animals.lactation[rows], groups - 1)
    start = np.where(is_cow, animals.calving[rows], animals.birth[rows])
    order = np.lexsort((stage, rows) if by_animal else (stage, start, group))
    columns = {
        "group": group,
        "start": start,
        "conception": np.where(perhaps, animals.insemination[rows], animals.conception[rows]),
        "stage": stage.astype(np.int64),
        "known_from": np.where(perhaps, lag, 0),
        "weight": np.where(perhaps, animals.hidden[rows], 1 - animals.hidden[rows]),
    }
    return Starters(**{name: values[order] for name, values in columns.items()}), rows[order]


def _dry_without_conception(inputs: Inputs, lives: Lives, books: Books) -> None:
    """Let cows calve of which the file tells only that they are dry: by plan, or a dry period after that."""
    for i in dry_without_conception(inputs.animals):
        group = min(inputs.animals.lactation[i], len(lives.open) - 1)
        there, calves = dry_life(lives, inputs.animals, i, inputs.last_day)
        books.calvings[group] += calves
        books.carried[1] += calves
        books.stocks[1, :, 1] += there[books.record_day]


def dry_without_conception(animals: StartingAnimals) -> NDArray[np.int64]:
    """Return the places of cows of which the file tells only that they are dry."""
    rows = (animals.state == AnimalState.DRY) & (animals.conception == NO_DAY) & ~animals.flagged
    return np.flatnonzero(rows)


def dry_life(lives: Lives, animals: StartingAnimals, i: int, last_day: int) -> tuple[Numbers, Numbers]:
    """Return by day how surely such a cow is still dry, and calves; shape (last_day + 1,) each."""
    day = np.arange(last_day + 1)
    if animals.due[i] != NO_DAY:
        due_later = (day < animals.due[i]).astype(np.float64)
    else:
        due_later = _dry_period_exceeds(lives, day - animals.dried_on[i])
        due_later[0] = 1.0
    left = lives.pregnant[min(animals.lactation[i], len(lives.open) - 1), day - animals.calving[i]]
    left = left / left[0]
    calves: Numbers = np.append(0.0, left[1:] * -np.diff(due_later))
    return left * due_later, calves


def _dry_period_exceeds(lives: Lives, days: NDArray[np.int64]) -> Numbers:
    """Return P(dry period > days): gestation less conception to dry-off, at least 1 day."""
    due = -np.diff(lives.carries, prepend=1.0)
    dry = np.concatenate([[1 - lives.dries[0]], -np.diff(lives.dries)])
    law = np.zeros(len(due))
    for k, probability in enumerate(dry):
        lasts = np.maximum(np.arange(len(due)) - k, 1)
        law += probability * np.bincount(lasts, due, minlength=len(due))
    law[1] += 1 - law.sum()
    exceeds = 1 - np.cumsum(law)
    return np.where(days < 0, 1.0, exceeds[np.clip(days, 0, len(exceeds) - 1)])


def _keep_flagged(inputs: Inputs, known: Calibrated, books: Books) -> None:
    """Add the cull-flagged: they keep their state until they leave."""
    animals, day = inputs.animals, inputs.record_day
    rate = flagged_rates(known)
    for kind, states in enumerate(_STATES):
        left = np.exp(-rate[kind] * day)
        for column, wanted in enumerate(states):
            rows = animals.flagged & np.isin(animals.state, wanted) & ((animals.lactation > 0) == kind)
            books.stocks[kind, :, column] += left * rows.sum()
            if column == 0 and kind:
                books.stocks[kind, :, 2] += left * (rows.sum() * day - animals.calving[rows].sum())


def flagged_rates(known: Calibrated) -> Numbers:
    """Return how fast the cull-flagged leave, a day; heifers, cows."""
    rates: Numbers = known.exits.flagged_shape / known.exits.flagged_years / _DAYS_PER_YEAR
    return rates


_STATES = (
    ((AnimalState.HEIFER,), (AnimalState.PREGNANT_HEIFER,)),
    ((AnimalState.OPEN, AnimalState.PREGNANT), (AnimalState.DRY,)),
)
"""Heifers and cows before and after their change of class."""


def _count_start(animals: StartingAnimals, books: Books) -> None:
    """Set the stocks of the report date."""
    for kind, states in enumerate(_STATES):
        rows = [np.isin(animals.state, wanted) for wanted in states]
        books.stocks[kind, 0] = rows[0].sum(), rows[1].sum(), -animals.calving[rows[0]].sum() if kind else 0


def _values(inputs: Inputs, books: Books, calved: Numbers, born: Numbers) -> dict[Metric, Numbers]:
    _count_start(inputs.animals, books)
    heifers, cows = books.stocks
    calvings = calved[1:].sum(axis=0)
    present = books.stocks[:, :, :2].sum(axis=(0, 2))
    milking = cows[:, 0]
    return {
        Metric.MILKING_COUNT: milking,
        Metric.DRY_COUNT: cows[:, 1],
        Metric.HEIFER_COUNT: heifers[:, 0],
        Metric.PREGNANT_HEIFER_COUNT: heifers[:, 1],
        Metric.AVG_DAYS_IN_MILK: np.divide(
            cows[:, 2], milking, out=np.full_like(milking, np.nan), where=milking > 0
        ),
        Metric.CALVINGS: _by_period(calvings, inputs.record_day),
        Metric.DRYOFFS: _by_period(books.dry_offs, inputs.record_day),
        Metric.CULLS: _by_period(born, inputs.record_day) - np.diff(present, prepend=np.nan),
        Metric.PURCHASES_IN: np.where(inputs.record_day > 0, 0.0, np.nan),
        Metric.HEIFER_INTROS: _by_period(calved[1], inputs.record_day),
    }


def _by_period(by_day: Numbers, record_day: NDArray[np.int64]) -> Numbers:
    """Return the sum since the record before; NaN for the report date."""
    return np.diff(np.cumsum(by_day)[record_day], prepend=np.nan)
