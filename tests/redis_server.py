"""A Redis server behind a socket of its own."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
import redis

from tests.stores import absent


@contextmanager
def running_redis() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Return the URL of a server and its process, which is ended at the end."""
    program = shutil.which("redis-server")
    if program is None:
        absent("Redis is not installed (apt-get install redis-server)")
    folder = Path(tempfile.mkdtemp(prefix="herd-redis-"))  # short: the path of a socket has some 100 letters
    command = [str(program), "--port", "0", "--unixsocket", str(folder / "socket"), "--save", ""]
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    url = f"unix://{folder / 'socket'}"
    try:
        _wait_for(url, server)
        yield url, server
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    with redis.Redis.from_url(url) as client:
        for _ in range(200):
            assert server.poll() is None
            try:
                client.ping()
            except redis.ConnectionError:
                Event().wait(0.05)
            else:
                return
    pytest.fail("Redis does not answer")
