"""The life cycle of runs: each change is one UPDATE whose WHERE names the states it may start from.

A run that has ended matches none of them, so nothing revives it however late a worker comes.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from herd_engine.model.run_status import ACTIVE, RunStatus
from herd_engine.model.source import STAR, Source
from herd_engine.storage.events import append_event
from herd_engine.storage.farms import bump_farm_version, lock_farm
from herd_engine.storage.manifest_ledger import append_to_ledger
from herd_engine.storage.run_history import RunHistory, run_row
from herd_engine.storage.run_requests import keyed_request, leave_run, submit_run
from herd_engine.storage.run_rows import (
    Heartbeat,
    JsonObject,
    NewRunRow,
    Outcome,
    Progress,
    Published,
    RunRow,
    Submitted,
)
from herd_engine.storage.scope import Scope, require
from herd_engine.storage.submissions import Wish
from herd_engine.storage.tables import artifact, now, run, submission

MAX_ATTEMPTS = 3

WORKER_LOST = "WORKER_LOST"


class RunTable(RunHistory):
    """Submit, claim, watch over and end runs; and, as ``RunHistory``, look at them."""

    def submit(
        self,
        new: NewRunRow,
        *,
        force: bool = False,
        idempotency_key: str | None = None,
        source: Source = Source.CLI,
        note: str | None = None,
    ) -> Submitted:
        """Queue a run, or return the one that answers it already; a kept scenario has runs of its own.

        Parameters
        ----------
        new : NewRunRow
            Its owner is who asks; a run that is reused keeps the owner that it has.
        force : bool
            Run again although a run of the same hash succeeded or is active.
        idempotency_key : str, optional
            Of one request: its repetition by the same principal within a day returns the same submission,
            forced or not, whatever became of its run.
        source : Source
        note : str, optional
            At most 200 characters.

        Raises
        ------
        ConflictError
            The principal used the key on this farm for something else.
        ParameterError
            The key is empty, too long, or holds other than visible ASCII characters.
        NotFoundError
            The farm, dataset or scenario does not exist on this farm.
        """
        request = keyed_request(new, idempotency_key, note)
        wish = Wish(
            principal=new.owner,
            source=source,
            priority=new.priority,
            timeout_seconds=new.timeout_seconds,
            note=note,
        )
        with self._database.transaction() as connection:
            return submit_run(connection, new, wish, request, force=force)

    def claim(self, worker: str) -> RunRow | None:
        """Take the next run: highest priority, then oldest. Exactly one worker gets it."""
        ready = run.c.status == RunStatus.QUEUED
        with self._database.reading() as connection:  # an idle worker takes no lock from anybody
            if connection.execute(sa.select(run.c.id).where(ready).limit(1)).one_or_none() is None:
                return None
        order = (run.c.priority.desc(), run.c.queued_at, run.c.id)
        # PostgreSQL passes over rows that others are claiming; SQLite has one writer at a time.
        following = sa.select(run.c.id).where(ready).order_by(*order).limit(1)
        mine = run.c.id == following.with_for_update(skip_locked=True).scalar_subquery()
        moment = now()
        values = {"worker": worker, "heartbeat_at": moment, "progress": None}
        started = sa.func.coalesce(run.c.started_at, sa.literal(moment, run.c.started_at.type))
        with self._database.transaction() as connection:
            changed = _change(connection, mine, ready, status=RunStatus.RUNNING, started_at=started, **values)
            if changed is not None:
                _tell(connection, changed, {"worker": worker, "attempt": changed.attempt})
            return changed

    def heartbeat(self, run_id: str, worker: str) -> Heartbeat:
        """Say that the worker is alive, and learn whether it should go on."""
        with self._database.transaction() as connection:
            return _beat(connection, run_id, worker)

    def report_progress(self, run_id: str, worker: str, progress: Progress) -> Heartbeat:
        """Store the progress, write an event of it, and say that the worker is alive."""
        data = asdict(progress)
        with self._database.transaction() as connection:
            beat = _beat(connection, run_id, worker, progress=data)
            if beat.is_mine:
                append_event(connection, run_id, "progress", data)
            return beat

    def request_cancel(self, scope: Scope, run_id: str, principal: str | None = None) -> RunRow:
        """Cancel a queued run at once, ask the worker of a running one to stop; else change nothing.

        Parameters
        ----------
        scope : Scope
        run_id : str
        principal : str, optional
            Who asks. Where others want the run too, only this wish is taken back, and the run goes on.
            None asks for everybody.

        Raises
        ------
        ConflictError
            Only others asked for the run.
        NotFoundError
        """
        is_queued = run.c.status == RunStatus.QUEUED
        moment = sa.literal(now(), run.c.finished_at.type)
        with self._database.transaction() as connection:
            found = run_row(require(connection, run, scope, run_id))
            if principal is not None and found.status.is_active:
                lock_farm(connection, found.farm_id)  # nobody joins the run meanwhile
                if leave_run(connection, found, principal):
                    return run_row(require(connection, run, scope, found.id))
            changed = _change(
                connection,
                run.c.id == run_id,
                run.c.status.in_(ACTIVE),
                ~run.c.cancel_requested,
                status=sa.case((is_queued, RunStatus.CANCELED), else_=run.c.status),
                finished_at=sa.case((is_queued, moment), else_=run.c.finished_at),
                cancel_requested=True,
            )
            if changed is None:
                return run_row(require(connection, run, scope, found.id))
            if changed.status is RunStatus.CANCELED:
                _tell(connection, changed)
            else:
                append_event(connection, run_id, "cancel_requested", {})
            return changed

    def finish(self, run_id: str, worker: str, outcome: Outcome) -> bool:
        """End a run without a result; False where it is no longer this worker's to end."""
        with self._database.transaction() as connection:
            values = asdict(outcome)
            changed = _change(connection, _mine(run_id, worker), finished_at=now(), **values)
            if changed is not None:
                _tell(connection, changed, _error(changed))
            return changed is not None

    def requeue(self, run_id: str, worker: str) -> bool:
        """Give a run back for another attempt.

        Returns
        -------
        bool
            False where it is not this worker's, is to be canceled, or had all its attempts (3).
        """
        allowed = sa.and_(~run.c.cancel_requested, run.c.attempt < MAX_ATTEMPTS)
        values = {"worker": None, "heartbeat_at": None, "attempt": run.c.attempt + 1}
        with self._database.transaction() as connection:
            changed = _change(connection, _mine(run_id, worker), allowed, status=RunStatus.QUEUED, **values)
            if changed is not None:
                _tell(connection, changed, {"attempt": changed.attempt})
            return changed is not None

    def retry(self, run_id: str, worker: str, reason: str) -> RunRow | None:
        """Let the same worker begin a run anew.

        Returns
        -------
        RunRow or None
            The run with its next attempt; None where it is not this worker's, is to be canceled, or had
            all its attempts (3).
        """
        allowed = sa.and_(~run.c.cancel_requested, run.c.attempt < MAX_ATTEMPTS)
        values = {"attempt": run.c.attempt + 1, "heartbeat_at": now(), "progress": None}
        with self._database.transaction() as connection:
            changed = _change(connection, _mine(run_id, worker), allowed, **values)
            if changed is not None:
                append_event(connection, run_id, "retry", {"attempt": changed.attempt, "reason": reason})
            return changed

    def publish(self, run_id: str, worker: str, published: Published) -> bool:
        """Make the result of a run visible, with its artifacts and its link in the farm's chain, or nothing.

        Returns
        -------
        bool
            False where the run is no longer this worker's, or was asked to stop: nothing has changed.
        """
        progress: JsonObject = {}
        if published.progress is not None:
            done = published.progress.completed_runs  # fewer than were allowed, where these were enough
            progress = {"progress": asdict(published.progress), "runs_total": done}
        with self._database.transaction() as connection:
            _lock_farm_of(connection, run_id)  # before the run: whoever locks both does so in this order
            changed = _change(
                connection,
                _mine(run_id, worker),
                ~run.c.cancel_requested,
                status=RunStatus.SUCCEEDED,
                finished_at=now(),
                manifest_hash=published.manifest_hash,
                content_hash=published.content_hash,
                **progress,
            )
            if changed is None:
                return False
            if progress:
                append_event(connection, run_id, "progress", progress["progress"])
            rows = [{"run_id": run_id, **asdict(file)} for file in published.artifacts]
            if rows:
                connection.execute(sa.insert(artifact), rows)
            append_to_ledger(connection, changed, published.manifest_hash)
            _pass_star_on(connection, changed)
            bump_farm_version(connection, changed.farm_id)
            _tell(connection, changed, {"content_hash": published.content_hash})
            return True

    def silent(self, seconds: float) -> tuple[RunRow, ...]:
        """Return the running runs whose worker was not heard of for so long."""
        deadline = now() - timedelta(seconds=seconds)
        query = sa.select(run).where(run.c.status == RunStatus.RUNNING, run.c.heartbeat_at < deadline)
        with self._database.reading() as connection:
            return tuple(run_row(row) for row in connection.execute(query.order_by(run.c.id)))

    def take_up(self, lost: Sequence[RunRow]) -> list[RunRow]:
        """Give runs whose worker is believed lost another attempt, or an end; any process may do so.

        Parameters
        ----------
        lost : sequence of RunRow
            As they were seen; one that was heard of since is left alone.

        Returns
        -------
        list of RunRow
            As ``release``.
        """
        if not lost:
            return []
        with self._database.transaction() as connection:
            unchanged = (
                sa.and_(_mine(each.id, str(each.worker)), run.c.heartbeat_at == each.heartbeat_at)
                for each in lost
            )
            return _release_all(connection, sa.or_(*unchanged))

    def release(self, worker_beginning: str) -> list[RunRow]:
        """Give the runs of workers that ended another attempt, or an end; only for who knows that they did.

        Parameters
        ----------
        worker_beginning : str
            Of their names.

        Returns
        -------
        list of RunRow
            Queued again; canceled where that was asked for; failed where all attempts (3) are used up.
        """
        theirs = sa.and_(
            run.c.status == RunStatus.RUNNING, run.c.worker.startswith(worker_beginning, autoescape=True)
        )
        with self._database.transaction() as connection:
            return _release_all(connection, theirs)


def _release_all(connection: sa.Connection, where: sa.ColumnElement[bool]) -> list[RunRow]:
    rows = connection.execute(sa.select(run).where(where).with_for_update()).all()
    released = [_release(connection, run_row(row)) for row in rows]
    for each in released:
        _tell(connection, each, _error(each))
    return released


def _release(connection: sa.Connection, held: RunRow) -> RunRow:
    if held.cancel_requested:
        values: JsonObject = {"status": RunStatus.CANCELED, "finished_at": now()}
    elif held.attempt < MAX_ATTEMPTS:
        values = {"status": RunStatus.QUEUED, "worker": None, "heartbeat_at": None}
        values |= {"attempt": held.attempt + 1}
    else:
        values = {"status": RunStatus.FAILED, "finished_at": now()}
        values |= {"error_code": WORKER_LOST, "error_params": {"times": MAX_ATTEMPTS}}
    change = sa.update(run).where(run.c.id == held.id).values(**values).returning(run)
    return run_row(connection.execute(change).one())


def _pass_star_on(connection: sa.Connection, done: RunRow) -> None:
    """Make a forecast the plan of its farm where it was asked for as the plan's of a newer herd."""
    starred = sa.and_(run.c.farm_id == done.farm_id, run.c.starred)
    plan = connection.execute(sa.select(run).where(starred)).one_or_none()
    wish = sa.select(submission.c.id).where(submission.c.run_id == done.id, submission.c.principal == STAR)
    if plan is None or connection.execute(wish).first() is None:
        return
    is_newer = run_row(plan).queued_at < done.queued_at
    if is_newer and json.loads(plan.config)["scenario"] == json.loads(done.config)["scenario"]:
        connection.execute(sa.update(run).where(starred).values(starred=False))
        connection.execute(sa.update(run).where(run.c.id == done.id).values(starred=True))


def _lock_farm_of(connection: sa.Connection, run_id: str) -> None:
    farm_id = connection.execute(sa.select(run.c.farm_id).where(run.c.id == run_id)).scalar()
    if farm_id is not None:
        lock_farm(connection, farm_id)


def _mine(run_id: str, worker: str) -> sa.ColumnElement[bool]:
    return sa.and_(run.c.id == run_id, run.c.status == RunStatus.RUNNING, run.c.worker == worker)


def _change(connection: sa.Connection, *where: sa.ColumnElement[bool], **values: Any) -> RunRow | None:
    """Change one run if it still is as ``where`` wants it; None if it is not."""
    statement = sa.update(run).where(*where).values(**values).returning(run)
    row = connection.execute(statement).one_or_none()
    return None if row is None else run_row(row)


def _beat(connection: sa.Connection, run_id: str, worker: str, **values: Any) -> Heartbeat:
    changed = _change(connection, _mine(run_id, worker), heartbeat_at=now(), **values)
    return Heartbeat(changed is not None, changed is not None and changed.cancel_requested)


def _tell(connection: sa.Connection, changed: RunRow, data: JsonObject | None = None) -> None:
    append_event(connection, changed.id, str(changed.status), data or {})


def _error(ended: RunRow) -> JsonObject:
    return {"error_code": ended.error_code, "error_params": ended.error_params}
