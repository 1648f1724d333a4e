"""A small disk of its own, which a test may fill or make read-only; only root may mount one."""

import shutil
import subprocess
from pathlib import Path


def mount_disk(folder: Path, size: str = "1m") -> bool:
    """Mount a disk, of one megabyte by default; False where that is not allowed."""
    return _call("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))


def make_read_only(folder: Path) -> None:
    assert _call("mount", "-o", "remount,ro", str(folder))


def unmount(folder: Path) -> None:
    assert _call("umount", "--lazy", str(folder))  # a connection that failed may not be collected yet


def _call(program: str, *arguments: str) -> bool:
    path = shutil.which(program)
    return path is not None and subprocess.run([path, *arguments], check=False).returncode == 0
