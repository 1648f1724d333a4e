"""Prices of farms, by name; every version is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Add the table; no farm has stated prices yet."""
    op.create_table(
        "price_set",
        sa.Column("farm_id", sa.String(36), sa.ForeignKey("farm.id"), primary_key=True),
        sa.Column("name_key", sa.Text(), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
