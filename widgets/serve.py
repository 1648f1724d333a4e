"""The apps in Voila: `python -m widgets.serve`.

What Voila is told, and why:

* only requests that name this server and come from its own pages are listened to (`widgets.server.gate`),
  and a visitor shows a key: the home's own, made at first start, unless another is set. Under JupyterLab
  a Unix socket takes its place, which other users of the machine cannot open;
* its page-closed message is taken without a token against forged requests, which browsers cannot add to it;
  otherwise every visit leaves a kernel behind. Kernels whose page vanished without a word are culled;
* so many pages are open at once as memory bears, others wait in turn;
* only the extensions that widgets need are loaded; nothing is loaded from another host;
* pages are known by name (`/studio`), never by path; no file of the folder is served;
* `/` and `/help` are words alone: they are there at once and start no kernel;
* a visitor has a language: the address says it, else the cookie of an earlier choice, else the browser;
* one kernel of each app is kept ready, its libraries loaded: measured in turns on two busy cores, the
  heading was there after 4.6 s in place of 13.5 s (median of 5), the picture after 6.7 s, not 16.4 s.
  The cost is some 100 MB of memory an app; ``--preheat 0`` saves it. Progressive rendering shows nothing
  sooner, since our template draws the frame of a page before its kernel is there;
* the name of the visitor is taken from the proxy only where that is asked for, and only on loopback.
"""

import argparse
import hashlib
import hmac
import ipaddress
import logging
import os
import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from traitlets.config import Config

from herd_engine.errors import HerdError, ParameterError
from herd_engine.i18n.catalogue import ENGLISH, languages
from herd_engine.model.file_names import short_temporary_folder
from herd_engine.settings import Settings, secret_text
from herd_engine.workbench.home import KEY_FILE, StoreSettings, access_key, with_key
from widgets.server.apps import Apps
from widgets.server.gate import HOSTS_VARIABLE, ServerNames
from widgets.server.login import KeyIdentity
from widgets.server.places import pages_for_this_machine
from widgets.texts import Texts
from widgets.visit import GROUPS_HEADER, USER_HEADER

PACKAGE = Path(str(files("widgets")))
EXTENSIONS = ["@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8", "anywidget"]
UPLOAD_FRAME_BYTES = 32 * 2**20
"""A message of a browser: far above one piece of an upload, far below what would fill the memory."""
CULL_AFTER_SECONDS, CULL_EVERY_SECONDS = 120, 30
REFILL_AFTER_SECONDS = 4.0
"""A new kernel in place of a taken one would compete with the visitor's page if it started at once."""
LOGIN_COOKIE = "herd-apps-login"
"""Not Jupyter's own name: under JupyterLab's address each would take the other's for a forged one."""
TOKEN_VARIABLE, PAGES_VARIABLE = "HERD_APPS_TOKEN", "HERD_APPS_PAGES"
FRUGAL = {"MALLOC_ARENA_MAX": "2", "ARROW_DEFAULT_MEMORY_POOL": "system"}
"""Environment of kernels: many threads need not each hoard memory; some 30 MB less a kernel, measured."""


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
        A proxy's user is to be trusted although others than the proxy can reach the server, or no key is
        to be asked for although others than this machine can.
    StorageError
        The key of the home cannot be read or made.
    """
    if arguments.trust_forwarded_user and not _is_loopback(arguments.ip):
        raise ParameterError("--trust-forwarded-user", arguments.ip, "be used with a loopback --ip alone")
    config = Config()
    voila = config.Voila
    voila.ip, voila.port, voila.port_retries = arguments.ip, arguments.port, 0
    voila.base_url, voila.root_dir, voila.open_browser = arguments.base_url, str(notebooks()), False
    voila.config_file_paths, voila.connection_dir_root = [], short_temporary_folder()
    voila.tornado_settings = {"websocket_max_message_size": UPLOAD_FRAME_BYTES}
    voila.token, voila.identity_provider_class = _token(arguments), KeyIdentity
    config.IdentityProvider.cookie_options = {"samesite": "Lax"}
    config.IdentityProvider.cookie_name = LOGIN_COOKIE
    if voila.token:
        # Cookies of a key outlive a new start, and end with it; those of two homes do not meet.
        secret = hmac.digest(voila.token.encode(), b"cookies of the apps", hashlib.sha256)
        voila.cookie_secret = secret
        config.IdentityProvider.cookie_name += f"-{hashlib.sha256(secret).hexdigest()[:8]}"
    _configure_pages(config, arguments)
    config.VoilaKernelManager.fill_delay = REFILL_AFTER_SECONDS
    kernels = config.AsyncMappingKernelManager
    kernels.cull_idle_timeout, kernels.cull_interval = CULL_AFTER_SECONDS, CULL_EVERY_SECONDS
    config.KernelManager.transport = "ipc"
    return config


def _configure_pages(config: Config, arguments: argparse.Namespace) -> None:
    pages = config.VoilaConfiguration
    pages.template, pages.allow_template_override, pages.allow_theme_override = "herd", "NO", "NO"
    pages.strip_sources, pages.show_tracebacks = True, False
    config.VoilaExecutor.cell_error_instruction = " ".join(
        Texts(language).t("arriving_failed") for language in languages()
    )
    pages.extension_allowlist, pages.extension_denylist = EXTENSIONS, []
    pages.file_allowlist, pages.file_denylist = [], [".*"]
    pages.http_header_envs = [USER_HEADER, GROUPS_HEADER] if arguments.trust_forwarded_user else []
    pages.preheat_kernel, pages.default_pool_size = arguments.preheat > 0, arguments.preheat
    pages.resources = {"product": Texts(ENGLISH).t("product")} | {
        name: {language: Texts(language).get(name, "") for language in languages()}
        for name in ("arriving", "unreachable_host", "unreachable_socket")
    }


def _token(arguments: argparse.Namespace) -> str:
    """Return what visitors must show; empty where they need nothing."""
    given = arguments.token if arguments.token is not None else secret_text(Settings.read().apps_token)
    if given is None:
        return access_key(StoreSettings.from_environment().home)
    token = str(given)
    if not (token or arguments.socket or _is_loopback(arguments.ip)):
        raise ParameterError("--token", "nothing", "be a text where others than this machine come in")
    return token


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
    parser.add_argument("--socket", default="", help="Unix socket to listen on in place of a port")
    parser.add_argument("--base-url", default="/", help="path below which a proxy serves the apps")
    parser.add_argument(
        "--hosts",
        default=Settings.read().apps_hosts,
        help=f"names by which visitors call the server, with commas between; {HOSTS_VARIABLE}",
    )
    parser.add_argument(
        "--token", help=f"asked of visitors; {TOKEN_VARIABLE}; else the key that HERD_HOME/{KEY_FILE} keeps"
    )
    parser.add_argument("--preheat", type=int, default=1, help="kernels of each app kept ready")
    parser.add_argument(
        "--pages",
        type=int,
        default=Settings.read().apps_pages or pages_for_this_machine(),
        help=f"pages open at once, others wait; {PAGES_VARIABLE}; as many as memory and cores bear",
    )
    parser.add_argument(
        "--trust-forwarded-user", action="store_true", help=f"take the visitor's name from {USER_HEADER}"
    )
    arguments = parser.parse_args(argv)
    if arguments.pages < 1:
        parser.error("--pages must be at least 1")
    if not arguments.base_url.startswith("/"):
        parser.error("--base-url must begin with /")
    arguments.base_url = arguments.base_url.rstrip("/") + "/"
    arguments.preheat = 0 if arguments.socket else arguments.preheat  # those kernels would ask at a port
    return arguments


def make_apps(arguments: argparse.Namespace) -> Apps:
    """Return the server, not started yet."""
    is_loopback = bool(arguments.socket) or _is_loopback(arguments.ip)
    return Apps(
        config=configuration(arguments),
        gate=ServerNames.of(arguments.hosts.split(","), is_loopback=is_loopback),
        socket=arguments.socket,
        most_pages=arguments.pages,
        names=app_names(),
        package=PACKAGE,
    )


def main(argv: Sequence[str] | None = None) -> None:
    """Serve until interrupted."""
    arguments = read_arguments(argv)
    folder = str(PACKAGE / "jupyter")
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, (os.environ.get("JUPYTER_PATH"), folder)))
    os.environ["VOILA_APP_PORT"] = str(arguments.port)
    os.environ |= FRUGAL
    logging.getLogger("tornado.access").setLevel(logging.ERROR)
    try:
        apps = make_apps(arguments)
        apps.initialize([])
        _tell_address(apps)
        apps.start()
    except HerdError as error:
        sys.exit(str(error))


def _tell_address(apps: Apps) -> None:
    """Say where the apps are; the key is for a person at a terminal, not for a log."""
    if apps.socket:
        return
    address = f"http://{apps.ip}:{apps.port}{apps.base_url}"
    shown = with_key(address, apps.token) if apps.token and sys.stderr.isatty() else address
    sys.stderr.write(f"The apps: {shown}\n")


if __name__ == "__main__":
    main()
