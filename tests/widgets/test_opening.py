"""How a page begins: for whom, on which farm, and how much memory its process takes."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest
from websockets.sync.server import ServerConnection, serve

from herd_engine.errors import FarmNotFoundError
from widgets.pages.opening import log_to_file, open_page, request_of_visitor
from widgets.serve import FRUGAL

MOST_MEGABYTES = 300

STORY = """
import json, sys
import IPython, ipykernel.kernelapp
from herd_engine.sample import make_sample
from widgets.page import all_of
from widgets.pages.studio import studio
from widgets.view_models.page_model import PageModel
from widgets.visit import Visit
from herd_engine.workbench import Workbench
from tests.widgets.conftest import AtOnce
workbench = Workbench(None, "local", None)
workbench.kept.add_dataset(make_sample(animals=1000).csv, "farm.csv")
page = studio(PageModel(workbench, Visit(), AtOnce()))
page.pump.turn()
lines = open("/proc/self/smaps_rollup").read().splitlines()
own = sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) // 1024
drawn = sum(bool(getattr(widget, "figure", None)) for widget in all_of(page.root))
modules = sorted({name.split(".")[0] for name in sys.modules})
print(json.dumps({"own": own, "drawn": drawn, "modules": modules}))
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HERD_HOME", str(tmp_path))
    return tmp_path


def test_a_page_is_of_whoever_asked_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUERY_STRING", "lang=ru")
    monkeypatch.setenv("HTTP_X_FORWARDED_USER", "anna")

    page = open_page()

    assert (page.language, page.visit.owner, page.failure) == ("ru", "anna", None)


def test_a_farm_that_is_not_there_is_said_and_the_default_one_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUERY_STRING", "farm=Nowhere&run=x")

    page = open_page()

    assert page.failure is not None
    assert isinstance(page.failure.error, FarmNotFoundError)
    assert page.failure.error.id == "Nowhere"
    assert page.workbench.catalog.farm.is_default
    assert page.visit.run is None


def test_a_kernel_that_was_ready_before_waits_for_its_visitor(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(connection: ServerConnection) -> None:
        assert connection.request is not None
        asked.append(connection.request.path)
        connection.send(json.dumps({"QUERY_STRING": "run=abc"}))

    with serve(answer, "127.0.0.1", 0) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("VOILA_SERVER_URL", "/herd/")
        monkeypatch.setenv("VOILA_APP_PORT", str(server.socket.getsockname()[1]))
        monkeypatch.setenv("VOILA_KERNEL_ID", "one-two")
        request = request_of_visitor()
        server.shutdown()

    assert request == {"QUERY_STRING": "run=abc"}
    assert asked == ["/herd/voila/query/one-two"]


def test_a_fault_is_written_to_the_log_of_the_apps(home: Path) -> None:
    loggers = [logging.getLogger(name) for name in ("widgets", "herd_engine")]
    before = [logger.handlers[:] for logger in loggers]
    log_to_file()

    logging.getLogger("widgets.view_models.page_model").error("failure %s", "abc123")

    assert "abc123" in (home / "logs" / "apps.log").read_text("utf-8")
    for logger, handlers in zip(loggers, before, strict=True):
        for added in set(logger.handlers) - set(handlers):
            logger.removeHandler(added)
            added.close()


@pytest.mark.slow
def test_the_process_of_a_page_stays_small_and_loads_no_cluster_and_no_database_engine() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STORY], env=os.environ | FRUGAL, capture_output=True, text=True, check=True
    )

    told = json.loads(done.stdout.splitlines()[-1])
    assert told["drawn"] == 4
    assert told["own"] < MOST_MEGABYTES
    assert {"dask", "distributed", "duckdb", "pyiceberg", "voila"} & set(told["modules"]) == set()
