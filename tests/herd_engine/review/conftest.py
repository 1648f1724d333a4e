"""The two real herds."""

from tests.herd_engine.datasets.conftest import ds1, ds2, herd_data_dir  # noqa: F401 - fixtures
