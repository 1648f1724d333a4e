"""A connection that is too slow is cut, one with headers without measure is refused, others go on."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from threading import Thread

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from herd_engine.api import connections
from herd_engine.api.connections import PatientProtocol

HEAD = b"Host: here\r\n"
Connect = Callable[[], socket.socket]


async def told_size(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer how many bytes the body has."""
    size, is_more = 0, True
    while is_more:
        message = await receive()
        size, is_more = size + len(message.get("body", b"")), message.get("more_body", False)
    body = str(size).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """Return what connects to a server whose patience is a second."""
    monkeypatch.setattr(connections, "HEADER_SECONDS", 1.0)
    monkeypatch.setattr(connections, "BODY_SECONDS", 1.0)
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(told_size, http=PatientProtocol, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield lambda: socket.create_connection(listening.getsockname(), 60)
    server.should_exit = True
    thread.join()
    listening.close()


def asked(sender: socket.socket, request: bytes) -> bytes:
    """Return what is answered at first; nothing where the connection is cut."""
    try:
        sender.sendall(request)
        return sender.recv(65_536)
    except ConnectionResetError:
        return b""


def test_a_kept_connection_is_asked_again_and_again(connect: Connect) -> None:
    with closing(connect()) as sender:
        for size in (0, 300_000, 0, 70_000):
            answer = asked(
                sender, b"POST / HTTP/1.1\r\n%bContent-Length: %d\r\n\r\n%b" % (HEAD, size, b"x" * size)
            )
            assert answer.startswith(b"HTTP/1.1 200")
            assert answer.endswith(b"\r\n\r\n%d" % size)


@pytest.mark.parametrize("end", [b"\r\n\r\n", b""], ids=["ended", "not ended"])
def test_headers_without_measure_are_refused(connect: Connect, end: bytes) -> None:
    with closing(connect()) as sender:
        answer = asked(sender, b"GET / HTTP/1.1\r\n" + HEAD + b"X-Long: " + b"a" * 20_000 + end)

    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b'"code": "HEADERS_TOO_LARGE"' in answer


@pytest.mark.parametrize(
    "begun", [b"GET / HT", b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 9000\r\n\r\nabc"]
)
def test_who_does_not_get_on_is_cut(connect: Connect, begun: bytes) -> None:
    at = time.monotonic()
    with closing(connect()) as sender:
        assert asked(sender, begun) == b""

    assert time.monotonic() - at >= 1.0
