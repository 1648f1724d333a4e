"""Who does what one process at a time may do: for a while, by the database's clock, with an epoch."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from herd_engine.storage.database import Database, upsert
from herd_engine.storage.database_clock import Clock, database_now
from herd_engine.storage.operation_tables import lease
from herd_engine.storage.scope import row_as

Proof = Callable[[sa.Connection], int | None]
"""Asked in the transaction of each write of a task: raises ConflictError once somebody else has the task;
else the epoch that stands beside what is written."""


def no_task(_: sa.Connection) -> None:
    """Prove nothing: what is written is no task's, so it is of no epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseRow:
    """A task as it is held.

    Attributes
    ----------
    name : str
        Of the task.
    owner : str
        Who held it last; another one each time that a process starts.
    until : datetime
        Then others may take it.
    epoch : int
        Higher with every other owner: what is written names it.
    last_tick_at : datetime or None
        When the task was last done; None for never.
    """

    name: str
    owner: str
    until: datetime
    epoch: int
    last_tick_at: datetime | None


class Leases:
    """Take, keep and release tasks.

    Parameters
    ----------
    database : Database
    clock : callable, optional
        Tells the time in a transaction.
    """

    def __init__(self, database: Database, clock: Clock = database_now) -> None:
        self._database, self._clock = database, clock

    def take(self, name: str, owner: str, seconds: float) -> LeaseRow | None:
        """Take a task, or keep one that is held already; None while somebody else holds it.

        Parameters
        ----------
        name, owner : str
        seconds : float
            For how long; taken again well before that, it stays with its owner.
        """
        with self._database.transaction() as connection:
            moment = self._clock(connection)
            until = moment + timedelta(seconds=seconds)
            new = upsert(connection, lease).values(name=name, owner=owner, until=until, epoch=1)
            is_mine = lease.c.owner == owner
            taken = new.on_conflict_do_update(
                index_elements=[lease.c.name],
                set_={
                    "owner": owner,
                    "until": until,
                    "epoch": lease.c.epoch + sa.case((is_mine, 0), else_=1),
                },
                where=sa.or_(is_mine, lease.c.until <= moment),
            ).returning(lease)
            row = connection.execute(taken).one_or_none()
        return None if row is None else row_as(LeaseRow, row)

    def is_held(self, connection: sa.Connection, held: LeaseRow) -> bool:
        """Tell whether a task is still held, in the transaction of a write, which nobody can take it from.

        Where this is False, whoever asks must write nothing.
        """
        mine = sa.select(lease.c.until).where(_same(held)).with_for_update()
        until = connection.execute(mine).scalar_one_or_none()
        return until is not None and self._clock(connection) < until

    def keep(self, connection: sa.Connection, held: LeaseRow, seconds: float) -> bool:
        """Hold a task for longer, in the transaction of a write; False, and nothing may be written, if lost.

        What takes longer than a lease does not lose its task while it gets on.
        """
        if not self.is_held(connection, held):
            return False
        until = self._clock(connection) + timedelta(seconds=seconds)
        connection.execute(sa.update(lease).where(_same(held)).values(until=until))
        return True

    def tick(self, held: LeaseRow) -> bool:
        """Say that the task was done; False, and nothing said, if it is no longer held."""
        with self._database.transaction() as connection:
            if not self.is_held(connection, held):
                return False
            change = sa.update(lease).where(_same(held)).values(last_tick_at=self._clock(connection))
            connection.execute(change)
            return True

    def release(self, held: LeaseRow) -> None:
        """Let others take the task at once; it may be theirs already."""
        with self._database.transaction() as connection:
            change = sa.update(lease).where(_same(held)).values(until=self._clock(connection))
            connection.execute(change)

    def list_leases(self) -> tuple[LeaseRow, ...]:
        """Return all tasks that were ever taken, by name."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(lease).order_by(lease.c.name)).all()
        return tuple(row_as(LeaseRow, row) for row in rows)


def _same(held: LeaseRow) -> sa.ColumnElement[bool]:
    return sa.and_(lease.c.name == held.name, lease.c.owner == held.owner, lease.c.epoch == held.epoch)
