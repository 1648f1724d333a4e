"""Receivers on this machine, a home with channels, and a database of either kind."""

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from herd_engine.storage.database import open_database
from herd_engine.storage.upgrading import upgrade

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - of these tests
OLD_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"  # noqa: S105


@dataclass
class Answer:
    """What a receiver says."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    after_seconds: float = 0.0


@dataclass
class Receiver:
    """A web server that remembers what it was sent, and answers in turn; the last answer for ever."""

    answers: list[Answer] = field(default_factory=lambda: [Answer()])
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0
    left: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"


@pytest.fixture
def receiver():
    found = Receiver()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            with lock:
                found.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                answer = found.answers[min(len(found.got), len(found.answers)) - 1]
            found.left.wait(answer.after_seconds)
            with suppress(ConnectionError):
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()

        def log_message(self, *_words: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield found
        found.left.set()
        server.shutdown()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'herd.db'}"
    else:
        url = request.getfixturevalue("migrated_postgres")()
    with open_database(url) as opened:
        upgrade(opened)
        yield opened


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("HUB_SECRET", SECRET)
    monkeypatch.setenv("OLD_HUB_SECRET", OLD_SECRET)
    folder = tmp_path / "home"
    folder.mkdir()
    return folder
