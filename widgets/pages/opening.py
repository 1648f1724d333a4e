"""What every page starts with."""

import json
import logging
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from websockets.sync.client import connect

from herd_engine.errors import NotFoundError
from herd_engine.runs.store import StoreSettings
from herd_engine.workbench import Workbench
from widgets.view_models.page_model import Failure, PageModel
from widgets.visit import Visit

WORKERS = 3
"""A preview, a run's result and an export can be made at the same time."""


def open_page() -> PageModel:
    """Return the model of a page for whoever opened it; a kernel kept ready waits here for a visitor."""
    if os.environ.get("VOILA_PREHEAT") == "True":
        os.environ.update(request_of_visitor())
    visit = Visit.from_environment()
    log_to_file()
    executor = ThreadPoolExecutor(WORKERS, thread_name_prefix="page")
    try:
        workbench = Workbench(None, visit.owner, visit.farm)
        workbench.catalog.farms.find(visit.farm)
    except NotFoundError as error:
        page = PageModel(Workbench(None, visit.owner, None), replace(visit, farm=None, run=None), executor)
        page.failure = Failure(error=error)
        return page
    return PageModel(workbench, visit, executor)


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
