"""A proxy between the browser and the apps: it passes on what they need, or the page says what is missing."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from herd_engine.operations.ports import LOOPBACK, free_port, is_listening
from tests.browser.apps_server import PATIENCE_MS, Apps, served

pytestmark = pytest.mark.slow

SOON_MS = 20_000
REACHED = """() => new Promise((resolve) => {
    const socket = new WebSocket(`ws://${location.host}/farm/voila/reach`);
    socket.onopen = () => resolve(true);
    socket.onerror = () => resolve(false);
})"""


@contextmanager
def proxy(apps: Apps, fault: str) -> Iterator[str]:
    """Put a proxy before the apps; yield its address."""
    port, target = free_port(), urlsplit(apps.address).port
    process = subprocess.Popen([sys.executable, "-m", "tests.browser.proxy", str(port), str(target), fault])
    try:
        while not is_listening(LOOPBACK, port):
            assert process.poll() is None
            Event().wait(0.05)
        yield f"http://{LOOPBACK}:{port}"
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apps]:
    with served(tmp_path_factory.mktemp("home"), "--preheat", "0", "--base-url", "/farm") as apps:
        yield apps


@pytest.mark.parametrize(
    ("fault", "words"),
    [("host", "passes requests on under another name"), ("upgrade", "does not pass on the lasting")],
)
def test_a_page_that_a_proxy_keeps_from_its_server_says_what_is_missing(
    browser: Browser, apps: Apps, fault: str, words: str
) -> None:
    with proxy(apps, fault) as address:
        page = browser.new_page(locale="en-GB")
        page.goto(apps.page("farm/history").replace(apps.address, address), wait_until="commit")
        page.locator("#loading").wait_for(timeout=PATIENCE_MS)
        expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible(timeout=SOON_MS)
        page.close()


def test_through_a_proxy_that_passes_on_what_they_need_websockets_come_through(
    browser: Browser, apps: Apps
) -> None:
    with proxy(apps, "none") as address:
        page = browser.new_page(locale="en-GB")
        page.goto(apps.page("farm").replace(apps.address, address))  # leads to /farm/
        assert page.url == f"{address}/farm/?lang=en"
        assert page.evaluate(REACHED) is True
        page.close()


def test_a_page_that_reaches_its_server_blames_nobody(browser: Browser, apps: Apps) -> None:
    page = browser.new_page(locale="en-GB")
    page.goto(apps.page("farm/history"), wait_until="commit")
    page.locator(".herd-page h1").first.wait_for(timeout=PATIENCE_MS)

    assert page.locator("#unreachable").is_hidden()
    page.close(run_before_unload=True)
