"""Where the apps are: with the key at a terminal, without it elsewhere."""

import stat
import webbrowser
from pathlib import Path
from threading import Event

import pytest
from rich.console import Console

from herd_engine.cli import apps_page
from herd_engine.monitoring.supervision_report import PartReport, PartState, Report
from herd_engine.storage.access_key import access_key

ADDRESS = "http://127.0.0.1:8866/"
PART = PartReport(
    name="apps", state=PartState.READY, pid=1, since=None, restarts=0, address=ADDRESS, log="apps.log"
)
REPORT = Report(pid=1, host="here", version="0", since="", parts=(PART,))


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the browser was asked to open."""
    addresses: list[str] = []
    monkeypatch.delenv("HERD_APPS_TOKEN", raising=False)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(webbrowser, "open", addresses.append)
    return addresses


def terminal(monkeypatch: pytest.MonkeyPatch, *, is_terminal: bool) -> Console:
    console = Console(force_terminal=is_terminal, record=True, width=200, color_system=None)
    monkeypatch.setattr(apps_page, "out", console)
    return console


def test_a_person_at_a_terminal_is_told_the_address_with_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[str]
) -> None:
    console = terminal(monkeypatch, is_terminal=True)

    apps_page.print_addresses(REPORT, tmp_path)

    assert f"{ADDRESS}?token={access_key(tmp_path)}" in console.export_text()
    assert opened == []


def test_a_page_of_a_farm_is_opened_with_the_key_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[str]
) -> None:
    console = terminal(monkeypatch, is_terminal=True)

    apps_page.print_addresses(REPORT, tmp_path, "overview?farm=Sample+farm")

    key = access_key(tmp_path)
    assert f"{ADDRESS}overview?farm=Sample+farm&token={key}" in console.export_text()
    assert opened == []


def test_a_log_does_not_get_the_key_but_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[str]
) -> None:
    console = terminal(monkeypatch, is_terminal=False)

    apps_page.print_addresses(REPORT, tmp_path)
    apps_page.open_apps(REPORT, tmp_path)

    said = console.export_text()
    assert (ADDRESS in said, "access.key" in said, access_key(tmp_path) in said) == (True, True, False)
    assert opened == []


def test_the_browser_gets_the_key_through_a_file_of_its_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[str]
) -> None:
    terminal(monkeypatch, is_terminal=True)
    done = Event()
    monkeypatch.setattr(webbrowser, "open", lambda address: (opened.append(address), done.set()))

    apps_page.open_apps(REPORT, tmp_path)

    assert done.wait(10)
    path = tmp_path / apps_page.OPENING_FILE
    assert opened == [path.as_uri()]
    assert access_key(tmp_path) in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_without_a_display_no_browser_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[str]
) -> None:
    terminal(monkeypatch, is_terminal=True)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)

    apps_page.open_apps(REPORT, tmp_path)

    assert opened == []
    assert not (tmp_path / apps_page.OPENING_FILE).exists()
