"""Contracts from their files: read whole or refused whole, each problem with its line."""

from functools import lru_cache
from importlib.resources import files

from pydantic import ValidationError

from herd_engine.datasets.contract.model import COMMON, Contract
from herd_engine.errors import ContractError, YamlError
from herd_engine.guarded_yaml.reader import read_yaml

BASE = "herd_export"
PROFILES = ("herd_export", "events", "farm_sheet", "milk_tests")


@lru_cache(maxsize=len(PROFILES))
def shipped_contract(profile: str) -> Contract:
    """Return the contract that comes with the program."""
    return read_contract(shipped_bytes(profile), f"{profile}.yaml")


def shipped_bytes(profile: str) -> bytes:
    """Return the file of the contract that comes with the program."""
    return (files("herd_engine.datasets.contract") / f"{profile}.yaml").read_bytes()


def read_contract(data: bytes, name: str) -> Contract:
    """Return the contract that a file holds.

    Raises
    ------
    ContractError
        It is no YAML, or says what no contract can; all problems are listed, with their lines.
    """
    try:
        document = read_yaml(data, name)
    except YamlError as error:
        raise ContractError(name, ((error.line, "", error.reason),)) from error
    values = document.values
    if isinstance(values, dict) and values.get("contract") != BASE:
        base = shipped_contract(BASE)
        values = {part: getattr(base, part) for part in COMMON} | values
    try:
        return Contract.model_validate(values)
    except ValidationError as error:
        raise ContractError(
            name,
            tuple(
                (document.line(problem["loc"]), ".".join(map(str, problem["loc"])), problem["msg"])
                for problem in error.errors(include_url=False, include_input=False)
            ),
        ) from error
