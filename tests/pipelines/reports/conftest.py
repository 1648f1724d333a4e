"""A small farm with a finished run, and notebooks that go wrong in known ways."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from herd_engine.execution.cluster import ClusterSettings, open_cluster
from herd_engine.execution.runner import Runner
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.store import Store, StoreSettings
from herd_engine.sample import make_sample
from herd_engine.storage.datasets import DatasetRow
from herd_engine.workbench import Workbench
from pipelines.reports.edition import Order
from pipelines.reports.journal import Journal
from pipelines.reports.manifest import Manifest, ReportStatus
from pipelines.reports.parameters import read_notebook

PAYLOAD = {"horizon_months": 12, "mc_runs": 60, "seed": 5}
QUIET = Event()


@pytest.fixture(scope="session")
def farm_file() -> bytes:
    return make_sample(animals=200, seed=2).csv


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptRuns]:
    kept = KeptRuns(Store(StoreSettings.embedded(tmp_path_factory.mktemp("home"))), "local")
    yield kept
    kept.close()


@pytest.fixture(scope="module")
def dataset(kept: KeptRuns, farm_file: bytes) -> DatasetRow:
    return kept.add_dataset(farm_file, "farm.csv")


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal")


def bench_of(kept: KeptRuns) -> Workbench:
    """Return the Workbench over what is kept there."""
    workbench = Workbench(kept.store.settings.home)
    workbench.kept = kept
    return workbench


def work(kept: KeptRuns) -> int:
    """Execute all that is queued, in this process."""
    with open_cluster(ClusterSettings(workers=2)) as cluster:
        return Runner(kept.store, cluster).work(Event(), until_idle=True)


@pytest.fixture
def order_of(tmp_path: Path) -> Callable[..., Order]:
    """Make orders of a notebook whose last cell holds the given code."""

    def order(code: str, **changes: Any) -> Order:
        path = tmp_path / "quality.ipynb"
        path.write_text(json.dumps(notebook(code)), encoding="utf-8")
        declared = read_notebook(path)
        wishes: dict[str, Any] = {
            "notebook": declared,
            "parameters": declared.checked({"folder": str(tmp_path)}),
            "series": "tests/quality",
            "farm": "North <&> South",
            "datasets": {},
            "formats": ("html",),
            "day": date(2026, 3, 2),
            "seconds": 120.0,
            "cell_seconds": 60.0,
        }
        return Order(**(wishes | changes))

    return order


def notebook(code: str) -> dict[str, Any]:
    """Return a notebook of four cells: parameters, a first section, ``code``, and one that is not reached."""
    first = "from IPython.display import HTML\nimport os, pathlib, signal, time\n"
    first += "_ = pathlib.Path(folder, 'kernel').write_text(str(os.getpid()))\nHTML('<p>first section</p>')"
    cells = {
        "parameters": 'folder: str = ""  # where to write\nlanguage: str = "en"\nseconds: float = 1.5',
        "today": first,
        "due": code,
        "months": "HTML('<p>last section</p>')",
    }
    return {
        "cells": [
            {
                "cell_type": "code",
                "id": name,
                "metadata": {"tags": [name]} if name == "parameters" else {},
                "execution_count": None,
                "outputs": [],
                "source": source,
            }
            for name, source in cells.items()
        ],
        "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def is_running(pid: int) -> bool:
    """Whether a process runs; one that ended and was not collected does not."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def kernel_of(folder: Path) -> int:
    return int((folder / "kernel").read_text())


def example_manifest(**changes: Any) -> Manifest:
    values: dict[str, Any] = {
        "id": "0123456789abcdef",
        "report": "forecast",
        "series": "weekly/forecast/North",
        "title": "Herd forecast",
        "farm": "North",
        "headline": "Milking cows stay near 100.",
        "language": "en",
        "date": date(2026, 3, 2),
        "status": ReportStatus.SUCCEEDED,
        "parameters": {},
        "datasets": {"North": "ab"},
        "versions": {},
        "started_at": "2026-03-02T06:00:00Z",
    }
    return Manifest.model_validate(values | changes)


@pytest.fixture
def edition(journal: Journal) -> Manifest:
    """Return a kept edition with a page."""
    with journal.working_folder() as folder:
        (folder / "report.html").write_text("<h1>Milking cows stay near 100.</h1>", encoding="utf-8")
        return journal.keep(example_manifest(), folder, ("report.html",))
