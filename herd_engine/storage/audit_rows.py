"""Who did what, in the transaction that does it."""

import uuid
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from herd_engine.logs import noted
from herd_engine.storage.database import Database
from herd_engine.storage.operation_tables import audit

REPORT_FAILED = "REPORT_FAILED"


def count_audits(database: Database, action: str, farm_id: str, since: datetime) -> int:
    """Return how often something was done on a farm since a moment."""
    query = sa.select(sa.func.count()).where(
        audit.c.action == action, audit.c.farm_id == farm_id, audit.c.at >= since
    )
    with database.reading() as connection:
        return int(connection.execute(query).scalar_one())


def note_audit(  # noqa: PLR0913 - the columns of a row
    connection: sa.Connection,
    at: datetime,
    actor: str,
    action: str,
    about: str,
    new: Mapping[str, object] | None = None,
    *,
    old: Mapping[str, object] | None = None,
    farm_id: str | None = None,
) -> None:
    """Write down that somebody did something; never changed afterwards."""
    values = {"id": str(uuid.uuid4()), "at": at, "actor": actor, "action": action, "object": about}
    values |= {"farm_id": farm_id, "request_id": noted("request_id")}
    connection.execute(sa.insert(audit).values(**values, new=new, old=old))
