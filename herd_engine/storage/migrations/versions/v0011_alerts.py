"""Alerts, silences, the audit, what is told to others and every attempt at it, and who does what.

An attempt that has ended says what happened; a trigger on both databases keeps it from being changed.
"""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

SQLITE_TRIGGER = """
CREATE TRIGGER attempt_is_final BEFORE UPDATE ON attempt WHEN OLD.ended_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'an attempt that has ended is final'); END
"""
POSTGRESQL_FUNCTION = """
CREATE FUNCTION attempt_is_final() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'an attempt that has ended is final'; END $$ LANGUAGE plpgsql
"""
POSTGRESQL_TRIGGER = """
CREATE TRIGGER attempt_is_final BEFORE UPDATE ON attempt
FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION attempt_is_final()
"""


def _text(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def _moment(*names: str, nullable: bool = False) -> list[sa.Column[datetime]]:
    return [sa.Column(name, sa.DateTime(timezone=True), nullable=nullable) for name in names]


def _id(name: str = "id", length: int = 36) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), primary_key=True)


def _name(name: str, length: int, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=nullable)


def _number(*names: str, nullable: bool = False) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=nullable) for name in names]


def _json(*names: str, nullable: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.JSON(none_as_null=True), nullable=nullable) for name in names]


def _float(*names: str) -> list[sa.Column[float]]:
    return [sa.Column(name, sa.Float(), nullable=True) for name in names]


def _farm() -> sa.Column[str]:
    return sa.Column("farm_id", sa.String(36), sa.ForeignKey("farm.id"), nullable=True)


def upgrade() -> None:
    """Add the tables; there is nothing in them yet."""
    _alerts()
    _messages()
    op.create_table(
        "lease",
        _id("name", 64),
        *_text("owner"),
        *_moment("until"),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        *_moment("last_tick_at", nullable=True),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(SQLITE_TRIGGER)
    else:
        op.execute(POSTGRESQL_FUNCTION)
        op.execute(POSTGRESQL_TRIGGER)


def _alerts() -> None:
    op.create_table(
        "alert_policy",
        _id("policy_id", 64),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        *_json("definition", nullable=True),
        *_text("created_by"),
        *_moment("created_at"),
    )
    op.create_table(
        "alert_state",
        _id(length=16),
        _name("policy_id", 64),
        _farm(),
        *_json("labels", "message"),
        *_text("severity", "state"),
        *_moment("since", "last_evaluated_at"),
        *_moment("pending_since", "clear_since", "ack_at", nullable=True),
        sa.Column("has_no_data", sa.Boolean(), nullable=False),
        *_float("last_value", "threshold"),
        *_number("firing"),
        _name("muted_by", 36, nullable=True),
        *_text("ack_by", "ack_note", nullable=True),
    )
    op.create_index("ix_alert_state_policy_id", "alert_state", ["policy_id"])
    op.create_table(
        "alert_transition",
        _id(),
        _name("alert_id", 16),
        _name("policy_id", 64),
        _farm(),
        *_text("severity", "old", "new", "reason"),
        *_moment("at"),
        *_float("value", "threshold"),
        *_json("message"),
    )
    op.create_index("ix_alert_transition_at", "alert_transition", ["at", "id"])
    op.create_index("ix_alert_transition_alert_id", "alert_transition", ["alert_id", "at"])
    op.create_table(
        "audit",
        _id(),
        _farm(),
        *_moment("at"),
        *_text("actor", "action", "object", "request_id"),
        *_json("old", "new", nullable=True),
    )
    op.create_index("ix_audit_at", "audit", ["at", "id"])
    op.create_table(
        "silence",
        _id(),
        *_json("matchers"),
        *_moment("starts_at", "ends_at", "created_at"),
        *_text("reason", "created_by"),
        *_moment("expired_at", nullable=True),
    )
    op.create_index("ix_silence_ends_at", "silence", ["ends_at"])


def _messages() -> None:
    op.create_table(
        "outbox",
        _id(),
        _name("event_id", 36),
        _name("channel_id", 64),
        _name("alert_id", 16, nullable=True),
        _farm(),
        *_text("event_type", "severity", "payload", "state", "reason"),
        *_number("attempts", "max_attempts"),
        *_moment("due_at", "created_at"),
        *_text("lease_owner", "last_error_code", nullable=True),
        *_moment("lease_until", "sent_at", nullable=True),
        _name("muted_by", 36, nullable=True),
        _name("replay_of", 36, nullable=True),
        *_number("last_status", nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
    )
    first = sa.text("replay_of IS NULL")
    op.create_index(
        "uq_outbox_event_id",
        "outbox",
        ["event_id", "channel_id"],
        unique=True,
        sqlite_where=first,
        postgresql_where=first,
    )
    op.create_index("ix_outbox_due", "outbox", ["state", "due_at"])
    op.create_index("ix_outbox_alert_id", "outbox", ["channel_id", "alert_id", "sequence"])
    op.create_index("ix_outbox_created_at", "outbox", ["created_at", "id"])
    op.create_table(
        "attempt",
        _id(),
        sa.Column("outbox_id", sa.String(36), sa.ForeignKey("outbox.id"), nullable=False),
        *_number("number"),
        *_text("owner", "outcome", "request_sha256"),
        *_moment("started_at"),
        *_moment("ended_at", nullable=True),
        *_number("http_status", nullable=True),
        *_text("error_code", "error_text", "response_sample", nullable=True),
        *_float("duration_seconds"),
    )
    op.create_index("uq_attempt_outbox_id", "attempt", ["outbox_id", "number"], unique=True)
    op.create_index("ix_attempt_started_at", "attempt", ["started_at", "id"])
    op.create_table(
        "channel_state",
        _id("channel_id", 64),
        *_moment("failing_since", "disabled_at", nullable=True),
        *_text("reason"),
    )
