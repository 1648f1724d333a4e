"""What was forecast, and what the next export says that happened: number by number, and together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import Any

from herd_engine.model.forecast import Metric

_Z = 1.959963984540054
"""Of a normal distribution, the quantile 0.975: intervals are of 95 %."""


VERDICT_NUMBERS = ("p50", "low", "high", "happened", "pit", "crps", "persistence")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One number of a forecast that a later export tells.

    Attributes
    ----------
    metric : Metric
    day : date
        Stocks are of this day; events of the time since the record date before.
    p50, low, high : float
        Median and band of the forecast.
    happened : float
    pit : float or None
        Share of the forecast's replicates below what happened, equal ones counted half; None where the
        replicates are not kept.
    crps : float or None
        Continuous ranked probability score, in the metric's unit: 0 is perfect; None as ``pit``.
    persistence : float or None
        What somebody would have said who thinks that all stays as it was; None where that is not known.
    """

    metric: Metric
    day: date
    p50: float
    low: float
    high: float
    happened: float
    pit: float | None = None
    crps: float | None = None
    persistence: float | None = None

    @property
    def is_inside(self) -> bool:
        """Whether it happened within the band."""
        return self.low <= self.happened <= self.high

    def document(self) -> dict[str, Any]:
        """Return the same as plain values, fit for JSON."""
        numbers = {name: getattr(self, name) for name in VERDICT_NUMBERS}
        inside = self.is_inside
        return {"metric": self.metric.value, "day": self.day.isoformat(), **numbers, "inside": inside}


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictTally:
    """How verdicts came out together.

    Attributes
    ----------
    inside, of : int
    bias : float
        Mean of what happened minus the forecast's median; above 0 where forecasts were too low.
    mae : float
        Mean distance of the median from what happened.
    skill : float or None
        1 - CRPS / absolute error of persistence, over the verdicts that have both: 1 is perfect, 0 no better
        than saying that all stays as it was; None without such verdicts, or where persistence was perfect.
    """

    inside: int
    of: int
    bias: float
    mae: float
    skill: float | None = None

    @classmethod
    def of_verdicts(cls, verdicts: Sequence[Verdict]) -> "VerdictTally":
        """Count verdicts, one at least."""
        errors = [verdict.happened - verdict.p50 for verdict in verdicts]
        return cls(
            inside=sum(verdict.is_inside for verdict in verdicts),
            of=len(verdicts),
            bias=sum(errors) / len(errors),
            mae=sum(map(abs, errors)) / len(errors),
            skill=_skill(verdicts),
        )

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share inside."""
        return wilson(self.inside, self.of)

    def document(self) -> dict[str, Any]:
        """Return the same as plain values, fit for JSON."""
        counted = {"inside": self.inside, "of": self.of, "ci": list(self.interval)}
        return counted | {"bias": self.bias, "mae": self.mae, "skill": self.skill}


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedForecast:
    """A kept forecast and what became of it.

    Attributes
    ----------
    run_id : str
    made : date
        Report date of the herd that it was made of.
    judged_by : date
        Report date of the latest export that judged it.
    band : float
        Width of its band, such as 0.9.
    verdicts : tuple of Verdict
        By day, then by metric.
    """

    run_id: str
    made: date
    judged_by: date
    band: float
    verdicts: tuple[Verdict, ...]

    def document(self) -> dict[str, Any]:
        """Return the same as plain values, fit for JSON."""
        return {
            "run_id": self.run_id,
            "made": self.made.isoformat(),
            "judged_by": self.judged_by.isoformat(),
            "band": self.band,
            "verdicts": [verdict.document() for verdict in self.verdicts],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOfForecasts:
    """All forecasts of a farm that were judged by its own later exports, the one judged last first."""

    forecasts: tuple[JudgedForecast, ...]

    @property
    def tally(self) -> VerdictTally | None:
        """All verdicts together; None without any."""
        verdicts = [verdict for forecast in self.forecasts for verdict in forecast.verdicts]
        return VerdictTally.of_verdicts(verdicts) if verdicts else None

    def by_metric(self) -> dict[Metric, VerdictTally]:
        """Return the verdicts on each metric together, in the order of metrics."""
        return tallies(verdict for forecast in self.forecasts for verdict in forecast.verdicts)

    def document(self) -> dict[str, Any]:
        """Return the same as plain values: ``herd-report-card/1``."""
        return {
            "schema": "herd-report-card/1",
            "coverage": self.tally and self.tally.document(),
            "metrics": {metric.value: tally.document() for metric, tally in self.by_metric().items()},
            "forecasts": [forecast.document() for forecast in self.forecasts],
        }


def tallies(verdicts: Iterable[Verdict]) -> dict[Metric, VerdictTally]:
    """Return verdicts by metric, in the order of metrics; those without any are left out."""
    by_metric: dict[Metric, list[Verdict]] = {metric: [] for metric in Metric}
    for verdict in verdicts:
        by_metric[verdict.metric].append(verdict)
    return {metric: VerdictTally.of_verdicts(found) for metric, found in by_metric.items() if found}


def _skill(verdicts: Sequence[Verdict]) -> float | None:
    scores = [
        (verdict.crps, abs(verdict.happened - verdict.persistence))
        for verdict in verdicts
        if verdict.crps is not None and verdict.persistence is not None
    ]
    worst = sum(error for _, error in scores)
    return 1 - sum(score for score, _ in scores) / worst if worst else None


def wilson(inside: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of a share, ``of`` at least 1.

    References
    ----------
    .. [1] Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
       J. Am. Stat. Assoc. 22, 209-212. https://doi.org/10.1080/01621459.1927.10502953
    """
    share, squared = inside / of, _Z**2 / of
    middle = (share + squared / 2) / (1 + squared)
    reach = _Z / (1 + squared) * sqrt(share * (1 - share) / of + squared / (4 * of))
    return max(0.0, middle - reach), min(1.0, middle + reach)
