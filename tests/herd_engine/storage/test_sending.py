"""A message is sent by one process at a time, in its order, until it is sent or given up."""

import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from herd_engine.storage.attempts import Attempts
from herd_engine.storage.channel_states import ChannelStates
from herd_engine.storage.operation_tables import attempt, audit, outbox
from herd_engine.storage.outbox import Outbox
from herd_engine.storage.outbox_rows import AttemptOutcome, SendResult
from tests.herd_engine.storage.clocks import START, SetClock
from tests.herd_engine.storage.messages import new_message

HOUR, DAY = 3600, 86_400


@pytest.fixture
def clock():
    return SetClock()


@pytest.fixture
def box(database, clock):
    return Outbox(database, clock)


@pytest.fixture
def attempts(database, clock):
    return Attempts(database, clock)


@pytest.fixture
def enqueue(database, box, clock):
    def keep(*messages):
        with database.transaction() as connection:
            box.enqueue(connection, messages, clock.moment)

    return keep


def rows_of(database, table):
    with database.reading() as connection:
        return connection.execute(sa.select(table)).all()


def sent():
    return SendResult(outcome=AttemptOutcome.SENT, duration_seconds=0.25, http_status=204)


def failed(outcome=AttemptOutcome.RETRY, **changes):
    values = {"http_status": 503, "error_code": "HTTP_503", "retry_seconds": 5.0, "duration_seconds": 0.1}
    return SendResult(outcome=outcome, **(values | changes))


def nobody(reason):
    return ()


def test_a_claim_of_ten_takes_ten(own_database):
    """Of a table without statistics, as a fresh one is: there one statement would take all."""
    with own_database.transaction() as connection:
        Outbox(own_database).enqueue(connection, [new_message() for _ in range(600)], START)

    claimed = Outbox(own_database).claim("w1", ["hub"], 10)

    held = [row for row in rows_of(own_database, outbox) if row.lease_owner == "w1"]
    assert len(claimed) == len(held) == 10


def test_what_is_claimed_is_nobody_elses_for_a_minute(box, enqueue, clock):
    enqueue(new_message())

    assert len(box.claim("w1", ["hub"])) == 1
    clock.forward(59.999)
    assert box.claim("w2", ["hub"]) == ()
    clock.forward(0.001)
    assert len(box.claim("w2", ["hub"])) == 1


def test_only_channels_that_can_be_sent_to_are_claimed(box, enqueue):
    enqueue(new_message(channel_id="hub"), new_message(channel_id="barn-mail"))

    assert [row.channel_id for row in box.claim("w1", ["barn-mail"])] == ["barn-mail"]
    assert box.claim("w1", []) == ()


def test_a_muted_message_is_not_claimed(box, enqueue):
    enqueue(new_message(muted_by="silence-1"))

    assert box.claim("w1", ["hub"]) == ()


def test_the_oldest_is_claimed_first(box, enqueue, clock):
    for name in ("e1", "e2", "e3"):
        enqueue(new_message(event_id=name))
        clock.forward(1)

    assert [row.event_id for row in box.claim("w1", ["hub"])] == ["e1", "e2", "e3"]


def test_an_attempt_is_kept_before_anything_is_sent_and_ended_once(box, attempts, enqueue, clock, database):
    enqueue(new_message())
    [message] = box.claim("w1", ["hub"])
    begun = attempts.begin(message, "w1", "a" * 64)
    [before] = rows_of(database, attempt)
    assert (before.outcome, before.number, before.started_at, before.ended_at) == ("STARTED", 1, START, None)
    clock.forward(2)

    assert attempts.end(begun, sent(), nobody)
    assert not attempts.end(begun, failed(), nobody)

    [after], [row] = rows_of(database, attempt), rows_of(database, outbox)
    assert (after.outcome, after.http_status, after.duration_seconds) == ("SENT", 204, 0.25)
    assert after.ended_at == START + timedelta(seconds=2)
    assert (row.state, row.attempts, row.last_status, row.lease_owner) == ("SENT", 1, 204, None)
    assert row.sent_at == START + timedelta(seconds=2)


@pytest.mark.parametrize("values", [{"outcome": "SENT"}, {"error_text": "nothing happened"}])
def test_the_database_refuses_to_change_an_attempt_that_has_ended(box, attempts, enqueue, database, values):
    enqueue(new_message())
    [message] = box.claim("w1", ["hub"])
    attempts.end(attempts.begin(message, "w1", "a" * 64), failed(), nobody)

    with pytest.raises(Exception, match="an attempt that has ended is final"):
        change(database, values)

    assert rows_of(database, attempt)[0].outcome == "RETRY"


def change(database, values):
    with database.transaction() as connection:
        connection.execute(sa.update(attempt).values(**values))


def test_a_failed_attempt_is_repeated_when_it_is_due(box, attempts, enqueue, clock, database):
    enqueue(new_message())
    [message] = box.claim("w1", ["hub"])
    text = "503 Service\x1b[31m Unavailable" + "!" * 300 + "\nand more"
    attempts.end(attempts.begin(message, "w1", "a" * 64), failed(error_text=text), nobody)

    clock.forward(4.999)
    assert box.claim("w1", ["hub"]) == ()
    clock.forward(0.001)
    [again] = box.claim("w1", ["hub"])

    [row] = rows_of(database, attempt)
    assert (again.state, again.attempts, again.last_error_code) == ("RETRYING", 1, "HTTP_503")
    assert row.error_text == ("503 Service [31m Unavailable" + "!" * 300)[:240]


def test_the_last_attempt_that_fails_is_the_end(box, attempts, enqueue, clock, database):
    enqueue(new_message(max_attempts=2))
    for _ in range(2):
        [message] = box.claim("w1", ["hub"])
        attempts.end(attempts.begin(message, "w1", "a" * 64), failed(), nobody)
        clock.forward(5)

    assert box.claim("w1", ["hub"]) == ()
    assert [row.state for row in rows_of(database, outbox)] == ["DEAD"]
    assert [row.outcome for row in rows_of(database, attempt)] == ["RETRY", "DEAD"]


def test_who_lost_a_message_neither_sends_it_nor_ends_it(box, attempts, enqueue, clock, database):
    enqueue(new_message())
    [message] = box.claim("w1", ["hub"])
    begun = attempts.begin(message, "w1", "a" * 64)
    clock.forward(60)

    [taken] = box.claim("w2", ["hub"])

    assert attempts.begin(message, "w1", "a" * 64) is None
    assert not attempts.end(begun, sent(), nobody)
    [lost] = rows_of(database, attempt)
    assert (lost.outcome, lost.ended_at) == ("LOST", START + timedelta(seconds=60))
    assert attempts.end(attempts.begin(taken, "w2", "a" * 64), sent(), nobody)
    assert [row.state for row in rows_of(database, outbox)] == ["SENT"]


def test_a_message_that_ends_every_process_is_given_up(box, attempts, enqueue, clock, database):
    enqueue(new_message(max_attempts=3))
    for _ in range(3):
        [message] = box.claim("w1", ["hub"])
        attempts.begin(message, "w1", "a" * 64)
        clock.forward(60)

    assert box.claim("w1", ["hub"]) == ()
    [row] = rows_of(database, outbox)
    assert (row.state, row.last_error_code, row.lease_owner) == ("DEAD", "LOST", None)


@pytest.mark.parametrize("outcome", [AttemptOutcome.SENT, AttemptOutcome.DEAD])
def test_a_message_waits_for_the_one_before_about_its_alert(box, attempts, enqueue, clock, outcome):
    firing = new_message(alert_id="a1")
    resolved = new_message(alert_id="a1", event_type="alert.resolved")
    enqueue(firing, resolved, new_message(alert_id="a2", event_id="other"))

    claimed = box.claim("w1", ["hub"])
    assert {row.event_id for row in claimed} == {firing.event_id, "other"}
    assert box.claim("w2", ["hub"]) == ()
    first = next(row for row in claimed if row.event_id == firing.event_id)
    attempts.end(attempts.begin(first, "w1", "a" * 64), failed(retry_seconds=50), nobody)
    clock.forward(49)
    assert box.claim("w2", ["hub"]) == ()
    clock.forward(1)
    [first] = box.claim("w2", ["hub"])
    attempts.end(attempts.begin(first, "w2", "a" * 64), failed(outcome), nobody)

    [second] = box.claim("w2", ["hub"])
    assert second.event_id == resolved.event_id


def fail_for(days, box, attempts, clock, *, every_hours=12):
    for _ in range(int(days * 24 / every_hours)):
        for message in box.claim("w1", ["hub"], 1):
            attempts.end(attempts.begin(message, "w1", "a" * 64), failed(AttemptOutcome.DEAD), told_to_others)
        clock.forward(every_hours * HOUR)


def told_to_others(reason):
    return [new_message(channel_id="barn-mail", event_type="channel.disabled", payload=reason)]


def test_a_channel_that_fails_for_five_days_is_disabled_and_the_others_are_told(
    box, attempts, enqueue, clock, database
):
    enqueue(*[new_message() for _ in range(20)])
    states = ChannelStates(database, clock)

    fail_for(5, box, attempts, clock)
    assert states.disabled() == frozenset()
    fail_for(1, box, attempts, clock)

    state = states.all()["hub"]
    assert (state.failing_since, state.disabled_at) == (START, START + timedelta(days=5))
    assert state.reason == "FAILED_FOR_DAYS"
    assert [row.payload for row in rows_of(database, outbox) if row.channel_id == "barn-mail"] == [
        "FAILED_FOR_DAYS"
    ]
    assert [(row.action, row.object) for row in rows_of(database, audit)] == [
        ("CHANNEL_DISABLED", "channel/hub")
    ]


def test_one_success_begins_the_five_days_anew(box, attempts, enqueue, clock, database):
    enqueue(*[new_message() for _ in range(30)])
    fail_for(4, box, attempts, clock)
    [message] = box.claim("w1", ["hub"], 1)
    attempts.end(attempts.begin(message, "w1", "a" * 64), sent(), nobody)

    fail_for(4, box, attempts, clock)

    assert ChannelStates(database, clock).disabled() == frozenset()


def test_a_channel_that_is_gone_is_disabled_at_once_and_can_be_enabled(
    box, attempts, enqueue, clock, database
):
    enqueue(new_message())
    [message] = box.claim("w1", ["hub"])
    result = failed(AttemptOutcome.DEAD, closes_channel="GONE")
    attempts.end(attempts.begin(message, "w1", "a" * 64), result, told_to_others)
    states = ChannelStates(database, clock)

    assert states.disabled() == {"hub"}
    assert states.enable("hub", "anna")
    assert not states.enable("hub", "anna")
    assert states.disabled() == frozenset()
    assert [row.action for row in rows_of(database, audit)] == ["CHANNEL_DISABLED", "CHANNEL_ENABLED"]


@pytest.mark.slow
def test_three_senders_of_which_one_is_killed_send_600_messages(database, url, tmp_path):
    """Each arrives; the one that was sent and not written down arrives twice, under the same id."""
    messages = [new_message() for _ in range(600)]
    with database.transaction() as connection:
        Outbox(database).enqueue(connection, messages, START)
    received = tmp_path / "received"
    program = [sys.executable, "-m", "tests.herd_engine.storage.sender", url]
    senders = [
        subprocess.Popen([*program, owner, str(received), str(die_after)])
        for owner, die_after in (("w1", 55), ("w2", -1), ("w3", -1))
    ]
    assert [sender.wait(timeout=240) for sender in senders] == [-9, 0, 0]
    with database.transaction() as connection:  # a minute goes by
        connection.execute(sa.update(outbox).values(lease_until=START))
    assert subprocess.run([*program, "w4", str(received), "-1"], check=False, timeout=60).returncode == 0

    arrived = Counter(line.split()[0] for line in received.read_text().splitlines())
    assert set(arrived) == {message.event_id for message in messages}
    assert sorted(arrived.values())[-2:] == [1, 2]
    assert {row.state for row in rows_of(database, outbox)} == {"SENT"}
    outcomes = Counter(row.outcome for row in rows_of(database, attempt))
    assert outcomes == {"SENT": 600, "LOST": 1}
