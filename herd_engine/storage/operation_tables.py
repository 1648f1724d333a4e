"""The tables of alerts and of what is told to others. A migration stands beside every change here."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Table

from herd_engine.storage.tables import JSON, UtcDateTime, metadata


def _text(name: str) -> Column[str]:
    return Column(name, sa.Text, nullable=False)


def _moment(name: str, *, never: bool = False) -> Column[datetime]:
    return Column(name, UtcDateTime, nullable=never)


def _farm() -> Column[str]:
    return Column("farm_id", ForeignKey("farm.id"))


def _epoch() -> Column[int | None]:
    """Return under which lease it was written; none for what no task wrote."""
    return Column("epoch", sa.BigInteger)


alert_policy = Table(
    "alert_policy",
    metadata,
    Column("policy_id", sa.String(64), primary_key=True),
    Column("version", sa.Integer, primary_key=True, autoincrement=False),
    Column("definition", JSON),  # none: it was taken away
    _text("created_by"),
    _moment("created_at"),
)

alert_state = Table(
    "alert_state",
    metadata,
    Column("id", sa.String(16), primary_key=True),
    Column("policy_id", sa.String(64), nullable=False),
    _farm(),
    Column("labels", JSON, nullable=False),
    _text("severity"),
    _text("state"),
    _moment("since"),
    _moment("pending_since", never=True),
    _moment("clear_since", never=True),
    Column("has_no_data", sa.Boolean, nullable=False),
    Column("last_value", sa.Float),
    Column("threshold", sa.Float),
    Column("message", JSON, nullable=False),
    _moment("last_evaluated_at"),
    Column("firing", sa.Integer, nullable=False),
    Column("muted_by", sa.String(36)),
    Column("ack_by", sa.Text),
    _moment("ack_at", never=True),
    Column("ack_note", sa.Text),
    Index("ix_alert_state_policy_id", "policy_id"),
)

alert_transition = Table(
    "alert_transition",
    metadata,
    Column("id", sa.String(36), primary_key=True),
    Column("alert_id", sa.String(16), nullable=False),
    Column("policy_id", sa.String(64), nullable=False),
    _farm(),
    _text("severity"),
    _text("old"),
    _text("new"),
    _moment("at"),
    Column("value", sa.Float),
    Column("threshold", sa.Float),
    Column("message", JSON, nullable=False),
    _text("reason"),
    _epoch(),
    Index("ix_alert_transition_at", "at", "id"),
    Index("ix_alert_transition_alert_id", "alert_id", "at"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", sa.String(36), primary_key=True),
    _farm(),
    _moment("at"),
    _text("actor"),
    _text("action"),
    _text("object"),
    Column("old", JSON),
    Column("new", JSON),
    _text("request_id"),
    Index("ix_audit_at", "at", "id"),
)

silence = Table(
    "silence",
    metadata,
    Column("id", sa.String(36), primary_key=True),
    Column("matchers", JSON, nullable=False),
    _moment("starts_at"),
    _moment("ends_at"),
    _text("reason"),
    _text("created_by"),
    _moment("created_at"),
    _moment("expired_at", never=True),
    Index("ix_silence_ends_at", "ends_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", sa.String(36), primary_key=True),
    Column("event_id", sa.String(36), nullable=False),
    Column("channel_id", sa.String(64), nullable=False),
    _text("event_type"),
    Column("alert_id", sa.String(16)),
    _farm(),
    _text("severity"),
    _text("payload"),
    _text("state"),
    Column("attempts", sa.Integer, nullable=False),
    Column("max_attempts", sa.Integer, nullable=False),
    _moment("due_at"),
    Column("lease_owner", sa.Text),
    _moment("lease_until", never=True),
    Column("muted_by", sa.String(36)),
    Column("replay_of", sa.String(36)),
    _text("reason"),
    Column("last_status", sa.Integer),
    Column("last_error_code", sa.Text),
    Column("sequence", sa.BigInteger, nullable=False),
    _moment("created_at"),
    _moment("sent_at", never=True),
    _epoch(),
    Index(
        "uq_outbox_event_id",
        "event_id",
        "channel_id",
        unique=True,
        sqlite_where=sa.text("replay_of IS NULL"),
        postgresql_where=sa.text("replay_of IS NULL"),
    ),
    Index("ix_outbox_due", "state", "due_at"),
    Index("ix_outbox_alert_id", "channel_id", "alert_id", "sequence"),
    Index("ix_outbox_created_at", "created_at", "id"),
)

attempt = Table(
    "attempt",
    metadata,
    Column("id", sa.String(36), primary_key=True),
    Column("outbox_id", ForeignKey("outbox.id"), nullable=False),
    Column("number", sa.Integer, nullable=False),
    _text("owner"),
    _moment("started_at"),
    _moment("ended_at", never=True),
    _text("outcome"),
    Column("http_status", sa.Integer),
    Column("error_code", sa.Text),
    Column("error_text", sa.Text),
    Column("duration_seconds", sa.Float),
    _text("request_sha256"),
    Column("response_sample", sa.Text),
    _epoch(),
    Index("uq_attempt_outbox_id", "outbox_id", "number", unique=True),
    Index("ix_attempt_started_at", "started_at", "id"),
)

channel_state = Table(
    "channel_state",
    metadata,
    Column("channel_id", sa.String(64), primary_key=True),
    _moment("failing_since", never=True),
    _moment("disabled_at", never=True),
    _text("reason"),
)

lease = Table(
    "lease",
    metadata,
    Column("name", sa.String(64), primary_key=True),
    _text("owner"),
    _moment("until"),
    Column("epoch", sa.BigInteger, nullable=False),
    _moment("last_tick_at", never=True),
)

tally = Table(
    "tally",
    metadata,
    Column("family", sa.String(64), primary_key=True),
    Column("labels", sa.String(255), primary_key=True),
    Column("value", sa.Float, nullable=False),
)

reported_run = Table(
    "reported_run",
    metadata,
    Column("run_id", ForeignKey("run.id", ondelete="CASCADE"), primary_key=True),
    _text("report"),
    _moment("at"),
)

flag = Table(
    "flag",
    metadata,
    Column("place", sa.String(36), primary_key=True),  # id of a farm, or * for all
    Column("name", sa.String(64), primary_key=True),
    Column("version", sa.Integer, primary_key=True, autoincrement=False),
    Column("enabled", sa.Boolean),  # none: as where nothing was said
    _text("created_by"),
    _moment("created_at"),
)

limit_override = Table(
    "limit_override",
    metadata,
    Column("place", sa.String(36), primary_key=True),
    Column("principal", sa.String(255), primary_key=True),  # empty: all together
    Column("kind", sa.String(16), primary_key=True),
    Column("version", sa.Integer, primary_key=True, autoincrement=False),
    Column("rate", sa.Text),  # none: as where nothing was said
    _moment("until", never=True),
    _text("created_by"),
    _moment("created_at"),
)

backtest_job = Table(
    "backtest_job",
    metadata,
    Column("id", sa.String(36), primary_key=True),
    Column("farm_id", ForeignKey("farm.id"), nullable=False),
    Column("dataset_id", ForeignKey("dataset.id", ondelete="CASCADE"), nullable=False),
    _text("owner"),
    Column("plan", JSON, nullable=False),
    _text("plan_key"),
    _text("status"),
    Column("attempt", sa.Integer, nullable=False),
    Column("worker", sa.Text),
    _moment("leased_until", never=True),
    Column("error_code", sa.Text),
    Column("error_params", JSON),
    _moment("created_at"),
    _moment("finished_at", never=True),
    Index("ix_backtest_job_dataset_id", "dataset_id", "plan_key", "created_at"),
    Index("ix_backtest_job_status", "status", "created_at", "id"),
)
