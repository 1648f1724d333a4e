"""Every herd file that was asked by its contract's rules, and what each rule found."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

TEXTS = ("owner", "file_name", "file_sha256")
FINDINGS = ("mode", "contract", "contract_sha256", "validation", "semantic", "status", "block_reason")


def upgrade() -> None:
    """Add the registry of preflights; there is none yet."""
    op.create_table(
        "preflight_run",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("farm_id", sa.String(36), sa.ForeignKey("farm.id"), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in TEXTS),
        sa.Column("report_date", sa.Date(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in FINDINGS),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_preflight_run_farm_id_created_at", "preflight_run", ["farm_id", "created_at", "id"])
    op.create_table(
        "preflight_rule",
        sa.Column("run_id", sa.String(36), sa.ForeignKey("preflight_run.id"), primary_key=True),
        sa.Column("rule_id", sa.Text(), primary_key=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("rule_type", "severity", "status")),
        sa.Column("violations", sa.Integer(), nullable=False),
    )
