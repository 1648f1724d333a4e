"""What is said of the machine is what is there, on both databases; each fault is really made."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.model.visitor import Visitor
from herd_engine.operations.status import status_of
from herd_engine.sample import make_sample
from herd_engine.storage.leases import Leases
from herd_engine.storage.operation_tables import lease
from herd_engine.workbench import Workbench
from tests.herd_engine.runs.conftest import farm_file, kept, settings

__all__ = ["farm_file", "kept", "settings"]


@pytest.fixture
def bench(settings):
    found = Workbench(settings.home)
    yield found
    found.close()


def test_an_empty_home_has_every_state_and_no_task_was_ever_done(kept, bench):
    state = bench.system.state()

    assert state.runs == dict.fromkeys(("queued", "running", "succeeded", "failed", "canceled", "timeout"), 0)
    assert [(task.name, task.last_tick_at, task.is_late) for task in state.tasks] == [
        ("alerts", None, False),
        ("dispatch", None, False),
        ("runs", None, False),
        ("retention", None, False),
    ]
    assert (state.farms, state.herd_files, state.animals) == (1, 0, 0)
    assert (state.is_up, state.is_good, state.oldest_queued_at) == (False, True, None)


def test_animals_are_those_of_each_farms_newest_file(kept, bench):
    bench.farms.add("South")
    south = bench.of_farm("South")
    older, newer = make_sample(animals=120, seed=2), make_sample(animals=150, seed=3)
    added = [bench.datasets.add(older.csv, "old.csv"), south.datasets.add(newer.csv, "new.csv")]

    state = bench.system.state()

    assert [each.dataset.name for each in added] == ["old.csv", "new.csv"]
    animals = [read_herd_bytes(each.csv, "herd.csv").herd.n_animals for each in (older, newer)]
    assert state.animals == sum(animals)
    assert {herd.name: herd.animals for herd in state.herds}["South"] == animals[1]
    assert (state.farms, state.herd_files) == (2, 2)


def test_a_queue_without_a_runner_is_not_good(kept, bench):
    row = kept.add_dataset(make_sample(animals=120, seed=2).csv, "farm.csv")
    run = kept.submit(row.id, {"horizon_months": 3, "mc_runs": 20, "seed": 5}).run

    state = bench.system.state()

    assert (state.queued, state.runs["queued"], state.is_runner_alive, state.is_good) == (1, 1, False, False)
    assert state.oldest_queued_at == run.queued_at


def test_a_task_that_is_not_done_any_more_is_late(kept, bench):
    leases = Leases(kept.store.database)
    held = leases.take("alerts", "somebody", 60.0)
    leases.tick(held)
    (fresh,) = (task for task in bench.system.state().tasks if task.name == "alerts")
    with kept.store.database.transaction() as connection:
        connection.execute(sa.update(lease).values(last_tick_at=fresh.last_tick_at - timedelta(seconds=181)))

    state = bench.system.state()

    (task,) = (task for task in state.tasks if task.name == "alerts")
    assert (fresh.is_held, fresh.is_late) == (True, False)
    assert (task.is_held, task.is_late, state.is_good) == (True, True, False)


def test_who_may_see_one_farm_is_told_of_that_alone(kept, bench):
    bench.farms.add("South")
    bench.farms.grant(None, "olga", "admin")
    bench.farms.grant("South", "anna", "manager")
    bench.datasets.add(make_sample(animals=120, seed=2).csv, "farm.csv")

    anna = bench.of(Visitor(name="anna"), "South")

    state = anna.system.state()
    assert ([herd.name for herd in state.herds], state.herd_files, state.animals) == (["South"], 0, 0)


def test_the_command_says_the_same(kept, bench, settings):
    state = bench.system.state()

    said = status_of(settings).document()

    assert said["schema"] == "herd-status/1"
    assert (said["runs"], said["farms"], said["herd_files"]) == (dict(state.runs), 1, 0)
    assert set(said["tasks"]) == {"alerts", "dispatch", "runs", "retention"}
