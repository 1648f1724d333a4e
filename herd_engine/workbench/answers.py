"""What the Workbench answers: plain values, frozen; moments are UTC, dates are dates, counts are whole."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from pydantic import Field, GetPydanticSchema

from herd_engine.i18n.failure_words import kept_failure
from herd_engine.model.arrival import NOTHING_CAME_OF_IT, Arrival
from herd_engine.storage.events import EventRow
from herd_engine.storage.paging import MAX_LIMIT, ListPage
from herd_engine.storage.run_rows import RunRow

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Answer = TypeVar("Answer", bound=DataclassInstance)

Item = TypeVar("Item")
MOST_LISTED = MAX_LIMIT
"""Of a list at once; ``next_cursor`` asks for more."""
OPAQUE = GetPydanticSchema(lambda _, handler: handler(Any))
"""Of a field whose type is none of the service's."""
INSIDE = Field(exclude=True)
"""Of what only those inside the program are told, and no program that asks the service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Farm:
    """A farm; the default one is meant where none is named."""

    id: str
    name: str
    is_default: bool
    created_at: datetime
    archived_at: Annotated[datetime | None, INSIDE]


@dataclass(frozen=True, slots=True, kw_only=True)
class FarmSheetVersion:
    """One version of what a farm says about itself, 1 at first; ``sheet`` holds what was said."""

    version: int
    owner: str
    sheet: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody's role on a farm: ``viewer``, ``adviser``, ``manager`` or ``admin``."""

    farm_id: str
    principal: str
    role: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key for a program; what it is, is shown once, when it is made.

    Attributes
    ----------
    beginning : str
        Eight letters of it; what is made with it is stamped ``key:<beginning>``.
    farms : tuple of str or None
        Ids; None for all that its maker may see.
    """

    id: str
    beginning: str
    name: str
    scopes: tuple[str, ...]
    farms: tuple[str, ...] | None
    created_by: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApiKey:
    """A key that was made; ``key`` cannot be shown again."""

    key: str
    api_key: ApiKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A herd file that is kept.

    Attributes
    ----------
    sha256 : str
        Its identity: equal for equal bytes that were read with equal answers.
    n_rows : int
    counts : dict of str to int
        Animals on the farm by state.
    quality : list of dict
        What was remarkable, most severe first.
    """

    id: str
    farm_id: str
    owner: str
    name: str
    sha256: str
    n_rows: int
    report_date: date
    counts: dict[str, int]
    quality: list[dict[str, Any]]
    created_at: datetime
    archived_at: datetime | None
    file_sha256: Annotated[str, INSIDE]
    answers: Annotated[dict[str, Any] | None, INSIDE]


@dataclass(frozen=True, slots=True, kw_only=True)
class FarmAnswersVersion:
    """What was answered about files of a farm until some moment; ``file_name`` is of the last file."""

    farm_id: str
    version: int
    owner: str
    answers: dict[str, Any]
    file_name: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedDataset:
    """A herd file that was added; ``is_new`` is False where it had been kept before.

    ``arrival`` tells what it led to without being asked.
    """

    dataset: Dataset
    is_new: bool
    arrival: Annotated[Arrival, INSIDE, OPAQUE] = NOTHING_CAME_OF_IT


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProgress:
    """How far a run is."""

    stage: str
    completed_runs: int
    total_runs: int
    runs_per_second: float | None
    eta_seconds: float | None
    workers: int | None
    # Running quantiles, as the runner shapes them.
    partial: Annotated[dict[str, Any] | None, INSIDE]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One kept forecast job.

    Attributes
    ----------
    run_hash : str
        Identity: equal for runs that must give equal results.
    status : str
        ``queued``, ``running``, ``succeeded``, ``failed``, ``canceled`` or ``timeout``; others may come.
    runs_total : int
        Replicates that were asked for.
    attempt : int
        1 at first, one more for each retry.
    content_hash : str or None
        Of the deterministic files of a run that succeeded.
    """

    id: str
    farm_id: str
    owner: str
    dataset_id: str
    scenario_id: str | None
    scenario_version: int | None
    scenario_deleted: Annotated[bool, INSIDE]
    group_id: str | None
    run_hash: str
    status: str
    name: str | None
    starred: bool
    pinned: bool
    seed: int
    runs_total: int
    engine_version: str
    priority: int
    timeout_seconds: float | None
    attempt: int
    cancel_requested: bool
    progress: RunProgress | None
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error_code: str | None
    error_params: dict[str, Any] | None
    error_message: str | None
    manifest_hash: str | None
    content_hash: str | None
    # All that the result depends on, as it is kept; ``payloads.payload_of`` reads it.
    config: Annotated[str, INSIDE]

    @property
    def is_active(self) -> bool:
        """Whether something may still happen."""
        return self.status in ("queued", "running")


@dataclass(frozen=True, slots=True, kw_only=True)
class CanceledRun(Run):
    """A run that somebody no longer wants; ``left`` where it goes on because others want it."""

    left: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionAnswer:
    """One person's wish for a run; the run may be shared with others.

    Attributes
    ----------
    principal : str
        Who wished for it.
    source : str
        ``api``, ``cli``, ``app`` or ``plan``.
    note : str or None
        What they said about it.
    """

    id: str
    farm_id: str
    run_id: str
    principal: str
    source: str
    priority: int
    timeout_seconds: float | None
    note: str | None
    created_at: datetime
    hidden_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmittedRun:
    """A run that was asked for, and the wish; ``reused`` where the run was there before.

    ``replayed`` where the request itself was: its key says so; ``first`` is then what it got at first.
    """

    run: Run
    submission: SubmissionAnswer
    reused: bool
    replayed: bool = False
    first: "SubmittedRun | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """One metric on one date: median and band; None where nothing is known."""

    date: date | None
    p_low: float | None
    p50: float | None
    p_high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """A run in a few numbers: of each metric how it is, and what is expected in a year and at the end.

    Attributes
    ----------
    metrics : dict of str to dict of str to Outlook
        By metric ``now``, ``in_a_year``, ``at_the_end``.
    """

    run_id: str
    status: str
    dataset_id: str
    scenario_id: str | None
    seed: int
    runs: int | None
    report_date: date | None
    horizon_months: int | None
    confidence_central: float | None
    engine_version: str
    error_code: str | None
    metrics: dict[str, dict[str, Outlook]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A submission as its owner's history shows it: with the run as it stands."""

    submission: SubmissionAnswer
    run: Run


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEvent:
    """What happened to a run; numbered 1, 2, 3 … without gaps."""

    run_id: str
    seq: int
    at: datetime
    type: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFile:
    """One file of a run that succeeded."""

    name: str
    role: str
    sha256: str
    size: int
    deterministic: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioAnswer:
    """A named scenario; an edit makes a new version."""

    id: str
    farm_id: str
    owner: str
    name: str
    description: str
    tags: tuple[str, ...]
    params: dict[str, Any]
    schema_version: str
    version: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    # Why it cannot be run.
    legacy_reason: Annotated[str | None, INSIDE]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioVersionAnswer:
    """A version of a scenario: never changed, never deleted while the scenario is there."""

    scenario_id: str
    version: int
    params: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetAnswer:
    """A set of settings to begin with: built in, or the caller's own.

    Attributes
    ----------
    legacy : bool
        Whether it leaves the calibrated mode, as the built-in ones of earlier versions did.
    """

    id: str
    name: str
    params: dict[str, Any]
    built_in: bool
    created_at: datetime
    updated_at: datetime
    legacy: bool


@dataclass(frozen=True, slots=True)
class Listed(Generic[Item]):
    """One page of a list, newest first; ``next_cursor`` asks the next page, None on the last."""

    items: tuple[Item, ...]
    next_cursor: str | None


def answer(cls: "type[Answer]", row: object, **other: Any) -> "Answer":
    """Return an answer whose fields are a row's of the same names; ``other`` replaces values."""
    names = [field.name for field in fields(cls)]
    return cls(**{name: other[name] if name in other else getattr(row, name) for name in names})


def run_answer(row: RunRow) -> Run:
    """Return a run as it is answered."""
    progress = row.progress and answer(RunProgress, row.progress)
    message = kept_failure(row.error_code, row.error_params, row.error_message)
    return answer(Run, row, status=row.status.value, progress=progress, error_message=message)


def event_answer(row: EventRow) -> RunEvent:
    """Return what happened to a run; a failure has its words, too."""
    data = dict(row.data)
    if data.get("error_code"):
        told = (data.get(key) for key in ("error_code", "error_params", "error_message"))
        data["error_message"] = kept_failure(*told)
    return answer(RunEvent, row, data=data)


def listed(cls: type[Item], page: ListPage[Any]) -> Listed[Item]:
    """Return a page of rows as a page of answers."""
    return Listed(tuple(answer(cls, row) for row in page.items), page.next_cursor)  # type: ignore[type-var]
