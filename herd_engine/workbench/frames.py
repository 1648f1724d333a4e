"""Answers that are tables, as tidy pandas frames: a row a day and quantity, a column a number."""

from functools import singledispatch
from typing import TYPE_CHECKING

from herd_engine.calibration.audit import Estimate
from herd_engine.errors import ParameterError
from herd_engine.model.backtest import JUDGED_BAND, QUANTILES, Backtest
from herd_engine.model.comparison import Comparison
from herd_engine.model.forecast import STATISTICS, Forecast, Metric

if TYPE_CHECKING:
    import pandas as pd


@singledispatch
def frame(answer: object) -> "pd.DataFrame":
    """Return an answer as a frame.

    Parameters
    ----------
    answer : Forecast, Comparison, Backtest, or tuple of Estimate
        ``Forecast``: ``date, metric, unit, mean, p_low, p25, p50, p75, p_high``. Stocks are those of the day,
        events those since the row before; NaN where nothing is known.
        ``Comparison``: the same of the difference to the base, after ``run, base``; then ``more, less``,
        shares of replicates.
        ``Backtest``: ``origin, date, mode, metric, unit, happened, p05 … p95, inside``, whether what happened
        lies in the band that forecasts are judged by.
        Estimates, as ``Workbench.audit`` gives them: ``quantity, group, events, exposure, naive, value, low,
        high, prior_weight``, rates in animals of 100 a year.

    Raises
    ------
    ParameterError
        It is no table.
    """
    raise ParameterError("answer", type(answer).__name__, "be a forecast, comparison, backtest or estimates")


@frame.register(Forecast)  # hints are not looked at, for pandas is not there yet
def _(answer: Forecast) -> "pd.DataFrame":
    import pandas as pd  # noqa: PLC0415 - for those who ask for frames alone

    parts = [
        pd.DataFrame(
            {"date": pd.to_datetime(list(answer.dates)), "metric": metric.value, "unit": unit_of(metric)}
            | {name: getattr(series, name) for name in STATISTICS}
        )
        for metric, series in answer.series.items()
    ]
    return pd.concat(parts, ignore_index=True)


@frame.register(Comparison)
def _(answer: Comparison) -> "pd.DataFrame":
    import pandas as pd  # noqa: PLC0415

    days = pd.to_datetime(list(answer.dates))
    parts = [
        pd.DataFrame(
            {"run": run.key, "base": answer.base, "date": days, "metric": metric.value}
            | {"unit": unit_of(metric)}
            | {name: getattr(found.series, name) for name in STATISTICS}
            | {"more": found.more, "less": found.less}
        )
        for run in answer.runs
        for metric, found in run.differences.items()
    ]
    return pd.concat(parts, ignore_index=True)


@frame.register(Backtest)
def _(answer: Backtest) -> "pd.DataFrame":
    import pandas as pd  # noqa: PLC0415

    names = [f"p{100 * level:02.0f}" for level in QUANTILES]
    parts = [
        pd.DataFrame(
            {"origin": pd.Timestamp(fold.origin), "date": pd.to_datetime(list(fold.dates)), "mode": mode}
            | {"metric": metric.value, "unit": unit_of(metric), "happened": fold.happened[metric]}
            | dict(zip(names, quantiles, strict=True))
        )
        for fold in answer.folds
        for (mode, metric), quantiles in fold.quantiles.items()
    ]
    whole = pd.concat(parts, ignore_index=True)
    low, high = (f"p{50 + sign * 50 * JUDGED_BAND:02.0f}" for sign in (-1, 1))
    inside = whole["happened"].between(whole[low], whole[high])
    return whole.assign(inside=inside.astype("boolean").mask(whole["happened"].isna()))


@frame.register(tuple)
def _(answer: tuple) -> "pd.DataFrame":  # type: ignore[type-arg]
    import pandas as pd  # noqa: PLC0415

    if not all(isinstance(each, Estimate) for each in answer):
        raise ParameterError("answer", "a tuple", "hold estimates alone")
    names = ("quantity", "group", "events", "exposure", "naive", "value", "low", "high", "prior_weight")
    rows = [[str(each.quantity), *(getattr(each, name) for name in names[1:])] for each in answer]
    return pd.DataFrame(rows, columns=list(names))


def unit_of(metric: Metric) -> str:
    """Return what a metric is counted in: ``head``, or ``days``."""
    return "days" if metric is Metric.AVG_DAYS_IN_MILK else "head"
