"""Which lever moves a number of the forecast, and by how much."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from herd_engine.errors import ParameterError
from herd_engine.model.forecast import Metric
from herd_engine.model.levers import Unit

MOST_MONTHS = 120
_OUTPUT = re.compile(r"\s*(\w+)\s*@\s*(\d+)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """From where to where a lever is moved.

    Attributes
    ----------
    name : str
    unit : Unit
    low, now, high : float
        In its unit; ``low`` or ``high`` is ``now`` where the lever ends there.
    """

    name: str
    unit: Unit
    low: float
    now: float
    high: float

    def at(self, share: float) -> float:
        """Return the value at a share of the way from ``low`` to ``high``; whole where it is in days."""
        value = self.low + share * (self.high - self.low)
        return round(value) if self.unit is Unit.DAYS else value


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedNumber:
    """A number of the forecast: a metric on a month start after the report date, 1…120."""

    metric: Metric = Metric.MILKING_COUNT
    month: int = 24

    def __post_init__(self) -> None:
        if not 1 <= self.month <= MOST_MONTHS:
            raise ParameterError("output", self.month, f"name a month within 1 … {MOST_MONTHS}")

    @classmethod
    def parse(cls, text: str) -> "WatchedNumber":
        """Read ``milking_count@24``; ParameterError for what names no metric or no month."""
        found = _OUTPUT.fullmatch(text)
        names = [metric.value for metric in Metric]
        if found is None or found[1] not in names:
            rule = f"be METRIC@MONTH, such as milking_count@24; metrics: {', '.join(names)}"
            raise ParameterError("output", text, rule)
        return cls(metric=Metric(found[1]), month=int(found[2]))

    def __str__(self) -> str:
        return f"{self.metric.value}@{self.month}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing:
    """What a lever does to a number.

    Attributes
    ----------
    reach : Reach
    at_low, at_high : float
        The number with the lever at either end, all others as they are.
    mu_star, conf, mu, sigma : float or None
        As in ``Effects``; None where only single steps were taken.
    is_kept : bool
        Whether it moves the number by at least 2 % of what the strongest lever does.
    """

    reach: Reach
    at_low: float
    at_high: float
    mu_star: float | None = None
    conf: float | None = None
    mu: float | None = None
    sigma: float | None = None
    is_kept: bool = True

    @property
    def width(self) -> float:
        """How far the number moves from end to end of the lever."""
        return self.at_high - self.at_low

    @property
    def weight(self) -> float:
        """What levers are ordered by: the mean size of effects, or the size of the single one."""
        return abs(self.width) if self.mu_star is None else self.mu_star


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """What moves a number of the forecast, the strongest first.

    Attributes
    ----------
    number : WatchedNumber
    as_of, at : date
        Report date; the day of the number.
    base : float
        The number as planned.
    swings : tuple of Swing
    points : int
        Forecasts that this took.
    replicates : int
        Of each simulated forecast; 0 where every forecast is the exact expectation.
    """

    number: WatchedNumber
    as_of: date
    at: date
    base: float
    swings: tuple[Swing, ...]
    points: int
    replicates: int

    @property
    def method(self) -> str:
        """``morris``, or ``tornado`` where single steps alone were taken."""
        return "tornado" if self.swings[0].mu_star is None else "morris"

    def document(self) -> dict[str, Any]:
        """Return it as plain values: ``herd-sensitivity/1``."""
        return {
            "schema": "herd-sensitivity/1",
            "output": str(self.number),
            "as_of": self.as_of.isoformat(),
            "at": self.at.isoformat(),
            "base": self.base,
            "method": self.method,
            "points": self.points,
            "replicates": self.replicates or None,
            "levers": [
                {
                    "name": each.reach.name,
                    "unit": each.reach.unit.value,
                    "low": each.reach.low,
                    "now": each.reach.now,
                    "high": each.reach.high,
                    "at_low": each.at_low,
                    "at_high": each.at_high,
                    "sign": (each.width > 0) - (each.width < 0),
                    "mu_star": each.mu_star,
                    "conf": each.conf,
                    "sigma": each.sigma,
                    "kept": each.is_kept,
                }
                for each in self.swings
            ],
        }
