"""Prices of a farm: named, dated sets, every version kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from herd_engine.errors import NotFoundError
from herd_engine.guarded_yaml.reader import read_yaml
from herd_engine.guarded_yaml.writer import yaml_text
from herd_engine.i18n.currencies import require_currency
from herd_engine.model.prices import PriceSet
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.kept_prices import KeptPrices
from herd_engine.storage.price_sets import PriceSetRow

__all__ = ["PriceSet", "PriceSetVersion", "Prices"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSetVersion:
    """One version of a set of prices, 1 at first, and who stated it."""

    prices: PriceSet
    version: int
    owner: str
    created_at: datetime

    def document(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "name": self.prices.name,
            "version": self.version,
            "owner": self.owner,
            "created_at": self.created_at.isoformat(),
            "set": self.prices.document(),
        }


class Prices:
    """Sets of prices, by name."""

    def __init__(self, kept: KeptRuns) -> None:
        self._kept, self._rows = kept, KeptPrices(kept.store, kept.access)

    def list(self) -> tuple[PriceSetVersion, ...]:
        """Return the newest version of every set, by name."""
        return tuple(map(_version, self._rows.list()))

    def versions(self, name: str) -> tuple[PriceSetVersion, ...]:
        """Return all versions of a set, newest first; NotFoundError."""
        return tuple(map(_version, self._rows.versions(name)))

    def find(self, name: str) -> PriceSet:
        """Return a set as it stands; NotFoundError."""
        return self.versions(name)[0].prices

    def save(self, prices: PriceSet) -> PriceSetVersion:
        """Keep another version of a set; an equal one is none.

        Raises
        ------
        ParameterError
            There is no such currency.
        """
        require_currency(prices.currency)
        return _version(self._rows.save(prices))

    def change(self, name: str, changes: Mapping[str, Any]) -> PriceSetVersion:
        """Change what is named of a set, None for what is no longer said; a new one where there is none.

        Parameters
        ----------
        name : str
        changes : mapping
            By path, such as ``feed.dry_day``; ``currency``, ``valid_from``, ``note`` too.

        Raises
        ------
        ParameterError, UnknownParameterError
        """
        try:
            return self.save(self.find(name).changed(changes))
        except NotFoundError:
            said = {path: value for path, value in changes.items() if value is not None}
            return self.save(PriceSet.of(said, name))

    def import_yaml(self, data: bytes, file_name: str, name: str | None = None) -> PriceSetVersion:
        """Take a set from a YAML file, as ``export_yaml`` writes it.

        Parameters
        ----------
        data : bytes
        file_name : str
        name : str, optional
            In place of the file's.

        Raises
        ------
        YamlError, ParameterError, UnknownParameterError
        """
        return self.save(PriceSet.of(read_yaml(data, file_name).values, name))

    def export_yaml(self, name: str) -> str:
        """Return a set as YAML; NotFoundError."""
        return yaml_text(self.find(name).document())

    def use(self, name: str) -> PriceSet:
        """Let the farm's sheet name a set: it is meant where none is named; NotFoundError."""
        found = self.find(name)
        farms, farm = self._kept.catalog.farms, self._kept.catalog.farm.id
        farms.save_sheet(farm, farms.sheet(farm).changed({"price_set": found.name}))
        return found

    def used(self) -> PriceSet | None:
        """Return the set that the farm's sheet names; None where it names none that was stated."""
        name = self._kept.catalog.farms.sheet(self._kept.catalog.farm.id).price_set
        try:
            return None if name is None else self.find(name)
        except NotFoundError:  # a sheet may name what nobody has stated yet
            return None


def _version(row: PriceSetRow) -> PriceSetVersion:
    return PriceSetVersion(
        prices=PriceSet.of(row.content), version=row.version, owner=row.owner, created_at=row.created_at
    )
