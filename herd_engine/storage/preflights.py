"""The registry of preflights: which herd files were asked by which rules, and what came of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any

import sqlalchemy as sa

from herd_engine.storage.database import Database
from herd_engine.storage.scope import Scope, require, row_as
from herd_engine.storage.tables import now, preflight_rule, preflight_run


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPreflight:
    """A preflight to be kept.

    Attributes
    ----------
    id, farm_id, owner : str
    file_name, file_sha256 : str
    report_date : date, optional
        None where the file cannot be read.
    mode : str
        ``off``, ``report_only`` or ``enforce``.
    contract, contract_sha256 : str
    validation, semantic, status : str
        ``PASS``, ``WARN``, ``FAIL`` or ``SKIPPED``: of the reading, of the rules, the worse of the two.
    block_reason : str
        ``validation_fail`` or ``semantic_fail`` where the file was blocked; empty where not.
    """

    id: str
    farm_id: str
    owner: str
    file_name: str
    file_sha256: str
    report_date: date | None
    mode: str
    contract: str
    contract_sha256: str
    validation: str
    semantic: str
    status: str
    block_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightRow(NewPreflight):
    """A preflight as stored."""

    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """What one rule found."""

    rule_id: str
    rule_type: str
    severity: str
    status: str
    violations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleMoment:
    """What one rule found in one preflight."""

    preflight_id: str
    file_name: str
    report_date: date | None
    contract_sha256: str
    created_at: datetime
    severity: str
    status: str
    violations: int


class PreflightTable:
    """Keep, list and count preflights."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, new: NewPreflight, rules: Sequence[RuleRow]) -> PreflightRow:
        """Keep a preflight with what its rules found."""
        row = PreflightRow(**asdict(new), created_at=now())
        with self._database.transaction() as connection:
            connection.execute(sa.insert(preflight_run).values(**asdict(row)))
            if rules:
                values = [asdict(rule) | {"run_id": new.id} for rule in rules]
                connection.execute(sa.insert(preflight_rule), values)
        return row

    def get(self, scope: Scope, run_id: str) -> PreflightRow:
        """Return a preflight, or raise NotFoundError."""
        with self._database.reading() as connection:
            return row_as(PreflightRow, require(connection, preflight_run, scope, run_id))

    def rules(self, scope: Scope, run_id: str) -> tuple[RuleRow, ...]:
        """Return what the rules of a preflight found, by name; NotFoundError."""
        query = sa.select(preflight_rule).where(preflight_rule.c.run_id == run_id)
        with self._database.reading() as connection:
            require(connection, preflight_run, scope, run_id)
            rows = connection.execute(query.order_by(preflight_rule.c.rule_id)).all()
        return tuple(row_as(RuleRow, row) for row in rows)

    def latest(self, scope: Scope, limit: int) -> tuple[PreflightRow, ...]:
        """Return the newest preflights of a farm, newest first."""
        query = sa.select(preflight_run).where(preflight_run.c.farm_id == scope.farm_id)
        order = (preflight_run.c.created_at.desc(), preflight_run.c.id.desc())
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(*order).limit(limit)).all()
        return tuple(row_as(PreflightRow, row) for row in rows)

    def by_status(self, scope: Scope) -> dict[str, int]:
        """Return how many preflights of a farm have each status."""
        query = sa.select(preflight_run.c.status, sa.func.count()).group_by(preflight_run.c.status)
        with self._database.reading() as connection:
            rows = connection.execute(query.where(preflight_run.c.farm_id == scope.farm_id)).all()
        return {str(status): int(count) for status, count in rows}

    def trend(self, scope: Scope, zone: tzinfo = UTC) -> tuple[tuple[date, str, int], ...]:
        """Return how many preflights of a farm came out how, by day in a zone, oldest first."""
        query = sa.select(preflight_run.c.created_at, preflight_run.c.status)
        with self._database.reading() as connection:
            rows = connection.execute(query.where(preflight_run.c.farm_id == scope.farm_id)).all()
        counted = Counter((row.created_at.astimezone(zone).date(), str(row.status)) for row in rows)
        return tuple((day, status, n) for (day, status), n in sorted(counted.items()))

    def rule_history(self, scope: Scope, rule_id: str, limit: int) -> tuple[RuleMoment, ...]:
        """Return what a rule found in a farm's preflights, newest first."""
        run, rule = preflight_run.c, preflight_rule.c
        query: sa.Select[Any] = (
            sa.select(
                run.id.label("preflight_id"), run.file_name, run.report_date, run.contract_sha256,
                run.created_at, rule.severity, rule.status, rule.violations,
            )
            .join(preflight_rule, rule.run_id == run.id)
            .where(run.farm_id == scope.farm_id, rule.rule_id == rule_id)
            .order_by(run.created_at.desc(), run.id.desc())
            .limit(limit)
        )  # fmt: skip
        with self._database.reading() as connection:
            return tuple(row_as(RuleMoment, row) for row in connection.execute(query).all())

    def top_rules(self, scope: Scope) -> tuple[tuple[str, int, int], ...]:
        """Return rules that were broken on a farm with how often they failed and warned, worst first."""
        failed, warned = (
            sa.func.sum(sa.case((preflight_rule.c.status == status, 1), else_=0))
            for status in ("FAIL", "WARN")
        )
        query = (
            sa.select(preflight_rule.c.rule_id, failed, warned)
            .join(preflight_run, preflight_run.c.id == preflight_rule.c.run_id)
            .where(preflight_run.c.farm_id == scope.farm_id, preflight_rule.c.status.in_(["FAIL", "WARN"]))
            .group_by(preflight_rule.c.rule_id)
            .order_by(failed.desc(), warned.desc(), preflight_rule.c.rule_id)
        )
        with self._database.reading() as connection:
            return tuple((str(rule), int(n), int(m)) for rule, n, m in connection.execute(query).all())
