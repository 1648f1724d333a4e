"""Databases and file stores of both kinds, for every room of the tests; servers start when first needed."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from herd_engine.storage.database import open_database
from herd_engine.storage.tables import farm
from herd_engine.storage.upgrading import upgrade
from tests.herd_engine.storage.disks import mount_disk, unmount
from tests.herd_engine.storage.postgres_server import programs, running_server


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
                names = set(sa.inspect(connection).get_table_names()) - {"alembic_version"}
                connection.execute(sa.text(f"TRUNCATE {', '.join(sorted(names))} CASCADE"))
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
def s3_server():
    """A local S3 server that keeps its objects in memory; the environment leads to it."""
    try:
        import boto3  # noqa: PLC0415 - needed by these tests alone
        import s3fs  # noqa: F401, PLC0415
        from moto.moto_server.threaded_moto_server import ThreadedMotoServer  # noqa: PLC0415
    except ImportError as error:
        absent(f"S3 is not tested: {error}")
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "key")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        client = boto3.client("s3")
        client.create_bucket(Bucket="herd")
        client.close()
        yield
    server.stop()
