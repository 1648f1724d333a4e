"""The contract of a farm's files: the program's, with the farm's own layer over it."""

from herd_engine.datasets.contract.comparison import ContractDifference, content_sha256, differences
from herd_engine.datasets.contract.layer import Layer, laid_over, read_layer
from herd_engine.datasets.contract.loading import BASE, shipped_contract
from herd_engine.datasets.contract.model import Contract
from herd_engine.errors import ParameterError
from herd_engine.model.answers import NO_ANSWERS, Answers
from herd_engine.model.visitor import WRITE
from herd_engine.runs.access import FarmAccess
from herd_engine.runs.store import Store
from herd_engine.storage.farm_contracts import FarmContractRow, FarmContracts, NewFarmContract
from herd_engine.storage.names import checked_text

SHIPPED = 0
"""Version of the contract that comes with the program, in a farm's numbering."""
LONGEST_REASON = 200


class KeptContracts:
    """Contracts of one farm."""

    def __init__(self, store: Store, access: FarmAccess) -> None:
        self._access = access
        self._rows = FarmContracts(store.database)

    def save(self, data: bytes, name: str, reason: str) -> FarmContractRow:
        """Keep a farm's layer from a YAML file as another version.

        Raises
        ------
        ContractError
            With all that is wrong with it.
        ParameterError
            There is no reason, or it is too long.
        """
        self._access.require(WRITE)
        if not reason.strip():
            raise ParameterError("reason", reason, "say why the contract is changed")
        checked_text("reason", reason, LONGEST_REASON)
        layer, base = read_layer(data, name), shipped_contract(BASE)
        whole = laid_over(base, layer, name)
        new = NewFarmContract(
            profile=BASE,
            base=base.id,
            layer=layer.model_dump(mode="json", exclude_defaults=True),
            content=whole.model_dump(mode="json", by_alias=True),
            sha256=content_sha256(whole),
            author=self._access.owner,
            reason=reason.strip(),
        )
        return self._rows.add(self._access.scope, new)

    def versions(self) -> tuple[FarmContractRow, ...]:
        """Return the farm's versions, newest first; without the program's own."""
        return self._rows.versions(self._access.scope, BASE)

    def contract(self, version: int | None = None) -> Contract:
        """Return a version of the whole contract: the newest one, or that of a number; NotFoundError.

        ``SHIPPED`` is the program's own, as is the newest where the farm has no layer.
        """
        if version == SHIPPED:
            return shipped_contract(BASE)
        row = self._row(version)
        return shipped_contract(BASE) if row is None else Contract.model_validate(row.content)

    def words(self, version: int | None = None) -> Answers:
        """Return the farm's own words of a version, as the reader takes them; NotFoundError."""
        row = None if version == SHIPPED else self._row(version)
        return NO_ANSWERS if row is None else Layer.model_validate(row.layer).answers()

    def of_reading(self, version: int | None = None) -> Contract | None:
        """Return the contract by which files are read, where the farm has one of its own; NotFoundError."""
        row = None if version == SHIPPED else self._row(version)
        return None if row is None else Contract.model_validate(row.content)

    def differences(self, old: int, new: int) -> list[ContractDifference]:
        """Return what differs between two versions, and what of it may refuse files that passed before."""
        return differences(self.contract(old), self.contract(new))

    def _row(self, version: int | None) -> FarmContractRow | None:
        scope = self._access.scope
        return self._rows.latest(scope, BASE) if version is None else self._rows.get(scope, BASE, version)
