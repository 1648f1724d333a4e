"""Waiting for runs, with a runner started where none would execute them."""

import math
import time
from collections.abc import Iterator, Mapping
from typing import Any

from herd_engine.errors import ConflictError
from herd_engine.i18n.failure_words import kept_failure
from herd_engine.model.run_status import RunStatus
from herd_engine.runs import liveness
from herd_engine.runs.kept import KeptRuns
from herd_engine.storage.events import EventRow
from herd_engine.storage.run_rows import RunRow

LOOK_SECONDS = 0.25
START_SECONDS = 15.0
"""A runner needs some seconds until others see that it is alive."""


def finished_run(kept: KeptRuns, dataset_id: str, payload: Mapping[str, Any]) -> RunRow:
    """Return a run that succeeded: the finished one of the same identity, else wait for it.

    Raises
    ------
    ConflictError
        It failed, was canceled, or reached its time limit.
    ScenarioError, ParameterError, NotFoundError
    """
    run = kept.submit(dataset_id, payload).run
    for _ in follow(kept, run.id, start_runner=True):
        pass
    run = kept.get(run.id)
    if run.status is not RunStatus.SUCCEEDED:
        told = kept_failure(run.error_code, run.error_params, run.error_message)
        message = f"Run {run.id} is {run.status}. {told or ''}".rstrip()
        raise ConflictError(message, "run_not_succeeded", run.id)
    return run


def follow(kept: KeptRuns, run_id: str, *, start_runner: bool = False) -> Iterator[EventRow]:
    """Yield what happens to a run, as it happens, until it has ended.

    Parameters
    ----------
    kept : KeptRuns
    run_id : str
    start_runner : bool
        Start a runner whenever none is alive on this machine.
    """
    seen, started = 0, -math.inf
    while True:
        run = kept.get(run_id)
        for event in kept.events(run_id, seen):
            seen = event.seq
            yield event
        if not run.status.is_active:
            return
        if start_runner and time.monotonic() - started >= START_SECONDS and ensure_runner(kept):
            started = time.monotonic()
        time.sleep(LOOK_SECONDS)


def ensure_runner(kept: KeptRuns) -> bool:
    """Start a runner where none of this home is alive; tell whether one was started."""
    home = kept.store.settings.home
    if liveness.is_any_alive(home):
        return False
    liveness.start_runner(home)
    return True
