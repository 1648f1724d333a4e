"""What becomes of the runs of a runner that is known to have ended, and how the queue is counted."""

import pytest

from herd_engine.model.run_status import RunStatus
from herd_engine.storage.run_rows import Outcome, Queue
from herd_engine.storage.runs import MAX_ATTEMPTS


def test_a_run_of_a_runner_that_ended_is_queued_again(runs, scope, queued):
    run = queued()
    runs.claim("barn-7-abc")

    (released,) = runs.release("barn-7-")

    assert (released.id, released.status, released.attempt) == (run.id, "queued", 2)
    assert runs.claim("barn-8-def").id == run.id


@pytest.mark.parametrize("other", ["barn-71-abc", "barn_7-abc", "other-barn-7-abc"])
def test_runs_of_others_are_left_alone(runs, scope, queued, other):
    run = queued()
    runs.claim(other)

    assert runs.release("barn-7-") == []
    assert runs.release("%") == []
    assert runs.get(scope, run.id).worker == other


def test_a_run_that_was_to_stop_is_canceled(runs, scope, queued):
    run = queued()
    runs.claim("barn-7-abc")
    runs.request_cancel(scope, run.id)

    (released,) = runs.release("barn-7-")

    assert released.status == "canceled"
    assert released.finished_at is not None


def test_a_run_that_loses_every_runner_fails(runs, queued):
    queued()

    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert runs.claim("barn-7-abc").attempt == attempt
        (released,) = runs.release("barn-7-")

    assert (released.status, released.error_code) == ("failed", "WORKER_LOST")
    assert runs.claim("barn-7-abc") is None


def test_a_run_that_ended_is_not_released(runs, queued):
    run = queued()
    runs.claim("barn-7-abc")
    runs.finish(run.id, "barn-7-abc", Outcome(status=RunStatus.CANCELED))

    assert runs.release("barn-7-") == []


def test_the_queue_counts_what_waits_and_what_is_executed(runs, queued):
    assert runs.queue() == Queue(queued=0, running=0, heartbeat_at=None)
    for _ in range(3):
        queued()
    claimed = runs.claim("barn-7-abc")

    assert runs.queue() == Queue(queued=2, running=1, heartbeat_at=claimed.heartbeat_at)
