"""Forecast a herd from earlier dates, and score the forecasts by what happened since."""

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from herd_engine.calibration.calibrate import calibrate
from herd_engine.calibration.exposure import first_recorded_exit
from herd_engine.calibration.habits import Habits, habits_of
from herd_engine.calibration.lactations import Lactations, rebuild_lactations
from herd_engine.datasets.herd_file import HerdFile
from herd_engine.engine.simulate import Execution, simulate
from herd_engine.errors import HerdDataError, ParameterError
from herd_engine.forecasting.backtest.baselines import baseline_forecasts, month_start
from herd_engine.forecasting.backtest.happened import SCORED, Happened
from herd_engine.forecasting.backtest.rewind import Rewound, rewind
from herd_engine.forecasting.backtest.scores import judge
from herd_engine.model.animals import NO_DAY, AnimalRecords
from herd_engine.model.backtest import QUANTILES, Backtest, Fold, Numbers
from herd_engine.model.draws import metric_values
from herd_engine.model.farm_calendar import day_number, month_starts
from herd_engine.model.forecast import Metric
from herd_engine.model.quality import QualityIssue
from herd_engine.model.scenario import Mode, ModelParameters, Scenario
from herd_engine.model.tables import Tables

MOST_MONTHS = 12
FEWEST_DAYS_OF_EXITS = 330
"""Before an origin: rates by calendar month, and the same month of the year before, need about a year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestPlan:
    """What to forecast again.

    Attributes
    ----------
    origins : tuple of int
        Months back from the report date, 1…12 each: forecasts start on the first of that month, so
        that every period is a whole month.
    horizon : int
        Months to forecast, 1…12; no further than the report date.
    modes : tuple of Mode
        Every one must fit; () stands for all that do.
    replicates, seed : int
        Of each forecast.
    """

    origins: tuple[int, ...] = (3, 6, 9)
    horizon: int = 9
    modes: tuple[Mode, ...] = ()
    runs: int = 500
    seed: int = 42

    def __post_init__(self) -> None:
        for name, months in (*(("origins", back) for back in self.origins), ("horizon", self.horizon)):
            if not 1 <= months <= MOST_MONTHS:
                raise ParameterError(name, months, f"be within 1 … {MOST_MONTHS} months")
        if not self.origins:
            raise ParameterError("origins", self.origins, "name at least one")
        for name, values in (("origins", self.origins), ("modes", self.modes)):
            if len(set(values)) < len(values):
                raise ParameterError(name, values, "name each once")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    """A farm's past as far as its file tells, and what the file is for."""

    records: AnimalRecords
    habits: Habits
    lactations: Lactations
    happened: Happened


@dataclass(frozen=True, slots=True, kw_only=True)
class _Start:
    """What was known on an origin, and what each mode makes of it."""

    rewound: Rewound
    tables: dict[Mode, Tables]


def run_backtest(herd_file: HerdFile, plan: BacktestPlan, execution: Execution | None = None) -> Backtest:
    """Rewind, refit, forecast and judge.

    Parameters
    ----------
    herd_file : HerdFile
    plan : BacktestPlan
    execution : Execution, optional
        Never changes the result.

    Returns
    -------
    Backtest

    Raises
    ------
    ParameterError
        An origin is earlier than the file's exits support.
    HerdDataError
        The file lacks the records, or what was known on an origin lacks those of a mode of the plan.
    """
    records = herd_file.records
    check_support(records, plan.origins)
    habits = habits_of(records)
    lactations = rebuild_lactations(records, habits)
    past = _Past(
        records=records,
        habits=habits,
        lactations=lactations,
        happened=Happened(records, lactations, habits),
    )
    starts, left_out = _starts(past, plan)
    return Backtest(
        dataset_name=herd_file.name,
        dataset_sha256=herd_file.sha256,
        report_date=records.report_date,
        confirmation_lag=habits.confirmation_lag,
        modes=tuple(str(mode) for mode in plan.modes or Mode if mode not in left_out),
        left_out={str(mode): issues for mode, issues in left_out.items()},
        runs=plan.runs,
        folds=tuple(_fold(past, back, start, plan, execution) for back, start in starts.items()),
    )


def _starts(
    past: _Past, plan: BacktestPlan
) -> tuple[dict[int, _Start], dict[Mode, tuple[QualityIssue, ...]]]:
    """Rewind and refit, by origin; and return why modes that nobody asked for by name fit some origin not."""
    left_out: dict[Mode, tuple[QualityIssue, ...]] = {}
    starts = {}
    for months_back in plan.origins:
        origin = month_start(past.records.report_date, months_back)
        rewound = rewind(past.records, origin, past.lactations, past.habits)
        tables = {}
        for mode in plan.modes or Mode:
            try:
                tables[mode] = calibrate(rewound.records, mode, ModelParameters())
            except HerdDataError as error:
                if plan.modes:
                    raise
                left_out.setdefault(mode, error.issues)
        starts[months_back] = _Start(rewound=rewound, tables=tables)
    for start in starts.values():  # the same origins for every mode: else their scores do not compare
        for mode in left_out:
            start.tables.pop(mode, None)
    return starts, left_out


def check_support(records: AnimalRecords, origins: tuple[int, ...]) -> None:
    """Refuse origins of which the file cannot tell who was on the farm, and how animals left before.

    Raises
    ------
    HerdDataError, ParameterError
    """
    first = _first_exit(records)
    for months_back in origins:
        if not _is_supported(records, first, months_back):
            origin, since = (
                month_start(records.report_date, months_back),
                records.report_date + timedelta(days=first),
            )
            rule = f"leave {FEWEST_DAYS_OF_EXITS} days of exits before each; the file has them since {since}"
            raise ParameterError("origins", f"{months_back} months back, {origin}", rule)


def supported_plan(records: AnimalRecords, plan: BacktestPlan) -> BacktestPlan:
    """Return the plan without the origins that the file does not support.

    Raises
    ------
    HerdDataError, ParameterError
        It supports none of them.
    """
    first = _first_exit(records)
    origins = tuple(back for back in plan.origins if _is_supported(records, first, back))
    if not origins:
        check_support(records, (min(plan.origins),))
    return replace(plan, origins=origins)


def _first_exit(records: AnimalRecords) -> int:
    """Return the day from which on the file has exits."""
    if (records.archive == NO_DAY).all():
        raise HerdDataError(
            "The file has no animals that left (no archive dates); who was on the farm at an earlier date "
            "cannot be told. Export animals that left in the last two years too."
        )
    return first_recorded_exit(records)


def _is_supported(records: AnimalRecords, first_exit: int, months_back: int) -> bool:
    origin = month_start(records.report_date, months_back)
    return day_number(origin, records.report_date) - first_exit >= FEWEST_DAYS_OF_EXITS


def _fold(
    past: _Past, months_back: int, start: _Start, plan: BacktestPlan, execution: Execution | None
) -> Fold:
    report_date = past.records.report_date
    origin = month_start(report_date, months_back)
    horizon = min(plan.horizon, months_back)
    dates = (origin, *month_starts(origin, horizon))
    rewound = start.rewound
    truth = past.happened.series([day_number(day, report_date) for day in dates])
    forecasts: dict[str, dict[Metric, Numbers]] = {
        str(mode): _simulated(start, mode, horizon, plan, execution) for mode in start.tables
    }
    baselines = baseline_forecasts(rewound.herd, dates, past.happened, past.habits, report_date)
    for baseline, values in baselines.items():
        forecasts[str(baseline)] = {metric: numbers[np.newaxis] for metric, numbers in values.items()}
    judged = {
        (name, metric): judge(draws, truth[metric])
        for name, of_metric in forecasts.items()
        for metric, draws in of_metric.items()
    }
    return Fold(
        months_back=months_back,
        origin=origin,
        dates=dates[1:],
        coverage=rewound.coverage,
        happened=truth,
        quantiles={
            (name, metric): np.quantile(draws, QUANTILES, axis=0)
            for name, of_metric in forecasts.items()
            for metric, draws in of_metric.items()
        },
        judged={key: value for key, value in judged.items() if len(value)},
    )


def _simulated(
    start: _Start, mode: Mode, horizon: int, plan: BacktestPlan, execution: Execution | None
) -> dict[Metric, Numbers]:
    """Forecast from what was known; shape (replicates, horizon) by metric."""
    scenario = Scenario(mode=mode, horizon_months=horizon)
    simulation = simulate(start.rewound.herd, start.tables[mode], scenario, plan.runs, plan.seed, execution)
    counts, sums = simulation.counts, simulation.days_in_milk_sum
    return {metric: metric_values(counts, sums, metric)[:, 1:] for metric in SCORED}
