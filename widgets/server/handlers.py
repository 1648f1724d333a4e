"""The pages of the apps, and what they ask for beside their kernels."""

import secrets
from collections.abc import AsyncIterator, Awaitable
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode, urlsplit

from tornado.web import HTTPError, RequestHandler, authenticated
from tornado.websocket import WebSocketHandler
from voila.request_info_handler import RequestInfoSocketHandler
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from widgets.front import front_page
from widgets.look import stylesheet
from widgets.server.gate import is_from_elsewhere
from widgets.server.places import Places
from widgets.server.speaking import Speaking
from widgets.server.words import link

TICKET, TOKEN, LANGUAGE = "place", "token", "lang"
"""What an address may say beside what a page is about: place in the queue, key, language."""


class OwnPage(Speaking, TornadoVoilaHandler):  # type: ignore[misc]
    """A page, in the visitor's language, at an address without a key."""

    async def prepare(self) -> None:
        """Send the visitor to the address that says the language and, the key once taken, no key."""
        said = dict(parse_qsl(self.request.query, keep_blank_values=True))
        if TOKEN in said:
            await self.identity_provider.get_user(self)  # a right one becomes a cookie
        wanted = {name: value for name, value in said.items() if name != TOKEN}
        wanted.setdefault(LANGUAGE, self.texts.language)
        if wanted != said:
            self.redirect(f"{self.request.path}?{urlencode(wanted)}")
            return
        await cast("Awaitable[None]", super().prepare())


class PageHandler(OwnPage):
    """A page with a kernel, where there is a place for it."""

    def initialize(self, *, places: Places, **settings: Any) -> None:
        """Take what limits the number of pages."""
        super().initialize(**settings)
        self._places = places

    @authenticated
    async def get(self, path: str | None = None) -> None:
        """Answer with the page, or say what it waits for."""
        if is_from_elsewhere(self.request):
            # Another site's link, or its script: a kernel is started when the visitor says so on our page.
            self.say("elsewhere", content=link(self.texts.t("door.elsewhere_button"), self.request.uri or ""))
            return
        ticket = self.get_query_argument(TICKET, None) or secrets.token_hex(8)
        if number := self._places.ask(ticket):
            self._wait(ticket, number)
            return
        parts = self.get_generator(path=path)
        with self._places.arrive():
            first = await anext(parts, "")  # its kernel is there now, and counts as itself
        await self._send(first, parts)

    async def _send(self, first: str, parts: AsyncIterator[str]) -> None:
        self.write(first)
        self.flush()
        async for part in parts:
            self.write(part)
            self.flush()

    def _wait(self, ticket: str, number: int) -> None:
        said = dict(parse_qsl(self.request.query)) | {TICKET: ticket}
        self.set_header("Retry-After", "3")
        again = f"{self.request.path}?{urlencode(said)}"
        self.say("waiting", status=503, again=again, number=number, most=self._places.most)


class FrontHandler(OwnPage):
    """A page of words alone."""

    def initialize(self, *, name: str, apps: list[str], **settings: Any) -> None:
        """Take the name of the page, and those of the apps that it leads to."""
        super().initialize(**settings)
        self._name, self._apps = name, apps

    @authenticated
    async def get(self, path: str | None = None) -> None:
        """Answer with the page; what its address says of language and farm goes along with its links."""
        said = {name: self.get_query_argument(name, None) for name in (LANGUAGE, "farm")}
        query = {name: value for name, value in said.items() if value}
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(front_page(self._name, self.texts.language, self._apps, query))


class KernelSocket(VoilaKernelWebsocketHandler):  # type: ignore[misc]
    """What a page and its kernel tell each other."""

    def check_origin(self, origin: str | None = None) -> bool:
        """Let in whom the gate has let in."""
        return True


class ClosedPageHandler(VoilaShutdownKernelHandler):  # type: ignore[misc]
    """What a page says when it is closed. It knows its kernel's id, which nobody can guess."""

    def check_xsrf_cookie(self) -> None:
        """Ask for no token, which a message sent while a page closes cannot carry."""

    def check_origin(self, origin_to_satisfy_tornado: str = "") -> bool:
        """Let in whom the gate has let in."""
        return True


class ReachHandler(WebSocketHandler):
    """Tells a page whether its websockets come through, and else what of its address does."""

    async def get(self, *path: str, **named: str) -> None:
        """Open a websocket, or say as whom we were called: a proxy may have changed that."""
        if self.request.headers.get("Upgrade", "").lower() == "websocket":
            await super().get(*path, **named)
        else:
            self.set_header("Cache-Control", "no-store")
            self.finish({"host": self.request.host})

    def open(self) -> None:
        """That was all."""
        self.close()

    def check_origin(self, origin: str) -> bool:
        """Let in whom the gate has let in."""
        return True


class VisitHandler(RequestInfoSocketHandler):  # type: ignore[misc]
    """Tells a kernel that was kept ready about its visitor; nobody else knows its id."""

    def prepare(self) -> None:
        """Answer kernels of ours alone."""
        if urlsplit(self.request.uri or "").path.rpartition("/")[2] not in self.settings["kernel_manager"]:
            raise HTTPError(404)


class StyleHandler(RequestHandler):
    """The style sheet."""

    def get(self) -> None:
        """Answer with the style sheet."""
        self.set_header("Content-Type", "text/css; charset=utf-8")
        self.finish(stylesheet())
