"""What every page starts with."""

import json
import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import wraps

from websockets.sync.client import connect

from herd_engine.errors import FarmNotFoundError, NotFoundError
from herd_engine.model.forecast import Metric
from herd_engine.model.scenario import Scenario
from herd_engine.model.source import Source
from herd_engine.presentation.charts import fan_chart
from herd_engine.workbench import Workbench
from herd_engine.workbench.home import StoreSettings
from herd_engine.workbench.samples import make_sample
from widgets.page import Page
from widgets.view_models.page_model import Failure, PageModel
from widgets.views.common.heading import heading
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
        workbench = Workbench(None, visit.visitor, visit.farm, Source.APP)
        workbench.farms.find(visit.farm)
    except NotFoundError as error:
        plain = replace(visit, farm=None, run=None)
        page = PageModel(Workbench(None, visit.visitor, None, Source.APP), plain, executor, is_shown=False)
        page.failure = Failure(error=_unless_no_farm_is_open(page.workbench, error))
        return page
    return PageModel(workbench, visit, executor, is_shown=False)


def for_visitors(app: str) -> Callable[[Callable[[PageModel], Page]], Callable[..., Page]]:
    """Let a page be opened by whoever visits; to whom no farm is open it says so, and nothing else."""

    def decorate(make: Callable[[PageModel], Page]) -> Callable[..., Page]:
        @wraps(make)
        def opened(model: PageModel | None = None) -> Page:
            page = model or open_page()
            error = page.failure and page.failure.error
            if isinstance(error, FarmNotFoundError) and not error.id:
                return Page(app, page, lambda shown: [heading(shown.texts.t(f"app.{app}"))])
            return make(page)

        return opened

    return decorate


def _unless_no_farm_is_open(workbench: Workbench, error: NotFoundError) -> NotFoundError:
    try:
        workbench.farms.find()
    except FarmNotFoundError as none:
        return none
    return error


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
