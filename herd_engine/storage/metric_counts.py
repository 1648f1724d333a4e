"""Rows counted by what their families of metrics tell apart; a part of the rows, or all of them.

Whoever deletes rows counts them here first and adds that to the tally, so that counters never fall.
"""

from collections import Counter
from typing import Any

import sqlalchemy as sa

from herd_engine.model.run_status import TERMINAL, RunStatus
from herd_engine.model.scenario import FILE_MODES, Mode
from herd_engine.model.source import Source
from herd_engine.storage.operation_tables import alert_transition, attempt, outbox
from herd_engine.storage.tables import dataset, preflight_run, run, submission
from herd_engine.storage.tally import Counts

RUN_BUCKETS = (1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)
DELIVERY_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
ALL = sa.true()


def run_counts(connection: sa.Connection, which: sa.ColumnElement[bool] = ALL) -> Counts:
    """Count runs that ended: how, from where, how long they took and waited, how many replicates."""
    first = (
        sa.select(submission.c.source)
        .where(submission.c.run_id == run.c.id)
        .order_by(submission.c.created_at, submission.c.id)
        .limit(1)
        .scalar_subquery()
    )
    source = sa.func.coalesce(first, Source.CLI.value)
    ended = sa.and_(run.c.status.in_(TERMINAL), which)
    counts = _grouped(connection, "runs", (run.c.status, source), ended)
    took = _seconds(connection, run.c.finished_at, run.c.started_at)
    waited = _seconds(connection, run.c.started_at, run.c.queued_at)
    begun = sa.and_(ended, run.c.started_at.is_not(None))
    counts += _histogram(connection, "run_duration_seconds", run.c.status, took, RUN_BUCKETS, begun)
    counts += _histogram(connection, "run_wait_seconds", run.c.status, waited, RUN_BUCKETS, begun)
    says = ((run.c.config.contains(f'"mode":"{mode}"'), mode.value) for mode in FILE_MODES)
    mode = sa.case(*says, else_=Mode.CALIBRATED.value)
    n_replicates = sa.func.coalesce(run.c.progress["completed_runs"].as_integer(), run.c.runs_total)
    succeeded = sa.and_(run.c.status == RunStatus.SUCCEEDED, which)
    return counts + _grouped(connection, "replicates", (mode,), succeeded, sa.func.sum(n_replicates))


def dataset_counts(connection: sa.Connection, which: sa.ColumnElement[bool] = ALL) -> Counts:
    """Count herd files by the gravest thing that was remarked in them."""
    gravest = sa.func.coalesce(dataset.c.quality[(0, "severity")].as_string(), "none")
    return _grouped(connection, "datasets", (gravest,), which)


def preflight_counts(connection: sa.Connection) -> Counts:
    """Count preflights: how they ended, in which mode, which were blocked."""
    by_outcome = (sa.literal("herd_export"), preflight_run.c.status, preflight_run.c.mode)
    blocked = preflight_run.c.block_reason != ""
    counts = _grouped(connection, "preflight_runs", by_outcome, ALL)
    return counts + _grouped(connection, "preflight_blocked", by_outcome[:1], blocked)


def transition_counts(connection: sa.Connection, which: sa.ColumnElement[bool] = ALL) -> Counts:
    """Count changes of alerts by what they came to."""
    return _grouped(connection, "alert_transitions", (alert_transition.c.new,), which)


def delivery_counts(connection: sa.Connection, which: sa.ColumnElement[bool] = ALL) -> Counts:
    """Count what became of messages: attempts that ended, how long they took, replays."""
    of_message = attempt.join(outbox, outbox.c.id == attempt.c.outbox_id)
    labels = (outbox.c.channel_id, outbox.c.event_type, attempt.c.outcome)
    ended = sa.and_(attempt.c.ended_at.is_not(None), which)
    counts = _grouped(connection, "notification_attempts", labels, ended, of=of_message)
    took = sa.func.coalesce(attempt.c.duration_seconds, 0.0)
    name = "notification_delivery_seconds"
    counts += _histogram(connection, name, outbox.c.channel_id, took, DELIVERY_BUCKETS, ended, of_message)
    replays = sa.and_(outbox.c.replay_of.is_not(None), which)
    return counts + _grouped(connection, "notification_replays", (outbox.c.channel_id,), replays, of=outbox)


def _grouped(
    connection: sa.Connection,
    family: str,
    labels: tuple[sa.ColumnElement[Any], ...],
    which: sa.ColumnElement[bool],
    value: sa.ColumnElement[Any] | None = None,
    of: sa.FromClause | None = None,
) -> Counts:
    named = [label.label(f"label_{number}") for number, label in enumerate(labels)]
    counted = (sa.func.count() if value is None else value).label("value")
    query = sa.select(*named, counted).where(which)
    if of is not None:
        query = query.select_from(of)
    rows = connection.execute(query.group_by(*(sa.text(str(n + 1)) for n in range(len(labels)))))
    return Counter({(family, tuple(map(str, row[:-1]))): float(row[-1] or 0) for row in rows})


def _histogram(  # noqa: PLR0913, PLR0917 - what is counted, by what, of which
    connection: sa.Connection,
    family: str,
    label: sa.ColumnElement[Any],
    seconds: sa.ColumnElement[float],
    buckets: tuple[float, ...],
    which: sa.ColumnElement[bool],
    of: sa.FromClause | None = None,
) -> Counts:
    bucket = sa.case(*((seconds <= sa.literal(b), sa.literal(str(b))) for b in buckets), else_="+Inf")
    return _grouped(connection, family, (label, bucket), which, of=of) + _grouped(
        connection, f"{family}_sum", (label,), which, sa.func.sum(seconds), of
    )


def _seconds(
    connection: sa.Connection, later: sa.ColumnElement[Any], earlier: sa.ColumnElement[Any]
) -> sa.ColumnElement[float]:
    if connection.dialect.name == "sqlite":
        days = sa.type_coerce(sa.func.julianday(later), sa.Float) - sa.func.julianday(earlier)
        return sa.type_coerce(days * 86_400, sa.Float)
    return sa.cast(sa.extract("epoch", later - earlier), sa.Float)
