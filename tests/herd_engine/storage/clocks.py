"""A clock that a test sets."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

START = datetime(2026, 2, 26, 12, tzinfo=UTC)


class SetClock:
    """Tells what it was set to."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self, connection: sa.Connection) -> datetime:
        return self.moment

    def forward(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)
