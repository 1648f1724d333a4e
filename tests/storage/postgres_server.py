"""A private PostgreSQL, made of the installed programs, for the time of the tests."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


@contextmanager
def running_server(folder: Path) -> Iterator[str]:
    """Start a server behind a socket of its own; yield its URL with a place for a ``name``."""
    user = unprivileged()
    home = Path(tempfile.mkdtemp(prefix="herd-pg-"))
    if user is not None:
        os.chown(home, user.pw_uid, user.pw_gid)

    def call(program: str, *arguments: str) -> None:
        more = {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        with (home / "output").open("ab") as output:
            subprocess.run(
                [folder / program, "-D", home / "data", *arguments],
                check=True,
                cwd=home,
                stdout=output,
                stderr=output,
                **more,
            )

    try:
        call("initdb", "--auth=trust", "--username=herd", "--encoding=UTF8", "--locale=C", "--no-sync")
        call("pg_ctl", "start", "-w", "-l", str(home / "log"), "-o", f"{SETTINGS} -k {home}")
        try:
            yield f"postgresql+psycopg://herd@/{{name}}?host={home}"
        finally:
            call("pg_ctl", "stop", "-m", "immediate")
    finally:
        shutil.rmtree(home)
