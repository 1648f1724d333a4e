"""A farm's own words and rules, laid over the contract of the program; every version is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the table; no farm has a layer yet."""
    op.create_table(
        "farm_contract",
        sa.Column("farm_id", sa.String(36), sa.ForeignKey("farm.id"), primary_key=True),
        sa.Column("profile", sa.Text(), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("layer", sa.JSON(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("sha256", "author", "reason")),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
