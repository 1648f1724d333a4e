"""Why a run failed is kept as a code with its facts; sentences that were kept before stay."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the column; runs that failed before have a sentence in its place."""
    op.add_column("run", sa.Column("error_params", sa.JSON()))
