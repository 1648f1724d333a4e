"""Events of a run, numbered 1, 2, 3 … without gaps, so that a reader can resume after any number."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from herd_engine.errors import NotFoundError
from herd_engine.storage.database import Database
from herd_engine.storage.run_rows import JsonObject
from herd_engine.storage.scope import row_as
from herd_engine.storage.tables import now, run, run_event


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One event; changes of state are named like the state (``queued``, ``running`` …)."""

    run_id: str
    seq: int
    at: datetime
    type: str
    data: JsonObject


_LAST_SEQ = sa.select(sa.func.max(run_event.c.seq)).where(run_event.c.run_id == sa.bindparam("run_id"))


class Events:
    """Events of runs; whoever reads them has found the run within a scope before."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, run_id: str, type: str, data: JsonObject) -> int:
        """Add an event and return its number.

        Raises
        ------
        NotFoundError
            The run does not exist.
        """
        with self._database.transaction() as connection:
            return append_event(connection, run_id, type, data)

    def after(self, run_id: str, seq: int = 0, limit: int = 500) -> tuple[EventRow, ...]:
        """Return up to ``limit`` events with numbers above ``seq``, in order."""
        query = (
            sa.select(run_event)
            .where(run_event.c.run_id == run_id, run_event.c.seq > seq)
            .order_by(run_event.c.seq)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return tuple(row_as(EventRow, row) for row in connection.execute(query))


def append_event(connection: sa.Connection, run_id: str, type: str, data: JsonObject) -> int:
    """Add an event within a transaction; writers to one run take turns on its row."""
    lock = sa.select(run.c.id).where(run.c.id == run_id).with_for_update(key_share=True)
    if connection.execute(lock).one_or_none() is None:
        raise NotFoundError("run", run_id)
    seq = last_seq(connection, run_id) + 1
    connection.execute(sa.insert(run_event).values(run_id=run_id, seq=seq, at=now(), type=type, data=data))
    return seq


def last_seq(connection: sa.Connection, run_id: str) -> int:
    """Return the greatest number of an event of a run; 0 where there is none."""
    return connection.execute(_LAST_SEQ, {"run_id": run_id}).scalar() or 0
