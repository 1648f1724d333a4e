"""The table as an index: whatever happens to it, no answer changes."""

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from datetime import timedelta
from multiprocessing import get_context
from types import SimpleNamespace

import pytest
from pyiceberg.manifest import ManifestContent

from herd_engine.errors import StorageError
from herd_engine.model.forecast import Metric
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.store import StoreSettings
from herd_engine.storage.datasets import DatasetRow
from herd_engine.storage.outputs import reading, table
from herd_engine.storage.outputs.index import MANY_FILES, OutputsIndex
from herd_engine.storage.outputs.output_runs import OutputRuns
from herd_engine.storage.outputs.rows import OutputRow
from tests.herd_engine.runs.outputs.processes import flush_until
from tests.herd_engine.runs.outputs.publishing import (
    ROWS_OF_A_RUN,
    as_parquet,
    every,
    expected,
    numbers,
    publish,
    publish_file,
    rows,
)

N_METRICS = len(Metric)


@pytest.fixture
def index(kept: KeptRuns) -> Iterator[OutputsIndex]:
    index = OutputsIndex(kept.store.database, kept.store.files)
    yield index
    index.close()


@pytest.fixture(scope="module")
def two_processes() -> Iterator[Executor]:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield pool


def rows_in_table(index: OutputsIndex) -> int:
    return sum(file.rows for file in index.table.data_files() or ())


def fresh(kept: KeptRuns) -> list[OutputRow]:
    """Return all rows, read anew."""
    other = KeptRuns(kept.store, "tester")
    try:
        return every(other.outputs.query)
    finally:
        other.outputs.close()


def test_a_commit_writes_a_file_for_each_metric_and_marks_its_runs(
    kept: KeptRuns, dataset: DatasetRow, index: OutputsIndex
) -> None:
    for _ in range(3):
        publish(kept, dataset)

    assert index.flush() == 3

    files = index.table.data_files()
    assert files is not None
    assert {file.partition for file in files} == {
        ("", metric.value, dataset.report_date) for metric in Metric
    }
    assert len(files) == N_METRICS
    assert rows_in_table(index) == 3 * ROWS_OF_A_RUN
    assert index.runs.pending() == ()
    assert index.flush() == 0


def test_a_crash_between_commit_and_mark_duplicates_nothing(
    kept: KeptRuns, dataset: DatasetRow, index: OutputsIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = publish(kept, dataset)
    with monkeypatch.context() as patch:
        patch.setattr(OutputRuns, "mark_indexed", lambda *_: os_error())
        with pytest.raises(OSError, match="killed"):
            index.flush()
    assert rows_in_table(index) == ROWS_OF_A_RUN
    assert sorted(numbers(fresh(kept))) == sorted(expected(run))
    second = publish(kept, dataset, 200)

    assert index.flush() == 2

    assert rows_in_table(index) == 2 * ROWS_OF_A_RUN
    assert sorted(numbers(fresh(kept))) == sorted(expected(run) + expected(second, 200))


def os_error() -> None:
    raise OSError("killed")


def test_processes_that_commit_at_once_lose_and_duplicate_nothing(
    kept: KeptRuns,
    dataset: DatasetRow,
    settings: StoreSettings,
    index: OutputsIndex,
    two_processes: Executor,
) -> None:
    n_runs = 12
    publish(kept, dataset)
    working = [two_processes.submit(flush_until, settings, n_runs) for _ in range(2)]
    for _ in range(n_runs - 1):
        publish(kept, dataset)

    assert sum(each.result(timeout=120) for each in working) >= 1

    assert rows_in_table(index) == n_runs * ROWS_OF_A_RUN
    assert set(Counter(row.run_id for row in fresh(kept)).values()) == {ROWS_OF_A_RUN}


def test_maintenance_merges_files_and_changes_no_answer(
    kept: KeptRuns, dataset: DatasetRow, index: OutputsIndex
) -> None:
    for _ in range(MANY_FILES):
        publish(kept, dataset)
        index.flush()
    before = fresh(kept)
    assert len(index.table.data_files() or ()) == MANY_FILES * N_METRICS

    done = index.maintain()

    assert (done.merged_files, done.expired_snapshots, done.deleted_files) == (MANY_FILES * N_METRICS, 0, 0)
    assert len(index.table.data_files() or ()) == N_METRICS
    assert fresh(kept) == before
    assert index.maintain().merged_files == 0


def test_old_snapshots_and_their_files_go_when_nobody_can_be_reading_them(
    kept: KeptRuns, dataset: DatasetRow, index: OutputsIndex
) -> None:
    for _ in range(MANY_FILES):
        publish(kept, dataset)
        index.flush()
    index.maintain()
    before, n_files = fresh(kept), len(kept.store.files.list("outputs"))

    done = index.maintain(grace=-timedelta(minutes=1))

    # Of each of the commits before the merging one: its snapshot; its data files, which were merged.
    assert done.expired_snapshots == MANY_FILES
    assert done.deleted_files >= MANY_FILES * N_METRICS
    assert len(kept.store.files.list("outputs")) <= n_files - done.deleted_files + 2
    assert fresh(kept) == before
    assert index.maintain(grace=-timedelta(minutes=1)).expired_snapshots == 0


@pytest.mark.parametrize(
    "lose",
    [
        lambda index: index.table.drop(),
        lambda index: index._files.delete_prefix("outputs"),
    ],
    ids=["the catalogue", "the files"],
)
def test_a_table_that_was_lost_is_missed_by_no_reader_and_made_again(
    kept: KeptRuns, dataset: DatasetRow, index: OutputsIndex, lose: Callable[[OutputsIndex], None]
) -> None:
    publish(kept, dataset, 100)
    publish(kept, dataset, 200)
    index.flush()
    before = fresh(kept)
    lose(index)

    assert fresh(kept) == before
    assert index.flush() == 2
    assert rows_in_table(index) == 2 * ROWS_OF_A_RUN
    assert fresh(kept) == before


def test_a_table_of_another_version_is_made_again(
    kept: KeptRuns, dataset: DatasetRow, index: OutputsIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(kept, dataset)
    with monkeypatch.context() as patch:
        patch.setattr(table, "SCHEMA", table.SCHEMA.append(table.SCHEMA.field("unit").with_name("more")))
        patch.setattr(table, "COLUMNS", (*table.COLUMNS, "more"))
        index.table._create()
        assert index.table.data_files() == ()

    assert index.table.data_files() is None
    assert index.flush() == 1
    assert rows_in_table(index) == ROWS_OF_A_RUN


def test_rebuilding_changes_no_answer(kept: KeptRuns, dataset: DatasetRow, index: OutputsIndex) -> None:
    for first in (100, 200, 300):
        publish(kept, dataset, first)
    index.flush()
    before = fresh(kept)

    assert index.rebuild() == 3

    assert rows_in_table(index) == 3 * ROWS_OF_A_RUN
    assert fresh(kept) == before


def test_a_damaged_file_is_told_and_holds_nobody_up(
    kept: KeptRuns, dataset: DatasetRow, index: OutputsIndex, caplog: pytest.LogCaptureFixture
) -> None:
    damaged, whole = publish_file(kept, dataset, b"no parquet"), publish(kept, dataset)
    lost = publish(kept, dataset)
    kept.store.files.delete_prefix(f"runs/{lost.id}")

    with caplog.at_level(logging.WARNING):
        assert sorted(numbers(fresh(kept))) == sorted(expected(whole))
    assert index.flush() == 3

    for run in (damaged, lost):
        assert f"runs/{run.id}/outputs.parquet is left out of the outputs" in caplog.text
    assert sorted(numbers(fresh(kept))) == sorted(expected(whole))


def test_runs_of_versions_with_fewer_statistics_have_gaps(kept: KeptRuns, dataset: DatasetRow) -> None:
    fewer = [{name: value for name, value in row.items() if "p25" not in name} for row in rows()]
    publish_file(kept, dataset, as_parquet(fewer))

    found = fresh(kept)

    assert len(found) == ROWS_OF_A_RUN
    assert {row.p25 for row in found} == {None}
    assert None not in {row.p50 for row in found}


def test_delete_files_are_refused_since_they_would_not_be_read() -> None:
    foreign = SimpleNamespace(content=ManifestContent.DELETES)
    here = SimpleNamespace(location=lambda: "the table")

    with pytest.raises(StorageError, match="it has delete files"):
        table._files_of(here, foreign)


def test_a_page_reads_few_files(
    kept: KeptRuns, dataset: DatasetRow, index: OutputsIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    payload = {"mc_runs": 10, "horizon_months": 2}
    plans = [kept.catalog.scenarios.save(f"Plan {n}", payload).id for n in range(4)]
    for plan in plans:
        publish(kept, dataset, scenario_id=plan)
    index.flush()
    monkeypatch.setattr(reading, "FIRST_FILES", 1)
    opened = counting(kept.outputs._index, monkeypatch)

    kept.outputs.query(reading.OutputFilters(scenario_ids=(plans[2],), metrics=(Metric.CULLS,)))
    assert [file.partition[:2] for file in opened] == [(plans[2], "culls")]
    opened.clear()
    kept.outputs.query(limit=2)
    assert len(opened) == 1
    opened.clear()
    kept.outputs.query(reading.OutputFilters(value_from=1e9))
    assert opened == []


def counting(index: OutputsIndex, monkeypatch: pytest.MonkeyPatch) -> list:
    """Return what will hold the files that were read."""
    opened: list = []
    paths: Callable = index.reader._local.paths
    monkeypatch.setattr(index.reader._local, "paths", lambda files: opened.extend(files) or paths(files))
    return opened


def test_csv_is_read_in_pieces_however_much_there_is(
    kept: KeptRuns, dataset: DatasetRow, index: OutputsIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        publish(kept, dataset)
    index.flush()
    for name in ("FIRST_ROWS", "MOST_ROWS"):
        monkeypatch.setattr(reading, name, 2 * 5 * 3)  # two metrics of five runs and three months

    header, *pieces = kept.outputs.csv()

    assert [piece.count(b"\n") for piece in (header, *pieces)] == [1, *[2 * 5 * 3] * (N_METRICS // 2)]


def test_a_store_that_cannot_be_written_is_told(
    kept: KeptRuns, dataset: DatasetRow, index: OutputsIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = publish(kept, dataset)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(table.parquet, "write_table", full)
    with pytest.raises(StorageError, match="No space left"):
        index.flush()

    assert sorted(numbers(fresh(kept))) == sorted(expected(run))
    assert [each.id for each in index.runs.pending()] == [run.id]
