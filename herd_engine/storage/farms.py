"""Farms: the tenants. Every other row belongs to one."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from herd_engine.errors import ConflictError, NotFoundError
from herd_engine.model.visitor import Role
from herd_engine.storage.audit_rows import note_audit
from herd_engine.storage.database import Database, upsert
from herd_engine.storage.membership_rows import insert_membership
from herd_engine.storage.names import checked_name, name_key
from herd_engine.storage.scope import ID, row_as
from herd_engine.storage.tables import farm, farm_version, now


@dataclass(frozen=True, slots=True, kw_only=True)
class FarmRow:
    """A farm as stored; exactly one is the default."""

    id: str
    name: str
    is_default: bool
    created_at: datetime
    archived_at: datetime | None


class FarmTable:
    """Add, rename, archive farms, and say which is meant where none is named."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, admin: str | None = None) -> FarmRow:
        """Add a farm.

        Parameters
        ----------
        name : str
        admin : str, optional
            Its first member, who alone may then see it; without one it is open.

        Raises
        ------
        ConflictError
            A farm of this name exists, whatever the case; archived ones count.
        """
        name = checked_name(name)
        farm_id = str(uuid.uuid4())
        values = {"id": farm_id, "name": name, "name_key": name_key(name), "is_default": False}
        new = sa.insert(farm).values(**values, created_at=now()).returning(farm)
        return self._change(name, new, farm_id, admin)

    def rename(self, farm_id: str, name: str) -> FarmRow:
        """Give a farm another name.

        Raises
        ------
        ConflictError
            Another farm has this name.
        NotFoundError
        """
        name = checked_name(name)
        return self._change(name, _update(farm_id, name=name, name_key=name_key(name)), farm_id)

    def archive(self, farm_id: str, *, archived: bool = True) -> FarmRow:
        """Put a farm out of sight, or back.

        Raises
        ------
        ConflictError
            It is the default: choose another one first.
        NotFoundError
        """
        with self._database.transaction() as connection:
            if archived and _locked(connection, farm_id).is_default:
                raise ConflictError(
                    "The default farm cannot be archived; make another one the default first.", "farm_default"
                )
            moment = now() if archived else None
            return _one(connection.execute(_update(farm_id, archived_at=moment)), farm_id)

    def make_default(self, farm_id: str) -> FarmRow:
        """Let this farm be meant where none is named.

        Raises
        ------
        ConflictError
            It is archived.
        NotFoundError
        """
        with self._database.transaction() as connection:
            if _locked(connection, farm_id).archived_at is not None:
                raise ConflictError("An archived farm cannot be the default.", "farm_archived")
            connection.execute(sa.update(farm).where(farm.c.is_default).values(is_default=False))
            return _one(connection.execute(_update(farm_id, is_default=True)), farm_id)

    def get(self, farm_id: str) -> FarmRow:
        """Return a farm, or raise NotFoundError."""
        with self._database.reading() as connection:
            return _one(connection.execute(_select(farm_id)), farm_id)

    def default(self) -> FarmRow:
        """Return the default farm."""
        with self._database.reading() as connection:
            return _one(connection.execute(sa.select(farm).where(farm.c.is_default)), "default")

    def list_farms(self, *, archived: bool = False) -> tuple[FarmRow, ...]:
        """Return all farms by name, without or with the archived ones."""
        query = sa.select(farm).order_by(farm.c.name_key)
        if not archived:
            query = query.where(farm.c.archived_at.is_(None))
        with self._database.reading() as connection:
            return tuple(row_as(FarmRow, row) for row in connection.execute(query))

    def version(self, farm_id: str) -> int:
        """Return a number that grows whenever something readable of the farm changes."""
        query = sa.select(farm_version.c.version).where(farm_version.c.farm_id == farm_id)
        with self._database.reading() as connection:
            return connection.execute(query).scalar() or 0

    def renew(self, farm_id: str, actor: str, about: str) -> None:
        """Let what is remembered of a farm be read anew; NotFoundError."""
        with self._database.transaction() as connection:
            lock_farm(connection, farm_id)
            bump_farm_version(connection, farm_id)
            note_audit(connection, now(), actor, "cache_invalidated", about, farm_id=farm_id)

    def _change(
        self, name: str, statement: sa.Insert | sa.Update, farm_id: str, admin: str | None = None
    ) -> FarmRow:
        try:
            with self._database.transaction() as connection:
                changed = _one(connection.execute(statement), farm_id)
                if admin is not None:
                    insert_membership(connection, farm_id, admin, Role.ADMIN)
                return changed
        except IntegrityError as error:
            raise ConflictError(f"A farm named {name!r} exists already.", "farm_taken", name) from error


def lock_farm(connection: sa.Connection, farm_id: str) -> None:
    """Let whoever wants the same on this farm wait until the transaction ends.

    Raises
    ------
    NotFoundError
        There is no such farm.
    """
    _locked(connection, farm_id)


def bump_farm_version(connection: sa.Connection, farm_id: str) -> None:
    """Tell readers, in the transaction that changes something, that what they remember is old."""
    new = upsert(connection, farm_version).values(farm_id=farm_id, version=1)
    grown = {"version": farm_version.c.version + 1}
    connection.execute(new.on_conflict_do_update(index_elements=["farm_id"], set_=grown))


def _locked(connection: sa.Connection, farm_id: str) -> FarmRow:
    return _one(connection.execute(_select(farm_id).with_for_update(key_share=True)), farm_id)


def _select(farm_id: str) -> sa.Select[Any]:
    return sa.select(farm).where(_is(farm_id))


def _update(farm_id: str, **values: Any) -> sa.Update:
    return sa.update(farm).where(_is(farm_id)).values(**values).returning(farm)


def _is(farm_id: str) -> sa.ColumnElement[bool]:
    if not ID.fullmatch(farm_id):
        raise NotFoundError("farm", farm_id)
    return farm.c.id == farm_id


def _one(result: sa.Result[Any], farm_id: str) -> FarmRow:
    row = result.one_or_none()
    if row is None:
        raise NotFoundError("farm", farm_id)
    return row_as(FarmRow, row)
