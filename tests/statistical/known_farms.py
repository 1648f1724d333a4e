"""Farms whose rates are known, the lives lived on them, and what their herd software would export.

Written from the definitions alone, apart from the sample generator and from the estimators that it judges.
On every day an animal leaves before anything else happens to her. Births are Poisson at a constant rate
for so long that the herd is in equilibrium; the calves of the last 400 days are those of the calvings that
really took place. An export holds the last lactation of animals that are there or left within 730 days,
and a pregnancy once it is confirmed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from herd_engine.model.animals import NO_DAY, PRESENCE_CODES, AnimalRecords, Presence
from herd_engine.model.farm_calendar import calendar_months

Days = NDArray[np.int64]
Numbers = NDArray[np.float64]
Rows = NDArray[np.bool_]

REPORT_DATE = date(2026, 2, 26)
NEVER = 10**6
YEAR = 365.25
ARCHIVE_DAYS, RECENT_DAYS, FUTURE_DAYS = 730, 400, 400
HISTORY_DAYS = 18 * 365
WAITING_DAYS, FIRST_SERVICE_AGE, CYCLE_DAYS = 60, 390, 21
LAST_DAY = (1150, 900)
"""Of a heifer's, of a cow's lactation; whoever is not known to be pregnant is sold before."""
SOLD_OPEN_ON, LAST_HEAT = (900, 700), (800, 600)
SURE = 1e3

EXIT_RATES = np.array([0.20, 0.28, 0.37, 0.50, 0.60])
"""Yearly, by lactation: page 7.1 of the domain study; so are the bands of days in milk."""
BAND_STARTS = np.array([0, 30, 60, 150, 305, 400])
BAND_FACTORS = np.array([3.5, 1.5, 0.8, 0.8, 0.9, 2.5])
CONCEPTIONS_PER_CYCLE = np.array([0.45, 0.31, 0.28, 0.26])
GESTATION_MEAN, GESTATION_SD, GESTATION_RANGE = 278.0, 5.5, (255, 300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """What becomes of animals that start a lactation: the share that calves, and the days that they stay."""

    calves: float
    days: float


@dataclass(frozen=True, kw_only=True)
class KnownFarm:
    """A farm with constant habits.

    Attributes
    ----------
    cows : int
        Expected number.
    exit_rates : ndarray, shape (5,)
        Of cows not known to be pregnant, a year, by lactation 1 … 5 and more.
    band_factors : ndarray, shape (6,)
        On that, by days in milk from ``BAND_STARTS`` on.
    pregnant_factor : float
        On that, from the day after the pregnancy is confirmed.
    conceptions : ndarray, shape (4,)
        Probability of conceiving in a 21-day cycle: heifers, lactation 1, 2, 3 and more.
    service_rate : float
        Probability that a heat is served.
    heifer_calves : float
        Live heifer calves per calving.
    lag : int
        Days from a service until the farm knows what became of it.
    calf_loss, heifer_rate : float
        Share lost by day 60; exits per heifer-year after it.
    luck : float
        Variance of a factor that multiplies every rate of leaving in a calendar month.
    """

    cows: int = 400
    exit_rates: Numbers
    pregnant_factor: float = 0.4
    band_factors: Numbers = field(default_factory=BAND_FACTORS.copy)
    conceptions: Numbers
    service_rate: float = 0.65
    heifer_calves: float = 0.45
    lag: int = 38
    calf_loss: float = 0.05
    heifer_rate: float = 0.06
    luck: float = 0.0

    def hazards(self, number: int) -> tuple[Numbers, Numbers]:
        """Return the hazard of each day 0, 1, … of a lactation, not known and known to be pregnant."""
        kind = int(number > 0)
        day = np.arange(LAST_DAY[kind] + 1)
        if number:
            band = np.searchsorted(BAND_STARTS, day, side="right") - 1
            hazard = self.exit_rates[min(number, 5) - 1] * self.band_factors[band] / YEAR
        else:
            hazard = np.where(day <= 60, -np.log1p(-self.calf_loss) / 60, self.heifer_rate / YEAR)
        hazard[0] = 0.0
        not_known = np.where(day >= SOLD_OPEN_ON[kind], SURE, hazard)
        return not_known, hazard * (self.pregnant_factor if number else 1.0)

    def conception_law(self, number: int) -> Numbers:
        """Return the probability of conceiving on each day of a lactation, if nothing else happens."""
        kind, p = int(number > 0), self.conceptions[min(number, 3)]
        law = np.zeros(LAST_HEAT[kind] + 1)
        start = WAITING_DAYS if number else FIRST_SERVICE_AGE
        for first in range(start, start + CYCLE_DAYS):
            heats = np.arange(first, len(law), CYCLE_DAYS)
            law[heats] += p * (1 - p) ** np.arange(len(heats)) / CYCLE_DAYS
        return law

    def stay(self, number: int) -> Stay:
        """Return the closed form of one lactation (or of life before the first calving)."""
        law = self.conception_law(number)
        not_known, known = (np.cumsum(hazard) for hazard in self.hazards(number))
        day, conceived = np.arange(len(known)), np.arange(len(law))[:, np.newaxis]
        told = conceived + self.lag
        total = not_known[np.minimum(day, told)] + known[np.maximum(day, told)] - known[told]
        present = np.exp(-total)
        days_present = np.cumsum(present, axis=1)
        gestation, share = gestation_law()
        calving = conceived + gestation
        calves = (np.take_along_axis(present, calving, axis=1) * share).sum(axis=1)
        days = (np.take_along_axis(days_present, calving - 1, axis=1) * share).sum(axis=1)
        open_days = np.exp(-not_known).sum()
        return Stay(calves=float(law @ calves), days=float(law @ days + (1 - law.sum()) * open_days))

    @cached_property
    def stays(self) -> list[Stay]:
        """Of heifers, and of lactations 1 … 5."""
        return [self.stay(number) for number in range(6)]

    @cached_property
    def calvings(self) -> Numbers:
        """Calvings into lactation 1 … 5 and more, for each first calving."""
        reach = np.cumprod([1.0, *(stay.calves for stay in self.stays[1:5])])
        reach[-1] /= 1 - self.stays[5].calves
        return reach

    @property
    def yearly_exits(self) -> Numbers:
        """Exits per cow-year of lactations 1 … 5 and more."""
        return np.array([(1 - stay.calves) / stay.days * YEAR for stay in self.stays[1:]])

    @property
    def births_per_day(self) -> float:
        """That keep the expected number of cows."""
        days = np.array([stay.days for stay in self.stays[1:]]) @ self.calvings
        return float(self.cows / days / self.stays[0].calves)


def gestation_law() -> tuple[Days, Numbers]:
    """Return days and their probabilities: a normal density on whole days, cut on both sides."""
    days = np.arange(GESTATION_RANGE[0], GESTATION_RANGE[1] + 1)
    share = np.exp(-(((days - GESTATION_MEAN) / GESTATION_SD) ** 2) / 2)
    return days, share / share.sum()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lives:
    """One lactation number of many animals; days from the report date, ``NEVER`` if not at all.

    ``insemination`` holds all services, shape (n, heats). What would have come after ``exit`` is still there.
    """

    birth: Days
    start: Days
    insemination: Days
    conception: Days
    calving: Days
    exit: Days

    @property
    def calves(self) -> Rows:
        return self.calving < self.exit

    def select(self, rows: Rows) -> "Lives":
        return Lives(**{item.name: getattr(self, item.name)[rows] for item in fields(Lives)})


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownHerd:
    """The export of a farm, and what it does not show.

    Attributes
    ----------
    records : AnimalRecords
    hidden : ndarray of int64
        Day of a conception that nobody knows of yet, by row; ``NO_DAY`` for the others.
    calvings : ndarray of int64
        Days of all calvings, those of the next 400 days included.
    cow_years : ndarray of float64, shape (5,)
        Lived in the 730 days before the export, by lactation 1 … 5 and more.
    """

    records: AnimalRecords
    hidden: Days
    calvings: Days
    cow_years: Numbers

    @property
    def told(self) -> AnimalRecords:
        """The same farm on the same day, but that it knows of every conception."""
        is_hidden = self.hidden != NO_DAY
        conception = np.where(is_hidden, self.hidden, self.records.conception).astype(np.int32)
        return replace(self.records, conception=conception)


def make_herd(farm: KnownFarm, rng: np.random.Generator) -> KnownHerd:
    """Live the lives of a farm's animals, and export them."""
    luck = _luck(farm, rng)
    span = HISTORY_DAYS - RECENT_DAYS
    births = -RECENT_DAYS - rng.integers(0, span, rng.poisson(farm.births_per_day * span))
    lived = list(_live(farm, births, luck, rng))
    calvings = np.concatenate([lives.calving[lives.calves] for lives in lived])
    recent = calvings[(calvings > -RECENT_DAYS) & (calvings <= 0)]
    calves = recent[rng.random(len(recent)) < farm.heifer_calves]
    lived.append(_lactation(farm, 0, calves, calves, luck, rng))
    cow_years = np.zeros(5)
    for number, lives in enumerate(lived[1:-1]):
        cow_years[min(number, 4)] += _days_in_window(lives) / YEAR
    parts = [
        _export(farm, number, lives, rng)
        for number, lives in zip([*range(len(lived) - 1), 0], lived, strict=True)
    ]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    hidden = columns.pop("hidden")
    presence = columns.pop("presence").astype(np.int8)
    records = AnimalRecords(
        report_date=REPORT_DATE,
        animal_ids=np.array([str(row) for row in range(len(hidden))], object),
        presence=presence,
        **{name: values.astype(np.int32) for name, values in columns.items()},
    )
    return KnownHerd(records=records, hidden=hidden, calvings=calvings, cow_years=cow_years)


def _days_in_window(lives: Lives) -> float:
    end = np.minimum(lives.exit, lives.calving)
    days = np.clip(end, -ARCHIVE_DAYS, 0) - np.clip(lives.start, -ARCHIVE_DAYS, 0)
    return float(days.sum())


def _live(farm: KnownFarm, births: Days, luck: Numbers | None, rng: np.random.Generator) -> Iterator[Lives]:
    lives, number = _lactation(farm, 0, births, births, luck, rng), 0
    while len(lives.start):
        yield lives
        mothers, number = lives.select(lives.calves & (lives.calving <= FUTURE_DAYS)), number + 1
        lives = _lactation(farm, number, mothers.birth, mothers.calving, luck, rng)


def _lactation(
    farm: KnownFarm, number: int, birth: Days, start: Days, luck: Numbers | None, rng: np.random.Generator
) -> Lives:
    services, conceived = _breed(farm, number, len(start), rng)
    days, share = gestation_law()
    gestation = rng.choice(days, len(start), p=share)
    left = _leaving_days(farm, number, start, conceived + farm.lag, luck, rng)
    conception = np.where(conceived == NEVER, NEVER, start + conceived)
    return Lives(
        birth=birth,
        start=start,
        insemination=np.where(services == NEVER, NEVER, start[:, np.newaxis] + services),
        conception=conception,
        calving=np.where(conceived == NEVER, NEVER, conception + gestation),
        exit=start + left,
    )


def _breed(farm: KnownFarm, number: int, n: int, rng: np.random.Generator) -> tuple[Days, Days]:
    """Return days of all services, and of the one that held."""
    start, last = (WAITING_DAYS, LAST_HEAT[1]) if number else (FIRST_SERVICE_AGE, LAST_HEAT[0])
    cycles = (last - start) // CYCLE_DAYS + 1
    heats = start + rng.integers(0, CYCLE_DAYS, (n, 1)) + CYCLE_DAYS * np.arange(cycles)
    served = (rng.random((n, cycles)) < farm.service_rate) & (heats <= last)
    rate = farm.conceptions[min(number, 3)] / farm.service_rate
    holds = served & (rng.random((n, cycles)) < rate)
    first = np.where(holds, heats, NEVER).min(axis=1, initial=NEVER)
    return np.where(served & (heats <= first[:, np.newaxis]), heats, NEVER), first


def _leaving_days(
    farm: KnownFarm, number: int, start: Days, told: Days, luck: Numbers | None, rng: np.random.Generator
) -> Days:
    """Return the first day on which the hazard, summed, reaches a unit exponential."""
    not_known, known = farm.hazards(number)
    patience = rng.standard_exponential(len(start))
    last = len(known) - 1
    if luck is None:
        sum_0, sum_1 = np.cumsum(not_known), np.cumsum(known)
        switch = np.minimum(told, last)
        beyond = patience - sum_0[switch] + sum_1[switch]
        is_early = (patience <= sum_0[switch]) | (told > last)
        return np.where(is_early, np.searchsorted(sum_0, patience), np.searchsorted(sum_1, beyond))
    day = np.arange(last + 1)
    hazard = np.where(day <= told[:, np.newaxis], not_known, known)
    hazard *= luck[np.clip(start[:, np.newaxis] + day + HISTORY_DAYS, 0, len(luck) - 1)]
    return (np.cumsum(hazard, axis=1) < patience[:, np.newaxis]).sum(axis=1)


def _luck(farm: KnownFarm, rng: np.random.Generator) -> Numbers | None:
    """Return the factor of each day from the first birth on; None where there is no luck."""
    if not farm.luck:
        return None
    month = calendar_months(REPORT_DATE, -HISTORY_DAYS, HISTORY_DAYS + FUTURE_DAYS + LAST_DAY[0])
    number = np.cumsum(np.diff(month, prepend=month[0]) != 0)
    return rng.gamma(1 / farm.luck, farm.luck, number[-1] + 1)[number]


def _export(farm: KnownFarm, number: int, lives: Lives, rng: np.random.Generator) -> dict[str, Days]:
    """Return the rows of animals for which this lactation is the last one begun."""
    is_over = lives.calves & (lives.calving <= 0)
    shown = lives.select((lives.start <= 0) & ~is_over & (lives.exit > -ARCHIVE_DAYS))
    n, has_left = len(shown.start), shown.exit <= 0
    end = np.minimum(shown.exit, 0)
    is_told = shown.conception + farm.lag <= end
    services = np.where(shown.insemination <= end[:, np.newaxis], shown.insemination, NO_DAY)
    dry_off = shown.conception + rng.integers(212, 225, n)
    is_dry = is_told & (dry_off <= end) & (number > 0)
    status = np.where(rng.random(n) < 0.15, Presence.DEAD, Presence.SOLD)
    codes = np.array([PRESENCE_CODES.index(Presence(each)) for each in status], np.int64)

    def known(values: Days, rows: Rows) -> Days:
        return np.where(rows, values, NO_DAY)

    return {
        "birth": shown.birth,
        "archive": known(shown.exit, has_left),
        "lactation": np.full(n, number),
        "calving": known(shown.start, np.full(n, number > 0)),
        "insemination": services.max(axis=1, initial=NO_DAY),
        "conception": known(shown.conception, is_told),
        "dry_off": known(dry_off, is_dry),
        "expected_dry_off": known(shown.conception + 218, is_told),
        "expected_calving": known(shown.conception + 278, is_told),
        "presence": np.where(has_left, codes, PRESENCE_CODES.index(Presence.ON_FARM)),
        "hidden": known(shown.conception, ~is_told & ~has_left & (shown.conception <= 0)),
    }
