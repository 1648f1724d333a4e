"""The apps under JupyterLab: a tile of its launcher, behind the address and the login of its server.

jupyter-server-proxy starts the apps when somebody asks for them and passes requests on, whatever site they
come from; `widgets.serve` refuses what other sites send.
"""

import sys
from importlib.resources import files
from typing import Any

from herd_engine.figures.wording import Language
from widgets.texts import Texts

NAME = "herd"
START_SECONDS = 60.0


def proxied_apps() -> dict[str, Any]:
    """Return what jupyter-server-proxy is told, which finds this function by its entry point."""
    options = {"--port": "{port}", "--base-url": f"{{base_url}}{NAME}/", "--token": "", "--preheat": "0"}
    return {
        "command": [
            *(sys.executable, "-P", "-m", "widgets.serve"),
            *(f"{option}={value}" for option, value in options.items()),
        ],
        "absolute_url": True,
        "timeout": START_SECONDS,
        "launcher_entry": {
            "title": Texts(Language.ENGLISH).t("product"),
            "icon_path": str(files("widgets") / "static" / "mark.svg"),
        },
    }
