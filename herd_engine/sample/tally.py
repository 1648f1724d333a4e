"""What really happened on the farm, counted while lives are made."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from herd_engine.sample.farm import LAST_PARITY
from herd_engine.sample.leaving import DAYS_PER_YEAR
from herd_engine.sample.lives import Lactation
from herd_engine.sample.snapshot import ARCHIVE_WINDOW_DAYS

STOCKS = ("milking", "dry", "heifer", "pregnant_heifer")


@dataclass(slots=True)
class Tally:
    """Sums over all lactations of all animals.

    Exposure and events belong to the ``ARCHIVE_WINDOW_DAYS`` before the report date, lactations that
    the export no longer shows included. Rows of the arrays by lactation: heifers, 1, 2, 3, 4, 5 and later.

    Attributes
    ----------
    days : tuple of int
        Days on which the herd is counted.
    stocks : ndarray of int64, shape (len(days), 4)
        Animals by true state: an unconfirmed pregnancy is a pregnancy here.
    days_in_milk : ndarray of int64, shape (len(days),)
        Summed over milking cows.
    exposure_days, exits, deaths, conceptions, calvings : ndarray of int64, shape (6,)
        ``calvings`` are those that start the lactation; of heifers, births.
    days_open_sum : int
        Days from calving to conception, summed over the cows' ``conceptions``.
    """

    days: tuple[int, ...]
    stocks: NDArray[np.int64] = field(init=False)
    days_in_milk: NDArray[np.int64] = field(init=False)
    exposure_days: NDArray[np.int64] = field(init=False)
    exits: NDArray[np.int64] = field(init=False)
    deaths: NDArray[np.int64] = field(init=False)
    conceptions: NDArray[np.int64] = field(init=False)
    calvings: NDArray[np.int64] = field(init=False)
    days_open_sum: int = 0

    def __post_init__(self) -> None:
        self.stocks = np.zeros((len(self.days), len(STOCKS)), dtype=np.int64)
        self.days_in_milk = np.zeros(len(self.days), dtype=np.int64)
        for name in ("exposure_days", "exits", "deaths", "conceptions", "calvings"):
            setattr(self, name, np.zeros(LAST_PARITY + 1, dtype=np.int64))

    def add(self, lactation: Lactation) -> None:
        """Count one lactation of many animals."""
        self._add_events(lactation)
        for position, day in enumerate(self.days):
            self._add_stocks(lactation, position, day)

    def _add_events(self, lactation: Lactation) -> None:
        row = min(lactation.number, LAST_PARITY)
        start, end = lactation.start, lactation.end
        inside = np.clip(end, -ARCHIVE_WINDOW_DAYS, 0) - np.clip(start, -ARCHIVE_WINDOW_DAYS, 0)
        leaves = ~lactation.calves_again & _in_window(end)
        conceives = _in_window(lactation.conception) & (lactation.conception < end)
        self.exposure_days[row] += inside.sum()
        self.exits[row] += leaves.sum()
        self.deaths[row] += (leaves & lactation.is_death).sum()
        self.conceptions[row] += conceives.sum()
        self.calvings[row] += _in_window(start).sum()
        if lactation.number:
            self.days_open_sum += int((lactation.conception - start)[conceives].sum())

    def _add_stocks(self, lactation: Lactation, position: int, day: int) -> None:
        is_here = (lactation.start <= day) & (day < lactation.end)
        later = lactation.dry_off if lactation.number else lactation.conception
        n_here, n_later = int(is_here.sum()), int((is_here & (later <= day)).sum())
        column = 0 if lactation.number else 2
        self.stocks[position, column : column + 2] += (n_here - n_later, n_later)
        if lactation.number:
            self.days_in_milk[position] += (day - lactation.start)[is_here & (later > day)].sum()

    def herd_on(self, position: int) -> dict[str, int | float | None]:
        """Return the herd on one of the days."""
        herd: dict[str, int | float | None] = {
            name: int(count) for name, count in zip(STOCKS, self.stocks[position], strict=True)
        }
        milking = int(self.stocks[position, 0])
        herd["average_days_in_milk"] = (
            round(float(self.days_in_milk[position]) / milking, 3) if milking else None
        )
        return herd

    def rates(self) -> list[dict[str, int | float | str | None]]:
        """Return true exits, deaths and exposure by lactation, with the yearly hazard."""
        names = ["0", *(str(number) for number in range(1, LAST_PARITY)), f"{LAST_PARITY}+"]
        return [
            {
                "lactation": name,
                "animal_days": int(self.exposure_days[row]),
                "exits": int(self.exits[row]),
                "deaths": int(self.deaths[row]),
                "exits_per_animal_year": _per_year(int(self.exits[row]), int(self.exposure_days[row])),
            }
            for row, name in enumerate(names)
        ]


def _in_window(day: NDArray[np.int32]) -> NDArray[np.bool_]:
    return (day > -ARCHIVE_WINDOW_DAYS) & (day <= 0)


def _per_year(events: int, days: int) -> float | None:
    return round(events / days * DAYS_PER_YEAR, 6) if days else None
