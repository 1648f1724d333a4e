"""The apps in a real browser: when a page is there, when it follows a slider, what its kernel takes."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psutil  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, sync_playwright

from herd_engine.errors import ServiceError
from herd_engine.workbench import Workbench
from pipelines.bench.figure import Figure
from pipelines.reports.pdf import chromium_arguments, find_chromium

HOST = "127.0.0.1"
VISITS, MOVES = 3, 5
POLL_SECONDS = 0.05
PATIENCE_SECONDS = 180
SHOWN = {
    "heading": (".herd-page h1", "its heading is there"),
    "widget": (".herd-slider", "its first slider is there"),
    "picture": ("#milking .main-svg", "the first picture of the preview is drawn"),
}
SLIDER = "[data-path='model.population_regulation'] .herd-slider"
MOVE = """(slider, value) => new Promise((resolve, reject) => {
    const chart = document.getElementById("milking"), numbers = () => JSON.stringify(chart.data);
    const before = numbers(), start = performance.now();
    const look = () => {
        if (numbers() === before) return;
        chart.removeListener("plotly_afterplot", look);
        resolve(performance.now() - start);
    };
    chart.on("plotly_afterplot", look);
    setTimeout(() => reject(new Error("the picture does not follow the slider")), 60000);
    slider.value = value;
    slider.dispatchEvent(new Event("input"));
})"""


@dataclass(frozen=True)
class Server:
    """The apps, served on a port of their own."""

    process: subprocess.Popen[bytes]
    port: int

    def kernels(self) -> list[psutil.Process]:
        """Return its child processes, the newest last; all of them are kernels."""
        return sorted(psutil.Process(self.process.pid).children(), key=psutil.Process.create_time)

    def is_ready(self) -> bool:
        """Tell whether somebody answers."""
        if self.process.poll() is not None:
            raise ServiceError("apps", f"the server ended with {self.process.returncode}")
        with socket.socket() as probe:
            return probe.connect_ex((HOST, self.port)) == 0

    def n_waiting(self) -> int:
        """Return how many kernels wait for a visitor: those that hold a connection to the server."""
        return sum(self._is_waiting(kernel) for kernel in self.kernels())

    def _is_waiting(self, kernel: psutil.Process) -> bool:
        try:
            return any(item.raddr and item.raddr.port == self.port for item in kernel.net_connections("tcp"))
        except psutil.NoSuchProcess:  # a visitor left, and it ended
            return False


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
    with _served(home, preheat=0) as server:
        times = [_visit(browser, server) for _ in range(VISITS - 1)]
        with _opened(browser, server) as (page, last):
            moves = [page.locator(SLIDER).evaluate(MOVE, move % 2) for move in range(MOVES)]
            memory = server.kernels()[-1].memory_full_info()
    return [
        *_start_figures("cold", [*times, last]),
        Figure(name="studio_slider", value=median(moves), unit="ms",
               definition=f"a slider is moved until the preview is drawn anew; median of {MOVES}"),
        Figure(name="studio_memory", value=memory.pss / 2**20, unit="MiB",
               definition="kernel of that page, its share of what processes share counted (PSS)"),
        Figure(name="studio_memory_private", value=memory.uss / 2**20, unit="MiB",
               definition="the same, what it alone holds (USS)"),
    ]  # fmt: skip


def _preheated_figures(browser: Browser, home: Path) -> list[Figure]:
    with _served(home, preheat=1) as server:
        n_apps = _count_apps(browser, server)
        times = []
        for _ in range(VISITS):
            _wait(lambda: server.n_waiting() == n_apps, "kernels are not ready")
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


def _count_apps(browser: Browser, server: Server) -> int:
    """Return how many pages have a kernel: all that the front page leads to but the help."""
    page = browser.new_page()
    page.goto(f"http://{HOST}:{server.port}/")
    count = page.locator(".herd-cards a:not([href^=help])").count()
    page.close()
    return count


def _visit(browser: Browser, server: Server) -> dict[str, float]:
    with _opened(browser, server) as (_, times):
        return times


@contextmanager
def _opened(browser: Browser, server: Server) -> Iterator[tuple[Page, dict[str, float]]]:
    """Yield the studio as a new visitor sees it, and the seconds until each part was there."""
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_SECONDS * 1000)
    start = time.perf_counter()
    page.goto(f"http://{HOST}:{server.port}/studio", wait_until="commit")
    times = {}
    for name, (selector, _) in SHOWN.items():
        page.locator(selector).first.wait_for()
        times[name] = time.perf_counter() - start
    yield page, times
    page.close(run_before_unload=True)
    context.close()


@contextmanager
def _served(home: Path, *, preheat: int) -> Iterator[Server]:
    with socket.create_server((HOST, 0)) as probe:
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "widgets.serve", "--port", str(port), "--preheat", str(preheat)]
    with (home / "apps.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command line
            command, env={**os.environ, "HERD_HOME": str(home)}, stdout=log, stderr=log
        )
    server = Server(process, port)
    try:
        _wait(server.is_ready, "the server does not answer")
        yield server
    finally:
        process.terminate()
        process.wait()


def _wait(is_reached: Callable[[], bool], trouble: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_reached():
        if time.monotonic() > end:
            raise ServiceError("apps", f"{trouble} after {PATIENCE_SECONDS} s")
        time.sleep(POLL_SECONDS)
