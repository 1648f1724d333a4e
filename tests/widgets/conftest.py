"""A Workbench in an empty home, a page whose background work is done at once, and a small herd."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import ipywidgets
import pytest

from herd_engine.sample import make_sample
from herd_engine.workbench import Workbench
from widgets.page import Page, all_of
from widgets.view_models.page_model import PageModel
from widgets.visit import Visit


class AtOnce(Executor):
    """Does what it is given before it returns."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class Later(Executor):
    """Does nothing until its ``tasks`` are called."""

    def __init__(self) -> None:
        self.tasks: list[Callable[[], Any]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.tasks.append(lambda: fn(*args, **kwargs))
        return Future()


def texts_of(page: Page) -> str:
    """Return the markup of a page."""
    return " ".join(w.value for w in all_of(page.root) if isinstance(w, ipywidgets.HTML))


@pytest.fixture
def later() -> Later:
    return Later()


@pytest.fixture(scope="session")
def sample_csv() -> bytes:
    return make_sample(animals=150).csv


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    workbench = Workbench(tmp_path / "home", "local", None)
    yield workbench
    workbench.kept.close()


@pytest.fixture
def page(workbench: Workbench) -> PageModel:
    return PageModel(workbench, Visit(), AtOnce())
