"""How strict a farm is: the command line above the environment above the home's file, the nearest first."""

from pathlib import Path

import pytest

from herd_engine.errors import ParameterError
from herd_engine.model.gate import GateMode
from herd_engine.runs.gate_config import wished_mode

CONFIG = """
mode: off
profiles: {events: report_only}
farms:
  North:
    mode: enforce
    profiles: {milk_tests: off}
"""


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HERD_PREFLIGHT_MODE", raising=False)


@pytest.mark.parametrize(
    ("farm", "profile", "mode", "source"),
    [
        ("North", "herd_export", "enforce", "farms.North.mode"),
        ("north", "milk_tests", "off", "farms.north.profiles.milk_tests"),
        ("South", "events", "report_only", "profiles.events"),
        ("South", "herd_export", "off", "mode"),
    ],
)
def test_the_nearest_word_of_the_file_counts(
    tmp_path: Path, farm: str, profile: str, mode: str, source: str
) -> None:
    (tmp_path / "preflight.yaml").write_text(CONFIG)
    wished = wished_mode(tmp_path, farm, profile=profile)

    assert (wished.mode, wished.source) == (mode, f"preflight.yaml: {source}")


def test_the_command_line_stands_above_the_environment_above_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert wished_mode(tmp_path, "North").mode is GateMode.REPORT_ONLY
    (tmp_path / "preflight.yaml").write_text("mode: off")
    monkeypatch.setenv("HERD_PREFLIGHT_MODE", "enforce")

    assert wished_mode(tmp_path, "North").source == "HERD_PREFLIGHT_MODE"
    assert wished_mode(tmp_path, "North").mode is GateMode.ENFORCE
    assert wished_mode(tmp_path, "North", GateMode.REPORT_ONLY).mode is GateMode.REPORT_ONLY


@pytest.mark.parametrize("text", ["mode: perhaps", "farm: {}", "farms: {North: {modes: off}}", "mode: ["])
def test_what_the_file_cannot_say_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "preflight.yaml").write_text(text)

    with pytest.raises(ParameterError, match=r"line [12]"):
        wished_mode(tmp_path, "North")
