"""What stands just now, counted for monitoring within one reading transaction."""

from collections import Counter

import sqlalchemy as sa

from herd_engine.model.run_status import RunStatus
from herd_engine.storage.database_clock import database_now
from herd_engine.storage.operation_tables import alert_state, channel_state, lease, outbox, silence
from herd_engine.storage.outbox_rows import WAITING
from herd_engine.storage.tables import run
from herd_engine.storage.tally import Counts


def run_gauges(connection: sa.Connection) -> Counts:
    """Return what waits, since when, what is executed, and how quickly."""
    n_queued, oldest = connection.execute(
        sa.select(sa.func.count(), sa.func.min(run.c.queued_at)).where(run.c.status == RunStatus.QUEUED)
    ).one()
    speed = run.c.progress["runs_per_second"].as_float()
    n_running, speed_of_all = connection.execute(
        sa.select(sa.func.count(), sa.func.sum(speed)).where(run.c.status == RunStatus.RUNNING)
    ).one()
    age = 0.0 if oldest is None else (database_now(connection) - oldest).total_seconds()
    return Counter(
        {
            ("queue_length", ()): n_queued,
            ("queue_oldest_age_seconds", ()): max(age, 0.0),
            ("runs_running", ()): n_running,
            ("replicates_per_second", ()): speed_of_all or 0.0,
        }
    )


def alert_gauges(connection: sa.Connection) -> Counts:
    """Return the alerts that are on, and the silences that hold."""
    now = database_now(connection)
    states = alert_state.c.severity, alert_state.c.state
    on = sa.select(*states, sa.func.count()).where(alert_state.c.state.in_(("PENDING", "FIRING", "NO_DATA")))
    counts: Counts = Counter(
        {
            ("alerts_active", (severity, state)): n
            for severity, state, n in connection.execute(on.group_by(*states))
        }
    )
    holds = sa.and_(silence.c.starts_at <= now, silence.c.ends_at > now, silence.c.expired_at.is_(None))
    counts["alert_silences_active", ()] = connection.execute(
        sa.select(sa.func.count()).select_from(silence).where(holds)
    ).scalar_one()
    return counts


def outbox_gauges(connection: sa.Connection) -> Counts:
    """Return the messages in each state, how long the oldest that waits has waited, and closed channels."""
    by_state = sa.select(outbox.c.state, sa.func.count()).group_by(outbox.c.state)
    counts: Counts = Counter({("outbox_messages", (state,)): n for state, n in connection.execute(by_state)})
    waits = outbox.c.state.in_(WAITING)
    oldest = connection.execute(sa.select(sa.func.min(outbox.c.created_at)).where(waits)).scalar_one()
    age = 0.0 if oldest is None else (database_now(connection) - oldest).total_seconds()
    counts["outbox_oldest_pending_age_seconds", ()] = max(int(age), 0)
    off = sa.select(channel_state.c.channel_id).where(channel_state.c.disabled_at.is_not(None))
    for name in connection.scalars(off):
        counts["notification_channel_disabled", (name,)] = 1
    return counts


def lease_gauges(connection: sa.Connection) -> Counts:
    """Return when each task of `herd watch` was done last, and its epoch."""
    counts: Counts = Counter()
    for row in connection.execute(sa.select(lease)):
        told = row.last_tick_at
        counts["scheduler_last_tick_timestamp_seconds", (row.name,)] = int(told.timestamp()) if told else 0
        counts["scheduler_lease_epoch", (row.name,)] = row.epoch
    return counts
