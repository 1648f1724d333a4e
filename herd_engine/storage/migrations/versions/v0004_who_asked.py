"""Who asked for a run is apart from the run; runs have names, and one of a farm is its plan."""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

MOMENT = sa.DateTime(timezone=True)
STARRED = sa.text("starred")
BATCH = 500


def upgrade() -> None:
    """Add the tables and columns; every run so far was asked for by its owner."""
    _add_tables()
    op.add_column("run", sa.Column("name", sa.Text(), nullable=True))
    op.add_column("run", sa.Column("name_key", sa.Text(), nullable=True))
    op.add_column("run", sa.Column("starred", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "uq_run_farm_id_starred",
        "run",
        ["farm_id"],
        unique=True,
        sqlite_where=STARRED,
        postgresql_where=STARRED,
    )
    _submit_for_owners()


def _add_tables() -> None:
    op.create_table(
        "submission",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("farm_id", sa.String(36), nullable=False),
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("timeout_seconds", sa.Float(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("hidden_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["farm_id"], ["farm.id"], name="fk_submission_farm_id"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_submission_run_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_submission"),
    )
    op.create_index(
        "ix_submission_farm_id_principal", "submission", ["farm_id", "principal", "created_at", "id"]
    )
    op.create_index("ix_submission_run_id", "submission", ["run_id"])
    op.create_table(
        "idempotency",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("farm_id", sa.String(36), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.JSON(), nullable=True),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["farm_id"], ["farm.id"], name="fk_idempotency_farm_id"),
        sa.PrimaryKeyConstraint("id", name="pk_idempotency"),
    )
    op.create_index(
        "uq_idempotency_principal",
        "idempotency",
        ["principal", "farm_id", "method", "route", "key"],
        unique=True,
    )
    op.create_index("ix_idempotency_expires_at", "idempotency", ["expires_at"])


def _submit_for_owners() -> None:
    """Give every run the submission of its owner, made when it was queued."""
    connection = op.get_bind()
    run = sa.table(
        "run",
        *(sa.column(name) for name in ("id", "farm_id", "owner", "priority", "timeout_seconds", "queued_at")),
    )
    submission = sa.table(
        "submission",
        *(
            sa.column(name)
            for name in (
                "id", "farm_id", "run_id", "principal", "source", "priority", "timeout_seconds", "created_at",
            )
        ),
    )  # fmt: skip
    rows = connection.execute(sa.select(run)).all()
    for start in range(0, len(rows), BATCH):
        values = [
            {
                "id": str(uuid.uuid4()),
                "farm_id": row.farm_id,
                "run_id": row.id,
                "principal": row.owner,
                "source": "cli" if row.owner == "local" else "app",
                "priority": row.priority,
                "timeout_seconds": row.timeout_seconds,
                "created_at": row.queued_at,
            }
            for row in rows[start : start + BATCH]
        ]
        connection.execute(sa.insert(submission), values)
