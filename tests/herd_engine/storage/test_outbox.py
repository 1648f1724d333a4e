"""Messages stand with what they tell, each once, in the order in which they are to arrive."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from herd_engine.storage.database_clock import database_now
from herd_engine.storage.operation_tables import outbox
from herd_engine.storage.outbox import Outbox
from tests.herd_engine.storage.messages import new_message

AT = datetime(2026, 2, 26, 12, tzinfo=UTC)
FIRING, RESOLVED = "alert.firing", "alert.resolved"


def enqueue(database, *messages):
    with database.transaction() as connection:
        Outbox(database).enqueue(connection, messages, AT)


def stored(database):
    with database.reading() as connection:
        return connection.execute(sa.select(outbox).order_by(outbox.c.sequence, outbox.c.created_at)).all()


def test_the_databases_time_is_now_in_milliseconds(database):
    with database.transaction() as connection:
        told = database_now(connection)
        again = database_now(connection)

    assert abs(told - datetime.now(UTC)) < timedelta(seconds=5)  # the server runs on this machine
    assert told.microsecond % 1000 == 0
    assert told <= again


def test_the_databases_time_goes_on_within_a_transaction(database):
    with database.transaction() as connection:
        first = database_now(connection)
        while (later := database_now(connection)) == first:
            pass

    assert later > first


def test_a_message_waits_from_the_moment_it_was_written(database):
    enqueue(database, new_message(payload='{"type":"alert.firing"}'))

    [row] = stored(database)
    assert (row.state, row.attempts, row.due_at, row.created_at) == ("PENDING", 0, AT, AT)
    assert row.payload == '{"type":"alert.firing"}'


def test_nothing_is_kept_of_a_transaction_that_fails(database):
    without_severity = new_message(severity=None)

    with pytest.raises(sa.exc.IntegrityError, match="severity"):
        enqueue(database, new_message(), without_severity)

    assert stored(database) == []


def test_an_event_goes_to_each_channel_once(database):
    first, other = new_message(event_id="e1"), new_message(event_id="e1", channel_id="barn-mail")

    enqueue(database, first, other)
    enqueue(database, first)

    assert sorted(row.channel_id for row in stored(database)) == ["barn-mail", "hub"]


def test_a_muted_message_is_kept_and_does_not_wait(database):
    enqueue(database, new_message(muted_by="silence-1"))

    [row] = stored(database)
    assert (row.state, row.muted_by) == ("MUTED", "silence-1")


def test_messages_about_one_alert_are_numbered_for_each_channel(database):
    enqueue(
        database,
        new_message(alert_id="a1"),
        new_message(alert_id="a1", event_type=RESOLVED),
        new_message(alert_id="a2"),
        new_message(alert_id="a1", channel_id="barn-mail"),
    )

    numbers = [(row.channel_id, row.alert_id, row.sequence) for row in stored(database)]
    assert sorted(numbers) == [("barn-mail", "a1", 1), ("hub", "a1", 1), ("hub", "a1", 2), ("hub", "a2", 1)]


@pytest.mark.parametrize(
    ("types", "states"),
    [
        ([RESOLVED, FIRING, RESOLVED, FIRING], ["DISCARDED", "DISCARDED", "PENDING", "PENDING"]),
        ([FIRING, RESOLVED, FIRING], ["PENDING"] * 3),
        ([FIRING, RESOLVED, FIRING, RESOLVED, FIRING], ["DISCARDED"] * 2 + ["PENDING"] * 3),
        ([FIRING, RESOLVED] * 3, ["DISCARDED"] * 4 + ["PENDING"] * 2),
        ([FIRING] * 4, ["PENDING"] * 4),
        ([FIRING, RESOLVED, "alert.no_data", RESOLVED], ["PENDING"] * 4),
    ],
)
def test_two_pairs_that_wait_become_one(database, types, states):
    enqueue(database, *[new_message(alert_id="a1", event_type=kind) for kind in types])

    rows = stored(database)
    assert [row.state for row in rows] == states
    assert {row.reason for row in rows if row.state == "DISCARDED"} <= {"COLLAPSED"}


def test_what_was_tried_is_not_discarded(database):
    enqueue(database, *[new_message(alert_id="a1", event_type=kind) for kind in (FIRING, RESOLVED)])
    with database.transaction() as connection:
        connection.execute(sa.update(outbox).where(outbox.c.sequence == 1).values(attempts=1))

    enqueue(database, *[new_message(alert_id="a1", event_type=kind) for kind in (FIRING, RESOLVED)])

    assert [row.state for row in stored(database)] == ["PENDING"] * 4
