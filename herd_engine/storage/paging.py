"""Lists by pages, newest first, that stay put while rows are added."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from herd_engine.errors import ParameterError

Item = TypeVar("Item")

MAX_LIMIT = 500


@dataclass(frozen=True, slots=True)
class ListPage(Generic[Item]):
    """One page of a list.

    Attributes
    ----------
    items : tuple
    next_cursor : str or None
        What to ask the next page with; None on the last page.
    """

    items: tuple[Item, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Request:
    """Which page is wanted.

    Attributes
    ----------
    cursor : str or None
        ``next_cursor`` of the page before, of the same list with the same filters.
    limit : int
        1…500.
    """

    cursor: str | None = None
    limit: int = 20

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MAX_LIMIT:
            raise ParameterError("limit", self.limit, f"be within 1 … {MAX_LIMIT}")


def read_page(
    connection: sa.Connection,
    query: sa.Select[Any],
    order: tuple[sa.ColumnElement[datetime], sa.ColumnElement[str]],
    request: Request,
    make: Callable[[sa.Row[Any]], Item],
) -> ListPage[Item]:
    """Read one page by its keys: where the page before ended, not how many rows it skipped.

    Parameters
    ----------
    connection : sqlalchemy.Connection
    query : sqlalchemy.Select
        The whole list, unordered; it selects the columns of ``order`` too.
    order : (moment, id)
        Columns that order the list, newest first; together unique.
    request : Request
    make : callable
        Makes an item of a row.

    Raises
    ------
    ParameterError
        The cursor is damaged or belongs to another list.
    """
    check = _check(connection, query)
    if request.cursor is not None:
        query = query.where(sa.tuple_(*order) < _decode(request.cursor, check))
    newest_first = [column.desc() for column in order]
    rows = connection.execute(query.order_by(*newest_first).limit(request.limit + 1)).all()
    page, more = rows[: request.limit], len(rows) > request.limit
    moment, row_id = (str(column.key) for column in order)
    cursor = _encode(getattr(page[-1], moment), getattr(page[-1], row_id), check) if more else None
    return ListPage(tuple(make(row) for row in page), cursor)


def created_between(
    column: sa.ColumnElement[datetime], start: datetime | None, end: datetime | None
) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of ``start <= column < end``; None leaves a side open."""
    after = [] if start is None else [column >= start]
    return after if end is None else [*after, column < end]


def _check(connection: sa.Connection, query: sa.Select[Any]) -> str:
    """Return what tells this list (scope and filters) from others."""
    compiled = query.compile(dialect=connection.dialect)
    return hashlib.sha256(f"{compiled}{sorted(compiled.params.items())}".encode()).hexdigest()[:16]


def _encode(moment: datetime, row_id: str, check: str) -> str:
    return base64.urlsafe_b64encode(f"{check}|{moment.isoformat()}|{row_id}".encode()).decode()


def _decode(cursor: str, check: str) -> tuple[datetime, str]:
    try:
        found, moment, row_id = base64.b64decode(cursor, altchars=b"-_", validate=True).decode().split("|")
        if found == check:
            return datetime.fromisoformat(moment), row_id
    except ValueError:
        pass
    raise ParameterError("cursor", cursor, "be the next_cursor of a page of the same list")
