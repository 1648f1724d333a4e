"""Messages and attempts as people look at them: lists, counts, trends."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import sqlalchemy as sa

from herd_engine.errors import NotFoundError, ParameterError
from herd_engine.storage.database import Database
from herd_engine.storage.database_clock import Clock, database_now
from herd_engine.storage.operation_tables import attempt, outbox
from herd_engine.storage.outbox_rows import (
    WAITING,
    AttemptOutcome,
    AttemptRow,
    ChannelStats,
    DeliveryBucket,
    DeliveryStats,
    MessageRow,
    OutboxState,
)
from herd_engine.storage.paging import ListPage, Request, read_page
from herd_engine.storage.scope import row_as

MAX_BUCKETS = 1000
N_ERROR_CODES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFilters:
    """Which messages are meant; None and nothing leave a side open.

    Attributes
    ----------
    since, until : datetime, optional
        ``since <= created_at < until``; of attempts, when they were begun.
    """

    states: Sequence[str] = ()
    channel_id: str | None = None
    event_type: str | None = None
    farm_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self, moment: sa.ColumnElement[datetime]) -> list[sa.ColumnElement[bool]]:
        """Return what holds for each row; ``moment`` is the column that lies in the window."""
        equal = (
            (outbox.c.channel_id, self.channel_id),
            (outbox.c.event_type, self.event_type),
            (outbox.c.farm_id, self.farm_id),
        )
        found = [column == value for column, value in equal if value is not None]
        if self.states:
            found.append(outbox.c.state.in_(self.states))
        if self.since is not None:
            found.append(moment >= self.since)
        if self.until is not None:
            found.append(moment < self.until)
        return found


class OutboxLog:
    """Look at messages and attempts.

    Parameters
    ----------
    database : Database
    clock : callable, optional
        Tells the time in a transaction.
    """

    def __init__(self, database: Database, clock: Clock = database_now) -> None:
        self._database, self._clock = database, clock

    def messages(self, filters: MessageFilters, request: Request) -> ListPage[MessageRow]:
        """Return a page of messages, newest first."""
        query = sa.select(outbox).where(*filters.conditions(outbox.c.created_at))
        order = (outbox.c.created_at, outbox.c.id)
        with self._database.reading() as connection:
            return read_page(connection, query, order, request, lambda row: row_as(MessageRow, row))

    def message(self, message_id: str) -> MessageRow:
        """Return a message; NotFoundError."""
        with self._database.reading() as connection:
            row = connection.execute(sa.select(outbox).where(outbox.c.id == message_id)).one_or_none()
        if row is None:
            raise NotFoundError("message", message_id)
        return row_as(MessageRow, row)

    def attempts(self, filters: MessageFilters, request: Request) -> ListPage[AttemptRow]:
        """Return a page of attempts, newest first."""
        query = _attempts_of(filters, *attempt.c)
        order = (attempt.c.started_at, attempt.c.id)
        with self._database.reading() as connection:
            return read_page(connection, query, order, request, lambda row: row_as(AttemptRow, row))

    def attempts_of(self, message_id: str) -> tuple[AttemptRow, ...]:
        """Return the attempts at one message, in their order; NotFoundError."""
        self.message(message_id)
        query = sa.select(attempt).where(attempt.c.outbox_id == message_id).order_by(attempt.c.number)
        with self._database.reading() as connection:
            return tuple(row_as(AttemptRow, row) for row in connection.execute(query))

    def attempt(self, attempt_id: str) -> AttemptRow:
        """Return an attempt; NotFoundError."""
        with self._database.reading() as connection:
            row = connection.execute(sa.select(attempt).where(attempt.c.id == attempt_id)).one_or_none()
        if row is None:
            raise NotFoundError("attempt", attempt_id)
        return row_as(AttemptRow, row)

    def channels(self) -> tuple[str, ...]:
        """Return the channels that messages were ever kept for."""
        with self._database.reading() as connection:
            query = sa.select(outbox.c.channel_id).distinct().order_by(outbox.c.channel_id)
            return tuple(connection.execute(query).scalars())

    def waiting(self) -> dict[str, int]:
        """Count the messages that wait, by channel."""
        by_channel = sa.select(outbox.c.channel_id, sa.func.count().label("n")).where(
            outbox.c.state.in_(WAITING)
        )
        with self._database.reading() as connection:
            rows = connection.execute(by_channel.group_by(outbox.c.channel_id).order_by(outbox.c.channel_id))
            return {row.channel_id: int(row.n) for row in rows}

    def stats(self, filters: MessageFilters) -> DeliveryStats:
        """Count messages and attempts; every number is exact."""
        of_messages = filters.conditions(outbox.c.created_at)
        is_waiting = outbox.c.state.in_(WAITING)
        with self._database.reading() as connection:
            state = sa.select(outbox.c.channel_id, outbox.c.state, sa.func.count().label("n"))
            by_state = state.where(*of_messages).group_by(outbox.c.channel_id, outbox.c.state)
            counted = connection.execute(by_state).all()
            repeated = sa.select(sa.func.count()).where(outbox.c.replay_of.is_not(None), *of_messages)
            n_replays = connection.execute(repeated).scalar_one()
            first = sa.select(sa.func.min(outbox.c.created_at)).where(is_waiting, *of_messages)
            oldest = connection.execute(first).scalar()
            columns = (attempt.c.outcome, attempt.c.duration_seconds, attempt.c.error_code)
            ended = _attempts_of(filters, outbox.c.channel_id, attempt.c.ended_at, *columns)
            tries = connection.execute(ended).all()
            moment = self._clock(connection)
        names = sorted({*(row.channel_id for row in counted), *(row.channel_id for row in tries)})
        took = _milliseconds(tries)
        return DeliveryStats(
            **_counts(counted, tries),
            replays=n_replays,
            discarded=_states(counted)[OutboxState.DISCARDED],
            latency_p50_ms=float(np.percentile(took, 50)) if took else None,
            latency_p95_ms=float(np.percentile(took, 95)) if took else None,
            oldest_pending_seconds=None if oldest is None else (moment - oldest).total_seconds(),
            channels=tuple(_of_channel(name, counted, tries) for name in names),
        )

    def trends(self, filters: MessageFilters, bucket: str, zone: str = "UTC") -> tuple[DeliveryBucket, ...]:
        """Count attempts by hour or day, buckets without any among them.

        Parameters
        ----------
        filters : MessageFilters
            With ``since`` and ``until``.
        bucket : str
            ``hour`` or ``day``.
        zone : str
            IANA name; days begin when they do there.
        """
        borders = bucket_borders(filters.since, filters.until, bucket, zone)
        with self._database.reading() as connection:
            query = _attempts_of(filters, attempt.c.started_at, attempt.c.outcome)
            rows = connection.execute(query).all()
        counts: list[Counter[str]] = [Counter() for _ in borders]
        for row in rows:
            counts[bisect_right(borders, row.started_at) - 1][row.outcome] += 1
        return tuple(
            DeliveryBucket(
                start=border,
                sent=found[AttemptOutcome.SENT],
                retry=found[AttemptOutcome.RETRY],
                dead=found[AttemptOutcome.DEAD],
                lost=found[AttemptOutcome.LOST],
            )
            for border, found in zip(borders, counts, strict=True)
        )


def bucket_borders(since: datetime | None, until: datetime | None, bucket: str, zone: str) -> list[datetime]:
    """Return where the buckets of a window begin, the first at or before its start.

    Raises
    ------
    ParameterError
        There is no such bucket or zone, or there would be more than 1,000.
    """
    if since is None or until is None or since >= until:
        raise ParameterError("since", since, "be before until; both must be given")
    if bucket not in ("hour", "day"):
        raise ParameterError("bucket", bucket, "be hour or day")
    try:
        there = ZoneInfo(zone)
    except (KeyError, OSError, ValueError) as error:
        raise ParameterError("time_zone", zone, "be a time zone such as Europe/Berlin") from error
    if (until - since) / timedelta(days=1 if bucket == "day" else 1 / 24) > MAX_BUCKETS - 2:
        raise ParameterError("bucket", bucket, f"give at most {MAX_BUCKETS} buckets; take a shorter time")
    start = since.astimezone(there).replace(minute=0, second=0, microsecond=0)
    borders = []
    if bucket == "hour":
        border = start.astimezone(UTC)
        while border < until:
            borders.append(border)
            border += timedelta(hours=1)
        return borders
    day = start.replace(hour=0)
    while day < until:
        borders.append(day.astimezone(UTC))
        day += timedelta(days=1)  # of the calendar there: 23 to 25 hours
    return borders


Rows = Sequence[sa.Row[Any]]


def _of_channel(name: str, counted: Rows, tries: Rows) -> ChannelStats:
    mine = [row for row in tries if row.channel_id == name]
    failed = [row.ended_at for row in mine if row.error_code is not None and row.ended_at is not None]
    sent = [row.ended_at for row in mine if row.outcome == AttemptOutcome.SENT]
    counts = _counts([row for row in counted if row.channel_id == name], mine)
    return ChannelStats(
        channel_id=name,
        **counts,
        last_sent_at=max(sent, default=None),
        last_error_at=max(failed, default=None),
    )


def _counts(counted: Rows, tries: Rows) -> dict[str, Any]:
    """Return what is said of all messages, and of those to one channel, alike."""
    states, took = _states(counted), _milliseconds(tries)
    sent, dead = states[OutboxState.SENT], states[OutboxState.DEAD]
    codes = Counter(str(row.error_code) for row in tries if row.error_code is not None)
    return {
        "total": states.total(),
        "sent": sent,
        "retry": sum(row.outcome == AttemptOutcome.RETRY for row in tries),
        "dead": dead,
        "lost": sum(row.outcome == AttemptOutcome.LOST for row in tries),
        "muted": states[OutboxState.MUTED],
        "pending": sum(states[state] for state in WAITING),
        "success_rate": sent / (sent + dead) if sent + dead else None,
        "latency_avg_ms": float(np.mean(took)) if took else None,
        "error_codes": tuple(sorted(codes.items(), key=lambda item: (-item[1], item[0]))[:N_ERROR_CODES]),
    }


def _states(counted: Rows) -> Counter[str]:
    states = Counter[str]()
    for row in counted:
        states[row.state] += row.n
    return states


def _milliseconds(tries: Rows) -> list[float]:
    return [1000 * row.duration_seconds for row in tries if row.outcome == AttemptOutcome.SENT]


def _attempts_of(filters: MessageFilters, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    joined = sa.select(*columns).join(outbox, outbox.c.id == attempt.c.outbox_id)
    return joined.where(*filters.conditions(attempt.c.started_at))
