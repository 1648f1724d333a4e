"""Changes of alerts, silences and the audit go after 400 days, and examined files; a few at a time."""

from datetime import timedelta

import sqlalchemy as sa

from herd_engine.storage.database import Database
from herd_engine.storage.database_clock import Clock, database_now
from herd_engine.storage.leases import Proof, no_task
from herd_engine.storage.metric_counts import transition_counts
from herd_engine.storage.operation_tables import alert_transition, audit, silence
from herd_engine.storage.tally import add_to_tally

KEPT = timedelta(days=400)
AT_A_TIME = 500


def forget_old(database: Database, clock: Clock = database_now, proof: Proof = no_task) -> int:
    """Delete up to 500 rows of each kind whose time is over; return how many, 0 when none is left.

    What ``proof`` raises leaves the rest as it is.
    """
    n_gone = 0
    for table, moment in ((alert_transition, "at"), (audit, "at"), (silence, "ends_at")):
        with database.transaction() as connection:
            proof(connection)
            over = table.c[moment] < clock(connection) - KEPT
            ids = connection.execute(sa.select(table.c.id).where(over).limit(AT_A_TIME)).scalars().all()
            gone = table.c.id.in_(ids)
            if table is alert_transition and ids:
                add_to_tally(connection, transition_counts(connection, gone))
            connection.execute(sa.delete(table).where(gone))
            n_gone += len(ids)
    return n_gone
