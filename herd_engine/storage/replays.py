"""Messages sent once more, on somebody's wish: a new row of the same event, which names what it repeats."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from herd_engine.errors import ConflictError, NotFoundError
from herd_engine.storage.audit_rows import note_audit
from herd_engine.storage.database import Database
from herd_engine.storage.database_clock import Clock, database_now
from herd_engine.storage.operation_tables import outbox
from herd_engine.storage.outbox import next_sequence
from herd_engine.storage.outbox_rows import WAITING, MessageRow, OutboxState
from herd_engine.storage.scope import row_as

REPLAYED = "REPLAYED"
"""The mark of a message that was repeated; kept longer than the repetition is."""
ENDED = (OutboxState.SENT, OutboxState.DEAD)
AT_A_TIME = 500


class Replays:
    """Repeat messages.

    Parameters
    ----------
    database : Database
    clock : callable, optional
        Tells the time in a transaction.
    """

    def __init__(self, database: Database, clock: Clock = database_now) -> None:
        self._database, self._clock = database, clock

    def replay(self, message_id: str, actor: str) -> MessageRow:
        """Send a message once more.

        Raises
        ------
        NotFoundError
        ConflictError
            It was neither sent nor given up, a repetition of it waits, or its text is not kept any more.
        """
        with self._database.transaction() as connection:
            source = connection.execute(
                sa.select(outbox).where(outbox.c.id == message_id).with_for_update()
            ).one_or_none()
            if source is None:
                raise NotFoundError("message", message_id)
            _require_replayable(connection, source)
            return _repeat(connection, source, self._clock(connection), actor)

    def replay_dead(self, actor: str, channel_id: str | None = None, farm_id: str | None = None) -> int:
        """Send once more what was given up and not repeated yet, of all channels and farms or of one."""
        dead = sa.and_(
            outbox.c.state == OutboxState.DEAD, outbox.c.reason != REPLAYED, outbox.c.payload != ""
        )
        for column, value in ((outbox.c.channel_id, channel_id), (outbox.c.farm_id, farm_id)):
            if value is not None:
                dead = sa.and_(dead, column == value)
        order = (outbox.c.created_at, outbox.c.sequence, outbox.c.id)
        some = sa.select(outbox).where(dead).order_by(*order).limit(AT_A_TIME)
        total = 0
        while True:
            with self._database.transaction() as connection:
                moment = self._clock(connection)
                sources = connection.execute(some.with_for_update(skip_locked=True)).all()
                for source in sources:
                    _repeat(connection, source, moment, actor)
            total += len(sources)
            if len(sources) < AT_A_TIME:
                return total


def _require_replayable(connection: sa.Connection, source: sa.Row[Any]) -> None:
    if source.state not in ENDED:
        message = f"The message {source.id} is {source.state}; it was neither sent nor given up."
        raise ConflictError(message, "message_not_ended", source.id)
    if not source.payload:
        raise ConflictError(
            f"The text of the message {source.id} is not kept any more.", "message_old", source.id
        )
    waiting = sa.select(outbox.c.id).where(outbox.c.replay_of == source.id, outbox.c.state.in_(WAITING))
    if connection.execute(waiting.limit(1)).first() is not None:
        raise ConflictError(f"A repetition of {source.id} is on its way.", "replay_active", source.id)


def _repeat(connection: sa.Connection, source: sa.Row[Any], moment: datetime, actor: str) -> MessageRow:
    kept = {name: getattr(source, name) for name in ("event_id", "channel_id", "event_type", "alert_id")}
    kept |= {name: getattr(source, name) for name in ("farm_id", "severity", "payload", "max_attempts")}
    values = kept | {
        "id": str(uuid.uuid4()),
        "state": OutboxState.PENDING,
        "attempts": 0,
        "due_at": moment,
        "replay_of": source.id,
        "reason": "",
        "sequence": next_sequence(connection, source.channel_id, source.alert_id),
        "created_at": moment,
    }
    row = connection.execute(sa.insert(outbox).values(**values).returning(outbox)).one()
    connection.execute(sa.update(outbox).where(outbox.c.id == source.id).values(reason=REPLAYED))
    note_audit(connection, moment, actor, "REPLAYED", f"message/{source.id}", {"replay": row.id})
    return row_as(MessageRow, row)
