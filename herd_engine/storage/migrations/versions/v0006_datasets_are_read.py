"""A dataset is bytes and how they were read: its hash is no longer always that of the file."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the hash of the file and the answers; datasets so far have the hash of their file as identity.

    What was answered for them is not known: no answers are not the same as none.
    """
    op.add_column("dataset", sa.Column("file_sha256", sa.Text(), nullable=False, server_default=""))
    op.add_column("dataset", sa.Column("answers", sa.JSON(), nullable=True))
    op.execute(sa.text("UPDATE dataset SET file_sha256 = sha256"))
    op.create_index("ix_dataset_file_sha256", "dataset", ["file_sha256"])
