"""Members of farms: a farm that has some is seen by them alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from herd_engine.errors import ConflictError, NotFoundError
from herd_engine.model.visitor import LONGEST_NAME, Role
from herd_engine.storage.database import Database
from herd_engine.storage.farms import lock_farm
from herd_engine.storage.membership_rows import MembershipRow, insert_membership
from herd_engine.storage.names import checked_text
from herd_engine.storage.scope import row_as
from herd_engine.storage.tables import membership


@dataclass(frozen=True, slots=True)
class Standing:
    """What memberships say about somebody.

    Attributes
    ----------
    roles : dict of str to Role
        The greatest role, by id of the farm.
    closed : frozenset of str
        Ids of the farms that have members at all.
    """

    roles: dict[str, Role]
    closed: frozenset[str]


class Memberships:
    """Give and take roles on farms, and tell who has which."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def grant(self, farm_id: str, principal: str, role: Role) -> MembershipRow:
        """Give somebody a role on a farm, in place of the one that they had there.

        Raises
        ------
        NotFoundError
            There is no such farm.
        ParameterError
            The name cannot be one.
        """
        checked_text("principal", principal, LONGEST_NAME)
        with self._database.transaction() as connection:
            lock_farm(connection, farm_id)
            return insert_membership(connection, farm_id, principal, role)

    def revoke(self, farm_id: str, principal: str, *, open_to_all: bool = False) -> None:
        """Take somebody's role on a farm away.

        Raises
        ------
        ConflictError
            They are its last member, and ``open_to_all`` does not say that everybody may see it then.
        NotFoundError
        """
        of_farm = membership.c.farm_id == farm_id
        with self._database.transaction() as connection:
            lock_farm(connection, farm_id)
            principals = set(connection.execute(sa.select(membership.c.principal).where(of_farm)).scalars())
            if principal not in principals:
                raise NotFoundError("membership", principal)
            if principals == {principal} and not open_to_all:
                message = "The last member of a farm stays: a farm without members is open to everybody."
                raise ConflictError(message, "farm_last_member", principal)
            connection.execute(sa.delete(membership).where(of_farm, membership.c.principal == principal))

    def of_farm(self, farm_id: str) -> tuple[MembershipRow, ...]:
        """Return the members of a farm by name."""
        query = sa.select(membership).where(membership.c.farm_id == farm_id)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(membership.c.principal))
            return tuple(row_as(MembershipRow, row, role=Role(row.role)) for row in rows)

    def standing(self, principals: Sequence[str]) -> Standing:
        """Return the roles of somebody who goes by these names, and which farms have members."""
        mine = sa.select(membership.c.farm_id, membership.c.role).where(
            membership.c.principal.in_(principals)
        )
        with self._database.reading() as connection:
            closed = frozenset(connection.execute(sa.select(membership.c.farm_id).distinct()).scalars())
            rows = sorted(connection.execute(mine), key=lambda row: Role(row.role).rank)
        return Standing({row.farm_id: Role(row.role) for row in rows}, closed)
