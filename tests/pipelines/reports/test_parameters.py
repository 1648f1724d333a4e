"""Parameters are checked before a kernel is started."""

import json
import re
from pathlib import Path

import pytest

from herd_engine.errors import NotFoundError, ParameterError, ScenarioError, UnknownParameterError
from pipelines.reports.parameters import all_notebooks, find_notebook, read_notebook
from tests.pipelines.reports.conftest import notebook

FOLDER = Path(__file__).parents[3] / "notebooks" / "reports"


def test_every_notebook_says_what_it_is_and_what_its_parameters_mean():
    found = all_notebooks()

    assert list(found) == ["backtest", "comparison", "forecast", "portfolio", "quality", "review"]
    assert all(item.about for item in found.values())
    assert all(parameter.about for item in found.values() for parameter in item.parameters.values())


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_is_thin_and_stored_without_outputs(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]

    assert len(code) <= 15
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert all(len(cell["source"]) <= 10 for cell in code)
    assert not any(re.match(r"\s*(def|class)\b", line) for cell in code for line in cell["source"])


@pytest.mark.parametrize(
    ("values", "error", "says"),
    [
        ({"datset": "x"}, UnknownParameterError, "Did you mean `dataset`"),
        ({"dataset": 7}, ParameterError, "`dataset` must be a text; got 7"),
        ({"payload": []}, ParameterError, "`payload` must be named values"),
        ({"language": "de"}, ParameterError, "`language` must be one of en, ru"),
        ({"payload": {"mc_runs": 0}}, ScenarioError, "mc_runs"),
        ({"payload": {"runs": 5}}, ScenarioError, "runs"),
    ],
)
def test_a_wrong_parameter_is_refused(values, error, says):
    with pytest.raises(error, match=says):
        find_notebook("forecast").checked(values)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"origins": [3, 24]}, "`origins` must be within 1 … 12 months; got 24"),
        ({"origins": ["3"]}, "`origins` must list whole months"),
        ({"modes": ["best"]}, "`modes` must be of empirical"),
        ({"horizon": 0}, "`horizon` must be within 1 … 12 months"),
    ],
)
def test_a_backtest_that_cannot_be_is_refused_before_a_kernel_starts(values, says):
    with pytest.raises(ParameterError, match=says):
        find_notebook("backtest").checked(values)


def test_defaults_fill_in_what_is_not_given():
    filled = find_notebook("quality").checked({"dataset": "x"})

    assert filled == {"dataset": "x", "farm": "", "language": "en"}


def test_a_whole_number_stands_for_a_float_and_never_for_true_or_false(tmp_path):
    path = tmp_path / "odd.ipynb"
    path.write_text(json.dumps(notebook("1")))
    odd = read_notebook(path)

    assert odd.checked({"seconds": 2})["seconds"] == 2.0
    with pytest.raises(ParameterError, match="`seconds` must be a number; got True"):
        odd.checked({"seconds": True})


@pytest.mark.parametrize("name", ["nothing", "../reports/forecast", ""])
def test_an_unknown_report_is_not_found(name):
    with pytest.raises(NotFoundError, match="There is no report"):
        find_notebook(name)


def test_a_parameters_cell_of_anything_but_literals_is_refused(tmp_path):
    content = notebook("1")
    content["cells"][0]["source"] = "import os\nfolder: str = os.getcwd()"
    path = tmp_path / "odd.ipynb"
    path.write_text(json.dumps(content))

    with pytest.raises(ParameterError, match="must read `name: type = literal`"):
        read_notebook(path)
