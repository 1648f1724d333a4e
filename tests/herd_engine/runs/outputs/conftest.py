"""A store of each kind, a small farm in it, and a Redis server of its own."""

from collections.abc import Iterator

import pytest

from tests.herd_engine.runs.conftest import dataset, farm_file, kept, settings  # noqa: F401 - fixtures
from tests.redis_server import running_redis


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """URL of a server behind a socket of its own."""
    with running_redis() as (url, _):
        yield url
