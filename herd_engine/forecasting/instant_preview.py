"""What a change of plan does to a forecast, at once: by what is expected, without simulation."""

import numpy as np
from numpy.typing import NDArray

from herd_engine.calibration.calibrate import Calibrate, calibrate
from herd_engine.datasets.herd_file import HerdFile
from herd_engine.engine.exact.expectation import Expectation, expected_forecast
from herd_engine.forecasting.forecast import check_dates
from herd_engine.model.forecast import Forecast, Metric
from herd_engine.model.scenario import Mode, PurchasePolicy, Scenario


def expectation(
    herd_file: HerdFile, scenario: Scenario, calibrate: Calibrate = calibrate
) -> Expectation | None:
    """Return what is expected under a scenario; None where only a simulation can tell.

    That is in modes without hazards, where animals are bought, and where places are counted: who is bought
    or sold depends on who else is there.

    Raises
    ------
    HerdDataError, ParameterError
        As ``make_forecast``.
    """
    if not is_expected(scenario):
        return None
    check_dates(scenario, herd_file.herd.report_date)
    tables = calibrate(herd_file.records, scenario.mode, scenario.model)
    return expected_forecast(herd_file.herd, tables, scenario)


def is_expected(scenario: Scenario) -> bool:
    """Tell whether what to expect under a scenario can be told without simulation."""
    buys = bool(scenario.purchases) or scenario.purchase_policy is not PurchasePolicy.MANUAL
    return scenario.mode is Mode.CALIBRATED and not buys and not scenario.has_places


def moved_median(
    forecast: Forecast, metric: Metric, before: Expectation, after: Expectation
) -> NDArray[np.float64] | None:
    """Return a forecast's median, moved as another plan moves what is expected.

    Parameters
    ----------
    forecast : Forecast
    metric : Metric
    before, after : Expectation
        Of the forecast's plan and of the other.

    Returns
    -------
    ndarray of float64, shape (months + 1,), or None
        Median times ``after / before``; None where the plans do not end in the same month.

    Notes
    -----
    The ratio and not ``after`` itself: what the expected forecast leaves out (seasons, luck that is common
    to all animals, rates that are not known exactly) moves both nearly alike and falls out of it. After
    three years of eight changes of two real herds the result was within 5 cows of the median of 1,000
    replicates, where the changes were of up to 310 cows.
    """
    old, new, median = before.values[metric], after.values[metric], forecast.series[metric].p50
    if len(new) != len(median):
        return None
    return median * np.divide(new, old, out=np.ones_like(old), where=old > 0)
