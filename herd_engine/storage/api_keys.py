"""Keys for programs, as they are kept: found by their beginning, told by a hash."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from herd_engine.errors import NotFoundError
from herd_engine.storage.audit_rows import note_audit
from herd_engine.storage.database import Database
from herd_engine.storage.names import checked_name
from herd_engine.storage.scope import ID, row_as
from herd_engine.storage.tables import api_key, now

USED_EVERY = timedelta(minutes=1)
"""That a key is used is written down no more often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyRow:
    """A key as stored.

    Attributes
    ----------
    beginning : str
        Eight letters of it that are no secret.
    hash : str
        Of the whole key.
    scopes : tuple of str
    farms : tuple of str, optional
        Ids; None for all that its maker may see.
    created_by : str
    by_owner : bool
        Whether the owner of the home made it.
    """

    id: str
    beginning: str
    name: str
    hash: str
    scopes: tuple[str, ...]
    farms: tuple[str, ...] | None
    created_by: str
    by_owner: bool
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None

    @property
    def is_alive(self) -> bool:
        """Whether it opens anything."""
        return self.revoked_at is None and now() < self.expires_at


class ApiKeyTable:
    """Keep, find, list and revoke keys."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, row: ApiKeyRow) -> ApiKeyRow:
        """Keep a new key.

        Raises
        ------
        ParameterError
            Its name cannot be one.
        """
        values = {name: getattr(row, name) for name in ApiKeyRow.__slots__}
        values |= {"name": checked_name(row.name), "scopes": list(row.scopes)}
        values["farms"] = None if row.farms is None else list(row.farms)
        said = {"scopes": values["scopes"], "farms": values["farms"], "until": row.expires_at.isoformat()}
        with self._database.transaction() as connection:
            _note(connection, row.created_by, "KEY_CREATED", row.id, {"name": values["name"], **said})
            return _row(connection.execute(sa.insert(api_key).values(**values).returning(api_key)).one())

    def find(self, beginning: str) -> ApiKeyRow | None:
        """Return the key that begins so."""
        query = sa.select(api_key).where(api_key.c.beginning == beginning)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _row(row)

    def list(self, created_by: str | None = None) -> tuple[ApiKeyRow, ...]:
        """Return the keys of one maker, or all, newest first."""
        query = sa.select(api_key).order_by(api_key.c.created_at.desc(), api_key.c.id)
        if created_by is not None:
            query = query.where(api_key.c.created_by == created_by)
        with self._database.reading() as connection:
            return tuple(_row(row) for row in connection.execute(query))

    def revoke(self, key: str, created_by: str | None = None, actor: str | None = None) -> ApiKeyRow:
        """End a key, by its id or beginning; of one maker alone where that is said.

        Ended twice, it is noted once.

        Parameters
        ----------
        key : str
        created_by : str, optional
        actor : str, optional
            Who ends it; its maker where nobody is named.

        Raises
        ------
        NotFoundError
        """
        column = api_key.c.id if ID.fullmatch(key) else api_key.c.beginning
        where = [column == key, *([] if created_by is None else [api_key.c.created_by == created_by])]
        change = sa.update(api_key).where(*where, api_key.c.revoked_at.is_(None)).values(revoked_at=now())
        with self._database.transaction() as connection:
            ended = connection.execute(change.returning(api_key)).one_or_none()
            if ended is not None:
                _note(connection, actor or ended.created_by, "KEY_REVOKED", ended.id, {"name": ended.name})
            row = ended or connection.execute(sa.select(api_key).where(*where)).one_or_none()
        if row is None:
            raise NotFoundError("api_key", key)
        return _row(row)

    def note_use(self, key: ApiKeyRow) -> None:
        """Write down that a key is used, where that was not done within the last minute."""
        moment = now()
        if key.last_used_at is not None and moment - key.last_used_at < USED_EVERY:
            return
        change = sa.update(api_key).where(api_key.c.id == key.id).values(last_used_at=moment)
        with self._database.transaction() as connection:
            connection.execute(change)


def _note(connection: sa.Connection, actor: str, action: str, key_id: str, new: dict[str, Any]) -> None:
    """Write down who made or ended a key: never what opens with it."""
    note_audit(connection, now(), actor, action, f"api_key/{key_id}", new)


def _row(row: sa.Row[Any]) -> ApiKeyRow:
    farms = None if row.farms is None else tuple(row.farms)
    return row_as(ApiKeyRow, row, scopes=tuple(row.scopes), farms=farms)
