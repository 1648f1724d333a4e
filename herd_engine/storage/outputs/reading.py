"""Read the outputs: in the order of their keys, partition by partition, so that a page needs few files.

DuckDB reads the data files as they are; rows of runs that the table does not have yet come from their own
files.
"""

import base64
import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from herd_engine.errors import ParameterError, StorageError
from herd_engine.storage.files import FileStore
from herd_engine.storage.outputs.local_files import LocalFiles
from herd_engine.storage.outputs.output_runs import OutputRun
from herd_engine.storage.outputs.rows import COLUMNS, KEYS, PARTITION, SCHEMA, OutputFilters, View
from herd_engine.storage.outputs.table import OutputFile, Partition

Values = tuple[Any, ...]
"""A row: as ``COLUMNS``, dates as ISO text, ``published_at`` in microseconds since 1970 (UTC)."""

FIRST_FILES, MOST_FILES = 64, 1024
FIRST_ROWS, MOST_ROWS = 10_000, 100_000
"""Read at a time: few at first, since a page is often found there; never more than fits easily."""
GROWTH = 4
MOST_RECORDS = 121
"""Of one run, in one partition: the report date and 120 months."""
MEMORY_LIMIT = "512MB"

_AS_TEXT = {
    "asof_date": "CAST(asof_date AS VARCHAR)",
    "target_month": "CAST(target_month AS VARCHAR)",
    "published_at": "epoch_us(published_at)",
}


@dataclass(frozen=True, slots=True)
class RowsSource:
    """Where the rows of some runs are.

    Attributes
    ----------
    runs : tuple of OutputRun
        Whose rows count, as ``Query.choose`` returns them.
    files : tuple of OutputFile
        The table, in the order of partitions.
    pending : pyarrow.Table
        Rows, as ``SCHEMA``, of those runs that the table does not have.
    """

    runs: tuple[OutputRun, ...]
    files: tuple[OutputFile, ...]
    pending: pa.Table


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked.

    Attributes
    ----------
    view : View
    filters : OutputFilters
    """

    view: View
    filters: OutputFilters

    def choose(self, runs: Iterable[OutputRun]) -> tuple[OutputRun, ...]:
        """Return the runs that the view shows; ``runs`` are all of their scenarios, oldest first."""
        if self.view is View.LATEST:
            runs = {(run.scenario_id, run.asof_date): run for run in runs}.values()
        elif self.view is View.LATEST_BY_METRIC:
            by_date = sorted(runs, key=lambda run: run.asof_date)
            runs = {run.scenario_id: run for run in by_date}.values()
        wanted = self.filters.run_ids
        return tuple(run for run in runs if not wanted or run.id in wanted)

    def key(self, farm_id: str) -> str:
        """Return what tells this question, about this farm, from others."""
        text = json.dumps([farm_id, self.view, asdict(self.filters)], default=date.isoformat)
        return hashlib.sha256(text.encode()).hexdigest()


class OutputReader:
    """Answers questions from sources; fit for many threads."""

    def __init__(self, files: FileStore) -> None:
        self._local = LocalFiles(files)
        self._duckdb = duckdb.connect(
            config={
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "memory_limit": MEMORY_LIMIT,
                "temp_directory": tempfile.gettempdir(),
            }
        )

    def close(self) -> None:
        """Let go of DuckDB."""
        self._duckdb.close()
        self._local.close()

    def read(
        self, source: RowsSource, query: Query, after: Sequence[str] | None = None, limit: int | None = None
    ) -> Iterator[list[Values]]:
        """Yield the rows in the order of ``KEYS``, some at a time.

        Parameters
        ----------
        source : RowsSource
        query : Query
        after : sequence of str, optional
            ``KEYS`` of a row; only what follows it.
        limit : int, optional
            No more rows than this altogether.
        """
        # Of each partition that view shows one row.
        first_files = (limit or 0) if query.view is View.LATEST_BY_METRIC else 0
        for step in _steps(source, query.filters, after, max(first_files, FIRST_FILES)):
            rows = self._read_step(step, source, query, after, limit)
            yield rows
            if limit is not None:
                limit -= len(rows)
                if not limit:
                    return

    def _read_step(
        self,
        step: "_Step",
        source: RowsSource,
        query: Query,
        after: Sequence[str] | None,
        limit: int | None,
    ) -> list[Values]:
        values: dict[str, Any] = {"first": _text(step.first), "last": _text(step.last)}
        columns = ", ".join(COLUMNS)
        inside = f"{_text_of(PARTITION)} BETWEEN $first AND $last"
        parts = [f"SELECT {columns} FROM pending WHERE {inside}"]  # noqa: S608
        if step.files:
            values["files"] = self._local.paths(step.files)
            values["indexed"] = sorted(run.id for run in source.runs if run.indexed)
            parts.append(
                f"SELECT {columns} FROM read_parquet($files, hive_partitioning = false) "  # noqa: S608
                # The limits let DuckDB pass over what it need not read.
                "WHERE run_id IN (SELECT unnest($indexed)) AND run_id BETWEEN $indexed[1] AND $indexed[-1]"
            )
        before, behind = _conditions(query, after, values)
        newest = "QUALIFY target_month = max(target_month) OVER (PARTITION BY run_id, metric)"
        shown = ", ".join(_AS_TEXT.get(name, name) for name in COLUMNS)
        statement = f"""
            WITH rows AS ({" UNION ALL ".join(parts)}),
                 seen AS (
                     SELECT * FROM rows WHERE {" AND ".join(before)}
                     {newest if query.view is View.LATEST_BY_METRIC else ""}
                 )
            SELECT {shown} FROM seen WHERE {" AND ".join(behind)}
            ORDER BY {", ".join(KEYS)} {"" if limit is None else f"LIMIT {limit:d}"}
        """  # noqa: S608 - all that comes from outside is in `values`
        with self._cursor() as cursor:
            cursor.register("pending", source.pending)
            return cursor.execute(statement, values).fetchall()

    def rows_of(self, files: Sequence[OutputFile], run_ids: Iterable[str]) -> pa.Table:
        """Return the rows that files hold of some runs, as ``SCHEMA``."""
        values = {"files": self._local.paths(files), "run_ids": list(run_ids)}
        with self._cursor() as cursor:
            found = cursor.sql(
                f"SELECT {', '.join(COLUMNS)} FROM read_parquet($files, hive_partitioning = false) "  # noqa: S608
                "WHERE run_id IN (SELECT unnest($run_ids))",
                params=values,
            )
            return found.to_arrow_table().cast(SCHEMA)

    def runs_in(self, files: Sequence[OutputFile]) -> dict[Partition, set[str]]:
        """Return the ids of the runs of each partition of some files."""
        runs: dict[Partition, set[str]] = {file.partition: set() for file in files}
        if files:
            statement = (
                f"SELECT DISTINCT {', '.join(PARTITION)}, run_id "  # noqa: S608 - names of ours
                "FROM read_parquet($files, hive_partitioning = false)"
            )
            with self._cursor() as cursor:
                for *partition, run_id in cursor.execute(
                    statement, {"files": self._local.paths(files)}
                ).fetchall():
                    runs[tuple(partition)].add(run_id)
        return runs

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        try:
            with self._duckdb.cursor() as cursor:
                yield cursor
        except duckdb.Error as error:
            reason = str(error).strip().partition("\n")[0].rstrip(".")
            raise StorageError("The outputs table", f"{reason}; `herd outputs rebuild` may help") from error


@dataclass(frozen=True, slots=True)
class _Step:
    """Partitions that are read at once."""

    first: Partition
    last: Partition
    files: list[OutputFile]


def cursor_of(row: Values, key: str) -> str:
    """Return the cursor of the page after a row; ``key`` is that of the question."""
    keys = [row[COLUMNS.index(name)] for name in KEYS]
    return base64.urlsafe_b64encode(json.dumps([key[:16], *keys]).encode()).decode()


def keys_of(cursor: str, key: str) -> list[str]:
    """Return what a cursor stands for.

    Raises
    ------
    ParameterError
        The cursor is damaged or belongs to another question.
    """
    try:
        found, *keys = map(str, json.loads(base64.b64decode(cursor, altchars=b"-_", validate=True)))
        if found == key[:16] and len(keys) == len(KEYS):
            return keys
    except (TypeError, ValueError):
        pass
    raise ParameterError("cursor", cursor, "be the next_cursor of a page of the same list")


def _wanted(source: RowsSource, filters: OutputFilters) -> list[OutputFile]:
    """Return the files that can hold rows that are asked for."""
    heads = {(run.scenario_id, run.asof_date) for run in source.runs if run.indexed}
    return [
        file
        for file in source.files
        if (file.partition[0], file.partition[2]) in heads
        and (not filters.metrics or file.partition[1] in filters.metrics)
        and file.may_hold(filters.statistic, filters.value_from, filters.value_to)
    ]


def _steps(
    source: RowsSource, filters: OutputFilters, after: Sequence[str] | None, most_files: int
) -> Iterator[_Step]:
    """Cut what is to be read into steps, larger ones later; a partition is never cut."""
    groups: dict[Partition, list[OutputFile]] = {
        partition: [] for partition in _partitions_of(source.pending)
    }
    for file in _wanted(source, filters):
        groups.setdefault(file.partition, []).append(file)
    most_of_a_file = len(source.runs) * MOST_RECORDS
    left = sorted(groups if after is None else [each for each in groups if each >= _partition_of(after)])
    most_rows = FIRST_ROWS
    while left:
        sizes = [[min(file.rows, most_of_a_file) for file in groups[partition]] for partition in left]
        n_taken = _n_fitting(sizes, most_files, most_rows)
        taken, left = left[:n_taken], left[n_taken:]
        yield _Step(taken[0], taken[-1], [file for partition in taken for file in groups[partition]])
        most_files, most_rows = min(most_files * GROWTH, MOST_FILES), min(most_rows * GROWTH, MOST_ROWS)


def _n_fitting(sizes: Sequence[Sequence[int]], most_files: int, most_rows: int) -> int:
    """Return how many of the first partitions, given rows of their files, are read at once: one at least."""
    n_files = n_rows = 0
    for position, rows in enumerate(sizes):
        n_files += len(rows)
        n_rows += sum(rows)
        if position and (n_files > most_files or n_rows > most_rows):
            return position
    return len(sizes)


def _partitions_of(rows: pa.Table) -> list[Partition]:
    unique = rows.select(PARTITION).group_by(list(PARTITION)).aggregate([]).to_pylist()
    return [(row["scenario_id"], row["metric"], row["asof_date"]) for row in unique]


def _partition_of(keys: Sequence[str]) -> Partition:
    try:
        return keys[0], keys[1], date.fromisoformat(keys[2])
    except (TypeError, ValueError) as error:
        raise ParameterError("cursor", list(keys), "be the next_cursor of a page of the same list") from error


def _text_of(columns: Sequence[str]) -> str:
    """Return an expression: columns as one text that is ordered as they are (a space is below all others)."""
    return f"concat_ws(' ', {', '.join(columns)})"


def _conditions(
    query: Query, after: Sequence[str] | None, values: dict[str, Any]
) -> tuple[list[str], list[str]]:
    """Return the conditions before and behind the view; add their values."""
    filters = query.filters
    before, behind = ["true"], ["true"]
    choices = (
        (before, "metric IN (SELECT unnest($metrics))", "metrics", list(filters.metrics) or None),
        (before, "target_month >= $month_from", "month_from", filters.month_from),
        (before, "target_month <= $month_to", "month_to", filters.month_to),
        (behind, f"{filters.statistic} >= $value_from", "value_from", filters.value_from),
        (behind, f"{filters.statistic} <= $value_to", "value_to", filters.value_to),
        (behind, f"{_text_of(KEYS)} > $after", "after", None if after is None else _text(after)),
    )
    for conditions, condition, name, value in choices:
        if value is not None:
            conditions.append(condition)
            values[name] = value
    return before, behind


def _text(values: Sequence[Any]) -> str:
    return " ".join(map(str, values))
