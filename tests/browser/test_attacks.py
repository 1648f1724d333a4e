"""What hostile neighbours try: pages in a visitor's browser, other users of the machine, many at once."""

import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from socket import create_connection
from threading import Event
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from herd_engine.sample import make_sample
from herd_engine.storage.access_key import KEY_FILE, access_key
from tests.browser.apps_server import PATIENCE_MS, Apps, served
from widgets.server.login import MOST_WRONG

pytestmark = pytest.mark.slow
expect.set_options(timeout=PATIENCE_MS)

PLACES = 2
KERNEL = "00000000-0000-4000-8000-000000000000"
CROSS_SITE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
FOLLOWED = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apps]:
    """A server without a key: what keeps others out here must do so alone."""
    with served(tmp_path_factory.mktemp("home"), "--preheat", "0", "--token", "") as apps:
        apps.workbench.kept.add_dataset(make_sample(animals=150).csv, "secret-farm.csv")
        yield apps


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apps]:
    """A server as it is without any option, but for few places."""
    with served(tmp_path_factory.mktemp("home"), "--preheat", "0", "--pages", str(PLACES)) as apps:
        yield apps


def ask(apps: Apps, path: str, method: str = "GET", **headers: str) -> tuple[HTTPResponse, str]:
    """Return the answer to a request of a program, and its body."""
    connection = HTTPConnection(urlsplit(apps.address).netloc, timeout=PATIENCE_MS / 1000)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    body = answer.read().decode(errors="replace")
    connection.close()
    return answer, body


def socket_status(apps: Apps, path: str, origin: str | None, address: str = "") -> int:
    """Return what a page of some origin is answered that asks for a websocket, perhaps by another name."""
    here = urlsplit(apps.address)
    connection = create_connection((here.hostname, here.port))
    try:
        with connect(f"ws://{address or here.netloc}{path}", sock=connection, origin=origin) as socket:
            return socket.response.status_code
    except InvalidStatus as refused:
        return refused.response.status_code


def cookie_of(apps: Apps) -> dict[str, str]:
    """Come in with the key; return the cookie that stands for it."""
    answer, _ = ask(apps, f"/?token={access_key(apps.home)}")
    assert answer.status == 302
    assert "token" not in answer.headers["Location"]
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    return {"Cookie": cookie.partition(";")[0]}


def test_a_page_whose_name_is_made_to_point_here_gets_403_and_no_data(apps: Apps) -> None:
    port = urlsplit(apps.address).port
    answers = [
        ask(apps, path, Host=f"evil.example:{port}") for path in ("/", "/overview?lang=en", "/nothing")
    ]
    origin = f"http://evil.example:{port}"  # the browser holds it for the same origin as that of the page

    assert [answer.status for answer, _ in answers] == [403] * 3
    assert not [words for _, words in answers if "secret-farm" in words]
    path = f"/api/kernels/{KERNEL}/channels"
    assert socket_status(apps, path, origin, address=f"evil.example:{port}") == 403
    assert apps.kernel_ids() == []


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_a_page_of_another_origin_opens_no_websocket_and_sends_nothing(apps: Apps, origin: str) -> None:
    paths = (f"/api/kernels/{KERNEL}/channels", f"/voila/query/{KERNEL}", "/voila/reach")
    posted = [f"/voila/api/shutdown/{KERNEL}", "/login", "/studio"]

    assert {socket_status(apps, path, origin) for path in paths} == {403}
    assert {ask(apps, path, "POST", Origin=origin)[0].status for path in posted} == {403}
    assert socket_status(apps, "/voila/reach", apps.address) == 101


def test_what_another_site_embeds_or_links_to_starts_no_kernel(apps: Apps) -> None:
    embedded, _ = ask(apps, "/studio?lang=en", **CROSS_SITE)
    followed, words = ask(apps, "/studio?lang=en", **FOLLOWED)

    assert (embedded.status, followed.status) == (403, 200)
    assert 'href="/studio?lang=en"' in words
    assert apps.kernel_ids() == []


def test_without_the_key_nothing_is_shown_and_no_kernel_starts(locked: Apps) -> None:
    for path in ("/", "/studio?lang=en", "/data?lang=en&token=wrong"):
        answer, _ = ask(locked, path)
        assert answer.status == 302
    assert socket_status(locked, f"/api/kernels/{KERNEL}/channels", None) == 403
    answer, words = ask(locked, "/login?lang=en")
    assert (answer.status, 'type="password"' in words) == (200, True)
    assert locked.kernel_ids() == []


@pytest.mark.parametrize("key", ["", "wrong"])
def test_the_key_is_typed_in_a_browser_and_opens_the_page_that_was_asked_for(
    browser: Browser, locked: Apps, key: str
) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{locked.address}/?lang=en")
    field = page.get_by_label("Key")
    field.fill(key or access_key(locked.home))
    page.get_by_role("button", name="Come in").click()

    if key:
        expect(page.get_by_role("heading", name="That is not the key")).to_be_visible()
        expect(field).to_be_visible()
    else:
        expect(page).to_have_url(f"{locked.address}/?lang=en")
        expect(page.locator(".herd-cards")).to_be_visible()
    context.close()


def test_other_users_of_the_machine_find_no_key(locked: Apps) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can be somebody else")
    key = access_key(locked.home)
    nobody = pwd.getpwnam("nobody").pw_uid
    for folder in (locked.home, *locked.home.parents):  # pytest's own folders would keep them out already
        if folder.stat().st_mode & 0o077 == 0:
            folder.chmod(0o755)
    said = {
        program: subprocess.run(program, user=nobody, capture_output=True, text=True, check=False)
        for program in (("/bin/cat", str(locked.home / KEY_FILE)), ("/bin/ps", "axww", "-o", "args"))
    }
    read, listed = said.values()

    assert "Permission denied" in read.stderr
    assert "widgets.serve" in listed.stdout
    assert key not in listed.stdout
    assert key not in (locked.home / "server.log").read_text()


def test_of_many_page_loads_at_once_a_few_start_kernels_and_the_rest_wait_in_words(locked: Apps) -> None:
    cookie = cookie_of(locked)

    def load(_: int) -> tuple[int, str]:
        answer, words = ask(locked, "/history?lang=en", **cookie)
        return answer.status, words

    with ThreadPoolExecutor(20) as pool:
        loads = list(pool.map(load, range(20)))

    assert sorted(status for status, _ in loads) == [200] * PLACES + [503] * (20 - PLACES)
    assert len(locked.kernel_ids()) == PLACES
    waiting = [words for status, words in loads if status == 503]
    assert all("in the queue" in words and 'http-equiv="refresh"' in words for words in waiting)


def test_wrong_keys_are_slow_and_so_many_that_others_have_to_wait(locked: Apps) -> None:
    cookie = cookie_of(locked)

    def guess(number: int) -> int:
        return ask(locked, f"/login?token=guess{number}")[0].status

    with ThreadPoolExecutor(MOST_WRONG) as pool:
        assert set(pool.map(guess, range(MOST_WRONG))) <= {200, 429}  # 200: asked for the key again

    answer, words = ask(locked, f"/?lang=en&token={access_key(locked.home)}")
    assert (answer.status, "Wait for a minute" in words) == (429, True)
    assert ask(locked, "/?lang=en", **cookie)[0].status == 200


def test_who_waits_comes_in_when_a_page_is_closed(browser: Browser, tmp_path: Path) -> None:
    with served(tmp_path, "--preheat", "0", "--pages", "1") as apps:
        context = browser.new_context(locale="en-GB")
        context.set_default_timeout(PATIENCE_MS)
        first, second = context.new_page(), context.new_page()
        first.goto(apps.page("history"), wait_until="commit")
        first.locator(".herd-rail").wait_for()
        second.goto(apps.page("history"))
        second.get_by_role("heading", name="All places are taken").wait_for()

        first.close(run_before_unload=True)

        expect(second.locator(".herd-rail")).to_be_visible()
        context.close()


def test_a_unix_socket_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    command = [sys.executable, "-m", "widgets.serve", f"--socket={path}", "--token="]
    log = tmp_path / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env={**os.environ, "HERD_HOME": str(tmp_path)}, stderr=output)
    try:
        while not path.exists():
            assert process.poll() is None, log.read_text()
            Event().wait(0.05)
        assert path.stat().st_mode & 0o777 == 0o600
        listening = Path(f"/proc/{process.pid}/net/tcp").read_text().splitlines()[1:]
        own = {str(link.readlink()) for link in Path(f"/proc/{process.pid}/fd").iterdir()}
        assert not [line for line in listening if f"socket:[{line.split()[9]}]" in own]
    finally:
        process.terminate()
        process.wait(PATIENCE_MS / 1000)
