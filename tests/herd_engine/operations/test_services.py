"""What an operator is given to run parts as services: unit, probe, a database of one's own."""

import configparser
from pathlib import Path

import pytest

from herd_engine.errors import ConflictError, ParameterError
from herd_engine.operations.api_probe import probe
from herd_engine.operations.ports import free_port
from herd_engine.operations.systemd import systemd_unit
from herd_engine.operations.tables import create_postgres
from herd_engine.runs.store import StoreSettings
from herd_engine.storage.database import open_database
from herd_engine.storage.upgrading import is_current, upgrade
from tests.herd_engine.api.test_process import service


def test_the_unit_starts_herd_up_and_leaves_time_to_end(tmp_path: Path) -> None:
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str
    unit.read_string(systemd_unit(tmp_path, "herd", 2))

    assert unit["Service"]["ExecStart"].endswith("-m herd_engine up --no-browser --workers 2")
    assert unit["Service"]["Environment"] == f"HERD_HOME={tmp_path}"
    assert int(unit["Service"]["TimeoutStopSec"]) == 45  # drain 10 + write 30
    assert unit["Service"]["User"] == "herd"


@pytest.mark.slow
def test_the_probe_tells_a_service_that_works_from_none(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with service(home, "--no-runner"):
        assert probe(home, free_port()) == ""
        assert probe(home, free_port(), alive=True) == ""

    assert "nobody answers at 127.0.0.1:" in probe(home, free_port())


def test_a_user_and_its_database_are_made_and_hold_the_tables(postgres: str) -> None:
    admin = postgres.format(name="postgres")

    url = create_postgres(admin, "barn")

    with open_database(url) as database:
        upgrade(database)
        assert is_current(database)
    with pytest.raises(ConflictError, match="There is a barn"):
        create_postgres(admin, "barn")
    with pytest.raises(ParameterError, match="small letters"):
        create_postgres(admin, 'x"; DROP DATABASE postgres; --')


def test_the_address_of_the_database_may_stand_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "database_url"
    secret.write_text("postgresql://herd:s3cret@db/herd\n")
    monkeypatch.setenv("HERD_DATABASE_URL_FILE", str(secret))

    assert StoreSettings.from_environment(tmp_path).database_url == "postgresql://herd:s3cret@db/herd"
