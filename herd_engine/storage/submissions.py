"""Who asked for which run: a run is work, shared by identity; a submission is one person's wish for it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from herd_engine.errors import NotFoundError
from herd_engine.model.source import Source
from herd_engine.storage.database import Database
from herd_engine.storage.names import checked_text
from herd_engine.storage.paging import ListPage, Request, created_between, read_page
from herd_engine.storage.scope import ID, Scope, row_as
from herd_engine.storage.tables import now, run, submission

MAX_NOTE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants of a run besides its content.

    Attributes
    ----------
    principal : str
        Who: ``local``, a visitor's name, ``plan:<name>``.
    source : Source
    priority : int
    timeout_seconds : float, optional
    note : str, optional
        At most 200 characters.
    """

    principal: str
    source: Source = Source.CLI
    priority: int = 0
    timeout_seconds: float | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        checked_text("note", self.note or "", MAX_NOTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionRow(Wish):
    """A submission as stored; one that is hidden no longer counts as a wish."""

    id: str
    farm_id: str
    run_id: str
    created_at: datetime
    hidden_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionFilters:
    """Which submissions a list shows.

    Attributes
    ----------
    statuses : tuple of str
        Of the run.
    text : str, optional
        Part of the id of the submission, its dataset or its scenario, whatever the case.
    created_from, created_to : datetime, optional
        Half open.
    """

    statuses: tuple[str, ...] = ()
    text: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None


EVERY_SUBMISSION = SubmissionFilters()


class Counted(NamedTuple):
    """Part of a list, and how many there are in all."""

    items: tuple[SubmissionRow, ...]
    total: int


class SubmissionTable:
    """What somebody asked for, newest first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, scope: Scope, submission_id: str) -> SubmissionRow:
        """Return a submission of the farm, of ``scope.owner`` alone where that is set; or NotFoundError."""
        mine = submission.c.id == submission_id
        query = sa.select(submission).where(mine, *_within(scope))
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none() if ID.fullmatch(submission_id) else None
            if row is None:
                raise NotFoundError("submission", submission_id)
            return submission_row(row)

    def list_submissions(
        self,
        scope: Scope,
        filters: SubmissionFilters = EVERY_SUBMISSION,
        cursor: str | None = None,
        limit: int = 20,
    ) -> ListPage[SubmissionRow]:
        """Return a page of the submissions that are not hidden.

        Raises
        ------
        ParameterError
            ``limit`` is not within 1 … 500, or the cursor is of another list.
        """
        order = (submission.c.created_at, submission.c.id)
        with self._database.reading() as connection:
            return read_page(
                connection, _chosen(scope, filters), order, Request(cursor, limit), submission_row
            )

    def counted(self, scope: Scope, filters: SubmissionFilters, offset: int, limit: int) -> Counted:
        """Return the submissions from the ``offset``-th on, and the number of all: for numbered pages."""
        query = _chosen(scope, filters)
        newest_first = (submission.c.created_at.desc(), submission.c.id.desc())
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(*newest_first).offset(offset).limit(limit)).all()
            total = connection.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one()
        return Counted(tuple(submission_row(row) for row in rows), total)

    def hide(self, scope: Scope, submission_ids: Sequence[str]) -> list[str]:
        """Let submissions no longer be shown nor count as wishes; return the runs that nobody wants now.

        Those of runs that are pinned or starred are not among them.
        """
        mine = sa.and_(submission.c.id.in_(submission_ids), submission.c.hidden_at.is_(None), *_within(scope))
        change = sa.update(submission).where(mine).values(hidden_at=now()).returning(submission.c.run_id)
        with self._database.transaction() as connection:
            runs = set(connection.execute(change).scalars())
            kept = sa.or_(run.c.pinned, run.c.starred)
            kept_runs = connection.execute(sa.select(run.c.id).where(run.c.id.in_(runs), kept)).scalars()
            return sorted(runs - wanted_runs(connection, sorted(runs)) - set(kept_runs))

    def of_run(self, scope: Scope, run_id: str) -> tuple[SubmissionRow, ...]:
        """Return all submissions of a run, oldest first."""
        query = sa.select(submission).where(submission.c.run_id == run_id, *_within(scope))
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(submission.c.created_at, submission.c.id))
            return tuple(submission_row(row) for row in rows)


def submission_row(row: sa.Row[Any]) -> SubmissionRow:
    """Return a row of the table as a dataclass."""
    return row_as(SubmissionRow, row, source=Source(row.source))


def insert_submission(connection: sa.Connection, farm_id: str, run_id: str, wish: Wish) -> SubmissionRow:
    """Write down that somebody asked for a run."""
    row = sa.insert(submission).values(
        id=str(uuid.uuid4()),
        farm_id=farm_id,
        run_id=run_id,
        principal=wish.principal,
        source=str(wish.source),
        priority=wish.priority,
        timeout_seconds=wish.timeout_seconds,
        note=wish.note,
        created_at=now(),
    )
    return submission_row(connection.execute(row.returning(submission)).one())


def find_submission(connection: sa.Connection, submission_id: str) -> SubmissionRow | None:
    """Return a submission that is still there."""
    row = connection.execute(sa.select(submission).where(submission.c.id == submission_id)).one_or_none()
    return None if row is None else submission_row(row)


def live_wishes(connection: sa.Connection, run_id: str) -> list[SubmissionRow]:
    """Return the wishes for a run that are not hidden, oldest first."""
    query = sa.select(submission).where(_live([run_id])).order_by(submission.c.created_at)
    return [submission_row(row) for row in connection.execute(query)]


def hide_wishes(connection: sa.Connection, run_ids: Sequence[str], principal: str) -> None:
    """Let somebody's wishes for runs no longer count."""
    mine = sa.and_(_live(run_ids), submission.c.principal == principal)
    connection.execute(sa.update(submission).where(mine).values(hidden_at=now()))


def wanted_runs(connection: sa.Connection, run_ids: Sequence[str]) -> set[str]:
    """Return those of some runs that somebody wants."""
    return set(connection.execute(sa.select(submission.c.run_id).where(_live(run_ids))).scalars())


def asked_runs(connection: sa.Connection, run_ids: Sequence[str], principal: str) -> set[str]:
    """Return those of some runs that somebody asked for, wanted still or not."""
    mine = sa.and_(submission.c.run_id.in_(run_ids), submission.c.principal == principal)
    return set(connection.execute(sa.select(submission.c.run_id).where(mine)).scalars())


def _live(run_ids: Sequence[str]) -> sa.ColumnElement[bool]:
    return sa.and_(submission.c.run_id.in_(run_ids), submission.c.hidden_at.is_(None))


def _chosen(scope: Scope, filters: SubmissionFilters) -> sa.Select[Any]:
    query = sa.select(submission).where(
        submission.c.hidden_at.is_(None),
        *_within(scope),
        *created_between(submission.c.created_at, filters.created_from, filters.created_to),
    )
    if filters.statuses or filters.text:
        query = query.join(run, run.c.id == submission.c.run_id)
    if filters.statuses:
        query = query.where(run.c.status.in_(filters.statuses))
    if filters.text:
        part = filters.text.lower().replace("\0", "")
        ids = (submission.c.id, run.c.dataset_id, run.c.scenario_id)
        query = query.where(sa.or_(*(column.contains(part, autoescape=True) for column in ids)))
    return query


def _within(scope: Scope) -> list[sa.ColumnElement[bool]]:
    of_farm = [submission.c.farm_id == scope.farm_id]
    return of_farm if scope.owner is None else [*of_farm, submission.c.principal == scope.owner]
