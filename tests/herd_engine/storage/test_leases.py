"""A task has one owner at any time, by the database's clock; who lost it writes nothing."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from herd_engine.storage.leases import Leases
from herd_engine.storage.operation_tables import audit
from tests.herd_engine.storage.clocks import START, SetClock
from tests.herd_engine.storage.test_concurrency import at_once


@pytest.fixture
def clock():
    return SetClock()


@pytest.fixture
def leases(database, clock):
    return Leases(database, clock)


def test_a_task_has_one_owner(leases):
    first = leases.take("alerts", "w1", 30)

    assert (first.owner, first.epoch, first.until) == ("w1", 1, START + timedelta(seconds=30))
    assert first.last_tick_at is None
    assert leases.take("alerts", "w2", 30) is None
    assert leases.take("dispatch", "w2", 30).owner == "w2"


def test_an_owner_keeps_its_task_and_its_epoch(leases, clock):
    leases.take("alerts", "w1", 30)
    clock.forward(29)

    kept = leases.take("alerts", "w1", 30)

    assert (kept.epoch, kept.until) == (1, START + timedelta(seconds=59))


@pytest.mark.parametrize(("seconds", "taker"), [(29.999, None), (30, "w2")])
def test_a_task_is_taken_over_when_its_time_is_over(leases, clock, seconds, taker):
    leases.take("alerts", "w1", 30)
    clock.forward(seconds)

    taken = leases.take("alerts", "w2", 30)

    assert (taken and taken.owner) == taker
    assert taken is None or taken.epoch == 2


def test_who_lost_a_task_neither_writes_nor_ticks_nor_releases(leases, clock, database):
    lost = leases.take("alerts", "w1", 30)
    clock.forward(31)
    with database.transaction() as connection:
        assert not leases.is_held(connection, lost)
    held = leases.take("alerts", "w2", 30)

    assert not leases.tick(lost)
    leases.release(lost)
    with database.transaction() as connection:
        assert not leases.is_held(connection, lost)
        assert leases.is_held(connection, held)
    assert leases.list_leases() == (held,)


def test_who_gets_on_keeps_its_task_for_longer(leases, clock, database):
    held = leases.take("alerts", "w1", 30)
    clock.forward(29)
    with database.transaction() as connection:
        assert leases.keep(connection, held, 30)
    clock.forward(29)

    assert leases.take("alerts", "w2", 30) is None
    clock.forward(1)
    with database.transaction() as connection:
        assert not leases.keep(connection, held, 30)
    assert leases.take("alerts", "w2", 30).epoch == 2


def test_a_tick_is_kept(leases, clock):
    held = leases.take("alerts", "w1", 30)
    clock.forward(5)

    assert leases.tick(held)

    [row] = leases.list_leases()
    assert row.last_tick_at == START + timedelta(seconds=5)
    assert leases.take("alerts", "w1", 30).last_tick_at == row.last_tick_at


def test_a_released_task_is_taken_at_once(leases):
    leases.release(leases.take("alerts", "w1", 30))

    assert leases.take("alerts", "w2", 30).epoch == 2


def test_of_many_at_once_one_takes_it(database):
    owners = [f"w{n}" for n in range(8)]

    taken = at_once(*[lambda owner=owner: Leases(database).take("alerts", owner, 30) for owner in owners])

    assert len([row for row in taken if row is not None]) == 1


def written(database):
    with database.reading() as connection:
        rows = connection.execute(sa.select(audit).order_by(audit.c.at, audit.c.id)).all()
    return [(row.actor, int(row.action)) for row in rows]


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


@pytest.mark.slow
def test_an_owner_that_stood_still_writes_nothing_when_it_goes_on(database, url):
    program = [sys.executable, "-m", "tests.herd_engine.storage.lease_holder", url]
    holders = {owner: subprocess.Popen([*program, owner]) for owner in ("w1", "w2")}
    try:
        wait_for(lambda: len(written(database)) >= 5)
        first = written(database)[-1][0]
        other = "w2" if first == "w1" else "w1"
        n_rows = len(written(database))
        wait_for(lambda: len(written(database)) > n_rows)
        time.sleep(0.1)  # between its two transactions: one that is stopped with a lock stops everybody
        os.kill(holders[first].pid, signal.SIGSTOP)
        wait_for(lambda: written(database)[-1][0] == other)
        taken_over = len(written(database))
        os.kill(holders[first].pid, signal.SIGCONT)
        wait_for(lambda: len(written(database)) >= taken_over + 10)
    finally:
        for holder in holders.values():
            holder.kill()
            holder.wait()

    rows = written(database)
    assert set(rows[taken_over - 1 :]) == {(other, 2)}
    assert rows == sorted(rows, key=lambda row: row[1])
