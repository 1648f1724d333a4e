"""Messages to others, kept until they are sent: written in the transaction of what they tell."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

import sqlalchemy as sa

from herd_engine.storage.database import Database, upsert
from herd_engine.storage.database_clock import Clock, database_now
from herd_engine.storage.leases import Proof, no_task
from herd_engine.storage.operation_tables import attempt, outbox
from herd_engine.storage.outbox_rows import (
    WAITING,
    AttemptOutcome,
    MessageRow,
    NewMessage,
    OutboxState,
)
from herd_engine.storage.scope import row_as

__all__ = ["NewMessage", "Outbox", "OutboxState"]

COLLAPSED = "COLLAPSED"
"""Why a message was discarded: an equal pair, such as resolved and firing, waits after it."""
LEASE_SECONDS = 60
"""For how long a message belongs to who claimed it: longer than ten sends by four at a time take."""


class Outbox:
    """Keep messages, and give each to one sender at a time.

    Parameters
    ----------
    database : Database
    clock : callable, optional
        Tells the time in a transaction.
    """

    def __init__(self, database: Database, clock: Clock = database_now) -> None:
        self._database, self._clock = database, clock

    def enqueue(
        self,
        connection: sa.Connection,
        messages: Sequence[NewMessage],
        at: datetime,
        epoch: int | None = None,
    ) -> None:
        """Keep messages in the transaction of what they tell: both stand, or neither.

        An event that its channel has already is left as it is. Of two equal pairs about one alert that wait
        (resolved, firing, resolved, firing) and were never tried, the earlier is discarded.

        Parameters
        ----------
        connection : sqlalchemy.Connection
            A transaction of the caller.
        messages : sequence of NewMessage
            In the order in which they are to arrive.
        at : datetime
            The database's time.
        epoch : int, optional
            Of the task that tells it.
        """
        for message in messages:
            values = _as_stored(connection, message, at) | {"epoch": epoch}
            connection.execute(upsert(connection, outbox).values(**values).on_conflict_do_nothing())
            if message.muted_by is None and message.alert_id is not None:
                _collapse(connection, message)

    def claim(
        self, owner: str, channels: Collection[str], limit: int = 10, proof: Proof = no_task
    ) -> tuple[MessageRow, ...]:
        """Take messages that are due, the oldest first; nobody else gets them for a minute.

        A message waits for those about the same alert that its channel has not had yet. An attempt that its
        process did not live to end becomes LOST; who used up all attempts that way is dead.

        Parameters
        ----------
        owner : str
            Another name each time that a process starts.
        channels : collection of str
            Those that can be sent to.
        limit : int
        proof : callable
            That nobody else sends by now.
        """
        with self._database.reading() as connection:  # who has nothing to do takes no lock from anybody
            due = _due(self._clock(connection), channels)
            if connection.execute(sa.select(outbox.c.id).where(due).limit(1)).one_or_none() is None:
                return ()
        order = (outbox.c.due_at, outbox.c.sequence, outbox.c.id)
        with self._database.transaction() as connection:
            proof(connection)
            moment = self._clock(connection)
            # In one statement PostgreSQL may look up the subquery for each row, and so claim all of them.
            following = sa.select(outbox.c.id).where(_due(moment, channels)).order_by(*order).limit(limit)
            ids = connection.execute(following.with_for_update(skip_locked=True)).scalars().all()
            _lose_attempts(connection, ids, moment)
            taken = sa.update(outbox).where(outbox.c.id.in_(ids), outbox.c.state.in_(WAITING))
            until = moment + timedelta(seconds=LEASE_SECONDS)
            rows = connection.execute(
                taken.values(lease_owner=owner, lease_until=until).returning(outbox)
            ).all()
        place = {row_id: number for number, row_id in enumerate(ids)}
        rows = sorted(rows, key=lambda row: place[row.id])
        return tuple(row_as(MessageRow, row) for row in rows)


def _as_stored(connection: sa.Connection, message: NewMessage, at: datetime) -> dict[str, object]:
    return asdict(message) | {
        "id": str(uuid.uuid4()),
        "state": OutboxState.PENDING if message.muted_by is None else OutboxState.MUTED,
        "attempts": 0,
        "due_at": at,
        "reason": "",
        "sequence": next_sequence(connection, message.channel_id, message.alert_id),
        "created_at": at,
    }


def next_sequence(connection: sa.Connection, channel_id: str, alert_id: str | None) -> int:
    """Return the place of a new message among those about its alert; others have no order."""
    of_alert = sa.and_(outbox.c.channel_id == channel_id, outbox.c.alert_id == alert_id)
    last = connection.execute(sa.select(sa.func.max(outbox.c.sequence)).where(of_alert)).scalar()
    return (last or 0) + 1


def _collapse(connection: sa.Connection, message: NewMessage) -> None:
    """Discard the earlier of two equal pairs at the end of what waits about an alert."""
    untried = sa.and_(
        outbox.c.channel_id == message.channel_id,
        outbox.c.alert_id == message.alert_id,
        outbox.c.state == OutboxState.PENDING,
        outbox.c.attempts == 0,
        outbox.c.lease_owner.is_(None),
        outbox.c.replay_of.is_(None),
    )
    # PostgreSQL: those that are being claimed at this moment are passed over, as if they were claimed.
    last = sa.select(outbox.c.id, outbox.c.event_type).where(untried).order_by(outbox.c.sequence.desc())
    rows = connection.execute(last.limit(4).with_for_update(skip_locked=True)).all()
    types = [row.event_type for row in rows]
    if len(rows) < 4 or types[:2] != types[2:] or types[0] == types[1]:
        return
    earlier = outbox.c.id.in_([row.id for row in rows[2:]])
    change = sa.update(outbox).where(earlier).values(state=OutboxState.DISCARDED, reason=COLLAPSED)
    connection.execute(change)


def _due(moment: datetime, channels: Collection[str]) -> sa.ColumnElement[bool]:
    before = outbox.alias("before")
    waits_for_another = sa.exists().where(
        before.c.channel_id == outbox.c.channel_id,
        before.c.alert_id == outbox.c.alert_id,
        before.c.sequence < outbox.c.sequence,
        before.c.state.in_(WAITING),
    )
    return sa.and_(
        outbox.c.state.in_(WAITING),
        outbox.c.due_at <= moment,
        sa.or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= moment),
        outbox.c.channel_id.in_(channels),
        ~waits_for_another,
    )


def _lose_attempts(connection: sa.Connection, ids: Sequence[str], moment: datetime) -> None:
    """End what processes that are gone had begun; give up what ended all its processes."""
    begun = sa.and_(attempt.c.outbox_id.in_(ids), attempt.c.ended_at.is_(None))
    connection.execute(sa.update(attempt).where(begun).values(outcome=AttemptOutcome.LOST, ended_at=moment))
    used_up = sa.and_(outbox.c.id.in_(ids), outbox.c.attempts >= outbox.c.max_attempts)
    dead = {"state": OutboxState.DEAD, "last_error_code": AttemptOutcome.LOST, "lease_owner": None}
    connection.execute(sa.update(outbox).where(used_up).values(**dead, lease_until=None))
