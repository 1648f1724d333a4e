"""Which requests are listened to."""

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from herd_engine.errors import ParameterError
from widgets.server.gate import GateRefusal, ServerNames, is_from_elsewhere

LOCALHOST = "localhost"
HOST, ORIGIN, SITE = GateRefusal.HOST, GateRefusal.ORIGIN, GateRefusal.SITE
LOCAL = ServerNames.of([], is_loopback=True)
FARM = ServerNames.of(["Farm.example", "cows.example:8443"], is_loopback=True)


def asked(host: str = "127.0.0.1:8866", method: str = "GET", **headers: str) -> HTTPServerRequest:
    named = {"Host": host} | {name.replace("_", "-"): value for name, value in headers.items()}
    line = RequestStartLine(method, "/studio", "HTTP/1.1")
    return HTTPServerRequest(start_line=line, headers=HTTPHeaders(named))


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:8866", f"{LOCALHOST}:9", "LOCALHOST", "localhost.", "[::1]:8866", "127.8.9.1:1"],
)
def test_names_of_this_machine_itself_are_ours(host: str) -> None:
    assert LOCAL.refusal(asked(host)) is None


@pytest.mark.parametrize(
    "host",
    ["evil.example:8866", "127.0.0.1.evil.example", "localhost.evil.example:8866", "10.0.0.5", "[fd00::1]",
     "", "0.0.0.0:8866", "0"],
)  # fmt: skip
def test_a_name_that_points_here_for_a_moment_is_not_ours(host: str) -> None:
    assert LOCAL.refusal(asked(host)) is HOST


def test_names_that_a_setting_says_are_ours_whatever_the_case_and_port() -> None:
    hosts = ("farm.example", "FARM.example.:8866", "cows.example:8443", "cows.example", "farm.example.evil")

    assert [FARM.refusal(asked(host)) for host in hosts] == [None, None, None, HOST, HOST]


def test_beyond_loopback_addresses_in_figures_are_ours_and_names_of_others_are_not() -> None:
    open_to_all = ServerNames.of([], is_loopback=False)

    assert open_to_all.refusal(asked("192.168.1.20:8866")) is None
    assert open_to_all.refusal(asked("evil.example:8866")) is HOST


def test_where_another_server_checks_names_every_name_is_ours_but_no_other_page() -> None:
    behind = ServerNames.of(["*"], is_loopback=True)

    assert behind.refusal(asked("hub.example")) is None
    assert behind.refusal(asked("hub.example", Origin="https://evil.example")) is ORIGIN


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://127.0.0.1:9999", f"http://{LOCALHOST}:8866", "file://",
     "http://127.0.0.1:8866.evil.example", "http://127.0.0.1", "chrome-extension://abc"],
)  # fmt: skip
def test_what_a_page_of_another_origin_sends_is_refused(origin: str, method: str) -> None:
    assert LOCAL.refusal(asked(method=method, Origin=origin)) is ORIGIN
    assert LOCAL.refusal(asked(method=method, Sec_WebSocket_Origin=origin)) is ORIGIN


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:8866", "http://127.0.0.1:8866"),
        ("farm.example", "https://farm.example"),
        ("farm.example:443", "https://farm.example"),
        ("127.0.0.1:8866", "https://farm.example"),  # a proxy that hides the name, which a setting says
        ("127.0.0.1:8866", "https://cows.example:8443"),
    ],
)
def test_what_our_own_pages_send_is_listened_to(host: str, origin: str) -> None:
    assert FARM.refusal(asked(host, Origin=origin)) is None


def test_another_port_of_a_name_of_ours_is_another_server() -> None:
    assert FARM.refusal(asked(Origin="https://farm.example:9000")) is ORIGIN
    assert FARM.refusal(asked(Origin="https://cows.example")) is ORIGIN


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("dest", ["image", "script", "iframe", "empty", "embed", "frame"])
def test_pictures_scripts_and_frames_of_other_sites_get_nothing(site: str, dest: str) -> None:
    mode = "navigate" if "frame" in dest else "no-cors"

    assert LOCAL.refusal(asked(Sec_Fetch_Site=site, Sec_Fetch_Mode=mode, Sec_Fetch_Dest=dest)) is SITE


def test_a_link_of_another_site_may_be_followed_and_is_known_as_such() -> None:
    followed = {"Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    link = asked(Sec_Fetch_Site="cross-site", **followed)

    assert (LOCAL.refusal(link), is_from_elsewhere(link)) == (None, True)
    assert LOCAL.refusal(asked(method="POST", Sec_Fetch_Site="cross-site", **followed)) is SITE
    for own in ("same-origin", "none"):
        assert not is_from_elsewhere(asked(Sec_Fetch_Site=own, **followed))
    assert not is_from_elsewhere(asked())


@pytest.mark.parametrize("name", ["https://farm.example", "farm.example/herd", "a b", "farm.example:"])
def test_a_setting_that_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ParameterError, match="HERD_APPS_HOSTS"):
        ServerNames.of([name], is_loopback=True)
