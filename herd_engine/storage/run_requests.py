"""Wishes for runs and against them: an equal run is shared, and stays as long as somebody wants it."""

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime

import sqlalchemy as sa

from herd_engine.errors import ConflictError
from herd_engine.model.run_status import ACTIVE, RunStatus
from herd_engine.storage.events import append_event
from herd_engine.storage.farms import lock_farm
from herd_engine.storage.idempotency import KeyedRequest, keep_answer, kept_answer
from herd_engine.storage.run_history import named, run_row
from herd_engine.storage.run_rows import JsonObject, NewRunRow, Progress, RunRow, Submitted
from herd_engine.storage.scope import Scope, require, require_live
from herd_engine.storage.submissions import (
    SubmissionRow,
    Wish,
    find_submission,
    hide_wishes,
    insert_submission,
    live_wishes,
)
from herd_engine.storage.tables import dataset, now, run, scenario

MOMENTS = ("queued_at", "started_at", "heartbeat_at", "finished_at")


def keyed_request(new: NewRunRow, key: str | None, note: str | None = None) -> KeyedRequest | None:
    """Return the request that a key stands for; ParameterError where the key cannot be one."""
    if key is None:
        return None
    content = [new.run_hash, new.scenario_id, new.priority, new.timeout_seconds]
    content += [] if note is None else [note]
    return KeyedRequest(
        principal=new.owner,
        farm_id=new.farm_id,
        method="POST",
        route="runs",
        key=key,
        fingerprint=hashlib.sha256(json.dumps(content).encode()).hexdigest(),
    )


def submit_run(
    connection: sa.Connection, new: NewRunRow, wish: Wish, request: KeyedRequest | None, *, force: bool
) -> Submitted:
    """Queue a run or take the one that answers it; either way write down who asked, and keep the key."""
    scope = Scope(new.farm_id)
    lock_farm(connection, new.farm_id)  # equal runs submitted at once: the second finds the first
    require(connection, dataset, scope, new.dataset_id)
    if new.scenario_id is not None:
        require_live(connection, scenario, scope, new.scenario_id)
    if request is not None and (again := _answered(connection, scope, request)) is not None:
        return again
    known = None if force else _reusable(connection, new)
    found = _insert(connection, new) if known is None else _join(connection, known, new)
    submission = insert_submission(connection, new.farm_id, found.id, wish)
    if request is not None:
        ids = {"submission_id": submission.id, "run_id": found.id}
        keep_answer(connection, request, {**ids, "reused": known is not None, "run": _as_kept(found)})
    return Submitted(found, reused=known is not None, submission=submission)


def leave_run(connection: sa.Connection, found: RunRow, principal: str) -> bool:
    """Take somebody's wish for a run back where others want it too.

    Returns
    -------
    bool
        False where nobody else wants the run: then it is the caller's to end, and nothing has changed.

    Raises
    ------
    ConflictError
        Only others asked for it.
    """
    wishes = live_wishes(connection, found.id)
    others = [wish for wish in wishes if wish.principal != principal]
    if not others:
        return False
    if len(others) == len(wishes):
        raise of_others(found, others)
    hide_wishes(connection, [found.id], principal)
    connection.execute(sa.update(run).where(run.c.id == found.id).values(**_wanted(others)))
    return True


def of_others(found: RunRow, others: list[SubmissionRow]) -> ConflictError:
    """Return why somebody may not end what others asked for."""
    names = ", ".join(sorted({wish.principal for wish in others}))
    return ConflictError(f"Run {found.id} was asked for by others: {names}.", "run_of_others", names)


def _answered(connection: sa.Connection, scope: Scope, request: KeyedRequest) -> Submitted | None:
    """Return what the request got before, now and as it was then; None for the first, or if it is gone."""
    body = kept_answer(connection, request)
    submission = None if body is None else find_submission(connection, body["submission_id"])
    if body is None or submission is None:
        return None
    found = run_row(require(connection, run, scope, submission.run_id))
    now = Submitted(found, reused=True, submission=submission, replayed=True)
    if (then := body.get("run")) is None:  # an answer of an older version
        return now
    first = Submitted(_as_it_was(then), reused=body["reused"], submission=submission, replayed=True)
    return replace(now, first=first)


def _as_kept(found: RunRow) -> JsonObject:
    """Return a run as JSON keeps it: a repeated request is answered as the first one was."""
    values = asdict(found)
    moments = {name: values[name] and values[name].isoformat() for name in MOMENTS}
    return values | moments | {"status": str(found.status)}


def _as_it_was(kept: JsonObject) -> RunRow:
    moments = {name: kept[name] and datetime.fromisoformat(kept[name]) for name in MOMENTS}
    progress = kept["progress"] and Progress(**kept["progress"])
    return RunRow(**{**kept, **moments, "status": RunStatus(kept["status"]), "progress": progress})


def _reusable(connection: sa.Connection, new: NewRunRow) -> RunRow | None:
    """Return the newest run of this hash that succeeded or still may, a succeeded one first.

    A kept scenario reuses its own runs alone: its outputs and its history are looked up by its name.
    """
    usable = run.c.status.in_((*ACTIVE, RunStatus.SUCCEEDED)) & ~run.c.cancel_requested
    if new.scenario_id is not None:
        usable &= run.c.scenario_id == new.scenario_id
    query = (
        sa.select(run)
        .where(run.c.farm_id == new.farm_id, run.c.run_hash == new.run_hash, usable)
        .order_by((run.c.status == RunStatus.SUCCEEDED).desc(), run.c.queued_at.desc(), run.c.id)
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else run_row(row)


def _insert(connection: sa.Connection, new: NewRunRow) -> RunRow:
    values = asdict(new) | named(new.name)
    row = connection.execute(
        sa.insert(run)
        .values(
            **values,
            id=str(uuid.uuid4()),
            scenario_deleted=False,
            status=RunStatus.QUEUED,
            attempt=1,
            cancel_requested=False,
            pinned=False,
            queued_at=now(),
        )
        .returning(run)
    ).one()
    queued = run_row(row)
    append_event(connection, queued.id, str(queued.status), {"priority": queued.priority})
    return queued


def _join(connection: sa.Connection, known: RunRow, new: NewRunRow) -> RunRow:
    """Return the run as one more wants it: as early and for as long as the most eager of all do."""
    values: JsonObject = {} if known.name or new.name is None else dict(named(new.name))
    if known.status.is_active:
        values |= _wanted([*live_wishes(connection, known.id), new])
    if not values:
        return known
    change = sa.update(run).where(run.c.id == known.id).values(**values).returning(run)
    return run_row(connection.execute(change).one())


def _wanted(wishes: Sequence[SubmissionRow | NewRunRow]) -> dict[str, float | None]:
    limits = [wish.timeout_seconds for wish in wishes]
    longest = None if None in limits else max(limit for limit in limits if limit is not None)
    return {"priority": max(wish.priority for wish in wishes), "timeout_seconds": longest}
