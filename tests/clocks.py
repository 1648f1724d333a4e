"""Clocks that tests set: what is old on one day must not be newer, or older, on another."""

from datetime import UTC, datetime

import sqlalchemy as sa


def in_march(_: sa.Connection) -> datetime:
    """Return the morning after the report date of the sample herds."""
    return datetime(2026, 3, 2, 6, tzinfo=UTC)
