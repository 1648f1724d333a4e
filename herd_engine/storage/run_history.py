"""What is kept of runs: look up, list, name, star, pin, delete."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from herd_engine.errors import ConflictError, NotFoundError
from herd_engine.model.run_status import ACTIVE, RunStatus
from herd_engine.storage.database import Database
from herd_engine.storage.farms import bump_farm_version, lock_farm
from herd_engine.storage.manifest_ledger import mark_pruned
from herd_engine.storage.metric_counts import run_counts
from herd_engine.storage.names import checked_name, name_contains, name_key
from herd_engine.storage.paging import ListPage, Request, created_between, read_page
from herd_engine.storage.run_rows import Deleted, Progress, Queue, RunFilters, RunRow, Skipped
from herd_engine.storage.scope import Scope, require, row_as, well_formed
from herd_engine.storage.submissions import asked_runs, hide_wishes, wanted_runs
from herd_engine.storage.tables import dataset, run, run_event, scenario, submission
from herd_engine.storage.tally import add_to_tally

EVERY_RUN = RunFilters()


@dataclass(frozen=True, slots=True)
class RunVersion:
    """What is the same as long as a run is: its last event, and what people may change of it."""

    run_id: str
    last_seq: int
    pinned: bool
    starred: bool
    name: str | None


@lru_cache(maxsize=1024)
def _version_of(scope: Scope) -> sa.Select[Any]:
    """Return the query of a version; to make it anew each time would take as long as to carry it out."""
    last = sa.select(sa.func.max(run_event.c.seq)).where(run_event.c.run_id == run.c.id).scalar_subquery()
    return sa.select(run.c.id, sa.func.coalesce(last, 0), run.c.pinned, run.c.starred, run.c.name).where(
        run.c.id == sa.bindparam("row_id"), scope.holds(run)
    )


class RunHistory:
    """Runs as somebody looks at them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, scope: Scope, run_id: str) -> RunRow:
        """Return a run, or raise NotFoundError."""
        with self._database.reading() as connection:
            return run_row(require(connection, run, scope, run_id))

    def find_by_hash(self, scope: Scope, run_hash: str) -> RunRow:
        """Return the newest run of this hash that succeeded; NotFoundError."""
        query = (
            sa.select(run)
            .where(scope.holds(run), run.c.run_hash == run_hash, run.c.status == RunStatus.SUCCEEDED)
            .order_by(run.c.queued_at.desc(), run.c.id)
            .limit(1)
        )
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFoundError("run", run_hash)
        return run_row(row)

    def version(self, scope: Scope, run_id: str) -> RunVersion:
        """Return the version of a run, for a fraction of what the run itself would take; NotFoundError."""
        with self._database.reading() as connection:
            return _version(connection, scope, run_id)

    def get_versioned(self, scope: Scope, run_id: str) -> tuple[RunRow, RunVersion]:
        """Return a run and its version; NotFoundError.

        The version is read first: where something happens in between, it is too old, and so what was read
        is asked for once more, never kept for too long.
        """
        with self._database.reading() as connection:
            version = _version(connection, scope, run_id)
            return run_row(require(connection, run, scope, run_id)), version

    def list_runs(
        self, scope: Scope, filters: RunFilters = EVERY_RUN, cursor: str | None = None, limit: int = 20
    ) -> ListPage[RunRow]:
        """Return a page of runs, newest first; those of an owner by when this one asked for them last.

        Raises
        ------
        ParameterError
            ``limit`` is not within 1 … 500, or the cursor is of another list.
        """
        query = sa.select(run)
        moment: sa.ColumnElement[datetime] = run.c.queued_at
        if filters.owner is not None:
            asked = _asked_by(scope.farm_id, filters.owner)
            moment = asked.c.asked_at
            query = sa.select(run, moment).join(asked, asked.c.run_id == run.c.id)
        query = query.where(scope.holds(run), *_conditions(filters, moment))
        with self._database.reading() as connection:
            return read_page(connection, query, (moment, run.c.id), Request(cursor, limit), run_row)

    def existing(self, scope: Scope, ids: Iterable[str]) -> tuple[RunRow, ...]:
        """Return those runs of some ids that are still there."""
        query = sa.select(run).where(scope.holds(run), run.c.id.in_(well_formed(ids)))
        with self._database.reading() as connection:
            return tuple(run_row(row) for row in connection.execute(query))

    def rename(self, scope: Scope, run_id: str, name: str | None) -> RunRow:
        """Give a run a name, which need not be unique, or take it away.

        Raises
        ------
        ParameterError
            It is empty, too long, or holds characters that cannot be shown.
        NotFoundError
        """
        return self._update(scope, run_id, **named(name))

    def star(self, scope: Scope, run_id: str, *, starred: bool = True) -> RunRow:
        """Make a run the plan of its farm in place of the one that was, or no longer.

        Raises
        ------
        ConflictError
            It ended without a result.
        NotFoundError
        """
        with self._database.transaction() as connection:
            lock_farm(connection, scope.farm_id)
            found = run_row(require(connection, run, scope, run_id))
            if starred and not (found.status.is_active or found.status is RunStatus.SUCCEEDED):
                message = f"Run {found.id} is {found.status}; a plan needs a run with a result."
                raise ConflictError(message, "run_without_result")
            if starred:
                of_farm = sa.and_(run.c.farm_id == scope.farm_id, run.c.starred)
                connection.execute(sa.update(run).where(of_farm).values(starred=False))
            change = sa.update(run).where(run.c.id == run_id).values(starred=starred).returning(run)
            return run_row(connection.execute(change).one())

    def starred(self, farm_id: str) -> RunRow | None:
        """Return the run that is the plan of a farm; None where none is."""
        query = sa.select(run).where(run.c.farm_id == farm_id, run.c.starred)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
            return None if row is None else run_row(row)

    def pin(self, scope: Scope, run_id: str, *, pinned: bool = True) -> RunRow:
        """Keep a run from being pruned, or no longer.

        Raises
        ------
        NotFoundError
        """
        return self._update(scope, run_id, pinned=pinned)

    def delete(
        self, scope: Scope, ids: Sequence[str], principal: str | None = None, *, only_own: bool = False
    ) -> Deleted:
        """Delete finished runs with their events and artifact rows; their links in the ledger stay.

        Parameters
        ----------
        scope : Scope
        ids : sequence of str
        principal : str, optional
            Who wants that: what others asked for stays, and only this wish for it goes. None deletes for
            everybody.
        only_own : bool
            What the principal never asked for stays, also where nobody wants it any more.

        Returns
        -------
        Deleted
            The files of ``deleted_ids`` are the caller's to delete; ``skipped`` runs are ``active``,
            ``starred``, ``wanted_by_others`` or ``not_found``.
        """
        wanted = sa.and_(run.c.id.in_(well_formed(ids)), scope.holds(run))
        with self._database.transaction() as connection:
            lock_farm(connection, scope.farm_id)
            found = connection.execute(sa.select(run.c.id, run.c.status, run.c.starred).where(wanted)).all()
            reasons = {
                row.id: "active" if row.status in ACTIVE else "starred"
                for row in found
                if row.status in ACTIVE or row.starred
            }
            ended = [row.id for row in found if row.id not in reasons]
            if principal is not None:
                others = set(ended) - asked_runs(connection, ended, principal) if only_own else set()
                reasons |= dict.fromkeys(others, "wanted_by_others")
                hide_wishes(connection, ended, principal)
                reasons |= dict.fromkeys(wanted_runs(connection, ended), "wanted_by_others")
            deleted = {run_id for run_id in ended if run_id not in reasons}
            if deleted:
                gone = run.c.id.in_(deleted)
                add_to_tally(connection, run_counts(connection, gone))
                connection.execute(sa.delete(run).where(gone))
                mark_pruned(connection, sorted(deleted))
                bump_farm_version(connection, scope.farm_id)
        unique = tuple(dict.fromkeys(ids))
        return Deleted(
            deleted_ids=tuple(run_id for run_id in unique if run_id in deleted),
            skipped=tuple(
                Skipped(run_id, reasons.get(run_id, "not_found"))
                for run_id in unique
                if run_id not in deleted
            ),
        )

    def prune_candidates(self, farm_id: str, keep: int = 100) -> tuple[RunRow, ...]:
        """Return the succeeded runs but for pinned, starred and the newest ``keep`` ones, oldest first."""
        succeeded = sa.and_(run.c.farm_id == farm_id, run.c.status == RunStatus.SUCCEEDED)
        newest_first = (run.c.finished_at.desc(), run.c.id.desc())
        newest = sa.select(run.c.id).where(succeeded).order_by(*newest_first).limit(keep)
        free = sa.and_(~run.c.pinned, ~run.c.starred)
        query = sa.select(run).where(succeeded, free, run.c.id.not_in(newest))
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(run.c.finished_at, run.c.id))
            return tuple(run_row(row) for row in rows)

    def queue(self) -> Queue:
        """Count the runs of all farms that wait or are executed."""
        by_status = sa.select(run.c.status, sa.func.count()).group_by(run.c.status)
        newest_first = run.c.heartbeat_at.desc()
        heard = sa.select(run.c.heartbeat_at).where(run.c.status == RunStatus.RUNNING).order_by(newest_first)
        with self._database.reading() as connection:
            rows = connection.execute(by_status.where(run.c.status.in_(ACTIVE))).all()
            heartbeat_at = connection.execute(heard.limit(1)).scalar()
        counts = {row[0]: row[1] for row in rows}
        return Queue(
            queued=counts.get(RunStatus.QUEUED, 0),
            running=counts.get(RunStatus.RUNNING, 0),
            heartbeat_at=heartbeat_at,
        )

    def queue_position(self, run_id: str) -> int | None:
        """Return 1 for the run that is claimed next, 2 … for those behind; None if it is not queued."""
        queued = run.c.status == RunStatus.QUEUED
        with self._database.reading() as connection:
            mine = connection.execute(sa.select(run).where(run.c.id == run_id, queued)).one_or_none()
            if mine is None:
                return None
            older = sa.tuple_(run.c.queued_at, run.c.id) < (mine.queued_at, mine.id)
            before = sa.or_(run.c.priority > mine.priority, sa.and_(run.c.priority == mine.priority, older))
            query = sa.select(sa.func.count()).select_from(run).where(queued, before)
            return int(connection.execute(query).scalar_one()) + 1

    def _update(self, scope: Scope, run_id: str, **values: Any) -> RunRow:
        with self._database.transaction() as connection:
            require(connection, run, scope, run_id)
            change = sa.update(run).where(run.c.id == run_id).values(**values).returning(run)
            return run_row(connection.execute(change).one())


def _version(connection: sa.Connection, scope: Scope, run_id: str) -> RunVersion:
    row = None
    if well_formed([run_id]):
        row = connection.execute(_version_of(scope), {"row_id": run_id}).one_or_none()
    if row is None:
        raise NotFoundError("run", run_id)
    return RunVersion(*row)


def run_row(row: sa.Row[Any]) -> RunRow:
    """Return a row of the table as a dataclass."""
    progress = None if row.progress is None else Progress(**row.progress)
    return row_as(RunRow, row, status=RunStatus(row.status), progress=progress)


def named(name: str | None) -> dict[str, str | None]:
    """Return what is stored of the name of a run."""
    checked = None if name is None else checked_name(name)
    return {"name": checked, "name_key": None if checked is None else name_key(checked)}


def _asked_by(farm_id: str, principal: str) -> sa.Subquery:
    """Return the runs that somebody asked for, each with the moment of the last time."""
    live = sa.and_(
        submission.c.farm_id == farm_id,
        submission.c.principal == principal,
        submission.c.hidden_at.is_(None),
    )
    asked_at = sa.func.max(submission.c.created_at).label("asked_at")
    return sa.select(submission.c.run_id, asked_at).where(live).group_by(submission.c.run_id).subquery()


def _conditions(filters: RunFilters, moment: sa.ColumnElement[datetime]) -> list[sa.ColumnElement[bool]]:
    equal = (
        (run.c.scenario_id, filters.scenario_id),
        (run.c.dataset_id, filters.dataset_id),
        (run.c.group_id, filters.group_id),
        (run.c.pinned, filters.pinned),
        (run.c.starred, filters.starred),
    )
    conditions = created_between(moment, filters.created_from, filters.created_to)
    conditions += [column == value for column, value in equal if value is not None]
    if filters.statuses:
        conditions.append(run.c.status.in_(filters.statuses))
    if filters.text:
        conditions.append(_says(filters.text))
    return conditions


def _says(text: str) -> sa.ColumnElement[bool]:
    return sa.or_(
        run.c.id.startswith(text.lower().replace("\0", ""), autoescape=True),
        name_contains(run.c.name_key, text),
        run.c.scenario_id.in_(sa.select(scenario.c.id).where(name_contains(scenario.c.name_key, text))),
        run.c.dataset_id.in_(sa.select(dataset.c.id).where(name_contains(dataset.c.name_key, text))),
    )
