"""The table is kept up beside the runs, and never at their cost."""

import logging
from datetime import UTC, date, datetime, timedelta
from threading import Event

import pytest

from herd_engine.errors import StorageError
from herd_engine.runs import outputs_background
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.outputs_background import LONGEST_WAIT, is_due, keeping_outputs
from herd_engine.storage.datasets import DatasetRow
from herd_engine.storage.outputs.index import MOST_RUNS, OutputsIndex
from herd_engine.storage.outputs.output_runs import Activity, OutputRun
from tests.herd_engine.runs.conftest import PATIENCE_SECONDS, PAYLOAD, wait_until, work
from tests.herd_engine.runs.outputs.publishing import ROWS_OF_A_RUN, every, publish

MOMENT = datetime(2026, 3, 1, tzinfo=UTC)
QUIET = Activity(is_any_active=False, groups=frozenset())
BUSY = Activity(is_any_active=True, groups=frozenset({"bulk"}))


def pending(n: int = 1, age: timedelta = timedelta(0), group_id: str | None = None) -> tuple[OutputRun, ...]:
    run = OutputRun("id", "farm", "", date(2026, 3, 1), "h", "c", MOMENT - age, group_id, indexed=False)
    return (run,) * n


@pytest.mark.parametrize(
    ("runs", "activity", "due"),
    [
        ((), QUIET, False),
        (pending(), QUIET, True),
        (pending(), BUSY, False),
        (pending(MOST_RUNS - 1), BUSY, False),
        (pending(MOST_RUNS), BUSY, True),
        (pending(age=LONGEST_WAIT), BUSY, False),
        (pending(age=LONGEST_WAIT + timedelta(seconds=1)), BUSY, True),
        (pending(age=timedelta(hours=1), group_id="bulk"), BUSY, False),
        (pending(age=timedelta(hours=1), group_id="ended"), BUSY, True),
    ],
)
def test_commits_are_few_and_none_is_late(
    runs: tuple[OutputRun, ...], activity: Activity, *, due: bool
) -> None:
    assert is_due(runs, activity, MOMENT) is due


def test_maintenance_comes_after_some_commits(
    kept: KeptRuns, dataset: DatasetRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = Event()
    monkeypatch.setattr(OutputsIndex, "maintain", lambda _: done.set())
    monkeypatch.setattr(outputs_background, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(outputs_background, "MAINTAIN_AFTER_COMMITS", 2)
    waiting = kept.outputs._index.runs

    with keeping_outputs(kept.store):
        for _ in range(2):
            assert not done.is_set()
            publish(kept, dataset)
            wait_until(lambda: waiting.pending() == ())
        assert done.wait(PATIENCE_SECONDS)


def test_a_bulk_is_one_commit(kept: KeptRuns, dataset: DatasetRow, monkeypatch: pytest.MonkeyPatch) -> None:
    commits = []
    flush = OutputsIndex.flush
    monkeypatch.setattr(OutputsIndex, "flush", lambda index: commits.append(flush(index)) or commits[-1])
    monkeypatch.setattr(outputs_background, "LOOK_SECONDS", 0.01)
    values = {"model.waiting_period_change": [-5, 0, 5, 10]}
    kept.submit_variants(dataset.id, PAYLOAD, values)

    with keeping_outputs(kept.store):
        work(kept)

    assert [n_runs for n_runs in commits if n_runs] == [4]


def test_what_is_published_is_in_the_table_soon(
    kept: KeptRuns, dataset: DatasetRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outputs_background, "LOOK_SECONDS", 0.01)
    index = OutputsIndex(kept.store.database, kept.store.files)

    with keeping_outputs(kept.store):
        publish(kept, dataset)
        wait_until(lambda: index.runs.pending() == ())

    assert sum(file.rows for file in index.table.data_files() or ()) == ROWS_OF_A_RUN
    index.close()


@pytest.mark.parametrize("error", [StorageError("the disk", "it is full"), RuntimeError("a defect")])
def test_a_fault_of_the_table_is_none_of_the_runs(
    kept: KeptRuns,
    dataset: DatasetRow,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    def fail(_: OutputsIndex) -> int:
        raise error

    monkeypatch.setattr(OutputsIndex, "flush", fail)

    with caplog.at_level(logging.WARNING), keeping_outputs(kept.store):
        run = publish(kept, dataset)

    assert "The outputs table is behind" in caplog.text
    assert {row.run_id for row in every(kept.outputs.query)} == {run.id}


def test_a_worker_that_is_stopped_leaves_the_rest_to_the_next(kept: KeptRuns, dataset: DatasetRow) -> None:
    def stopped() -> None:
        with keeping_outputs(kept.store):
            publish(kept, dataset)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()

    with keeping_outputs(kept.store):
        pass

    assert kept.outputs._index.runs.pending() == ()
