"""Runs and reports as messages: what ended, how, and where it is; the numbers themselves stay here."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from herd_engine.model.run_status import RunStatus
from herd_engine.monitoring.notifications.channels import ChannelBook
from herd_engine.monitoring.notifications.events import OutgoingEvent, messages_of
from herd_engine.runs.store import Store
from herd_engine.storage.audit_rows import REPORT_FAILED, note_audit
from herd_engine.storage.database_clock import database_now
from herd_engine.storage.leases import Proof
from herd_engine.storage.outbox import Outbox
from herd_engine.storage.run_retention import RunRetention, note_reported
from herd_engine.storage.run_rows import RunRow

OVERLAP = timedelta(minutes=1)
LONGEST = timedelta(days=1)
EVENTS = uuid.UUID("5f9b2f0e-6a3c-4b7e-9d10-3c5a1f7be214")
"""Namespace of the ids of events: who looks twice tells once."""
TOLD = {
    RunStatus.SUCCEEDED: "run.succeeded",
    RunStatus.FAILED: "run.failed",
    RunStatus.TIMEOUT: "run.failed",
}


class RunNotices:
    """Tells channels of runs that ended.

    Parameters
    ----------
    store : Store
    book : ChannelBook
    source : str
    """

    def __init__(self, store: Store, book: ChannelBook, source: str) -> None:
        self._store, self._book, self._source = store, book, source

    def tell(self, last_told_at: datetime | None, proof: Proof) -> int:
        """Keep messages about runs that ended since; return how many.

        Parameters
        ----------
        last_told_at : datetime or None
            Whoever begins tells of nothing that is over; who was away for longer than a day, of that day.
        proof : callable
            Raises where somebody else does this by now.
        """
        channels = self._book.channels()
        if last_told_at is None or not channels:
            return 0
        with self._store.database.reading() as connection:
            now = database_now(connection)
        rows = RunRetention(self._store.database).ended_since(max(last_told_at - OVERLAP, now - LONGEST))
        farms = {farm.id: farm.name for farm in self._store.farms.list_farms()}
        events = [
            self._event(row, farms[row.farm_id])
            for row in rows
            if row.status in TOLD and row.farm_id in farms
        ]
        messages = [message for event in events for message in messages_of(event, channels)]
        if messages:
            with self._store.database.transaction() as connection:
                epoch, box = proof(connection), Outbox(self._store.database)
                box.enqueue(connection, messages, database_now(connection), epoch)
        return len(messages)

    def _event(self, row: RunRow, farm: str) -> OutgoingEvent:
        status = RunStatus(row.status)
        about = {
            "id": row.id,
            "name": row.name,
            "status": status.value,
            "error_code": row.error_code,
            "dataset_id": row.dataset_id,
        }
        return OutgoingEvent(
            id=str(uuid.uuid5(EVENTS, f"{row.id} {row.attempt}")),
            type=TOLD[status],
            at=row.finished_at or row.queued_at,
            source=self._source,
            subject=f"farm/{row.farm_id}/run/{row.id}",
            severity="LOW" if status is RunStatus.SUCCEEDED else "MEDIUM",
            data={"run": about},
            farm=(row.farm_id, farm),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldReport:
    """An edition of a report, as others are told of it.

    Attributes
    ----------
    id, report, farm, title, status : str
    runs : sequence of str
        Whose numbers it shows; they are kept from then on.
    files : mapping of str to str
        Name and SHA-256 of each file of the edition.
    error_code : str
    """

    id: str
    report: str
    farm: str
    title: str
    status: str
    runs: Sequence[str]
    files: Mapping[str, str]
    error_code: str = ""


def tell_report(store: Store, told: ToldReport, farm: tuple[str, str], source: str) -> int:
    """Keep messages about an edition, and its runs; told twice, it is the same. Return how many."""
    is_good = told.status == RunStatus.SUCCEEDED
    channels = ChannelBook(store.settings.home).channels()
    about = {
        "id": told.id,
        "report": told.report,
        "title": told.title,
        "status": told.status,
        "error_code": told.error_code,
        "runs": list(told.runs),
        "files": dict(told.files),
    }
    with store.database.transaction() as connection:
        at = database_now(connection)
        event = OutgoingEvent(
            id=str(uuid.uuid5(EVENTS, f"{told.report} {told.id} {told.status} {sorted(told.files.items())}")),
            type="report.succeeded" if is_good else "report.failed",
            at=at,
            source=source,
            subject=f"farm/{farm[0]}/report/{told.id}",
            severity="LOW" if is_good else "MEDIUM",
            data={"report": about},
            farm=farm,
        )
        messages = messages_of(event, channels)
        Outbox(store.database).enqueue(connection, messages, at)
        if not is_good:
            new = {"report": told.report, "error_code": told.error_code}
            note_audit(connection, at, source, REPORT_FAILED, f"report/{told.id}", new, farm_id=farm[0])
        else:
            note_reported(connection, told.runs, f"{told.report}/{told.id}", at)
    return len(messages)
