"""The command `herd`: parsing and printing only."""

import io
import sys

from herd_engine import __version__

__all__ = ["main"]


def main() -> None:
    """Run the command line; Ctrl-C ends it with a word, even while the modules are being loaded."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character shows a question mark
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"herd {__version__}\n")
        return
    try:
        from herd_engine.cli.app import run  # noqa: PLC0415 - loading takes a second or two

        code = run()
    except KeyboardInterrupt:
        code = 130
    if code == 130:
        sys.stderr.write("Stopped. No file is half written.\n")
    sys.exit(code)
