"""What is asked of the program before any command: its version, what it can do, what a shell completes."""

import subprocess
import sys
from importlib import import_module

import pytest

from herd_engine import __version__
from herd_engine.cli.app import COMMANDS, GROUPS

HEAVY = {"numba", "pandas", "pyiceberg", "distributed", "alembic", "playwright", "rich", "numpy", "scipy"}


def modules_after(*arguments: str) -> tuple[str, set[str]]:
    """Run the command line in a process of its own; return what it prints and what it has imported."""
    code = (
        "import sys; from herd_engine.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('MODULES', *sys.modules)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    said, _, modules = ended.stdout.partition("MODULES")
    return said + ended.stderr, set(modules.split())


def test_the_version_is_told_without_any_library() -> None:
    said, modules = modules_after("--version")

    assert said == f"herd {__version__}\n"
    assert not modules & (HEAVY | {"typer"})


@pytest.mark.parametrize("arguments", [["--help"], [], ["forcast"]])
def test_help_names_every_command_and_imports_none(arguments: list[str]) -> None:
    said, modules = modules_after(*arguments)

    assert not modules & HEAVY
    if arguments != ["forcast"]:
        assert [name for name in (*COMMANDS, *GROUPS) if f"\n  {name} " not in said] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_listed_by_the_first_sentence_of_its_docstring(name: str) -> None:
    command = getattr(import_module(f"herd_engine.cli.{name}"), name)

    assert COMMANDS[name] == command.__doc__.partition("\n")[0]


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_is_listed_by_its_own_sentence(name: str) -> None:
    assert GROUPS[name] == import_module(f"herd_engine.cli.{name}").app.info.help


def test_a_shell_completes_the_options_of_a_command() -> None:
    environment = {
        "_HERD_COMPLETE": "complete_bash",
        "COMP_WORDS": "herd doctor --",
        "COMP_CWORD": "2",
        "PATH": "/usr/bin",
    }
    code = "import sys; sys.argv = ['herd']; from herd_engine.cli import main; main()"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False
    )

    assert "--json" in ended.stdout
