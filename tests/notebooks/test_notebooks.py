"""Notebooks for analysts run to their end and show what they promise; those of the apps need no browser."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from nbconvert.exporters import HTMLExporter
from playwright.sync_api import Browser, expect

from herd_engine.sample import make_sample

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
EXPLORE = sorted((NOTEBOOKS / "explore").glob("*.ipynb"))
ANALYSTS = [*EXPLORE, *sorted((NOTEBOOKS / "guide").glob("*.ipynb"))]
APPS = sorted((NOTEBOOKS / "apps").glob("*.ipynb"))
FIGURE, WIDGET = "application/vnd.plotly.v1+json", "application/vnd.jupyter.widget-view+json"
FIGURES = {
    "check_a_herd_file": 2,
    "fit_distributions": 3,
    "compare_scenarios": 3,
    "decide": 2,
    "sweep_on_a_cluster": 1,
    "remote": 1,
    "first_forecast": 1,
    "your_own_file": 1,
    "scenarios": 2,
    "kept_forecasts": 1,
    "service": 0,
}
SAYS = {
    "decide": {"plan": "cows in milk or more", "levers-table": "culling_intensity"},
    "remote": {"wait": "succeeded", "read": "True"},
    "kept_forecasts": {"verify": "[]", "again": "()"},
    "service": {"run": "succeeded", "watch": "succeeded", "result": "304", "end": "0"},
    "your_own_file": {"ask": "На выгуле", "answer": "heifer"},
}
"""What cells of some notebooks must show, by their ids."""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A home of its own, a small herd, few runs, and a kernel as one starts it in JupyterLab."""
    herd = tmp_path / "herd.csv"
    herd.write_bytes(make_sample(animals=250, problems=True).csv)
    small = {"HERD_HOME": str(tmp_path / "home"), "HERD_FILE": str(herd), "HERD_RUNS": "40"}
    return {**os.environ, **small, "PLOTLY_RENDERER": "plotly_mimetype"}


def cells_of(path: Path) -> list[Any]:
    return list(json.loads(path.read_text("utf-8"))["cells"])


def outputs_of(notebook: Any) -> list[Any]:
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


@pytest.mark.parametrize("path", ANALYSTS, ids=lambda path: path.stem)
def test_notebooks_for_analysts_are_stripped_explain_every_step_and_define_nothing(path: Path) -> None:
    cells = cells_of(path)
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    trees = [ast.parse("".join(cell["source"])) for cell in code]

    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in code)
    assert cells[0]["cell_type"] == "markdown"
    assert "".join(cells[0]["source"]).startswith("# ")
    assert len([cell for cell in cells if cell["cell_type"] == "markdown"]) >= 4
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    assert [node for tree in trees for node in ast.walk(tree) if isinstance(node, kinds)] == []


def test_every_notebook_for_analysts_has_its_figures_counted() -> None:
    assert {path.stem for path in ANALYSTS} == set(FIGURES)


@pytest.mark.slow
@pytest.mark.parametrize("path", ANALYSTS, ids=lambda path: path.stem)
def test_a_notebook_for_analysts_runs_and_shows_its_figures(
    path: Path, environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    done = papermill.execute_notebook(path, tmp_path / path.name, progress_bar=False, cwd=tmp_path)

    outputs = outputs_of(done)
    assert [output for output in outputs if output.output_type == "error"] == []
    figures = [output.data[FIGURE] for output in outputs if FIGURE in output.get("data", {})]
    assert len(figures) == FIGURES[path.stem]
    assert all(figure["data"] for figure in figures)
    tables = [output for output in outputs if "<table" in output.get("data", {}).get("text/html", "")]
    assert len(tables) >= 1
    shown = {cell.id: "".join(str(o.get("data")) for o in cell.get("outputs", ())) for cell in done.cells}
    assert [cell for cell, text in SAYS.get(path.stem, {}).items() if text not in shown[cell]] == []
    nbformat.validate(done)


@pytest.mark.slow
def test_a_notebook_takes_the_path_of_its_first_cell_and_shows_its_charts_offline_in_html(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, browser: Browser
) -> None:
    for name, value in {**environment, "HERD_FILE": str(tmp_path / "nowhere.csv")}.items():
        monkeypatch.setenv(name, value)
    path, executed = NOTEBOOKS / "explore" / "check_a_herd_file.ipynb", tmp_path / "executed.ipynb"
    own = {"path": environment["HERD_FILE"]}

    done = papermill.execute_notebook(path, executed, parameters=own, progress_bar=False, cwd=tmp_path)
    html, _ = HTMLExporter().from_notebook_node(done)
    (tmp_path / "page.html").write_text(html, "utf-8")

    with browser.new_context(offline=True) as context:
        page = context.new_page()
        page.goto((tmp_path / "page.html").as_uri())
        expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
        expect(page.locator(".js-plotly-plot")).to_have_count(FIGURES[path.stem])


@pytest.mark.slow
def test_notebooks_for_analysts_pass_nbval(environment: dict[str, str], tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--nbval-lax",
        "-p",
        "no:cacheprovider",
        "-c",
        "/dev/null",
    ]

    done = subprocess.run(
        [*command, *map(str, EXPLORE)],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    n_cells = sum(cell["cell_type"] == "code" for path in EXPLORE for cell in cells_of(path))
    assert f"{n_cells} passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("path", APPS, ids=lambda path: path.stem)
def test_an_app_runs_without_a_browser(
    path: Path, environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    done = papermill.execute_notebook(path, tmp_path / path.name, progress_bar=False, cwd=tmp_path)

    outputs = outputs_of(done)
    assert [output for output in outputs if output.output_type == "error"] == []
    assert len([output for output in outputs if WIDGET in output.get("data", {})]) == 1
    log = tmp_path / "home" / "logs" / "apps.log"
    assert not log.exists() or log.read_text("utf-8") == ""
