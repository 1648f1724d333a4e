"""Built-in presets are part of the package: looking at them writes nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Delete the rows of built-in presets, and the column that told them."""
    op.execute(sa.text("DELETE FROM preset WHERE built_in"))
    op.drop_column("preset", "built_in")
