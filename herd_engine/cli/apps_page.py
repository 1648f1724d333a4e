"""Where the fronts are: the page of the apps, with the key that opens it, and the service for programs."""

import os
import webbrowser
from html import escape as html_escape
from pathlib import Path
from threading import Thread

from rich.markup import escape

from herd_engine.cli.printing import out
from herd_engine.settings import Settings, secret_text
from herd_engine.workbench.home import KEY_FILE, access_key, with_key
from herd_engine.workbench.supervision import Report

OPENING_FILE = "open-apps.html"


def print_addresses(report: Report, home: Path, page: str = "") -> None:
    """Print where apps and service are; to a log or a pipe without the key, which others may read there.

    ``page`` is the one to open, below the address of the apps.
    """
    _print_apps(report, home, page)
    if (address := _address(report, "api")) is not None:
        where = escape(str(home / KEY_FILE))
        out.print(f"Programs ask {escape(address)}, with the key in {where} as bearer.", soft_wrap=True)


def _print_apps(report: Report, home: Path, page: str) -> None:
    address = _address(report, "apps")
    if address is None:
        return
    address += page
    if out.is_terminal:
        out.print(f"Open {escape(_with_key(address, home))} in a browser.", soft_wrap=True)
    elif "HERD_APPS_TOKEN" not in os.environ:
        where = escape(str(home / KEY_FILE))
        out.print(
            f"Open {escape(address)} in a browser; the key that it asks for is in {where}.", soft_wrap=True
        )


def open_apps(report: Report, home: Path, page: str = "") -> None:
    """Open the apps in a browser, where somebody sits before this machine's screen."""
    address = _address(report, "apps")
    has_display = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    if address is None or not (out.is_terminal and has_display):
        return
    # Every user of the machine sees the arguments of a browser: the key goes through a file of ours alone.
    path = home / OPENING_FILE
    path.unlink(missing_ok=True)
    target = html_escape(_with_key(address + page, home))
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.write(f'<meta charset="utf-8"><meta http-equiv="refresh" content="0; url={target}">')
    Thread(target=webbrowser.open, args=(path.as_uri(),), daemon=True).start()  # some browsers block


def _address(report: Report, name: str) -> str | None:
    return next((part.address for part in report.parts if part.name == name and part.address), None)


def _with_key(address: str, home: Path) -> str:
    key = secret_text(Settings.read().apps_token)
    key = access_key(home) if key is None else key
    return with_key(address, key) if key else address
