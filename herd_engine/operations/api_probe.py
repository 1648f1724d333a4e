"""Whether the service of a home answers, asked from beside it, as a container asks."""

from http.client import HTTPConnection, HTTPException
from pathlib import Path

from herd_engine.operations.ports import LOOPBACK, remembered_port

PATHS = {True: "/api/health/live", False: "/api/health/ready"}
SECONDS = 4.0


def probe(home: Path, wished: int, *, alive: bool = False) -> str:
    """Return what is wrong with the service, in words; nothing where it can work (``alive``: answers)."""
    port = remembered_port(home, "api", wished)
    connection = HTTPConnection(LOOPBACK, port, timeout=SECONDS)
    try:
        connection.request("GET", PATHS[alive])
        response = connection.getresponse()
        said = response.read(500).decode(errors="replace")
    except (OSError, HTTPException) as error:
        return f"nobody answers at {LOOPBACK}:{port}: {error}"
    finally:
        connection.close()
    return "" if response.status == 200 else f"{response.status}: {said}"
