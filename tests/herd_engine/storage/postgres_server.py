"""A private PostgreSQL, made of the installed programs, for the time of the tests."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

SETTINGS = "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off"


def programs() -> Path | None:
    """Return the folder of the newest installed server programs, if there is one."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not folders and (found := shutil.which("initdb")):
        folders = [Path(found).parent]
    return max(folders, key=lambda path: path.parent.name, default=None)


def unprivileged() -> pwd.struct_passwd | None:
    """Return whom the server runs as where we are root, which the programs refuse."""
    if os.getuid() != 0:
        return None
    users = {user.pw_name: user for user in pwd.getpwall()}
    return users.get("postgres") or users["nobody"]


class Server:
    """A server behind a socket of its own, which a test may kill and start again."""

    def __init__(self, programs: Path) -> None:
        self._programs, self._user = programs, unprivileged()
        self.home = Path(tempfile.mkdtemp(prefix="herd-pg-"))
        if self._user is not None:
            os.chown(self.home, self._user.pw_uid, self._user.pw_gid)
        self._call("initdb", "--auth=trust", "--username=herd", "--encoding=UTF8", "--locale=C", "--no-sync")

    @property
    def url(self) -> str:
        """With a place for the ``name`` of a database."""
        return f"postgresql+psycopg://herd@/{{name}}?host={self.home}"

    def start(self) -> None:
        self._call("pg_ctl", "start", "-w", "-l", str(self.home / "log"), "-o", f"{SETTINGS} -k {self.home}")

    def kill(self) -> None:
        """End it as a crash would: nothing is put in order before."""
        self._call("pg_ctl", "stop", "-m", "immediate")

    def processes(self) -> list[psutil.Process]:
        main = psutil.Process(int((self.home / "data" / "postmaster.pid").read_text().split()[0]))
        return [main, *main.children(recursive=True)]

    def _call(self, program: str, *arguments: str) -> None:
        user = self._user
        more = {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        with (self.home / "output").open("ab") as output:
            subprocess.run(
                [self._programs / program, "-D", self.home / "data", *arguments],
                check=True,
                cwd=self.home,
                stdout=output,
                stderr=output,
                **more,
            )


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """Let a server run for the duration of the block."""
    server = Server(folder)
    try:
        server.start()
        yield server
    finally:
        with suppress(subprocess.CalledProcessError):  # a test may have left it dead
            server.kill()
        shutil.rmtree(server.home)


@contextmanager
def running_server(folder: Path) -> Iterator[str]:
    """Start a server; yield its URL with a place for a ``name``."""
    with running(folder) as server:
        yield server.url
