"""What keeps messages from those who are to be told is told itself, and does not last for ever."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from herd_engine.monitoring.notifications.channels import ChannelBook
from herd_engine.monitoring.notifications.events import OutgoingEvent, messages_of
from herd_engine.monitoring.told_checks import channel_troubles, policy_troubles
from herd_engine.storage.channel_states import note_failure
from herd_engine.storage.database import Database
from herd_engine.storage.operation_tables import outbox
from herd_engine.storage.outbox import Outbox
from herd_engine.storage.outbox_retention import OutboxRetention
from herd_engine.storage.replays import Replays
from tests.herd_engine.storage.clocks import START, SetClock

BOTH = """
version: 1
channels:
  - {id: barn, kind: folder, folder: told}
  - {id: desk, kind: folder, folder: desk}
"""
WITHOUT_DESK = BOTH.replace("  - {id: desk, kind: folder, folder: desk}\n", "")


@pytest.fixture
def write(home: Path) -> Callable[[str], None]:
    return lambda text: (home / "channels.yaml").write_text(text, encoding="utf-8") and None


def tell(database: Database, home: Path) -> None:
    event = OutgoingEvent(
        type="alert.firing", at=START, source="/herd/test", severity="HIGH", subject="alert/a1", data={}
    )
    with database.transaction() as connection:
        Outbox(database).enqueue(connection, messages_of(event, ChannelBook(home).channels()), START)


def states(database: Database) -> dict[str, tuple[str, str]]:
    with database.reading() as connection:
        return {row.channel_id: (row.state, row.reason) for row in connection.execute(sa.select(outbox))}


def test_messages_of_a_removed_channel_are_told_and_given_up_after_five_days(
    database: Database, home: Path, write: Callable[[str], None]
) -> None:
    write(BOTH)
    tell(database, home)
    assert [*channel_troubles(database, home)] == []

    write(WITHOUT_DESK)
    (trouble,) = channel_troubles(database, home)
    assert trouble.what == "1 messages wait for the channel desk, which is not in channels.yaml"
    assert (trouble.is_fault, "5 days" in trouble.to_do) == (False, True)

    clock = SetClock()
    retention = OutboxRetention(database, clock)
    clock.moment = START + timedelta(days=5) - timedelta(seconds=1)
    assert retention.give_up_removed(["barn"]) == 0
    clock.moment = START + timedelta(days=5)
    assert retention.give_up_removed(["barn"]) == 1
    assert states(database) == {"barn": ("PENDING", ""), "desk": ("DEAD", "CHANNEL_REMOVED")}
    assert [*channel_troubles(database, home)] == []
    assert Replays(database).replay_dead("anna") == 1  # should it come back


def test_a_faulty_file_is_a_fault_and_removes_no_channel(
    database: Database, home: Path, write: Callable[[str], None]
) -> None:
    write(BOTH)
    tell(database, home)

    write(BOTH.replace("folder: desk", "address: desk"))
    (trouble,) = channel_troubles(database, home)

    assert trouble.is_fault
    assert "channels.1.address" in trouble.what
    assert "Correct the file" in trouble.to_do


def test_a_disabled_channel_is_told_until_it_is_enabled(
    database: Database, home: Path, write: Callable[[str], None]
) -> None:
    write(BOTH)
    with database.transaction() as connection:
        note_failure(connection, "desk", START, closes="GONE")

    (trouble,) = channel_troubles(database, home)

    assert trouble.what == f"The channel desk is disabled since {START:%Y-%m-%d %H:%M} UTC (GONE)"
    assert "herd deliveries enable desk" in trouble.to_do


def test_a_faulty_file_of_policies_is_a_fault(database: Database, home: Path) -> None:
    (home / "alerts").mkdir()
    (home / "alerts" / "old.yaml").write_text("version: 1\npolicies: [{id: x}]\n", encoding="utf-8")

    (trouble,) = policy_troubles(database, home)

    assert trouble.is_fault
    assert "old.yaml" in trouble.what
    assert "herd alerts check" in trouble.to_do
