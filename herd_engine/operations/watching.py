"""`herd watch` as a process: it gives signs of life, waits for its store, ends when it is asked to."""

from contextlib import closing
from pathlib import Path

from herd_engine.execution.patience import Patience
from herd_engine.monitoring.watch import watch_of
from herd_engine.operations.parts import WATCH
from herd_engine.operations.supervisor import stopped_by_signals
from herd_engine.runs.home import make_home
from herd_engine.runs.signs_of_life import beating
from herd_engine.runs.store import Store, StoreSettings


def watch_home(home: Path | None, *, once: bool = False) -> tuple[str, ...]:
    """Look at policies and send messages until the process is asked to end, or once.

    Returns
    -------
    tuple of str
        What could not be done once, in words.
    """
    wanted = StoreSettings.from_environment(home)
    make_home(wanted.home)
    troubles = list[str]()
    with stopped_by_signals() as stop, beating(wanted.home, WATCH) as beat:
        patience = Patience(waits=not once, tell=beat.tell)

        def wait(seconds: float) -> None:
            if stop.wait(seconds):
                raise SystemExit(0)  # asked to end while the store is away

        with closing(patience.lasting(lambda: Store(wanted), wait)) as store:
            watch = watch_of(store, troubles.append if once else beat.tell)
            if once:
                stop.set()
                watch.turn()
            watch.run(stop)
    return tuple(filter(None, troubles))
