"""What is due arrives, signed, once; what does not is tried again as long as it makes sense."""

import hashlib
import hmac
import json
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from threading import Event

import pytest
import sqlalchemy as sa
import standardwebhooks

from herd_engine.errors import ConflictError
from herd_engine.monitoring.notifications.channels import ChannelBook
from herd_engine.monitoring.notifications.dispatch import Dispatcher
from herd_engine.monitoring.notifications.events import OutgoingEvent, messages_of
from herd_engine.monitoring.notifications.senders import RETRY_SECONDS, retry_seconds
from herd_engine.storage.channel_states import ChannelStates
from herd_engine.storage.leases import Leases
from herd_engine.storage.operation_tables import attempt, outbox
from herd_engine.storage.outbox import Outbox
from herd_engine.storage.outbox_rows import MessageRow
from tests.herd_engine.monitoring.notifications.conftest import OLD_SECRET, SECRET, Answer
from tests.herd_engine.storage.clocks import START, SetClock

HUB = """
version: 1
channels:
  - id: hub
    kind: webhook
    url: {url}
    secrets: ["${{HUB_SECRET}}", "${{OLD_HUB_SECRET}}"]
    allow: [{allow}]
    timeout: 5
  - {{id: archive, kind: folder, folder: told, events: [channel.*]}}
"""


@pytest.fixture
def clock():
    return SetClock()


@pytest.fixture
def dispatcher(database, home, receiver, clock):
    (home / "channels.yaml").write_text(HUB.format(url=receiver.url, allow="127.0.0.0/8"))
    return Dispatcher(database, ChannelBook(home), "/herd/test", clock)


def firing(**changes):
    values = {"type": "alert.firing", "at": START, "source": "/herd/test", "severity": "HIGH"}
    values |= {"subject": "farm/f1/alert/a1", "data": {"alert": {"id": "a1", "policy": "milking_floor"}}}
    return OutgoingEvent(**(values | changes))


def enqueue(database, home, event):
    with database.transaction() as connection:
        Outbox(database).enqueue(connection, messages_of(event, ChannelBook(home).channels()), START)
    return event


def the_one(database, table):
    with database.reading() as connection:
        return connection.execute(sa.select(table)).one()


def read(headers, body, secret):
    return standardwebhooks.Webhook(secret).verify(body, headers)


def test_a_message_arrives_signed_with_both_secrets(database, home, receiver, dispatcher):
    event = enqueue(database, home, firing())

    done = dispatcher.dispatch()

    [(headers, body)] = receiver.got
    assert (done.n_claimed, done.n_sent) == (1, 1)
    assert headers["webhook-id"] == event.id
    for secret in (SECRET, OLD_SECRET):
        assert read(headers, body, secret)["data"]["alert"]["id"] == "a1"
    assert the_one(database, outbox).state == "SENT"
    assert the_one(database, attempt).http_status == 204


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"body": b"{}"}, "No matching signature"),
        ({"webhook-id": "other"}, "No matching signature"),
        ({"webhook-timestamp": "1600000000"}, "too old"),
        ({"secret": "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}, "No matching signature"),
    ],
)
def test_a_receiver_sees_what_was_changed(home, receiver, database, dispatcher, change, says):
    enqueue(database, home, firing())
    dispatcher.dispatch()
    [(headers, body)] = receiver.got

    headers |= {name: value for name, value in change.items() if name in headers}
    with pytest.raises(standardwebhooks.WebhookVerificationError, match=says):
        read(headers, change.get("body", body), change.get("secret", SECRET))


def test_signatures_are_over_the_very_bytes(database, home, receiver, dispatcher):
    enqueue(database, home, firing())
    dispatcher.dispatch()
    [(headers, body)] = receiver.got
    written_anew = json.dumps(json.loads(body), separators=(",", ":")).encode()

    with pytest.raises(standardwebhooks.WebhookVerificationError, match="No matching signature"):
        read(headers, written_anew, SECRET)


@pytest.mark.parametrize(
    ("status", "state"), [(301, "DEAD"), (404, "DEAD"), (500, "RETRYING"), (408, "RETRYING")]
)
def test_what_makes_sense_is_tried_again(database, home, receiver, dispatcher, status, state):
    receiver.answers = [Answer(status, {"location": receiver.url})]
    enqueue(database, home, firing())

    dispatcher.dispatch()

    row = the_one(database, outbox)
    assert (row.state, row.last_status, row.last_error_code) == (state, status, f"HTTP_{status}")
    assert len(receiver.got) == 1


@pytest.mark.parametrize(
    ("seconds", "expected"), [((0.5, 15), ("SENT", None)), ((300, 0.3), ("RETRYING", "TIMEOUT"))]
)
def test_a_slow_receiver_has_its_time_and_no_more(database, home, receiver, dispatcher, seconds, expected):
    takes, timeout = seconds
    receiver.answers = [Answer(after_seconds=takes)]
    text = HUB.format(url=receiver.url, allow="127.0.0.0/8").replace("timeout: 5", f"timeout: {timeout}")
    (home / "channels.yaml").write_text(text)
    enqueue(database, home, firing())

    dispatcher.dispatch()

    row = the_one(database, outbox)
    assert (row.state, row.last_error_code) == expected


def test_eight_failures_and_the_ninth_are_the_end(database, home, receiver, dispatcher, clock):
    receiver.answers = [Answer(500)]
    enqueue(database, home, firing())
    waited = []
    for _ in range(9):
        assert dispatcher.dispatch().n_failed == 1
        row = the_one(database, outbox)
        waited.append((row.due_at - clock.moment).total_seconds())
        clock.moment = row.due_at

    assert row.state == "DEAD"
    assert len(receiver.got) == 9
    assert {headers["webhook-id"] for headers, _ in receiver.got} == {row.event_id}
    planned = (5, 60, 300, 1800, 7200, 18_000, 36_000, 36_000)
    assert all(0.8 * n <= found <= 1.2 * n for n, found in zip(planned, waited, strict=False))


@pytest.mark.parametrize(
    ("said", "seconds"), [("120", 120), ("100000", 86_400), ("-3", None), ("soon", None), ("0", None)]
)
def test_a_receiver_says_when_to_come_back(database, home, receiver, dispatcher, said, seconds):
    receiver.answers = [Answer(429, {"retry-after": said})]
    enqueue(database, home, firing())

    dispatcher.dispatch()

    waiting = (the_one(database, outbox).due_at - START).total_seconds()
    assert waiting == seconds or (seconds is None and 4 <= waiting <= 6)


def example_row(**changes):
    values = {"id": "m1", "event_id": "e1", "channel_id": "hub", "event_type": "alert.firing"}
    values |= dict.fromkeys(("alert_id", "farm_id", "muted_by", "replay_of", "last_status"))
    values |= {"severity": "HIGH", "payload": "{}", "state": "PENDING", "attempts": 0, "max_attempts": 9}
    values |= {"due_at": START, "reason": "", "last_error_code": None, "created_at": START, "sent_at": None}
    return MessageRow(**(values | changes))


def test_a_date_to_come_back_at_is_understood():
    then = format_datetime(START + timedelta(seconds=600), usegmt=True)

    assert retry_seconds(example_row(), then, START) == 600


def test_many_that_failed_together_do_not_come_back_together():
    waits = [retry_seconds(example_row(id=f"m{n}")) for n in range(1000)]

    assert 4.0 <= min(waits) < 4.05
    assert 5.95 < max(waits) <= 6.0
    assert abs(sum(waits) / 1000 - RETRY_SECONDS[0]) < 4 * 2 / 12**0.5 / 1000**0.5  # uniform over 2 seconds


def test_a_channel_that_is_gone_is_disabled_and_the_others_are_told(
    database, home, receiver, dispatcher, clock
):
    receiver.answers = [Answer(410)]
    enqueue(database, home, firing())

    dispatcher.drain(Event())

    state = ChannelStates(database, clock).all()["hub"]
    assert (state.disabled_at, state.reason) == (START, "GONE")
    [file] = (home / "told").glob("*.jsonl")
    [line] = file.read_text().splitlines()
    told = json.loads(line)
    assert (told["type"], told["data"]["channel"]) == ("channel.disabled", {"id": "hub", "reason": "GONE"})
    enqueue(database, home, firing())
    assert dispatcher.dispatch().n_claimed == 0
    assert len(receiver.got) == 1


@pytest.mark.parametrize("found", ["127.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1"])
def test_a_name_that_leads_inside_is_blocked(database, home, dispatcher, receiver, monkeypatch, found):
    text = HUB.format(url=f"http://hooks.example:{receiver.port}/", allow="10.0.0.0/8")
    (home / "channels.yaml").write_text(text)
    enqueue(database, home, firing())
    where = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (found, receiver.port))]
    with monkeypatch.context() as patched:
        patched.setattr("herd_engine.sending.web.socket.getaddrinfo", lambda *_, **__: where)
        dispatcher.dispatch()

    row = the_one(database, outbox)
    assert (row.state, row.last_error_code) == ("DEAD", "TARGET_BLOCKED")
    assert receiver.got == []


def test_a_message_that_cannot_be_made_keeps_nobody_back(database, home, receiver, dispatcher):
    (home / "secrets").write_text(SECRET)
    text = HUB.format(url=receiver.url, allow="127.0.0.0/8")
    secrets = 'secrets: ["${HUB_SECRET}", "${OLD_HUB_SECRET}"]'
    (home / "channels.yaml").write_text(text.replace(secrets, "secrets_file: secrets"))
    enqueue(database, home, firing())
    dispatcher.book.channels()
    (home / "secrets").unlink()

    dispatcher.dispatch()

    row = the_one(database, outbox)
    assert (row.state, row.last_error_code) == ("RETRYING", "NOT_MADE")


def test_the_first_contracts_headers_are_sent_on_request(database, home, receiver, dispatcher):
    text = HUB.format(url=receiver.url, allow="127.0.0.0/8")
    (home / "channels.yaml").write_text(text.replace("timeout: 5", "compat: preflight"))
    enqueue(database, home, firing())

    dispatcher.dispatch()

    [(headers, body)] = receiver.got
    signed = f"{headers['x-preflight-timestamp']}.".encode() + body
    expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["x-preflight-signature"] == f"sha256={expected}"
    assert headers["x-preflight-event"] == "alert.firing"


def test_a_large_event_is_shortened_to_what_it_is_about():
    about = {"id": "a1", "policy": "p", "severity": "HIGH", "state": "FIRING", "note": "ы" * 20_000}

    body = firing(data={"alert": about}).body()

    assert len(body.encode()) <= 20 * 1024
    told = json.loads(body)["data"]
    assert (told["alert"], told["shortened"]) == ({k: v for k, v in about.items() if k != "note"}, True)


def test_an_event_says_what_where_and_when():
    event = firing(farm=("f1", "North"), at=datetime(2026, 2, 26, 12, 0, 1, tzinfo=UTC))

    told = json.loads(event.body())

    assert (told["type"], told["timestamp"]) == ("alert.firing", "2026-02-26T12:00:01Z")
    assert told["data"]["farm"] == {"id": "f1", "name": "North"}
    assert told["data"]["id"] == event.id
    assert told["data"]["test"] is False


def test_who_lost_its_task_sends_nothing(database, home, receiver, dispatcher, clock):
    """Before the messages were claimed, and between the claim and the first of them."""
    leases = Leases(database, clock)
    enqueue(database, home, firing())
    mine = leases.take("dispatch", "w1", 30)

    def prove(connection):
        if not leases.keep(connection, mine, 30):
            raise ConflictError("It is another's by now.", "lease_lost")
        clock.forward(31)  # it stands still for so long after each look
        return mine.epoch

    with pytest.raises(ConflictError):
        dispatcher.dispatch(prove)  # claims, and does not begin
    row = the_one(database, outbox)
    assert (row.state, row.attempts) == ("PENDING", 0)
    theirs = leases.take("dispatch", "w2", 30)
    clock.forward(60)
    with pytest.raises(ConflictError):
        dispatcher.dispatch(prove)  # does not claim

    assert receiver.got == []
    other = Dispatcher(database, dispatcher.book, "/herd/test", clock)
    assert other.dispatch(lambda _: theirs.epoch).n_sent == 1
    assert len(receiver.got) == 1
    assert the_one(database, attempt).epoch == 2


def test_what_is_sent_on_a_wish_is_of_no_epoch(database, home, dispatcher):
    enqueue(database, home, firing())

    dispatcher.dispatch()

    assert (the_one(database, outbox).epoch, the_one(database, attempt).epoch) == (None, None)
