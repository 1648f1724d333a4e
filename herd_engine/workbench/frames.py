"""Answers that are tables, as tidy pandas frames: a row a day and quantity, a column a number."""

from collections.abc import Iterable
from enum import StrEnum
from functools import singledispatch
from typing import TYPE_CHECKING

from herd_engine.calibration.audit import Estimate
from herd_engine.errors import ParameterError
from herd_engine.model.backtest import JUDGED_BAND, QUANTILES, Backtest
from herd_engine.model.comparison import Comparison
from herd_engine.model.forecast import STATISTICS, Forecast, Metric
from herd_engine.model.kpi import KeyFigures
from herd_engine.model.sensitivity import Sensitivity
from herd_engine.review.detective.findings import Findings
from herd_engine.review.optimiser.plan import HerdPlan
from herd_engine.review.work_lists import DailySheet

if TYPE_CHECKING:
    import pandas as pd


@singledispatch
def frame(answer: object) -> "pd.DataFrame":
    """Return an answer as a frame.

    Parameters
    ----------
    answer : Forecast, Comparison, Backtest, KeyFigures, Findings, DailySheet, HerdPlan, Sensitivity, or \
tuple of Estimate
        ``Forecast``: ``date, metric, unit, mean, p_low, p25, p50, p75, p_high``. Stocks are those of the day,
        events those since the row before; NaN where nothing is known.
        ``Comparison``: the same of the difference to the base, after ``run, base``; then ``more, less``,
        shares of replicates.
        ``Backtest``: ``origin, date, mode, metric, unit, happened, p05 … p95, inside``, whether what happened
        lies in the band that forecasts are judged by.
        Estimates, as ``Workbench.audit`` gives them: ``quantity, group, events, exposure, naive, value, low,
        high, prior_weight``, rates in animals of 100 a year.
        ``KeyFigures``: ``key, unit, value, low, high, n, basis, reason, target, usual``; what is not known is
        missing and has a reason. ``Findings``: an animal and rule a row, ``rule, family, severity, animal,
        lactation, name, measured, excess``, days. ``DailySheet``: ``list, animal, lactation, days, reason,
        measured, day``. ``HerdPlan``: ``date, count, days_pregnant, commit``. ``Sensitivity``: ``lever, unit,
        low, now, high, at_low, at_high, mu_star, conf, sigma, kept``.

    Raises
    ------
    ParameterError
        It is no table.
    """
    raise ParameterError("answer", type(answer).__name__, "be a forecast or another answer of tables")


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


@frame.register(KeyFigures)
def _(answer: KeyFigures) -> "pd.DataFrame":
    names = ("key", "unit", "value", "low", "high", "n", "basis", "reason")
    whole = _table(answer.kpis, names)
    targets, usual = ([each.target for each in answer.kpis], [each.usual for each in answer.kpis])
    whole["target"], whole["usual"] = (
        [None if line is None else line.value for line in lines] for lines in (targets, usual)
    )
    return whole


@frame.register(Findings)
def _(answer: Findings) -> "pd.DataFrame":
    names = ("rule", "family", "severity", "animal", "lactation", "name", "measured", "excess")
    return _table(answer.hits, names)


@frame.register(DailySheet)
def _(answer: DailySheet) -> "pd.DataFrame":
    import pandas as pd  # noqa: PLC0415

    names = ("list", "animal", "lactation", "days", "reason", "measured", "day")
    whole = _table(answer.rows, names)
    return whole.assign(day=pd.to_datetime(whole["day"]), days=whole["days"].astype("Int64"))


@frame.register(HerdPlan)
def _(answer: HerdPlan) -> "pd.DataFrame":
    import pandas as pd  # noqa: PLC0415

    whole = _table(answer.actions, ("date_in", "count", "days_pregnant"))
    whole = whole.assign(commit=[answer.is_committed(each) for each in answer.actions])
    return whole.assign(date_in=pd.to_datetime(whole["date_in"])).rename(columns={"date_in": "date"})


@frame.register(Sensitivity)
def _(answer: Sensitivity) -> "pd.DataFrame":
    import pandas as pd  # noqa: PLC0415

    reaches = _table([each.reach for each in answer.swings], ("name", "unit", "low", "now", "high"))
    swings = _table(answer.swings, ("at_low", "at_high", "mu_star", "conf", "sigma", "is_kept"))
    return pd.concat([reaches, swings], axis=1).rename(columns={"name": "lever", "is_kept": "kept"})


def _table(rows: Iterable[object], names: tuple[str, ...]) -> "pd.DataFrame":
    """Return a row an object and a column a field; words as plain text."""
    import pandas as pd  # noqa: PLC0415

    cells = ([getattr(row, name) for name in names] for row in rows)
    plain = [[str(cell) if isinstance(cell, StrEnum) else cell for cell in row] for row in cells]
    return pd.DataFrame(plain, columns=list(names))


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
