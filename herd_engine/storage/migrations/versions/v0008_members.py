"""Who may see a farm: its members. A farm without members is open to everybody who may come in."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the members; nobody is one yet."""
    op.create_table(
        "membership",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("farm_id", sa.String(36), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["farm_id"], ["farm.id"], name="fk_membership_farm_id"),
        sa.PrimaryKeyConstraint("id", name="pk_membership"),
    )
    op.create_index("uq_membership_farm_id", "membership", ["farm_id", "principal"], unique=True)
    op.create_index("ix_membership_principal", "membership", ["principal"])
