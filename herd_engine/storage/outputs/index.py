"""Keep the outputs table in step with the runs: append, rebuild, maintain, and find what to read."""

import io
import itertools
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa
from pyarrow import parquet

from herd_engine.errors import NotFoundError
from herd_engine.model.forecast import Metric
from herd_engine.storage.database import Database
from herd_engine.storage.files import FileStore
from herd_engine.storage.outputs.output_runs import OutputRun, OutputRuns, writing_outputs
from herd_engine.storage.outputs.reading import MOST_FILES, MOST_ROWS, OutputReader, Query, RowsSource
from herd_engine.storage.outputs.rows import SCHEMA
from herd_engine.storage.outputs.table import OutputFile, OutputsTable, Partition
from herd_engine.storage.scope import Scope
from herd_engine.storage.tables import now

logger = logging.getLogger(__name__)

MOST_RUNS = 100
"""Runs of one commit."""
MANY_FILES = 8
"""A partition of so many files is merged into one."""
GRACE = timedelta(minutes=10)
"""So long after it was replaced a file is still there for those who are reading it.

Each snapshot that is kept for them makes commits slower by some milliseconds.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintained:
    """What maintenance did: data files merged, snapshots forgotten, files deleted."""

    merged_files: int = 0
    expired_snapshots: int = 0
    deleted_files: int = 0


class OutputsIndex:
    """The outputs table of all farms."""

    def __init__(self, database: Database, files: FileStore) -> None:
        self._database, self._files = database, files
        self.runs = OutputRuns(database)
        self.table = OutputsTable(database, files)
        self.reader = OutputReader(files)
        self._pending: dict[str, pa.Table] = {}

    def close(self) -> None:
        """Let go of catalogue and DuckDB; the database is the caller's."""
        self.table.close()
        self.reader.close()

    def source(self, scope: Scope, query: Query) -> RowsSource:
        """Return where the rows are that a question is about.

        Raises
        ------
        NotFoundError
            A run or scenario of the filters does not exist, or is another farm's.
        StorageError
        """
        runs = query.choose(self.runs.of_farm(scope, query.filters))
        # The database before the table: what it calls indexed is in every snapshot from then on.
        files = self.table.data_files() if any(run.indexed for run in runs) else ()
        if files is None:
            files, runs = (), tuple(run._replace(indexed=False) for run in runs)
        return RowsSource(runs, files, self._rows_of_pending([run for run in runs if not run.indexed]))

    def flush(self) -> int:
        """Append pending runs to the table in one commit; return how many are no longer pending."""
        with writing_outputs(self._database):
            files = self.table.data_files()
            if files is None:
                self.runs.mark_all_pending()
            pending = self.runs.pending(MOST_RUNS)
            present = self._present(files or (), pending)
            missing = [run for run in pending if run.id not in present]
            rows = [rows for run in missing if (rows := self._read(run)) is not None]
            if rows:
                self.table.append(pa.concat_tables(rows))
            if pending:
                self.runs.mark_indexed([run.id for run in pending])
            return len(pending)

    def rebuild(self) -> int:
        """Forget the table and make it again of the files of all runs; return of how many."""
        with writing_outputs(self._database):
            self.runs.mark_all_pending()
            self.table.drop()
        return sum(iter(self.flush, 0))

    def maintain(self, grace: timedelta = GRACE) -> Maintained:
        """Remove what belongs to no run, merge small files, forget old snapshots; answers stay the same.

        Parameters
        ----------
        grace : timedelta
            So long after it was replaced a file stays.
        """
        with writing_outputs(self._database):
            files = self.table.data_files()
            if files is None:
                return Maintained()
            moment = now() - grace
            expired = self.table.expire(int(moment.timestamp() * 1000))
            deleted = self._sweep(moment)
            existing = self.runs.existing()
            merged = 0
            for chunk in _chunks(self._untidy(files, existing)):
                self.table.replace(chunk, self.reader.rows_of(chunk, existing))
                merged += len(chunk)
        return Maintained(merged_files=merged, expired_snapshots=expired, deleted_files=deleted)

    def _rows_of_pending(self, runs: Sequence[OutputRun]) -> pa.Table:
        known = self._pending
        tables = {run.id: known[run.id] if run.id in known else self._read(run) for run in runs}
        self._pending = {run_id: rows for run_id, rows in tables.items() if rows is not None}
        return pa.concat_tables([SCHEMA.empty_table(), *self._pending.values()])

    def _read(self, run: OutputRun) -> pa.Table | None:
        """Return the rows of a run from its file; None where it was deleted meanwhile, or damaged."""
        key = f"runs/{run.id}/outputs.parquet"
        try:
            data = self._files.get(key)
            return _rows(run, parquet.read_table(io.BytesIO(data)))
        except (NotFoundError, pa.ArrowException) as error:
            logger.warning("%s is left out of the outputs; `herd runs verify` tells why. %s", key, error)
            return None

    def _present(self, files: Iterable[OutputFile], runs: Sequence[OutputRun]) -> set[str]:
        """Return the ids of pending runs that the table has: someone died before marking them."""
        scenarios = {run.scenario_id for run in runs}
        theirs = [file for file in _of_one_metric(files) if file.partition[0] in scenarios]
        return set().union(*self.reader.runs_in(theirs).values())

    def _untidy(self, files: Sequence[OutputFile], existing: frozenset[str]) -> list[list[OutputFile]]:
        """Return the partitions, file by file, that are many files or hold rows of runs that are gone."""
        runs = self.reader.runs_in(_of_one_metric(files))
        stale = {_of_run(partition) for partition, run_ids in runs.items() if not run_ids <= existing}
        partitions = [list(group) for _, group in itertools.groupby(files, lambda file: file.partition)]
        return [
            group for group in partitions if len(group) >= MANY_FILES or _of_run(group[0].partition) in stale
        ]

    def _sweep(self, moment: datetime) -> int:
        """Delete the files below the table that no snapshot needs and that are older than a moment."""
        needed = self.table.needed_files()
        place = f"{self._files.place}/"
        found = [key for key in self._files.list(self.table.folder) if f"{place}{key}" not in needed]
        old = [key for key in found if self._files.modified(key) < moment]
        for key in old:
            self._files.delete_prefix(key)
        return len(old)


def _rows(run: OutputRun, table: pa.Table) -> pa.Table:
    """Return the rows of a run's file as those of the table."""
    about = {
        "farm_id": run.farm_id,
        "scenario_id": run.scenario_id,
        "run_id": run.id,
        "run_hash": run.run_hash,
        "content_hash": run.content_hash,
        "published_at": run.published_at,
    }
    columns = [
        # Runs of older versions have fewer statistics.
        table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.repeat(pa.scalar(about.get(field.name), field.type), table.num_rows)
        for field in SCHEMA
    ]
    return pa.table(columns, schema=SCHEMA)


def _of_one_metric(files: Iterable[OutputFile]) -> list[OutputFile]:
    """Return the files that tell which runs there are: every run has every metric."""
    return [file for file in files if file.partition[1] == Metric.MILKING_COUNT]


def _of_run(partition: Partition) -> tuple[str, object]:
    """Return the parts of a partition that all rows of a run share."""
    return partition[0], partition[2]


def _chunks(partitions: Iterable[list[OutputFile]]) -> Iterator[list[OutputFile]]:
    """Join partitions to what fits into memory and one commit; a partition is never cut."""
    chunk: list[OutputFile] = []
    for files in partitions:
        n_rows = sum(file.rows for file in (*chunk, *files))
        if chunk and (n_rows > MOST_ROWS or len(chunk) + len(files) > 4 * MOST_FILES):
            yield chunk
            chunk = []
        chunk = [*chunk, *files]
    if chunk:
        yield chunk
