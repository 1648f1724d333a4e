"""Sets of prices of one farm."""

from herd_engine.errors import NotFoundError
from herd_engine.model.prices import PriceSet
from herd_engine.model.visitor import WRITE
from herd_engine.runs.access import FarmAccess
from herd_engine.runs.store import Store
from herd_engine.storage.price_sets import PriceSetRow, PriceSets


class KeptPrices:
    """Keep and find sets of prices; what is kept is never changed, a set gets another version."""

    def __init__(self, store: Store, access: FarmAccess) -> None:
        self._rows, self._access = PriceSets(store.database), access

    def list(self) -> tuple[PriceSetRow, ...]:
        """Return the newest version of every set, by name."""
        return self._rows.newest(self._access.scope)

    def versions(self, name: str) -> tuple[PriceSetRow, ...]:
        """Return all versions of a set, newest first; NotFoundError."""
        found = self._rows.versions(self._access.scope, name)
        if not found:
            raise NotFoundError("price set", name)
        return found

    def save(self, prices: PriceSet) -> PriceSetRow:
        """Keep another version of a set; an equal one is none."""
        self._access.require(WRITE)
        return self._rows.save(self._access.scope, self._access.owner, prices.name, prices.document())
