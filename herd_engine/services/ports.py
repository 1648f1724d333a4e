"""Ports of this machine: which are wished for, and whether somebody is there."""

import socket

LOOPBACK = "127.0.0.1"
APPS_PORT = 8866
"""Where the apps are served; another port where this one is taken."""
WISHED: dict[str, int] = {}
"""Name of a part that wants a port of its own, and the port; all others take a free one."""


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
