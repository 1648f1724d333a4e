"""One process: reading, fitting, simulating."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from herd_engine.calibration.calibrate import calibrate
from herd_engine.calibration.fit import fit_herd
from herd_engine.datasets.herd_file import HerdFile, read_herd_file
from herd_engine.engine.simulate import Execution, simulate
from herd_engine.engine.summary import summarize
from herd_engine.model.animals import Herd
from herd_engine.model.scenario import Mode, PurchasePolicy, Scenario
from pipelines.bench.figure import Figure, best_seconds

SCENARIO = Scenario(mode=Mode.EMPIRICAL, horizon_months=36, purchase_policy=PurchasePolicy.AUTO_COUNTER)
LEVELS = {"p_low": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p_high": 0.95}
RUNS = 1000


def engine_figures(file: Path, cores: int) -> list[Figure]:
    """Measure the stages of a forecast of one file."""
    herd_file = read_herd_file(file)
    figures = [
        Figure(
            name="read_check_fit",
            value=best_seconds(lambda: fit_herd(read_herd_file(file).records), 5),
            unit="s",
            definition=f"read, check and fit {file.name} ({herd_file.n_rows:,} rows), both modes; best of 5",
        )
    ]
    figures += [
        _run_figure(f"run_{policy}", herd_file, replace(SCENARIO, purchase_policy=policy))
        for policy in PurchasePolicy
    ]
    figures.append(_run_figure("run_calibrated", herd_file, Scenario(horizon_months=36)))
    tables = calibrate(herd_file.records, SCENARIO.mode, SCENARIO.model)
    for threads in sorted({1, cores}):
        execution = Execution(threads=threads)
        seconds = best_seconds(lambda e=execution: simulate(herd_file.herd, tables, SCENARIO, RUNS, 1, e), 3)  # type: ignore[misc]
        figures.append(
            Figure(
                name=f"simulate_{RUNS}_runs_{threads}_threads",
                value=seconds,
                unit="s",
                definition=f"{RUNS} runs, 36 months, auto_counter, empirical, {threads} threads; best of 3",
            )
        )
    simulation = simulate(herd_file.herd, tables, SCENARIO, RUNS, 1, Execution(threads=cores))
    figures.append(
        Figure(
            name="summarize",
            value=best_seconds(lambda: summarize(simulation, LEVELS), 3),
            unit="s",
            definition=f"means, quantiles and standard errors of {RUNS} runs, 36 months; best of 3",
        )
    )
    return figures


def _run_figure(name: str, herd_file: HerdFile, scenario: Scenario) -> Figure:
    tables = calibrate(herd_file.records, scenario.mode, scenario.model)
    # The difference of two lengths leaves out what is done once: preparing tables, loading code.
    short, long = 10, 60
    simulate(herd_file.herd, tables, scenario, short, 1)
    seconds = [
        best_seconds(lambda n=n: simulate(herd_file.herd, tables, scenario, n, 1), 20)  # type: ignore[misc]
        for n in (short, long)
    ]
    return Figure(
        name=name,
        value=(seconds[1] - seconds[0]) / (long - short) * 1e3,
        unit="ms",
        definition=f"one run, 36 months, {scenario.purchase_policy}, {scenario.mode}, one core; "
        f"slope from {short} to {long} runs",
    )


def scaling_figures(file: Path, n_animals: int) -> list[Figure]:
    """Measure the cost per animal and run of a herd of 5,000 and of a very large one."""
    herd_file = read_herd_file(file)
    tables = calibrate(herd_file.records, SCENARIO.mode, SCENARIO.model)
    figures = []
    for n, runs in ((5_000, 40), (n_animals, 2)):
        herd = repeat_herd(herd_file.herd, n)
        simulate(herd, tables, SCENARIO, 1, 1)
        once = best_seconds(lambda h=herd: simulate(h, tables, SCENARIO, 1, 1), 2)  # type: ignore[misc]
        more = best_seconds(lambda h=herd, r=runs: simulate(h, tables, SCENARIO, 1 + r, 1), 2)  # type: ignore[misc]
        figures.append(
            Figure(
                name=f"animal_run_in_a_herd_of_{n}",
                value=(more - once) / runs / n * 1e9,
                unit="ns",
                definition=f"one run over {n:,} animals, 36 months, one core, per animal on the report date",
            )
        )
    return figures


def repeat_herd(herd: Herd, n_animals: int) -> Herd:
    """Return a herd of any size: the same animals again and again, under ids of their own."""
    rows = np.arange(n_animals) % herd.n_animals
    arrays = ("state", "is_flagged", "lactation", "birth", "calving", "conception", "dry_off",
              "expected_dry_off", "expected_calving", "insemination")  # fmt: skip
    return replace(
        herd,
        animal_ids=np.array([str(number) for number in range(n_animals)], object),
        **{name: getattr(herd, name)[rows] for name in arrays},
    )
