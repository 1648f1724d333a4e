"""A real provider of tokens on this machine: started, told to change its keys, killed, started again."""

import json
import shutil
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.node_packages import node_file


def library() -> Path:
    """Return the program of the provider."""
    return node_file("oauth2-mock-server", "dist/index.mjs")


def free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port: int = place.getsockname()[1]
    return port


@dataclass
class Provider:
    """One provider, at the same address whenever it runs."""

    port: int = field(default_factory=free_port)
    process: subprocess.Popen[str] | None = None
    issuer: str = ""

    def start(self, key: str) -> None:
        """Start with one new key of this name: those of before are withdrawn."""
        node = shutil.which("node") or "node"
        command = [node, str(Path(__file__).with_suffix(".mjs")), str(library()), str(self.port)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.issuer = self._line()
        self.add_key(key)

    def add_key(self, name: str) -> None:
        self._ask({"key": name})

    def token(self, kid: str, **claims: Any) -> str:
        return self._ask({"kid": kid, "claims": claims})

    def kill(self) -> None:
        """End at once, as in a power cut."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None

    def _ask(self, wish: dict[str, Any]) -> str:
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(wish) + "\n")
        self.process.stdin.flush()
        return self._line()

    def _line(self) -> str:
        assert self.process is not None
        assert self.process.stdout is not None
        line = self.process.stdout.readline().strip()
        assert line, "the provider has ended"
        return line
