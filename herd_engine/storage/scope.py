"""Whose rows: everything that is read or changed lies within a scope."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from herd_engine.errors import NotFoundError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    RowType = TypeVar("RowType", bound=DataclassInstance)

ID = re.compile("[0-9a-f-]{36}")
"""Ids are UUIDs in text form; nothing else is looked up."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows of one farm, or of one owner on it.

    Attributes
    ----------
    farm_id : str
    owner : str, optional
        None takes the rows of everybody on the farm.
    """

    farm_id: str
    owner: str | None = None

    def holds(self, table: sa.Table) -> sa.ColumnElement[bool]:
        """Return the condition that a row of the table lies within."""
        of_farm = table.c.farm_id == self.farm_id
        return of_farm if self.owner is None else sa.and_(of_farm, table.c.owner == self.owner)


def require(connection: sa.Connection, table: sa.Table, scope: Scope, row_id: str) -> sa.Row[Any]:
    """Return the row of this id within the scope.

    Raises
    ------
    NotFoundError
        There is none: it does not exist, or it is somebody else's.
    """
    if ID.fullmatch(row_id):
        row = connection.execute(_by_id(table, scope), {"row_id": row_id}).one_or_none()
        if row is not None:
            return row
    raise NotFoundError(table.name, row_id)


@lru_cache(maxsize=1024)
def _by_id(table: sa.Table, scope: Scope) -> sa.Select[Any]:
    """Return the query of one row; to make it anew each time would take as long as to carry it out."""
    return sa.select(table).where(table.c.id == sa.bindparam("row_id"), scope.holds(table))


def require_live(connection: sa.Connection, table: sa.Table, scope: Scope, row_id: str) -> sa.Row[Any]:
    """Return the row of this id within the scope; one that was deleted is not found either."""
    row = require(connection, table, scope, row_id)
    if row.deleted_at is not None:
        raise NotFoundError(table.name, row_id)
    return row


def well_formed(ids: Iterable[str]) -> list[str]:
    """Return those that can be ids at all, each once, in the given order."""
    return [row_id for row_id in dict.fromkeys(ids) if ID.fullmatch(row_id)]


def row_as(cls: "type[RowType]", row: sa.Row[Any], **other: Any) -> "RowType":
    """Return a row as a dataclass whose fields are named like the columns; ``other`` replaces values."""
    names = [field.name for field in fields(cls)]
    return cls(**{name: other[name] if name in other else getattr(row, name) for name in names})
