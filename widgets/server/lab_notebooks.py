"""What the tile of the notebooks in JupyterLab starts: they are copied beside one's files, and opened."""

import argparse
import asyncio
from pathlib import Path

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_unix_socket
from tornado.web import Application, RequestHandler

from herd_engine.errors import OutputError
from herd_engine.i18n.catalogue import ENGLISH
from herd_engine.i18n.error_words import error_text
from herd_engine.i18n.wording import wording
from widgets.analyst_notebooks import copy_out

FOLDER, FIRST = "herd-notebooks", "guide/first_forecast.ipynb"


class Opening(RequestHandler):
    """Sends a browser to the first of the notebooks."""

    def initialize(self, root: Path, base_url: str) -> None:
        """Take what the application was made with."""
        self._root, self._base_url = root, base_url

    def get(self) -> None:
        """Copy what is not there yet; somebody's own changes stay."""
        try:
            copy_out(self._root / FOLDER)
        except OutputError as error:
            self.set_status(500)
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.finish(error_text(error, wording(ENGLISH)))
            return
        self.redirect(f"{self._base_url}lab/tree/{FOLDER}/{FIRST}")


def application(root: Path, base_url: str) -> Application:
    """Return the application; ``root`` is where JupyterLab keeps files, ``base_url`` where it is served."""
    return Application([(r"/.*", Opening, {"root": root, "base_url": base_url})])


async def serve(arguments: argparse.Namespace) -> None:
    """Serve on the socket until the process is ended."""
    server = HTTPServer(application(arguments.root, arguments.base_url))
    server.add_socket(bind_unix_socket(arguments.socket, mode=0o600))
    await asyncio.Event().wait()


def main() -> None:
    """Parse what `widgets.lab` gives and serve."""
    parser = argparse.ArgumentParser(prog="python -m widgets.server.lab_notebooks", description=__doc__)
    parser.add_argument("--socket", required=True)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--base-url", required=True)
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
