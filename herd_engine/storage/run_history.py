"""What is kept of runs: look up, list, pin, delete."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from herd_engine.storage.database import Database
from herd_engine.storage.farms import bump_farm_version, lock_farm
from herd_engine.storage.manifest_ledger import mark_pruned
from herd_engine.storage.names import name_contains
from herd_engine.storage.paging import Page, Request, created_between, read_page
from herd_engine.storage.run_rows import (
    ACTIVE,
    TERMINAL,
    Deleted,
    Progress,
    Queue,
    RunFilters,
    RunRow,
    RunStatus,
    Skipped,
)
from herd_engine.storage.scope import Scope, require, row_as, well_formed
from herd_engine.storage.tables import dataset, run, scenario

EVERY_RUN = RunFilters()


class RunHistory:
    """Runs as somebody looks at them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, scope: Scope, run_id: str) -> RunRow:
        """Return a run, or raise NotFoundError."""
        with self._database.reading() as connection:
            return run_row(require(connection, run, scope, run_id))

    def list_runs(
        self, scope: Scope, filters: RunFilters = EVERY_RUN, cursor: str | None = None, limit: int = 20
    ) -> Page[RunRow]:
        """Return a page of runs, newest first.

        Raises
        ------
        ParameterError
            ``limit`` is not within 1 … 500, or the cursor is of another list.
        """
        query = sa.select(run).where(scope.holds(run), *_conditions(filters))
        with self._database.reading() as connection:
            return read_page(connection, query, (run.c.queued_at, run.c.id), Request(cursor, limit), run_row)

    def pin(self, scope: Scope, run_id: str, *, pinned: bool = True) -> RunRow:
        """Keep a run from being pruned, or no longer.

        Raises
        ------
        NotFoundError
        """
        with self._database.transaction() as connection:
            require(connection, run, scope, run_id)
            change = sa.update(run).where(run.c.id == run_id).values(pinned=pinned).returning(run)
            return run_row(connection.execute(change).one())

    def delete(self, scope: Scope, ids: Sequence[str]) -> Deleted:
        """Delete finished runs with their events and artifact rows; their links in the ledger stay.

        Returns
        -------
        Deleted
            The files of ``deleted_ids`` are the caller's to delete; ``skipped`` runs are ``active`` or
            ``not_found``.
        """
        wanted = sa.and_(run.c.id.in_(well_formed(ids)), scope.holds(run))
        with self._database.transaction() as connection:
            lock_farm(connection, scope.farm_id)
            removal = sa.delete(run).where(wanted, run.c.status.in_(TERMINAL)).returning(run.c.id)
            deleted = set(connection.execute(removal).scalars())
            active = set(connection.execute(sa.select(run.c.id).where(wanted)).scalars())
            if deleted:
                mark_pruned(connection, sorted(deleted))
                bump_farm_version(connection, scope.farm_id)
        unique = tuple(dict.fromkeys(ids))
        return Deleted(
            deleted_ids=tuple(run_id for run_id in unique if run_id in deleted),
            skipped=tuple(
                Skipped(run_id, "active" if run_id in active else "not_found")
                for run_id in unique
                if run_id not in deleted
            ),
        )

    def prune_candidates(self, farm_id: str, keep: int = 100) -> tuple[RunRow, ...]:
        """Return the succeeded runs that are neither pinned nor among the newest ``keep``, oldest first."""
        succeeded = sa.and_(run.c.farm_id == farm_id, run.c.status == RunStatus.SUCCEEDED)
        newest_first = (run.c.finished_at.desc(), run.c.id.desc())
        newest = sa.select(run.c.id).where(succeeded).order_by(*newest_first).limit(keep)
        query = sa.select(run).where(succeeded, ~run.c.pinned, run.c.id.not_in(newest))
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


def run_row(row: sa.Row[Any]) -> RunRow:
    """Return a row of the table as a dataclass."""
    progress = None if row.progress is None else Progress(**row.progress)
    return row_as(RunRow, row, status=RunStatus(row.status), progress=progress)


def _conditions(filters: RunFilters) -> list[sa.ColumnElement[bool]]:
    equal = (
        (run.c.scenario_id, filters.scenario_id),
        (run.c.dataset_id, filters.dataset_id),
        (run.c.group_id, filters.group_id),
        (run.c.owner, filters.owner),
        (run.c.pinned, filters.pinned),
    )
    conditions = created_between(run.c.queued_at, filters.created_from, filters.created_to)
    conditions += [column == value for column, value in equal if value is not None]
    if filters.statuses:
        conditions.append(run.c.status.in_(filters.statuses))
    if filters.text:
        conditions.append(_says(filters.text))
    return conditions


def _says(text: str) -> sa.ColumnElement[bool]:
    return sa.or_(
        run.c.id.startswith(text.lower().replace("\0", ""), autoescape=True),
        run.c.scenario_id.in_(sa.select(scenario.c.id).where(name_contains(scenario.c.name_key, text))),
        run.c.dataset_id.in_(sa.select(dataset.c.id).where(name_contains(dataset.c.name_key, text))),
    )
