"""What is kept is its owner's alone, also in a home that a version before made."""

import pytest

from herd_engine.errors import StorageError
from herd_engine.runs.home import make_home
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.store import Store, StoreSettings


def loose(home):
    return [path for path in (home, *home.rglob("*")) if path.stat().st_mode & 0o077]


def test_a_new_home_is_its_owners_alone_with_all_that_is_in_it(tmp_path, farm_file):
    home = tmp_path / "new" / "home"
    kept = KeptRuns(Store(StoreSettings.embedded(home)), "tester")
    kept.add_dataset(farm_file, "farm.csv")
    found = loose(home)
    kept.close()

    assert [path for path in found if path.is_file() or path == home] == []


def test_a_home_of_an_older_version_is_tightened_and_that_is_said_once(tmp_path, farm_file, caplog):
    home = tmp_path / "home"
    kept = KeptRuns(Store(StoreSettings.embedded(home)), "tester")
    kept.add_dataset(farm_file, "farm.csv")
    kept.close()
    for path in (home, *home.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)

    for _ in range(2):
        Store(StoreSettings.embedded(home)).close()

    assert loose(home) == []
    assert [record.getMessage() for record in caplog.records] == [
        f"Other users of this machine could read {home}; now only its owner can."
    ]


def test_a_home_that_is_a_file_is_told(tmp_path):
    (tmp_path / "home").write_text("")

    for home in (tmp_path / "home", tmp_path / "home" / "deeper"):
        with pytest.raises(StorageError, match="is a file"):
            make_home(home)


def test_listing_presets_writes_nothing(tmp_path, monkeypatch):
    """Nor does opening what is up to date: whoever only looks never waits for whoever writes."""
    settings = StoreSettings.embedded(tmp_path / "home")
    KeptRuns(Store(settings), "tester").close()
    kept = KeptRuns(Store(settings), "tester")

    def refuse():
        raise AssertionError("a transaction that may write")

    monkeypatch.setattr(type(kept.store.database), "transaction", lambda _self: refuse())
    again = KeptRuns(Store(settings), "tester")

    assert len(again.catalog.presets.list().items) >= 3
    again.close()
    kept.close()
