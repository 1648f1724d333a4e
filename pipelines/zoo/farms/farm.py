"""A farm's life, day by day: who leaves, is inseminated, loses, is dried off, calves.

Nothing here comes from the engine or from `sample`, neither code nor laws: chances of leaving are those of
each day, conception is the outcome of inseminations on heats or on chosen days, a calf's sex is that of the
semen. Rates are of the size that the literature has (`RATES`); the level of exits is steered so that the
herd keeps its size until two years before the report date, and is left alone from then on.
"""

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from pipelines.zoo.farms.book import BEEF, CONVENTIONAL, DIED, MOVED, NEVER, SEXED, SOLD, HerdBook, Rows
from pipelines.zoo.farms.kinds import YEAR, FarmKind

BURN_IN_DAYS, FREE_DAYS = 12 * YEAR, 2 * YEAR
EXITS_A_YEAR = np.array([0.22, 0.29, 0.36, 0.46, 0.56])
"""Of cows in lactation 1, 2, … 5 and more: deaths and sales of a usual herd."""
DIM_BANDS, BAND_FACTORS = np.array([30, 60, 150, 305, 400]), np.array([2.8, 1.4, 0.75, 0.8, 1.1, 2.0])
PREGNANT_FACTOR, OPEN_FACTOR = 0.6, 1.3
COW_DEATHS_A_YEAR = 0.05
CALF_DEATHS, CALF_DAYS, HEIFER_DEATHS_A_YEAR = 0.05, 60, 0.02
CONCEPTION = {"heifer": 0.57, "first": 0.42, "second": 0.39, "later": 0.35}
SEXED_CONCEPTION = 0.85
HEAT_SEEN, HEIFER_HEAT_SEEN = 0.62, 0.75
CYCLE_DAYS, RESYNCH_DAYS = 21, 35
GIVE_UP_DAYS, GIVEN_UP_A_YEAR = 320, 4.0
"""Open cows that are inseminated no more, and the yearly rate at which they are sold."""
LOSS_OF_PREGNANCIES = 0.09
GESTATION, GESTATION_SD = 278.0, 5.3
DRY_AT, DRY_SD = 219.0, 6.0
FIRST_BREEDING, FIRST_BREEDING_SD = 400.0, 12.0
FEMALE = {CONVENTIONAL: 0.47, SEXED: 0.90, BEEF: 0.0}
STILLBORN = (0.08, 0.045)
MILKING_PLACES, HEAD_PLACES = 0.86, 1.9
"""Of a full barn, per cow meant to be there."""
MONTH_SD = 0.12
"""Of the logarithm of the level of exits, month by month: no farm's months are alike."""


class ZooFarm:
    """A farm of a kind; ``live_until`` moves it on.

    Attributes
    ----------
    book : HerdBook
    day : int
        The last day lived; 0 is the report date.
    records : list of dict
        Counts at the end of each first of a month after the report date.
    """

    def __init__(
        self,
        kind: FarmKind,
        seed: int,
        report_date: date,
        cows: int | None = None,
        start: int = -BURN_IN_DAYS,
    ) -> None:
        self.kind, self.report_date = kind, report_date
        self.cows = cows or kind.cows
        self.rng = np.random.default_rng([seed, *kind.name.encode()])
        self.book, self.day = HerdBook(), start
        self.level = self.steady = 0.0
        self.levels: list[float] = []
        self.month_level = self.year_level = 0.0
        self.records: list[dict[str, float]] = []
        self.counts = dict.fromkeys(("calvings", "dryoffs", "culls", "heifer_intros", "heifer_births"), 0)
        self.waiting = kind.waiting_days + int(self.rng.integers(-5, 6))
        self.confirmed_after = int(self.rng.integers(30, 46))
        self._found()

    def _found(self) -> None:
        """Bring cows of all stages and heifers of all ages."""
        n, heifers = self.cows, int(0.9 * self.cows)
        calving = self.day - self.rng.integers(0, 380, n)
        lactation = np.minimum(self.rng.geometric(0.36, n), 8)
        self.book.add(
            n, birth=calving - 700 - 390 * (lactation - 1), lactation=lactation, calving=calving,
            service=self.day + 1 + self.rng.integers(0, 120, n),
        )  # fmt: skip
        birth = self.day - self.rng.integers(0, 690, heifers)
        self.book.add(heifers, birth=birth, service=self._first_breeding(birth))

    def live_until(self, day: int) -> None:
        """Live day by day up to and including that day."""
        while self.day < day:
            self.day += 1
            self._one_day()

    def _one_day(self) -> None:
        today = self.report_date + timedelta(days=self.day)
        if today.day == 1:
            self._month_begins(today)
        self._leave(today)
        self._inseminate()
        self._lose()
        self._dry_off()
        self._calve()
        if today.day == 1 and self.day > 0:
            self.records.append(self._record())
        if self.day == 0 or (today.day == 1 and self.day > 0):
            self.counts = dict.fromkeys(self.counts, 0)

    # Months

    def _month_begins(self, today: date) -> None:
        self.month_level = self.rng.normal(0, MONTH_SD)
        if today.month == 1:
            self.year_level = self.rng.normal(0, self.kind.year_sd)
        if self.day < -FREE_DAYS:
            self._steer()
        if today.month in (2, 5, 8, 11):
            self._lots()
        if self.kind.is_full:
            self._hold_places()

    def _steer(self) -> None:
        """Sell more while there are more cows than meant, fewer while there are fewer."""
        meant = self.cows * np.exp(self.kind.growth * self.day / YEAR)
        gap = float(np.log(max(self._cows().size, 1) / meant))
        self.steady += 0.06 * gap
        self.level = self.steady + 2.5 * gap
        self.levels = [*self.levels[-23:], self.level]
        if self.day + 31 >= -FREE_DAYS:
            self.level = float(np.mean(self.levels))

    def _lots(self) -> None:
        """Sell a lot of pregnant heifers, move a group of young ones."""
        if wanted := round(self.kind.springer_lots * self.cows / 4):
            due = self._heifers(pregnant=True)
            due = due[np.argsort(self.book["due"][due], kind="stable")]
            self._go(due[:wanted], SOLD)
        if wanted := round(self.kind.moved * self.cows / 4):
            young = self._heifers(pregnant=False)
            age = self.day - self.book["birth"][young]
            self._go(young[(age > 150) & (age < 300)][:wanted], MOVED)

    def _hold_places(self) -> None:
        """Sell open cows longest in milk, then young heifers, until all have a place."""
        milking = self._milking()
        open_ = milking[self.book["conception"][milking] == NEVER]
        longest = open_[np.argsort(self.book["calving"][open_], kind="stable")]
        self._go(longest[: max(0, milking.size - round(MILKING_PLACES * self.cows))], SOLD)
        young = self._heifers(pregnant=False)
        youngest = young[np.argsort(-self.book["birth"][young], kind="stable")]
        self._go(youngest[: max(0, self.book.where().size - round(HEAD_PLACES * self.cows))], SOLD)

    def _record(self) -> dict[str, float]:
        milking = self._milking()
        days = self.day - self.book["calving"][milking]
        return {
            "milking_count": milking.size,
            "dry_count": self._cows().size - milking.size,
            "heifer_count": self._heifers(pregnant=False).size,
            "pregnant_heifer_count": self._heifers(pregnant=True).size,
            "avg_days_in_milk": float(days.mean()) if milking.size else float("nan"),
            **self.counts,
        }

    # Who is there

    def _cows(self) -> Rows:
        here = self.book.where()
        cows: Rows = here[self.book["lactation"][here] > 0]
        return cows

    def _milking(self) -> Rows:
        cows = self._cows()
        milking: Rows = cows[self.book["dried"][cows] == NEVER]
        return milking

    def _heifers(self, *, pregnant: bool) -> Rows:
        heifers = self.book.where(lactation=0)
        found: Rows = heifers[(self.book["conception"][heifers] != NEVER) == pregnant]
        return found

    # A day

    def _leave(self, today: date) -> None:
        cows, heifers = self._cows(), self.book.where(lactation=0)
        self._go(self._drawn(cows, np.full(cows.size, COW_DEATHS_A_YEAR)), DIED)
        age = self.day - self.book["birth"][heifers]
        dying = np.where(age < CALF_DAYS, -np.log1p(-CALF_DEATHS) / CALF_DAYS * YEAR, HEIFER_DEATHS_A_YEAR)
        if self.kind.sick_from <= self.day < self.kind.sick_to:
            dying *= self.kind.sick_times
        self._go(self._drawn(heifers, dying), DIED)
        sold = self._drawn(heifers, self.kind.young_sales * ((age > 60) & (age < YEAR)))
        self._go(sold[self.book["gone"][sold] == NEVER], SOLD)
        chosen = self._drawn(cows, self._sales(cows))
        if self.kind.batch_day == 0:
            self._go(chosen[self.book["gone"][chosen] == NEVER], SOLD)
            return
        self.book["to_go"][chosen] = 1
        if today.day == self.kind.batch_day:
            self._go(self.book.where(to_go=1), SOLD)

    def _sales(self, cows: Rows) -> NDArray[np.float64]:
        """Return the yearly rates at which cows are sold."""
        in_milk = self.day - self.book["calving"][cows]
        parity = EXITS_A_YEAR[np.minimum(self.book["lactation"][cows], 5) - 1]
        pregnant = self.book["conception"][cows] <= self.day - self.confirmed_after
        by_stage = BAND_FACTORS[np.searchsorted(DIM_BANDS, in_milk, side="right")]
        by_stage = by_stage * np.where(pregnant, PREGNANT_FACTOR, OPEN_FACTOR)
        level = self.level + self.month_level + self.year_level
        eased = self.kind.eased_to if self.day >= self.kind.eased_since else 1.0
        usual = (parity - COW_DEATHS_A_YEAR) * by_stage
        given_up = (self.book["conception"][cows] == NEVER) & (in_milk > GIVE_UP_DAYS + CYCLE_DAYS)
        sales: NDArray[np.float64] = np.where(given_up, GIVEN_UP_A_YEAR, usual) * np.exp(level) * eased
        return sales

    def _drawn(self, rows: Rows, yearly: NDArray[np.floating]) -> Rows:
        """Return those whose day it is, at a yearly rate each."""
        return rows[self.rng.random(rows.size) < -np.expm1(-yearly / YEAR)]

    def _go(self, rows: Rows, way: int) -> None:
        self.book["gone"][rows] = self.day
        self.book["way"][rows] = way
        self.counts["culls"] += rows.size

    def _inseminate(self) -> None:
        due = self.book.where(service=self.day, conception=NEVER, to_go=0)
        if not due.size:
            return
        lactation = self.book["lactation"][due]
        is_first = (lactation > 0) & (self.book["inseminated"][due] == NEVER)
        seen = np.where(lactation == 0, HEIFER_HEAT_SEEN, HEAT_SEEN)
        if self.kind.is_timed:
            seen = np.where(is_first, 1.0, seen)
        served = self.rng.random(due.size) < seen
        semen = self._semen(lactation)
        rates = np.array(list(CONCEPTION.values()))[np.minimum(lactation, 3)]
        rates = rates * np.where(semen == SEXED, SEXED_CONCEPTION, 1.0) * (1 - self._heat())
        conceives = served & (self.rng.random(due.size) < rates)
        again = self.day + np.where(
            self.kind.is_timed & served & (self.rng.random(due.size) < 0.5),
            RESYNCH_DAYS + self.rng.integers(0, 7, due.size),
            CYCLE_DAYS + self.rng.integers(-2, 3, due.size),
        )
        gives_up = (lactation > 0) & (self.day - self.book["calving"][due] > GIVE_UP_DAYS)
        self.book["service"][due] = np.where(gives_up, NEVER, again)
        self.book["inseminated"][due[served]] = self.day
        self._conceive(due[conceives], semen[conceives])

    def _conceive(self, rows: Rows, semen: NDArray[np.int64]) -> None:
        n = rows.size
        self.book["semen"][rows] = semen
        self.book["conception"][rows] = self.day
        due = self.day + np.rint(self.rng.normal(GESTATION, GESTATION_SD, n)).clip(260, 296).astype(np.int32)
        self.book["due"][rows] = due
        self.book["drying"][rows] = self.day + np.rint(self.rng.normal(DRY_AT, DRY_SD, n)).astype(np.int32)
        lost = self.rng.random(n) < LOSS_OF_PREGNANCIES
        days = 35 + np.floor(self.rng.exponential(25, n)).clip(0, 120).astype(np.int32)
        self.book["loss"][rows] = np.where(lost, self.day + days, NEVER)

    def _semen(self, lactation: NDArray[np.int32]) -> NDArray[np.int64]:
        sexed = self.kind.sexed if self.day >= self.kind.sexed_since else 0.0
        u = self.rng.random(lactation.size)
        of_heifers = np.where(u < sexed, SEXED, CONVENTIONAL)
        of_cows = np.where(u < self.kind.beef, BEEF, CONVENTIONAL)
        of_cows = np.where(u > 1 - sexed / 3, SEXED, of_cows)
        return np.where(lactation == 0, of_heifers, of_cows)

    def _heat(self) -> float:
        """Return the share of conceptions that today's heat costs: all of it in mid-July, none in winter."""
        day = (self.report_date + timedelta(days=self.day)).timetuple().tm_yday
        return self.kind.heat * max(0.0, float(np.cos(2 * np.pi * (day - 197) / YEAR))) ** 2

    def _lose(self) -> None:
        lost = self.book.where(loss=self.day)
        self.book["service"][lost] = self.day + self.rng.integers(10, 31, lost.size)
        for name in ("conception", "loss", "drying", "due"):
            self.book[name][lost] = NEVER

    def _dry_off(self) -> None:
        drying = self.book.where(drying=self.day)
        drying = drying[(self.book["lactation"][drying] > 0) & (self.book["due"][drying] > self.day)]
        self.book["dried"][drying] = self.day
        self.counts["dryoffs"] += drying.size

    def _calve(self) -> None:
        dams = self.book.where(due=self.day)
        if not dams.size:
            return
        is_first = self.book["lactation"][dams] == 0
        semen = self.book["semen"][dams]
        female = self.rng.random(dams.size) < np.array([0.0, *FEMALE.values()])[semen]
        alive = self.rng.random(dams.size) >= np.where(is_first, *STILLBORN)
        self.book["lactation"][dams] += 1
        self.book["calving"][dams] = self.day
        for name in ("inseminated", "conception", "loss", "drying", "dried", "due"):
            self.book[name][dams] = NEVER
        spread = 7 if self.kind.is_timed else CYCLE_DAYS
        self.book["service"][dams] = self.day + self.waiting + self.rng.integers(0, spread, dams.size)
        calves = int((female & alive).sum())
        birth = np.full(calves, self.day)
        self.book.add(calves, birth=birth, service=self._first_breeding(birth))
        self.counts["calvings"] += dams.size
        self.counts["heifer_intros"] += int(is_first.sum())
        self.counts["heifer_births"] += calves

    def _first_breeding(self, birth: NDArray[np.int64]) -> NDArray[np.int64]:
        age = self.rng.normal(FIRST_BREEDING, FIRST_BREEDING_SD, birth.size)
        days = np.rint(age).astype(np.int64) + self.rng.integers(0, CYCLE_DAYS, birth.size)
        return np.maximum(birth + days, self.day + 1)
