"""What is written to web addresses takes its time at most, and every failure has a name."""

import ipaddress
import socket
import threading
import time
from contextlib import suppress

import pytest

from herd_engine.sending.web import post

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


@pytest.fixture
def server():
    """Return what starts a server of one connection, which a function talks to; gives its URL."""
    sockets, threads = [], []

    def serve(talk):
        listening = socket.create_server(("127.0.0.1", 0))
        sockets.append(listening)

        def accept():
            with suppress(OSError):
                connection, _ = listening.accept()
                with connection:
                    connection.recv(65536)
                    talk(connection)

        threads.append(threading.Thread(target=accept))
        threads[-1].start()
        return f"://127.0.0.1:{listening.getsockname()[1]}/hook"

    yield serve
    for listening in sockets:
        listening.close()
    for thread in threads:
        thread.join(timeout=10)


def says(text):
    return lambda connection: connection.sendall(text.encode())


def drips(connection):
    with suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for _ in range(1000):
            connection.sendall(b"x")
            time.sleep(0.05)


def test_a_receiver_that_talks_without_end_is_left_in_time(server):
    url = "http" + server(drips)
    began = time.monotonic()

    answer = post(url, b"{}", {}, allow=LOOPBACK, seconds=0.5)

    assert (answer.status, answer.error_code) == (None, "TIMEOUT")
    assert time.monotonic() - began < 20


def test_the_beginning_of_a_refusal_is_kept(server):
    refusal = "HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\nContent-Length: 1000\r\n\r\n" + "slowly! " * 125

    answer = post("http" + server(says(refusal)), b"{}", {}, allow=LOOPBACK)

    assert (answer.status, answer.error_code, answer.retry_after) == (429, "HTTP_429", "7")
    assert answer.sample == ("slowly! " * 125)[:256]
    assert answer.is_worth_another_try


def test_a_server_without_tls_is_told_from_one_that_is_down(server):
    plain = post("https" + server(says("HTTP/1.1 200 OK\r\n\r\n")), b"{}", {}, allow=LOOPBACK)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # not listening
        down = post(f"http://127.0.0.1:{taken.getsockname()[1]}", b"{}", {}, allow=LOOPBACK)

    assert (plain.error_code, down.error_code) == ("TLS_FAILED", "NO_CONNECTION")
    assert plain.is_worth_another_try
    assert down.is_worth_another_try


@pytest.mark.parametrize(
    "found", ["127.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254"]
)
def test_a_name_that_leads_to_a_private_address_is_blocked(monkeypatch, found):
    monkeypatch.setattr(
        "herd_engine.sending.web.socket.getaddrinfo", lambda *_, **__: [(0, 0, 0, "", (found, 80))]
    )

    answer = post("http://hooks.example/", b"{}", {})

    assert answer.error_code == "TARGET_BLOCKED"
    assert not answer.is_worth_another_try


def test_a_name_that_nobody_has_may_be_there_later(monkeypatch):
    def nobody(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr("herd_engine.sending.web.socket.getaddrinfo", nobody)

    answer = post("http://hooks.example/", b"{}", {})

    assert (answer.error_code, answer.is_worth_another_try) == ("NO_SUCH_HOST", True)
