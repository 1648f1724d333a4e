"""Nothing that is published depends on how many threads, or which process, made it."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from herd_engine.sample import make_sample
from tests.architecture.test_project import SOURCES

BLAS_METHODS = {"dot"}
"""Of arrays; the functions of numpy are banned by ruff, which sees neither operators nor methods."""

PLACES = {
    "alone": {
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    },
    "elsewhere": {
        "TZ": "Asia/Vladivostok",
        "LC_ALL": "C",
        "PYTHONHASHSEED": "4711",
        "OPENBLAS_NUM_THREADS": "2",
        "OMP_NUM_THREADS": "2",
    },
}
FILES = ("forecast.csv", "forecast.xlsx", "forecast.html", "inspection.json", "backtest.json")


def matrix_products(path: Path) -> list[int]:
    """Return the lines of a file that leave sums to BLAS, whose last bits follow its number of threads."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.MatMult))
        or (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in BLAS_METHODS
        )
    ]


def test_no_sum_is_left_to_blas() -> None:
    found = {str(path): matrix_products(path) for path in SOURCES if "tests" not in path.parts}

    assert {path: lines for path, lines in found.items() if lines} == {}


def test_the_rule_sees_matrix_products(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text("mean = days @ probability\nsum = weights.dot(values)\ntotal = 2 * days\n")

    assert matrix_products(wrong) == [1, 2]


@pytest.mark.slow
def test_files_are_the_same_in_another_time_zone_and_locale_with_other_threads_and_hashes(
    tmp_path: Path,
) -> None:
    herd = tmp_path / "herd.csv"
    herd.write_bytes(make_sample(animals=300).csv)
    made = {}
    for threads, (name, environment) in enumerate(PLACES.items(), start=1):
        folder = tmp_path / name
        folder.mkdir()
        forecast = ("forecast", herd, "--mode", "theoretical", "--runs", "300", "--threads", threads)
        exports = [part for kind in ("csv", "xlsx", "html") for part in (f"--{kind}", f"forecast.{kind}")]
        for command in (
            (*forecast, *exports, "--language", "ru"),
            ("inspect", herd, "--json", "inspection.json"),
            ("backtest", herd, "--runs", "50", "--json", "backtest.json"),
        ):
            subprocess.run(
                [sys.executable, "-m", "herd_engine", *map(str, command)],
                cwd=folder,
                env={**os.environ, **environment},
                check=True,
                capture_output=True,
            )
        made[name] = {file: (folder / file).read_bytes() for file in FILES}

    assert [file for file in FILES if made["alone"][file] != made["elsewhere"][file]] == []
