"""Two versions of a contract: what differs, and whether a file that was read before may now be refused."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from herd_engine.datasets.contract.model import Contract
from herd_engine.scenarios.identity import sha256_of

_ABOUT = frozenset(("contract", "version", "date", "author", "reason", "description"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractDifference:
    """One thing that differs.

    Attributes
    ----------
    what : str
        Such as ``columns.status.words`` or ``limits.rows``.
    old, new : str
        Empty where there was, or is, nothing.
    is_breaking : bool
        A file that passed may not pass any more, or may be read as another herd.
    """

    what: str
    old: str
    new: str
    is_breaking: bool


def content_sha256(contract: Contract) -> str:
    """Return the hash of what a contract says, whoever wrote it when."""
    return sha256_of(contract.model_dump(mode="json", by_alias=True, exclude=set(_ABOUT)))


def farm_contract_id(contract: Contract) -> str:
    """Return by what a dataset is told apart that a farm's own contract read: version, and what it says."""
    return f"{contract.id}+{content_sha256(contract)[:12]}"


def differences(old: Contract, new: Contract) -> list[ContractDifference]:
    """Return what differs from an old version to a new one, in the order of names."""
    before, after = dict(_facts(old)), dict(_facts(new))
    found = []
    for what in sorted(before.keys() | after.keys()):
        one, other = before.get(what), after.get(what)
        if one != other:
            words = ("" if value is None else str(value) for value in (one, other))
            breaks = _is_breaking(what, one, other)
            found.append(ContractDifference(what=what, old=next(words), new=next(words), is_breaking=breaks))
    return found


def _facts(contract: Contract) -> Iterator[tuple[str, Any]]:
    """Yield everything that a contract says, each thing by a name of its own."""
    for part in ("limits", "dates"):
        for name, value in getattr(contract, part).model_dump(mode="json").items():
            yield f"{part}.{name}", value
    for column in contract.columns:
        for name in ("type", "required", "expected"):
            yield f"columns.{column.name}.{name}", getattr(column, name)
    for status in contract.statuses:
        yield f"statuses.{status.name}", f"{status.presence} {status.is_ or ''}".strip()
    for kind, meaning, words in _words(contract):
        yield from ((f"{kind} {word!r}", meaning) for word in words if word)
    for rule in contract.rules:
        yield f"rules.{rule.id}", rule.model_dump(mode="json")


def _words(contract: Contract) -> Iterator[tuple[str, str, Sequence[object]]]:
    """Yield what texts are, what they mean, and the texts."""
    yield "delimiter", "read", contract.dialect.delimiters
    yield "encoding", "read", contract.dialect.encodings
    for kind, markers in contract.missing.model_dump(mode="json").items():
        yield f"missing in {kind}", "nothing", markers
    for column in contract.columns:
        yield "header", column.name, (column.heading, *column.aliases)
    for status in contract.statuses:
        yield "status word", status.name, status.words
    if contract.sexes is not None:
        yield "sex word", "female", contract.sexes.female
        yield "sex word", "male", contract.sexes.male


def _is_breaking(what: str, old: Any, new: Any) -> bool:
    if what.startswith("rules."):
        return new is not None and new["severity"] == "FAIL"
    if what.startswith("limits."):
        return bool(new < old)
    if what.endswith(".required"):
        return bool(new)
    if what.endswith(".expected"):
        return False
    return old is not None  # what is known no longer, or means something else
