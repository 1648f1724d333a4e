"""The project's own files agree with each other."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = [
    path
    for folder in ("herd_engine", "pipelines", "tests", "widgets")
    for path in (ROOT / folder).rglob("*.py")
]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

CONDA_NAMES = {"duckdb": "python-duckdb", "redis": "redis-py", "tzdata": "python-tzdata"}


def requirements() -> list[str]:
    """All that is required, without what a package asks of itself; extras in brackets left out."""
    extras = PROJECT["project"]["optional-dependencies"].values()
    items = [item for group in (PROJECT["project"]["dependencies"], *extras) for item in group]
    return [re.sub(r"\[.*\]", "", item) for item in items if not item.startswith("herd-workbench")]


def test_environment_and_pyproject_require_the_same() -> None:
    lines = (ROOT / "environment.yml").read_text(encoding="utf-8").splitlines()
    conda = {line.strip().removeprefix("- ") for line in lines if re.match(r" +- ", line)}

    python = f"python{PROJECT['project']['requires-python']}"
    wanted = {
        re.sub(r"^[\w.-]+", lambda name: CONDA_NAMES.get(name[0], name[0]), item) for item in requirements()
    }
    assert conda == {*wanted, python, "pip", "pip:", "-e .", "conda-forge"}


def test_every_requirement_is_pinned_and_nothing_names_a_host() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pinned = dict(line.split("==") for line in text.split())

    assert {re.match(r"[\w.-]+", item)[0].replace(".", "-") for item in requirements()} <= set(pinned)
    assert not re.search(r"[:/@]", text)


def test_the_engine_alone_needs_nothing_of_jupyter() -> None:
    names = {re.match(r"[\w.-]+", item)[0] for item in PROJECT["project"]["dependencies"]}

    assert not names & {"jupyterlab", "ipywidgets", "voila", "papermill", "ipykernel", "nbconvert"}


UNIX_ONLY = {"fcntl", "grp", "pty", "pwd", "resource", "termios", "tty", "uvloop"}


def test_nothing_is_imported_that_only_unix_has() -> None:
    """So that engine, Workbench and notebooks import on any system."""
    found = {
        (path.name, name.partition(".")[0])
        for path in SOURCES
        if "tests" not in path.relative_to(ROOT).parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
    }

    assert {(file, name) for file, name in found if name in UNIX_ONLY} == set()


def test_readme_names_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^python3 -m venv .*$", readme, flags=re.MULTILINE)

    assert len(commands) == 2
    assert commands[0].endswith("herd demo")
    assert "-m pytest" in commands[1]


def test_modules_stay_readable() -> None:
    sizes = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}

    assert {str(path): n for path, n in sizes.items() if n > 500} == {}


def test_functions_stay_readable() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path in SOURCES
        if "tests" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= 60
    ]

    assert long == []


def claims_of(path: Path) -> list[ast.FunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]


def asserts(node: ast.AST) -> bool:
    """Whether a test asserts, expects an error, or calls a helper that is named for asserting."""
    for part in ast.walk(node):
        if isinstance(part, ast.Assert):
            return True
        if isinstance(part, ast.Call):
            name = getattr(part.func, "attr", getattr(part.func, "id", ""))
            if name in ("raises", "expect", "validate") or name.startswith("assert_"):
                return True
    return False


def test_every_test_asserts() -> None:
    silent = [
        f"{path.name}:{test.name}"
        for path in (ROOT / "tests").rglob("test_*.py")
        for test in claims_of(path)
        if not asserts(test)
    ]

    assert silent == []


@pytest.mark.parametrize("word", [r"/work/", r"/root/", r"\bpypi\.org\b", r"localhost:\d"])
def test_no_file_names_a_development_machine(word: str) -> None:
    own = {Path(__file__)}
    told = [*ROOT.glob("*.md"), *ROOT.glob("*/README.md"), *(ROOT / "notebooks").glob("*/*.[im]*")]
    files = [*SOURCES, *told, ROOT / "constraints.txt", ROOT / "environment.yml"]

    assert [str(p) for p in files if p not in own and re.search(word, p.read_text(encoding="utf-8"))] == []


def test_migrations_are_one_chain_of_numbers() -> None:
    """Two changes that both bring migration 15 are each green alone and break every database together."""
    numbers = [
        path.name[1:5] for path in sorted((ROOT / "herd_engine/storage/migrations/versions").glob("v*.py"))
    ]

    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]
