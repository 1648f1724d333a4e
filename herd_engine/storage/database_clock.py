"""The time as the database tells it: several processes, on several machines, share one clock."""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from herd_engine.storage.tables import UtcDateTime

Clock = Callable[[sa.Connection], datetime]


def database_now(connection: sa.Connection) -> datetime:
    """Return the moment at which the database is asked, to the millisecond, in UTC."""
    if connection.dialect.name == "sqlite":
        told = connection.exec_driver_sql("SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')").scalar_one()
        return datetime.fromisoformat(told)
    # Not now(): that is the moment at which the transaction began, however long it has waited since.
    moment = sa.func.date_trunc("milliseconds", sa.func.clock_timestamp(), type_=UtcDateTime)
    return connection.execute(sa.select(moment)).scalar_one()
