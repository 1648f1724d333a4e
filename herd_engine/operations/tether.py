"""Become another program that the system kills as soon as the process that started it is gone.

``python tether.py PID PROGRAM ARGUMENT…``, started by process PID. A program of its own, because what
runs between a fork and an exec in a process with threads may hang. Linux only, standard library only.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""Option of prctl(2): the signal that a process gets when its parent dies; it survives exec."""


def main() -> None:
    """Tie this process to its parent, then become the program."""
    parent, program, *arguments = sys.argv[1:]
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != int(parent):
        sys.exit(f"process {parent} was gone before {program} began")
    os.execv(program, [program, *arguments])  # noqa: S606 - the command line of a part, no shell


if __name__ == "__main__":
    main()
