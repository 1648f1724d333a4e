"""What deciding costs: key figures, cards, levers, other plans, plans that keep a goal; on one core."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path

from herd_engine.datasets.herd_file import HerdFile
from herd_engine.model.scenario import ModelParameters, Scenario
from herd_engine.workbench import Execution, Workbench
from herd_engine.workbench.plans import BuyingTerms, Goal
from pipelines.bench.figure import Figure, best_seconds

VARIANTS, RUNS = 100, 100
GRID = tuple(product((1.0, 1.05, 1.1), (0.8, 0.9)))
"""Cows in milk, times today's, and the chance of them."""
ONE_CORE = Execution(threads=1)


def decide_figures(file: Path) -> list[Figure]:
    """Measure what deciding costs on one herd file, whose rates are fitted beforehand."""
    bench = Workbench.open()
    herd_file = bench.read(file)
    bench.require_fit(herd_file, Scenario())
    size = f"{herd_file.herd.n_animals:,} animals"
    tasks: tuple[tuple[str, int, str, Callable[[], object]], ...] = (
        ("key_figures", 3, f"all key figures of {size}", lambda: bench.kpis(herd_file)),
        ("findings", 3, f"rules and lists of {size}", lambda: bench.daily_sheet(herd_file)),
        ("cards", 3, f"what is expected of each of {size}", lambda: bench.cards(herd_file)),
        ("tornado", 1, f"six levers a step each way, {size}", lambda: bench.sensitivity(herd_file)),
        ("lab_line", 1, "the expected forecast of one more plan, 36 months", _next_plan(bench, herd_file)),
        ("variants", 1, f"{VARIANTS} plans of {RUNS} runs, 36 months", lambda: _variants(bench, herd_file)),
        ("optimizer_grid", 1, f"{len(GRID)} goals of 24 months", lambda: _grid(bench, herd_file)),
    )  # fmt: skip
    return [
        Figure(
            name=name,
            value=best_seconds(task, times),
            unit="s",
            definition=f"{what}; one core, rates fitted before{f'; best of {times}' if times > 1 else ''}",
        )
        for name, times, what, task in tasks
    ]


def _next_plan(bench: Workbench, herd_file: HerdFile) -> Callable[[], object]:
    """Return what a moved slider asks for, once the code is loaded."""
    bench.expectation(herd_file, Scenario(model=ModelParameters(culling_intensity=0.95)))
    return lambda: bench.expectation(herd_file, Scenario(model=ModelParameters(culling_intensity=0.9)))


def _variants(bench: Workbench, herd_file: HerdFile) -> None:
    """Forecast plans that differ in culling: every one has tables of its own."""
    for number in range(VARIANTS):
        model = ModelParameters(culling_intensity=0.5 + number / VARIANTS)
        bench.forecast(herd_file, Scenario(model=model), runs=RUNS, execution=ONE_CORE)


def _grid(bench: Workbench, herd_file: HerdFile) -> None:
    goal = Goal(at_least=max(1, herd_file.herd.counts()["milking"]))
    for share, chance in GRID:
        asked = replace(goal, at_least=round(share * goal.at_least), chance=chance)
        bench.optimize(herd_file, asked, terms=BuyingTerms(), execution=ONE_CORE)
