"""Messages to others: what was sent, what waits, what failed and why; channels and how they get on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from herd_engine.errors import ChannelsError, ConflictError, NotFoundError
from herd_engine.i18n.wording import wording
from herd_engine.model.visitor import DIRECT, LOOK, RUN
from herd_engine.monitoring.notifications.dispatch import Dispatched, Dispatcher, source_of
from herd_engine.monitoring.notifications.events import PING, OutgoingEvent, message_to
from herd_engine.monitoring.notifications.mail_words import subject
from herd_engine.monitoring.notifications.run_notices import ToldReport, tell_report
from herd_engine.runs.kept import KeptRuns
from herd_engine.storage.channel_states import ChannelStates
from herd_engine.storage.database_clock import database_now
from herd_engine.storage.outbox import Outbox
from herd_engine.storage.outbox_log import MessageFilters, OutboxLog
from herd_engine.storage.outbox_rows import DeliveryBucket, DeliveryStats, MessageRow
from herd_engine.storage.paging import Request
from herd_engine.storage.replays import Replays
from herd_engine.workbench.answers import Listed, answer

__all__ = ["Channel", "Deliveries", "DeliveryAttempt", "DeliveryBucket", "DeliveryMessage",
           "DeliveryStats", "Dispatched", "ToldReport"]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryMessage:
    """A message to one channel; ``payload`` is empty where it is too old to be kept."""

    id: str
    event_id: str
    channel_id: str
    event_type: str
    alert_id: str | None
    farm_id: str | None
    severity: str
    payload: str
    state: str
    attempts: int
    max_attempts: int
    due_at: datetime
    muted_by: str | None
    replay_of: str | None
    reason: str
    last_status: int | None
    last_error_code: str | None
    created_at: datetime
    sent_at: datetime | None

    def subject(self, language: str) -> str:
        """Return what it is about; of one that is too old, the kind of event alone."""
        data = json.loads(self.payload)["data"] if self.payload else {}
        return subject(wording(language), self.event_type, self.severity, data)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAttempt:
    """One try at sending a message; ``outcome`` is STARTED, SENT, RETRY, DEAD or LOST."""

    id: str
    outbox_id: str
    number: int
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    http_status: int | None
    error_code: str | None
    error_text: str | None
    duration_seconds: float | None
    request_sha256: str
    response_sample: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Whom to tell, and how that goes; one whose messages are kept may be in the file no more.

    Attributes
    ----------
    kind : str
        ``webhook``, ``mail`` or ``folder``; empty where it is in the file no more.
    failing_since, disabled_at : datetime or None
    reason : str
        Why it was disabled.
    """

    id: str
    kind: str
    events: tuple[str, ...]
    farms: tuple[str, ...]
    min_severity: str
    language: str
    failing_since: datetime | None
    disabled_at: datetime | None
    reason: str


class Deliveries:
    """Messages of a farm; who owns the home sees all, those of no farm too."""

    def __init__(self, kept: KeptRuns) -> None:
        self._kept = kept
        self._visitor = kept.access.access.visitor
        self._database = kept.store.database
        self._log = OutboxLog(self._database)
        self._dispatcher = Dispatcher.of_home(kept.store)

    def list(  # noqa: PLR0913 - one argument a filter
        self,
        *,
        state: Sequence[str] = (),
        channel: str | None = None,
        event_type: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Listed[DeliveryMessage]:
        """Return a page of messages, newest first."""
        self._kept.access.require(LOOK)
        filters = self._filters(channel, since, until, states=state, event_type=event_type)
        page = self._log.messages(filters, Request(cursor, limit))
        return Listed(tuple(answer(DeliveryMessage, row) for row in page.items), page.next_cursor)

    def attempts(
        self,
        *,
        channel: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Listed[DeliveryAttempt]:
        """Return a page of attempts, newest first."""
        self._kept.access.require(LOOK)
        page = self._log.attempts(self._filters(channel, since, until), Request(cursor, limit))
        return Listed(tuple(answer(DeliveryAttempt, row) for row in page.items), page.next_cursor)

    def attempts_of(self, message_id: str) -> tuple[DeliveryAttempt, ...]:
        """Return the attempts at one message, in their order; NotFoundError."""
        self._message(message_id)
        return tuple(answer(DeliveryAttempt, row) for row in self._log.attempts_of(message_id))

    def attempt(self, attempt_id: str) -> DeliveryAttempt:
        """Return an attempt; NotFoundError."""
        found = answer(DeliveryAttempt, self._log.attempt(attempt_id))
        try:
            self._message(found.outbox_id)
        except NotFoundError:
            raise NotFoundError("attempt", attempt_id) from None
        return found

    def stats(
        self, channel: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> DeliveryStats:
        """Count messages and attempts of a time, exactly."""
        self._kept.access.require(LOOK)
        return self._log.stats(self._filters(channel, since, until))

    def trends(
        self, since: datetime, until: datetime, bucket: str = "day", time_zone: str | None = None
    ) -> tuple[DeliveryBucket, ...]:
        """Count attempts by hour or day of the farm, unless another time zone is named; at most 1,000.

        Raises
        ------
        ParameterError
        """
        self._kept.access.require(LOOK)
        time_zone = time_zone or self.time_zone
        return self._log.trends(self._filters(None, since, until), bucket, time_zone)

    @property
    def time_zone(self) -> str:
        """Where the farm is, by its sheet; UTC where that does not say."""
        return self._kept.catalog.farms.time_zone(self._kept.catalog.farm.id)

    def channels(self) -> tuple[Channel, ...]:
        """Return the channels of the file, and those that messages are kept for."""
        self._kept.access.require(LOOK)
        known, states = self._dispatcher.book.channels(), ChannelStates(self._database).all()
        names = [*known, *sorted(({*self._log.channels()} if self._visitor.is_owner else set()) - set(known))]
        return tuple(
            Channel(
                id=name,
                kind=getattr(known.get(name), "kind", ""),
                events=tuple(getattr(known.get(name), "events", ())),
                farms=tuple(getattr(known.get(name), "farms", ())),
                min_severity=getattr(known.get(name), "min_severity", ""),
                language=getattr(known.get(name), "language", ""),
                failing_since=getattr(states.get(name), "failing_since", None),
                disabled_at=getattr(states.get(name), "disabled_at", None),
                reason=getattr(states.get(name), "reason", ""),
            )
            for name in names
        )

    def fault(self) -> ChannelsError | None:
        """Return what is wrong with the file of channels; None where nothing is."""
        self._dispatcher.book.channels()
        return self._dispatcher.book.fault

    def replay(self, message_id: str) -> DeliveryMessage:
        """Send a message once more, as a new one of the same event; NotFoundError, ConflictError."""
        self._kept.access.require(DIRECT)
        self._message(message_id)
        made = Replays(self._database).replay(message_id, self._visitor.name)
        return answer(DeliveryMessage, made)

    def replay_dead(self, channel: str | None = None) -> int:
        """Send once more what was given up and not repeated yet; return how many."""
        self._kept.access.require(DIRECT)
        return Replays(self._database).replay_dead(self._visitor.name, channel, self._farm_id)

    def test(self, channel: str) -> DeliveryMessage:
        """Keep a message to a channel that says that it works; it is sent with the next ones.

        Raises
        ------
        NotFoundError
        ConflictError
            It is disabled.
        """
        self._kept.access.require(DIRECT)
        self._require_known(channel)
        if channel in ChannelStates(self._database).disabled():
            raise ConflictError(f"The channel {channel} is disabled.", "channel_disabled", channel)
        with self._database.transaction() as connection:
            at = database_now(connection)
            source = source_of(self._kept.store)
            event = OutgoingEvent(
                type=PING, at=at, source=source, subject=f"channel/{channel}", severity="LOW", is_test=True
            )
            Outbox(self._database).enqueue(connection, [message_to(event, channel)], at)
        page = self._log.messages(MessageFilters(channel_id=channel, event_type=PING), Request(None, 500))
        return next(answer(DeliveryMessage, row) for row in page.items if row.event_id == event.id)

    def tell_report(self, report: ToldReport) -> int:
        """Keep messages about an edition for the channels that want them; its runs stay from then on."""
        self._kept.access.require(RUN)
        farm = self._kept.catalog.farm
        source = source_of(self._kept.store)
        return tell_report(self._kept.store, report, (farm.id, farm.name), source)

    def enable(self, channel: str) -> bool:
        """Send to a channel again; False where it was not disabled. NotFoundError."""
        self._kept.access.require(DIRECT)
        self._require_known(channel)
        return ChannelStates(self._database).enable(channel, self._visitor.name)

    def dispatch(self) -> Dispatched:
        """Send up to ten messages that are due, now and here."""
        self._kept.access.require(DIRECT)
        return self._dispatcher.dispatch()

    @property
    def _farm_id(self) -> str | None:
        return None if self._visitor.is_owner else self._kept.scope.farm_id

    def _filters(
        self,
        channel: str | None,
        since: datetime | None,
        until: datetime | None,
        *,
        states: Sequence[str] = (),
        event_type: str | None = None,
    ) -> MessageFilters:
        return MessageFilters(
            states=states,
            channel_id=channel,
            event_type=event_type,
            farm_id=self._farm_id,
            since=since,
            until=until,
        )

    def _message(self, message_id: str) -> MessageRow:
        self._kept.access.require(LOOK)
        row = self._log.message(message_id)
        if self._farm_id not in (None, row.farm_id):
            raise NotFoundError("message", message_id)
        return row

    def _require_known(self, channel: str) -> None:
        if channel not in self._dispatcher.book.channels():
            raise NotFoundError("channel", channel)
