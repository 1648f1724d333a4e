"""Rows of the outputs table, and which of them somebody wants to see."""

import math
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

import pyarrow as pa

from herd_engine.errors import ParameterError
from herd_engine.model.forecast import STATISTICS, Metric

NUMBERS = (*STATISTICS, *(f"mcse_{name}" for name in STATISTICS))

SCHEMA = pa.schema(
    [
        ("farm_id", pa.string()),
        ("scenario_id", pa.string()),
        ("run_id", pa.string()),
        ("run_hash", pa.string()),
        ("content_hash", pa.string()),
        ("published_at", pa.timestamp("us", tz="UTC")),
        ("asof_date", pa.date32()),
        ("target_month", pa.date32()),
        ("horizon_months", pa.int32()),
        ("metric", pa.string()),
        ("unit", pa.string()),
        *((name, pa.float64()) for name in NUMBERS),
    ]
)
COLUMNS = tuple(SCHEMA.names)
PARTITION = ("scenario_id", "metric", "asof_date")
KEYS = (*PARTITION, "run_id", "target_month")
"""What orders the rows; together unique."""


class View(StrEnum):
    """Which rows count.

    ``all``: every row. ``latest``: of every scenario and as-of date, the run that was published last.
    ``latest_by_metric``: of every scenario and metric one row, the newest value: of the greatest as-of date,
    there of the run published last, there of the greatest target month that is asked for. Runs without a
    kept scenario count as one scenario.
    """

    ALL = "all"
    LATEST = "latest"
    LATEST_BY_METRIC = "latest_by_metric"


class OutputRow(NamedTuple):
    """One metric of one run in one month.

    Attributes
    ----------
    farm_id, run_id, run_hash, content_hash : str
    scenario_id : str
        Empty where the run was not made of a kept scenario.
    published_at : datetime
    asof_date, target_month : date
        Report date of the herd; date of the record.
    horizon_months : int
        Number of the record, 0 on the report date.
    metric, unit : str
    mean, p_low, p25, p50, p75, p_high : float or None
        In ``unit``; None where nothing is known.
    mcse_mean, mcse_p_low, mcse_p25, mcse_p50, mcse_p75, mcse_p_high : float or None
        Their Monte Carlo standard errors.
    """

    farm_id: str
    scenario_id: str
    run_id: str
    run_hash: str
    content_hash: str
    published_at: datetime
    asof_date: date
    target_month: date
    horizon_months: int
    metric: str
    unit: str
    mean: float | None
    p_low: float | None
    p25: float | None
    p50: float | None
    p75: float | None
    p_high: float | None
    mcse_mean: float | None
    mcse_p_low: float | None
    mcse_p25: float | None
    mcse_p50: float | None
    mcse_p75: float | None
    mcse_p_high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputFilters:
    """Which outputs are wanted; empty or None leaves open.

    Attributes
    ----------
    scenario_ids, run_ids : tuple of str
        Of the farm. A view chooses among all runs of a scenario; only those named here are then shown.
    tags : tuple of str
        The scenario has all of them.
    metrics : tuple of Metric
    month_from, month_to : date, optional
        First and last target month.
    statistic : str
        Whose value is meant: one of ``NUMBERS``.
    value_from, value_to : float, optional
        Least and greatest value, of the rows that a view has.

    Raises
    ------
    ParameterError
        There is no such metric or statistic, or the value is not a finite number.
    """

    scenario_ids: tuple[str, ...] = ()
    run_ids: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    month_from: date | None = None
    month_to: date | None = None
    statistic: str = "p50"
    value_from: float | None = None
    value_to: float | None = None

    def __post_init__(self) -> None:
        for metric in self.metrics:
            if metric not in tuple(Metric):
                raise ParameterError("metric", metric, f"be one of {', '.join(Metric)}")
        if self.statistic not in NUMBERS:
            raise ParameterError("statistic", self.statistic, f"be one of {', '.join(NUMBERS)}")
        for value in (self.value_from, self.value_to):
            if value is not None and not math.isfinite(value):
                raise ParameterError("value", value, "be a finite number")


EVERY_OUTPUT = OutputFilters()
