"""Voila with our pages, behind our gate."""

from pathlib import Path
from typing import Any

import plotly
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.netutil import bind_sockets, bind_unix_socket
from tornado.web import RedirectHandler
from traitlets import Instance, Int, List, Unicode
from voila.app import Voila

from herd_engine.errors import ServiceError
from widgets.front import LANDING
from widgets.icons import HELP
from widgets.server.gate import Refused, ServerNames
from widgets.server.handlers import (
    ClosedPageHandler,
    FrontHandler,
    KernelSocket,
    PageHandler,
    ReachHandler,
    StyleHandler,
    VisitHandler,
)
from widgets.server.login import LoginHandler
from widgets.server.places import Places
from widgets.server.speaking import NotFoundHandler, RefusedHandler

ID = "([0-9a-f-]{36})"
OURS = ("api/shutdown", "files/", "render/", "tree", "api/contents", "query/")
"""What Voila serves that we do not, or serve ourselves: beginnings of paths below ``voila/``."""


class Apps(Voila):  # type: ignore[misc]
    """Voila with our pages.

    Attributes
    ----------
    gate : ServerNames
    socket : str
        Path of a Unix socket to listen on in place of a port; empty for none.
    most_pages : int
        Pages that may be open at once.
    names : list of str
        Of the apps.
    package : Path
        Where our static files are.
    """

    gate = Instance(ServerNames, ())
    socket = Unicode()
    most_pages = Int(1)
    names = List(Unicode())
    package = Instance(Path)

    def setup_template_dirs(self) -> None:
        """Serve our own static files and plotly's from this server."""
        super().setup_template_dirs()
        self.static_paths += [
            str(self.package / "static"),
            str(Path(plotly.__file__).parent / "package_data"),
        ]

    def init_settings(self) -> dict[str, Any]:
        """Return the settings of the server; what no handler knows is said to be unknown, in words."""
        settings: dict[str, Any] = super().init_settings()
        return settings | {"default_handler_class": NotFoundHandler}

    def init_handlers(self) -> list[Any]:
        """Return Voila's handlers behind our gate, ours in place of what serves files, trees and pages."""
        base = self.server_url.rstrip("/")
        kept = [item for item in super().init_handlers() if not _replaced(item[0], base)]
        page = {
            "template_paths": self.template_paths,
            "config": self.config,
            "voila_configuration": self.voila_configuration,
        }
        front = page | {"apps": self.names}
        places = Places(self.most_pages, self.n_open_pages)
        pages = [
            (rf"{base}/{name}", PageHandler, page | {"notebook_path": f"{name}.ipynb", "places": places})
            for name in self.names
        ]
        return [
            (Refused(self.gate), RefusedHandler),
            (rf"{base}/api/kernels/{ID}/channels", KernelSocket),
            (rf"{base}/voila/api/shutdown/{ID}", ClosedPageHandler),
            (rf"{base}/voila/query/{ID}", VisitHandler),
            (rf"{base}/voila/reach", ReachHandler),
            (rf"{base}/voila/static/style\.css", StyleHandler),
            (rf"{base}/login", LoginHandler),
            (rf"{base}/", FrontHandler, front | {"name": LANDING}),
            (rf"{base}/{HELP}", FrontHandler, front | {"name": HELP}),
            *([(base, RedirectHandler, {"url": f"{base}/", "permanent": False})] if base else []),
            *kept,
            *pages,
        ]

    def n_open_pages(self) -> int:
        """Return how many kernels have a visitor: those that are not kept ready for one."""
        manager = self.kernel_manager
        pools = getattr(manager, "_pools", {}).values()
        done = [task for pool in pools for task in pool if task.done() and not task.cancelled()]
        ready = {task.result()["kernel_id"] for task in done if task.exception() is None}
        return len(set(manager.list_kernel_ids()) - ready)

    def listen(self) -> None:
        """Serve until interrupted.

        Raises
        ------
        ServiceError
            The port is taken, or the socket cannot be made.
        """
        server = HTTPServer(self.app, xheaders=False)
        try:
            if self.socket:
                server.add_socket(bind_unix_socket(self.socket, mode=0o600))
            else:
                server.add_sockets(bind_sockets(self.port, self.ip))
        except OSError as error:
            where = self.socket or f"{self.ip}:{self.port}"
            raise ServiceError("apps", f"nothing can listen on {where}: {error.strerror}") from error
        self.ioloop = IOLoop.current()
        try:
            self.ioloop.start()
        except KeyboardInterrupt:
            self.log.info("Interrupted")
        finally:
            self.stop()


def _replaced(pattern: str, base: str) -> bool:
    known = (base, f"{base}/", "/login", "/logout")
    return pattern in known or pattern.startswith(tuple(f"{base}/voila/{name}" for name in OURS))
