"""The facade: every use case once; command line, notebooks, apps, reports and service speak to it alone.

Names are looked up when they are asked for: a command that needs a noun does not wait for the engine.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from herd_engine.datasets.herd_file import HerdFile
    from herd_engine.engine.kernel.random_numbers import RANDOM_SCHEME
    from herd_engine.engine.simulate import Execution
    from herd_engine.forecasting.backtest.backtest import BacktestPlan
    from herd_engine.forecasting.forecast import ReplicateCount
    from herd_engine.workbench.forecasting import DEFAULT_REPLICATES, DEFAULT_SEED, MOST_REPLICATES
    from herd_engine.workbench.inspection import Inspection
    from herd_engine.workbench.workbench import SUBMITTER, Workbench

__all__ = [
    "DEFAULT_REPLICATES",
    "DEFAULT_SEED",
    "MOST_REPLICATES",
    "RANDOM_SCHEME",
    "SUBMITTER",
    "BacktestPlan",
    "Execution",
    "HerdFile",
    "Inspection",
    "ReplicateCount",
    "Workbench",
]
_ELSEWHERE = {
    **dict.fromkeys(("DEFAULT_REPLICATES", "DEFAULT_SEED", "MOST_REPLICATES"), "workbench.forecasting"),
    "BacktestPlan": "forecasting.backtest.backtest",
    "Execution": "engine.simulate",
    "HerdFile": "datasets.herd_file",
    "ReplicateCount": "forecasting.forecast",
    "Inspection": "workbench.inspection",
    "RANDOM_SCHEME": "engine.kernel.random_numbers",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"herd_engine.{_ELSEWHERE.get(name, 'workbench.workbench')}"), name)
