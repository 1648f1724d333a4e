"""Every report in a third language, section by section: nothing that people read stays English."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from herd_engine.presentation.reports.parts import PLOTLY, ReportPart
from herd_engine.review.portfolio import farm_seed
from herd_engine.runs.kept import KeptRuns
from herd_engine.storage.datasets import DatasetRow
from tests.pipelines.reports.conftest import PAYLOAD, work
from tests.third_language import english_in, seen_in, seen_in_figure, third_language

NOTEBOOKS = Path(__file__).parents[3] / "notebooks" / "reports"
OTHER = {"model": {"culling_intensity": 0.8}}


@pytest.fixture(scope="module")
def third(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with third_language(tmp_path_factory.mktemp("third")) as language:
        yield language


@pytest.fixture(scope="module")
def dataset(kept: KeptRuns, farm_file: bytes) -> DatasetRow:
    farms = kept.catalog.farms
    farms.rename(farms.find().id, "Ψ")
    return kept.add_dataset(farm_file, "1.csv")


@pytest.fixture(scope="module")
def runs(kept: KeptRuns, dataset: DatasetRow) -> list[str]:
    of_the_portfolio = {"seed": farm_seed(PAYLOAD["seed"], "Ψ")}
    wanted = [PAYLOAD | changes for changes in ({}, OTHER, of_the_portfolio)]
    made = [kept.submit(dataset.id, payload).run.id for payload in wanted]
    work(kept)
    return made


def parameters(report: str, dataset: DatasetRow, runs: list[str]) -> dict[str, Any]:
    """Return what a report is made of."""
    match report:
        case "forecast":
            return {"dataset": dataset.id, "payload": PAYLOAD, "previous_run": runs[1]}
        case "comparison":
            return {"dataset": dataset.id, "payload": PAYLOAD, "scenarios": {"Ψ": {}, "Ω": OTHER}}
        case "portfolio":
            return {"payload": PAYLOAD, "datasets": {"Ψ": dataset.id}}
        case "backtest":
            return {"dataset": dataset.id, "origins": [3], "runs": 20}
    return {"dataset": dataset.id}


def parts_of(report: str, values: dict[str, Any]) -> list[ReportPart]:
    """Carry out the cells of a report's notebook and return what they show."""
    cells = json.loads((NOTEBOOKS / f"{report}.ipynb").read_text("utf-8"))["cells"]
    space: dict[str, Any] = {}
    shown = []
    for cell in (cell for cell in cells if cell["cell_type"] == "code"):
        body = ast.parse("".join(cell["source"])).body
        last = body.pop() if isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), report, "exec"), space)  # noqa: S102 - our own notebook
        if "parameters" in cell["metadata"].get("tags", ()):
            space.update(values)
        if isinstance(last, ast.Expr):
            shown.append(eval(compile(ast.Expression(last.value), report, "eval"), space))  # noqa: S307
    return [part for item in shown for part in (item if isinstance(item, list | tuple) else [item])]


def english_on(part: ReportPart) -> set[str]:
    """Return what stays English of a part."""
    figure = english_in(seen_in_figure(part.data.get(PLOTLY, {})))
    return figure | {
        word
        for name, text in part.data.items()
        if name.startswith("text/")
        for word in english_in(seen_in(text))
    }


@pytest.mark.parametrize("report", sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb")))
def test_no_report_stays_english(
    report: str,
    kept: KeptRuns,
    dataset: DatasetRow,
    runs: list[str],
    third: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HERD_HOME", str(kept.store.settings.home))
    values = parameters(report, dataset, runs) | {"language": third}

    parts = parts_of(report, values)

    assert len(parts) > 4
    assert [words for part in parts if (words := english_on(part))] == []
