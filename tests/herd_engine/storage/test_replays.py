"""A message is sent once more on a wish, and what is counted and deleted is exact."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from herd_engine.errors import ConflictError, NotFoundError, ParameterError
from herd_engine.storage.attempts import Attempts
from herd_engine.storage.operation_tables import attempt, audit, outbox
from herd_engine.storage.outbox import Outbox
from herd_engine.storage.outbox_log import MessageFilters, OutboxLog, bucket_borders
from herd_engine.storage.outbox_retention import OutboxRetention
from herd_engine.storage.outbox_rows import AttemptOutcome, SendResult
from herd_engine.storage.paging import Request
from herd_engine.storage.replays import Replays
from tests.herd_engine.storage.clocks import START, SetClock
from tests.herd_engine.storage.messages import new_message

SENT, RETRY, DEAD = AttemptOutcome.SENT, AttemptOutcome.RETRY, AttemptOutcome.DEAD
ALL = MessageFilters()


@pytest.fixture
def clock():
    return SetClock()


@pytest.fixture
def send(database, clock):
    """Keep a message and end an attempt at it."""
    box, attempts = Outbox(database, clock), Attempts(database, clock)

    def end(outcome, seconds=0.1, code=None, **changes):
        message = new_message(**changes)
        with database.transaction() as connection:
            box.enqueue(connection, [message], clock.moment)
        return try_again(outcome, seconds, code, message.channel_id)

    def try_again(outcome, seconds=0.1, code=None, channel="hub"):
        [row] = box.claim("w1", [channel], 1)
        result = SendResult(outcome=outcome, duration_seconds=seconds, error_code=code)
        attempts.end(attempts.begin(row, "w1", "a" * 64), result, lambda _: ())
        return row

    end.again = try_again
    return end


def rows_of(database, table):
    with database.reading() as connection:
        return connection.execute(sa.select(table)).all()


@pytest.mark.parametrize("outcome", [SENT, DEAD])
def test_a_replay_is_a_new_message_of_the_same_event(database, clock, send, outcome):
    source = send(outcome)

    made = Replays(database, clock).replay(source.id, "anna")

    assert (made.event_id, made.replay_of, made.state) == (source.event_id, source.id, "PENDING")
    assert made.id != source.id
    assert len(rows_of(database, outbox)) == 2
    [noted] = rows_of(database, audit)
    assert (noted.actor, noted.action, noted.object) == ("anna", "REPLAYED", f"message/{source.id}")


def test_one_replay_of_a_message_waits_at_a_time(database, clock, send):
    replays, source = Replays(database, clock), send(SENT)
    replays.replay(source.id, "anna")

    with pytest.raises(ConflictError, match="on its way") as refused:
        replays.replay(source.id, "anna")

    assert refused.value.case == "replay_active"
    send.again(SENT)
    assert replays.replay(source.id, "anna").replay_of == source.id


def test_what_has_not_ended_is_not_replayed(database, clock, send):
    source = send(RETRY)

    with pytest.raises(ConflictError, match="neither sent nor given up"):
        Replays(database, clock).replay(source.id, "anna")
    with pytest.raises(NotFoundError, match="There is no message nothing"):
        Replays(database, clock).replay("nothing", "anna")


def test_what_is_dead_is_replayed_once(database, clock, send):
    dead = {send(DEAD).id for _ in range(3)} | {send(DEAD, channel_id="other").id}
    send(SENT)
    replays = Replays(database, clock)

    assert replays.replay_dead("anna", "other") == 1
    assert replays.replay_dead("anna") == 3
    assert replays.replay_dead("anna") == 0
    for _ in range(3):
        send.again(SENT)
    assert replays.replay_dead("anna") == 0
    assert {row.replay_of for row in rows_of(database, outbox)} == dead | {None}


def test_a_replay_that_dies_can_be_replayed(database, clock, send):
    send(DEAD)
    replays = Replays(database, clock)
    replays.replay_dead("anna")
    send.again(DEAD)

    assert (replays.replay_dead("anna"), replays.replay_dead("anna")) == (1, 0)


def test_counts_are_exact(database, clock, send):
    for seconds in (0.1, 0.2, 0.3, 0.4):
        send(SENT, seconds)
    send(DEAD, code="HTTP_404")
    send(RETRY, code="HTTP_503")
    clock.forward(30)
    send.again(RETRY, code="TIMEOUT")
    Replays(database, clock).replay_dead("anna")
    with database.transaction() as connection:
        Outbox(database, clock).enqueue(connection, [new_message(muted_by="s1")], clock.moment)
    clock.forward(30)

    stats = OutboxLog(database, clock).stats(ALL)

    assert (stats.total, stats.sent, stats.dead, stats.retry, stats.pending) == (8, 4, 1, 2, 2)
    assert (stats.replays, stats.muted, stats.discarded, stats.lost) == (1, 1, 0, 0)
    assert stats.success_rate == 4 / 5
    assert stats.latency_avg_ms == pytest.approx(250)
    assert stats.latency_p50_ms == pytest.approx(250)
    assert stats.latency_p95_ms == pytest.approx(385)  # 0.95 * 3 = 2.85: 300 + 0.85 * 100
    assert stats.oldest_pending_seconds == 60
    assert stats.error_codes == (("HTTP_404", 1), ("HTTP_503", 1), ("TIMEOUT", 1))


def test_counts_of_each_channel_are_its_own(database, clock, send):
    send(SENT, 0.1)
    send(SENT, 0.3)
    clock.forward(10)
    send(DEAD, code="HTTP_404")
    with database.transaction() as connection:
        box = Outbox(database, clock)
        box.enqueue(connection, [new_message(channel_id="barn", muted_by="s1")], clock.moment)

    barn, hub = OutboxLog(database, clock).stats(ALL).channels

    assert (barn.channel_id, barn.total, barn.muted, barn.success_rate) == ("barn", 1, 1, None)
    assert (barn.last_sent_at, barn.last_error_at, barn.error_codes) == (None, None, ())
    assert (hub.channel_id, hub.total, hub.sent, hub.dead, hub.pending) == ("hub", 3, 2, 1, 0)
    assert (hub.success_rate, hub.error_codes) == (2 / 3, (("HTTP_404", 1),))
    assert hub.latency_avg_ms == pytest.approx(200)
    assert (hub.last_sent_at, hub.last_error_at) == (START, START + timedelta(seconds=10))


def test_nothing_sent_is_no_success_rate(database, clock, send):
    send(RETRY)

    stats = OutboxLog(database, clock).stats(ALL)

    assert (stats.success_rate, stats.latency_p95_ms) == (None, None)
    assert OutboxLog(database, clock).stats(MessageFilters(channel_id="other")).total == 0


def test_trends_have_every_bucket(database, clock, send):
    send(SENT)
    clock.forward(3 * 3600)
    send(DEAD)
    window = MessageFilters(since=START - timedelta(hours=1), until=START + timedelta(hours=4))

    found = OutboxLog(database, clock).trends(window, "hour")

    assert [(bucket.sent, bucket.dead) for bucket in found] == [(0, 0), (1, 0), (0, 0), (0, 0), (0, 1)]
    assert found[0].start == START - timedelta(hours=1)


def test_days_begin_where_the_farm_is_and_may_have_23_hours():
    since, until = datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 30, 12, tzinfo=UTC)

    borders = bucket_borders(since, until, "day", "Europe/Berlin")

    assert [border.isoformat() for border in borders] == [
        "2026-03-27T23:00:00+00:00",
        "2026-03-28T23:00:00+00:00",
        "2026-03-29T22:00:00+00:00",  # clocks go forward that night
    ]


@pytest.mark.parametrize(
    ("days", "bucket", "zone", "says"),
    [(60, "hour", "UTC", "at most 1000"), (1, "week", "UTC", "hour or day"), (1, "day", "Mars", "time zone")],
)
def test_buckets_are_bounded(days, bucket, zone, says):
    with pytest.raises(ParameterError, match=says):
        bucket_borders(START, START + timedelta(days=days), bucket, zone)


def test_lists_are_paged_and_filtered(database, clock, send):
    for number in range(5):
        send(SENT if number % 2 else DEAD, channel_id="hub" if number < 4 else "other")
        clock.forward(1)
    log = OutboxLog(database, clock)

    first = log.messages(ALL, Request(limit=3))
    rest = log.messages(ALL, Request(cursor=first.next_cursor, limit=3))
    dead = log.messages(MessageFilters(states=["DEAD"], channel_id="hub"), Request())

    assert [row.created_at for row in (*first.items, *rest.items)] == [
        START + timedelta(seconds=n) for n in (4, 3, 2, 1, 0)
    ]
    assert [row.created_at for row in dead.items] == [START + timedelta(seconds=n) for n in (2, 0)]
    [one] = log.attempts_of(first.items[0].id)
    assert log.attempt(one.id) == one == log.attempts(ALL, Request()).items[0]
    assert log.channels() == ("hub", "other")


def test_old_messages_go_and_attempts_stay_longer(database, clock, send):
    sent, dead = send(SENT), send(DEAD)
    with database.transaction() as connection:
        Outbox(database, clock).enqueue(connection, [new_message(muted_by="s1")], clock.moment)
    retention = OutboxRetention(database, clock)

    clock.forward(90 * 86_400)
    assert retention.forget() == 0
    clock.forward(1)
    assert retention.forget() == 2
    assert retention.forget() == 0
    kept = {row.id: row.payload for row in rows_of(database, outbox)}
    assert kept == {sent.id: "", dead.id: "{}"}
    assert len(rows_of(database, attempt)) == 2
    with pytest.raises(ConflictError, match="not kept any more"):
        Replays(database, clock).replay(sent.id, "anna")

    clock.forward(310 * 86_400)
    assert retention.forget() == 2
    assert rows_of(database, outbox) == rows_of(database, attempt) == []


def test_what_waits_is_not_deleted(database, clock, send):
    send(RETRY)
    clock.forward(500 * 86_400)

    assert OutboxRetention(database, clock).forget() == 0
    assert len(rows_of(database, outbox)) == 1
