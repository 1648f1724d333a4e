"""A number of a herd with all that is said of it: what it counts, how surely, or why it is not known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

LEVEL = 0.95
"""Of the intervals of counted shares."""


class WhyUnknown(StrEnum):
    """Why there is no number; it is never 0 instead."""

    NEEDS_HISTORY = "needs_history"
    NEEDS_PRICES = "needs_prices"
    NEEDS_MILK = "needs_milk"
    TOO_FEW = "too_few"
    NOT_APPLICABLE = "not_applicable"
    NOT_IN_FILE = "not_in_file"


class Basis(StrEnum):
    """Where a number comes from."""

    COUNTED = "counted"
    ESTIMATED = "estimated"
    SIMULATED = "simulated"
    STATED = "stated"


class KpiUnit(StrEnum):
    """What a number counts in."""

    HEAD = "head"
    SHARE = "share"
    DAYS = "days"
    MONTHS = "months"
    PER_COW_YEAR = "per_cow_year"
    RATIO = "ratio"
    MONEY = "money"
    KILOGRAMS = "kilograms"


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiLine:
    """A value to hold a number against: the farm's own target, or what is usual, and who says so."""

    value: float
    source: str
    is_default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """One key figure of a herd on a day.

    Attributes
    ----------
    key : str
        Names its definition; texts are under ``kpi.<key>``.
    unit : KpiUnit
    value : float or None
        None where only ``low`` … ``high`` is known, or nothing.
    low, high : float or None
        Between these the truth lies, where one file cannot tell more.
    n : int or None
        What was counted.
    of : tuple of int
        Of how many; two numbers where ``low`` and ``high`` have their own.
    ci : tuple of float, length 2, or None
        Interval of Wilson, 95 %, of a share that was counted; of a bracket, from the lower end of ``low`` to
        the upper end of ``high``.
    basis : Basis
    reason : WhyUnknown or None
        Where neither a value nor a bracket is known.
    by : mapping
        The same by lactation, cycle, month or year: own history.
    limits : tuple of str
        Codes of what the number does not tell.
    target, usual : KpiLine or None
    """

    key: str
    unit: KpiUnit
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    of: tuple[int, ...] = ()
    ci: tuple[float, float] | None = None
    basis: Basis = Basis.COUNTED
    reason: WhyUnknown | None = None
    by: Mapping[str, Any] = field(default_factory=dict)
    limits: tuple[str, ...] = ()
    target: KpiLine | None = None
    usual: KpiLine | None = None

    def document(self, as_of: date) -> dict[str, Any]:
        """Return it as plain values, fit for JSON; what is not known is null."""
        lines = {
            name: None
            if line is None
            else {"value": line.value, "source": line.source, "is_default": line.is_default}
            for name, line in (("target", self.target), ("usual", self.usual))
        }
        return {
            "key": self.key, "value": self.value, "low": self.low, "high": self.high, "unit": str(self.unit),
            "n": self.n, "N": list(self.of), "ci": None if self.ci is None else list(self.ci),
            "ci_method": None if self.ci is None else "wilson",
            "level": None if self.ci is None else LEVEL,
            "as_of": as_of.isoformat(), "basis": str(self.basis),
            "reason": None if self.reason is None else str(self.reason),
            "by": dict(self.by), "limits": list(self.limits), **lines,
        }  # fmt: skip


def unknown(key: str, unit: KpiUnit, reason: WhyUnknown, **more: Any) -> Kpi:
    """Return a key figure that is not known, and why."""
    return Kpi(key=key, unit=unit, reason=reason, **more)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigures:
    """The key figures of a herd file.

    Attributes
    ----------
    as_of : date
        Report date.
    windows : mapping
        In which days of the past the file shows everything: ``cohort_days``, ``conception``, ``cycles``.
    kpis : tuple of Kpi
    """

    as_of: date
    windows: Mapping[str, Any]
    kpis: tuple[Kpi, ...]

    def get(self, key: str) -> Kpi:
        """Return the figure of a key; KeyError."""
        return {each.key: each for each in self.kpis}[key]

    def document(self) -> dict[str, Any]:
        """Return them as plain values: ``herd-kpis/1``."""
        return {
            "schema": "herd-kpis/1",
            "as_of": self.as_of.isoformat(),
            "windows": dict(self.windows),
            "kpis": [each.document(self.as_of) for each in self.kpis],
        }
