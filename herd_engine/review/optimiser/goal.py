"""What a plan is to keep: so many animals, with what chance, in which months."""

import re
from dataclasses import dataclass

from herd_engine.errors import ParameterError
from herd_engine.model.forecast import Metric

METRICS = {"milking": Metric.MILKING_COUNT}
"""What a goal may name."""
_GOAL = re.compile(r"\s*(\w+)\s*>=\s*(\d+)\s*")
MOST_MONTHS = 60
MOST_PER_MONTH = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """So many animals or more, with a chance, over some months.

    Attributes
    ----------
    at_least : int
        Milking cows, 1…100000.
    chance : float
        0.5…0.99.
    first, last : int
        Month starts after the report date; 1…60.
    jointly : bool
        Whether the chance is that of all months together; of each month by itself otherwise.
    metric : Metric
    """

    at_least: int
    chance: float = 0.9
    first: int = 4
    last: int = 24
    jointly: bool = False
    metric: Metric = Metric.MILKING_COUNT

    def __post_init__(self) -> None:
        for name, low, high in (
            ("at_least", 1, 100_000),
            ("chance", 0.5, 0.99),
            ("first", 1, MOST_MONTHS),
            ("last", 1, MOST_MONTHS),
        ):
            _require(name, getattr(self, name), low, high)
        if self.first > self.last:
            raise ParameterError("first", self.first, f"be at most last ({self.last})")

    @property
    def months(self) -> range:
        """The records in which it must hold."""
        return range(self.first, self.last + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyingTerms:
    """How a plan is searched, and what it may buy.

    Attributes
    ----------
    days_pregnant : int
        Of the heifers on arrival, 0…280.
    most_per_month : int
        1…5000.
    earliest : int
        First month start on which heifers can arrive.
    lot : int
        Heifers are bought in multiples of this.
    runs, fresh_runs : int
        To search with, and to verify with; even, 100…5000.
    sales_factors : tuple of float
        Other sales of heifers, times today's, for which the fewest purchases are told beside.
    """

    days_pregnant: int = 220
    most_per_month: int = MOST_PER_MONTH
    earliest: int = 1
    lot: int = 1
    runs: int = 1000
    fresh_runs: int = 2000
    sales_factors: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        for name, low, high in (
            ("days_pregnant", 0, 280),
            ("most_per_month", 1, MOST_PER_MONTH),
            ("earliest", 1, MOST_MONTHS),
            ("lot", 1, 500),
            ("runs", 100, 5000),
            ("fresh_runs", 100, 5000),
        ):
            _require(name, getattr(self, name), low, high)
        for name in ("runs", "fresh_runs"):
            if getattr(self, name) % 2:
                raise ParameterError(name, getattr(self, name), "be even: two runs share a draw of rates")


def _require(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ParameterError(name, value, f"be within {low} … {high}")


def parse_keep(text: str) -> int:
    """Read what is to be kept, as ``milking>=800``, and return the number; ParameterError."""
    found = _GOAL.fullmatch(text)
    if found is None or found[1] not in METRICS:
        raise ParameterError("keep", text, f"read {' or '.join(METRICS)}>=NUMBER, as milking>=800")
    return int(found[2])
