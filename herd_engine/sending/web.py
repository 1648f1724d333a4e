"""The one sender to web addresses: what was looked up and checked is written to, and nothing else.

Redirects are not followed, proxies of the environment are not asked: either would reach what was not checked.
"""

import ipaddress
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Timer
from typing import Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

from herd_engine.sending.public_address import Address, Network, is_public, plain_address, spelled_host

LONGEST_SECONDS = 15
SAMPLE_BYTES = 256
_PORTS = {"http": 80, "https": 443}
_WORTH_ANOTHER_TRY = (408, 425, 429)
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PostAnswer:
    """How a web address took what was written to it.

    Attributes
    ----------
    status : int or None
        None where it did not answer.
    error_code : str or None
        TARGET_BLOCKED, NO_SUCH_HOST, TIMEOUT, TLS_FAILED, NO_CONNECTION, or HTTP_ and its status; None for
        success.
    error_text : str
    retry_after : str or None
        What it said of when to come back.
    sample : str
        The beginning of what else it said, where it refused.
    """

    status: int | None = None
    error_code: str | None = None
    error_text: str = ""
    retry_after: str | None = None
    sample: str = ""

    @property
    def is_worth_another_try(self) -> bool:
        """Whether it may succeed later."""
        if self.status is None:
            return self.error_code != "TARGET_BLOCKED"
        return self.status >= _SERVER_ERROR or self.status in _WORTH_ANOTHER_TRY


def require_web_address(url: str) -> str:
    """Return a URL that can be written to.

    Raises
    ------
    ValueError
        It cannot.
    """
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname or parts.username or parts.password:
        raise ValueError("must be http:// or https:// with a host, without a name and password")
    spelled_host(parts.hostname)
    if _port(parts) == 0:
        raise ValueError("must have a port of 1 … 65535, or none")
    return url


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    allow: Sequence[Network] = (),
    seconds: float = LONGEST_SECONDS,
) -> PostAnswer:
    """Write to a web address; whatever goes wrong is in the answer.

    Parameters
    ----------
    url : str
        As ``require_web_address`` takes it.
    body : bytes
    headers : mapping of str to str
    allow : sequence of network
        Private addresses that may be written to.
    seconds : float
        For all of it, however slowly the other side talks.
    """
    import httpx  # noqa: PLC0415 - takes a while, and most commands send nothing

    parts = urlsplit(url)
    host, port = spelled_host(str(parts.hostname)), parts.port or _PORTS[parts.scheme]
    try:
        address = checked_address(host, port, allow)
    except OSError as error:
        return PostAnswer(error_code="NO_SUCH_HOST", error_text=error.strerror or "there is no such host")
    if address is None:
        text = "its address is private and not in allow"
        return PostAnswer(error_code="TARGET_BLOCKED", error_text=text)
    place = f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"
    pinned = urlunsplit(parts._replace(netloc=place, fragment=""))
    named = {**headers, "host": _netloc(host, parts.port)}
    with _deadline(seconds) as (limit, trace):
        try:
            with (
                httpx.Client(trust_env=False, follow_redirects=False, timeout=seconds) as client,
                client.stream(
                    "POST",
                    pinned,
                    content=body,
                    headers=named,
                    extensions={"sni_hostname": host, "trace": trace},
                ) as answer,
            ):
                return _answered(answer)
        except httpx.InvalidURL as error:
            return PostAnswer(error_code="TARGET_BLOCKED", error_text=str(error))
        except httpx.HTTPError as error:
            return _failed(error, is_late=limit.is_over or isinstance(error, httpx.TimeoutException))


def checked_address(host: str, port: int, allow: Sequence[Network]) -> Address | None:
    """Return an address of a host that may be written to; None if there is none. OSError: no such host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for *_, where in found:
        address = ipaddress.ip_address(str(where[0]).partition("%")[0])
        plain = plain_address(address)
        if is_public(address) or any(plain in network for network in allow):
            return plain
    return None


def _answered(answer: Any) -> PostAnswer:
    status = int(answer.status_code)
    if answer.is_success:
        return PostAnswer(status=status)
    sample = b""
    for part in answer.iter_raw():  # however much there is, only its beginning is read
        sample += part
        if len(sample) >= SAMPLE_BYTES:
            break
    return PostAnswer(
        status=status,
        error_code=f"HTTP_{status}",
        error_text=f"it answered {status}",
        retry_after=answer.headers.get("retry-after"),
        sample=sample[:SAMPLE_BYTES].decode("utf-8", "replace"),
    )


def _failed(error: Exception, *, is_late: bool) -> PostAnswer:
    text = str(error).rstrip(".") or type(error).__name__
    if is_late:
        return PostAnswer(error_code="TIMEOUT", error_text=text)
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLError):
            return PostAnswer(error_code="TLS_FAILED", error_text=text)
        seen = seen.__cause__ or seen.__context__
    return PostAnswer(error_code="NO_CONNECTION", error_text=text)


@dataclass(slots=True)
class _Limit:
    """Whether the time is over."""

    is_over: bool = False


@contextmanager
def _deadline(seconds: float) -> Iterator[tuple[_Limit, Any]]:
    """End a connection after a time: the library's own limit begins anew with every byte."""
    limit, streams = _Limit(), list[Any]()

    def trace(name: str, info: Mapping[str, Any]) -> None:
        if name in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            streams.append(info["return_value"])
            if limit.is_over:  # before there was anything to end
                end()

    def end() -> None:
        limit.is_over = True
        for stream in streams:
            with suppress(OSError):  # closed already, or handed on to TLS
                stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    timer = Timer(seconds, end)
    timer.start()
    try:
        yield limit, trace
    finally:
        timer.cancel()


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:  # no number, or beyond 65535
        return 0


def _netloc(host: str, port: int | None) -> str:
    name = f"[{host}]" if ":" in host else host
    return name if port is None else f"{name}:{port}"
