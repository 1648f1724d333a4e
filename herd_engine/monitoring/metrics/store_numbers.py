"""All numbers of a home that a scrape shows, read at once and never written."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

from herd_engine.monitoring.alerts.policy_files import PolicyBook
from herd_engine.monitoring.notifications.channels import ChannelBook
from herd_engine.runs.liveness import is_any_alive
from herd_engine.runs.store import Store
from herd_engine.storage.alerts import AlertTable
from herd_engine.storage.home_counts import FarmHerd, HomeCounts
from herd_engine.storage.metric_counts import (
    dataset_counts,
    delivery_counts,
    preflight_counts,
    run_counts,
    transition_counts,
)
from herd_engine.storage.metric_gauges import alert_gauges, lease_gauges, outbox_gauges, run_gauges
from herd_engine.storage.outbox_log import OutboxLog
from herd_engine.storage.preflight_counts import PreflightCounts
from herd_engine.storage.tally import Counts, tallied

MOST_FARMS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreNumbers:
    """What a home says at a scrape.

    Attributes
    ----------
    counts : Counts
        By family and labels.
    channels : tuple of str
        In the file, or of messages.
    herds : sequence of FarmHerd
        At most as many as are wanted.
    are_policies_valid, is_runner_alive : bool
    free_bytes, disk_bytes : int
    """

    counts: Counts
    channels: tuple[str, ...]
    herds: Sequence[FarmHerd]
    are_policies_valid: bool
    is_runner_alive: bool
    free_bytes: int
    disk_bytes: int


def store_numbers(store: Store, most_farms: int = MOST_FARMS) -> StoreNumbers:
    """Read all numbers of a home.

    Raises
    ------
    StorageError
        The database does not answer.
    """
    with store.database.reading() as connection:
        counts = tallied(connection)
        for count in (run_counts, dataset_counts, preflight_counts, transition_counts, delivery_counts):
            counts += count(connection)
        for gauges in (run_gauges, alert_gauges, outbox_gauges, lease_gauges):
            counts += gauges(connection)
    latest = PreflightCounts(store.database).latest_at()
    counts["preflight_latest_run_timestamp_seconds", ("herd_export",)] = (
        int(latest.timestamp()) if latest else 0
    )
    home = store.settings.home
    policies, channels = PolicyBook(home, AlertTable(store.database)), ChannelBook(home)
    policies.held()
    told = {*channels.channels(), *OutboxLog(store.database).channels()}
    disk = shutil.disk_usage(home)
    return StoreNumbers(
        counts=counts,
        channels=tuple(sorted(told)),
        herds=HomeCounts(store.database).herds()[:most_farms],
        are_policies_valid=not policies.faults,
        is_runner_alive=is_any_alive(home),
        free_bytes=disk.free,
        disk_bytes=disk.total,
    )


def snapshot_ages(numbers: StoreNumbers, now: datetime) -> dict[str, float]:
    """Return how old the newest herd file of each farm is, seconds since its day began in UTC."""
    return {
        herd.name: (now - datetime.combine(herd.report_date, time(), UTC)).total_seconds()
        for herd in numbers.herds
        if herd.report_date is not None
    }
