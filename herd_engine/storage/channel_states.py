"""Channels as they are getting on: failing since when, disabled, and why."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from herd_engine.storage.audit_rows import note_audit
from herd_engine.storage.database import Database, upsert
from herd_engine.storage.database_clock import Clock, database_now
from herd_engine.storage.operation_tables import channel_state
from herd_engine.storage.scope import row_as

FAILING_DAYS = 5
FAILED_FOR_DAYS = "FAILED_FOR_DAYS"
"""Why a channel was disabled: every attempt of five days failed."""
DISPATCH = "herd watch"
"""Who does what nobody asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStateRow:
    """How a channel is getting on; one that never failed has no row."""

    channel_id: str
    failing_since: datetime | None
    disabled_at: datetime | None
    reason: str


class ChannelStates:
    """Look at channels and enable them again.

    Parameters
    ----------
    database : Database
    clock : callable, optional
        Tells the time in a transaction.
    """

    def __init__(self, database: Database, clock: Clock = database_now) -> None:
        self._database, self._clock = database, clock

    def all(self) -> dict[str, ChannelStateRow]:
        """Return what is known, by channel."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(channel_state)).all()
        return {row.channel_id: row_as(ChannelStateRow, row) for row in rows}

    def disabled(self) -> frozenset[str]:
        """Return the channels to which nothing is sent."""
        return frozenset(name for name, row in self.all().items() if row.disabled_at is not None)

    def enable(self, channel_id: str, actor: str) -> bool:
        """Send to a channel again; False where it was not disabled."""
        was_disabled = sa.and_(_is(channel_id), channel_state.c.disabled_at.is_not(None))
        fresh = sa.update(channel_state).where(was_disabled)
        with self._database.transaction() as connection:
            values = {"disabled_at": None, "failing_since": None, "reason": ""}
            if connection.execute(fresh.values(**values)).rowcount == 0:
                return False
            at = self._clock(connection)
            note_audit(connection, at, actor, "CHANNEL_ENABLED", f"channel/{channel_id}")
            return True


def note_success(connection: sa.Connection, channel_id: str) -> None:
    """Say that a channel took a message."""
    is_failing = channel_state.c.failing_since.is_not(None)
    change = sa.update(channel_state).where(_is(channel_id), is_failing)
    connection.execute(change.values(failing_since=None))


def note_failure(connection: sa.Connection, channel_id: str, at: datetime, closes: str) -> str:
    """Say that an attempt failed; return why this disabled the channel, empty if it did not.

    Parameters
    ----------
    connection : sqlalchemy.Connection
    channel_id : str
    at : datetime
    closes : str
        Why the channel is to be disabled at once; empty for no reason.
    """
    new = upsert(connection, channel_state).values(channel_id=channel_id, failing_since=at, reason="")
    since = sa.func.coalesce(channel_state.c.failing_since, new.excluded.failing_since)
    kept = new.on_conflict_do_update(
        index_elements=[channel_state.c.channel_id], set_={"failing_since": since}
    )
    row = connection.execute(kept.returning(channel_state)).one()
    if row.disabled_at is not None:
        return ""
    if at - row.failing_since >= timedelta(days=FAILING_DAYS):
        closes = closes or FAILED_FOR_DAYS
    if closes:
        change = sa.update(channel_state).where(_is(channel_id)).values(disabled_at=at, reason=closes)
        connection.execute(change)
        note_audit(connection, at, DISPATCH, "CHANNEL_DISABLED", f"channel/{channel_id}", {"reason": closes})
    return closes


def _is(channel_id: str) -> sa.ColumnElement[bool]:
    return channel_state.c.channel_id == channel_id
