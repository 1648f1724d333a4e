"""A forecast judged by a later export of its farm: what was said of each month, and what happened."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from herd_engine.calibration.habits import habits_of
from herd_engine.calibration.lactations import rebuild_lactations
from herd_engine.datasets.herd_file import HerdFile
from herd_engine.datasets.history import changes
from herd_engine.errors import ConflictError
from herd_engine.forecasting.backtest.baselines import persistence
from herd_engine.forecasting.backtest.happened import Happened
from herd_engine.forecasting.backtest.scores import crps, probability_integral_transform
from herd_engine.model.draws import Draws
from herd_engine.model.farm_calendar import day_number
from herd_engine.model.forecast import Forecast, Metric
from herd_engine.model.verdicts import Verdict

MOST_UNTOLD = 0.02
"""Of the older herd, so large a share may be gone on an unknown day; of more, nobody knows what happened."""


def judge_forecast(
    forecast: Forecast, made_of: HerdFile, newer: HerdFile, draws: Draws | None = None
) -> tuple[Verdict, ...]:
    """Judge the months of a forecast that a later export tells.

    Parameters
    ----------
    forecast : Forecast
    made_of : HerdFile
        Of which it was made.
    newer : HerdFile
        A later export of the farm.
    draws : Draws, optional
        Replicates of the forecast; without them there is neither probability integral transform nor score.

    Returns
    -------
    tuple of Verdict
        By day, then by metric; empty where no month has begun between the two. What the newer export does
        not tell yet, such as heifers whose pregnancy is not confirmed, is left out.

    Raises
    ------
    ConflictError
        Too many animals of the older herd are gone without a day.
    HerdDataError
        The newer export lacks the records that tell what happened.
    """
    days = [day for day in forecast.dates if day <= newer.herd.report_date]
    if len(days) < 2:
        return ()
    _require_told(made_of, newer)
    told = _happened(newer)
    report_date = newer.herd.report_date
    happened = told.series([day_number(day, report_date) for day in days])
    same = persistence(made_of.herd, told, len(days) - 1, report_date)
    return tuple(
        Verdict(
            metric=metric,
            day=days[point],
            p50=float(forecast.series[metric].p50[point]),
            low=float(forecast.series[metric].p_low[point]),
            high=float(forecast.series[metric].p_high[point]),
            happened=float(values[point - 1]),
            pit=_of_draws(probability_integral_transform, draws, metric, point, values),
            crps=_of_draws(crps, draws, metric, point, values),
            persistence=_known(same[metric][point - 1]),
        )
        for point in range(1, len(days))
        for metric, values in happened.items()
        if not np.isnan(values[point - 1]) and not np.isnan(forecast.series[metric].p50[point])
    )


def _happened(newer: HerdFile) -> Happened:
    habits = habits_of(newer.records)
    return Happened(newer.records, rebuild_lactations(newer.records, habits), habits)


def _require_told(made_of: HerdFile, newer: HerdFile) -> None:
    found = changes(made_of, newer)
    untold = len(found.vanished) + len(found.undated)
    if untold > MOST_UNTOLD * found.before:
        message = (
            f"{untold} of {found.before} animals are gone without a day in {newer.name}: what happened month "
            "by month cannot be told. Export animals that left, too, with the day."
        )
        raise ConflictError(message, "past_untold", newer.name)


def _of_draws(
    measure: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]],
    draws: Draws | None,
    metric: Metric,
    point: int,
    values: NDArray[np.float64],
) -> float | None:
    if draws is None:
        return None
    column = draws.values(metric)[:, point : point + 1].astype(np.float64)
    return _known(measure(column, values[point - 1 : point])[0])


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
