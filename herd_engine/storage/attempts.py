"""Attempts at sending: each is begun in the ledger before anything leaves, and ended there once."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from herd_engine.storage.channel_states import note_failure, note_success
from herd_engine.storage.database import Database
from herd_engine.storage.database_clock import Clock, database_now
from herd_engine.storage.leases import Proof, no_task
from herd_engine.storage.operation_tables import attempt, outbox
from herd_engine.storage.outbox import LEASE_SECONDS, Outbox
from herd_engine.storage.outbox_rows import (
    LONGEST_ERROR,
    LONGEST_SAMPLE,
    AttemptOutcome,
    AttemptRow,
    MessageRow,
    NewMessage,
    OutboxState,
    SendResult,
)
from herd_engine.storage.scope import row_as

Announce = Callable[[str], Sequence[NewMessage]]
"""Makes the messages that tell others why a channel was disabled."""

_STATES = {
    AttemptOutcome.SENT: OutboxState.SENT,
    AttemptOutcome.RETRY: OutboxState.RETRYING,
    AttemptOutcome.DEAD: OutboxState.DEAD,
}


class Attempts:
    """The ledger of attempts.

    Parameters
    ----------
    database : Database
    clock : callable, optional
        Tells the time in a transaction.
    """

    def __init__(self, database: Database, clock: Clock = database_now) -> None:
        self._database, self._clock = database, clock

    def begin(
        self, message: MessageRow, owner: str, request_sha256: str, proof: Proof = no_task
    ) -> AttemptRow | None:
        """Say that a message is about to be sent; None, and it must not be, if it is another's by now.

        What ``proof`` raises, where somebody else sends by now, leaves the message as it is.
        """
        with self._database.transaction() as connection:
            epoch = proof(connection)
            moment = self._clock(connection)
            mine = sa.and_(
                outbox.c.id == message.id, outbox.c.lease_owner == owner, outbox.c.lease_until > moment
            )
            until = moment + timedelta(seconds=LEASE_SECONDS)
            begun = sa.update(outbox).where(mine).values(attempts=outbox.c.attempts + 1, lease_until=until)
            number = connection.execute(begun.returning(outbox.c.attempts)).scalar_one_or_none()
            if number is None:
                return None
            values = {"id": str(uuid.uuid4()), "outbox_id": message.id, "number": number, "owner": owner}
            values |= {"started_at": moment, "outcome": AttemptOutcome.STARTED, "epoch": epoch}
            new = sa.insert(attempt).values(**values, request_sha256=request_sha256).returning(attempt)
            return row_as(AttemptRow, connection.execute(new).one())

    def end(self, begun: AttemptRow, result: SendResult, announce: Announce) -> bool:
        """Say how an attempt ended; False, and nothing said, if it was lost meanwhile to another owner.

        No proof is asked: what was sent was sent, and the message is its sender's until it is claimed anew.

        Parameters
        ----------
        begun : AttemptRow
        result : SendResult
        announce : callable
            Makes what is told to other channels where this disables one.
        """
        with self._database.transaction() as connection:
            moment = self._clock(connection)
            message = connection.execute(
                sa.select(outbox).where(outbox.c.id == begun.outbox_id).with_for_update()
            ).one()
            outcome = result.outcome
            if outcome is AttemptOutcome.RETRY and message.attempts >= message.max_attempts:
                outcome = AttemptOutcome.DEAD
            if not _end_attempt(connection, begun, result, outcome, moment):
                return False
            _move_on(connection, begun, result, outcome, moment)
            if outcome is AttemptOutcome.SENT:
                note_success(connection, message.channel_id)
                return True
            closed = note_failure(connection, message.channel_id, moment, result.closes_channel)
            if closed:
                box = Outbox(self._database, self._clock)
                box.enqueue(connection, announce(closed), moment, begun.epoch)
            return True


def _end_attempt(
    connection: sa.Connection,
    begun: AttemptRow,
    result: SendResult,
    outcome: AttemptOutcome,
    moment: datetime,
) -> bool:
    is_open = sa.and_(attempt.c.id == begun.id, attempt.c.ended_at.is_(None))
    values = {
        "ended_at": moment,
        "outcome": outcome,
        "http_status": result.http_status,
        "error_code": result.error_code,
        "error_text": _first_line(result.error_text, LONGEST_ERROR),
        "duration_seconds": result.duration_seconds,
        "response_sample": _first_line(result.response_sample, LONGEST_SAMPLE),
    }
    return connection.execute(sa.update(attempt).where(is_open).values(**values)).rowcount == 1


def _move_on(
    connection: sa.Connection,
    begun: AttemptRow,
    result: SendResult,
    outcome: AttemptOutcome,
    moment: datetime,
) -> None:
    values = {
        "state": _STATES[outcome],
        "due_at": moment + timedelta(seconds=result.retry_seconds),
        "lease_owner": None,
        "lease_until": None,
        "last_status": result.http_status,
        "last_error_code": result.error_code,
        "sent_at": moment if outcome is AttemptOutcome.SENT else None,
    }
    connection.execute(sa.update(outbox).where(outbox.c.id == begun.outbox_id).values(**values))


def _first_line(text: str | None, longest: int) -> str | None:
    """Return what can be shown of the first line of a text of others."""
    if text is None:
        return None
    line = text.strip().partition("\n")[0][:longest]
    return "".join(character if character.isprintable() else " " for character in line)
