"""Farms: what is kept belongs to one of them."""

from collections.abc import Mapping
from typing import Any

from herd_engine.errors import ParameterError
from herd_engine.guarded_yaml.reader import read_yaml
from herd_engine.guarded_yaml.writer import yaml_text
from herd_engine.model.farm_sheet import FarmSheet
from herd_engine.model.visitor import Role
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.merging import MergedFarms, merge
from herd_engine.storage.farms import FarmRow
from herd_engine.storage.membership_rows import MembershipRow
from herd_engine.workbench.answers import Farm, FarmSheetVersion, Member, answer

__all__ = ["Farms", "MergedFarms"]


class Farms:
    """Farms, by name."""

    def __init__(self, kept: KeptRuns) -> None:
        self._kept, self._rows = kept, kept.catalog.farms

    def current(self) -> Farm:
        """Return the farm that is meant here."""
        return answer(Farm, self._kept.catalog.farm)

    def list(self, *, archived: bool = False) -> tuple[Farm, ...]:
        """Return all farms by name, without or with the archived ones."""
        return tuple(map(self._answer, self._rows.list(archived=archived)))

    def find(self, name: str | None = None) -> Farm:
        """Return the farm of this name or id, or the default one; NotFoundError."""
        return answer(Farm, self._rows.find(name))

    def add(self, name: str) -> Farm:
        """Add a farm; ConflictError where the name is taken."""
        return answer(Farm, self._rows.add(name))

    def rename(self, name: str, new_name: str) -> Farm:
        """Give a farm another name; ConflictError where that is taken."""
        return self._answer(self._rows.rename(name, new_name))

    def make_default(self, name: str) -> Farm:
        """Let this farm be meant where none is named."""
        return self._answer(self._rows.make_default(name))

    def archive(self, name: str, *, archived: bool = True) -> Farm:
        """Put a farm out of sight, or back; ConflictError for the default one."""
        return self._answer(self._rows.archive(name, archived=archived))

    def merge(self, name: str, into: str) -> MergedFarms:
        """Bring what a farm has kept, but for its forecasts, to another one, and archive it.

        Raises
        ------
        ConflictError
            They are one, or it is the default farm.
        NotFoundError
        """
        return merge(self._kept.of_farm(into), name)

    def scopes(self, name: str | None = None) -> frozenset[str]:
        """Return what who asks may do on a farm."""
        return self._rows.access.scopes(self._rows.find(name))

    def role(self, name: str | None = None) -> str | None:
        """Return the role of who asks on a farm; None where it is open to them without one."""
        found = self._rows.access.role(self._rows.find(name))
        return found and found.value

    def members(self, name: str | None = None) -> tuple[Member, ...]:
        """Return who has which role on a farm; without members it is open to everybody who may come in."""
        return tuple(_member(row) for row in self._rows.members(name))

    def grant(self, name: str | None, principal: str, role: str) -> Member:
        """Give somebody a role on a farm, in place of the one that they had.

        Raises
        ------
        ParameterError
            There is no such role, or the name can be nobody's.
        ForbiddenError, NotFoundError
        """
        if role not in tuple(Role):
            raise ParameterError("role", role, f"be one of {', '.join(Role)}")
        return _member(self._rows.grant(name, principal, Role(role)))

    def revoke(self, name: str | None, principal: str, *, open_to_all: bool = False) -> None:
        """Take a role away; ConflictError for the last member, unless the farm is to be open to everybody."""
        self._rows.revoke(name, principal, open_to_all=open_to_all)

    def sheet(self, name: str | None = None) -> FarmSheet:
        """Return what a farm says about itself."""
        return self._rows.sheet(name)

    def sheet_versions(self, name: str | None = None) -> tuple[FarmSheetVersion, ...]:
        """Return every version of a farm's sheet, newest first: who said what."""
        return tuple(answer(FarmSheetVersion, row) for row in self._rows.sheet_versions(name))

    def change_sheet(self, name: str | None, changes: Mapping[str, Any]) -> FarmSheetVersion:
        """Change what is named of a farm's sheet, None for what is no longer said; the rest stays.

        A target of the farm is named ``targets.vwp`` and so on.

        Raises
        ------
        ParameterError, UnknownParameterError
            With what a sheet cannot say.
        """
        return answer(FarmSheetVersion, self._rows.save_sheet(name, self._rows.sheet(name).changed(changes)))

    def import_sheet(self, name: str | None, data: bytes, file_name: str) -> FarmSheetVersion:
        """Take a farm's sheet from a YAML file, in place of all that was said; YamlError, ParameterError."""
        sheet = FarmSheet.of(read_yaml(data, file_name).values)
        return answer(FarmSheetVersion, self._rows.save_sheet(name, sheet))

    def export_sheet(self, name: str | None = None) -> str:
        """Return a farm's sheet as YAML, as ``import_sheet`` takes it."""
        return yaml_text(self._rows.sheet(name).document())

    def _answer(self, row: FarmRow) -> Farm:
        """Return a farm; where it is the one that is meant here, remember how it is called now."""
        if row.id == self._kept.catalog.farm.id:
            self._kept.catalog.farm = row
        return answer(Farm, row)


def _member(row: MembershipRow) -> Member:
    return answer(Member, row, role=row.role.value)
