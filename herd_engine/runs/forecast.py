"""A herd file and a scenario become a forecast that says where it comes from."""

import time
from dataclasses import replace
from datetime import date

from herd_engine import __version__
from herd_engine.calibration.calibrate import calibrate
from herd_engine.datasets.herd_file import HerdFile
from herd_engine.engine.random_numbers import RANDOM_SCHEME
from herd_engine.engine.simulate import Execution, simulate
from herd_engine.engine.summary import summarize
from herd_engine.errors import ParameterError
from herd_engine.figures.wording import Language, wording
from herd_engine.model.farm_calendar import month_starts
from herd_engine.model.forecast import Forecast, ForecastMeta, Simulation
from herd_engine.model.quality import Severity
from herd_engine.model.scenario import Scenario

ENGINE = "herd_m5"

BENDING_ISSUES = frozenset(
    {
        "missing_optional_columns",
        "no_exits_recorded",
        "report_date_disagreement",
        "report_date_from_latest_date",
        "sold_without_archive_date",
        "unconfirmed_inseminations",
    }
)
"""Warnings about a file that bend the forecast itself, not only some rows of it: a forecast repeats them."""

FEWEST_RUNS_BEYOND = 5
"""A band whose end leaves fewer runs outside is little more than the range of the runs; our choice."""


def make_forecast(
    herd_file: HerdFile, scenario: Scenario, runs: int, seed: int, execution: Execution | None = None
) -> Forecast:
    """Calibrate, simulate and summarize.

    Parameters
    ----------
    herd_file : HerdFile
    scenario : Scenario
    runs : int
        1…50000.
    seed : int
        0…2**53 - 1.
    execution : Execution, optional
        Threads, progress and a way to stop.

    Returns
    -------
    Forecast
        Equal inputs give equal forecasts but for ``timing``.

    Raises
    ------
    HerdDataError
        The herd lacks the records that the mode needs.
    ParameterError
        A date of the scenario lies outside the forecast.
    """
    return make_forecast_and_runs(herd_file, scenario, runs, seed, execution)[0]


def make_forecast_and_runs(
    herd_file: HerdFile, scenario: Scenario, runs: int, seed: int, execution: Execution | None = None
) -> tuple[Forecast, Simulation]:
    """Return a forecast, as ``make_forecast``, and the runs that it summarizes."""
    check_dates(scenario, herd_file.herd.report_date)
    clock = [time.perf_counter()]
    tables = calibrate(herd_file.records, scenario.mode, scenario.model)
    clock.append(time.perf_counter())
    simulation = simulate(herd_file.herd, tables, scenario, runs, seed, execution)
    clock.append(time.perf_counter())
    forecast = forecast_of(herd_file, scenario, seed, simulation)
    clock.append(time.perf_counter())
    stages = ("calibration_seconds", "simulation_seconds", "summary_seconds")
    timing = {stage: clock[i + 1] - clock[i] for i, stage in enumerate(stages)}
    return replace(forecast, timing=timing), simulation


def check_dates(scenario: Scenario, report_date: date) -> None:
    """Refuse a date of interest, or a purchase, outside the forecast.

    Raises
    ------
    ParameterError
    """
    starts = month_starts(report_date, scenario.horizon_months)
    if scenario.future_date is not None and not report_date <= scenario.future_date <= starts[-1]:
        rule = f"lie within the forecast, {report_date} … {starts[-1]}"
        raise ParameterError("future_date", str(scenario.future_date), rule)
    for purchase in scenario.purchases:
        if not report_date <= purchase.date_in <= starts[-1]:
            rule = f"lie within the forecast, {report_date} … {starts[-1]}"
            raise ParameterError("purchases.date_in", str(purchase.date_in), rule)


def forecast_of(herd_file: HerdFile, scenario: Scenario, seed: int, simulation: Simulation) -> Forecast:
    """Summarize a finished simulation of a herd file."""
    starts = month_starts(herd_file.herd.report_date, scenario.horizon_months)
    forecast = Forecast(
        meta=_meta(herd_file, scenario, len(simulation.counts), seed, simulation),
        dates=(herd_file.herd.report_date, *starts),
        series={},
    )
    return replace(forecast, series=summarize(simulation, forecast.levels))


def _meta(
    herd_file: HerdFile, scenario: Scenario, runs: int, seed: int, simulation: Simulation
) -> ForecastMeta:
    return ForecastMeta(
        engine=ENGINE,
        engine_version=__version__,
        random_scheme=RANDOM_SCHEME,
        scenario=scenario,
        seed=seed,
        runs=runs,
        dataset_name=herd_file.name,
        dataset_sha256=herd_file.sha256,
        report_date=herd_file.herd.report_date,
        herd_counts=herd_file.herd.counts(),
        excluded=herd_file.herd.excluded,
        capped_out=simulation.capped_out,
        capped_dry=simulation.capped_dry,
        assumptions=tuple(
            wording(Language.ENGLISH).text(f"assumption_{name}")
            for name in (scenario.mode, scenario.purchase_policy, "rates", "unconfirmed")
        ),
        warnings=_warnings(herd_file, scenario, simulation),
        quality=herd_file.issues,
    )


def _warnings(herd_file: HerdFile, scenario: Scenario, simulation: Simulation) -> tuple[str, ...]:
    warnings = [
        issue.message
        for issue in herd_file.issues
        if issue.severity is Severity.ERROR or issue.code in BENDING_ISSUES
    ]
    if len(simulation.counts) * scenario.tail < FEWEST_RUNS_BEYOND:
        warnings.append(wording(Language.ENGLISH).runs_warning(len(simulation.counts), scenario.tail))
    if simulation.capped_out or simulation.capped_dry:
        days, out, dry = scenario.model.max_days_in_milk, simulation.capped_out, simulation.capped_dry
        warnings.append(wording(Language.ENGLISH).cap_warning(days, out, dry))
    return tuple(warnings)
