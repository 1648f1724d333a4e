"""Looking at runs: lists, pages, pins, deleting; and the chain that outlives them."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from herd_engine.errors import NotFoundError, ParameterError
from herd_engine.model.run_status import RunStatus
from herd_engine.storage.artifacts import Artifacts
from herd_engine.storage.datasets import DatasetTable
from herd_engine.storage.events import Events
from herd_engine.storage.farms import FarmTable
from herd_engine.storage.manifest_ledger import ManifestLedger
from herd_engine.storage.run_rows import RunFilters, Skipped
from herd_engine.storage.scenarios import NewScenarioRow, ScenarioTable
from herd_engine.storage.scope import Scope
from herd_engine.storage.tables import manifest_ledger, run
from tests.herd_engine.storage.rows import new_dataset, no_files, published

UNKNOWN = "8c5b17bc-2d1c-4f6e-a3f4-0c8e3a4e9a11"


@pytest.fixture
def succeeded(runs, queued):
    """Make a run that has succeeded and return its id."""

    def make(manifest_hash="m" * 64, **changes):
        run_id = queued(priority=1000, **changes).id
        assert runs.claim("w").id == run_id
        assert runs.publish(run_id, "w", published(manifest_hash))
        return run_id

    return make


def ids_of(page):
    return [item.id for item in page.items]


def test_pages_stay_put_while_runs_are_added(runs, scope, queued):
    old_first = [queued().id for _ in range(7)]

    first = runs.list_runs(scope, limit=3)
    queued()
    second = runs.list_runs(scope, cursor=first.next_cursor, limit=3)
    queued()
    third = runs.list_runs(scope, cursor=second.next_cursor, limit=3)

    assert ids_of(first) + ids_of(second) + ids_of(third) == old_first[::-1]
    assert third.next_cursor is None


def test_runs_of_the_same_moment_are_each_shown_once(database, runs, scope, queued):
    expected = {queued().id for _ in range(5)}
    with database.transaction() as connection:
        connection.execute(sa.update(run).values(queued_at=datetime(2026, 1, 1, tzinfo=UTC)))

    seen, cursor = [], None
    for _ in range(5):
        page = runs.list_runs(scope, cursor=cursor, limit=1)
        seen, cursor = [*seen, *ids_of(page)], page.next_cursor

    assert sorted(seen) == sorted(expected)
    assert cursor is None


@pytest.mark.parametrize("cursor", ["", "nonsense", "YWJj", "ä", "fA==", "Zm9vfGJhcnxiYXo="])
def test_a_damaged_cursor_is_refused(runs, scope, cursor):
    with pytest.raises(ParameterError, match="`cursor` must be the next_cursor of a page of the same list"):
        runs.list_runs(scope, cursor=cursor)


def test_a_cursor_of_another_list_is_refused(runs, scope, foreign, queued):
    queued()
    queued()
    cursor = runs.list_runs(scope, limit=1).next_cursor

    for where, filters in ((foreign, RunFilters()), (scope, RunFilters(statuses=(RunStatus.FAILED,)))):
        with pytest.raises(ParameterError, match="same list"):
            runs.list_runs(where, filters, cursor=cursor)


@pytest.mark.parametrize("limit", [0, -1, 501])
def test_a_page_has_1_to_500_items(runs, scope, limit):
    with pytest.raises(ParameterError, match="`limit` must be within 1 … 500"):
        runs.list_runs(scope, limit=limit)


def test_runs_are_filtered(database, runs, scope, queued):
    scenario = ScenarioTable(database).add(
        NewScenarioRow(
            farm_id=scope.farm_id, owner="anna", name="Больше КОРОВ", params={}, schema_version="2"
        )
    )
    group = "3f1b17bc-2d1c-4f6e-a3f4-0c8e3a4e9a11"
    plain, grouped, named = queued().id, queued(group_id=group).id, queued(scenario_id=scenario.id).id
    runs.pin(scope, grouped)
    runs.request_cancel(scope, plain)
    middle = runs.get(scope, grouped).queued_at

    def found(**filters):
        return ids_of(runs.list_runs(scope, RunFilters(**filters)))

    assert found() == [named, grouped, plain]
    assert found(statuses=(RunStatus.CANCELED, RunStatus.FAILED)) == [plain]
    assert found(group_id=group) == found(pinned=True) == [grouped]
    assert found(pinned=False) == [named, plain]
    assert found(scenario_id=scenario.id) == found(text="коров") == [named]
    assert found(text="HERD.") == [named, grouped, plain]
    assert found(text=plain[:13].upper()) == [plain]
    assert found(text="%") == found(text="\0%") == []
    assert found(created_from=middle) == [named, grouped]
    assert found(created_to=middle) == [plain]
    assert found(created_from=middle, created_to=middle + timedelta(days=1), pinned=True) == [grouped]


def test_a_list_can_be_of_one_owner(runs, scope, queued):
    of_anna, of_boris = (queued(owner=owner).id for owner in ("anna", "boris"))

    assert ids_of(runs.list_runs(scope, RunFilters(owner="anna"))) == [of_anna]
    assert ids_of(runs.list_runs(scope, RunFilters(owner="boris"))) == [of_boris]
    assert ids_of(runs.list_runs(scope, RunFilters(owner="Anna"))) == []
    assert ids_of(runs.list_runs(scope)) == [of_boris, of_anna]


def test_runs_of_another_farm_or_owner_are_not_found(database, runs, scope, foreign, queued):
    run_id = queued(owner="anna").id

    for other in (foreign, Scope(scope.farm_id, "boris")):
        for call in (runs.get, runs.pin, runs.request_cancel, Artifacts(database).list_artifacts):
            with pytest.raises(NotFoundError, match=f"There is no run {run_id}"):
                call(other, run_id)
        assert runs.list_runs(other).items == ()
        assert runs.delete(other, [run_id]).skipped == (Skipped(run_id, "not_found"),)
    assert runs.get(Scope(scope.farm_id, "anna"), run_id).status is RunStatus.QUEUED


def test_finished_runs_are_deleted_and_others_skipped(database, runs, scope, queued, succeeded):
    done, active = succeeded(), queued().id
    before = FarmTable(database).version(scope.farm_id)

    deleted = runs.delete(scope, [done, active, UNKNOWN, "a\0b", done])

    assert deleted.deleted_ids == (done,)
    assert deleted.skipped == (
        Skipped(active, "active"),
        Skipped(UNKNOWN, "not_found"),
        Skipped("a\0b", "not_found"),
    )
    assert Events(database).after(done) == ()
    assert FarmTable(database).version(scope.farm_id) == before + 1
    assert [entry.pruned_at is None for entry in ManifestLedger(database).entries(scope.farm_id)] == [False]


def test_the_newest_and_the_pinned_are_kept(runs, scope, queued, succeeded):
    old_first = [succeeded() for _ in range(6)]
    queued()
    runs.pin(scope, old_first[1])

    assert [run.id for run in runs.prune_candidates(scope.farm_id, keep=3)] == [old_first[0], old_first[2]]
    assert runs.prune_candidates(scope.farm_id, keep=6) == ()

    runs.pin(scope, old_first[1], pinned=False)
    assert [run.id for run in runs.prune_candidates(scope.farm_id, keep=5)] == [old_first[0]]


def test_only_files_that_were_published_exist(database, scope, succeeded):
    artifacts, run_id = Artifacts(database), succeeded()

    assert artifacts.get(scope, run_id, "result.json").role == "result"
    with pytest.raises(NotFoundError, match=r"There is no artifact \.\./secret"):
        artifacts.get(scope, run_id, "../secret")


def test_events_are_resumed_after_any_number(database, scope, queued):
    events, run_id = Events(database), queued().id
    assert [events.append(run_id, "note", {"n": n}) for n in range(4)] == [2, 3, 4, 5]

    assert [event.seq for event in events.after(run_id, 3)] == [4, 5]
    assert [event.seq for event in events.after(run_id, 0, limit=2)] == [1, 2]
    assert events.after(run_id, 5) == ()
    assert events.after(run_id)[-1].seq == 5
    assert events.after(run_id, 1)[0].data == {"n": 0}


def test_a_run_that_does_not_exist_has_no_events(database):
    with pytest.raises(NotFoundError, match="There is no run"):
        Events(database).append(UNKNOWN, "note", {})
    assert Events(database).after(UNKNOWN) == ()


def test_farms_have_chains_of_their_own(database, runs, scope, foreign, queued, succeeded):
    from_here = succeeded("1" * 64)
    there = DatasetTable(database).add(new_dataset(foreign), no_files).dataset
    succeeded("2" * 64, farm_id=foreign.farm_id, dataset_id=there.id)
    second = succeeded("3" * 64)

    entries = ManifestLedger(database).entries(scope.farm_id)

    assert [(entry.seq, entry.run_id, entry.chain_previous) for entry in entries] == [
        (1, from_here, None),
        (2, second, "1" * 64),
    ]
    assert ManifestLedger(database).entries(foreign.farm_id)[0].chain_previous is None


@pytest.mark.parametrize(
    "change",
    [
        {"manifest_hash": "x" * 64},
        {"run_hash": "x"},
        {"run_id": UNKNOWN},
        {"chain_previous": "x" * 64},
        {"link_hash": "x" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
@pytest.mark.parametrize("pruned", [False, True])
def test_a_changed_link_is_found_also_after_pruning(database, runs, scope, succeeded, change, pruned):
    ids = [succeeded(each * 64) for each in "123"]
    if pruned:
        runs.delete(scope, ids)
    ledger = ManifestLedger(database)
    assert ledger.verify(scope.farm_id) == ()

    for entry in ledger.entries(scope.farm_id):
        link = sa.update(manifest_ledger).where(manifest_ledger.c.seq == entry.seq)
        was = {name: getattr(entry, name) for name in change}
        with database.transaction() as connection:
            connection.execute(link.values(**change))
        assert entry.seq in {fault.seq for fault in ledger.verify(scope.farm_id)}
        with database.transaction() as connection:
            connection.execute(link.values(**was))


@pytest.mark.parametrize("removed", [[1], [2], [3], [2, 3]])
def test_a_removed_link_is_found(database, scope, succeeded, removed):
    ids = [succeeded(each * 64) for each in "123"]
    with database.transaction() as connection:
        connection.execute(sa.delete(manifest_ledger).where(manifest_ledger.c.seq.in_(removed)))

    faults = ManifestLedger(database).verify(scope.farm_id)

    assert {ids[seq - 1] for seq in removed} <= {fault.run_id for fault in faults}
