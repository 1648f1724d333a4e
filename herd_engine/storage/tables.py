"""The tables. Every change here needs a migration beside it; a test compares the two."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Table, text

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)


class UtcDateTime(sa.TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the database (SQLite keeps no zone)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuse naive moments, store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment needs its time zone; got {value!r}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


def now() -> datetime:
    """Return this moment."""
    return datetime.now(UTC)


JSON = sa.JSON(none_as_null=True)


def _id() -> Column[str]:
    return Column("id", sa.String(36), primary_key=True)


def _farm() -> Column[str]:
    return Column("farm_id", ForeignKey("farm.id"), nullable=False)


def _text(name: str, **more: Any) -> Column[str]:
    return Column(name, sa.Text, **({"nullable": False} | more))


def _integer(name: str, **more: Any) -> Column[int]:
    return Column(name, sa.Integer, **({"nullable": False} | more))


def _flag(name: str) -> Column[bool]:
    return Column(name, sa.Boolean, nullable=False)


def _moment(name: str) -> Column[datetime]:
    return Column(name, UtcDateTime, nullable=False)


def _moment_or_never(name: str) -> Column[datetime]:
    return Column(name, UtcDateTime)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


farm = Table(
    "farm",
    metadata,
    _id(),
    _text("name"),
    _text("name_key"),
    _flag("is_default"),
    _moment("created_at"),
    _moment_or_never("archived_at"),
    Index("uq_farm_name_key", "name_key", unique=True),
    Index("uq_farm_is_default", "is_default", unique=True, **_where("is_default")),
)

membership = Table(
    "membership",
    metadata,
    _id(),
    _farm(),
    _text("principal"),
    _text("role"),
    _moment("created_at"),
    Index("uq_membership_farm_id", "farm_id", "principal", unique=True),
    Index("ix_membership_principal", "principal"),
)

api_key = Table(
    "api_key",
    metadata,
    _id(),
    Column("beginning", sa.String(8), nullable=False),
    _text("name"),
    _text("hash"),
    Column("scopes", JSON, nullable=False),
    Column("farms", JSON),
    _text("created_by"),
    _flag("by_owner"),
    _moment("created_at"),
    _moment("expires_at"),
    _moment_or_never("last_used_at"),
    _moment_or_never("revoked_at"),
    Index("uq_api_key_beginning", "beginning", unique=True),
    Index("ix_api_key_created_by", "created_by", "created_at"),
)

farm_version = Table(
    "farm_version",
    metadata,
    Column("farm_id", ForeignKey("farm.id"), primary_key=True),
    Column("version", sa.BigInteger, nullable=False),
)

farm_answers = Table(
    "farm_answers",
    metadata,
    Column("farm_id", ForeignKey("farm.id"), primary_key=True),
    Column("version", sa.Integer, primary_key=True, autoincrement=False),
    _text("owner"),
    Column("answers", JSON, nullable=False),
    _text("file_name"),
    _moment("created_at"),
)

preflight_run = Table(
    "preflight_run",
    metadata,
    _id(),
    _farm(),
    _text("owner"),
    _text("file_name"),
    _text("file_sha256"),
    Column("report_date", sa.Date),
    _text("mode"),
    _text("contract"),
    _text("contract_sha256"),
    _text("validation"),
    _text("semantic"),
    _text("status"),
    _text("block_reason"),
    _moment("created_at"),
    Index("ix_preflight_run_farm_id_created_at", "farm_id", "created_at", "id"),
)

preflight_rule = Table(
    "preflight_rule",
    metadata,
    Column("run_id", ForeignKey("preflight_run.id"), primary_key=True),
    Column("rule_id", sa.Text, primary_key=True),
    _text("rule_type"),
    _text("severity"),
    _text("status"),
    _integer("violations"),
)

dataset = Table(
    "dataset",
    metadata,
    _id(),
    _farm(),
    _text("owner"),
    _text("sha256"),
    _text("file_sha256", server_default=""),
    Column("answers", JSON),
    _text("name"),
    _text("name_key"),
    _integer("n_rows"),
    Column("report_date", sa.Date, nullable=False),
    Column("quality", JSON, nullable=False),
    Column("counts", JSON, nullable=False),
    _moment("created_at"),
    _moment_or_never("archived_at"),
    Index("uq_dataset_farm_id_sha256", "farm_id", "sha256", unique=True),
    Index("ix_dataset_farm_id_created_at", "farm_id", "created_at", "id"),
    Index("ix_dataset_file_sha256", "file_sha256"),
)

scenario = Table(
    "scenario",
    metadata,
    _id(),
    _farm(),
    _text("owner"),
    _text("name"),
    _text("name_key"),
    _text("description"),
    Column("tags", JSON, nullable=False),
    _integer("version"),
    Column("params", JSON, nullable=False),
    _text("schema_version"),
    _moment("created_at"),
    _moment("updated_at"),
    _moment_or_never("deleted_at"),
    Index("uq_scenario_farm_id_name_key", "farm_id", "name_key", unique=True, **_where("deleted_at IS NULL")),
    Index("ix_scenario_farm_id_created_at", "farm_id", "created_at", "id"),
)

scenario_version = Table(
    "scenario_version",
    metadata,
    Column("scenario_id", ForeignKey("scenario.id"), primary_key=True),
    _integer("version", primary_key=True, autoincrement=False),
    Column("params", JSON, nullable=False),
    _moment("created_at"),
)

preset = Table(
    "preset",
    metadata,
    _id(),
    _farm(),
    _text("owner"),
    _text("name"),
    _text("name_key"),
    Column("params", JSON, nullable=False),
    _text("content_hash"),
    _moment("created_at"),
    _moment("updated_at"),
    _moment_or_never("deleted_at"),
    Index(
        "uq_preset_farm_id_owner_content_hash",
        "farm_id",
        "owner",
        "content_hash",
        unique=True,
        **_where("deleted_at IS NULL"),
    ),
    Index("ix_preset_farm_id_created_at", "farm_id", "created_at", "id"),
)

run = Table(
    "run",
    metadata,
    _id(),
    _farm(),
    _text("owner"),
    Column("scenario_id", ForeignKey("scenario.id")),
    _integer("scenario_version", nullable=True),
    _flag("scenario_deleted"),
    Column("dataset_id", ForeignKey("dataset.id"), nullable=False),
    _text("run_hash"),
    _text("config"),
    Column("seed", sa.BigInteger, nullable=False),
    _integer("runs_total"),
    _text("engine_version"),
    _text("status"),
    _integer("priority"),
    Column("timeout_seconds", sa.Float),
    _integer("attempt"),
    _text("worker", nullable=True),
    _flag("cancel_requested"),
    Column("progress", JSON),
    _text("idempotency_key", nullable=True),
    Column("group_id", sa.String(36)),
    _flag("pinned"),
    _text("name", nullable=True),
    _text("name_key", nullable=True),
    Column("starred", sa.Boolean, nullable=False, server_default=sa.false()),
    _moment("queued_at"),
    _moment_or_never("started_at"),
    _moment_or_never("heartbeat_at"),
    _moment_or_never("finished_at"),
    _text("error_code", nullable=True),
    Column("error_params", JSON),
    _text("error_message", nullable=True),
    _text("manifest_hash", nullable=True),
    _text("content_hash", nullable=True),
    Column("outputs_indexed", sa.Boolean, nullable=False, server_default=sa.false()),
    Index("uq_run_farm_id_idempotency_key", "farm_id", "idempotency_key", unique=True),
    Index("ix_run_queue", "priority", "queued_at", **_where("status = 'queued'")),
    Index("ix_run_running", "heartbeat_at", **_where("status = 'running'")),
    Index("ix_run_outputs_pending", "finished_at", **_where("status = 'succeeded' AND NOT outputs_indexed")),
    Index("ix_run_farm_id_queued_at", "farm_id", "queued_at", "id"),
    Index("ix_run_farm_id_run_hash", "farm_id", "run_hash"),
    Index("ix_run_dataset_id", "dataset_id"),
    Index("ix_run_scenario_id", "scenario_id"),
    Index("ix_run_group_id", "group_id"),
    Index("uq_run_farm_id_starred", "farm_id", unique=True, **_where("starred")),
)

submission = Table(
    "submission",
    metadata,
    _id(),
    _farm(),
    Column("run_id", ForeignKey("run.id", ondelete="CASCADE"), nullable=False),
    _text("principal"),
    _text("source"),
    _integer("priority"),
    Column("timeout_seconds", sa.Float),
    _text("note", nullable=True),
    _moment("created_at"),
    _moment_or_never("hidden_at"),
    Index("ix_submission_farm_id_principal", "farm_id", "principal", "created_at", "id"),
    Index("ix_submission_run_id", "run_id"),
)

idempotency = Table(
    "idempotency",
    metadata,
    _id(),
    _farm(),
    _text("principal"),
    _text("method"),
    _text("route"),
    _text("key"),
    _text("fingerprint"),
    _text("state"),
    _integer("status", nullable=True),
    Column("headers", JSON),
    Column("body", JSON),
    _moment("created_at"),
    _moment("expires_at"),
    Index("uq_idempotency_principal", "principal", "farm_id", "method", "route", "key", unique=True),
    Index("ix_idempotency_expires_at", "expires_at"),
)

run_event = Table(
    "run_event",
    metadata,
    Column("run_id", ForeignKey("run.id", ondelete="CASCADE"), primary_key=True),
    _integer("seq", primary_key=True, autoincrement=False),
    _moment("at"),
    _text("type"),
    Column("data", JSON, nullable=False),
)

artifact = Table(
    "artifact",
    metadata,
    Column("run_id", ForeignKey("run.id", ondelete="CASCADE"), primary_key=True),
    _text("name", primary_key=True),
    _text("role"),
    _text("sha256"),
    Column("size", sa.BigInteger, nullable=False),
    _flag("deterministic"),
)

# Survives its runs: no foreign key to them.
manifest_ledger = Table(
    "manifest_ledger",
    metadata,
    Column("farm_id", ForeignKey("farm.id"), primary_key=True),
    _integer("seq", primary_key=True, autoincrement=False),
    Column("run_id", sa.String(36), nullable=False, unique=True),
    _text("run_hash"),
    _text("manifest_hash"),
    _text("chain_previous", nullable=True),
    _text("link_hash"),
    _moment_or_never("pruned_at"),
)

# Survives its runs and herd files: no foreign keys to them.
judgement = Table(
    "judgement",
    metadata,
    Column("run_id", sa.String(36), primary_key=True),
    Column("metric", sa.Text, primary_key=True),
    Column("day", sa.Date, primary_key=True),
    _farm(),
    Column("dataset_id", sa.String(36), nullable=False),
    Column("made", sa.Date, nullable=False),
    Column("judged_by", sa.Date, nullable=False),
    *(Column(name, sa.Float, nullable=False) for name in ("band", "p50", "low", "high", "happened")),
    *(Column(name, sa.Float) for name in ("pit", "crps", "persistence")),
    _moment("created_at"),
    Index("ix_judgement_farm_id", "farm_id", "judged_by"),
)

farm_contract = Table(
    "farm_contract",
    metadata,
    Column("farm_id", ForeignKey("farm.id"), primary_key=True),
    Column("profile", sa.Text, primary_key=True),
    Column("version", sa.Integer, primary_key=True, autoincrement=False),
    _text("base"),
    Column("layer", JSON, nullable=False),
    Column("content", JSON, nullable=False),
    _text("sha256"),
    _text("author"),
    _text("reason"),
    _moment("created_at"),
)

farm_sheet = Table(
    "farm_sheet",
    metadata,
    Column("farm_id", ForeignKey("farm.id"), primary_key=True),
    Column("version", sa.Integer, primary_key=True, autoincrement=False),
    _text("owner"),
    Column("sheet", JSON, nullable=False),
    _moment("created_at"),
)

price_set = Table(
    "price_set",
    metadata,
    Column("farm_id", ForeignKey("farm.id"), primary_key=True),
    Column("name_key", sa.Text, primary_key=True),
    Column("version", sa.Integer, primary_key=True, autoincrement=False),
    _text("owner"),
    Column("content", JSON, nullable=False),
    _moment("created_at"),
)
