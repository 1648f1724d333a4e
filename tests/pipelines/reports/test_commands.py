"""What `herd report`, `herd smoke` and `herd bench mc` say, and how they end."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from herd_engine.cli import app as cli_app
from herd_engine.cli.app import command_line, load
from herd_engine.errors import HerdDataError, HerdError, NotFoundError, ScenarioError, UnknownParameterError
from herd_engine.workbench import Workbench
from pipelines.bench.mc import Measured, recommendation
from pipelines.reports.journal import Journal


def herd(*arguments: str):
    return CliRunner().invoke(command_line(arguments[0]), list(arguments))


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["forecast", "--param", "lenguage=ru"], UnknownParameterError),
        (["forecast", "--param", "dataset=nowhere.csv"], NotFoundError),
        (["forecast", "--param", 'payload={"mc_runs": 0}', "--param", "dataset=x"], ScenarioError),
        (["nothing"], NotFoundError),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_started(arguments, error, tmp_path: Path):
    result = herd("report", "run", *arguments, "--home", str(tmp_path))

    assert isinstance(result.exception, error)  # which the command line words, and ends with 2
    assert Journal(tmp_path).editions() == []
    assert not (tmp_path / "reports").exists()


def test_a_herd_file_that_cannot_be_used_is_refused(tmp_path: Path):
    (tmp_path / "farm.csv").write_text("a,b\n1,2\n")

    result = herd(
        "report", "run", "forecast", "--param", f"dataset={tmp_path / 'farm.csv'}", "--home", str(tmp_path)
    )

    assert isinstance(result.exception, HerdDataError)


def test_reports_and_editions_are_listed(journal, edition):
    home = str(journal.root.parent)

    told = herd("report", "list", "--home", home)
    plain = herd("report", "list", "--json", "-", "--home", home)

    assert "forecast" in told.output
    assert "previous_run" in told.output
    assert edition.id in told.output
    assert json.loads(plain.output)["editions"][0]["id"] == edition.id


def test_smoke_finds_that_everything_holds_and_names_what_does_not(tmp_path: Path, farm_file: bytes):
    (tmp_path / "good.csv").write_bytes(farm_file)
    (tmp_path / "~$good.csv").write_bytes(b"lock")
    (tmp_path / "._good.csv").write_bytes(b"\0\5\26\7")

    good = herd("smoke", str(tmp_path), "--runs", "5", "--json", str(tmp_path / "out.json"))
    (tmp_path / "torn.csv").write_text("a,b\n1,2\n")
    torn = herd("smoke", str(tmp_path), "--mode", "empirical", "--runs", "5")

    results = json.loads((tmp_path / "out.json").read_text())["results"]
    assert (good.exit_code, torn.exit_code) == (0, 1)
    assert [(item["mode"], item["points"], item["broken"]) for item in results] == [
        ("empirical", 37, []),
        ("theoretical", 37, []),
        ("calibrated", 37, []),
    ]
    assert "torn.csv, empirical: HERD_DATA_INVALID" in torn.output


def test_smoke_notices_animals_that_vanish(tmp_path: Path, farm_file: bytes, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "farm.csv").write_bytes(farm_file)
    whole = Workbench.forecast_and_simulation

    def losing(*arguments, **wishes):
        forecast, simulation = whole(*arguments, **wishes)
        counts = simulation.counts.copy()
        counts[2, 7:, 0] -= 1
        return forecast, replace(simulation, counts=counts)

    monkeypatch.setattr(Workbench, "forecast_and_simulation", losing)
    result = herd("smoke", str(tmp_path), "--mode", "empirical", "--runs", "5")

    assert result.exit_code == 1
    assert "animals are not conserved" in result.output


def test_smoke_needs_herd_files(tmp_path: Path):
    result = herd("smoke", str(tmp_path))

    assert isinstance(result.exception, HerdError)
    assert "hold herd files" in str(result.exception)


def measured(workers: int, seconds: float) -> Measured:
    speed_up = 8.0 / seconds
    return Measured(
        workers=workers, batch=32, seconds=seconds, speed_up=speed_up, efficiency=speed_up / workers
    )


@pytest.mark.parametrize(
    ("seconds", "says"),
    [
        ({1: 8.2, 2: 4.2, 4: 2.1}, "Take 4 workers"),
        ({1: 8.2, 2: 4.1, 4: 4.0}, "Take 2 workers"),
        ({1: 8.2, 2: 7.9, 4: 9.0}, "Simulate one after another"),
    ],
)
def test_the_recommendation_follows_from_the_figures(seconds, says):
    found = [measured(workers, value) for workers, value in seconds.items()]

    assert recommendation(8.0, found).startswith(says)
    assert np.isclose(found[1].efficiency, 8.0 / seconds[2] / 2)


def test_bench_mc_measures_every_choice(tmp_path: Path, farm_file: bytes):
    (tmp_path / "farm.csv").write_bytes(farm_file)

    result = herd(
        "bench", "mc", str(tmp_path / "farm.csv"), "--workers", "1,2", "--batch", "4,8", "--runs", "20",
        "--json", "-",
    )  # fmt: skip

    found = json.loads(result.output)
    assert [(row["workers"], row["batch"]) for row in found["parallel"]] == [(1, 4), (1, 8), (2, 4), (2, 8)]
    assert all(row["speed_up"] == found["sequential_seconds"] / row["seconds"] for row in found["parallel"])


def test_a_plain_installation_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    plain = typer.Typer()

    def missing(_name: str):
        raise ModuleNotFoundError("No module named 'papermill'", name="papermill")

    monkeypatch.setattr(cli_app, "import_module", missing)
    plain.callback()(cli_app.options)
    load(plain, "report")

    result = CliRunner().invoke(plain, ["report", "run", "forecast", "--param", "dataset=x"])

    assert result.exit_code == 2
    assert "pip install 'herd-workbench[reports]'" in result.output
