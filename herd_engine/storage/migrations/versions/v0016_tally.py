"""What was counted in rows that are gone: counters never fall."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Add the table; nothing that is gone was counted until now."""
    op.create_table(
        "tally",
        sa.Column("family", sa.String(64), primary_key=True),
        sa.Column("labels", sa.String(255), primary_key=True),
        sa.Column("value", sa.Float(), nullable=False),
    )
