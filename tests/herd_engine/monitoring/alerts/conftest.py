"""A store of each kind, a clock that a test sets, and messages that are only counted."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from herd_engine.monitoring.alerts.evaluation import Evaluation, Looked, Notice
from herd_engine.monitoring.alerts.policy import Policy
from herd_engine.monitoring.alerts.policy_files import PolicyBook
from herd_engine.runs.kept import KeptRuns
from herd_engine.storage.alerts import AlertRow, AlertTable
from herd_engine.storage.database import Connection
from herd_engine.storage.outbox import NewMessage
from tests.herd_engine.runs.conftest import farm_file, kept, settings

__all__ = ["farm_file", "kept", "settings"]


class Watching:
    """Evaluations of a home at moments that a test chooses."""

    def __init__(self, kept: KeptRuns) -> None:
        self.kept, self.table = kept, AlertTable(kept.store.database)
        self.now = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
        self.told: list[Notice] = []
        self.book = PolicyBook(Path("/nowhere"), self.table)

    def policy(self, **said: Any) -> Policy:
        """Set a policy in the apps."""
        policy = Policy.model_validate({"id": "watched", "channels": ["hub"]} | said)
        self._put(policy.id, policy.as_plain())
        return policy

    def take_away(self, name: str = "watched") -> None:
        self._put(name, None)

    def _put(self, name: str, definition: dict[str, Any] | None) -> None:
        with self.kept.store.database.transaction() as connection:
            self.table.put_policy(connection, name, definition, "tester", self.now)

    def look(self, **later: float) -> Looked:
        """Look at all policies, so much later than before."""
        self.now += timedelta(**later)
        return Evaluation(self.kept.store, self.book, self._tell, self._clock).look()

    def alert(self) -> AlertRow:
        """Return the one alert that there is."""
        (row,) = self.table.list_alerts()
        return row

    def _clock(self, _: Connection) -> datetime:
        return self.now

    def _tell(self, notice: Notice) -> Sequence[NewMessage]:
        self.told.append(notice)
        number = len(self.told)
        return [
            NewMessage(
                event_id=f"event-{number}",
                channel_id=channel,
                event_type=notice.type,
                alert_id=notice.alert.id,
                farm_id=notice.subject.farm_id,
                severity=notice.alert.severity,
                payload="{}",
                muted_by=notice.muted_by,
            )
            for channel in notice.channels
        ]

    @property
    def types(self) -> list[str]:
        """What was told, in order; what was kept back is in brackets."""
        return [f"({notice.type})" if notice.muted_by else notice.type for notice in self.told]


@pytest.fixture
def watching(kept: KeptRuns) -> Watching:
    return Watching(kept)
