"""A herd file and a scenario become a forecast that says where it comes from."""

import time
from dataclasses import replace

from herd_engine import __version__
from herd_engine.calibration.calibrate import calibrate
from herd_engine.datasets.herd_file import HerdFile
from herd_engine.engine.random_numbers import RANDOM_SCHEME
from herd_engine.engine.simulate import Execution, simulate
from herd_engine.engine.summary import summarize
from herd_engine.errors import HerdDataError, ParameterError
from herd_engine.model.farm_calendar import month_starts
from herd_engine.model.forecast import Forecast, ForecastMeta, Simulation
from herd_engine.model.quality import Severity
from herd_engine.model.scenario import Mode, PurchasePolicy, Scenario

ENGINE = "herd_m5"

MODE_ASSUMPTIONS = {
    Mode.EMPIRICAL: "Intervals are drawn from the herd's own records, each with equal chance.",
    Mode.THEORETICAL: "Intervals are drawn from distributions fitted to the herd's own records.",
}
POLICY_ASSUMPTIONS = {
    PurchasePolicy.MANUAL: "Pregnant heifers are bought as the scenario's own list says, and no others.",
    PurchasePolicy.AUTO_COUNTER: (
        "On the first of each month pregnant heifers are bought to replace animals that left and were not "
        "replaced by births, so that the total head count is kept."
    ),
    PurchasePolicy.AUTO_FORECAST: (
        "On the first of each month pregnant heifers are bought to keep the milking cows expected after "
        "the lead time at today's number."
    ),
}
ASSUMPTIONS = (
    "Animals leave at the rates of the file, multiplied by population_regulation; these rates are the "
    "same in all years to come.",
    "Recent pregnancies that are not confirmed yet are unknown to the forecast: calvings nine to ten "
    "months ahead are too few by these.",
)


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
        The herd is empty, or lacks the records that the mode needs.
    ParameterError
        A date of the scenario lies outside the forecast.
    """
    herd, records = herd_file.herd, herd_file.records
    dates = (herd.report_date, *month_starts(herd.report_date, scenario.horizon_months))
    if scenario.future_date is not None and scenario.future_date not in dates:
        rule = f"lie within the forecast, {dates[1]} … {dates[-1]}"
        raise ParameterError("future_date", str(scenario.future_date), rule)
    if herd.n_animals == 0:
        raise HerdDataError("No animal of the file is present on the report date.", herd_file.issues)
    clock = [time.perf_counter()]
    tables = calibrate(records, scenario.mode, scenario.model)
    clock.append(time.perf_counter())
    simulation = simulate(herd, tables, scenario, runs, seed, execution)
    clock.append(time.perf_counter())
    forecast = Forecast(meta=_meta(herd_file, scenario, runs, seed, simulation), dates=dates, series={})
    forecast = replace(forecast, series=summarize(simulation, forecast.levels))
    clock.append(time.perf_counter())
    stages = ("calibration_seconds", "simulation_seconds", "summary_seconds")
    timing = {stage: clock[i + 1] - clock[i] for i, stage in enumerate(stages)}
    return replace(forecast, timing=timing)


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
        assumptions=(
            MODE_ASSUMPTIONS[scenario.mode],
            POLICY_ASSUMPTIONS[scenario.purchase_policy],
            *ASSUMPTIONS,
        ),
        warnings=_warnings(herd_file, scenario, simulation),
        quality=herd_file.issues,
    )


def _warnings(herd_file: HerdFile, scenario: Scenario, simulation: Simulation) -> tuple[str, ...]:
    warnings = [issue.message for issue in herd_file.issues if issue.severity is Severity.ERROR]
    if simulation.capped_out or simulation.capped_dry:
        warnings.append(
            f"The cap of {scenario.model.max_days_in_milk} days in milk took {simulation.capped_out} open "
            f"cows out of the herd and dried off {simulation.capped_dry} pregnant ones on the report date."
        )
    return tuple(warnings)
