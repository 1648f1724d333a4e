"""JupyterLab: its launcher has a tile that opens the apps, behind its own login."""

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import pytest
from playwright.sync_api import Browser, expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from herd_engine.operations.ports import LOOPBACK, free_port, is_listening
from herd_engine.sample import make_sample
from herd_engine.workbench import Workbench
from tests.browser.apps_server import PATIENCE_MS, Visit, watched

pytestmark = pytest.mark.slow
expect.set_options(timeout=PATIENCE_MS)

ROOT = Path(__file__).parents[2]
FOREIGN = "https://elsewhere.example"
KERNEL = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Lab:
    """JupyterLab with a token; ``home`` is where it keeps files."""

    address: str
    token: str
    home: Path


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    home = tmp_path_factory.mktemp("home")
    kept = Workbench(home / "herd", "local", None).kept
    kept.add_dataset(make_sample(animals=150).csv, "farm.csv")
    kept.close()
    port, token = free_port(), secrets.token_hex(16)
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", f"--port={port}"]
    command += [f"--IdentityProvider.token={token}"]
    environment = {**os.environ, "HOME": str(home), "HERD_HOME": str(home / "herd")}
    log = home / "lab.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, cwd=home, stdout=output, stderr=output)
    try:
        while not is_listening(LOOPBACK, port):
            assert process.poll() is None, log.read_text()
            Event().wait(0.05)
        yield Lab(f"http://{LOOPBACK}:{port}", token, home)
    finally:
        process.terminate()
        process.wait(PATIENCE_MS / 1000)


def test_a_tile_of_the_launcher_opens_the_contract_of_the_service(browser: Browser, lab: Lab) -> None:
    context = browser.new_context(locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(f"{lab.address}/lab?token={lab.token}")
    with context.expect_page() as opened:
        page.locator(".jp-LauncherCard", has_text="Herd Workbench API").first.click()

    expect(opened.value.locator("h1")).to_contain_text("Herd Workbench API")
    me = opened.value.request.get(f"{lab.address}/herd-api/api/v1/me")
    assert me.json()["principal"] == "local"
    context.close()


def test_a_tile_of_the_launcher_opens_a_copy_of_the_notebooks(browser: Browser, lab: Lab) -> None:
    context = browser.new_context(locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(f"{lab.address}/lab?token={lab.token}")
    with context.expect_page() as opened:
        page.locator(".jp-LauncherCard", has_text="Herd Workbench notebooks").first.click()

    title = opened.value.locator(".jp-NotebookPanel h1", has_text="A first forecast in Python")
    expect(title).to_be_visible()
    copy = lab.home / "herd-notebooks" / "guide" / "first_forecast.ipynb"
    assert copy.read_bytes() == (ROOT / "notebooks" / "guide" / "first_forecast.ipynb").read_bytes()
    context.close()


def test_a_tile_of_the_launcher_opens_the_apps_which_take_nothing_from_other_sites(
    browser: Browser, lab: Lab
) -> None:
    context = browser.new_context(locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(f"{lab.address}/lab?token={lab.token}")
    tile = page.locator(".jp-LauncherCard", has_text=re.compile("Herd Workbench(?! API| notebooks)")).first
    expect(tile.locator("img, svg")).to_be_visible()
    with context.expect_page() as opened:
        tile.click()
    visit = Visit(opened.value)

    with watched(visit, lab.address):
        expect(visit.page.locator(".herd-cards li")).to_have_count(10)
        visit.page.locator(".herd-cards").get_by_role("link", name="Data").click()
        expect(visit.page.locator("h1")).to_contain_text("farm.csv: 150 animals")
        assert visit.page.url.startswith(f"{lab.address}/herd/data")
    assert visit.troubles == []

    shutdown = f"{lab.address}/herd/voila/api/shutdown/{KERNEL}"
    statuses = {
        origin: context.request.post(shutdown, headers={"Origin": origin}).status
        for origin in (FOREIGN, lab.address)
    }
    assert statuses == {FOREIGN: 403, lab.address: 404}  # there is no such kernel
    cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in context.cookies())
    assert {origin: socket_status(lab, origin, cookies) for origin in (FOREIGN, lab.address)} == {
        FOREIGN: 403,
        lab.address: 101,
    }
    context.close()


def socket_status(lab: Lab, origin: str, cookies: str) -> int:
    """Return what a page of some site is answered that asks for a kernel's socket with our cookies."""
    address = f"ws{lab.address.removeprefix('http')}/herd/api/kernels/{KERNEL}/channels"
    try:
        with connect(address, origin=origin, additional_headers={"Cookie": cookies}) as socket:
            return socket.response.status_code
    except InvalidStatus as refused:
        return refused.response.status_code


def test_without_a_login_nothing_of_the_apps_is_shown(browser: Browser, lab: Lab) -> None:
    context = browser.new_context()
    answer = context.request.get(f"{lab.address}/herd/overview", max_redirects=0)

    assert answer.status == 302
    assert "/login" in answer.headers["location"]
    context.close()
