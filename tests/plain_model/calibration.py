"""What a herd's records say: distributions over whole days and daily probabilities of leaving.

Readings of the page that are ours:

- The normal part of the theoretical conception → dry-off mixture has the n-1 standard deviation, like the
  log-normals; of a single value it is the floor, 1.
- An exit of the flagged class is any row with an archive date in the window, whatever its status.
- A lactation number is seen if it has animal-days; a month without animal-days has probability 0.
- Without any flagged animal of a class its daily probability is the upper bound (nobody uses it).
"""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean, variance

from herd_engine.model.animals import NO_DAY, AnimalRecords, Presence
from herd_engine.model.scenario import Mode, ModelParameters

Probabilities = dict[int, float]
"""Probability of each whole day."""

LEFT = (Presence.SOLD, Presence.DEAD, Presence.MOVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainTables:
    """Everything that a simulation needs to know about a herd's past; probabilities are per day.

    Attributes
    ----------
    age_at_conception, service_period, conception_to_dry, gestation : dict of int to float
        Probability of each whole day.
    leaving_by_lactation : dict of int to float
        `p_l`; a number that is missing takes the highest one's.
    leaving_by_month : list of float
        `p_m`, January first.
    flagged_heifer_leaving, flagged_cow_leaving : float
        `p_f` of lactation 0 and of lactation ≥ 1.
    """

    age_at_conception: Probabilities
    service_period: Probabilities
    conception_to_dry: Probabilities
    gestation: Probabilities
    leaving_by_lactation: Probabilities
    leaving_by_month: list[float]
    flagged_heifer_leaving: float
    flagged_cow_leaving: float

    def lactation_leaving(self, lactation: int) -> float:
        """Return `p_l` of a lactation number."""
        if not self.leaving_by_lactation:
            return 0.0
        highest = max(self.leaving_by_lactation)
        return self.leaving_by_lactation.get(lactation, self.leaving_by_lactation[highest])


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the file; a day is None where the file gives none."""

    birth: int | None
    archive: int | None
    calving: int | None
    conception: int | None
    dry_off: int | None
    lactation: int
    presence: Presence


def calibrate(records: AnimalRecords, mode: Mode, model: ModelParameters) -> PlainTables:
    """Estimate every table from all rows of a file, animals that left included."""
    rows = [_row(records, i) for i in range(records.n_animals)]
    ages = _ages_at_conception(rows)
    services = _intervals(rows, "calving", "conception")
    dries = _intervals(rows, "conception", "dry_off")
    for name, values in (("age at first conception", ages), ("service period", services)):
        if not values:
            raise ValueError(f"The herd's list is empty: {name}.")
    if mode is Mode.EMPIRICAL:
        if not dries:
            raise ValueError("The herd's list is empty: conception to dry-off.")
        age, service, dry = uniform_pick(ages), uniform_pick(services), uniform_pick(dries)
    else:
        age, service, dry = log_normal(ages), log_normal(services), dry_off_mixture(dries)
    return PlainTables(
        age_at_conception=age,
        service_period=service,
        conception_to_dry=dry,
        gestation=gestation(model),
        leaving_by_lactation=_leaving_by_lactation(rows),
        leaving_by_month=_leaving_by_month(rows, records.report_date),
        flagged_heifer_leaving=_flagged_leaving(rows, lambda lactation: lactation == 0),
        flagged_cow_leaving=_flagged_leaving(rows, lambda lactation: lactation >= 1),
    )


def _row(records: AnimalRecords, i: int) -> Row:
    columns = (records.birth, records.archive, records.calving, records.conception, records.dry_off)
    days = [None if column[i] == NO_DAY else int(column[i]) for column in columns]
    presence = next(p for p in Presence if records.has_presence(p)[i])
    return Row(*days, int(records.lactation[i]), presence)


# Lists


def _ages_at_conception(rows: list[Row]) -> list[int]:
    """Conception − birth of lactation 0; calving − birth − 278 of lactation 1."""
    ages = []
    for row in rows:
        if row.birth is None:
            continue
        if row.lactation == 0 and row.conception is not None:
            ages.append(row.conception - row.birth)
        if row.lactation == 1 and row.calving is not None:
            ages.append(row.calving - row.birth - 278)
    return [age for age in ages if age > 0]


def _intervals(rows: list[Row], start: str, end: str) -> list[int]:
    """Positive days between two dates, where both are known."""
    pairs = [(getattr(row, start), getattr(row, end)) for row in rows]
    return [b - a for a, b in pairs if a is not None and b is not None and b > a]


# Distributions over whole days


def uniform_pick(values: list[int]) -> Probabilities:
    """Probability of each day when one entry of a list is picked."""
    return {day: n / len(values) for day, n in sorted(Counter(values).items())}


def rounded_and_clamped(below: Callable[[float], float], low: int, high: int) -> Probabilities:
    """Whole days from a distribution function: to the nearest day, the mass beyond goes to the ends."""
    edges = [0.0, *(below(day + 0.5) for day in range(low, high)), 1.0]
    return {low + i: edges[i + 1] - edges[i] for i in range(high - low + 1)}


def normal_below(mean: float, sd: float) -> Callable[[float], float]:
    """Distribution function of a normal distribution."""
    return lambda x: 0.5 * math.erfc((mean - x) / sd / math.sqrt(2))


def log_normal(values: list[int]) -> Probabilities:
    """Log-normal by moments, rounded and clamped to the observed range."""
    low, high = min(values), max(values)
    if low == high:
        return {low: 1.0}
    mean = fmean(values)
    s2 = math.log(1 + variance(values) / mean**2)
    m = math.log(mean) - s2 / 2
    below = normal_below(m, math.sqrt(s2))
    return rounded_and_clamped(lambda x: below(math.log(x)), low, high)


def dry_off_mixture(values: list[int]) -> Probabilities:
    """Conception → dry-off: a normal peak from 200 days on, a uniform tail below."""
    if not values:
        return rounded_and_clamped(normal_below(220, 10), 34, 239)
    peak = [value for value in values if value >= 200]
    tail = [value for value in values if value < 200]
    share = len(peak) / len(values)
    mixture: Probabilities = {}
    if tail:
        days = range(min(tail), min(199, max(tail)) + 1)
        mixture |= {day: (1 - share) / len(days) for day in days}
    if peak:
        sd = math.sqrt(variance(peak)) if len(peak) > 1 else 0.0
        normal = rounded_and_clamped(normal_below(fmean(peak), max(sd, 1.0)), min(peak), max(peak))
        mixture |= {day: share * p for day, p in normal.items()}
    return mixture


def gestation(model: ModelParameters) -> Probabilities:
    """Normal, rounded and clamped."""
    below = normal_below(model.gestation_mu, model.gestation_sigma)
    return rounded_and_clamped(below, model.gestation_lo, model.gestation_hi)


# Daily probabilities of leaving


def _life(row: Row, start: int | None) -> tuple[int, int] | None:
    """From start to archive date or report date; None for a row that contributes nothing."""
    if row.birth is None or start is None or (row.presence in LEFT and row.archive is None):
        return None
    end = 0 if row.archive is None else row.archive
    return (start, end) if end > start else None


def _leaving_by_lactation(rows: list[Row]) -> Probabilities:
    """Exits / animal-days by lactation number, in the current lactation only."""
    exits: Counter[int] = Counter()
    animal_days: Counter[int] = Counter()
    for row in rows:
        life = _life(row, row.birth if row.lactation == 0 else row.calving)
        if life is None:
            continue
        animal_days[row.lactation] += life[1] - life[0]
        exits[row.lactation] += row.archive is not None
    return {lactation: exits[lactation] / n for lactation, n in sorted(animal_days.items())}


def _leaving_by_month(rows: list[Row], report_date: date) -> list[float]:
    """Exits / animal-days by calendar month, over the whole life; the days of a life are start + 1 … end."""
    lives = [(row, life) for row in rows if (life := _life(row, row.birth)) is not None]
    exits, animal_days = [0] * 12, [0] * 12
    arriving = Counter(start + 1 for _, (start, _) in lives)
    gone = Counter(end + 1 for _, (_, end) in lives)
    alive = 0
    for day in range(min(arriving, default=0), max(gone, default=0)):
        alive += arriving[day] - gone[day]
        animal_days[month_of(report_date, day)] += alive
    for row, (_, end) in lives:
        if row.archive is not None:
            exits[month_of(report_date, end)] += 1
    return [n / days if days else 0.0 for n, days in zip(exits, animal_days, strict=True)]


def month_of(report_date: date, day: int) -> int:
    """Return the calendar month of a day number, 0 = January."""
    return (report_date + timedelta(days=day)).month - 1


def _flagged_leaving(rows: list[Row], in_class: Callable[[int], bool]) -> float:
    """Exits of the class in the last 365 days / 365 / flagged animals, kept within 1/365 … 1/7."""
    rows = [row for row in rows if in_class(row.lactation)]
    exits = sum(row.archive is not None and row.archive > -365 for row in rows)
    flagged = sum(
        row.presence is Presence.CULL_FLAGGED and row.archive is None and row.birth is not None
        for row in rows
    )
    rate = exits / 365 / flagged if flagged else math.inf
    return min(max(rate, 1 / 365), 1 / 7)
