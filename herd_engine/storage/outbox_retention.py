"""Messages that are old go, a few at a time, so that nobody waits for long."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from herd_engine.storage.database import Database
from herd_engine.storage.database_clock import Clock, database_now
from herd_engine.storage.leases import Proof, no_task
from herd_engine.storage.metric_counts import delivery_counts
from herd_engine.storage.operation_tables import attempt, outbox
from herd_engine.storage.outbox_rows import WAITING, OutboxState
from herd_engine.storage.tally import add_to_tally

SENT_DAYS = 90
DEAD_DAYS = 400
AT_A_TIME = 500
REMOVED_DAYS = 5
"""As long as a channel may fail before nothing more is sent to it."""
CHANNEL_REMOVED = "CHANNEL_REMOVED"
"""Why a message was given up: its channel is not there any more."""


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

    def forget(self, proof: Proof = no_task) -> int:
        """Delete up to 500 messages whose time is over; return how many, 0 when none is left.

        After 90 days a message that was sent loses its text; what was muted or discarded goes. After 400
        days all go, and with them their attempts. What waits stays.

        What ``proof`` raises leaves all as it is.
        """
        with self._database.transaction() as connection:
            proof(connection)
            moment = self._clock(connection)
            old = moment - timedelta(days=SENT_DAYS)
            ids = _some(connection, _is_over(moment))
            add_to_tally(connection, delivery_counts(connection, outbox.c.id.in_(ids)))
            connection.execute(sa.delete(attempt).where(attempt.c.outbox_id.in_(ids)))
            connection.execute(sa.delete(outbox).where(outbox.c.id.in_(ids)))
            has_text = sa.and_(outbox.c.state == OutboxState.SENT, outbox.c.payload != "")
            emptied = _some(connection, sa.and_(outbox.c.created_at < old, has_text))
            connection.execute(sa.update(outbox).where(outbox.c.id.in_(emptied)).values(payload=""))
        return len(ids) + len(emptied)

    def count(self) -> int:
        """Count the messages whose time is over."""
        with self._database.reading() as connection:
            over = sa.select(sa.func.count()).select_from(outbox).where(_is_over(self._clock(connection)))
            return int(connection.execute(over).scalar_one())

    def give_up_removed(self, channels: Collection[str], proof: Proof = no_task) -> int:
        """Give up messages that have waited for days for a channel that is not there; return how many.

        Should the channel come back, they can be sent once more, as others that were given up.

        Parameters
        ----------
        channels : collection of str
            All that are there.
        proof : callable
            That nobody else does this by now.
        """
        with self._database.transaction() as connection:
            proof(connection)
            moment = self._clock(connection)
            over = sa.and_(
                outbox.c.state.in_(WAITING),
                outbox.c.channel_id.not_in(channels),
                outbox.c.created_at <= moment - timedelta(days=REMOVED_DAYS),
                sa.or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= moment),
            )
            dead = {"state": OutboxState.DEAD, "reason": CHANNEL_REMOVED, "last_error_code": CHANNEL_REMOVED}
            return connection.execute(sa.update(outbox).where(over).values(**dead)).rowcount


def _is_over(moment: datetime) -> sa.ColumnElement[bool]:
    never_tried = outbox.c.state.in_((OutboxState.MUTED, OutboxState.DISCARDED))
    return sa.or_(
        sa.and_(
            outbox.c.created_at < moment - timedelta(days=DEAD_DAYS),
            outbox.c.state.not_in(WAITING),
        ),
        sa.and_(outbox.c.created_at < moment - timedelta(days=SENT_DAYS), never_tried),
    )


def _some(connection: sa.Connection, over: sa.ColumnElement[bool]) -> Sequence[str]:
    return connection.execute(sa.select(outbox.c.id).where(over).limit(AT_A_TIME)).scalars().all()
