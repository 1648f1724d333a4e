"""Backtests that wait for a runner; flags and limits of the service: rows that several processes change."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from herd_engine.model.message import Message
from herd_engine.model.run_status import RunStatus
from herd_engine.model.service_limits import EVERYWHERE
from herd_engine.storage import backtest_jobs
from herd_engine.storage.backtest_jobs import BacktestJobTable
from herd_engine.storage.datasets import DatasetTable
from herd_engine.storage.service_switches import ServiceSwitches
from herd_engine.storage.tables import now
from tests.herd_engine.storage.rows import new_dataset, no_files


def test_a_backtest_is_taken_by_one_runner_and_by_another_after_its_time(database, scope, monkeypatch):
    jobs, plan = BacktestJobTable(database), {"origins": [3]}
    dataset = DatasetTable(database).add(new_dataset(scope), no_files).dataset
    first, reused = jobs.submit(scope, dataset.id, "anna", plan, "key")
    same, is_same = jobs.submit(scope, dataset.id, "boris", plan, "key")

    assert (reused, is_same, same) == (False, True, first)
    assert (jobs.n_waiting(), jobs.n_waiting(scope.farm_id), jobs.n_waiting("nowhere")) == (1, 1, 0)
    monkeypatch.setattr(backtest_jobs, "LEASE", timedelta(seconds=-1))
    taken = jobs.claim("one")
    again = jobs.claim("two")
    monkeypatch.undo()
    renewed = jobs.claim("three")
    assert [(each.worker, each.attempt) for each in (taken, again, renewed)] == [
        ("one", 1),
        ("two", 2),
        ("three", 3),
    ]
    assert jobs.claim("four") is None
    jobs.finish(taken)  # it was too slow: nothing happens
    assert jobs.get(scope, first.id).status is RunStatus.RUNNING
    jobs.give_back(renewed)
    last = jobs.claim("five")
    jobs.finish(last, Message("WORKER_LOST", {}))
    assert jobs.get(scope, first.id).error_code == "WORKER_LOST"
    assert jobs.submit(scope, dataset.id, "anna", plan, "key")[0].id != first.id


def test_flags_and_limits_are_versions_of_which_the_newest_counts(database, scope):
    switches = ServiceSwitches(database)
    for enabled in (False, True):
        switches.set_flag(scope.farm_id, "csv", enabled, "anna")
    switches.set_flag(EVERYWHERE, "csv", False, "anna")
    switches.set_limit(EVERYWHERE, "boris", "read", "1/minute", now() + timedelta(hours=1), "anna")
    switches.set_limit(EVERYWHERE, "vera", "read", "1/minute", now() - timedelta(seconds=1), "anna")

    said = {row.place: (row.enabled, row.version) for row in switches.flags()}
    assert said == {scope.farm_id: (True, 2), EVERYWHERE: (False, 1)}
    assert [row.principal for row in switches.limits()] == ["boris"]
    switches.set_limit(EVERYWHERE, "boris", "read", None, None, "anna")
    switches.set_flag(EVERYWHERE, "csv", None, "anna")
    assert (switches.limits(), [row.place for row in switches.flags()]) == ((), [scope.farm_id])


def test_switches_that_many_change_at_once_get_a_version_each(database, scope):
    switches = ServiceSwitches(database)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: switches.set_flag(EVERYWHERE, "csv", n % 2 == 0, "anna"), range(8)))

    assert [row.version for row in switches.flags()] == [8]
