"""What a herd file may hold: the contracts by which files are read."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from herd_engine.datasets.contract.canonical_table import canonical_table
from herd_engine.datasets.contract.comparison import ContractDifference, content_sha256, differences
from herd_engine.datasets.contract.evaluation import Context, RuleResult, evaluate, overall
from herd_engine.datasets.contract.loading import (
    BASE,
    PROFILES,
    read_contract,
    shipped_bytes,
    shipped_contract,
)
from herd_engine.datasets.contract.model import Contract
from herd_engine.datasets.herd_file import HerdFile
from herd_engine.errors import NotFoundError
from herd_engine.guarded_yaml.writer import yaml_text
from herd_engine.model.answers import NO_ANSWERS, Answers
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.kept_contracts import SHIPPED
from herd_engine.storage.farm_contracts import FarmContractRow
from herd_engine.storage.tables import now

__all__ = [
    "BASE",
    "PROFILES",
    "Context",
    "Contract",
    "ContractAnswer",
    "ContractCheck",
    "ContractDifference",
    "ContractVersion",
    "Contracts",
    "RuleResult",
    "WholeContract",
    "canonical_table",
    "content_sha256",
    "differences",
    "evaluate",
    "find_contract",
    "list_contracts",
    "overall",
    "read_contract",
    "shipped_bytes",
    "shipped_contract",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractAnswer:
    """A contract as lists show it."""

    id: str
    version: str
    date: date
    author: str
    reason: str
    description: str
    n_columns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeContract(ContractAnswer):
    """A contract with columns, words, limits and rules."""

    content: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractVersion:
    """One version of the contract of a farm's files; 0 is the program's own.

    Attributes
    ----------
    base : str
        ``profile@version`` of the program that the farm's own part was laid over.
    sha256 : str
        Of what the whole contract says.
    author, reason : str
    created_at : datetime or None
        None for the program's own.
    """

    version: int
    base: str
    sha256: str
    author: str
    reason: str
    created_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractCheck:
    """What a version of a contract says of a herd file; ``status`` is the worst of its rules."""

    name: str
    sha256: str
    version: int
    status: str
    rules: tuple[RuleResult, ...]


class Contracts:
    """Versions of the contract of one farm's files: the program's, with the farm's own words and rules."""

    def __init__(self, kept: KeptRuns) -> None:
        self._kept, self._rows = kept, kept.catalog.contracts

    def get(self, version: int, contract: str = BASE) -> WholeContract:
        """Return what a version says in full; NotFoundError."""
        if contract != BASE and version == SHIPPED:
            return find_contract(contract)
        return whole_contract(self._rows.contract(self._known(version, contract)))

    def _known(self, version: int, contract: str) -> int:
        """Return the version where the contract may have it: farms have words of their own in one alone."""
        if contract not in PROFILES or (contract != BASE and version != SHIPPED):
            raise NotFoundError("contract", f"{contract} {version}")
        return version

    def versions(self, contract: str = BASE) -> tuple[ContractVersion, ...]:
        """Return all versions, newest first; the program's own comes last; NotFoundError."""
        self._known(SHIPPED, contract)
        own = shipped_contract(contract)
        first = ContractVersion(
            version=SHIPPED,
            base=own.id,
            sha256=content_sha256(own),
            author=own.author,
            reason=own.reason,
            created_at=None,
        )
        return (*(map(_version, self._rows.versions()) if contract == BASE else ()), first)

    def contract(self, version: int | None = None) -> Contract:
        """Return a version of the whole contract: the newest one, or that of a number; NotFoundError."""
        return self._rows.contract(version)

    def save(self, data: bytes, name: str, reason: str) -> ContractVersion:
        """Keep the farm's own part, a YAML file, as another version; an equal one is none.

        Raises
        ------
        ContractError
            With all that is wrong with it.
        ParameterError
            No reason is given.
        """
        return _version(self._rows.save(data, name, reason))

    def layer(self, version: int) -> str:
        """Return the farm's own part of a version as YAML, as ``save`` takes it; NotFoundError."""
        found = next((row for row in self._rows.versions() if row.version == version), None)
        if found is None:
            raise NotFoundError("contract", str(version))
        return yaml_text(found.layer)

    def differences(self, old: int, new: int, contract: str = BASE) -> list[ContractDifference]:
        """Return what differs between two versions; what is breaking may refuse files that passed."""
        if {self._known(old, contract), self._known(new, contract)} == {SHIPPED}:
            return []
        return self._rows.differences(old, new)

    def check(
        self, data: bytes, name: str, answers: Answers = NO_ANSWERS, *, version: int | None = None
    ) -> ContractCheck:
        """Read a herd file by a version of the farm's contract, the newest by default, and ask its rules.

        Raises
        ------
        HerdDataError
            It cannot be read.
        NotFoundError
            There is no such version.
        """
        herd_file = self._kept.catalog.datasets.read(data, name, answers, contract_version=version)
        return self._checked(herd_file, version)

    def check_kept(self, dataset_id: str, *, version: int | None = None) -> ContractCheck:
        """Ask the rules of a version of the farm's contract about a kept herd file; NotFoundError."""
        datasets = self._kept.catalog.datasets
        return self._checked(datasets.load(datasets.get(dataset_id)), version)

    def _checked(self, herd_file: HerdFile, version: int | None) -> ContractCheck:
        contract = self._rows.contract(version)
        rules = evaluate(contract, canonical_table(herd_file), Context(today=now().astimezone().date()))
        newest = next(iter(self._rows.versions()), None)
        newest_version = SHIPPED if newest is None else newest.version
        return ContractCheck(
            name=herd_file.name,
            sha256=herd_file.sha256,
            version=newest_version if version is None else version,
            status=overall(rules),
            rules=tuple(rules),
        )


def _version(row: FarmContractRow) -> ContractVersion:
    names = ("version", "base", "sha256", "author", "reason", "created_at")
    return ContractVersion(**{name: getattr(row, name) for name in names})


def list_contracts() -> tuple[ContractAnswer, ...]:
    """Return all contracts, the one of whole herds first."""
    return tuple(ContractAnswer(**_facts(shipped_contract(profile))) for profile in PROFILES)


def find_contract(profile: str) -> WholeContract:
    """Return a contract; NotFoundError."""
    if profile not in PROFILES:
        raise NotFoundError("contract", profile)
    return whole_contract(shipped_contract(profile))


def whole_contract(contract: Contract) -> WholeContract:
    """Return a contract with all that it says."""
    return WholeContract(**_facts(contract), content=contract.model_dump(mode="json", by_alias=True))


def _facts(contract: Contract) -> dict[str, Any]:
    return {
        "id": contract.contract,
        "version": str(contract.version),
        "date": contract.date,
        "author": contract.author,
        "reason": contract.reason,
        "description": contract.description,
        "n_columns": len(contract.columns),
    }
