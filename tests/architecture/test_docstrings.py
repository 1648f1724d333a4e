"""How many public functions say what their parameters are: the number only rises."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "herd_engine"
SAID = {"model": 4, "engine": 10, "calibration": 8, "forecasting": 14, "datasets": 37, "workbench": 25}
"""Functions of two or more parameters, by room: how many say them at least. Raise a number with the code."""


def public_functions(room: Path) -> Iterator[ast.FunctionDef]:
    """Yield public functions and methods that take two or more parameters beside ``self``."""
    for path in sorted(room.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                names = [
                    each.arg for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
                ]
                if len([name for name in names if name not in {"self", "cls"}]) >= 2:
                    yield node


def says_its_parameters(node: ast.FunctionDef) -> bool:
    """Tell whether a docstring has numpydoc's section, or refers to the function that has it."""
    text = ast.get_docstring(node) or ""
    return "Parameters\n----------" in text or "; as ``" in text


@pytest.mark.parametrize("room", SAID)
def test_no_room_says_less_than_before(room: str) -> None:
    said = sum(says_its_parameters(node) for node in public_functions(ROOT / room))

    assert said == SAID[room], (
        f"{room} says the parameters of {said} functions: raise the number, never lower it"
    )
