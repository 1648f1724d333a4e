"""`herd preflight`: what is found is kept whatever the mode, and enforce blocks."""

import csv
import hashlib
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from herd_engine.sample import make_sample
from tests.herd_engine.cli.commands import Herd


@pytest.fixture(autouse=True)
def home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, in which no process is started beside the test's."""
    monkeypatch.setenv("HERD_HOME", str(folder / "home"))
    monkeypatch.setattr("herd_engine.runs.liveness.start_runner", lambda _home: None)
    return folder / "home"


@pytest.fixture
def impossible(folder: Path) -> Path:
    """A farm one of whose cows has calved twenty times: read, and against the rules."""
    lines = make_sample(animals=120, seed=4).csv.decode("utf-8-sig").splitlines()
    cells = lines[-1].split(";")
    cells[0], cells[3] = '"77777"', '"20"'
    cells[1], cells[4] = '"01.01.2002"', '"05.01.2026"'
    path = folder / "impossible.csv"
    path.write_text("\n".join([*lines, ";".join(cells)]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def unreadable(folder: Path) -> Path:
    path = folder / "toys.csv"
    path.write_text("colour,shape\nred,round\n")
    return path


def preflights(said: str) -> list[dict[str, str]]:
    return json.loads(said)["preflights"]


def test_all_files_are_examined_before_one_is_blocked(
    herd: Herd, farm: Path, impossible: Path, unreadable: Path
) -> None:
    ended = herd("preflight", "run", unreadable, impossible, farm, "--mode", "enforce", "--json", "-")

    found = [(one["file_name"], one["status"], one["block_reason"]) for one in preflights(ended.out)]
    assert ended.code == 2
    assert found[:2] == [
        ("toys.csv", "FAIL", "validation_fail"),
        ("impossible.csv", "FAIL", "semantic_fail"),
    ]
    assert found[2][1:] in [("PASS", ""), ("WARN", "")]
    listed = preflights(herd("preflight", "list", "--json", "-").out)
    assert sorted(one["id"] for one in listed) == sorted(one["id"] for one in preflights(ended.out))


@pytest.mark.parametrize(
    ("option", "environment", "mode", "code", "status"),
    [
        ((), None, "report_only", 0, "FAIL"),
        ((), "enforce", "enforce", 2, "FAIL"),
        (("--mode", "report_only"), "enforce", "report_only", 0, "FAIL"),  # what is said here counts
        (("--mode", "off"), None, "off", 0, "SKIPPED"),
    ],
)
def test_the_command_line_is_above_the_environment(  # noqa: PLR0917 - one argument a case
    herd: Herd,
    impossible: Path,
    monkeypatch: pytest.MonkeyPatch,
    option: tuple[str, ...],
    environment: str | None,
    mode: str,
    code: int,
    status: str,
) -> None:
    if environment is not None:
        monkeypatch.setenv("HERD_PREFLIGHT_MODE", environment)

    ended = herd("preflight", "run", impossible, *option, "--json", "-")

    (one,) = preflights(ended.out)
    assert (ended.code, one["mode"], one["status"]) == (code, mode, status)


def test_an_unknown_mode_is_refused(herd: Herd, farm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERD_PREFLIGHT_MODE", "perhaps")

    ended = herd("preflight", "run", farm)

    assert (ended.code, "HERD_PREFLIGHT_MODE" in ended.err) == (2, True)


def test_artifacts_are_what_the_manifest_says(herd: Herd, impossible: Path, folder: Path) -> None:
    (one,) = preflights(herd("preflight", "run", impossible, "--json", "-").out)
    for name in ("manifest.json", "unified.csv", "unified.parquet", "semantic.json", "quarantine.csv"):
        assert herd("preflight", "show", one["id"], "--artifact", name).code == 0

    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["file_sha256"] == hashlib.sha256(impossible.read_bytes()).hexdigest()
    for name in ("unified.csv", "unified.parquet", "semantic.json"):
        assert manifest["artifacts"][name] == hashlib.sha256((folder / name).read_bytes()).hexdigest()
    rows = list(csv.DictReader(io.StringIO((folder / "unified.csv").read_text())))
    table = pq.read_table(folder / "unified.parquet")
    (cow,) = [row for row in rows if row["animal_id"] == "77777"]
    assert (cow["birth_date"], float(cow["lactation"])) == ("2002-01-01", 20)
    assert table.num_rows == len(rows)
    semantic = json.loads((folder / "semantic.json").read_text())
    broken = {rule["rule_id"]: rule["sample"] for rule in semantic["rules"] if rule["status"] == "FAIL"}
    assert broken == {"lactation_is_plausible": ["77777"]}
    assert herd("preflight", "show", one["id"], "--artifact", "../herd.sqlite").code == 2


def test_counts_and_the_rules_that_are_broken_most_often(herd: Herd, impossible: Path) -> None:
    herd("preflight", "run", impossible)
    herd("preflight", "run", impossible)
    herd("preflight", "run", impossible, "--mode", "off")

    counted = json.loads(herd("preflight", "stats", "--json", "-").out)

    assert counted["counts"] == {"FAIL": 2, "SKIPPED": 1}
    assert counted["top_rules"][0] == {"rule_id": "lactation_is_plausible", "failed": 2, "warned": 0}
    (newest, *_) = preflights(herd("preflight", "list", "--json", "-").out)
    assert newest["mode"] == "off"
    assert "lactation_is_plausible" in herd("preflight", "stats").out


def test_enforce_lets_no_forecast_begin(
    herd: Herd, impossible: Path, farm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert herd("runs", "submit", impossible).code == 0
    monkeypatch.setenv("HERD_PREFLIGHT_MODE", "enforce")

    ended = herd("runs", "submit", impossible)

    assert (ended.code, "fails its contract (lactation_is_plausible)" in ended.err) == (2, True)
    assert herd("runs", "submit", farm, "--same-farm").code == 0


def test_a_forecast_of_a_file_is_blocked_and_what_was_found_is_kept(
    herd: Herd, impossible: Path, unreadable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HERD_PREFLIGHT_MODE", "off")  # the command line stands above it

    semantic = herd("forecast", impossible, "--preflight", "enforce")
    validation = herd("forecast", unreadable, "--preflight", "enforce")

    assert (semantic.code, validation.code) == (2, 2)
    assert "semantic_fail; enforce by --mode" in " ".join(semantic.err.split())
    found = preflights(herd("preflight", "list", "--json", "-").out)
    assert [one["block_reason"] for one in found] == ["validation_fail", "semantic_fail"]


def test_a_file_of_the_home_says_how_strict_a_farm_is(
    herd: Herd, impossible: Path, home: Path, folder: Path
) -> None:
    assert herd("farms", "add", "North").code == 0
    (home / "preflight.yaml").write_text("mode: off\nfarms:\n  north: {profiles: {herd_export: enforce}}\n")

    strict = herd("preflight", "run", impossible, "--farm", "North", "--json", "-")
    other = herd("preflight", "run", impossible, "--json", "-")

    (one,), (two,) = preflights(strict.out), preflights(other.out)
    assert (strict.code, one["mode"], one["block_reason"]) == (2, "enforce", "semantic_fail")
    assert one["mode_source"] == "preflight.yaml: farms.North.profiles.herd_export"
    assert (other.code, two["mode"], two["mode_source"]) == (0, "off", "preflight.yaml: mode")
    (home / "preflight.yaml").write_text("mode: off\nfarms:\n  north: {mode: maybe}\n")
    refused = herd("preflight", "run", impossible)
    assert (refused.code, "line 3" in refused.err) == (2, True)


def test_the_history_of_a_rule_and_the_trend(herd: Herd, impossible: Path, farm: Path) -> None:
    for file in (farm, impossible):
        herd("preflight", "run", file)

    rule = json.loads(herd("preflight", "rule", "lactation_is_plausible", "--json", "-").out)
    trend = json.loads(herd("preflight", "trend", "--json", "-").out)["trend"]

    told = [(one["file_name"], one["status"], one["violations"]) for one in rule["history"]]
    assert told == [("impossible.csv", "FAIL", 1), (farm.name, "PASS", 0)]
    assert sum(point["n"] for point in trend if point["status"] == "FAIL") == 1
    assert sum(point["n"] for point in trend) == 2
