"""The apps in a real browser: when a page is there, when it follows a slider, what its kernel takes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright

from herd_engine.errors import ServiceError
from herd_engine.workbench import Workbench
from pipelines.bench.figure import Figure
from pipelines.reports.pdf import chromium_arguments, find_chromium
from pipelines.served_apps import PATIENCE_SECONDS, AppsServer, served, wait_until

VISITS, MOVES = 3, 5
LONG_RUN = 10_000
REST_MILLISECONDS = 500
SHOWN = {
    "heading": (".herd-page h1", "its heading is there"),
    "widget": (".herd-slider", "its first slider is there"),
    "picture": ("#milking .main-svg", "the first picture of the preview is drawn"),
}
SLIDER = "[data-path='model.culling_intensity'] .herd-slider"
MOVE = """(slider, value) => new Promise((resolve, reject) => {
    const chart = document.getElementById("milking"), numbers = () => JSON.stringify(chart.data);
    const before = numbers(), start = performance.now();
    let first = null;
    const look = () => {
        if (numbers() === before) return;
        first ??= performance.now() - start;
        if (chart.data.some((trace) => trace.name)) return;  // the line alone
        chart.removeListener("plotly_afterplot", look);
        resolve([first, performance.now() - start]);
    };
    chart.on("plotly_afterplot", look);
    setTimeout(() => reject(new Error("the picture does not follow the slider")), 60000);
    slider.value = value;
    slider.dispatchEvent(new Event("input"));
})"""


@dataclass
class TimedVisit:
    """A studio that is open: the seconds until each part was there, the moments of widget messages."""

    page: Page
    seconds: dict[str, float] = field(default_factory=dict)
    messages: list[float] = field(default_factory=list)

    def hear(self, frame: str | bytes) -> None:
        """Note a message of a widget; a kernel says other things too."""
        if b"comm_msg" in (frame if isinstance(frame, bytes) else frame.encode()):
            self.messages.append(time.perf_counter())


def apps_figures(file: Path) -> list[Figure]:
    """Measure the studio of one file, in a home of its own.

    Raises
    ------
    ServiceError
        There is no Chromium, or the apps cannot be served.
    """
    chromium = find_chromium()
    if chromium is None:
        raise ServiceError("apps", "no Chromium was found; install one, or name it in HERD_CHROMIUM")
    with TemporaryDirectory() as home, sync_playwright() as playwright:
        kept = Workbench.open(Path(home)).kept
        kept.add_dataset(file.read_bytes(), file.name)
        kept.close()
        with playwright.chromium.launch(executable_path=chromium, args=chromium_arguments()) as browser:
            return [*_cold_figures(browser, Path(home)), *_preheated_figures(browser, Path(home))]


def _cold_figures(browser: Browser, home: Path) -> list[Figure]:
    with served(home, preheat=0) as server:
        times = [_visit(browser, server) for _ in range(VISITS - 1)]
        with _opened(browser, server) as visit:
            lines, bands = zip(*_moves(visit.page), strict=True)
            rate = _message_rate(visit)
            memory = server.kernels()[-1].memory_full_info()
    return [
        *_start_figures("cold", [*times, visit.seconds]),
        Figure(name="studio_messages", value=rate, unit="1/s",
               definition=f"widget messages while a forecast of {LONG_RUN:,} runs is under way"),
        Figure(name="studio_slider", value=median(lines), unit="ms",
               definition=f"a slider is moved, all drawn, until what is expected is; median of {MOVES}"),
        Figure(name="studio_slider_bands", value=median(bands), unit="ms",
               definition="the same, until the bands have followed"),
        Figure(name="studio_memory", value=memory.pss / 2**20, unit="MiB",
               definition="kernel of that page, its share of what processes share counted (PSS)"),
        Figure(name="studio_memory_private", value=memory.uss / 2**20, unit="MiB",
               definition="the same, what it alone holds (USS)"),
    ]  # fmt: skip


def _moves(page: Page) -> Iterator[list[float]]:
    """Yield after how many milliseconds the line, and the bands, follow a slider of a page at rest."""
    for move in range(MOVES):
        page.wait_for_timeout(REST_MILLISECONDS)  # what stands below the first picture is drawn, too
        yield page.locator(SLIDER).evaluate(MOVE, 2 - move / 10)  # no plan twice: the last are remembered


def _preheated_figures(browser: Browser, home: Path) -> list[Figure]:
    with served(home, preheat=1) as server:
        n_apps = _count_apps(browser, server)
        times = []
        for _ in range(VISITS):
            wait_until(lambda: server.n_waiting() == n_apps, "kernels are not ready")
            times.append(_visit(browser, server))
    return _start_figures("preheated", times)


def _start_figures(how: str, times: list[dict[str, float]]) -> list[Figure]:
    return [
        Figure(
            name=f"studio_{name}_{how}",
            value=median(each[name] for each in times),
            unit="s",
            definition=f"the studio is asked for until {words}, {how} kernel; median of {VISITS}",
        )
        for name, (_, words) in SHOWN.items()
    ]


def _count_apps(browser: Browser, server: AppsServer) -> int:
    """Return how many pages have a kernel: all that the front page leads to but the help."""
    page = browser.new_page()
    page.goto(server.page(""))
    count = page.locator(".herd-cards a:not([href^=help])").count()
    page.close()
    return count


def _visit(browser: Browser, server: AppsServer) -> dict[str, float]:
    with _opened(browser, server) as visit:
        return visit.seconds


def _message_rate(visit: TimedVisit) -> float:
    """Keep a long forecast; return how many widget messages a second come until it has ended."""
    page = visit.page
    page.locator("[data-path=mc_runs] .herd-number input").fill(str(LONG_RUN))
    page.locator(".herd-start .herd-primary").click()
    bar = page.locator("[role=progressbar]")
    bar.wait_for()
    begin = time.perf_counter()
    bar.wait_for(state="detached")
    end = time.perf_counter()
    return sum(begin <= moment <= end for moment in visit.messages) / (end - begin)


@contextmanager
def _opened(browser: Browser, server: AppsServer) -> Iterator[TimedVisit]:
    """Yield the studio as a new visitor sees it."""
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_SECONDS * 1000)
    visit = TimedVisit(page)
    page.on("websocket", lambda socket: socket.on("framereceived", visit.hear))
    start = time.perf_counter()
    page.goto(server.page("studio"), wait_until="commit")
    for name, (selector, _) in SHOWN.items():
        page.locator(selector).first.wait_for()
        visit.seconds[name] = time.perf_counter() - start
    yield visit
    page.close(run_before_unload=True)
    context.close()
