"""What a report's notebook declares, and whether values fit, before a kernel is started."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pipelines
from herd_engine.errors import NotFoundError, ParameterError, UnknownParameterError
from herd_engine.i18n.catalogue import ENGLISH, languages
from herd_engine.model.targets import FarmTargets
from herd_engine.workbench.payloads import backtest_plan, parse_scenario
from pipelines.reports.notebook_file import read_file

TAG = "parameters"
TYPES: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict}
RULES = {
    str: "be a text",
    int: "be a whole number",
    float: "be a number",
    bool: "be true or false",
    list: "be a list",
    dict: "be named values",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One line of a notebook's parameters cell; ``about`` is its comment."""

    name: str
    type: type
    default: Any
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportNotebook:
    """A notebook that reports are made of."""

    name: str
    path: Path
    about: str
    parameters: dict[str, Parameter]

    def checked(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return a value for every parameter: the given one, else the default.

        Raises
        ------
        UnknownParameterError, ParameterError, ScenarioError
        """
        for name in values:
            if name not in self.parameters:
                raise UnknownParameterError(name, self.parameters)
        filled = {
            name: _fitting(item, values.get(name, item.default)) for name, item in self.parameters.items()
        }
        if filled.get("language", ENGLISH) not in languages():
            raise ParameterError("language", filled["language"], f"be one of {', '.join(languages())}")
        if "payload" in filled:
            parse_scenario(filled["payload"])
        if "targets" in filled:
            FarmTargets.of(filled["targets"])
        if "origins" in filled:
            backtest_plan(filled)
        for payload in filled.get("scenarios", {}).values():
            parse_scenario({**filled["payload"], **payload})
        return filled


def all_notebooks() -> dict[str, ReportNotebook]:
    """Return the reports that can be made, by name."""
    return {path.stem: read_notebook(path) for path in sorted(_folder().glob("*.ipynb"))}


def find_notebook(name: str) -> ReportNotebook:
    """Return the report of this name, or raise NotFoundError."""
    path = _folder() / f"{name}.ipynb"
    if not name.isidentifier() or not path.is_file():
        raise NotFoundError("report", name)
    return read_notebook(path)


def read_notebook(path: Path) -> ReportNotebook:
    """Read what a notebook declares; its first markdown cell says what it is."""
    notebook = read_file(path)
    cells = [cell for cell in notebook.cells if TAG in cell.metadata.get("tags", [])]
    if len(cells) != 1:
        raise ParameterError("notebook", path.name, "have one cell that is tagged `parameters`")
    about = next((cell.source for cell in notebook.cells if cell.cell_type == "markdown"), "")
    return ReportNotebook(
        name=path.stem,
        path=path,
        about=" ".join(about.lstrip("# ").splitlines()[2:]).strip(),
        parameters={item.name: item for item in _declared(cells[0].source)},
    )


def _folder() -> Path:
    """Return the folder of the notebooks: within the package when installed, else in the source tree."""
    package = Path(pipelines.__file__).parent
    installed = package / "notebooks" / "reports"
    return installed if installed.is_dir() else package.parent / "notebooks" / "reports"


def _declared(source: str) -> list[Parameter]:
    """Read ``name: type = literal  # about``; anything else is a defect of the notebook."""
    lines = source.splitlines()
    found = []
    for node in ast.parse(source).body:
        if not (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and isinstance(node.annotation, ast.Name)
            and node.value is not None
        ):
            raise ParameterError(TAG, ast.unparse(node), "read `name: type = literal`")
        about = lines[(node.end_lineno or 1) - 1].partition("#")[2].strip()
        found.append(
            Parameter(
                name=node.target.id,
                type=TYPES[node.annotation.id],
                default=ast.literal_eval(node.value),
                about=about,
            )
        )
    return found


def _fitting(parameter: Parameter, value: Any) -> Any:
    """Return the value, a whole number as a float where that is declared; refuse what does not fit."""
    if parameter.type is float and type(value) is int:
        return float(value)
    if type(value) is not parameter.type:
        raise ParameterError(parameter.name, value, RULES[parameter.type])
    return value
