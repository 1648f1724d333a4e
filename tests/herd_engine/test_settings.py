"""Every setting stands in one table, and says what it means."""

import re
from pathlib import Path

import pytest

from herd_engine.cli.app import run
from herd_engine.errors import ParameterError
from herd_engine.runs.store import StoreSettings
from herd_engine.settings import Settings, variable_of

ROOT = Path(__file__).parents[2]
OTHERS = {"HERD_API_OIDC_"}
"""A part of names."""
CODES = re.compile(r"HERD_(DATA_INVALID|ERROR|REFERENCE_DIR|DATA_DIR)")


def test_every_variable_that_code_speaks_of_stands_in_the_table() -> None:
    folders = ("herd_engine", "widgets", "pipelines")
    code = "\n".join(path.read_text("utf-8") for name in folders for path in (ROOT / name).rglob("*.py"))
    named = {name for name in re.findall(r"\bHERD_[A-Z_]+\b", code) if not CODES.fullmatch(name)}

    assert named - OTHERS <= {variable_of(name) for name in Settings.model_fields}
    assert all(field.description for field in Settings.model_fields.values())


def test_nothing_but_the_table_reads_variables_of_ours() -> None:
    read = re.compile(r"environ(\.get\(|\[)\s*[\"']HERD_")
    folders = ("herd_engine", "widgets", "pipelines")
    found = [
        str(path.relative_to(ROOT))
        for name in folders
        for path in (ROOT / name).rglob("*.py")
        if read.search(path.read_text("utf-8"))
    ]

    assert found == ["herd_engine/execution/dask_beat.py"]  # in a Dask worker, told by who starts it


def test_a_variable_set_to_nothing_says_nothing_but_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HERD_HOME", "HERD_DATABASE_URL", "HERD_APPS_PAGES", "HERD_API_LEGACY", "HERD_APPS_TOKEN"):
        monkeypatch.setenv(name, "")

    said = Settings.read()

    assert (said.home, said.database_url, said.apps_pages, said.api_legacy) == (None, None, None, True)
    assert said.apps_token is not None
    assert said.apps_token.get_secret_value() == ""
    assert StoreSettings.from_environment().home == Path.home() / ".herd-workbench"


def test_a_value_that_cannot_be_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERD_APPS_PAGES", "many")

    with pytest.raises(ParameterError, match="HERD_APPS_PAGES"):
        Settings.read()


def test_the_table_is_shown_without_secrets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HERD_DATABASE_URL", "postgresql://herd:hush@db/herd")
    monkeypatch.setattr("sys.argv", ["herd", "settings"])
    code = run()
    shown = capsys.readouterr().out
    monkeypatch.setattr("sys.argv", ["herd", "settings", "--example"])
    run()
    example = capsys.readouterr().out

    assert code == 0
    assert "hush" not in shown
    assert "HERD_DATABASE_URL = **** (environment)" in shown
    assert all(f"\n#{variable_of(name)}=" in f"\n{example}" for name in Settings.model_fields)
