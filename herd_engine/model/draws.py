"""The replicates of a run as it was simulated, before anything is averaged."""

from dataclasses import dataclass
from datetime import date
from typing import Self

import numpy as np
from numpy.typing import NDArray

from herd_engine.model.forecast import COUNT_COLUMNS, EVENTS, Metric, Simulation

MAX_REPLICATES = 2000
"""So many are kept. The standard error of a quantile q of n replicates is about
``sqrt(q (1 - q) / n) / density`` standard deviations, of P5 and P95 with 2000: 0.047; of what two runs
differ by, which common random numbers keep small, no more than that can matter, and to halve it would
take four times the room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """The first replicates of a run; replicate r is the same luck in every run of a seed and a herd.

    Attributes
    ----------
    dates : tuple of date
        Record dates, the report date first.
    counts : ndarray of int32, shape (replicates, records, len(COUNT_COLUMNS))
    days_in_milk_sum : ndarray of int64, shape (replicates, records)
        Both as in ``Simulation``: sums, so that farms can be added up replicate by replicate.
    """

    dates: tuple[date, ...]
    counts: NDArray[np.int32]
    days_in_milk_sum: NDArray[np.int64]

    @classmethod
    def of(cls, simulation: Simulation, dates: tuple[date, ...]) -> Self:
        """Return the first ``MAX_REPLICATES`` runs of a simulation."""
        return cls(
            dates=dates,
            counts=simulation.counts[:MAX_REPLICATES],
            days_in_milk_sum=simulation.days_in_milk_sum[:MAX_REPLICATES],
        )

    @property
    def n_replicates(self) -> int:
        """Number of replicates."""
        return len(self.counts)

    def values(self, metric: Metric) -> NDArray[np.float64]:
        """Return one metric, shape (replicates, records); NaN where it is not defined."""
        return metric_values(self.counts, self.days_in_milk_sum, metric)


def metric_values(
    counts: NDArray[np.int32], days_in_milk_sum: NDArray[np.int64], metric: Metric
) -> NDArray[np.float64]:
    """Return one metric of all replicates, shape (replicates, records).

    Events are NaN at the report date, mean days in milk where there is no milking cow.
    """
    if metric is Metric.AVG_DAYS_IN_MILK:
        milking = counts[:, :, COUNT_COLUMNS.index(Metric.MILKING_COUNT)]
        average = np.full(milking.shape, np.nan)
        np.divide(days_in_milk_sum, milking, out=average, where=milking > 0)
        return average
    values = counts[:, :, COUNT_COLUMNS.index(metric)].astype(np.float64)
    if metric in EVENTS:
        values[:, 0] = np.nan
    return values
