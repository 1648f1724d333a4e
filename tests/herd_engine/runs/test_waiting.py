"""A runner that is kept running waits for database and disk, and goes on where it was."""

from pathlib import Path
from typing import Any

import pytest

from herd_engine.errors import StorageError
from herd_engine.execution.timing import Timing
from herd_engine.model.run_status import RunStatus
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.store import StoreSettings
from herd_engine.storage.datasets import DatasetRow
from tests.herd_engine.runs.conftest import (
    PAYLOAD,
    before_calibration,
    fill,
    has_ended,
    wait_for,
    wait_until,
    working,
)


@pytest.mark.parametrize("settings", ["sqlite and folder"], indirect=True)
def test_a_runner_that_goes_on_waits_for_a_full_disk_and_loses_nothing(
    on_tiny_disk: KeptRuns, tiny_disk: Path, farm_file: bytes
) -> None:
    kept, told = on_tiny_disk, []
    dataset = kept.add_dataset(farm_file, "farm.csv")
    filler = fill(tiny_disk, but=8192)
    run = kept.submit(dataset.id, PAYLOAD).run

    with working(kept, told.append, Timing(store_again=0.05)):
        wait_until(lambda: bool(told))
        assert "No space left on device" in told[0]
        assert kept.get(run.id).status is RunStatus.RUNNING
        filler.unlink()
        row = wait_for(kept, run.id, has_ended)

    assert (row.status, row.attempt, told[1:]) == (RunStatus.SUCCEEDED, 1, [""])
    assert kept.verify(run.id) == ()
    assert kept.reproduce(run.id) == ()


@pytest.mark.parametrize("settings", ["sqlite and folder"], indirect=True)
def test_a_run_goes_on_while_its_database_is_away_and_is_published_when_it_is_back(
    kept: KeptRuns, dataset: DatasetRow, settings: StoreSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is not what it was from before the first replicate until the runner says that it waits."""
    path, told = settings.home / "herd.sqlite", []
    run = kept.submit(dataset.id, PAYLOAD).run
    away = path.with_name("away.sqlite")

    def take_it_away() -> None:
        kept.store.database.close()
        path.rename(away)
        path.mkdir()

    before_calibration(monkeypatch, take_it_away)
    with working(kept, told.append, Timing(store_again=0.05, beat=0.1)):
        wait_until(lambda: bool(told))
        path.rmdir()
        away.rename(path)
        row = wait_for(kept, run.id, has_ended)

    assert "unable to open database file" in told[0]
    assert (row.status, row.attempt) == (RunStatus.SUCCEEDED, 1)
    assert kept.verify(run.id) == ()
    assert kept.reproduce(run.id) == ()


@pytest.mark.parametrize("settings", ["sqlite and folder"], indirect=True)
def test_a_database_that_goes_away_while_it_commits_keeps_what_it_committed(
    kept: KeptRuns, dataset: DatasetRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = kept.submit(dataset.id, PAYLOAD).run
    publish = kept.store.runs.publish

    def publish_and_be_away(*arguments: Any) -> bool:
        was_published = publish(*arguments)
        monkeypatch.undo()
        assert was_published
        raise StorageError("The database", "the connection was lost")

    monkeypatch.setattr(kept.store.runs, "publish", publish_and_be_away)
    with working(kept, lambda _told: None, Timing(store_again=0.05, beat=0.01)):
        wait_until(lambda: kept.get(run.id).status is RunStatus.SUCCEEDED)

    assert kept.verify(run.id) == ()
    assert kept.get(run.id).status is RunStatus.SUCCEEDED
