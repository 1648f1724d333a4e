"""Beside what a task writes stands the epoch of its lease: one can tell who wrote it."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Add the columns; of what was written before, the epoch is not known."""
    for table in ("alert_transition", "outbox", "attempt"):
        op.add_column(table, sa.Column("epoch", sa.BigInteger()))
