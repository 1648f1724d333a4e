"""A service over an empty store, asked in this process; runs are executed when a test says so."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from herd_engine.api.app import gated, new_app
from herd_engine.api.settings import ApiSettings
from herd_engine.model.source import Source
from herd_engine.runs.store import StoreSettings
from herd_engine.sample import make_sample
from herd_engine.workbench import Workbench
from tests.herd_engine.runs.conftest import settings, work  # noqa: F401 - a fixture, and what executes runs

KEY = "k" * 43
PAYLOAD = {"horizon_months": 3, "mc_runs": 20, "seed": 5}
SETTINGS = ApiSettings(start_runner=False, limits={})
Start = Callable[..., TestClient]


@pytest.fixture(scope="session")
def farm_file() -> bytes:
    return make_sample(animals=120, seed=2).csv


@pytest.fixture
def bench(settings: StoreSettings) -> Iterator[Workbench]:  # noqa: F811 - the fixture
    found = Workbench(settings.home, source=Source.API)
    yield found
    found.kept.close()


@pytest.fixture
def start(bench: Workbench) -> Start:
    """Return a client of a service with other settings, or another token."""

    def client(token: str | None = KEY, **changes: Any) -> TestClient:
        app = new_app(replace(SETTINGS, **changes), bench)
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return TestClient(gated(app, KEY), base_url="http://127.0.0.1:8867", headers=headers)

    return client


@pytest.fixture
def client(start: Start) -> TestClient:
    return start()


def upload(client: TestClient, data: bytes, name: str = "farm.csv") -> Any:
    return client.post("/api/v1/datasets", files={"file": (name, data, "text/csv")})


@pytest.fixture
def dataset(client: TestClient, farm_file: bytes) -> str:
    return str(upload(client, farm_file).json()["id"])


def home_of(bench: Workbench) -> Path:
    return Path(bench.kept.store.settings.home)
