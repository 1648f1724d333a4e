"""Many at once: nothing is lost, done twice, or half done."""

import itertools
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from herd_engine.model.run_status import RunStatus
from herd_engine.storage.artifacts import Artifacts
from herd_engine.storage.events import Events
from herd_engine.storage.farms import FarmTable, bump_farm_version
from herd_engine.storage.manifest_ledger import ManifestLedger
from herd_engine.storage.tables import farm_version
from tests.herd_engine.storage.processes import add_one_each, claim_all, count_up
from tests.herd_engine.storage.rows import published


def at_once(*works):
    """Call all of them from threads that start together; return what they return."""
    gate = threading.Barrier(len(works))

    def call(work):
        gate.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(call, works))


@pytest.fixture
def counter(database, scope):
    """Return a row that counts, from 0."""
    with database.transaction() as connection:
        bump_farm_version(connection, scope.farm_id)
        connection.execute(sa.update(farm_version).values(version=0))
    return scope.farm_id


def test_eight_threads_lose_no_update(database, counter):
    at_once(*[lambda: add_one_each(database, counter, 200)] * 8)

    assert FarmTable(database).version(counter) == 8 * 200


def test_two_processes_lose_no_update(database, url, counter, two_processes):
    list(two_processes.map(count_up, [url] * 2, [counter] * 2, [200] * 2))

    assert FarmTable(database).version(counter) == 2 * 200


def test_two_processes_claim_each_of_200_runs_once(url, queued, two_processes):
    expected = {queued().id for _ in range(200)}

    claims = list(two_processes.map(claim_all, [url] * 2, ["w1", "w2"]))

    assert Counter(claims[0] + claims[1]) == Counter(expected)


@pytest.mark.parametrize("attempt", range(10))
def test_either_cancel_or_publish_wins(database, runs, scope, queued, attempt):
    run = queued()
    runs.claim("w1")

    asked, was_published = at_once(
        lambda: runs.request_cancel(scope, run.id), lambda: runs.publish(run.id, "w1", published())
    )

    after = runs.get(scope, run.id)
    assert after.cancel_requested is not was_published
    assert after.status == asked.status == (RunStatus.SUCCEEDED if was_published else RunStatus.RUNNING)
    assert len(Artifacts(database).list_artifacts(scope, run.id)) == int(was_published)
    assert len(ManifestLedger(database).entries(scope.farm_id)) == int(was_published)


def test_equal_runs_submitted_at_once_become_one(runs, new_run):
    new = new_run(run_hash="h")

    submitted = at_once(*[lambda: runs.submit(new)] * 8)

    assert len({each.run.id for each in submitted}) == 1
    assert Counter(each.reused for each in submitted) == {True: 7, False: 1}


def test_a_request_repeated_at_once_is_one_run(runs, new_run):
    new = new_run()

    submitted = at_once(*[lambda: runs.submit(new, force=True, idempotency_key="k")] * 8)

    assert len({each.run.id for each in submitted}) == 1


def test_four_writers_number_events_without_gaps(database, queued):
    events, run_id = Events(database), queued().id

    numbers = at_once(*[lambda: [events.append(run_id, "note", {}) for _ in range(50)]] * 4)

    assert sorted(itertools.chain(*numbers)) == list(range(2, 202))  # 1 is `queued`
    assert all(each == sorted(each) for each in numbers)
    assert [event.seq for event in events.after(run_id)] == list(range(1, 202))


def test_runs_published_at_once_make_one_chain(database, runs, scope, queued):
    ids = [queued().id for _ in range(8)]
    for _ in ids:
        runs.claim("w1")

    done = at_once(*[lambda run_id=run_id: runs.publish(run_id, "w1", published(run_id)) for run_id in ids])

    entries = ManifestLedger(database).entries(scope.farm_id)
    assert all(done)
    assert [entry.seq for entry in entries] == list(range(1, 9))
    assert [entry.chain_previous for entry in entries] == [None, *(e.manifest_hash for e in entries[:-1])]
    assert ManifestLedger(database).verify(scope.farm_id) == ()


def test_publishing_and_deleting_at_once_block_nobody(database, runs, scope, queued):
    ids = [queued().id for _ in range(20)]
    for run_id in ids[:10]:
        runs.claim("w1")
        runs.publish(run_id, "w1", published(run_id))
    for _ in ids[10:]:
        runs.claim("w1")

    published_last = lambda: [runs.publish(run_id, "w1", published(run_id)) for run_id in ids[10:]]  # noqa: E731
    _, deleted, again = at_once(
        published_last, lambda: runs.delete(scope, ids), lambda: runs.delete(scope, ids[::-1])
    )

    gone = {*deleted.deleted_ids, *again.deleted_ids}
    assert set(ids[:10]) <= gone
    assert len(deleted.deleted_ids) + len(again.deleted_ids) == len(gone)
    assert ManifestLedger(database).verify(scope.farm_id) == ()


def test_a_reader_waits_for_no_writer(database, scope, counter):
    with database.transaction() as connection:
        connection.execute(sa.update(farm_version).values(version=7))
        assert FarmTable(database).version(counter) == 0

    assert FarmTable(database).version(counter) == 7


def test_a_process_killed_in_a_transaction_leaves_nothing(database, url, counter):
    command = [sys.executable, "-m", "tests.herd_engine.storage.processes", url]
    ended = subprocess.run(command, cwd=Path(__file__).parents[3], check=False)

    assert ended.returncode == -9
    assert FarmTable(database).version(counter) == 0
    add_one_each(database, counter, 1)
    assert FarmTable(database).version(counter) == 1
