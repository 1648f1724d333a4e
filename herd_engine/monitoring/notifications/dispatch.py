"""Sending what is due: claim, begin, send, end; by several senders, in any number of processes."""

import logging
import os
import socket
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event
from typing import Self

from herd_engine.monitoring.notifications.channels import AnyChannel, ChannelBook
from herd_engine.monitoring.notifications.events import CHANNEL_DISABLED, OutgoingEvent, messages_of
from herd_engine.monitoring.notifications.senders import failed_attempt, request_sha256, send_message
from herd_engine.runs.store import Store
from herd_engine.storage.attempts import Attempts
from herd_engine.storage.channel_states import ChannelStates
from herd_engine.storage.database import Database
from herd_engine.storage.database_clock import Clock, database_now
from herd_engine.storage.leases import Proof, no_task
from herd_engine.storage.outbox import Outbox
from herd_engine.storage.outbox_rows import AttemptOutcome, MessageRow, NewMessage

SENDERS = 4
CLAIMED = 10

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatched:
    """What a round did.

    Attributes
    ----------
    n_claimed, n_sent, n_failed : int
        Messages; those that were lost to another process are neither sent nor failed.
    """

    n_claimed: int = 0
    n_sent: int = 0
    n_failed: int = 0


def source_of(store: Store) -> str:
    """Return who tells an event: ``/herd/`` and what is the same in this database for ever."""
    return f"/herd/{store.farms.default().id}"


class Dispatcher:
    """Sends what is due.

    Parameters
    ----------
    database : Database
    book : ChannelBook
    source : str
        ``/herd/`` and who tells what happens to channels.
    clock : callable, optional
        Tells the time in a transaction.
    """

    def __init__(
        self, database: Database, book: ChannelBook, source: str, clock: Clock = database_now
    ) -> None:
        self.book, self._source = book, source
        self._outbox, self._attempts = Outbox(database, clock), Attempts(database, clock)
        self._states = ChannelStates(database, clock)
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"

    @classmethod
    def of_home(cls, store: Store) -> Self:
        """Return one for the channels of a home."""
        return cls(store.database, ChannelBook(store.settings.home), source_of(store))

    def dispatch(self, proof: Proof = no_task) -> Dispatched:
        """Send up to ten messages that are due.

        Parameters
        ----------
        proof : callable
            That nobody else sends by now: asked before messages are claimed, and before each is sent.

        Raises
        ------
        ConflictError
            Somebody else does; what was not sent yet stays for them.
        """
        channels = self.book.channels()
        disabled = self._states.disabled()
        open_now = [name for name in channels if name not in disabled]
        messages = self._outbox.claim(self.owner, open_now, CLAIMED, proof)
        if not messages:
            return Dispatched()
        with ThreadPoolExecutor(SENDERS, thread_name_prefix="sender") as senders:
            outcomes = list(senders.map(lambda message: self._send(message, channels, proof), messages))
        n_sent = outcomes.count(AttemptOutcome.SENT)
        n_lost = outcomes.count(None)
        return Dispatched(n_claimed=len(messages), n_sent=n_sent, n_failed=len(messages) - n_sent - n_lost)

    def drain(self, stop: Event) -> Dispatched:
        """Send everything that is due, until ``stop`` is set."""
        total = Dispatched()
        while not stop.is_set() and (done := self.dispatch()).n_claimed:
            total = Dispatched(
                n_claimed=total.n_claimed + done.n_claimed,
                n_sent=total.n_sent + done.n_sent,
                n_failed=total.n_failed + done.n_failed,
            )
        return total

    def _send(
        self, message: MessageRow, channels: Mapping[str, AnyChannel], proof: Proof
    ) -> AttemptOutcome | None:
        begun = self._attempts.begin(message, self.owner, request_sha256(message), proof)
        if begun is None:
            return None
        try:
            result = send_message(message, channels[message.channel_id], datetime.now(UTC))
        except Exception as error:  # one message must not keep others back
            logger.warning("A message to %s could not be made", message.channel_id, exc_info=True)
            result = failed_attempt(message, "NOT_MADE", str(error), again=True)

        def announce(reason: str) -> Sequence[NewMessage]:
            return self._disabled(message.channel_id, reason, channels)

        ended = self._attempts.end(begun, result, announce)
        told = {"message_id": message.id, "channel": message.channel_id, "error_code": result.error_code}
        logger.info("message_%s", result.outcome.value.lower(), extra=told)
        return result.outcome if ended else None

    def _disabled(
        self, channel_id: str, reason: str, channels: Mapping[str, AnyChannel]
    ) -> Sequence[NewMessage]:
        logger.warning("The channel %s is disabled: %s", channel_id, reason)
        event = OutgoingEvent(
            type=CHANNEL_DISABLED,
            at=datetime.now(UTC),
            source=self._source,
            subject=f"channel/{channel_id}",
            severity="HIGH",
            data={"channel": {"id": channel_id, "reason": reason}},
        )
        return messages_of(event, {name: each for name, each in channels.items() if name != channel_id})
