"""What farms say about themselves: the newest version counts, all tell who said what."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from herd_engine.storage.database import Database
from herd_engine.storage.farms import lock_farm
from herd_engine.storage.run_rows import JsonObject
from herd_engine.storage.scope import Scope, row_as
from herd_engine.storage.tables import farm_sheet, now


@dataclass(frozen=True, slots=True, kw_only=True)
class FarmSheetRow:
    """One version of a farm's sheet, 1 at first; ``sheet`` holds what was said."""

    version: int
    owner: str
    sheet: JsonObject
    created_at: datetime


class FarmSheets:
    """Keep and list sheets by farm."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def versions(self, scope: Scope) -> tuple[FarmSheetRow, ...]:
        """Return all versions, newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(_of(scope)).all()
        return tuple(row_as(FarmSheetRow, row) for row in rows)

    def save(self, scope: Scope, owner: str, sheet: JsonObject) -> FarmSheetRow:
        """Keep another version; the newest again where it says the same."""
        with self._database.transaction() as connection:
            lock_farm(connection, scope.farm_id)
            newest = connection.execute(_of(scope).limit(1)).one_or_none()
            if newest is not None and newest.sheet == sheet:
                return row_as(FarmSheetRow, newest)
            version = 1 if newest is None else newest.version + 1
            row = FarmSheetRow(version=version, owner=owner, sheet=sheet, created_at=now())
            values = {name: getattr(row, name) for name in FarmSheetRow.__dataclass_fields__}
            connection.execute(sa.insert(farm_sheet).values(farm_id=scope.farm_id, **values))
            return row


def _of(scope: Scope) -> sa.Select[tuple[object, ...]]:
    mine = farm_sheet.c.farm_id == scope.farm_id
    return sa.select(farm_sheet).where(mine).order_by(farm_sheet.c.version.desc())
