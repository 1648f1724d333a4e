"""A queued run may always be claimed: a runner that retries one keeps it meanwhile."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Drop the moment before which a run was not to be claimed."""
    op.drop_column("run", "not_before")
