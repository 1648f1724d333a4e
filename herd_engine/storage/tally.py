"""Counts that outlive the rows that they were counted in: a counter never falls."""

import json
from collections import Counter

import sqlalchemy as sa

from herd_engine.storage.database import upsert
from herd_engine.storage.operation_tables import tally

Sample = tuple[str, tuple[str, ...]]
"""A family and the values of its labels."""
Counts = Counter[Sample]


def add_to_tally(connection: sa.Connection, counts: Counts) -> None:
    """Remember counts of rows that are about to go, or of what never was a row."""
    for (family, labels), value in sorted(counts.items()):
        new = upsert(connection, tally).values(family=family, labels=json.dumps(labels), value=value)
        more = {"value": tally.c.value + new.excluded.value}
        connection.execute(new.on_conflict_do_update(index_elements=["family", "labels"], set_=more))


def tallied(connection: sa.Connection) -> Counts:
    """Return what was remembered."""
    counts: Counts = Counter()
    for row in connection.execute(sa.select(tally)):
        counts[row.family, tuple(json.loads(row.labels))] += row.value
    return counts
