"""A process that takes a task and writes down who did it, over and over, in two transactions each time."""

import sys
import time
import uuid

import sqlalchemy as sa

from herd_engine.storage.database import open_database
from herd_engine.storage.database_clock import database_now
from herd_engine.storage.leases import Leases
from herd_engine.storage.operation_tables import audit

SECONDS = 1.5


def hold(url: str, owner: str) -> None:
    with open_database(url) as database:
        leases = Leases(database)
        while True:
            held = leases.take("alerts", owner, SECONDS)
            time.sleep(0.2)  # where it may be stopped: it believes that it holds the task
            if held is None:
                continue
            with database.transaction() as connection:
                if leases.is_held(connection, held):
                    values = {"id": str(uuid.uuid4()), "at": database_now(connection), "actor": owner}
                    values |= {"action": str(held.epoch), "object": "", "request_id": ""}
                    connection.execute(sa.insert(audit).values(**values))


if __name__ == "__main__":
    hold(sys.argv[1], sys.argv[2])
