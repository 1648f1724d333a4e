"""Backtests that somebody asked for: they wait for a runner as runs do."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add the table; what was judged before is kept beside its file, and found by its plan."""
    op.create_table(
        "backtest_job",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("farm_id", sa.String(36), nullable=False),
        sa.Column("dataset_id", sa.String(36), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("plan_key", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("worker", sa.Text()),
        sa.Column("leased_until", sa.DateTime(timezone=True)),
        sa.Column("error_code", sa.Text()),
        sa.Column("error_params", sa.JSON()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["farm_id"], ["farm.id"], name="fk_backtest_job_farm_id"),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name="fk_backtest_job_dataset_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_backtest_job"),
    )
    op.create_index("ix_backtest_job_dataset_id", "backtest_job", ["dataset_id", "plan_key", "created_at"])
    op.create_index("ix_backtest_job_status", "backtest_job", ["status", "created_at", "id"])
