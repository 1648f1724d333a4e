"""The expected future of each animal by itself, exactly: the herd's expected forecast is the sum of these."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from herd_engine.engine.exact.expectation import (
    dry_life,
    dry_without_conception,
    flagged_rates,
    lives_of,
    require_calibrated,
    starters,
)
from herd_engine.engine.exact.expected_lives import (
    Lives,
    Whole,
    new_books,
    new_scratch,
    new_whole,
    whole_lives,
)
from herd_engine.engine.exact.expected_start import Starters, live_each
from herd_engine.engine.exact.later_lives import (
    HEIFER,
    MILKING,
    LaterLives,
    followed,
    later_lives,
    renewed,
    summed,
)
from herd_engine.engine.inputs import Inputs, prepare
from herd_engine.engine.kernel.random_numbers import file_animal_key
from herd_engine.model.animals import AnimalState, Herd
from herd_engine.model.scenario import Scenario
from herd_engine.model.tables import Tables

Numbers = NDArray[np.float64]
YEAR_DAYS = 365
LAW_DAYS = 1826
"""Five years: whoever calves or is dried off at all has done so."""
QUANTILES = (0.1, 0.5, 0.9)
_BLOCK = 1024
_NOTHING = 1e-9
_CHANGED = (AnimalState.PREGNANT_HEIFER, AnimalState.DRY)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EachAnimal:
    """What is expected of every animal of a herd by itself, an element each in the order of ``Herd``.

    Attributes
    ----------
    months : ndarray of int64, shape (months + 1,)
        Day of each record; 0 for the report date.
    there : ndarray of float64, shape (n, months + 1, 4)
        How surely an animal is in each state: heifer, heifer in calf, milking, dry; calves to come are not
        counted with their dams.
    calves_to_come : ndarray of float64, shape (months + 1, 4)
        The same of all that are not born yet, theirs included.
    present : ndarray of float64, shape (n, 3)
        How surely it is still there after ``PRESENT_DAYS``.
    milking_days : ndarray of float64, shape (n,)
        Expected in the year to come.
    calving, dry_off : ndarray of float64, shape (n, 3)
        Days from the report date by which the next one has come in ``QUANTILES`` of the cases in which it
        comes; NaN where it never does.
    in_calf : ndarray of float64, shape (n,)
        Probability of being in calf; NaN of the cull-flagged of which nobody knows.
    watched : ndarray of float64, shape (n, columns)
        What ``watch`` made of each.
    """

    months: NDArray[np.int64]
    there: Numbers
    calves_to_come: Numbers
    present: Numbers
    milking_days: Numbers
    calving: Numbers
    dry_off: Numbers
    in_calf: Numbers
    watched: Numbers


class AnimalBlock(NamedTuple):
    """Some animals day by day until they calve or leave, 0 … ``LAW_DAYS`` from the report date.

    Attributes
    ----------
    group : ndarray of int64, shape (n,)
        0 heifers, 1 … cows by lactation.
    since : ndarray of int64, shape (n,)
        Days since birth or calving on the report date.
    stocks : ndarray of float64, shape (n, days, 2)
        How surely each is there, before and after its change of class.
    calvings : ndarray of float64, shape (n, days)
    """

    group: NDArray[np.int64]
    since: NDArray[np.int64]
    stocks: Numbers
    calvings: Numbers


Watch = Callable[[AnimalBlock], Numbers]
PRESENT_DAYS = (91, 183, 365)


def each_animal(herd: Herd, tables: Tables, months: int, *, watch: Watch | None = None) -> EachAnimal:
    """Return what is expected of every animal if the herd goes on as now and nothing is bought.

    Parameters
    ----------
    herd : Herd
    tables : Tables
        Of the calibrated mode.
    months : int
    watch : callable, optional
        Is shown all animals, block by block; what it returns, a row an animal, is in ``watched``.

    Raises
    ------
    ParameterError
        The tables are of another mode.

    Notes
    -----
    As exact as ``expected_forecast``, whose machine it runs animal by animal: what an animal does until it
    calves is its own, what follows a calving is a law of its lactation alone.
    """
    known = require_calibrated(tables)
    inputs = prepare(herd, tables, Scenario(horizon_months=months)).inputs
    animals = inputs.animals
    starts = np.where(animals.lactation > 0, animals.calving, animals.birth)
    lives = lives_of(tables, LAW_DAYS + int(-starts.min(initial=0)))
    whole = new_whole(lives)
    whole_lives(lives, new_scratch(lives), whole)
    later = later_lives(lives, whole, inputs.heifer_birth[1], max(inputs.last_day, YEAR_DAYS))
    desk = _Desk(inputs, lives, whole, later, flagged_rates(known), watch)
    for first in range(0, len(starts), _BLOCK):
        desk.fill(first, min(first + _BLOCK, len(starts)))
    return desk.found(herd)


class _Desk:
    """Runs animals block by block and keeps what is asked of them."""

    def __init__(
        self,
        inputs: Inputs,
        lives: Lives,
        whole: Whole,
        later: LaterLives,
        flagged_rate: Numbers,
        watch: Watch | None,
    ) -> None:
        self.inputs, self.lives, self.whole, self.later = inputs, lives, whole, later
        self.flagged_rate, self.watch = flagged_rate, watch
        self.watched: list[Numbers] = []
        self.room, groups = new_scratch(lives), len(lives.open)
        daily = YEAR_DAYS if watch is None else LAW_DAYS
        self.days = np.unique(np.concatenate([np.arange(daily + 1), inputs.record_day, [LAW_DAYS]]))
        self.books = new_books(self.days, groups)
        self.asked = np.concatenate([inputs.record_day, PRESENT_DAYS])
        self.starters, self.owner = starters(inputs, groups, by_animal=True)
        self.after_calving = [self._after(min(group + 1, groups - 1)) for group in range(groups)]
        n, size = len(inputs.animals.key), len(self.asked)
        self.there, self.milking_days = np.zeros((n, size, 4)), np.zeros(n)
        self.calving, self.dry_off = np.zeros((n, 3)), np.zeros((n, 3))
        self.calvings = np.zeros((groups, LAW_DAYS + 1))

    def _after(self, group: int) -> Numbers:
        """Return by day of calving what is there on each asked day, and milking days of the year."""
        there = self.later.there[group]
        since = self.asked - np.arange(len(there))[:, np.newaxis]
        on_day = np.where((since >= 0)[:, :, np.newaxis], there[np.maximum(since, 0)], 0.0)
        milked = np.cumsum(there[: YEAR_DAYS + 1, MILKING])[::-1]
        by_day = np.zeros(len(there))
        by_day[: YEAR_DAYS + 1] = milked
        return np.concatenate([on_day.reshape(len(there), -1), by_day[:, np.newaxis]], axis=1)

    def fill(self, first: int, end: int) -> None:
        """Run the animals from ``first`` until before ``end``."""
        animals, last_day = self.inputs.animals, LAW_DAYS
        calvings, dry_offs = (np.zeros((end - first, last_day + 1)) for _ in range(2))
        stocks = np.zeros((end - first, len(self.days), 2))
        mine = slice(*np.searchsorted(self.owner, [first, end]))
        live_each(
            self.lives, self.whole, self.books, self.room,
            Starters._make(values[mine] for values in self.starters), self.owner[mine] - first,
            calvings, dry_offs, stocks,
        )  # fmt: skip
        for i in dry_without_conception(animals):
            if first <= i < end:
                there, calves = dry_life(self.lives, animals, i, last_day)
                stocks[i - first, :, 1], calvings[i - first] = there[self.days], calves
                self.books.carried[1] += calves
        self._flagged(stocks, first, end)
        block = slice(first, end)
        kind = np.minimum(animals.lactation[block], 1)
        stocks[:, 0] = 0.0
        stocks[np.arange(end - first), 0, np.isin(animals.state[block], _CHANGED).astype(np.intp)] = 1.0
        asked = np.searchsorted(self.days, self.asked)
        for which, column in ((0, HEIFER), (1, MILKING)):
            rows = kind == which
            self.there[block][rows, :, column : column + 2] = stocks[rows][:, asked]
        self.milking_days[block] = stocks[:, 1 : YEAR_DAYS + 1, 0].sum(axis=1) * kind
        self._follow(calvings, first, end)
        self.calving[block], self.dry_off[block] = _quantiles(calvings), _quantiles(dry_offs)
        if self.watch is not None:
            start = np.where(kind > 0, animals.calving[block], animals.birth[block])
            group = np.minimum(animals.lactation[block], len(self.lives.open) - 1)
            self.watched.append(self.watch(AnimalBlock(group, -start, stocks, calvings)))

    def _flagged(self, stocks: Numbers, first: int, end: int) -> None:
        """Let the cull-flagged keep their state until they leave."""
        animals = self.inputs.animals
        rows = np.flatnonzero(animals.flagged[first:end])
        column = np.isin(animals.state[first:end][rows], _CHANGED).astype(np.intp)
        rate = self.flagged_rate[np.minimum(animals.lactation[first:end][rows], 1)]
        stocks[rows, :, column] = np.exp(-rate[:, np.newaxis] * self.days)

    def _follow(self, calvings: Numbers, first: int, end: int) -> None:
        """Add the lactations that follow a calving."""
        group = np.minimum(self.inputs.animals.lactation[first:end], len(self.lives.open) - 1)
        for each, after in enumerate(self.after_calving):
            rows = np.flatnonzero(group == each)
            follows = summed(calvings[rows], after)
            self.there[first + rows] += follows[:, :-1].reshape(len(rows), len(self.asked), 4)
            self.milking_days[first + rows] += follows[:, -1]
            self.calvings[each] += calvings[rows].sum(axis=0)

    def calves_to_come(self) -> Numbers:
        """Return who is not born yet, shape (months + 1, 4)."""
        later, days = self.later, self.later.heifers.shape[1]
        first_calf, later_calf = self.inputs.heifer_birth[1]
        carried = self.inputs.heifer_birth[0] - self.inputs.heifer_birth[1]
        born = (carried[:, np.newaxis] * self.books.carried).sum(axis=0)[:days]
        for group, calved in enumerate(self.calvings[:, :days]):
            born += calved * (later_calf if group else first_calf)
            begun = min(group + 1, len(self.calvings) - 1)
            born += followed(calved, later.heifers[begun, :, np.newaxis])[:, 0]
        all_born = renewed(born[:, np.newaxis], later.heifers[0])[:, 0]
        return followed(all_born, later.there[0])[self.inputs.record_day]

    def found(self, herd: Herd) -> EachAnimal:
        """Return it in the order of the herd."""
        animals, months = self.inputs.animals, len(self.inputs.record_day)
        keys = np.array([file_animal_key(name) for name in herd.animal_ids], np.uint64)
        order = np.argsort(animals.key)[np.searchsorted(np.sort(animals.key), keys)]
        in_calf = np.where(np.isin(animals.state, [0, 2]), animals.hidden, 1.0)
        in_calf[animals.flagged & np.isin(animals.state, [0, 2])] = np.nan
        return EachAnimal(
            months=self.inputs.record_day,
            there=self.there[order, :months],
            calves_to_come=self.calves_to_come(),
            present=self.there[order, months:].sum(axis=2),
            milking_days=self.milking_days[order],
            calving=self.calving[order],
            dry_off=self.dry_off[order],
            in_calf=in_calf[order],
            watched=np.concatenate(self.watched)[order] if self.watched else np.zeros((len(order), 0)),
        )


def _quantiles(by_day: Numbers) -> Numbers:
    """Return the first days on which ``QUANTILES`` of a law have come, shape (n, 3); NaN of nothing."""
    come = np.cumsum(by_day, axis=1)
    total = come[:, -1]
    days = [np.argmax(come >= part * total[:, np.newaxis], axis=1) for part in QUANTILES]
    return np.where((total > _NOTHING)[:, np.newaxis], np.stack(days, axis=1), np.nan)
