"""The farm's plan: the forecast that is starred, or the same plan of another herd file."""

from collections.abc import Mapping
from typing import Any

from herd_engine.model.run_status import RunStatus
from herd_engine.workbench.answers import MOST_LISTED, Dataset, Run
from herd_engine.workbench.runs import Runs
from widgets.view_models.run_names import payload_of
from widgets.view_models.scenario_form import ScenarioForm

HOW_IT_IS_SIMULATED = (
    "dataset_id",
    "report_date",
    "seed",
    "mc_runs",
    "until_stable",
    "confidence_central",
    "horizon_months",
    "future_date",
)
"""What makes no other plan."""


def plan_of_farm(runs: Runs) -> dict[str, Any]:
    """Return the payload of the starred forecast, without its herd; as things go now where none is."""
    starred = runs.starred()
    if starred is None:
        return ScenarioForm.defaults()
    return payload_of(starred) | {"dataset_id": None, "report_date": None}


def run_of_plan(runs: Runs, row: Dataset, plan: Mapping[str, Any]) -> Run | None:
    """Return the forecast of a herd file that Overview speaks of: never a trial.

    The starred one where it is of this file; else the newest one of the same plan.
    """
    found = runs.list(dataset_id=row.id, status=(RunStatus.SUCCEEDED,), limit=MOST_LISTED).items
    starred = next((run for run in found if run.starred), None)
    return starred or next((run for run in found if is_same_plan(payload_of(run), plan)), None)


def is_same_plan(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    """Tell whether two complete payloads plan the same, however they are simulated and looked at."""
    return all(a[name] == b[name] for name in a if name not in HOW_IT_IS_SIMULATED)
