"""Which requests are listened to at all: those that name this server, and come from its own pages.

A browser lets any page send requests anywhere, to this machine too. What keeps them out, and why each:

* ``Host``: a page whose name its owner lets point to this machine for a moment (DNS rebinding) is of the
  same origin as we in the eyes of the browser; only the name in this header gives it away;
* ``Origin``: a websocket may be opened, and a form sent, by any page; the browser says by which;
* ``Sec-Fetch-Site``: pictures, frames and scripts of other pages send no origin, but this. Another port of
  this machine is the "same site", and another server all the same.

A request without these headers comes from a program, which no page can make send it.
"""

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self
from urllib.parse import urlsplit

from tornado.httputil import HTTPServerRequest
from tornado.routing import Matcher

from herd_engine.errors import ParameterError

HOSTS_VARIABLE = "HERD_APPS_HOSTS"
ANY_NAME = "*"
HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^][:/@?#\s]+)(:(?P<port>[0-9]{1,5}))?")
"""A name or an address, and a port, as in the header of this name."""
DEFAULT_PORTS = {"http": 80, "https": 443}


class GateRefusal(StrEnum):
    """Why a request is not listened to."""

    HOST = "host"
    ORIGIN = "origin"
    SITE = "site"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerNames:
    """What this server is called.

    Attributes
    ----------
    names : frozenset of str
        Names, lower case, by which visitors reach it beside those of this machine itself; with a port
        (``farm.example:8443``) also where a proxy hides the name of the page from us. ``*`` for every name:
        somebody else has checked it.
    is_loopback : bool
        Whether it can be reached from this machine alone. Where others can, every address in figures is
        its own: no page has a name of figures but the one of that address.
    """

    names: frozenset[str] = frozenset()
    is_loopback: bool = True

    @classmethod
    def of(cls, names: Iterable[str], *, is_loopback: bool) -> Self:
        """Return the gate of a server; one that others can reach goes by the names of its machine, too.

        Raises
        ------
        ParameterError
            What should be a name is none.
        """
        wanted = [name.strip().lower() for name in names if name.strip()]
        for name in wanted:
            if not HOST.fullmatch(name):
                raise ParameterError(HOSTS_VARIABLE, name, "be names, or name:port, with commas between")
        own = () if is_loopback else (socket.gethostname().lower(), socket.getfqdn().lower())
        return cls(names=frozenset((*wanted, *own)), is_loopback=is_loopback)

    def refusal(self, request: HTTPServerRequest) -> GateRefusal | None:
        """Return why a request is refused; None for one that is listened to."""
        headers = request.headers
        if not self._is_ours(request.host):
            return GateRefusal.HOST
        origin = headers.get("Origin") or headers.get("Sec-Websocket-Origin")
        if origin is not None and not self._is_own_page(origin, request.host):
            return GateRefusal.ORIGIN
        if origin is None and is_from_elsewhere(request) and not _is_visit(request):
            return GateRefusal.SITE
        return None

    def _is_ours(self, host: str) -> bool:
        if ANY_NAME in self.names:
            return True
        try:
            name, _ = _split(host, None)
        except ValueError:
            return False
        if {name, host.lower()} & self.names or name == "localhost":
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or not self.is_loopback

    def _is_own_page(self, origin: str, host: str) -> bool:
        try:
            parts = urlsplit(origin.lower())
            default = DEFAULT_PORTS[parts.scheme]
            page = _split(parts.netloc, default)
            own = (host, *(name for name in self.names if name != ANY_NAME))
            return page in {_split(each, default) for each in own}
        except (KeyError, ValueError):
            return False  # "null" among others


class Refused(Matcher):
    """Catches what the gate refuses, before anything else is looked at."""

    def __init__(self, gate: ServerNames) -> None:
        self._gate = gate

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Return what the handler of refused requests is told; None for a request that is let in."""
        refusal = self._gate.refusal(request)
        return None if refusal is None else {"target_kwargs": {"refusal": refusal}}


def is_from_elsewhere(request: HTTPServerRequest) -> bool:
    """Tell whether the browser says that another site made it ask."""
    return request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin")


def _is_visit(request: HTTPServerRequest) -> bool:
    """Tell whether somebody follows a link to a page, which is to be seen by itself and not in a frame."""
    said = [request.headers.get(f"Sec-Fetch-{name}") for name in ("Mode", "Dest")]
    return request.method == "GET" and said == ["navigate", "document"]


def _split(host: str, default_port: int | None) -> tuple[str, int | None]:
    """Return name, or address without brackets, and port of ``name:port``; ValueError for another text."""
    found = HOST.fullmatch(host.lower())
    if found is None:
        raise ValueError(host)
    name, port = found["name"].strip("[]").rstrip("."), found["port"]
    return name, int(port) if port else default_port
