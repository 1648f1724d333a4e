"""Alerts as they stand, every change of them, silences, policies as rows, and the audit."""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from herd_engine.errors import NotFoundError
from herd_engine.storage.database import Database, upsert
from herd_engine.storage.operation_tables import (
    alert_policy,
    alert_state,
    alert_transition,
    audit,
    outbox,
    silence,
)
from herd_engine.storage.scope import row_as

RANKS = {"HIGH": 0, "MEDIUM": 1, "LOW": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """An alert as it stands: a policy on a farm, or on the whole home where ``farm_id`` is None.

    Attributes
    ----------
    last_value, threshold : float or None
    message : dict
        ``Message.as_plain``.
    firing : int
        How often it has fired; an acknowledgement is of one firing.
    muted_by : str or None
        The silence that kept the last notification back.
    """

    id: str
    policy_id: str
    farm_id: str | None
    labels: Mapping[str, str]
    severity: str
    state: str
    since: datetime
    pending_since: datetime | None
    clear_since: datetime | None
    has_no_data: bool
    last_value: float | None
    threshold: float | None
    message: Mapping[str, Any]
    last_evaluated_at: datetime
    firing: int = 0
    muted_by: str | None = None
    ack_by: str | None = None
    ack_at: datetime | None = None
    ack_note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionRow:
    """One change of an alert."""

    id: str
    alert_id: str
    policy_id: str
    farm_id: str | None
    severity: str
    old: str
    new: str
    at: datetime
    value: float | None
    threshold: float | None
    message: Mapping[str, Any]
    reason: str
    epoch: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """Who did what, to what, and what it was before."""

    id: str
    farm_id: str | None
    at: datetime
    actor: str
    action: str
    object: str
    old: Mapping[str, Any] | None
    new: Mapping[str, Any] | None
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceRow:
    """Alerts that nobody is told of for a while.

    Attributes
    ----------
    matchers : dict of str to str
        ``policy``, ``farm``, ``severity`` or a label; ``=~`` before a value makes it a regular expression.
    """

    id: str
    matchers: Mapping[str, str]
    starts_at: datetime
    ends_at: datetime
    reason: str
    created_by: str
    created_at: datetime
    expired_at: datetime | None = None

    def is_active(self, at: datetime) -> bool:
        """Tell whether it holds at a moment."""
        return self.expired_at is None and self.starts_at <= at < self.ends_at


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRow:
    """A version of a policy that somebody set; ``definition`` None: it was taken away."""

    policy_id: str
    version: int
    definition: Mapping[str, Any] | None
    created_by: str
    created_at: datetime


class AlertTable:
    """Alerts, their changes, silences, policies as rows, and the audit.

    Methods with a ``connection`` work within the caller's transaction.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def of_policy(self, connection: sa.Connection, policy_id: str) -> dict[str, AlertRow]:
        """Return the alerts of a policy by id; whoever else looks at it waits until the transaction ends."""
        if connection.dialect.name == "postgresql":  # SQLite has one writer at a time
            number = int(hashlib.sha256(policy_id.encode()).hexdigest()[:15], 16)
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))
        query = sa.select(alert_state).where(alert_state.c.policy_id == policy_id)
        return {row.id: row_as(AlertRow, row) for row in connection.execute(query)}

    def known_policies(self) -> frozenset[str]:
        """Return the ids of all policies that have alerts."""
        with self.database.reading() as connection:
            return frozenset(connection.scalars(sa.select(alert_state.c.policy_id).distinct()))

    def put(self, connection: sa.Connection, row: AlertRow) -> None:
        """Write an alert as it stands now."""
        values = asdict(row)
        statement = upsert(connection, alert_state).values(**values)
        changed = {name: value for name, value in values.items() if name != "id"}
        connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed))

    def add_transition(self, connection: sa.Connection, row: TransitionRow) -> None:
        """Keep a change."""
        connection.execute(sa.insert(alert_transition).values(**asdict(row)))

    def told_channels(self, connection: sa.Connection, alert_id: str) -> tuple[str, ...]:
        """Return the channels that were told that an alert fires."""
        query = sa.select(outbox.c.channel_id).where(outbox.c.alert_id == alert_id).distinct()
        return tuple(sorted(connection.scalars(query)))

    def n_dead_messages(self) -> int:
        """Return how many messages were given up."""
        query = sa.select(sa.func.count()).where(outbox.c.state == "DEAD")
        with self.database.reading() as connection:
            return int(connection.scalar(query) or 0)

    def list_alerts(self, farm_id: str | None = None) -> tuple[AlertRow, ...]:
        """Return alerts, the most severe first, then the oldest; of one farm and of the home, or all."""
        rank = sa.case(RANKS, value=alert_state.c.severity, else_=len(RANKS))
        query = sa.select(alert_state).order_by(rank, alert_state.c.since, alert_state.c.id)
        if farm_id is not None:
            query = query.where(_of(alert_state, farm_id))
        return self._rows(AlertRow, query)

    def find(self, connection: sa.Connection, alert_id: str) -> AlertRow:
        """Return an alert, locked until the transaction ends; NotFoundError."""
        query = sa.select(alert_state).where(alert_state.c.id == alert_id).with_for_update()
        row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFoundError("alert", alert_id)
        return row_as(AlertRow, row)

    def history(self, farm_id: str | None = None, limit: int = 50) -> tuple[TransitionRow, ...]:
        """Return changes, the newest first."""
        query = sa.select(alert_transition).order_by(alert_transition.c.at.desc(), alert_transition.c.id)
        if farm_id is not None:
            query = query.where(_of(alert_transition, farm_id))
        return self._rows(TransitionRow, query.limit(limit))

    def audits(self, farm_id: str | None = None, limit: int = 50) -> tuple[AuditRow, ...]:
        """Return the audit, the newest first; of one farm, or all."""
        query = sa.select(audit).order_by(audit.c.at.desc(), audit.c.id)
        if farm_id is not None:  # what is of no farm is the owner's alone
            query = query.where(audit.c.farm_id == farm_id)
        return self._rows(AuditRow, query.limit(limit))

    def silences(self, connection: sa.Connection | None = None) -> tuple[SilenceRow, ...]:
        """Return all silences, the one that ends last first."""
        query = sa.select(silence).order_by(silence.c.ends_at.desc(), silence.c.id)
        if connection is None:
            return self._rows(SilenceRow, query)
        return tuple(row_as(SilenceRow, row) for row in connection.execute(query))

    def add_silence(self, connection: sa.Connection, row: SilenceRow) -> None:
        """Keep a silence."""
        connection.execute(sa.insert(silence).values(**asdict(row)))

    def expire_silence(self, connection: sa.Connection, silence_id: str, at: datetime) -> SilenceRow:
        """End a silence; one that has ended stays as it is. NotFoundError."""
        change = sa.update(silence).where(silence.c.id == silence_id, silence.c.expired_at.is_(None))
        connection.execute(change.values(expired_at=at))
        row = connection.execute(sa.select(silence).where(silence.c.id == silence_id)).one_or_none()
        if row is None:
            raise NotFoundError("silence", silence_id)
        return row_as(SilenceRow, row)

    def policies(self) -> tuple[PolicyRow, ...]:
        """Return the newest version of each policy that was set here, those that were taken away too."""
        newest = sa.select(alert_policy.c.policy_id, sa.func.max(alert_policy.c.version).label("version"))
        last = newest.group_by(alert_policy.c.policy_id).subquery()
        same = sa.and_(alert_policy.c.policy_id == last.c.policy_id, alert_policy.c.version == last.c.version)
        query = sa.select(alert_policy).join(last, same).order_by(alert_policy.c.policy_id)
        return self._rows(PolicyRow, query)

    def put_policy(
        self,
        connection: sa.Connection,
        policy_id: str,
        definition: Mapping[str, Any] | None,
        actor: str,
        at: datetime,
    ) -> PolicyRow:
        """Keep a new version of a policy; two at once get two versions, or the second fails."""
        of_policy = alert_policy.c.policy_id == policy_id
        last = connection.scalar(sa.select(sa.func.max(alert_policy.c.version)).where(of_policy))
        row = PolicyRow(
            policy_id=policy_id,
            version=(last or 0) + 1,
            definition=definition,
            created_by=actor,
            created_at=at,
        )
        connection.execute(sa.insert(alert_policy).values(**asdict(row)))
        return row

    def _rows(self, cls: Any, query: sa.Select[Any]) -> tuple[Any, ...]:
        with self.database.reading() as connection:
            return tuple(row_as(cls, row) for row in connection.execute(query))


def new_id() -> str:
    """Return a new id of a row."""
    return str(uuid.uuid4())


def _of(table: sa.Table, farm_id: str) -> sa.ColumnElement[bool]:
    return sa.or_(table.c.farm_id == farm_id, table.c.farm_id.is_(None))
