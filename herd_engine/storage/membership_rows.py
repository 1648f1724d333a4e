"""Rows of the table of members."""

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from herd_engine.model.visitor import Role
from herd_engine.storage.database import upsert
from herd_engine.storage.scope import row_as
from herd_engine.storage.tables import membership, now


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipRow:
    """Somebody's role on a farm; ``principal`` is a person, or ``group:<name>``."""

    id: str
    farm_id: str
    principal: str
    role: Role
    created_at: datetime


def insert_membership(connection: sa.Connection, farm_id: str, principal: str, role: Role) -> MembershipRow:
    """Write a role down, in place of another one."""
    values = {"id": str(uuid.uuid4()), "farm_id": farm_id, "principal": principal, "role": str(role)}
    new = upsert(connection, membership).values(**values, created_at=now())
    changed = new.on_conflict_do_update(index_elements=["farm_id", "principal"], set_={"role": str(role)})
    row = connection.execute(changed.returning(membership)).one()
    return row_as(MembershipRow, row, role=Role(row.role))
