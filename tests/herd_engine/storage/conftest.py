"""Databases of both kinds, file stores of both kinds, and rows to begin with."""

import shutil
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from herd_engine.storage.database import Database, open_database
from herd_engine.storage.datasets import DatasetTable
from herd_engine.storage.farms import FarmTable
from herd_engine.storage.run_rows import NewRunRow, RunRow
from herd_engine.storage.runs import RunTable
from herd_engine.storage.scope import Scope
from herd_engine.storage.upgrading import upgrade
from tests.herd_engine.storage.rows import example_run, new_dataset, no_files
from tests.stores import create_database


@pytest.fixture(scope="session")
def two_processes() -> Iterator[Executor]:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield pool


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which database a test runs on; each test runs on both."""
    return str(request.param)


@pytest.fixture
def empty_url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """URL of a database without tables."""
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'herd.db'}"
    server, name = request.getfixturevalue("postgres"), uuid.uuid4().hex
    create_database(server, name)
    return str(server.format(name=name))


@pytest.fixture
def url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """URL of a database with all tables and the default farm."""
    if kind == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "herd.db")
        return f"sqlite:///{tmp_path / 'herd.db'}"
    return str(request.getfixturevalue("migrated_postgres")())


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    with open_database(url) as opened:
        yield opened


@pytest.fixture
def own_database(empty_url: str) -> Iterator[Database]:
    """Return a database with all tables for a test that changes them."""
    with open_database(empty_url) as opened:
        upgrade(opened)
        yield opened


@pytest.fixture
def scope(database: Database) -> Scope:
    """The default farm."""
    return Scope(FarmTable(database).default().id)


@pytest.fixture
def foreign(database: Database) -> Scope:
    """Another farm."""
    return Scope(FarmTable(database).add("Another farm").id)


@pytest.fixture
def runs(database: Database) -> RunTable:
    return RunTable(database)


@pytest.fixture
def new_run(database: Database, scope: Scope) -> Callable[..., NewRunRow]:
    """Make runs of one dataset; each has a hash of its own unless it is given."""
    dataset = DatasetTable(database).add(new_dataset(scope), no_files).dataset

    return lambda **changes: example_run(scope, **({"dataset_id": dataset.id} | changes))


@pytest.fixture
def queued(runs: RunTable, new_run: Callable[..., NewRunRow]) -> Callable[..., RunRow]:
    """Queue a run and return it."""
    return lambda **changes: runs.submit(new_run(**changes)).run
