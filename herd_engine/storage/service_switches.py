"""What of the service is switched off, and who may ask for more or less of it; every version is kept."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from herd_engine.model.service_limits import EVERYWHERE
from herd_engine.storage.audit_rows import note_audit
from herd_engine.storage.database import Database, lock_content
from herd_engine.storage.operation_tables import flag, limit_override
from herd_engine.storage.scope import row_as
from herd_engine.storage.tables import now

LOCK = hashlib.sha256(b"service switches").hexdigest()
"""Whoever changes one waits for who changes another: both get a version."""

_ACTIONS = {flag.name: "FLAG_CHANGED", limit_override.name: "LIMIT_CHANGED"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagRow:
    """What somebody said of a flag: on a farm, or everywhere."""

    place: str
    name: str
    version: int
    enabled: bool
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRow:
    """How much a person, or everybody together, may ask for: on a farm, or everywhere; ``until`` then."""

    place: str
    principal: str
    kind: str
    version: int
    rate: str
    until: datetime | None
    created_by: str
    created_at: datetime


class ServiceSwitches:
    """Read and change them; a change and its line in the audit are one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def flags(self) -> tuple[FlagRow, ...]:
        """Return what was said of flags and is not taken back."""
        query = _newest(flag, "place", "name").where(flag.c.enabled.is_not(None))
        with self._database.reading() as connection:
            return tuple(row_as(FlagRow, row) for row in connection.execute(query))

    def limits(self) -> tuple[LimitRow, ...]:
        """Return the exceptions that are in force now."""
        query = _newest(limit_override, "place", "principal", "kind").where(
            limit_override.c.rate.is_not(None),
            limit_override.c.until.is_(None) | (limit_override.c.until > now()),
        )
        with self._database.reading() as connection:
            return tuple(row_as(LimitRow, row) for row in connection.execute(query))

    def set_flag(self, place: str, name: str, enabled: bool | None, actor: str) -> None:
        """Switch something on or off; None takes back what was said."""
        self._change(flag, {"place": place, "name": name}, {"enabled": enabled}, actor)

    def set_limit(
        self, place: str, principal: str, kind: str, rate: str | None, until: datetime | None, actor: str
    ) -> None:
        """Let somebody ask for more or less of a class; None takes back what was said."""
        key = {"place": place, "principal": principal, "kind": kind}
        self._change(limit_override, key, {"rate": rate, "until": until}, actor)

    def _change(self, table: sa.Table, key: dict[str, str], values: dict[str, object], actor: str) -> None:
        at = now()
        same = sa.and_(*(table.c[name] == value for name, value in key.items()))
        with self._database.transaction() as connection:
            lock_content(connection, LOCK)
            query = sa.select(table).where(same).order_by(table.c.version.desc()).limit(1)
            before = connection.execute(query).one_or_none()
            version = 1 if before is None else before.version + 1
            row = {**key, **values, "version": version, "created_by": actor, "created_at": at}
            connection.execute(sa.insert(table).values(**row))
            old = None if before is None else {name: _plain(getattr(before, name)) for name in values}
            new = {name: _plain(value) for name, value in values.items()}
            about = "/".join([table.name, *filter(None, key.values())])
            farm_id = None if key["place"] == EVERYWHERE else key["place"]
            note_audit(connection, at, actor, _ACTIONS[table.name], about, new, old=old, farm_id=farm_id)


def _newest(table: sa.Table, *names: str) -> sa.Select[tuple[object, ...]]:
    keys = [table.c[name] for name in names]
    last = sa.select(*keys, sa.func.max(table.c.version).label("version")).group_by(*keys).subquery()
    same = sa.and_(*(table.c[name] == last.c[name] for name in (*names, "version")))
    return sa.select(table).join(last, same).order_by(*keys)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
