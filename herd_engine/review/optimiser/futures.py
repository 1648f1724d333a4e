"""Futures of a herd with and without purchases: these add up exactly, run by run."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from herd_engine.engine.simulate import Execution, simulate
from herd_engine.model.animals import Herd
from herd_engine.model.farm_calendar import month_starts
from herd_engine.model.forecast import COUNT_COLUMNS, Metric
from herd_engine.model.scenario import Purchase, Scenario
from herd_engine.model.tables import Tables

Counts = NDArray[np.int64]
"""Shape (replicates, months + 1)."""
_PROBE_ANIMALS, _PROBE_RUNS = 100, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Futures:
    """A herd, its rates and a scenario without purchases, from which futures are simulated.

    Attributes
    ----------
    herd : Herd
    tables : Tables
    scenario : Scenario
        Its horizon is that of the goal; it buys nothing.
    seed : int
    days_pregnant : int
        Of the heifers that may be bought, on arrival.
    execution : Execution
    known : dict
        What was simulated of the herd already: other goals of it ask for the same.
    """

    herd: Herd
    tables: Tables
    scenario: Scenario
    seed: int
    days_pregnant: int
    execution: Execution
    known: dict[tuple[range, Metric], Counts] = field(default_factory=dict, repr=False, compare=False)

    @property
    def starts(self) -> tuple[date, ...]:
        """The days on which heifers may be bought: the month starts of the forecast."""
        return month_starts(self.herd.report_date, self.scenario.horizon_months)

    def of_herd(self, replicates: range, metric: Metric) -> Counts:
        """Return a count of the herd without purchases."""
        found = self.known.get((replicates, metric))
        if found is None:
            found = self._simulated(self.herd, self.scenario, replicates, metric)
            self.known[replicates, metric] = found
        return found

    def of_bought(self, bought: Sequence[int], replicates: range, metric: Metric) -> Counts:
        """Return the same count of bought heifers and their calves alone, ``bought[m]`` on month start m."""
        plan = purchases(bought, self.starts, self.days_pregnant)
        if not plan:
            return np.zeros((len(replicates), self.scenario.horizon_months + 1), np.int64)
        return self._simulated(
            without_animals(self.herd), replace(self.scenario, purchases=plan), replicates, metric
        )

    def response(self, metric: Metric) -> NDArray[np.float64]:
        """Return the mean count in record t for one heifer bought on month start m; (months, months + 1)."""
        months = self.scenario.horizon_months
        rows = []
        for month in range(months):
            bought = [0] * months
            bought[month] = _PROBE_ANIMALS
            rows.append(self.of_bought(bought, range(_PROBE_RUNS), metric).mean(axis=0) / _PROBE_ANIMALS)
        return np.array(rows)

    def _simulated(self, herd: Herd, scenario: Scenario, replicates: range, metric: Metric) -> Counts:
        found = simulate(herd, self.tables, scenario, replicates, self.seed, self.execution)
        return found.counts[:, :, COUNT_COLUMNS.index(metric)].astype(np.int64)


def purchases(bought: Sequence[int], starts: Sequence[date], days_pregnant: int) -> tuple[Purchase, ...]:
    """Return a plan as purchases, a month start each."""
    return tuple(
        Purchase(date_in=day, count=int(n), days_pregnant=days_pregnant)
        for day, n in zip(starts, bought, strict=True)
        if n
    )


def without_animals(herd: Herd) -> Herd:
    """Return a herd of the same day with nobody in it."""
    nobody = {
        item.name: getattr(herd, item.name)[:0]
        for item in fields(herd)
        if item.name not in {"report_date", "excluded"}
    }
    return replace(herd, **nobody)
