"""The apps served to a browser, and visits to them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

from playwright.sync_api import Browser, Page

from herd_engine.operations.ports import LOOPBACK, free_port, is_listening
from herd_engine.storage.access_key import access_key
from herd_engine.workbench import Workbench

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PATIENCE_MS = 90_000
"""For what a loaded machine may take; nothing waits so long where things go well."""


@dataclass
class Visit:
    """A page that is open, what it asked other hosts for and what went wrong on it."""

    page: Page
    troubles: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Apps:
    """A server of the apps with a home of its own."""

    address: str
    home: Path
    process: subprocess.Popen[bytes]

    @property
    def workbench(self) -> Workbench:
        """What is kept in the server's home."""
        return Workbench(self.home, "local", None)

    def page(self, app: str, query: str = "") -> str:
        """Return the address of a page as somebody opens it who comes for the first time, with the key."""
        separator = "&" if query else "?"
        return f"{self.address}/{app}{query}{separator}token={access_key(self.home)}"

    def kernel_ids(self) -> list[int]:
        """Return the processes of the server's kernels."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        commands = {int(child): Path(f"/proc/{child}/cmdline") for child in children}
        return [pid for pid, path in commands.items() if path.exists() and b"ipykernel" in path.read_bytes()]

    @contextmanager
    def visit(
        self, browser: Browser, query: str = "", app: str = "studio", **options: Any
    ) -> Iterator[Visit]:
        """Open an app as somebody whose browser is new here; nothing may go wrong unseen."""
        context = browser.new_context(**{"viewport": DESKTOP, "locale": "en-GB", **options})
        visit = Visit(context.new_page())
        try:
            with watched(visit, self.address):
                visit.page.set_default_timeout(PATIENCE_MS)
                visit.page.goto(self.page(app, query), wait_until="commit", timeout=PATIENCE_MS)
                visit.page.locator(".herd-page h1").wait_for()
                yield visit
                visit.page.close(run_before_unload=True)
        finally:  # a page that a failed test left open would keep its kernel
            context.close()
        assert visit.troubles == []


@contextmanager
def watched(visit: Visit, address: str) -> Iterator[None]:
    """Write down every request to another host, every failed one and every error on the page."""
    page = visit.page
    own = (address, address.replace("http", "ws"), "blob:", "data:")

    def look(url: str) -> None:
        if not url.startswith(own):
            visit.troubles.append(f"another host: {url}")

    page.on("request", lambda request: look(request.url))
    page.on("websocket", lambda socket: look(socket.url))
    page.on("response", lambda r: visit.troubles.append(f"{r.status} {r.url}") if r.status >= 400 else None)
    page.on("console", lambda m: visit.troubles.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: visit.troubles.append(str(error)))
    yield


@contextmanager
def served(home: Path, *options: str) -> Iterator[Apps]:
    """Serve the apps on a port that is free."""
    port, log = free_port(), home / "server.log"
    command = [sys.executable, "-m", "widgets.serve", "--port", str(port), *options]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env={**os.environ, "HERD_HOME": str(home)}, cwd=home, stdout=output, stderr=output
        )
    try:
        while not is_listening(LOOPBACK, port):
            assert process.poll() is None, log.read_text()
            Event().wait(0.05)
        yield Apps(f"http://{LOOPBACK}:{port}", home, process)
    finally:
        process.terminate()
        process.wait(PATIENCE_MS / 1000)
