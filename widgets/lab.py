"""Tiles of JupyterLab's launcher: apps, service and notebooks, behind the address and login of its server.

jupyter-server-proxy starts them when somebody asks for them and passes requests on, whatever site they
come from; `widgets.serve` and `herd api` refuse what other sites send. Between the two is a Unix socket that
no other user of the machine can open, so that JupyterLab's login cannot be walked past; a key is not asked
for again.
"""

import sys
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

from jupyter_server.serverapp import ServerApp

from herd_engine.i18n.catalogue import ENGLISH
from herd_engine.settings import Settings
from widgets.server.gate import ANY_NAME
from widgets.texts import Texts

NAME = "herd"
START_SECONDS = 60.0


def proxied_apps() -> dict[str, Any]:
    """Return what jupyter-server-proxy is told, which finds this function by its entry point."""
    options = {
        "--socket": "{unix_socket}",
        "--base-url": f"{{base_url}}{NAME}/",
        "--hosts": names_of_jupyter(),
        "--token": "",
        "--preheat": "0",
    }
    return {
        "command": [
            *(sys.executable, "-P", "-m", "widgets.serve"),
            *(f"{option}={value}" for option, value in options.items()),
        ],
        "unix_socket": True,
        "absolute_url": True,
        "timeout": START_SECONDS,
        "launcher_entry": {
            "title": Texts(ENGLISH).t("product"),
            "icon_path": str(files("widgets") / "static" / "mark.svg"),
        },
    }


def proxied_api() -> dict[str, Any]:
    """Return the same for the service; where its libraries are missing there is no tile."""
    return {
        "command": [sys.executable, "-P", "-m", "herd_engine", "api", "--socket", "{unix_socket}"],
        "environment": {"HERD_API_AUTH": "off", "HERD_API_HOSTS": names_of_jupyter()},
        "unix_socket": True,
        "timeout": START_SECONDS,
        "launcher_entry": {
            "enabled": find_spec("uvicorn") is not None,
            "title": Texts(ENGLISH).t("product") + " API",
            "path_info": "herd-api/api/docs",
            "icon_path": str(files("widgets") / "static" / "mark.svg"),
        },
    }


def proxied_notebooks() -> dict[str, Any]:
    """Return the same for the notebooks: copied to where JupyterLab keeps files, then opened there."""
    root = ServerApp.instance().root_dir if ServerApp.initialized() else "."
    return {
        "command": [
            *(sys.executable, "-P", "-m", "widgets.server.lab_notebooks"),
            *("--socket", "{unix_socket}", "--root", str(root), "--base-url", "{base_url}"),
        ],
        "unix_socket": True,
        "absolute_url": True,  # otherwise where the browser is sent would be rewritten
        "timeout": START_SECONDS,
        "launcher_entry": {
            "title": Texts(ENGLISH).t("product") + " notebooks",
            "icon_path": str(files("widgets") / "static" / "mark.svg"),
        },
    }


def names_of_jupyter() -> str:
    """Return the names by which visitors call the Jupyter server that this is part of.

    Any, where it lets others in: then it is theirs to check, and every request has passed their login.
    """
    given = Settings.read().apps_hosts
    if not ServerApp.initialized():
        return given
    jupyter = ServerApp.instance()
    if jupyter.allow_remote_access:
        return ANY_NAME
    return ",".join(filter(None, (given, *jupyter.local_hostnames)))
