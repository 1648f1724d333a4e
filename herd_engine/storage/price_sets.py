"""Prices of farms, by name: the newest version counts, all tell who said what."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from herd_engine.storage.audit_rows import note_audit
from herd_engine.storage.database import Database
from herd_engine.storage.farms import lock_farm
from herd_engine.storage.names import name_key
from herd_engine.storage.run_rows import JsonObject
from herd_engine.storage.scope import Scope, row_as
from herd_engine.storage.tables import now, price_set


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSetRow:
    """One version of a set of prices, 1 at first; ``content`` holds what was said."""

    name_key: str
    version: int
    owner: str
    content: JsonObject
    created_at: datetime


class PriceSets:
    """Keep and list sets of prices by farm."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, scope: Scope) -> tuple[PriceSetRow, ...]:
        """Return the newest version of every set, by name."""
        with self._database.reading() as connection:
            rows = connection.execute(_of(scope)).all()
        seen: dict[str, PriceSetRow] = {}
        for row in rows:
            seen.setdefault(row.name_key, row_as(PriceSetRow, row))
        return tuple(seen[key] for key in sorted(seen))

    def versions(self, scope: Scope, name: str) -> tuple[PriceSetRow, ...]:
        """Return all versions of a set, newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(_of(scope).where(price_set.c.name_key == name_key(name))).all()
        return tuple(row_as(PriceSetRow, row) for row in rows)

    def save(self, scope: Scope, owner: str, name: str, content: JsonObject) -> PriceSetRow:
        """Keep another version; the newest again where it says the same."""
        with self._database.transaction() as connection:
            lock_farm(connection, scope.farm_id)
            mine = _of(scope).where(price_set.c.name_key == name_key(name)).limit(1)
            newest = connection.execute(mine).one_or_none()
            if newest is not None and newest.content == content:
                return row_as(PriceSetRow, newest)
            row = PriceSetRow(
                name_key=name_key(name),
                version=1 if newest is None else newest.version + 1,
                owner=owner,
                content=content,
                created_at=now(),
            )
            values = {each: getattr(row, each) for each in PriceSetRow.__dataclass_fields__}
            connection.execute(sa.insert(price_set).values(farm_id=scope.farm_id, **values))
            old = None if newest is None else newest.content
            note_audit(
                connection, row.created_at, owner, "prices_set", f"{name} {row.version}", content,
                old=old, farm_id=scope.farm_id,
            )  # fmt: skip
            return row


def _of(scope: Scope) -> sa.Select[tuple[object, ...]]:
    mine = price_set.c.farm_id == scope.farm_id
    return sa.select(price_set).where(mine).order_by(price_set.c.name_key, price_set.c.version.desc())
