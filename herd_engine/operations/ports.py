"""Ports of this machine: which are wished for, and whether somebody is there."""

import json
import socket
from pathlib import Path

from herd_engine.errors import ServiceError
from herd_engine.exports.atomic_write import write_atomically

LOOPBACK = "127.0.0.1"
APPS_PORT = 8866
"""Where the apps are served; another port where this one is taken."""
WISHED: dict[str, int] = {}
"""Name of a part that wants a port of its own, and the port; all others take a free one."""


KEPT = "ports.json"
"""In the home: name of a part and the port that it has each time, so that addresses stay what they are."""
NEXT_PORTS = 20


def kept_port(home: Path, name: str, wished: int, chosen: int | None = None) -> int:
    """Return the port that a part is to have.

    Parameters
    ----------
    home : Path
        Where the port is remembered. One that somebody else has for the moment stays remembered.
    name : str
        Of the part.
    wished : int
        The first time; the next free one where that is taken.
    chosen : int, optional
        By whoever starts it; from then on.

    Raises
    ------
    ServiceError
        The chosen port is taken.
    """
    kept = _kept_ports(home)
    if chosen is not None and is_listening(LOOPBACK, chosen):
        raise ServiceError(name, f"port {chosen} is taken by another program; end that, or choose another")
    others = {each for part, each in kept.items() if part != name}
    port = chosen or _first_free(kept.get(name, wished), others)
    if chosen or kept.get(name) is None or kept[name] in others:
        write_atomically(home / KEPT, json.dumps(kept | {name: port}).encode())
        (home / KEPT).chmod(0o600)
    return port


def remembered_port(home: Path, name: str, wished: int) -> int:
    """Return the port that a part had last; nothing is written."""
    return _kept_ports(home).get(name, wished)


def _kept_ports(home: Path) -> dict[str, int]:
    try:
        found = json.loads((home / KEPT).read_bytes())
    except (FileNotFoundError, ValueError):  # none yet, or torn: it is written anew
        return {}
    return {name: port for name, port in found.items() if isinstance(port, int)}


def _first_free(port: int, others: set[int]) -> int:
    """Return the next port that nobody has, nor another part of this home will have."""
    near = (each for each in range(port, min(port + NEXT_PORTS, 65536)) if each not in others)
    return next((each for each in near if not is_listening(LOOPBACK, each)), None) or free_port()


def is_listening(host: str, port: int) -> bool:
    """Tell whether somebody answers there."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
