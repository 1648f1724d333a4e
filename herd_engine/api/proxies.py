"""What stands before the service: who really asks, and below which path it is reached from outside."""

from ipaddress import ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import Scope

from herd_engine.errors import ParameterError


class Proxies:
    """Those whose word about a caller counts; everybody else is who they are.

    Parameters
    ----------
    networks : tuple of str
        Addresses or networks, such as ``10.0.0.7`` or ``10.0.0.0/8``.
    prefix : str
        Path below which the service is reached from outside; a proxy that counts may say another.

    Raises
    ------
    ParameterError
        What is no network, or no path.
    """

    def __init__(self, networks: tuple[str, ...] = (), prefix: str = "") -> None:
        try:
            self._networks = [ip_network(each) for each in networks]
        except ValueError as error:
            rule = "name addresses or networks, with commas"
            raise ParameterError("HERD_API_PROXIES", ",".join(networks), rule) from error
        if prefix and not prefix.startswith("/"):
            raise ParameterError("HERD_API_ROOT_PATH", prefix, "begin with /")
        self._prefix = prefix.rstrip("/")

    def seen_through(self, scope: Scope) -> tuple[Scope, str]:
        """Return a request as its sender made it, and the prefix that the addresses of its answer need."""
        headers, prefix = Headers(scope=scope), self._prefix
        if self._counts((scope.get("client") or ("",))[0]):
            prefix = headers.get("x-forwarded-prefix", prefix).rstrip("/")
            scope = {**scope, "client": (self._sender(headers) or scope["client"][0], 0)}
            if headers.get("x-forwarded-proto") in {"http", "https"}:
                scope["scheme"] = headers["x-forwarded-proto"]
        if prefix and scope["path"].startswith(f"{prefix}/"):  # a proxy that hands it on whole
            scope = {**scope, "path": scope["path"].removeprefix(prefix)}
        return scope, prefix if prefix.startswith("/") and not prefix.startswith("//") else ""

    def _sender(self, headers: Headers) -> str | None:
        """Return the last address that was not added by one of ours: anybody can say what is before it."""
        said = headers.get("x-forwarded-for") or _forwarded(headers.get("forwarded", ""))
        hops = [_address(each.strip()) for each in said.split(",") if each.strip()]
        return next((hop for hop in reversed(hops) if not self._counts(hop)), None)

    def _counts(self, address: str) -> bool:
        if not self._networks:
            return False
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._networks)


def _forwarded(text: str) -> str:
    """Return the addresses of RFC 7239 in the older form."""
    pairs = (pair.strip() for hop in text.split(",") for pair in hop.split(";"))
    said = [pair.partition("=")[2].strip('"') for pair in pairs if pair.lower().startswith("for=")]
    return ",".join(said)


def _address(hop: str) -> str:
    """Return a hop without its port."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
