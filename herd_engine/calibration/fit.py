"""What calibration found in a herd, in numbers that a person can check."""

from dataclasses import asdict, dataclass

import numpy as np

from herd_engine.calibration.calibrate import calibrate
from herd_engine.errors import HerdDataError
from herd_engine.model.animals import AnimalRecords
from herd_engine.model.quality import QualityIssue
from herd_engine.model.scenario import FILE_MODES, Mode, ModelParameters
from herd_engine.model.tables import DayDistribution, Tables

DISTRIBUTIONS = ("age_at_conception", "service_period", "conception_to_dry_off", "gestation")


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionSummary:
    """A distribution over days in eight numbers; all but the first in days."""

    n_observed: int
    mean: float
    sd: float
    min: int
    p05: int
    p50: int
    p95: int
    max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What each mode would use, where the file has the data for it.

    Attributes
    ----------
    tables : dict of Mode to Tables
        Of the two modes that take the file at its word, without those that lack data.
    issues : tuple of QualityIssue
        The empty lists that are to blame.
    """

    tables: dict[Mode, Tables]
    issues: tuple[QualityIssue, ...]

    def document(self) -> dict[str, object]:
        """Return the fit as plain data for JSON: distributions by mode, daily hazards."""
        result: dict[str, object] = {
            str(mode): {name: asdict(summarize_distribution(getattr(tables, name))) for name in DISTRIBUTIONS}
            for mode, tables in self.tables.items()
        }
        tables = next(iter(self.tables.values()), None)
        if tables is not None:
            result["daily_exit_probability"] = {
                "by_lactation": tables.lactation_hazard.tolist(),
                "by_month": tables.month_hazard.tolist(),
                "flagged_heifers": float(tables.flagged_hazard[0]),
                "flagged_cows": float(tables.flagged_hazard[1]),
            }
        return result


def fit_herd(records: AnimalRecords, parameters: ModelParameters | None = None) -> Fit:
    """Calibrate the modes that take a file at its word; a list that is empty becomes an issue, no error."""
    tables: dict[Mode, Tables] = {}
    issues: dict[str, QualityIssue] = {}
    for mode in FILE_MODES:
        try:
            tables[mode] = calibrate(records, mode, parameters or ModelParameters())
        except HerdDataError as error:
            issues |= {issue.code: issue for issue in error.issues if issue.code not in issues}
    return Fit(tables=tables, issues=tuple(issues.values()))


def summarize_distribution(distribution: DayDistribution) -> DistributionSummary:
    """Return count, mean, standard deviation, range and quantiles (smallest day with F >= level)."""
    cumulative = np.cumsum(distribution.probability)
    low, middle, high = distribution.days[np.searchsorted(cumulative, [0.05 - 1e-9, 0.5 - 1e-9, 0.95 - 1e-9])]
    return DistributionSummary(
        n_observed=distribution.n_observed,
        mean=distribution.mean,
        sd=distribution.sd,
        min=int(distribution.days[0]),
        p05=int(low),
        p50=int(middle),
        p95=int(high),
        max=int(distribution.days[-1]),
    )
