"""What other processes do in the tests; run by name in a fresh interpreter."""

import os
import signal
import sys
from typing import Any

import sqlalchemy as sa

from herd_engine.model.run_status import RunStatus
from herd_engine.storage.database import open_database
from herd_engine.storage.run_rows import Outcome
from herd_engine.storage.runs import RunTable
from herd_engine.storage.tables import farm_version
from herd_engine.storage.upgrading import upgrade


def count_up(url: str, farm_id: str, times: int) -> None:
    """Read a number and write the next, over and over."""
    with open_database(url) as database:
        add_one_each(database, farm_id, times)


def add_one_each(database: Any, farm_id: str, times: int) -> None:
    mine = farm_version.c.farm_id == farm_id
    for _ in range(times):
        with database.transaction() as connection:
            query = sa.select(farm_version.c.version).where(mine).with_for_update()
            found = connection.execute(query).scalar_one()
            connection.execute(sa.update(farm_version).where(mine).values(version=found + 1))


def claim_all(url: str, worker: str) -> list[str]:
    """Claim and end runs until none is left; return which."""
    claimed = []
    with open_database(url) as database:
        runs = RunTable(database)
        while (run := runs.claim(worker)) is not None:
            claimed.append(run.id)
            assert runs.finish(run.id, worker, Outcome(status=RunStatus.FAILED))
    return claimed


def migrate(url: str) -> bool:
    with open_database(url) as database:
        return upgrade(database) is not None


def die_in_transaction(url: str) -> None:
    """Change every row, then end as by ``kill -9``, without a commit."""
    with open_database(url) as database, database.transaction() as connection:
        connection.execute(sa.update(farm_version).values(version=1_000_000))
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    die_in_transaction(sys.argv[1])
