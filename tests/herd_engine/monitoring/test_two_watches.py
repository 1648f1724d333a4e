"""Two `herd watch`, the owner of the tasks stopped or killed: nothing is lost, nothing told twice."""

import os
import signal
from collections import Counter

import numpy as np
import pytest
import sqlalchemy as sa

from herd_engine.monitoring.watch_tasks import TaskName
from herd_engine.storage.operation_tables import alert_transition, attempt
from tests.herd_engine.monitoring.notifications.conftest import receiver
from tests.herd_engine.monitoring.watches import AHEAD, AS_IT_IS, QUICK, Watches, wait, watches

__all__ = ["receiver", "watches"]


def assert_handed_over(watches: Watches, program: str, n_times: int) -> None:
    """Stop the owner, let the other take over, let the first go on; as often as asked."""
    for _ in range(2):
        watches.start(program)
    watches.set_policy()
    wait(watches.all_told)
    for _ in range(n_times):
        stopped, epoch = watches.pid(TaskName.ALERTS), watches.owner(TaskName.ALERTS).epoch
        watches.stop_between_writes(stopped)
        watches.set_policy()
        watches.set_policy()
        wait(watches.all_told)
        assert watches.owner(TaskName.ALERTS).epoch == epoch + 1
        assert watches.pid(TaskName.ALERTS) != stopped
        os.kill(stopped, signal.SIGCONT)
        watches.set_policy()
        wait(watches.all_told)
    policies = {f"p{number}" for number in range(1, 2 + 3 * n_times)}
    assert watches.told() == Counter(policies)
    with watches.kept.store.database.reading() as connection:
        changes = connection.execute(sa.select(alert_transition.c.policy_id)).scalars().all()
        outcomes = connection.execute(sa.select(attempt.c.outcome)).scalars().all()
    assert Counter(changes) == Counter(policies)
    assert set(outcomes) == {"SENT"}


@pytest.mark.slow
def test_a_stopped_owner_is_followed_by_the_other_and_writes_nothing_late(watches: Watches) -> None:
    assert_handed_over(watches, QUICK, n_times=1)


@pytest.mark.long
def test_a_stopped_owner_is_followed_by_the_other_at_its_own_pace(watches: Watches) -> None:
    assert_handed_over(watches, AS_IT_IS, n_times=2)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [20])
def test_whichever_watch_is_struck_each_alert_is_told_once(watches: Watches, seed: int) -> None:
    assert_told_once_whoever_is_struck(watches, seed, n_times=2)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
def test_whichever_of_twenty_times_a_watch_is_struck_each_alert_is_told_once(
    watches: Watches, seed: int
) -> None:
    assert_told_once_whoever_is_struck(watches, seed, n_times=20)


def assert_told_once_whoever_is_struck(watches: Watches, seed: int, n_times: int) -> None:
    """Set and end policies while watches are killed and stopped; the clock of one is wrong."""
    chance = np.random.default_rng(seed)
    for program in (QUICK, AHEAD):
        watches.start(program)
    watches.set_policy()
    wait(watches.all_told)
    for _ in range(n_times):
        watches.set_policy()
        watches.set_policy()
        watches.end_one()
        watches.strike(chance)
    wait(watches.all_told)
    watches.assert_each_told_once()
