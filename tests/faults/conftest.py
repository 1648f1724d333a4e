"""Houses: everything that `herd up` starts, as real processes on a disk of their own."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from herd_engine.sample import make_sample
from herd_engine.storage.database import open_database
from herd_engine.storage.upgrading import upgrade
from tests.faults.house import House
from tests.herd_engine.operations.conftest import Place
from tests.herd_engine.storage.disks import mount_disk, unmount
from tests.herd_engine.storage.postgres_server import Server, programs, running
from tests.stores import absent, create_database


@pytest.fixture(scope="module")
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house on PostgreSQL, or on what a test names in its place."""
    kind = getattr(request, "param", "postgresql")
    folder = programs()
    if kind == "postgresql" and folder is None:
        absent("PostgreSQL's server programs are not installed (apt-get install postgresql)")
    with _disk(tmp_path_factory.mktemp("disk")) as disk:
        database = running(folder) if kind == "postgresql" and folder is not None else nullcontext()
        with database as server:
            opened = House(_place(disk, server), server)
            try:
                opened.up()
                yield opened
            finally:
                opened.down()


@contextmanager
def _disk(folder: Path) -> Iterator[Path]:
    if not mount_disk(folder, "300m"):
        pytest.skip("only root may mount a disk")
    try:
        yield folder
    finally:
        unmount(folder)


def _place(disk: Path, server: Server | None) -> Place:
    place = Place(disk)
    place.farm.write_bytes(make_sample(animals=200, seed=2).csv)
    if server is not None:
        create_database(server.url, "herd")
        with open_database(server.url.format(name="herd")) as database:
            upgrade(database)
        place.environment["HERD_DATABASE_URL"] = server.url.format(name="herd")
    return place
