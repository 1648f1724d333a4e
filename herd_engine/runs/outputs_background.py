"""While a runner works, the outputs table is kept up beside it: a run that succeeded never waits for it."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from threading import Event, Thread

from herd_engine.errors import HerdError
from herd_engine.runs.facts_background import FollowingFacts
from herd_engine.runs.store import Store
from herd_engine.storage.outputs.index import MOST_RUNS, OutputsIndex
from herd_engine.storage.outputs.output_runs import Activity, OutputRun
from herd_engine.storage.tables import now

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
LONGEST_WAIT = timedelta(seconds=5)
MAINTAIN_AFTER_COMMITS = 16
MAINTAIN_ANYWAY_AFTER_COMMITS = 128
"""When runs are coming without a break."""
RETRY_SECONDS = 60.0


@contextmanager
def keeping_outputs(store: Store) -> Iterator[None]:
    """Append what is published to the outputs table, in the background, and at the end what is left.

    A fault of the table is logged and no fault of the runs: they stay pending, readers see them all the
    same, and whoever works next appends them.
    """
    with closing(OutputsIndex(store.database, store.files)) as index:
        stop = Event()
        thread = Thread(target=_keep, args=(index, FollowingFacts(store), stop), name="outputs")
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
        _succeeds(lambda: sum(iter(index.flush, 0)))


def is_due(pending: Sequence[OutputRun], activity: Activity, moment: datetime) -> bool:
    """Tell whether it is time for a commit: few and large ones, but none late.

    That is when nothing else is to come, when many runs are pending, or when one has waited for long; the
    runs of a group wait for the last of it.
    """
    waiting = [run for run in pending if run.group_id not in activity.groups]
    return bool(pending) and (
        not activity.is_any_active
        or len(pending) >= MOST_RUNS
        or any(moment - run.published_at > LONGEST_WAIT for run in waiting)
    )


def _keep(index: OutputsIndex, facts: FollowingFacts, stop: Event) -> None:
    commits, wait = 0, LOOK_SECONDS

    def look() -> None:
        nonlocal commits
        activity = index.runs.activity()
        if is_due(index.runs.pending(MOST_RUNS), activity, now()):
            index.flush()
            commits += 1
        elif commits >= (MAINTAIN_ANYWAY_AFTER_COMMITS if activity.is_any_active else MAINTAIN_AFTER_COMMITS):
            index.maintain()
            commits = 0

    while not stop.wait(wait):
        wait = LOOK_SECONDS if _succeeds(look) and _succeeds(facts.catch_up) else RETRY_SECONDS


def _succeeds(task: Callable[[], object]) -> bool:
    """Do something about the table and tell whether it succeeded; log why not."""
    try:
        task()
    except HerdError as error:
        logger.warning("The outputs table is behind, which no reader notices: %s", error)
        return False
    except Exception:
        # The border: what is wrong with an index must not end the process that makes the results.
        logger.exception("The outputs table is behind, which no reader notices.")
        return False
    return True
