"""A simulated future is a *replicate*; a *run* is a forecast that is kept."""

import json

import pytest
import typer

from herd_engine.cli.app import COMMANDS, GROUPS, load
from herd_engine.cli.run_care import print_runs
from tests.herd_engine.cli.commands import Herd


def options() -> dict[str, tuple[str, ...]]:
    """Return the names of all options of all commands, by command and first name."""
    found = {}
    for name in (*COMMANDS, *GROUPS):
        app = typer.Typer()
        load(app, name)
        waiting = [(name, typer.main.get_command(app))]
        while waiting:
            path, command = waiting.pop()
            waiting += [(f"{path} {key}", below) for key, below in getattr(command, "commands", {}).items()]
            found |= {f"{path} {item.opts[0]}": tuple(item.opts) for item in command.params}
    return found


def test_every_command_that_simulates_takes_either_word() -> None:
    pairs = {name: names for name, names in options().items() if {"--runs", "--replicates"} & set(names)}

    assert len(pairs) >= 6
    assert set(pairs.values()) == {("--runs", "--replicates")}


def test_either_word_gives_the_same_forecast(herd: Herd) -> None:
    herd("sample", "a.csv", "--animals", 60)
    said = [
        herd("forecast", "a.csv", word, 7, "--months", 2, "--json", "-")
        for word in ("--runs", "--replicates")
    ]

    assert [ended.code for ended in said] == [0, 0]
    first, second = (json.loads(ended.out) for ended in said)
    assert first["meta"]["runs"] == 7
    assert first["points"] == second["points"]


def test_a_table_of_runs_counts_replicates(capsys: pytest.CaptureFixture[str]) -> None:
    print_runs([])

    shown = capsys.readouterr().out.split()
    assert "replicates" in shown
    assert "runs" not in shown
