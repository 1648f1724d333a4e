"""A farm's own layer of a contract: every version that there was, with the whole contract that it made."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from herd_engine.errors import NotFoundError
from herd_engine.storage.database import Database
from herd_engine.storage.farms import lock_farm
from herd_engine.storage.run_rows import JsonObject
from herd_engine.storage.scope import Scope, row_as
from herd_engine.storage.tables import farm_contract, now


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFarmContract:
    """A version to be kept.

    Attributes
    ----------
    profile : str
        Such as ``herd_export``.
    base : str
        ``profile@version`` that the layer was laid over.
    layer, content : dict
        The farm's own part, and the whole contract.
    sha256 : str
        Of what the whole contract says.
    author, reason : str
    """

    profile: str
    base: str
    layer: JsonObject
    content: JsonObject
    sha256: str
    author: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FarmContractRow(NewFarmContract):
    """A version as stored; 1 at first."""

    version: int
    created_at: datetime


class FarmContracts:
    """Keep and look up versions of farms' contracts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, scope: Scope, new: NewFarmContract) -> FarmContractRow:
        """Keep another version; the newest again where it says the same."""
        with self._database.transaction() as connection:
            lock_farm(connection, scope.farm_id)
            newest = connection.execute(_of(scope, new.profile).limit(1)).one_or_none()
            if newest is not None and (newest.sha256, newest.layer) == (new.sha256, new.layer):
                return row_as(FarmContractRow, newest)
            row = FarmContractRow(
                **{name: getattr(new, name) for name in NewFarmContract.__dataclass_fields__},
                version=1 if newest is None else newest.version + 1,
                created_at=now(),
            )
            values = {name: getattr(row, name) for name in FarmContractRow.__dataclass_fields__}
            connection.execute(sa.insert(farm_contract).values(farm_id=scope.farm_id, **values))
            return row

    def versions(self, scope: Scope, profile: str) -> tuple[FarmContractRow, ...]:
        """Return all versions, newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(_of(scope, profile)).all()
        return tuple(row_as(FarmContractRow, row) for row in rows)

    def latest(self, scope: Scope, profile: str) -> FarmContractRow | None:
        """Return the newest version; None where the farm has no layer."""
        with self._database.reading() as connection:
            row = connection.execute(_of(scope, profile).limit(1)).one_or_none()
        return None if row is None else row_as(FarmContractRow, row)

    def get(self, scope: Scope, profile: str, version: int) -> FarmContractRow:
        """Return a version, or raise NotFoundError."""
        query = _of(scope, profile).where(farm_contract.c.version == version)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFoundError("contract", f"{profile} {version}")
        return row_as(FarmContractRow, row)


def _of(scope: Scope, profile: str) -> sa.Select[tuple[object, ...]]:
    mine = sa.and_(farm_contract.c.farm_id == scope.farm_id, farm_contract.c.profile == profile)
    return sa.select(farm_contract).where(mine).order_by(farm_contract.c.version.desc())
