"""The life cycle of a run, on both databases."""

import pytest

from herd_engine.errors import ConflictError, NotFoundError, ParameterError
from herd_engine.model.run_status import RunStatus
from herd_engine.storage.artifacts import Artifacts
from herd_engine.storage.datasets import DatasetTable
from herd_engine.storage.events import Events
from herd_engine.storage.farms import FarmTable
from herd_engine.storage.run_rows import Outcome, Progress
from herd_engine.storage.runs import MAX_ATTEMPTS
from tests.herd_engine.storage.rows import new_dataset, no_files, published

PUBLISHED = published()
FAILED = Outcome(status=RunStatus.FAILED, error_code="BATCH_FAILED", error_params={"first_run": 64})
CANCELED = Outcome(status=RunStatus.CANCELED)
TIMEOUT = Outcome(status=RunStatus.TIMEOUT, error_code="TIMEOUT")


def types_of_events(database, run_id):
    return [event.type for event in Events(database).after(run_id)]


def test_a_run_goes_from_queued_to_succeeded(database, runs, scope, queued):
    run = queued(priority=5, timeout_seconds=60.5)
    assert (run.status, run.attempt, run.seed, run.timeout_seconds) == ("queued", 1, 2**53 - 1, 60.5)

    claimed = runs.claim("w1")
    assert (claimed.id, claimed.status, claimed.worker) == (run.id, RunStatus.RUNNING, "w1")
    assert claimed.started_at >= run.queued_at

    assert runs.publish(run.id, "w1", PUBLISHED)
    done = runs.get(scope, run.id)
    assert (done.status, done.manifest_hash, done.content_hash) == ("succeeded", "m" * 64, "c" * 64)
    assert done.finished_at >= claimed.started_at
    assert Artifacts(database).list_artifacts(scope, run.id) == PUBLISHED.artifacts
    assert types_of_events(database, run.id) == ["queued", "running", "succeeded"]


def test_times_are_aware_and_utc(runs, queued):
    assert queued().queued_at.utcoffset().total_seconds() == 0
    assert runs.claim("w1").heartbeat_at.utcoffset().total_seconds() == 0


def test_nothing_to_claim_is_none(runs):
    assert runs.claim("w1") is None


def test_the_highest_priority_is_claimed_first_then_the_oldest(runs, queued):
    low, first, second, high = queued(priority=-10), queued(), queued(), queued(priority=100)

    assert [runs.queue_position(run.id) for run in (low, first, second, high)] == [4, 2, 3, 1]
    assert [runs.claim("w1").id for _ in range(4)] == [high.id, first.id, second.id, low.id]
    assert runs.queue_position(low.id) is None


def end(runs, scope, run, how):
    """Bring a run into a state: its worker is w1."""
    if how != "queued":
        assert runs.claim("w1").id == run.id
    ends = {
        "queued": lambda: True,
        "running": lambda: True,
        "succeeded": lambda: runs.publish(run.id, "w1", PUBLISHED),
        "failed": lambda: runs.finish(run.id, "w1", FAILED),
        "canceled": lambda: runs.finish(run.id, "w1", CANCELED),
        "timeout": lambda: runs.finish(run.id, "w1", TIMEOUT),
    }
    assert ends[how]()


@pytest.mark.parametrize("state", ["queued", "succeeded", "failed", "canceled", "timeout"])
def test_only_a_running_run_can_be_ended(database, runs, scope, queued, state):
    run = queued()
    end(runs, scope, run, state)
    before, events = runs.get(scope, run.id), types_of_events(database, run.id)

    assert not runs.publish(run.id, "w1", PUBLISHED)
    assert not any(runs.finish(run.id, "w1", outcome) for outcome in (FAILED, CANCELED, TIMEOUT))
    assert not runs.requeue(run.id, "w1")
    assert not runs.heartbeat(run.id, "w1").is_mine
    assert not runs.report_progress(run.id, "w1", Progress(stage="x", completed_runs=1, total_runs=2)).is_mine
    assert runs.silent(0.0) == ()
    assert runs.get(scope, run.id) == before
    assert types_of_events(database, run.id) == events


@pytest.mark.parametrize("state", ["succeeded", "failed", "canceled", "timeout"])
def test_a_run_that_ended_is_neither_claimed_nor_canceled(runs, scope, queued, state):
    run = queued()
    end(runs, scope, run, state)
    before = runs.get(scope, run.id)

    assert runs.claim("w2") is None
    assert runs.request_cancel(scope, run.id) == before


def test_another_worker_cannot_touch_a_run(runs, scope, queued):
    run = queued()
    before = runs.claim("w1")

    assert not runs.publish(run.id, "w2", PUBLISHED)
    assert not runs.finish(run.id, "w2", FAILED)
    assert not runs.requeue(run.id, "w2")
    assert not runs.heartbeat(run.id, "w2").is_mine
    assert runs.get(scope, run.id) == before


@pytest.mark.parametrize("status", ["queued", "running", "succeeded"])
def test_an_outcome_is_an_end_without_a_result(status):
    with pytest.raises(ParameterError, match="be failed, canceled or timeout"):
        Outcome(status=RunStatus(status))


def test_an_error_is_kept(database, runs, scope, queued):
    run = queued()
    end(runs, scope, run, "failed")

    done = runs.get(scope, run.id)
    assert (done.status, done.error_code, done.error_params) == ("failed", "BATCH_FAILED", {"first_run": 64})
    last = Events(database).after(run.id)[-1]
    assert (last.type, last.data) == (
        "failed",
        {"error_code": "BATCH_FAILED", "error_params": {"first_run": 64}},
    )


def test_progress_is_a_heartbeat_and_an_event(database, runs, scope, queued):
    run = queued()
    claimed = runs.claim("w1")
    progress = Progress(
        stage="simulate",
        completed_runs=30,
        total_runs=100,
        runs_per_second=12.5,
        eta_seconds=5.6,
        partial={"milking": {"p50": [100.0, 101.5]}},
    )

    beat = runs.report_progress(run.id, "w1", progress)

    assert (beat.is_mine, beat.cancel_requested) == (True, False)
    stored = runs.get(scope, run.id)
    assert stored.progress == progress
    assert stored.heartbeat_at > claimed.heartbeat_at
    assert Events(database).after(run.id, 2)[0].data["completed_runs"] == 30


def test_a_queued_run_is_canceled_at_once(database, runs, scope, queued):
    run = queued()

    canceled = runs.request_cancel(scope, run.id)

    assert canceled.status is RunStatus.CANCELED
    assert canceled.finished_at is not None
    assert runs.request_cancel(scope, run.id) == canceled
    assert types_of_events(database, run.id) == ["queued", "canceled"]


def test_a_running_run_is_asked_to_stop_and_then_cannot_be_published(database, runs, scope, queued):
    run = queued()
    runs.claim("w1")

    asked = runs.request_cancel(scope, run.id)

    assert (asked.status, asked.cancel_requested, asked.finished_at) == (RunStatus.RUNNING, True, None)
    assert runs.request_cancel(scope, run.id) == asked
    assert runs.heartbeat(run.id, "w1").cancel_requested
    assert not runs.publish(run.id, "w1", PUBLISHED)
    assert not runs.requeue(run.id, "w1")
    assert Artifacts(database).list_artifacts(scope, run.id) == ()
    assert runs.finish(run.id, "w1", CANCELED)
    assert types_of_events(database, run.id) == ["queued", "running", "cancel_requested", "canceled"]


def test_a_run_is_tried_three_times(runs, scope, queued):
    run = queued()
    first = runs.claim("w1")

    assert runs.requeue(run.id, "w1")
    again = runs.claim("w2")
    assert (again.id, again.attempt, again.started_at) == (run.id, 2, first.started_at)
    assert runs.requeue(run.id, "w2")
    assert runs.claim("w1").attempt == 3
    assert not runs.requeue(run.id, "w1")
    assert runs.get(scope, run.id).status is RunStatus.RUNNING


def test_a_worker_begins_a_run_anew_twice_and_tells_why(database, runs, queued):
    run = queued()
    runs.claim("w1")

    assert runs.retry(run.id, "w2", "not mine") is None
    assert [runs.retry(run.id, "w1", "lost").attempt for _ in range(2)] == [2, 3]
    assert runs.retry(run.id, "w1", "lost") is None

    assert types_of_events(database, run.id) == ["queued", "running", "retry", "retry"]
    assert Events(database).after(run.id, 3)[0].data == {"attempt": 3, "reason": "lost"}


def test_a_run_that_is_to_be_canceled_is_not_begun_anew(runs, scope, queued):
    run = queued()
    runs.claim("w1")
    runs.request_cancel(scope, run.id)

    assert runs.retry(run.id, "w1", "lost") is None


def test_a_silent_run_is_taken_up_again_and_fails_when_it_loses_every_runner(database, runs, scope, queued):
    lost, still_queued = queued(priority=1), queued()
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert runs.claim("w1").attempt == attempt
        assert runs.silent(60.0) == ()
        (taken_up,) = runs.take_up(runs.silent(0.0))

        assert taken_up == runs.get(scope, lost.id)
        if attempt < MAX_ATTEMPTS:
            assert (taken_up.status, taken_up.attempt, taken_up.worker) == ("queued", attempt + 1, None)
            assert types_of_events(database, lost.id)[-1] == "queued"

    assert (taken_up.status, taken_up.error_code) == ("failed", "WORKER_LOST")
    assert types_of_events(database, lost.id)[-1] == "failed"
    assert runs.get(scope, still_queued.id).status is RunStatus.QUEUED


def test_a_run_that_was_heard_of_since_it_seemed_silent_is_left_alone(runs, scope, queued):
    run = queued()
    runs.claim("w1")
    silent = runs.silent(0.0)
    runs.heartbeat(run.id, "w1")

    assert [each.id for each in silent] == [run.id]
    assert runs.take_up(silent) == []
    assert runs.get(scope, run.id).status is RunStatus.RUNNING


def test_an_idle_worker_takes_no_lock(database, runs, queued):
    """Another process holds the only right to write: nothing is to do, and none asks for it."""
    with database.transaction():
        assert runs.claim("w1") is None
        assert runs.take_up(()) == []


def test_publishing_grows_the_version_of_the_farm(database, runs, scope, queued):
    run = queued()
    before = FarmTable(database).version(scope.farm_id)
    end(runs, scope, run, "succeeded")

    assert FarmTable(database).version(scope.farm_id) == before + 1


@pytest.mark.parametrize("state", ["queued", "running", "succeeded"])
def test_a_run_of_the_same_hash_is_reused(runs, scope, new_run, state):
    first = runs.submit(new_run(run_hash="h"))
    end(runs, scope, first.run, state)

    again = runs.submit(new_run(run_hash="h"))

    assert (first.reused, again.reused, again.run.id, again.run.status) == (False, True, first.run.id, state)


@pytest.mark.parametrize("state", ["failed", "canceled", "timeout"])
def test_a_run_that_gave_no_result_is_not_reused(runs, scope, new_run, state):
    first = runs.submit(new_run(run_hash="h"))
    end(runs, scope, first.run, state)

    again = runs.submit(new_run(run_hash="h"))

    assert not again.reused
    assert again.run.id != first.run.id


def test_a_run_that_is_asked_to_stop_is_not_reused(runs, scope, new_run):
    first = runs.submit(new_run(run_hash="h"))
    runs.claim("w1")
    runs.request_cancel(scope, first.run.id)

    assert not runs.submit(new_run(run_hash="h")).reused


def test_another_attempt_can_be_forced(runs, new_run):
    first = runs.submit(new_run(run_hash="h"))

    again = runs.submit(new_run(run_hash="h"), force=True)

    assert not again.reused
    assert again.run.id != first.run.id


def test_hashes_are_not_shared_between_farms(database, runs, scope, foreign, new_run):
    from_here = runs.submit(new_run(run_hash="h")).run
    there = DatasetTable(database).add(new_dataset(foreign), no_files).dataset
    other = runs.submit(new_run(run_hash="h", farm_id=foreign.farm_id, dataset_id=there.id))

    assert not other.reused
    assert other.run.id != from_here.id


def test_a_repeated_request_gives_the_same_run(runs, scope, new_run):
    first = runs.submit(new_run(run_hash="h"), idempotency_key="k")
    end(runs, scope, first.run, "failed")

    for force in (False, True):
        again = runs.submit(new_run(run_hash="h"), force=force, idempotency_key="k")
        assert (again.reused, again.run.id) == (True, first.run.id)


def test_a_key_used_for_something_else_is_a_conflict(runs, new_run):
    runs.submit(new_run(run_hash="h"), idempotency_key="k")

    with pytest.raises(ConflictError, match="idempotency key 'k' was used for another run"):
        runs.submit(new_run(run_hash="other"), idempotency_key="k")


@pytest.mark.parametrize("what", ["farm_id", "dataset_id", "scenario_id"])
@pytest.mark.parametrize("wrong", ["8c5b17bc-2d1c-4f6e-a3f4-0c8e3a4e9a11", "a\0b", ""])
def test_a_run_of_something_that_is_not_there_is_not_found(runs, new_run, what, wrong):
    with pytest.raises(NotFoundError, match=f"no {what.removesuffix('_id')}"):
        runs.submit(new_run(**{what: wrong}))
