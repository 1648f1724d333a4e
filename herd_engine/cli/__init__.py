"""The command `herd`: parsing and printing only."""

from herd_engine.cli.main import main

__all__ = ["main"]
