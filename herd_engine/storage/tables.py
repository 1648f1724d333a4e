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

farm_version = Table(
    "farm_version",
    metadata,
    Column("farm_id", ForeignKey("farm.id"), primary_key=True),
    Column("version", sa.BigInteger, nullable=False),
)

dataset = Table(
    "dataset",
    metadata,
    _id(),
    _farm(),
    _text("owner"),
    _text("sha256"),
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
    _flag("built_in"),
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
    _moment("queued_at"),
    _moment_or_never("started_at"),
    _moment_or_never("heartbeat_at"),
    _moment_or_never("finished_at"),
    _text("error_code", nullable=True),
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
