"""What goes into and comes out of the store of runs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from herd_engine.errors import ParameterError
from herd_engine.model.run_status import RunStatus
from herd_engine.storage.submissions import SubmissionRow

JsonObject: TypeAlias = dict[str, Any]
"""An object of JSON whose shape the writer states."""


def run_statuses(words: Sequence[str]) -> tuple[RunStatus, ...]:
    """Return the statuses of these names, or raise ParameterError."""
    try:
        return tuple(RunStatus(word) for word in words)
    except ValueError as error:
        raise ParameterError(
            "status", ", ".join(words)[:200], f"be some of {', '.join(RunStatus)}"
        ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRunRow:
    """A run to be queued.

    Attributes
    ----------
    farm_id, owner, dataset_id : str
    scenario_id : str, optional
        None where the scenario was never stored.
    scenario_version : int, optional
    run_hash : str
        Identity: equal for runs that must give equal results.
    config : str
        Canonical JSON; kept to the byte.
    seed, runs_total : int
    engine_version : str
    priority : int
        Greater is claimed earlier.
    timeout_seconds : float, optional
    group_id : str, optional
        The bulk that it belongs to.
    name : str, optional
        What people call the forecast.
    """

    farm_id: str
    owner: str
    dataset_id: str
    scenario_id: str | None = None
    scenario_version: int | None = None
    run_hash: str
    config: str
    seed: int
    runs_total: int
    engine_version: str
    priority: int = 0
    timeout_seconds: float | None = None
    group_id: str | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        if self.timeout_seconds is not None and not 0 < self.timeout_seconds < math.inf:
            raise ParameterError("timeout_seconds", self.timeout_seconds, "be a number of seconds above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run is.

    Attributes
    ----------
    stage : str
    completed_runs, total_runs : int
    runs_per_second, eta_seconds : float, optional
    partial : dict, optional
        Running quantiles, as the runner shapes them.
    workers : int, optional
        How many batches can be simulated at once.
    """

    stage: str
    completed_runs: int
    total_runs: int
    runs_per_second: float | None = None
    eta_seconds: float | None = None
    partial: JsonObject | None = None
    workers: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A run as stored; the fields of ``NewRunRow`` and what became of it.

    Attributes
    ----------
    owner : str
        Who asked for it first; all who did are in its submissions.
    starred : bool
        Whether it is the plan of its farm.
    attempt : int
        1 at first, one more for each retry.
    worker : str or None
        Who claimed it last.
    started_at : datetime or None
        First claim; retries do not change it.
    error_params : dict or None
        Facts of ``error_code``, plain; what it says is made when somebody looks.
    error_message : str or None
        What versions before 0.3 kept in place of facts.
    """

    id: str
    farm_id: str
    owner: str
    dataset_id: str
    scenario_id: str | None
    scenario_version: int | None
    scenario_deleted: bool
    run_hash: str
    config: str
    seed: int
    runs_total: int
    engine_version: str
    priority: int
    timeout_seconds: float | None
    group_id: str | None
    idempotency_key: str | None
    status: RunStatus
    attempt: int
    worker: str | None
    cancel_requested: bool
    progress: Progress | None
    pinned: bool
    name: str | None
    starred: bool
    queued_at: datetime
    started_at: datetime | None
    heartbeat_at: datetime | None
    finished_at: datetime | None
    error_code: str | None
    error_params: JsonObject | None
    error_message: str | None
    manifest_hash: str | None
    content_hash: str | None


@dataclass(frozen=True, slots=True)
class Submitted:
    """A run that was asked for, and the wish for it; ``reused`` where the run was there before.

    ``replayed`` where the request itself was: its key says so; ``first`` is then what it got at first.
    """

    run: RunRow
    reused: bool
    submission: SubmissionRow
    replayed: bool = False
    first: "Submitted | None" = None


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What a worker learns when it says that it is alive.

    Attributes
    ----------
    is_mine : bool
        False once the run is no longer running, or another worker's: stop, and write nothing.
    cancel_requested : bool
    """

    is_mine: bool
    cancel_requested: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """How many runs of all farms wait or are executed, and when a runner of these was last heard of."""

    queued: int
    running: int
    heartbeat_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run ended without a result: ``failed``, ``canceled`` or ``timeout``."""

    status: RunStatus
    error_code: str | None = None
    error_params: JsonObject | None = None

    def __post_init__(self) -> None:
        if self.status not in (RunStatus.FAILED, RunStatus.CANCELED, RunStatus.TIMEOUT):
            raise ParameterError("status", str(self.status), "be failed, canceled or timeout")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactRow:
    """One file of a run."""

    name: str
    role: str
    sha256: str
    size: int
    deterministic: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a run that succeeded leaves behind; the files are in the file store already."""

    manifest_hash: str
    content_hash: str
    artifacts: tuple[ArtifactRow, ...]
    progress: Progress | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilters:
    """Which runs a list shows.

    Attributes
    ----------
    statuses : tuple of RunStatus
        Empty for all.
    text : str, optional
        Part of the name of the run, scenario or dataset, or the beginning of the run's id.
    created_from, created_to : datetime, optional
        Queued at or after, and before.
    scenario_id, dataset_id, group_id : str, optional
    owner : str, optional
        Who asked for them; newest wish first.
    pinned, starred : bool, optional
    """

    statuses: tuple[RunStatus, ...] = ()
    text: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    scenario_id: str | None = None
    dataset_id: str | None = None
    group_id: str | None = None
    owner: str | None = None
    pinned: bool | None = None
    starred: bool | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was not deleted, and why, such as ``active``, ``starred`` or ``not_found``."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Deleted:
    """What became of a wish to delete several things."""

    deleted_ids: tuple[str, ...]
    skipped: tuple[Skipped, ...]
