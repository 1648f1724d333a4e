"""Farms that somebody may see, by name, and their members."""

from herd_engine.errors import FarmNotFoundError, ForbiddenError
from herd_engine.model.farm_sheet import FarmSheet
from herd_engine.model.visitor import ADMIN, WRITE, Role
from herd_engine.runs.access import Access, FarmAccess
from herd_engine.runs.store import Store
from herd_engine.storage.farm_sheets import FarmSheetRow, FarmSheets
from herd_engine.storage.farms import FarmRow
from herd_engine.storage.membership_rows import MembershipRow
from herd_engine.storage.names import name_key


class KeptFarms:
    """Farms, by name; those that the visitor may not see are not there."""

    def __init__(self, store: Store, access: Access) -> None:
        self._rows, self._members, self.access = store.farms, store.memberships, access
        self._sheets = FarmSheets(store.database)

    def list(self, *, archived: bool = False) -> tuple[FarmRow, ...]:
        """Return all farms by name, without or with the archived ones."""
        rows = self._rows.list_farms(archived=archived)
        return tuple(farm for farm in rows if self.access.may_see(farm))

    def find(self, name: str | None = None) -> FarmRow:
        """Return the farm of this id, or of this name, whatever the case.

        Where none is named: the default one, or the first that the visitor may see.

        Raises
        ------
        FarmNotFoundError
        """
        if name is None:
            open_farms = sorted(self.list(), key=lambda farm: not farm.is_default)
            if not open_farms:
                raise FarmNotFoundError("")
            return open_farms[0]
        wanted = name_key(" ".join(name.split()))
        seen = self.list(archived=True)
        by_name = (farm for farm in seen if name_key(farm.name) == wanted)
        found = next((farm for farm in seen if farm.id == name), None) or next(by_name, None)
        if found is None:
            raise FarmNotFoundError(name)
        return found

    def add(self, name: str) -> FarmRow:
        """Add a farm; who is bound by roles is its first member.

        Raises
        ------
        ConflictError
            The name is taken.
        ForbiddenError
            The visitor is an admin of no farm.
        """
        who = self.access.visitor
        if who.is_owner:
            return self._rows.add(name)
        governed = [farm for farm in self.list(archived=True) if ADMIN in self.access.scopes(farm)]
        if who.farms is not None or not governed:
            raise ForbiddenError(ADMIN)
        is_bound = any(self.access.role(farm) is not None for farm in governed)
        added = self._rows.add(name, admin=who.principals[0] if is_bound else None)
        self.access.forget()
        return added

    def rename(self, name: str, new_name: str) -> FarmRow:
        """Give a farm another name; ConflictError where that is taken."""
        return self._rows.rename(self._governed(name).id, new_name)

    def make_default(self, name: str) -> FarmRow:
        """Let this farm be meant where none is named."""
        return self._rows.make_default(self._governed(name).id)

    def archive(self, name: str, *, archived: bool = True) -> FarmRow:
        """Put a farm out of sight, or back; the default one stays."""
        return self._rows.archive(self._governed(name).id, archived=archived)

    def sheet(self, name: str | None = None) -> FarmSheet:
        """Return what a farm says about itself."""
        newest = next(iter(self.sheet_versions(name)), None)
        return FarmSheet() if newest is None else FarmSheet.of(newest.sheet)

    def time_zone(self, name: str | None = None) -> str:
        """Return where a farm is, by its sheet; UTC where that does not say."""
        return self.sheet(name).time_zone or "UTC"

    def sheet_versions(self, name: str | None = None) -> tuple[FarmSheetRow, ...]:
        """Return every version of a farm's sheet, newest first: who said what."""
        return self._sheets.versions(FarmAccess(self.access, self.find(name)).scope)

    def save_sheet(self, name: str | None, sheet: FarmSheet) -> FarmSheetRow:
        """Keep another version of a farm's sheet; an equal one is none."""
        farm = FarmAccess(self.access, self.find(name))
        farm.require(WRITE)
        return self._sheets.save(farm.scope, farm.owner, sheet.document())

    def members(self, name: str | None = None) -> tuple[MembershipRow, ...]:
        """Return the members of a farm; without any it is open to everybody who may come in."""
        return self._members.of_farm(self.as_admin(name).id)

    def grant(self, name: str | None, principal: str, role: Role) -> MembershipRow:
        """Give a person, or ``group:<name>``, a role on a farm; the first one closes it to all others."""
        granted = self._members.grant(self.as_admin(name).id, principal, role)
        self.access.forget()
        return granted

    def revoke(self, name: str | None, principal: str, *, open_to_all: bool = False) -> None:
        """Take a role away; ConflictError for the last member unless the farm is to be open to everybody."""
        self._members.revoke(self.as_admin(name).id, principal, open_to_all=open_to_all)
        self.access.forget()

    def _governed(self, name: str) -> FarmRow:
        farm = self.find(name)
        FarmAccess(self.access, farm).require(ADMIN)
        return farm

    def as_admin(self, name: str | None) -> FarmRow:
        """Return a farm that the visitor is admin of; that it is open to all makes nobody that."""
        farm = self.find(name)
        if self.access.role(farm) is not Role.ADMIN or ADMIN not in self.access.scopes(farm):
            raise ForbiddenError(ADMIN)
        return farm
