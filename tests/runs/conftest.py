"""A store of its own for every test, and a small farm in it."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from herd_engine.datasets.sample import make_sample
from herd_engine.runs.cluster import ClusterSettings, open_cluster
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.runner import Runner
from herd_engine.runs.store import Store, StoreSettings
from herd_engine.storage.datasets import DatasetRow

PAYLOAD = {"horizon_months": 12, "mc_runs": 60, "seed": 5}


@pytest.fixture(scope="session")
def farm_file() -> bytes:
    return make_sample(animals=200, seed=2).csv


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[KeptRuns]:
    home = tmp_path / "home"
    settings = StoreSettings(
        home=home, database_url=f"sqlite:///{home / 'herd.sqlite'}", storage_url=str(home / "files")
    )
    kept = KeptRuns(Store(settings), "tester")
    yield kept
    kept.close()


@pytest.fixture
def dataset(kept: KeptRuns, farm_file: bytes) -> DatasetRow:
    return kept.add_dataset(farm_file, "farm.csv")


def work(kept: KeptRuns, settings: ClusterSettings | None = None) -> int:
    """Execute all that is queued, in this process; return how many runs were begun."""
    with open_cluster(settings or ClusterSettings(workers=2)) as cluster:
        return Runner(kept.store, cluster).work(Event(), until_idle=True)
