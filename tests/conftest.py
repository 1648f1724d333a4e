"""Where tests find real herds and reference tables."""

import os
from pathlib import Path

import pytest

from tests.browsers import browser  # noqa: F401 - a fixture
from tests.stores import (  # noqa: F401 - fixtures
    migrated_postgres,
    migrated_sqlite,
    postgres,
    s3_server,
    tiny_disk,
)

SHARED = Path(__file__).parents[2] / "shared"


def _folder(variable: str, default: Path) -> Path:
    if variable in os.environ and not Path(os.environ[variable]).is_dir():
        pytest.fail(f"{variable} is set to {os.environ[variable]}, which is no folder")
    folder = Path(os.environ.get(variable, default))
    if not folder.is_dir():
        pytest.skip(f"{folder} is absent; set {variable} to the folder")
    return folder


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Folder of the real herd exports."""
    return _folder("HERD_DATA_DIR", SHARED / "data")


@pytest.fixture(scope="session")
def reference_dir() -> Path:
    """Folder of the reference tables."""
    return _folder("HERD_REFERENCE_DIR", SHARED / "reference")
