"""Which runs are old enough to go, and which ended since a moment."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from herd_engine.model.run_status import TERMINAL
from herd_engine.storage.database import Database, upsert
from herd_engine.storage.operation_tables import reported_run
from herd_engine.storage.run_history import run_row
from herd_engine.storage.run_rows import RunRow
from herd_engine.storage.tables import judgement, run

AT_A_TIME = 500


class RunRetention:
    """Look for runs that may go."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def candidates(self, farm_id: str, keep: int, limit: int = AT_A_TIME) -> tuple[RunRow, ...]:
        """Return finished runs of a farm beyond the newest ``keep``, the oldest first.

        Those that are pinned, starred, judged by a later export or shown in a report are not among them.
        """
        ended = sa.and_(run.c.farm_id == farm_id, run.c.status.in_(TERMINAL))
        newest = sa.select(run.c.id).where(ended).order_by(run.c.finished_at.desc(), run.c.id.desc())
        free = sa.and_(
            ~run.c.pinned,
            ~run.c.starred,
            run.c.id.not_in(sa.select(judgement.c.run_id)),
            run.c.id.not_in(sa.select(reported_run.c.run_id)),
        )
        old = sa.select(run).where(ended, free, run.c.id.not_in(newest.limit(keep)))
        with self._database.reading() as connection:
            rows = connection.execute(old.order_by(run.c.finished_at, run.c.id).limit(limit))
            return tuple(run_row(row) for row in rows)

    def ended_since(self, since: datetime) -> tuple[RunRow, ...]:
        """Return the runs of all farms that ended then or later, in their order."""
        ended = sa.select(run).where(run.c.status.in_(TERMINAL), run.c.finished_at >= since)
        with self._database.reading() as connection:
            rows = connection.execute(ended.order_by(run.c.finished_at, run.c.id).limit(AT_A_TIME))
            return tuple(run_row(row) for row in rows)


def note_reported(connection: sa.Connection, run_ids: Sequence[str], report: str, at: datetime) -> None:
    """Say that numbers of runs stand in a report; those that are gone are left out."""
    there = connection.execute(sa.select(run.c.id).where(run.c.id.in_(run_ids))).scalars().all()
    for run_id in there:
        new = upsert(connection, reported_run).values(run_id=run_id, report=report, at=at)
        connection.execute(new.on_conflict_do_nothing())
