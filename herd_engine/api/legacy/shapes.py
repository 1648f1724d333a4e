"""Answers in the shapes of the first contract."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from herd_engine.api.problems import Refusal
from herd_engine.errors import NotFoundError
from herd_engine.workbench import Workbench
from herd_engine.workbench.answers import Asked, Dataset, PresetAnswer, Run, ScenarioAnswer

RUNNING, BEFORE_THE_END = 10, 90
SCHEMA, OLD_SCHEMA = "herd_m5_v2", "legacy_v1"
OLD_REASON = "{} created with legacy schema"


@contextmanager
def found(code: str) -> Iterator[None]:
    """Answer what is not there by the code that the first contract has for it."""
    try:
        yield
    except NotFoundError:
        raise Refusal(404, code, "There is nothing of this id.") from None


def dataset_info(dataset: Dataset, status_counts: dict[str, int]) -> dict[str, Any]:
    """Return a dataset; the statuses are those of the file."""
    return {
        "dataset_id": dataset.id,
        "n_rows": dataset.n_rows,
        "report_date_suggested": dataset.report_date.isoformat(),
        "status_counts": status_counts,
        "quality_issues": issues(dataset),
        "original_filename": dataset.name,
        "created_at": moment(dataset.created_at),
    }


def issues(dataset: Dataset) -> list[dict[str, Any]]:
    """Return what is remarkable; rows are named where there are any."""
    return [
        {name: issue[name] for name in ("code", "severity", "message")}
        | {name: issue[name] for name in ("row_count", "sample_rows") if issue.get(name)}
        for issue in dataset.quality
    ]


def job_info(asked: Asked) -> dict[str, Any]:
    """Return a job: a submission and how its run stands."""
    run, wish = asked.run, asked.submission
    return {
        "job_id": wish.id,
        "run_id": run.id,
        "dataset_id": run.dataset_id,
        "scenario_id": run.scenario_id,
        "status": status_of(run),
        "progress_pct": percentage(run),
        "completed_runs": completed(run),
        "total_runs": run.progress.total_runs if run.progress else run.runs_total,
        "error_message": error_message(run),
        "queued_at": moment(wish.created_at),
        "started_at": moment(run.started_at),
        "finished_at": moment(run.finished_at),
        "expires_at": None,
    }


def status_of(run: Run) -> str:
    """Return the state; one that took too long has failed."""
    return "failed" if run.status == "timeout" else run.status


def error_message(run: Run) -> str | None:
    """Return why a run failed, with its code in front."""
    if run.status not in ("failed", "timeout"):
        return None
    code = "TIMEOUT" if run.status == "timeout" else run.error_code or "INTERNAL_ERROR"
    return f"{code}: {run.error_message or ''}".rstrip(": ")


def completed(run: Run) -> int:
    """Return how many replicates are done."""
    if run.status == "succeeded":
        return run.progress.completed_runs if run.progress else run.runs_total
    return run.progress.completed_runs if run.progress else 0


def percentage(run: Run) -> int:
    """Return 0 while queued, 10 … 90 while running, 100 at a good end."""
    if run.status == "succeeded":
        return 100
    if run.status == "queued" or run.started_at is None:
        return 0
    total = run.progress.total_runs if run.progress else run.runs_total
    return min(RUNNING + 80 * completed(run) // max(total, 1), BEFORE_THE_END)


def scenario_item(scenario: ScenarioAnswer) -> dict[str, Any]:
    """Return a scenario as lists show it."""
    params = scenario.params
    is_old = scenario.schema_version == OLD_SCHEMA
    return {
        "scenario_id": scenario.id,
        "name": scenario.name,
        "created_at": moment(scenario.created_at),
        "dataset_id": params.get("dataset_id"),
        "report_date": params.get("report_date"),
        "horizon_months": params.get("horizon_months"),
        "schema_version": OLD_SCHEMA if is_old else SCHEMA,
        "is_legacy": is_old,
        "legacy_reason": OLD_REASON.format("Scenario") if is_old else None,
    }


def scenario_info(scenario: ScenarioAnswer) -> dict[str, Any]:
    """Return a scenario with its parameters; none of an older schema."""
    item = scenario_item(scenario)
    return {**item, "params": None if item["is_legacy"] else scenario.params}


def preset_info(preset: PresetAnswer) -> dict[str, Any]:
    """Return a preset of somebody's own."""
    return {
        "preset_id": preset.id,
        "name": preset.name,
        "created_at": moment(preset.created_at),
        "updated_at": moment(preset.updated_at),
        "schema_version": SCHEMA,
        "is_legacy": False,
        "legacy_reason": None,
        "params": preset.params,
    }


def history_item(asked: Asked) -> dict[str, Any]:
    """Return a job as its owner's history shows it."""
    return {**job_info(asked), "has_result": asked.run.status == "succeeded"}


def job_result(bench: Workbench, run: Run) -> dict[str, Any]:
    """Return the forecast of a job, or say that there is none."""
    if run.status != "succeeded":
        raise Refusal(409, "JOB_NOT_READY", "The job has no result.", status=status_of(run))
    return bench.runs.legacy_result(run.id)


def moment(value: datetime | None) -> str | None:
    """Return a moment as text."""
    return None if value is None else value.isoformat().replace("+00:00", "Z")
