"""What of the service is switched off, and who may ask for more or less; the newest version counts."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Add the tables; nothing is switched off, and nobody is an exception."""
    op.create_table(
        "flag",
        sa.Column("place", sa.String(36), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("enabled", sa.Boolean()),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("place", "name", "version", name="pk_flag"),
    )
    op.create_table(
        "limit_override",
        sa.Column("place", sa.String(36), nullable=False),
        sa.Column("principal", sa.String(255), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("rate", sa.Text()),
        sa.Column("until", sa.DateTime(timezone=True)),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("place", "principal", "kind", "version", name="pk_limit_override"),
    )
