"""What the database knows of the outputs: which runs have some, and whether the table has them yet."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from filelock import lock_descriptor

from herd_engine.errors import NotFoundError
from herd_engine.model.run_status import ACTIVE, RunStatus
from herd_engine.storage.database import Database
from herd_engine.storage.outputs.rows import OutputFilters
from herd_engine.storage.scope import Scope, well_formed
from herd_engine.storage.tables import dataset, run, scenario

WRITE_LOCK = 0x4F555450
"""Key of PostgreSQL's advisory lock under which one process writes the table: the letters OUTP."""


class OutputRun(NamedTuple):
    """A run that succeeded.

    Attributes
    ----------
    scenario_id : str
        Empty where it was not made of a kept scenario.
    asof_date : date
        Report date of its herd.
    indexed : bool
        Whether the table has its rows.
    """

    id: str
    farm_id: str
    scenario_id: str
    asof_date: date
    run_hash: str
    content_hash: str
    published_at: datetime
    group_id: str | None
    indexed: bool


@dataclass(frozen=True, slots=True)
class Activity:
    """What is still to come: whether any run is queued or running, and which groups have such runs."""

    is_any_active: bool
    groups: frozenset[str]


class OutputRuns:
    """Runs as the outputs table sees them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_farm(self, scope: Scope, filters: OutputFilters) -> tuple[OutputRun, ...]:
        """Return the succeeded runs within a scope, of the wanted scenarios and tags, oldest first.

        Raises
        ------
        NotFoundError
            A run or scenario that is asked for does not exist, or is another farm's.
        """
        conditions = [scope.holds(run)]
        with self._database.reading() as connection:
            if filters.run_ids:
                _require_all(connection, run, scope, filters.run_ids)
            if filters.scenario_ids:
                _require_all(connection, scenario, scope, filters.scenario_ids)
                conditions.append(run.c.scenario_id.in_(filters.scenario_ids))
            if filters.tags:
                tagged = _scenarios_with(connection, scope, frozenset(filters.tags))
                conditions.append(run.c.scenario_id.in_(tagged))
            return _read(connection, *conditions)

    def pending(self, limit: int | None = None) -> tuple[OutputRun, ...]:
        """Return the succeeded runs of all farms that the table does not have yet, oldest first."""
        with self._database.reading() as connection:
            return _read(connection, ~run.c.outputs_indexed, limit=limit)

    def activity(self) -> Activity:
        """Return what may still be published."""
        query = sa.select(run.c.group_id).where(run.c.status.in_(ACTIVE)).distinct()
        with self._database.reading() as connection:
            groups = connection.execute(query).scalars().all()
        return Activity(bool(groups), frozenset(group for group in groups if group is not None))

    def existing(self) -> frozenset[str]:
        """Return the ids of all succeeded runs of all farms."""
        query = sa.select(run.c.id).where(run.c.status == RunStatus.SUCCEEDED)
        with self._database.reading() as connection:
            return frozenset(connection.execute(query).scalars())

    def mark_indexed(self, ids: Sequence[str]) -> None:
        """Tell readers that the table has these runs."""
        with self._database.transaction() as connection:
            connection.execute(sa.update(run).where(run.c.id.in_(ids)).values(outputs_indexed=True))

    def mark_all_pending(self) -> None:
        """Tell readers that the table has nothing."""
        with self._database.transaction() as connection:
            connection.execute(sa.update(run).where(run.c.outputs_indexed).values(outputs_indexed=False))


@contextmanager
def writing_outputs(database: Database) -> Iterator[None]:
    """Be the only one who writes the outputs table; whoever wants to as well waits.

    The system frees the lock of a process that died.
    """
    if database.is_sqlite:
        path = Path(str(database.engine.url.database)).with_name("outputs.lock")
        with path.open("a") as lock:
            lock_descriptor(lock.fileno())
            yield
    else:
        with database.transaction() as connection:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WRITE_LOCK)))
            yield


def _read(
    connection: sa.Connection, *conditions: sa.ColumnElement[bool], limit: int | None = None
) -> tuple[OutputRun, ...]:
    query = (
        sa.select(
            run.c.id,
            run.c.farm_id,
            sa.func.coalesce(run.c.scenario_id, "").label("scenario_id"),
            dataset.c.report_date.label("asof_date"),
            run.c.run_hash,
            run.c.content_hash,
            run.c.finished_at.label("published_at"),
            run.c.group_id,
            run.c.outputs_indexed.label("indexed"),
        )
        .join(dataset, run.c.dataset_id == dataset.c.id)
        .where(run.c.status == RunStatus.SUCCEEDED, *conditions)
        .order_by(run.c.finished_at, run.c.id)
        .limit(limit)
    )
    return tuple(OutputRun(*row) for row in connection.execute(query))


def _require_all(connection: sa.Connection, table: sa.Table, scope: Scope, ids: Sequence[str]) -> None:
    query = sa.select(table.c.id).where(table.c.id.in_(well_formed(ids)), scope.holds(table))
    found = set(connection.execute(query).scalars())
    for row_id in ids:
        if row_id not in found:
            raise NotFoundError(table.name, row_id)


def _scenarios_with(connection: sa.Connection, scope: Scope, tags: frozenset[str]) -> list[str]:
    query: sa.Select[Any] = sa.select(scenario.c.id, scenario.c.tags).where(scope.holds(scenario))
    return [row.id for row in connection.execute(query) if tags <= set(row.tags)]
