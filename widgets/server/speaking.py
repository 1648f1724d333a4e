"""What handlers of requests have in common: they speak the visitor's language, also when something fails."""

import logging
import secrets
from typing import Any

from tornado.web import HTTPError, RequestHandler

from herd_engine.i18n.catalogue import languages
from widgets.server.words import link, words_page
from widgets.texts import Texts
from widgets.visit import LANGUAGE_COOKIE, preferred_language

logger = logging.getLogger(__name__)
NAMES = {403: "refused", 404: "not_found", 429: "wrong_keys"}
"""Texts of answers by status; all others are failures of ours."""


class Speaking(RequestHandler):
    """Answers in words."""

    @property
    def texts(self) -> Texts:
        """The texts of the language that the address, else an earlier choice, else the browser says."""
        for said in (self.get_query_argument("lang", None), self.get_cookie(LANGUAGE_COOKIE)):
            if said is not None and said in languages():
                return Texts(said)
        return Texts(preferred_language(self.request.headers.get("Accept-Language", "")))

    def say(self, name: str, *, status: int = 200, **page: Any) -> None:
        """Answer with a page of words; see ``words_page``."""
        self.set_status(status)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")
        # After "no-referrer" browsers would send the form from the origin "null", which the gate refuses.
        self.set_header("Referrer-Policy", "same-origin")
        self.finish(words_page(name, self.texts, self.settings["base_url"], **page))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer a request that cannot be answered; a failure has an id that the log has too."""
        home = link(self.texts.t("door.home"), self.settings["base_url"])
        if status_code in NAMES:
            self.say(NAMES[status_code], status=status_code, content=home)
            return
        failure = secrets.token_hex(4)
        logger.error("failure %s", failure, exc_info=kwargs.get("exc_info"))
        self.say("failed", status=status_code, content=home, id=failure)


class NotFoundHandler(Speaking):
    """There is no such page."""

    def prepare(self) -> None:
        """Say so, whatever was asked for."""
        raise HTTPError(404)


class RefusedHandler(Speaking):
    """A request that the gate does not let in."""

    def initialize(self, *, refusal: str) -> None:
        """Take the reason."""
        self._refusal = refusal

    def prepare(self) -> None:
        """Say why, and what whoever runs the server can do where the visitor is meant to come in."""
        logger.warning(
            "Refused (%s): %s %s for %s, from %s",
            self._refusal, self.request.method, self.request.path, self.request.host, self._origin(),
        )  # fmt: skip
        self.say(self._refusal, status=403, host=self.request.host, origin=self._origin())

    def _origin(self) -> str:
        return self.request.headers.get("Origin", "–")
