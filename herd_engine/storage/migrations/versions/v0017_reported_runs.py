"""Runs whose numbers stand in a report: they are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add the table; reports of before name no runs here."""
    op.create_table(
        "reported_run",
        sa.Column("run_id", sa.String(36), sa.ForeignKey("run.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
