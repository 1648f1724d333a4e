"""What is wrong with who is told and what is watched, in words, and what to do about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from herd_engine.monitoring.alerts.policy_files import PolicyBook
from herd_engine.monitoring.notifications.channels import FILE, ChannelBook
from herd_engine.storage.alerts import AlertTable
from herd_engine.storage.channel_states import ChannelStates
from herd_engine.storage.database import Database
from herd_engine.storage.outbox_log import OutboxLog
from herd_engine.storage.outbox_retention import REMOVED_DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldTrouble:
    """What is wrong with who is told, or with what is watched.

    Attributes
    ----------
    what, to_do : str
    is_fault : bool
        Whether something does not work as it was written down; else somebody ought to know.
    """

    what: str
    to_do: str
    is_fault: bool

    def __str__(self) -> str:
        return f"{self.what}. {self.to_do}"


def channel_troubles(database: Database, home: Path) -> Iterator[ToldTrouble]:
    """Yield what is wrong with channels: a faulty file, one that is disabled, messages that nobody gets."""
    book = ChannelBook(home)
    channels = book.channels()
    if book.fault is not None:
        to_do = "Correct the file; until then what it said before holds, or nobody is told"
        yield ToldTrouble(what=str(book.fault).removesuffix("."), to_do=f"{to_do}.", is_fault=True)
    for row in ChannelStates(database).all().values():
        if row.disabled_at is not None and row.channel_id in channels:
            what = f"The channel {row.channel_id} is disabled since {row.disabled_at:%Y-%m-%d %H:%M} UTC"
            to_do = f"See to its receiver, then run `herd deliveries enable {row.channel_id}`."
            yield ToldTrouble(what=f"{what} ({row.reason})", to_do=to_do, is_fault=False)
    if book.fault is not None:
        return  # which channels there are is not known
    for name, n_waiting in OutboxLog(database).waiting().items():
        if name not in channels:
            what = f"{n_waiting:,} messages wait for the channel {name}, which is not in {FILE}"
            to_do = f"Write it in again; {REMOVED_DAYS} days after they were made they are given up."
            yield ToldTrouble(what=what, to_do=to_do, is_fault=False)


def policy_troubles(database: Database, home: Path) -> Iterator[ToldTrouble]:
    """Yield which files of policies, or policies that were set here, cannot be used."""
    book = PolicyBook(home, AlertTable(database))
    book.held()
    for fault in book.faults.values():
        to_do = (
            "Correct it (`herd alerts check FILE`); until then what it said before holds, or nothing does."
        )
        yield ToldTrouble(what=str(fault).removesuffix("."), to_do=to_do, is_fault=True)
