"""What was forecast and what later exports of the farm say that happened."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

NUMBERS = ("band", "p50", "low", "high", "happened")


def upgrade() -> None:
    """Add the table; nothing was judged yet."""
    op.create_table(
        "judgement",
        sa.Column("run_id", sa.String(36), primary_key=True),
        sa.Column("metric", sa.Text(), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("farm_id", sa.String(36), sa.ForeignKey("farm.id"), nullable=False),
        sa.Column("dataset_id", sa.String(36), nullable=False),
        sa.Column("made", sa.Date(), nullable=False),
        sa.Column("judged_by", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Float(), nullable=False) for name in NUMBERS),
        sa.Column("pit", sa.Float(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_judgement_farm_id", "judgement", ["farm_id", "judged_by"])
