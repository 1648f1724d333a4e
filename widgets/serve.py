"""The apps in Voila: `python -m widgets.serve`.

What Voila is told, and why:

* its page-closed message is taken without a token against forged requests, which browsers cannot add to it,
  but from our own pages alone; otherwise every visit leaves a kernel behind. Kernels whose page vanished
  without a word are culled;
* only the extensions that widgets need are loaded; nothing is loaded from another host;
* pages are known by name (`/studio`), never by path; no file of the folder is served;
* `/` and `/help` are words alone: they are there at once and start no kernel;
* a visitor has a language: the address says it, else the cookie of an earlier choice, else the browser;
* one kernel of each app is kept ready, its libraries loaded: measured in turns on two busy cores, the
  heading was there after 4.6 s in place of 13.5 s (median of 5), the picture after 6.7 s, not 16.4 s.
  The cost is some 100 MB of memory an app; ``--preheat 0`` saves it. Progressive rendering shows nothing
  sooner, since our template draws the frame of a page before its kernel is there;
* beyond loopback a token is asked for;
* the name of the visitor is taken from the proxy only where that is asked for, and only on loopback.
"""

import argparse
import ipaddress
import logging
import os
import secrets
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import plotly
from tornado.web import HTTPError, RequestHandler, authenticated
from traitlets.config import Config
from voila.app import Voila
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.tornado.handler import TornadoVoilaHandler

from herd_engine.errors import ParameterError
from herd_engine.figures.wording import Language
from widgets.front import LANDING, front_page
from widgets.icons import HELP
from widgets.look import stylesheet
from widgets.texts import Texts
from widgets.visit import LANGUAGE_COOKIE, USER_HEADER, preferred_language

PACKAGE = Path(str(files("widgets")))
EXTENSIONS = ["@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8", "anywidget"]
UPLOAD_FRAME_BYTES = 32 * 2**20
"""A message of a browser: far above one piece of an upload, far below what would fill the memory."""
CULL_AFTER_SECONDS, CULL_EVERY_SECONDS = 120, 30
REFILL_AFTER_SECONDS = 4.0
"""A new kernel in place of a taken one would compete with the visitor's page if it started at once."""
LOGIN_COOKIE = "herd-apps-login"
"""Not Jupyter's own name: under JupyterLab's address each would take the other's for a forged one."""
FRUGAL = {"MALLOC_ARENA_MAX": "2", "ARROW_DEFAULT_MEMORY_POOL": "system"}
"""Environment of kernels: many threads need not each hoard memory; some 30 MB less a kernel, measured."""


class PageHandler(TornadoVoilaHandler):  # type: ignore[misc]
    """A page of an app, in the visitor's language."""

    def prepare(self) -> Any:
        """Send a visitor whose address names no language to the address that does."""
        if self.get_query_argument("lang", None) is None:
            query = "&".join(filter(None, (self.request.query, f"lang={self._language()}")))
            self.redirect(f"{self.request.path}?{query}")
            return None
        return super().prepare()

    def _language(self) -> str:
        chosen = self.get_cookie(LANGUAGE_COOKIE)
        if chosen in tuple(Language):
            return str(chosen)
        return preferred_language(self.request.headers.get("Accept-Language", ""))


class FrontHandler(PageHandler):
    """A page of words alone."""

    def initialize(self, *, name: str, **settings: Any) -> None:
        """Take the name of the page."""
        super().initialize(**settings)
        self._name = name

    @authenticated
    async def get(self, path: str | None = None) -> None:
        """Answer with the page; what its address says of language and farm goes along with its links."""
        said = {name: self.get_query_argument(name, None) for name in ("lang", "farm")}
        language = Language(said["lang"]) if said["lang"] in tuple(Language) else Language.ENGLISH
        query = {name: value for name, value in said.items() if value}
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(front_page(self._name, language, app_names(), query))


class ClosedPageHandler(VoilaShutdownKernelHandler):  # type: ignore[misc]
    """What a page says when it is closed. It knows its kernel's id, which nobody can guess."""

    def check_xsrf_cookie(self) -> None:
        """Ask for the right origin alone: a message sent while a page closes cannot carry the token."""
        origin = self.request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != self.request.host:
            raise HTTPError(403, f"{origin} is another site")


class StyleHandler(RequestHandler):
    """The style sheet."""

    def get(self) -> None:
        """Answer with the style sheet."""
        self.set_header("Content-Type", "text/css; charset=utf-8")
        self.finish(stylesheet())


class Apps(Voila):  # type: ignore[misc]
    """Voila with our pages."""

    def setup_template_dirs(self) -> None:
        """Serve our own static files and plotly's from this server."""
        super().setup_template_dirs()
        self.static_paths += [str(PACKAGE / "static"), str(Path(plotly.__file__).parent / "package_data")]

    def init_handlers(self) -> list[Any]:
        """Return Voila's handlers with ours in place of those that serve files, trees and pages."""
        base = self.server_url.rstrip("/")
        kept = [item for item in super().init_handlers() if not _replaced(item[0], base)]
        page = {
            "template_paths": self.template_paths,
            "config": self.config,
            "voila_configuration": self.voila_configuration,
        }
        pages = [
            (rf"{base}/{name}", PageHandler, page | {"notebook_path": f"{name}.ipynb"})
            for name in app_names()
        ]
        return [
            (rf"{base}/voila/api/shutdown/(.*)", ClosedPageHandler),
            (rf"{base}/voila/static/style\.css", StyleHandler),
            (rf"{base}/", FrontHandler, page | {"name": LANDING}),
            (rf"{base}/{HELP}", FrontHandler, page | {"name": HELP}),
            *kept,
            *pages,
        ]


def _replaced(pattern: str, base: str) -> bool:
    gone = ("api/shutdown", "files/", "render/", "tree", "api/contents")
    return pattern in (base, f"{base}/") or pattern.startswith(tuple(f"{base}/voila/{name}" for name in gone))


def notebooks() -> Path:
    """Return the folder of the apps: inside an installed package, or beside it in a checkout."""
    installed = PACKAGE / "notebooks" / "apps"
    return installed if installed.is_dir() else PACKAGE.parent / "notebooks" / "apps"


def app_names() -> list[str]:
    """Return the names of all apps; ``studio`` for ``studio.ipynb``."""
    return sorted(path.stem for path in notebooks().glob("*.ipynb"))


def configuration(arguments: argparse.Namespace) -> Config:
    """Return what Voila is told.

    Raises
    ------
    ParameterError
        A proxy's user is to be trusted although others than the proxy can reach the server.
    """
    is_loopback = _is_loopback(arguments.ip)
    if arguments.trust_forwarded_user and not is_loopback:
        raise ParameterError("--trust-forwarded-user", arguments.ip, "be used with a loopback --ip alone")
    config = Config()
    voila, pages = config.Voila, config.VoilaConfiguration
    voila.ip, voila.port, voila.port_retries = arguments.ip, arguments.port, 0
    voila.base_url, voila.root_dir, voila.open_browser = arguments.base_url, str(notebooks()), False
    voila.config_file_paths = []
    voila.tornado_settings = {"websocket_max_message_size": UPLOAD_FRAME_BYTES}
    token = arguments.token if arguments.token is not None else os.environ.get("HERD_APPS_TOKEN")
    config.IdentityProvider.cookie_name = LOGIN_COOKIE
    voila.token = token or ("" if is_loopback else secrets.token_urlsafe(24))
    pages.template, pages.allow_template_override, pages.allow_theme_override = "herd", "NO", "NO"
    pages.strip_sources, pages.show_tracebacks = True, False
    config.VoilaExecutor.cell_error_instruction = " ".join(
        Texts(language).t("arriving_failed") for language in Language
    )
    pages.extension_allowlist, pages.extension_denylist = EXTENSIONS, []
    pages.file_allowlist, pages.file_denylist = [], [".*"]
    pages.http_header_envs = [USER_HEADER] if arguments.trust_forwarded_user else []
    pages.preheat_kernel, pages.default_pool_size = arguments.preheat > 0, arguments.preheat
    pages.resources = {
        "product": Texts(Language.ENGLISH).t("product"),
        "arriving": {language.value: Texts(language).t("arriving") for language in Language},
    }
    config.VoilaKernelManager.fill_delay = REFILL_AFTER_SECONDS
    kernels = config.AsyncMappingKernelManager
    kernels.cull_idle_timeout, kernels.cull_interval = CULL_AFTER_SECONDS, CULL_EVERY_SECONDS
    config.KernelManager.transport = "ipc"
    return config


def _is_loopback(ip: str) -> bool:
    try:
        return ip == "localhost" or ipaddress.ip_address(ip).is_loopback
    except ValueError:
        return False


def read_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options of the command."""
    parser = argparse.ArgumentParser(prog="python -m widgets.serve", description="Serve the apps.")
    parser.add_argument("--ip", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8866)
    parser.add_argument("--base-url", default="/", help="path below which a proxy serves the apps")
    parser.add_argument("--token", help="asked of visitors; HERD_APPS_TOKEN; made up beyond loopback")
    parser.add_argument("--preheat", type=int, default=1, help="kernels of each app kept ready")
    parser.add_argument(
        "--trust-forwarded-user", action="store_true", help=f"take the visitor's name from {USER_HEADER}"
    )
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    """Serve until interrupted."""
    arguments = read_arguments(argv)
    config = configuration(arguments)
    folder = str(PACKAGE / "jupyter")
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, (os.environ.get("JUPYTER_PATH"), folder)))
    os.environ["VOILA_APP_PORT"] = str(arguments.port)
    os.environ |= FRUGAL
    logging.getLogger("tornado.access").setLevel(logging.ERROR)
    apps = Apps(config=config)
    apps.initialize([])
    apps.start()


if __name__ == "__main__":
    main()
