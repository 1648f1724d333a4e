"""Every lever moves a forecast, and in the direction that it says.

A low and a high value share their luck, animal by animal, so that few replicates tell the two apart.
"""

from functools import cache
from typing import Any

import numpy as np
import pytest

from herd_engine.calibration.calibrate import calibrate
from herd_engine.engine.simulate import simulate
from herd_engine.model.farm_calendar import month_starts
from herd_engine.model.forecast import COUNT_COLUMNS, Metric, Simulation
from herd_engine.model.levers import LEVERS, Lever, Unit
from herd_engine.model.scenario import Mode, ModelParameters, PurchasePolicy, Scenario
from tests.statistical.sample_farm import SEED, sample_farm

REPLICATES = 100
BESIDE: dict[str, dict[str, Any]] = {
    "gestation_lo": {"gestation_sigma": 15.0, "gestation_mu": 278.0, "gestation_hi": 320},
    "gestation_hi": {"gestation_sigma": 15.0, "gestation_mu": 277.0, "gestation_lo": 260},
    "gestation_mu": {"gestation_lo": 260, "gestation_hi": 320},
    "gestation_sigma": {"gestation_lo": 240, "gestation_hi": 330},
}
"""Without these a limit beyond which nobody is would be moved."""
VALUES: dict[str, tuple[Any, Any]] = {
    "gestation_lo": (260, 277),
    "gestation_hi": (278, 320),
    "gestation_mu": (265.0, 300.0),
    "purchased_days_to_calving_lo": (1, 200),
    "purchased_days_to_calving_hi": (30, 280),
    "max_days_in_milk": (250, 600),
    "parameter_uncertainty": (False, True),
}
BOUGHT = ("purchased_days_to_calving_lo", "purchased_days_to_calving_hi")


def ends(item: Lever) -> tuple[Any, Any]:
    """Return a lower and a higher value, well apart."""
    if item.name in VALUES:
        return VALUES[item.name]
    assert item.low is not None
    assert item.high is not None
    low, high = (item.low + part * (item.high - item.low) for part in (0.25, 0.75))
    return (low, high) if isinstance(item.low, float) else (round(low), round(high))


@cache
def moved(name: str, at: int) -> Simulation:
    """Simulate three years with a lever at its lower (0) or higher (1) value."""
    herd_file, _ = sample_farm()
    model = ModelParameters(**BESIDE.get(name, {}), **{name: ends(LEVERS[name])[at]})
    policy = PurchasePolicy.AUTO_COUNTER if name in BOUGHT else PurchasePolicy.MANUAL
    mode = Mode(LEVERS[name].modes[-1])
    scenario = Scenario(mode=mode, model=model, purchase_policy=policy, horizon_months=36)
    return simulate(herd_file.herd, calibrate(herd_file.records, mode, model), scenario, REPLICATES, SEED)


def values(result: Simulation, metric: Metric) -> np.ndarray:
    """Return a metric of each replicate, summed over the months; shape (replicates,)."""
    columns = list(COUNT_COLUMNS)
    if metric is Metric.AVG_DAYS_IN_MILK:
        milking = result.counts[:, 1:, columns.index("milking_count")].sum(axis=1)
        return result.days_in_milk_sum[:, 1:].sum(axis=1) / milking
    return result.counts[:, 1:, columns.index(str(metric))].sum(axis=1).astype(float)


@pytest.mark.parametrize("name", [name for name, item in LEVERS.items() if item.move is not None])
def test_a_greater_value_moves_its_metric_where_the_lever_says(name: str) -> None:
    move = LEVERS[name].move
    assert move is not None

    change = values(moved(name, 1), Metric(move.metric)) - values(moved(name, 0), Metric(move.metric))

    error = change.std(ddof=1) / np.sqrt(len(change) / 2)  # two replicates share their parameters
    assert move.sign * change.mean() > 3 * error


@pytest.mark.parametrize("name", ["gestation_sigma", "gestation_sd"])
def test_a_spread_moves_days_of_calving_and_not_their_number(name: str) -> None:
    low, high = (values(moved(name, at), Metric.CALVINGS) for at in (0, 1))

    assert not np.array_equal(moved(name, 0).counts, moved(name, 1).counts)
    assert abs(high.mean() / low.mean() - 1) < 0.02


def test_what_is_not_known_of_the_farm_widens_the_band() -> None:
    certain, uncertain = (values(moved("parameter_uncertainty", at), Metric.MILKING_COUNT) for at in (0, 1))

    assert uncertain.std() > certain.std()


def test_female_calves_are_more_from_later_conceptions_alone() -> None:
    """The shortest gestation has 255 days: nobody who is born before was conceived after the report date."""
    low, high = moved("female_fraction", 0), moved("female_fraction", 1)
    starts = month_starts(sample_farm()[0].herd.report_date, 36)
    sooner = [(day - sample_farm()[0].herd.report_date).days <= 255 for day in starts]
    births = COUNT_COLUMNS.index("heifer_births")

    assert sum(sooner) == 9
    assert np.array_equal(low.counts[:, 1:][:, sooner], high.counts[:, 1:][:, sooner])
    assert (low.counts[:, 1:10, births].sum(axis=1) > 0).all()
    later = slice(10, None)
    assert (low.counts[:, later, births].sum(axis=1) < high.counts[:, later, births].sum(axis=1)).all()


def test_every_lever_is_moved() -> None:
    still = {name for name, item in LEVERS.items() if item.move is None}

    assert still == {"gestation_sigma", "gestation_sd", "parameter_uncertainty"}
    assert {name for name, item in LEVERS.items() if item.unit is Unit.SWITCH} == {"parameter_uncertainty"}
