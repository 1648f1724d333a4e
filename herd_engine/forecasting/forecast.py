"""A herd file and a scenario become a forecast that says where it comes from."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from herd_engine import __version__
from herd_engine.calibration.calibrate import Calibrate, calibrate
from herd_engine.datasets.herd_file import HerdFile
from herd_engine.datasets.issue_kinds import ISSUE_KINDS, Bends
from herd_engine.engine.kernel.random_numbers import RANDOM_SCHEME
from herd_engine.engine.simulate import Execution, Progress, simulate
from herd_engine.engine.stopping_rule import checkpoints, count_unsettled
from herd_engine.engine.summary import summarize
from herd_engine.errors import ParameterError
from herd_engine.model.farm_calendar import month_starts
from herd_engine.model.forecast import Forecast, ForecastMeta, Simulation, Stability, levels_of
from herd_engine.model.message import Message, Severity
from herd_engine.model.scenario import MAX_RUNS, Mode, Scenario
from herd_engine.scenarios.schema import ScenarioPayload

ENGINE = "herd_m5"

FEWEST_RUNS_BEYOND = 5
"""A band whose end leaves fewer replicates outside is little more than their range; our choice."""


@dataclass(frozen=True, slots=True)
class ReplicateCount:
    """How many replicates: so many, or no more than so many, until the bands are stable."""

    most: int
    until_stable: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.most <= MAX_RUNS:
            raise ParameterError("runs", self.most, f"be within 1 … {MAX_RUNS}")

    @property
    def stages(self) -> tuple[int, ...]:
        """After how many replicates it is asked whether there are enough."""
        return checkpoints(self.most) if self.until_stable else (self.most,)


def replicates_of(payload: ScenarioPayload) -> ReplicateCount:
    """Return how many replicates a payload asks for."""
    return ReplicateCount(payload.mc_runs, payload.until_stable)


def make_forecast(
    herd_file: HerdFile,
    scenario: Scenario,
    runs: int,
    seed: int,
    execution: Execution | None = None,
    calibrate: Calibrate = calibrate,
) -> Forecast:
    """Calibrate, simulate and summarize.

    Parameters
    ----------
    herd_file : HerdFile
    scenario : Scenario
    replicates : int
        1…50000.
    seed : int
        0…2**53 - 1.
    execution : Execution, optional
        Threads, progress and a way to stop.
    calibrate : callable
        Where fits are remembered, what remembers them.

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
    return make_forecast_and_runs(herd_file, scenario, ReplicateCount(runs), seed, execution, calibrate)[0]


def make_forecast_and_runs(
    herd_file: HerdFile,
    scenario: Scenario,
    runs: ReplicateCount,
    seed: int,
    execution: Execution | None = None,
    calibrate: Calibrate = calibrate,
) -> tuple[Forecast, Simulation]:
    """Return a forecast, as ``make_forecast``, and the replicates that it summarizes."""
    check_dates(scenario, herd_file.herd.report_date)
    clock = [time.perf_counter()]
    tables = calibrate(herd_file.records, scenario.mode, scenario.model)
    clock.append(time.perf_counter())
    execution = execution or Execution()

    def simulate_part(part: range) -> Simulation:
        own = replace(execution, progress=_from(part.start, execution.progress))
        return simulate(herd_file.herd, tables, scenario, part, seed, own)

    simulation, stability = simulate_in_stages(simulate_part, runs, scenario)
    clock.append(time.perf_counter())
    forecast = forecast_of(herd_file, scenario, seed, simulation, stability)
    clock.append(time.perf_counter())
    stages = ("calibration_seconds", "simulation_seconds", "summary_seconds")
    timing = {stage: clock[i + 1] - clock[i] for i, stage in enumerate(stages)}
    return replace(forecast, timing=timing), simulation


def simulate_in_stages(
    simulate_part: Callable[[range], Simulation], runs: ReplicateCount, scenario: Scenario
) -> tuple[Simulation, Stability | None]:
    """Simulate the first replicates, then more, until there are enough or the most.

    Parameters
    ----------
    simulate_part : callable
        Simulates the replicates of a range.
    replicates : ReplicateCount
    scenario : Scenario
        Says where the bands end, and whether replicates share their parameters.

    Returns
    -------
    Simulation
        What its number of replicates would give at once.
    Stability or None
        None where the number of replicates was given.
    """
    first, *later = runs.stages
    simulation, checked_at = simulate_part(range(first)), [first]
    if not runs.until_stable:
        return simulation, None
    levels, in_pairs = levels_of(scenario), scenario.draws_parameters
    while (n_unsettled := count_unsettled(simulation, levels, in_pairs=in_pairs)) and later:
        stop = later.pop(0)
        simulation = _joined(simulation, simulate_part(range(checked_at[-1], stop)))
        checked_at.append(stop)
    return simulation, Stability(most_runs=runs.most, checked_at=tuple(checked_at), n_unsettled=n_unsettled)


def _joined(first: Simulation, more: Simulation) -> Simulation:
    return replace(
        first,
        counts=np.concatenate([first.counts, more.counts]),
        days_in_milk_sum=np.concatenate([first.days_in_milk_sum, more.days_in_milk_sum]),
    )


def _from(done: int, progress: Progress | None) -> Progress | None:
    """Return what tells the progress of a part as that of the whole."""
    return None if progress is None else lambda finished: progress(done + finished)


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


def forecast_of(
    herd_file: HerdFile,
    scenario: Scenario,
    seed: int,
    simulation: Simulation,
    stability: Stability | None = None,
) -> Forecast:
    """Summarize a finished simulation of a herd file."""
    starts = month_starts(herd_file.herd.report_date, scenario.horizon_months)
    forecast = Forecast(
        meta=_meta(herd_file, scenario, seed, simulation, stability),
        dates=(herd_file.herd.report_date, *starts),
        series={},
    )
    return replace(
        forecast, series=summarize(simulation, forecast.levels, in_pairs=scenario.draws_parameters)
    )


def _meta(
    herd_file: HerdFile,
    scenario: Scenario,
    seed: int,
    simulation: Simulation,
    stability: Stability | None,
) -> ForecastMeta:
    return ForecastMeta(
        engine=ENGINE,
        engine_version=__version__,
        random_scheme=RANDOM_SCHEME,
        scenario=scenario,
        seed=seed,
        runs=len(simulation.counts),
        dataset_name=herd_file.name,
        dataset_sha256=herd_file.sha256,
        report_date=herd_file.herd.report_date,
        herd_counts=herd_file.herd.counts(),
        excluded=herd_file.herd.excluded,
        capped_out=simulation.capped_out,
        capped_dry=simulation.capped_dry,
        assumptions=tuple(Message(f"assumption_{name}") for name in _assumptions(scenario)),
        warnings=_warnings(herd_file, scenario, simulation, stability),
        quality=herd_file.issues,
        stability=stability,
    )


def _assumptions(scenario: Scenario) -> tuple[str, ...]:
    if scenario.mode is not Mode.CALIBRATED:
        return (scenario.mode, scenario.purchase_policy, "rates", "unconfirmed")
    uncertainty = "uncertain" if scenario.draws_parameters else "certain"
    return (scenario.mode, scenario.purchase_policy, "hazards", "nowcast", uncertainty)


def _warnings(
    herd_file: HerdFile, scenario: Scenario, simulation: Simulation, stability: Stability | None
) -> tuple[Message, ...]:
    bending = {Bends.ALWAYS} if scenario.mode is Mode.CALIBRATED else {Bends.ALWAYS, Bends.FILE_MODES}
    warnings = [
        issue.said
        for issue in herd_file.issues
        if issue.severity is Severity.ERROR or ISSUE_KINDS[issue.said.kind].bends in bending
    ]
    if len(simulation.counts) * scenario.tail < FEWEST_RUNS_BEYOND:
        runs = len(simulation.counts)
        facts = {"runs": runs, "beyond": runs * scenario.tail}
        warnings.append(Message("warning_runs", facts, Severity.WARNING))
    if stability is not None and not stability.is_stable:
        left = {"runs": stability.most_runs, "left": stability.n_unsettled}
        warnings.append(Message("warning_unstable", left, Severity.WARNING))
    if simulation.capped_out or simulation.capped_dry:
        capped = {
            "days": scenario.model.max_days_in_milk,
            "out": simulation.capped_out,
            "dry": simulation.capped_dry,
        }
        warnings.append(Message("warning_cap", capped, Severity.WARNING))
    return tuple(warnings)
