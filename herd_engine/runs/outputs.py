"""The outputs of a farm's runs: pages, views, CSV; remembered until something of the farm changes."""

import csv
import io
from collections.abc import Iterable, Iterator
from copy import copy
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

from herd_engine.exports.cells import harmless
from herd_engine.runs.outputs_cache import AnswerCache, Counters
from herd_engine.runs.store import Store
from herd_engine.storage.outputs.index import Maintained, OutputsIndex
from herd_engine.storage.outputs.reading import Query, Values, cursor_of, keys_of
from herd_engine.storage.outputs.rows import COLUMNS, EVERY_OUTPUT, OutputFilters, OutputRow, View
from herd_engine.storage.paging import ListPage, Request
from herd_engine.storage.scope import Scope

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class KeptOutputs:
    """What the succeeded runs of a farm say, row by row.

    Parameters
    ----------
    store : Store
    scope : Scope
        The farm.
    cache : AnswerCache, optional
        As ``HERD_CACHE_URL`` says by default.
    """

    def __init__(self, store: Store, scope: Scope, cache: AnswerCache | None = None) -> None:
        self._store, self._scope = store, scope
        self._index = OutputsIndex(store.database, store.files)
        self._cache = cache or AnswerCache.from_environment()

    def of(self, scope: Scope) -> Self:
        """Return the same of another farm, over the same open table and cache."""
        other = copy(self)
        other._scope = scope
        return other

    def close(self) -> None:
        """Let go of the table and the cache."""
        self._index.close()
        self._cache.close()

    @property
    def counters(self) -> Counters:
        """How many pages were remembered, and how many had to be read."""
        return self._cache.counters

    def query(
        self, filters: OutputFilters = EVERY_OUTPUT, cursor: str | None = None, limit: int = 100
    ) -> ListPage[OutputRow]:
        """Return a page of rows, by scenario, metric, as-of date, run and month.

        Parameters
        ----------
        filters : OutputFilters
        cursor : str, optional
            ``next_cursor`` of the page before, of the same filters.
        limit : int
            1…500.

        Raises
        ------
        NotFoundError
            A run or scenario of the filters does not exist, or is another farm's.
        ParameterError
            ``limit`` is not within its range, or the cursor is of another list.
        StorageError
        """
        return self._page(Query(View.ALL, filters), Request(cursor, limit))

    def latest(
        self, filters: OutputFilters = EVERY_OUTPUT, cursor: str | None = None, limit: int = 100
    ) -> ListPage[OutputRow]:
        """Return a page of the newest runs: of every scenario and as-of date, the one published last.

        Runs without a kept scenario count as one scenario. Parameters and errors as ``query``.
        """
        return self._page(Query(View.LATEST, filters), Request(cursor, limit))

    def latest_by_metric(
        self, filters: OutputFilters = EVERY_OUTPUT, cursor: str | None = None, limit: int = 100
    ) -> ListPage[OutputRow]:
        """Return a page of the newest values: of every scenario and metric one row.

        It is of the greatest as-of date, there of the run published last, there of the greatest month;
        ``month_to`` so asks for the value of a month. Parameters and errors as ``query``.
        """
        return self._page(Query(View.LATEST_BY_METRIC, filters), Request(cursor, limit))

    def csv(
        self, filters: OutputFilters = EVERY_OUTPUT, view: View = View.ALL, *, excel: bool = False
    ) -> Iterator[bytes]:
        """Return all rows as CSV (UTF-8, line feeds, ISO dates, empty where nothing is known), in pieces.

        Parameters
        ----------
        filters : OutputFilters
        view : View
        excel : bool
            With a byte order mark and semicolons, as spreadsheets of many countries expect.

        Raises
        ------
        NotFoundError, StorageError
        """
        query = Query(view, filters)
        source = self._index.source(self._scope, query)
        return _csv(self._index.reader.read(source, query), ";" if excel else ",", with_mark=excel)

    def flush(self) -> int:
        """Bring published runs of all farms into the table; return of how many."""
        return sum(iter(self._index.flush, 0))

    def rebuild(self) -> int:
        """Make the table of all farms again from the files of the runs; return of how many."""
        return self._index.rebuild()

    def maintain(self) -> Maintained:
        """Merge small files, remove rows of deleted runs, forget old snapshots; no answer changes."""
        return self._index.maintain()

    def _page(self, query: Query, request: Request) -> ListPage[OutputRow]:
        farm_id = self._scope.farm_id
        key = query.key(farm_id)
        after = None if request.cursor is None else keys_of(request.cursor, key)
        version = self._store.farms.version(farm_id)
        name = f"herd:outputs:{farm_id}:{version}:{key}:{request.limit}:{request.cursor or ''}"
        rows = self._cache.answer(name, lambda: self._read(query, after, request.limit))
        page, more = rows[: request.limit], len(rows) > request.limit
        return ListPage(tuple(map(_row, page)), cursor_of(page[-1], key) if more else None)

    def _read(self, query: Query, after: list[str] | None, limit: int) -> list[Values]:
        """Return the rows of a page and one more where there is one."""
        source = self._index.source(self._scope, query)
        pieces = self._index.reader.read(source, query, after, limit + 1)
        return [row for piece in pieces for row in piece]


def _row(values: Values) -> OutputRow:
    *ids, published, asof, target = values[:8]
    moment = EPOCH + timedelta(microseconds=published)
    days = date.fromisoformat(asof), date.fromisoformat(target)
    return OutputRow._make((*ids, moment, *days, *values[8:]))


def _csv(pieces: Iterator[list[Values]], delimiter: str, *, with_mark: bool) -> Iterator[bytes]:
    yield _lines([COLUMNS], delimiter).encode("utf-8-sig" if with_mark else "utf-8")
    for rows in pieces:
        yield _lines(map(_shown, rows), delimiter).encode()


def _shown(values: Values) -> list[Any]:
    row = _row(values)
    return [harmless(cell.isoformat() if isinstance(cell, date) else cell) for cell in row]


def _lines(rows: Iterable[Iterable[Any]], delimiter: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue()
