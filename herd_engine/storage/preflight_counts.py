"""How preflights of a farm went: the numbers that alerts and monitoring look at."""

from datetime import datetime

import sqlalchemy as sa

from herd_engine.storage.database import Database
from herd_engine.storage.tables import preflight_rule, preflight_run


class PreflightCounts:
    """Counts of preflights since a moment."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def by_outcome(self, farm_id: str, since: datetime) -> dict[str, float]:
        """Return how many preflights were asked (``total``), failed, were blocked, passed."""

        def counted(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
            return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)

        query = sa.select(
            counted(preflight_run.c.status != "SKIPPED").label("total"),
            counted(preflight_run.c.status == "FAIL").label("fail"),
            counted(preflight_run.c.block_reason != "").label("blocked"),
            counted(preflight_run.c.status.in_(["PASS", "WARN"])).label("passed"),
        ).where(preflight_run.c.farm_id == farm_id, preflight_run.c.created_at >= since)
        with self._database.reading() as connection:
            return {name: float(value) for name, value in connection.execute(query).one()._mapping.items()}

    def rule_fails(self, farm_id: str, since: datetime) -> dict[str, int]:
        """Return how often each rule that failed did."""
        query = (
            sa.select(preflight_rule.c.rule_id, sa.func.count())
            .join(preflight_run, preflight_run.c.id == preflight_rule.c.run_id)
            .where(
                preflight_run.c.farm_id == farm_id,
                preflight_run.c.created_at >= since,
                preflight_rule.c.status == "FAIL",
            )
            .group_by(preflight_rule.c.rule_id)
        )
        with self._database.reading() as connection:
            return {str(rule): int(n) for rule, n in connection.execute(query)}

    def latest_at(self) -> datetime | None:
        """Return when a file was examined last, on any farm."""
        with self._database.reading() as connection:
            latest: datetime | None = connection.scalar(sa.select(sa.func.max(preflight_run.c.created_at)))
        return latest
