"""Databases of both kinds, file stores of both kinds, and rows to begin with."""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from herd_engine.storage.database import Database, open_database
from herd_engine.storage.datasets import Datasets
from herd_engine.storage.farms import Farms
from herd_engine.storage.run_rows import NewRun, RunRow
from herd_engine.storage.runs import Runs
from herd_engine.storage.scope import Scope
from herd_engine.storage.tables import farm
from herd_engine.storage.upgrading import upgrade
from tests.storage.disks import mount_disk, unmount
from tests.storage.postgres_server import programs, running_server
from tests.storage.rows import example_run, new_dataset


def absent(what: str) -> None:
    """Skip, but never in CI: a kind of store that nobody tests is broken."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a running server, with a place for the name of a database."""
    folder = programs()
    if folder is None:
        absent("PostgreSQL's server programs are not installed (apt-get install postgresql)")
    with running_server(folder) as url:
        yield url


@pytest.fixture(scope="session")
def migrated_postgres(postgres: str) -> Iterator[Callable[[], str]]:
    """Return what empties a database with all tables, but for the default farm, and gives its URL."""
    create_database(postgres, "migrated")
    url = postgres.format(name="migrated")
    with open_database(url) as database:
        upgrade(database)
        with database.reading() as connection:
            default = connection.execute(sa.select(farm)).one()._asdict()

        def empty() -> str:
            with database.transaction() as connection:
                connection.execute(sa.text("TRUNCATE farm CASCADE"))
                connection.execute(sa.insert(farm).values(default))
            return url

        yield empty


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """File with all tables, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    with open_database(f"sqlite:///{path}") as database:
        upgrade(database)
    return path


def create_database(server: str, name: str) -> None:
    address = server.format(name="postgres").replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a disk of one megabyte, which a test may fill or make read-only."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not mount_disk(folder):
        pytest.skip("only root may mount a disk")
    yield folder
    unmount(folder)


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
    return Scope(Farms(database).default().id)


@pytest.fixture
def foreign(database: Database) -> Scope:
    """Another farm."""
    return Scope(Farms(database).add("Another farm").id)


@pytest.fixture
def runs(database: Database) -> Runs:
    return Runs(database)


@pytest.fixture
def new_run(database: Database, scope: Scope) -> Callable[..., NewRun]:
    """Make runs of one dataset; each has a hash of its own unless it is given."""
    dataset = Datasets(database).add(new_dataset(scope)).dataset

    return lambda **changes: example_run(scope, **({"dataset_id": dataset.id} | changes))


@pytest.fixture
def queued(runs: Runs, new_run: Callable[..., NewRun]) -> Callable[..., RunRow]:
    """Queue a run and return it."""
    return lambda **changes: runs.submit(new_run(**changes)).run
