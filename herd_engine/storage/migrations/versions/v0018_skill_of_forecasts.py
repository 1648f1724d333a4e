"""How far judged forecasts were off, and what would have been said without a model."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Add the columns; of what was judged before, they are not known."""
    for name in ("crps", "persistence"):
        op.add_column("judgement", sa.Column(name, sa.Float()))
