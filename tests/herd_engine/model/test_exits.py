"""Who leaves: cows by what is left of the cows, young stock by what is left of the exits."""

import numpy as np

from herd_engine.forecasting.forecast import ReplicateCount, make_forecast_and_runs
from herd_engine.model.draws import Draws
from herd_engine.model.exits import exits
from herd_engine.model.forecast import Metric
from herd_engine.model.scenario import PurchasePolicy, Scenario
from herd_engine.sample import make_sample
from herd_engine.workbench import Workbench
from tests.herd_engine.charts.hand_made import small_forecast


def test_cows_leave_by_as_many_as_came_and_are_not_there_any_more() -> None:
    # Means, 0.25 above the medians. Cows: 1,422.5 on 26 Feb, 1,409.5 on 1 Mar, 1,367 on 1 Apr.
    left = exits(small_forecast())

    assert np.isnan(left.cows[0])
    assert left.cows[1:3].tolist() == [1.25 + 13, 54.25 + 42.5]
    assert left.young[1:3].tolist() == [18.25 - 14.25, 130.25 - 96.75]


def test_in_every_simulated_future_cows_and_young_stock_that_leave_are_whole_and_add_up() -> None:
    herd_file = Workbench.open().read_bytes(make_sample(animals=300).csv, "farm.csv")
    scenario = Scenario(horizon_months=24, purchase_policy=PurchasePolicy.AUTO_COUNTER)

    forecast, simulation = make_forecast_and_runs(herd_file, scenario, ReplicateCount(30), 1, None)

    draws = Draws.of(simulation, forecast.dates)
    cows = draws.values(Metric.MILKING_COUNT) + draws.values(Metric.DRY_COUNT)
    left = draws.values(Metric.HEIFER_INTROS)[:, 1:] - np.diff(cows, axis=1)
    young = draws.values(Metric.CULLS)[:, 1:] - left
    assert left.min() >= 0
    assert young.min() >= 0
    found = exits(forecast)
    np.testing.assert_allclose(found.cows[1:], left.mean(axis=0), rtol=0, atol=1e-9)
    np.testing.assert_allclose(found.young[1:], young.mean(axis=0), rtol=0, atol=1e-9)
