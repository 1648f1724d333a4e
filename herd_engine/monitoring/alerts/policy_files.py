"""The policies that hold: those of ``HERD_HOME/alerts/*.yaml`` and those that were set in the apps.

A file that cannot be used any more leaves the policies that it had before; that is told.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from herd_engine.errors import PoliciesError, YamlError
from herd_engine.guarded_yaml.reader import YamlDocument, read_yaml_file
from herd_engine.model.file_names import is_by_the_way
from herd_engine.monitoring.alerts.policy import Policies, Policy
from herd_engine.storage.alerts import AlertTable

FOLDER = "alerts"
SET_IN_APPS = "apps"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPolicy:
    """A policy that holds.

    Attributes
    ----------
    policy : Policy
    origin : str
        Name of its file, which nobody changes from here; ``apps`` where it is a row.
    version : int
        Of the row; 0 for a file.
    """

    policy: Policy
    origin: str
    version: int = 0


def read_policies(path: Path) -> Policies:
    """Read and check a file of policies, whole or not at all.

    Raises
    ------
    PoliciesError
        All that is wrong with it, with lines.
    """
    try:
        document = read_yaml_file(path)
    except YamlError as error:
        raise PoliciesError(path.name, (("", _at(error.reason, error.line)),)) from error
    try:
        return Policies.model_validate(document.values)
    except ValidationError as error:
        raise PoliciesError(path.name, tuple(_problems(error, document))) from error


class PolicyBook:
    """The policies of a home, read again when their files change.

    Parameters
    ----------
    home : Path
    table : AlertTable
    """

    def __init__(self, home: Path, table: AlertTable) -> None:
        self._folder, self._table = home / FOLDER, table
        self._good: dict[Path, tuple[HeldPolicy, ...]] = {}
        self.faults: Mapping[str, PoliciesError] = {}

    def held(self) -> tuple[HeldPolicy, ...]:
        """Return all policies that hold now; ``faults`` then has the files that cannot be used."""
        found = [item for path in self._refreshed() for item in self._good.get(path, ())]
        by_id: dict[str, HeldPolicy] = {}
        for item in (*found, *self._set_here()):
            by_id.setdefault(item.policy.id, item)  # a file stands before what was set in the apps
        return tuple(by_id[name] for name in sorted(by_id))

    def _set_here(self) -> Iterator[HeldPolicy]:
        """Yield the policies that are rows; one that this version does not understand is a fault."""
        for row in self._table.policies():
            if row.definition is None:
                continue
            try:
                policy = Policy.model_validate(row.definition)
            except ValidationError as error:
                told = tuple((str(item["loc"]), item["msg"]) for item in error.errors())
                self.faults = {**self.faults, row.policy_id: PoliciesError(row.policy_id, told)}
            else:
                yield HeldPolicy(policy=policy, origin=SET_IN_APPS, version=row.version)

    def _refreshed(self) -> list[Path]:
        paths = [path for path in sorted(self._folder.glob("*.y*ml")) if not is_by_the_way(path)]
        faults: dict[str, PoliciesError] = {}
        taken: dict[str, str] = {}
        for path in paths:
            try:
                policies = read_policies(path).policies
                _require_new(policies, taken, path.name)
                self._good[path] = tuple(HeldPolicy(policy=item, origin=path.name) for item in policies)
            except PoliciesError as error:
                faults[path.name] = error
            taken |= {item.policy.id: path.name for item in self._good.get(path, ())}
        self._good = {path: self._good[path] for path in paths if path in self._good}
        self.faults = faults
        return paths


def _require_new(policies: list[Policy], taken: Mapping[str, str], name: str) -> None:
    known = [item.id for item in policies if item.id in taken]
    double = [(f"policies.{name}", f"stands in {taken[name]} too") for name in known]
    if double:
        raise PoliciesError(name, tuple(double))


def _problems(error: ValidationError, document: YamlDocument) -> list[tuple[str, str]]:
    return [
        (
            ".".join(str(part) for part in item["loc"]),
            _at(item["msg"].removeprefix("Value error, "), document.line(item["loc"])),
        )
        for item in error.errors(include_url=False, include_input=False, include_context=False)
    ]


def _at(message: str, line: int) -> str:
    return f"{message} (line {line})" if line else message
