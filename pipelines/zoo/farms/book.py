"""What a farm of the zoo writes down: a row an animal, living or gone."""

import numpy as np
from numpy.typing import NDArray

NEVER = 10**6
"""Day of what has not happened, in an order where it comes last."""

Days = NDArray[np.int32]
Rows = NDArray[np.int64]
STAYS, SOLD, DIED, MOVED = range(4)
"""Ways of leaving."""
NO_SEMEN, CONVENTIONAL, SEXED, BEEF = range(4)

COLUMNS = {
    "birth": NEVER,
    "lactation": 0,
    "calving": NEVER,
    "service": NEVER,  # day of the next chance of an insemination
    "inseminated": NEVER,  # the last one since calving or birth
    "semen": NO_SEMEN,
    "conception": NEVER,
    "loss": NEVER,
    "drying": NEVER,  # planned
    "dried": NEVER,  # done, in this lactation
    "due": NEVER,
    "to_go": 0,  # sold, but still there until the day of the lorry
    "gone": NEVER,
    "way": STAYS,
}
"""Columns, and what stands in them of an animal of which nothing is known."""


class HerdBook:
    """Columns as arrays that grow; rows are never removed.

    Attributes
    ----------
    n : int
        Rows in use.
    """

    def __init__(self) -> None:
        self.n = 0
        self._columns = {name: np.full(256, value, np.int32) for name, value in COLUMNS.items()}

    def __getitem__(self, name: str) -> Days:
        """Return a column, shape (n,): a view, so that what is written there is kept."""
        return self._columns[name][: self.n]

    def add(self, count: int, **values: Days | Rows | int) -> Rows:
        """Add animals; return their rows."""
        rows = np.arange(self.n, self.n + count)
        while self.n + count > len(self._columns["birth"]):
            self._columns = {
                name: np.concatenate([column, np.full(len(column), COLUMNS[name], np.int32)])
                for name, column in self._columns.items()
            }
        self.n += count
        for name, value in values.items():
            self[name][rows] = value
        return rows

    def where(self, **values: int) -> Rows:
        """Return the rows of animals on the farm whose columns have these values."""
        found = self["gone"] == NEVER
        for name, value in values.items():
            found &= self[name] == value
        return np.flatnonzero(found)

    def copy(self) -> "HerdBook":
        """Return the book as it is now."""
        copy = HerdBook()
        copy.n = self.n
        copy._columns = {name: column[: self.n].copy() for name, column in self._columns.items()}
        return copy
