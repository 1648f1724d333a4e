"""What every page starts with."""

import json
import logging
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from websockets.sync.client import connect

from herd_engine.datasets.sample import make_sample
from herd_engine.errors import NotFoundError
from herd_engine.figures.fan_chart import fan_chart
from herd_engine.model.forecast import Metric
from herd_engine.model.scenario import Scenario
from herd_engine.runs.store import StoreSettings
from herd_engine.workbench import Workbench
from widgets.view_models.page_model import Failure, PageModel
from widgets.visit import Visit

SMALL_HERD = 60
WORKERS = 3
"""A preview, a run's result and an export can be made at the same time."""


def open_page() -> PageModel:
    """Return the model of a page for whoever opened it; a kernel kept ready waits here for a visitor."""
    if os.environ.get("VOILA_PREHEAT") == "True":
        warm_up()
        os.environ.update(request_of_visitor())
    visit = Visit.from_environment()
    log_to_file()
    executor = ThreadPoolExecutor(WORKERS, thread_name_prefix="page")
    try:
        workbench = Workbench(None, visit.owner, visit.farm)
        workbench.catalog.farms.find(visit.farm)
    except NotFoundError as error:
        plain = replace(visit, farm=None, run=None)
        page = PageModel(Workbench(None, visit.owner, None), plain, executor, is_shown=False)
        page.failure = Failure(error=error)
        return page
    return PageModel(workbench, visit, executor, is_shown=False)


def warm_up() -> None:
    """Do once, before anybody waits, what the first picture of a process waits for.

    Reading a file loads Arrow, a forecast loads the compiled kernel, a figure plotly's validators: together
    as long as all the rest between a visit and its first picture.
    """
    workbench = Workbench(None, "local", None)
    herd_file = workbench.read_bytes(make_sample(animals=SMALL_HERD).csv, "")
    forecast = workbench.forecast(herd_file, Scenario(), runs=2)
    workbench.expectation(herd_file, Scenario())
    fan_chart(forecast, Metric.MILKING_COUNT)


def log_to_file() -> None:
    """Write what goes wrong to `logs/apps.log` of the home folder, where a quoted id is found."""
    folder = StoreSettings.from_environment().home / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(folder / "apps.log", encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s %(message)s"))
    for name in ("widgets", "herd_engine"):
        logging.getLogger(name).addHandler(handler)


def request_of_visitor() -> dict[str, str]:
    """Wait for a visitor, and return what Voila tells about the request.

    As ``voila.utils.wait_for_request``, whose import alone takes seconds and 50 MB.
    """
    base, port = os.environ["VOILA_SERVER_URL"], os.environ["VOILA_APP_PORT"]
    address = f"ws://127.0.0.1:{port}{base}voila/query/{os.environ['VOILA_KERNEL_ID']}"
    with connect(address) as socket:
        request: dict[str, str] = json.loads(socket.recv())
    return request
