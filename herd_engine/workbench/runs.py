"""Kept forecast jobs of a farm; answers are plain values."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from herd_engine.datasets.herd_file import HerdFile
from herd_engine.engine.simulate import Execution
from herd_engine.exports.csv_file import forecast_csv
from herd_engine.exports.document import forecast_json
from herd_engine.exports.legacy_result import legacy_result, legacy_xlsx
from herd_engine.exports.xlsx_file import forecast_xlsx
from herd_engine.forecasting.long_run_check import fine_print
from herd_engine.model.draws import Draws
from herd_engine.model.forecast import Forecast
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.lists import all_of
from herd_engine.runs.published import FileFault
from herd_engine.runs.reproduction import ChangedFile
from herd_engine.runs.waiting import ensure_runner, finished_run, follow
from herd_engine.scenarios.identity import payload_of
from herd_engine.storage.backtest_jobs import BacktestJobTable
from herd_engine.storage.run_counts import RunCounts
from herd_engine.storage.run_history import RunVersion
from herd_engine.storage.run_rows import Deleted, RunFilters, Submitted, run_statuses
from herd_engine.workbench.answers import (
    MOST_LISTED,
    Listed,
    Run,
    RunEvent,
    RunFile,
    RunSummary,
    SubmissionAnswer,
    SubmittedRun,
    answer,
    event_answer,
    run_answer,
)
from herd_engine.workbench.groups import Sweep, sweep_of
from herd_engine.workbench.summary import summary_of

logger = logging.getLogger(__name__)
HASH_LENGTH, ID_LENGTH = 64, 36


class Runs:
    """Kept forecast jobs of a farm."""

    def __init__(self, kept: KeptRuns) -> None:
        self._kept = kept

    def n_waiting(self) -> int:
        """Count the farm's forecasts and backtests that wait for a runner."""
        database, farm_id = self._kept.store.database, self._kept.scope.farm_id
        return RunCounts(database).waiting(farm_id).n_runs + BacktestJobTable(database).n_waiting(farm_id)

    def submit(
        self,
        dataset_id: str,
        payload: Mapping[str, Any] | None = None,
        *,
        scenario_id: str | None = None,
        **wishes: Any,
    ) -> SubmittedRun:
        """Queue a run, or return the finished or active one of the same identity; as ``KeptRuns.submit``."""
        submitted = self._kept.submit(dataset_id, payload, scenario_id=scenario_id, **wishes)
        wish = submitted.submission
        told = {"run_id": submitted.run.id, "submission_id": wish.id, "reused": submitted.reused}
        logger.info("run_submitted", extra=told)
        return _submitted_run(submitted)

    def sweep(
        self, dataset_id: str, base: Mapping[str, Any], values: Mapping[str, Sequence[Any]], **wishes: Any
    ) -> Sweep:
        """Queue a run for every combination of values; as ``submit_sweep``."""
        return sweep_of(self._kept.submit_variants(dataset_id, base, values, **wishes))

    def n_queued(self) -> int:
        """Return how many runs and backtests of all farms wait."""
        n_backtests = BacktestJobTable(self._kept.store.database).n_waiting()
        return self._kept.store.runs.queue().queued + n_backtests

    def ensure_runner(self) -> bool:
        """Start a runner where none of this home is alive; tell whether one was started."""
        return ensure_runner(self._kept)

    def get(self, run_id: str) -> Run:
        """Return a run by its id, eight or more first characters of it, or its hash; NotFoundError.

        Of several with one hash it is the newest that succeeded.
        """
        if len(run_id) == HASH_LENGTH:
            return run_answer(self._kept.store.runs.find_by_hash(self._kept.scope, run_id))
        is_beginning = 8 <= len(run_id) < ID_LENGTH
        return run_answer(self._kept.find(run_id) if is_beginning else self._kept.get(run_id))

    def version(self, run_id: str) -> str:
        """Return what is the same as long as ``get`` answers the same; quicker than that. NotFoundError."""
        return _version_text(self._kept.store.runs.version(self._kept.scope, self._whole(run_id)))

    def get_versioned(self, run_id: str) -> tuple[Run, str]:
        """Return a run as ``get``, and its ``version``."""
        row, version = self._kept.store.runs.get_versioned(self._kept.scope, self._whole(run_id))
        return run_answer(row), _version_text(version)

    def _whole(self, run_id: str) -> str:
        return run_id if len(run_id) == ID_LENGTH else self.get(run_id).id

    def list(  # noqa: PLR0913 - one argument a filter
        self,
        *,
        status: Sequence[str] = (),
        text: str | None = None,
        dataset_id: str | None = None,
        scenario_id: str | None = None,
        group_id: str | None = None,
        owner: str | None = None,
        pinned: bool | None = None,
        starred: bool | None = None,
        queued_after: datetime | None = None,
        queued_before: datetime | None = None,
        cursor: str | None = None,
        limit: int = 20,
    ) -> Listed[Run]:
        """Return a page of runs, newest first; those whose workers were lost have failed."""
        filters = RunFilters(
            statuses=run_statuses(status),
            text=text,
            created_from=queued_after,
            created_to=queued_before,
            scenario_id=scenario_id,
            dataset_id=dataset_id,
            group_id=group_id,
            owner=owner,
            pinned=pinned,
            starred=starred,
        )
        page = self._kept.list_runs(filters, cursor, limit)
        return Listed(tuple(run_answer(row) for row in page.items), page.next_cursor)

    def find(self, beginning: str) -> Run:
        """Return the one run whose id begins so; ParameterError where several do, NotFoundError."""
        return run_answer(self._kept.find(beginning))

    def finished(self, dataset_id: str, payload: Mapping[str, Any]) -> Run:
        """Return a run that succeeded: the finished one of the same identity, else wait for it.

        Raises
        ------
        ConflictError
            It failed, was canceled, or reached its time limit.
        ScenarioError, ParameterError, NotFoundError
        """
        return run_answer(finished_run(self._kept, dataset_id, payload))

    def starred(self) -> Run | None:
        """Return the run that is the plan of the farm; None where none is."""
        row = self._kept.starred()
        return None if row is None else run_answer(row)

    def every(self, *, status: Sequence[str] = ()) -> Iterator[Run]:
        """Yield all runs, newest first."""
        filters = RunFilters(statuses=run_statuses(status))
        rows = all_of(lambda cursor: self._kept.list_runs(filters, cursor, MOST_LISTED))
        yield from map(run_answer, rows)

    def wishes(self, run_id: str) -> tuple[SubmissionAnswer, ...]:
        """Return who asked for a run, oldest first."""
        rows = self._kept.submissions(run_id)
        return tuple(answer(SubmissionAnswer, row, source=str(row.source)) for row in rows)

    def follow(self, run_id: str) -> Iterator[RunEvent]:
        """Yield what happens to a run, as it happens, until it has ended."""
        return (event_answer(row) for row in follow(self._kept, run_id))

    def events(self, run_id: str, after: int = 0) -> tuple[RunEvent, ...]:
        """Return what happened to a run after event number ``after``."""
        return tuple(event_answer(row) for row in self._kept.events(run_id, after))

    def events_version(self, run_id: str) -> str:
        """Return what is the same as long as no event was added."""
        return self._kept.events_version(self._whole(run_id))

    def cancel(self, run_id: str) -> Run:
        """Ask a run to stop; a queued one is canceled at once, a finished one stays as it is.

        Who asked for it takes their own wish back; in a role above others one may end it for everybody.
        """
        others = self._kept.access.is_above_others and not self._kept.is_mine(run_id)
        return run_answer(self._kept.cancel(run_id, for_everybody=others))

    def withdraw(self, run_id: str, *, for_everybody: bool = False) -> Run:
        """Take one's own wish for a run back, or end it for everybody; it goes on where others want it.

        Raises
        ------
        ConflictError
            Only others asked for it.
        NotFoundError
        """
        return run_answer(self._kept.cancel(run_id, for_everybody=for_everybody))

    def queue_position(self, run_id: str) -> int | None:
        """Return which in the queue a run is, 1 the next; None where it does not wait."""
        return self._kept.store.runs.queue_position(run_id)

    def pin(self, run_id: str, *, pinned: bool = True) -> Run:
        """Keep a run from being pruned, or no longer."""
        return run_answer(self._kept.pin(run_id, pinned=pinned))

    def rename(self, run_id: str, name: str | None) -> Run:
        """Give a forecast a name, or take it away."""
        return run_answer(self._kept.rename(run_id, name))

    def star(self, run_id: str, *, starred: bool = True) -> Run:
        """Make a forecast the plan of its farm, or no longer."""
        return run_answer(self._kept.star(run_id, starred=starred))

    def delete(self, ids: Sequence[str], *, for_everybody: bool = False) -> Deleted:
        """Delete finished runs with their files; tell which, and which not and why."""
        return self._kept.delete(ids, for_everybody=for_everybody)

    def prune(self, keep: int = 100, *, dry_run: bool = True) -> tuple[Run, ...]:
        """Delete what succeeded, but for pinned, starred and the newest ``keep``; or tell which would go."""
        return tuple(map(run_answer, self._kept.prune(keep, dry_run=dry_run)))

    def files(self, run_id: str) -> tuple[RunFile, ...]:
        """Return the files of a run."""
        self._kept.get(run_id)
        rows = self._kept.store.artifacts.list_artifacts(self._kept.scope, run_id)
        return tuple(answer(RunFile, row) for row in rows)

    def file(self, run_id: str, name: str) -> bytes:
        """Return the content of one file of a run."""
        return self._kept.artifact(run_id, name)

    def forecast(self, run_id: str) -> Forecast:
        """Return the forecast of a run as it was published; nothing is simulated."""
        return self._kept.forecast(run_id)

    def draws(self, run_id: str) -> Draws:
        """Return the first replicates of a run as they were published; ConflictError where it has none."""
        return self._kept.draws(run_id)

    def herd_file(self, run_id: str) -> HerdFile:
        """Return what a run was made from; it is kept as long as the run."""
        return self._kept.herd_file(run_id)

    def json(self, run_id: str) -> bytes:
        """Return the forecast of a run as JSON."""
        return forecast_json(self._kept.forecast(run_id)).encode()

    def csv(self, run_id: str, *, excel: bool = False, with_meta: bool = True) -> bytes:
        """Return the forecast of a run as CSV."""
        return forecast_csv(self._kept.forecast(run_id), excel=excel, with_meta=with_meta)

    def payload(self, run_id: str) -> dict[str, Any]:
        """Return what a run was asked for, complete; of no herd file in particular."""
        return payload_of(self._kept.get(run_id).config)

    def summary(self, run_id: str) -> RunSummary:
        """Return a run in a few numbers; None in their place where it has not succeeded."""
        run = self.get(run_id)
        return summary_of(run, self._kept.forecast(run.id) if run.status == "succeeded" else None)

    def legacy_result(self, run_id: str) -> dict[str, Any]:
        """Return the forecast of a run in the shape of the first contract."""
        return legacy_result(self._kept.forecast(run_id))

    def legacy_xlsx(self, run_id: str) -> bytes:
        """Return the forecast of a run as the workbook of the first contract."""
        return legacy_xlsx(self._kept.forecast(run_id))

    def xlsx(self, run_id: str, language: str = "en", farm: str | None = None) -> bytes:
        """Return the forecast of a run as a workbook; ``farm`` is what to call its farm in there."""
        forecast = self._kept.forecast(run_id)
        told = fine_print(self._kept.herd_file(run_id), forecast, language)
        called = self._kept.catalog.farm.name if farm is None else farm
        return forecast_xlsx(forecast, language=language, farm=called, fine_print=told)

    def chain_faults(self) -> tuple[str, ...]:
        """Walk the farm's chain of manifests; return what is wrong, in words."""
        return self._kept.verify_chain()

    def reproduce(self, run_id: str, execution: Execution | None = None) -> tuple[ChangedFile, ...]:
        """Simulate a run again from its own configuration; return the files that came out otherwise.

        Raises
        ------
        ConflictError
            It has not succeeded.
        NotFoundError
        """
        return self._kept.reproduce(run_id, execution)

    def file_faults(self, run_id: str) -> tuple[FileFault, ...]:
        """Hash every file of a run again; return those that are not as they were published."""
        return self._kept.faults(run_id)

    def faults(self, run_id: str) -> tuple[str, ...]:
        """Hash every file of a run again; return what is wrong, in words."""
        return self._kept.verify(run_id)


def _version_text(version: RunVersion) -> str:
    named = "" if version.name is None else f".{sha256(version.name.encode()).hexdigest()[:12]}"
    return f"{version.run_id}.{version.last_seq}.{version.pinned:d}{version.starred:d}{named}"


def _submitted_run(found: Submitted) -> SubmittedRun:
    return SubmittedRun(
        run=run_answer(found.run),
        submission=answer(SubmissionAnswer, found.submission),
        reused=found.reused,
        replayed=found.replayed,
        first=None if found.first is None else _submitted_run(found.first),
    )
