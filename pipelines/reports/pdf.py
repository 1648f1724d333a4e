"""From a report's page to paper, by the Chromium that the system has."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

from herd_engine.errors import PrintError
from herd_engine.model.file_names import short_temporary_folder
from herd_engine.settings import Settings

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT_SECONDS = 120
"""A busy machine takes half a minute to draw a page of figures."""
EMPTY = ".chart:not(:has(.main-svg))"
"""A chart that is not drawn yet; asked for by a selector, since the page forbids scripts made of text."""


def find_chromium() -> str | None:
    """Return the program of ``HERD_CHROMIUM``, else one of the usual names; None where there is none."""
    named = Settings.read().chromium
    return shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)


def chromium_arguments() -> list[str]:
    """Return the options that Chromium is started with; it refuses its sandbox to root."""
    return [*ARGUMENTS, *([] if os.geteuid() else ["--no-sandbox"])]


def print_page(page: Path, paper: Path, chromium: str) -> None:
    """Print a page as A4; its own style says margins, header and footer, its script the width of charts.

    Raises
    ------
    PrintError
    """
    # In a thread of its own: Playwright refuses one in which a loop runs, such as a notebook's.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_print, page, paper, chromium).result()


def _environment() -> dict[str, str | float | bool]:
    """Return what Chromium is started with: it makes a socket among its temporary files."""
    return {**os.environ, "TMPDIR": short_temporary_folder()}


def _print(page: Path, paper: Path, chromium: str) -> None:
    try:
        with (
            sync_playwright() as playwright,
            playwright.chromium.launch(
                executable_path=chromium, args=chromium_arguments(), env=_environment()
            ) as browser,
        ):
            tab = browser.new_context(offline=True, color_scheme="light").new_page()
            tab.set_default_timeout(WAIT_SECONDS * 1000)
            tab.goto(page.as_uri())
            tab.locator(EMPTY).first.wait_for(state="detached")
            tab.pdf(path=paper, prefer_css_page_size=True, print_background=True, tagged=True, outline=True)
    except Error as error:
        raise PrintError(error.message.splitlines()[0].rstrip(".")) from error
