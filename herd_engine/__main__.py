"""`python -m herd_engine` is `herd`."""

from herd_engine.cli import main

main()
