"""A run is shared by identity; who asked for it, and how urgently, is each one's own; on both databases."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from herd_engine.errors import ConflictError, NotFoundError, ParameterError
from herd_engine.model.run_status import RunStatus
from herd_engine.model.source import Source
from herd_engine.storage import idempotency
from herd_engine.storage.run_rows import RunFilters, Skipped
from herd_engine.storage.scope import Scope
from herd_engine.storage.submissions import SubmissionTable
from herd_engine.storage.tables import idempotency as keys
from herd_engine.storage.tables import now
from tests.herd_engine.storage.rows import published


@pytest.fixture
def submissions(database):
    return SubmissionTable(database)


@pytest.fixture
def shared(runs, new_run):
    """Return a queued run that anna and boris asked for, anna with greater urgency."""
    runs.submit(new_run(run_hash="h", owner="anna", priority=5, timeout_seconds=60.0), source=Source.APP)
    return runs.submit(new_run(run_hash="h", owner="boris", priority=1, timeout_seconds=90.0)).run


def listed(runs, scope, owner):
    return [run.id for run in runs.list_runs(scope, RunFilters(owner=owner)).items]


def finish(runs, run):
    assert runs.claim("w").id == run.id
    assert runs.publish(run.id, "w", published(run.id))


def test_reuse_by_another_user_is_a_submission_of_his_and_the_owner_stays(runs, scope, submissions, new_run):
    first = runs.submit(new_run(run_hash="h", owner="anna"), source=Source.APP)
    second = runs.submit(new_run(run_hash="h", owner="boris"), source=Source.API, note="for Monday")

    assert (second.run.id, second.reused, second.run.owner) == (first.run.id, True, "anna")
    assert [(each.principal, each.source, each.note) for each in submissions.of_run(scope, first.run.id)] == [
        ("anna", Source.APP, None),
        ("boris", Source.API, "for Monday"),
    ]
    assert second.submission == submissions.get(Scope(scope.farm_id, "boris"), second.submission.id)
    with pytest.raises(NotFoundError, match="no submission"):
        submissions.get(Scope(scope.farm_id, "anna"), second.submission.id)


def test_each_has_a_shared_run_in_the_own_history_when_it_was_asked_for_last(runs, scope, new_run):
    shared = runs.submit(new_run(run_hash="h", owner="anna")).run
    own = runs.submit(new_run(owner="boris")).run
    runs.submit(new_run(run_hash="h", owner="boris"))
    runs.submit(new_run(run_hash="h", owner="boris"))

    assert listed(runs, scope, "anna") == [shared.id]
    assert listed(runs, scope, "boris") == [shared.id, own.id]
    first = runs.list_runs(scope, RunFilters(owner="boris"), limit=1)
    second = runs.list_runs(scope, RunFilters(owner="boris"), first.next_cursor, 1)
    assert [run.id for run in (*first.items, *second.items)] == [shared.id, own.id]
    assert second.next_cursor is None


def test_a_shared_run_is_as_urgent_and_as_long_as_the_most_eager_wants_it(runs, scope, shared, new_run):
    assert (shared.priority, shared.timeout_seconds) == (5, 90.0)

    assert runs.submit(new_run(run_hash="h", owner="clara", priority=7)).run.priority == 7
    assert runs.get(scope, shared.id).timeout_seconds is None


def test_one_cancels_only_the_own_wish_and_the_last_one_the_run(runs, scope, shared):
    left = runs.request_cancel(scope, shared.id, "anna")
    assert (left.status, left.priority, left.timeout_seconds) == (RunStatus.QUEUED, 1, 90.0)
    assert listed(runs, scope, "anna") == []

    with pytest.raises(ConflictError, match="asked for by others: boris"):
        runs.request_cancel(scope, shared.id, "anna")

    assert runs.request_cancel(scope, shared.id, "boris").status is RunStatus.CANCELED
    assert listed(runs, scope, "boris") == [shared.id]


def test_whoever_may_cancels_for_everybody(runs, scope, shared):
    assert runs.request_cancel(scope, shared.id).status is RunStatus.CANCELED


def test_deleting_takes_the_own_wish_back_and_the_last_one_deletes(runs, scope, shared):
    finish(runs, shared)

    kept = runs.delete(scope, [shared.id], "anna")
    assert (kept.deleted_ids, kept.skipped) == ((), (Skipped(shared.id, "wanted_by_others"),))
    assert (listed(runs, scope, "anna"), listed(runs, scope, "boris")) == ([], [shared.id])

    assert runs.delete(scope, [shared.id], "boris").deleted_ids == (shared.id,)


def test_nobody_deletes_what_only_others_asked_for(runs, scope, shared):
    finish(runs, shared)

    assert runs.delete(scope, [shared.id], "clara").skipped == (Skipped(shared.id, "wanted_by_others"),)
    assert listed(runs, scope, "anna") == listed(runs, scope, "boris") == [shared.id]
    assert runs.delete(scope, [shared.id]).deleted_ids == (shared.id,)


def test_a_key_of_one_user_is_not_that_of_another(runs, new_run):
    first = runs.submit(new_run(run_hash="h", owner="anna"), idempotency_key="k")
    other = runs.submit(new_run(run_hash="i", owner="boris", priority=3), idempotency_key="k")

    assert not other.reused
    assert other.run.id != first.run.id
    assert other.submission.priority == 3


@pytest.mark.parametrize(
    "changes", [{"run_hash": "other"}, {"priority": 1}, {"timeout_seconds": 9.0}, {"scenario_id": "other"}]
)
def test_a_key_is_of_one_request_with_all_its_wishes(runs, new_run, changes):
    runs.submit(new_run(run_hash="h"), idempotency_key="k")

    with pytest.raises((ConflictError, NotFoundError)) as raised:
        runs.submit(new_run(**({"run_hash": "h"} | changes)), idempotency_key="k")
    assert "scenario_id" in changes or "was used for another run" in str(raised.value)


def test_a_request_answered_by_reuse_keeps_its_key(runs, new_run):
    runs.submit(new_run(run_hash="of 50 replicates"))
    reused = runs.submit(new_run(run_hash="of 50 replicates"), idempotency_key="k")

    with pytest.raises(ConflictError, match="was used for another run"):
        runs.submit(new_run(run_hash="of 51 replicates"), idempotency_key="k")
    again = runs.submit(new_run(run_hash="of 50 replicates"), idempotency_key="k")
    assert (again.run.id, again.submission) == (reused.run.id, reused.submission)


def test_a_key_is_forgotten_after_a_day_and_with_what_it_gave(database, runs, scope, new_run):
    first = runs.submit(new_run(run_hash="h"), idempotency_key="k")
    with database.transaction() as connection:
        connection.execute(sa.update(keys).values(expires_at=now() - timedelta(seconds=1)))
    assert runs.submit(new_run(run_hash="i"), idempotency_key="k").run.id != first.run.id

    second = runs.submit(new_run(run_hash="j"), idempotency_key="l")
    runs.request_cancel(scope, second.run.id)
    runs.delete(scope, [second.run.id])
    assert runs.submit(new_run(run_hash="j"), idempotency_key="l").run.id != second.run.id


def test_keys_that_expired_take_no_room(database, runs, new_run, monkeypatch):
    monkeypatch.setattr(idempotency, "KEPT_HOURS", -1)
    for number in range(3):
        runs.submit(new_run(), idempotency_key=f"k{number}")

    with database.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(keys)).scalar() == 1


def test_submissions_are_listed_newest_first_without_the_hidden_ones(runs, scope, submissions, new_run):
    made = [runs.submit(new_run(owner="anna")) for _ in range(3)]
    runs.request_cancel(scope, made[1].run.id)
    runs.delete(scope, [made[1].run.id], "anna")
    runs.submit(new_run(owner="boris"))

    first = submissions.list_submissions(Scope(scope.farm_id, "anna"), limit=1)
    second = submissions.list_submissions(Scope(scope.farm_id, "anna"), cursor=first.next_cursor, limit=1)
    assert [each.id for each in (*first.items, *second.items)] == [
        made[2].submission.id,
        made[0].submission.id,
    ]
    assert len(submissions.list_submissions(scope).items) == 3


def test_a_note_has_at_most_200_characters(runs, new_run):
    with pytest.raises(ParameterError, match="`note` must have at most 200"):
        runs.submit(new_run(), note="x" * 201)


def test_a_forecast_has_a_name_that_can_be_changed_and_found(runs, scope, new_run):
    run = runs.submit(new_run(name="  Осенний   план ")).run
    assert run.name == "Осенний план"

    assert runs.rename(scope, run.id, "Fewer culls").name == "Fewer culls"
    assert [row.id for row in runs.list_runs(scope, RunFilters(text="FEWER")).items] == [run.id]
    assert runs.list_runs(scope, RunFilters(text="осенний")).items == ()
    assert runs.rename(scope, run.id, None).name is None
    with pytest.raises(ParameterError, match="`name` must have 1 … 200"):
        runs.rename(scope, run.id, " ")


def test_a_run_that_is_reused_keeps_its_name_and_takes_one_where_it_has_none(runs, new_run):
    runs.submit(new_run(run_hash="h"))
    assert runs.submit(new_run(run_hash="h", name="First")).run.name == "First"
    assert runs.submit(new_run(run_hash="h", name="Second")).run.name == "First"


def test_one_run_of_a_farm_is_its_plan(runs, scope, foreign, queued):
    assert runs.starred(scope.farm_id) is None
    first, second = queued(), queued()

    assert runs.star(scope, first.id).starred
    assert runs.starred(scope.farm_id).id == first.id
    runs.star(scope, second.id)
    assert runs.starred(scope.farm_id).id == second.id
    assert [run.id for run in runs.list_runs(scope, RunFilters(starred=True)).items] == [second.id]
    assert runs.starred(foreign.farm_id) is None

    runs.star(scope, second.id, starred=False)
    assert runs.starred(scope.farm_id) is None
    with pytest.raises(NotFoundError):
        runs.star(foreign, first.id)


def test_a_run_without_a_result_is_no_plan(runs, scope, queued):
    run = queued()
    runs.request_cancel(scope, run.id)

    with pytest.raises(ConflictError, match="is canceled; a plan needs a run with a result"):
        runs.star(scope, run.id)


def test_the_plan_of_a_farm_is_neither_deleted_nor_pruned(runs, scope, queued):
    run = queued()
    finish(runs, run)
    runs.star(scope, run.id)

    assert runs.delete(scope, [run.id]).skipped == (Skipped(run.id, "starred"),)
    assert runs.prune_candidates(scope.farm_id, keep=0) == ()
    runs.star(scope, run.id, starred=False)
    assert [row.id for row in runs.prune_candidates(scope.farm_id, keep=0)] == [run.id]
