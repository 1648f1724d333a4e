"""Runs know whether their rows are in the outputs table; those of before are not yet."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

PENDING = sa.text("status = 'succeeded' AND NOT outputs_indexed")


def upgrade() -> None:
    """Add the column, and an index of the runs that wait."""
    op.add_column(
        "run", sa.Column("outputs_indexed", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_index(
        "ix_run_outputs_pending", "run", ["finished_at"], sqlite_where=PENDING, postgresql_where=PENDING
    )
