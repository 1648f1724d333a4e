"""Messages that are old go, a few at a time, so that nobody waits for long."""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from herd_engine.storage.database import Database
from herd_engine.storage.database_clock import Clock, database_now
from herd_engine.storage.metric_counts import delivery_counts
from herd_engine.storage.operation_tables import attempt, outbox
from herd_engine.storage.outbox_rows import WAITING, OutboxState
from herd_engine.storage.tally import add_to_tally

SENT_DAYS = 90
DEAD_DAYS = 400
AT_A_TIME = 500


class OutboxRetention:
    """Deletes old messages.

    Parameters
    ----------
    database : Database
    clock : callable, optional
        Tells the time in a transaction.
    """

    def __init__(self, database: Database, clock: Clock = database_now) -> None:
        self._database, self._clock = database, clock

    def forget(self) -> int:
        """Delete up to 500 messages whose time is over; return how many, 0 when none is left.

        After 90 days a message that was sent loses its text; what was muted or discarded goes. After 400
        days all go, and with them their attempts. What waits stays.
        """
        with self._database.transaction() as connection:
            moment = self._clock(connection)
            old = moment - timedelta(days=SENT_DAYS)
            very_old = moment - timedelta(days=DEAD_DAYS)
            never_tried = outbox.c.state.in_((OutboxState.MUTED, OutboxState.DISCARDED))
            over = sa.or_(
                sa.and_(outbox.c.created_at < very_old, outbox.c.state.not_in(WAITING)),
                sa.and_(outbox.c.created_at < old, never_tried),
            )
            ids = _some(connection, over)
            add_to_tally(connection, delivery_counts(connection, outbox.c.id.in_(ids)))
            connection.execute(sa.delete(attempt).where(attempt.c.outbox_id.in_(ids)))
            connection.execute(sa.delete(outbox).where(outbox.c.id.in_(ids)))
            has_text = sa.and_(outbox.c.state == OutboxState.SENT, outbox.c.payload != "")
            emptied = _some(connection, sa.and_(outbox.c.created_at < old, has_text))
            connection.execute(sa.update(outbox).where(outbox.c.id.in_(emptied)).values(payload=""))
        return len(ids) + len(emptied)


def _some(connection: sa.Connection, over: sa.ColumnElement[bool]) -> Sequence[str]:
    return connection.execute(sa.select(outbox.c.id).where(over).limit(AT_A_TIME)).scalars().all()
