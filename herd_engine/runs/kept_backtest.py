"""Backtests of kept herd files: made once, then read from beside the file."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from herd_engine import __version__
from herd_engine.engine.kernel.random_numbers import RANDOM_SCHEME
from herd_engine.engine.simulate import Execution
from herd_engine.errors import NotFoundError, ParameterError
from herd_engine.forecasting.backtest.backtest import BacktestPlan, run_backtest
from herd_engine.forecasting.backtest.record import FORMAT, from_bytes, to_bytes
from herd_engine.model.backtest import Backtest
from herd_engine.model.scenario import Mode
from herd_engine.runs.store import Store
from herd_engine.scenarios.identity import sha256_of
from herd_engine.storage.datasets import DatasetRow


def kept_backtest(
    store: Store, row: DatasetRow, plan: BacktestPlan, execution: Execution | None = None
) -> Backtest:
    """Return the backtest of a kept herd file: the one that is kept, else a new one, which is kept.

    Parameters
    ----------
    store : Store
    row : DatasetRow
    plan : BacktestPlan
    execution : Execution, optional
        Never changes the result.

    Raises
    ------
    ParameterError, HerdDataError
        As ``run_backtest``.
    StorageError
    """
    name = plan_key(plan)
    try:
        return from_bytes(store.datasets.derived(row, name))
    except NotFoundError:
        backtest = run_backtest(store.datasets.load(row), plan, execution)
        store.datasets.keep_derived(row, name, to_bytes(backtest))
        return backtest


def finished_backtest(store: Store, row: DatasetRow, key: str) -> Backtest | None:
    """Return the backtest that is kept under a key; None where there is none."""
    try:
        return from_bytes(store.datasets.derived(row, key))
    except NotFoundError:
        return None


def plan_values(plan: BacktestPlan) -> dict[str, Any]:
    """Return a plan as plain values, as ``plan_of`` takes them."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(plan).items()}


def plan_of(values: Mapping[str, Any]) -> BacktestPlan:
    """Return the plan that named values describe, such as a notebook's parameters; the rest by default.

    An empty list stands for the default, too.

    Raises
    ------
    ParameterError
    """
    known = {name: values[name] for name in ("origins", "horizon", "modes", "runs", "seed") if name in values}
    for name in ("origins", "modes"):
        known[name] = tuple(known.get(name, ()) or getattr(BacktestPlan(), name))
    for months in known["origins"]:
        if type(months) is not int:
            raise ParameterError("origins", months, "list whole months")
    for mode in known["modes"]:
        if mode not in tuple(Mode):
            raise ParameterError("modes", mode, f"be of {', '.join(Mode)}")
    return BacktestPlan(**known | {"modes": tuple(Mode(mode) for mode in known["modes"])})


def plan_key(plan: BacktestPlan) -> str:
    """Return what a backtest is kept as: the herd file's folder says of which file it is."""
    identity = {
        "format": FORMAT,
        "version": __version__,
        "random_scheme": RANDOM_SCHEME,
        **plan_values(plan),
    }
    return f"backtest-{sha256_of(identity)[:16]}.json"
