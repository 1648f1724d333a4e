"""Messages and attempts as they are stored."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LONGEST_ERROR, LONGEST_SAMPLE = 240, 256


class OutboxState(StrEnum):
    """Where a message stands; the first two wait."""

    PENDING = "PENDING"
    RETRYING = "RETRYING"
    SENT = "SENT"
    DEAD = "DEAD"
    MUTED = "MUTED"
    DISCARDED = "DISCARDED"


WAITING = (OutboxState.PENDING, OutboxState.RETRYING)


class AttemptOutcome(StrEnum):
    """How an attempt ended; LOST: its process did not live to say."""

    STARTED = "STARTED"
    SENT = "SENT"
    RETRY = "RETRY"
    DEAD = "DEAD"
    LOST = "LOST"


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to one channel.

    Attributes
    ----------
    event_id : str
        Receivers know a repeated message by it.
    channel_id : str
    event_type : str
        Such as ``alert.firing``.
    alert_id, farm_id : str or None
        What it is about; messages about one alert arrive in their order.
    severity : str
    payload : str
        What is sent and signed, as text.
    muted_by : str, optional
        The silence that keeps it from being sent; it is kept all the same.
    max_attempts : int
    """

    event_id: str
    channel_id: str
    event_type: str
    alert_id: str | None
    farm_id: str | None
    severity: str
    payload: str
    muted_by: str | None = None
    max_attempts: int = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """A message as stored.

    Attributes
    ----------
    attempts : int
        That were begun.
    due_at : datetime
        Not tried before.
    replay_of : str or None
        The message that it repeats, under the same ``event_id``.
    reason : str
        Why it was discarded.
    """

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


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow:
    """One try at sending a message; once it has ended, the database refuses every change of it."""

    id: str
    outbox_id: str
    number: int
    owner: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    http_status: int | None
    error_code: str | None
    error_text: str | None
    duration_seconds: float | None
    request_sha256: str
    response_sample: str | None
    epoch: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendResult:
    """How a try ended.

    Attributes
    ----------
    outcome : AttemptOutcome
        SENT, RETRY or DEAD; a RETRY of the last attempt becomes DEAD.
    retry_seconds : float
        How long to wait before the next.
    closes_channel : str
        Why nothing more can be sent to the channel; empty where it can.
    """

    outcome: AttemptOutcome
    duration_seconds: float
    http_status: int | None = None
    error_code: str | None = None
    error_text: str | None = None
    response_sample: str | None = None
    retry_seconds: float = 0.0
    closes_channel: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStats:
    """What became of the messages to one channel; as ``DeliveryStats``.

    Attributes
    ----------
    channel_id : str
    last_sent_at, last_error_at : datetime or None
        When an attempt succeeded, or failed, last.
    """

    channel_id: str
    total: int
    sent: int
    retry: int
    dead: int
    lost: int
    muted: int
    pending: int
    success_rate: float | None
    latency_avg_ms: float | None
    last_sent_at: datetime | None
    last_error_at: datetime | None
    error_codes: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryStats:
    """What became of messages.

    Attributes
    ----------
    total, sent, dead, muted, discarded, pending, replays : int
        Messages; ``replays`` are among the others.
    retry, lost : int
        Attempts that failed and were followed by another, or that their process did not live to end.
    success_rate : float or None
        Sent of those that ended; None where none did.
    latency_avg_ms, latency_p50_ms, latency_p95_ms : float or None
        Of attempts that succeeded.
    oldest_pending_seconds : float or None
    error_codes : tuple of (str, int)
        The five most frequent of attempts.
    channels : tuple of ChannelStats
        The same of each channel that there are messages to.
    """

    total: int
    sent: int
    retry: int
    dead: int
    lost: int
    replays: int
    muted: int
    discarded: int
    pending: int
    success_rate: float | None
    latency_avg_ms: float | None
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    oldest_pending_seconds: float | None
    error_codes: tuple[tuple[str, int], ...]
    channels: tuple[ChannelStats, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryBucket:
    """Attempts that were begun in an hour or a day, by how they ended."""

    start: datetime
    sent: int
    retry: int
    dead: int
    lost: int
