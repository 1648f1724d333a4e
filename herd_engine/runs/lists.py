"""Lists that come in pages, taken whole, and the one of their rows that a text means."""

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from herd_engine.errors import NotFoundError, ParameterError
from herd_engine.storage.names import name_key
from herd_engine.storage.paging import ListPage

Item = TypeVar("Item")


class _Named(Protocol):
    """What has a name and an id."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


Named = TypeVar("Named", bound=_Named)


def all_of(page_at: Callable[[str | None], ListPage[Item]]) -> Iterator[Item]:
    """Return the items of all pages of a list."""
    cursor = None
    while True:
        page = page_at(cursor)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def only(kind: str, text: str, rows: Iterator[Named]) -> Named:
    """Return the one row of this name, or with an id that begins so; NotFoundError, ParameterError."""
    wanted = name_key(" ".join(text.split()))
    found = [row for row in rows if wanted and (name_key(row.name) == wanted or row.id.startswith(wanted))]
    if not found:
        raise NotFoundError(kind, text)
    if len(found) > 1:
        ids = ", ".join(row.id for row in found[:5])
        raise ParameterError(kind, text, f"name one {kind}; several are called so: {ids}")
    return found[0]
