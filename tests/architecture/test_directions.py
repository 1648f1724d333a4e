"""Every rule on who may import whom is held by the machine: each is seen to break by a planted import."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLANTED = {
    "one direction": ("herd_engine/engine", "import herd_engine.runs.kept"),
    "the science knows neither": ("herd_engine/forecasting", "import plotly"),
    "Dask only in execution": ("herd_engine/runs", "import distributed"),
    "SQL only in storage": ("herd_engine/runs", "import sqlalchemy"),
    "papermill only in pipelines": ("widgets/view_models", "import papermill"),
    "FastAPI only in api": ("herd_engine/runs", "import fastapi"),
    "the service speaks to the Workbench": ("herd_engine/api", "import herd_engine.storage.tables"),
    "commands speak to the Workbench": ("herd_engine/cli", "import herd_engine.runs.kept"),
    "pages speak to the Workbench": ("widgets/views/common", "import herd_engine.storage.run_rows"),
    "reports and jobs speak to the Workbench": ("pipelines/reports", "import herd_engine.runs.kept"),
    "farms of the zoo share no code": ("pipelines/zoo/farms", "import herd_engine.model.scenario"),
    "view-models know no widgets": ("widgets/view_models", "import ipywidgets"),
}


def broken_rules(folder: Path) -> list[str]:
    program = Path(sys.executable).with_name("lint-imports")
    said = subprocess.run([program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)
    assert "Contracts:" in said.stdout, said.stdout + said.stderr
    return [line.partition(" BROKEN")[0] for line in said.stdout.splitlines() if " BROKEN" in line]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    for package in ("herd_engine", "pipelines", "widgets"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_no_rule_is_broken(copy: Path) -> None:
    assert broken_rules(copy) == []


@pytest.mark.parametrize("rule", PLANTED)
def test_a_forbidden_import_breaks_its_rule(copy: Path, rule: str) -> None:
    place, line = PLANTED[rule]
    planted = copy / place / "planted.py"
    planted.write_text(f'"""Planted."""\n\n{line}\n')
    try:
        broken = broken_rules(copy)
    finally:
        planted.unlink()

    assert [name for name in broken if name.startswith(rule)]
