"""A change that old clients trip over is seen before it is released; one that they do not is let through."""

import copy
import json
import subprocess
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from specshift import diff_specs

Contract = dict[str, Any]
ROOT = Path(__file__).parents[3]
PLACE = "herd_engine/api/openapi.json"
CONTRACT: Contract = json.loads((files("herd_engine.api") / "openapi.json").read_text("utf-8"))
RUNS, CANCEL = "/api/v1/runs", "/api/v1/runs/{run_id}/cancel"


def schema(contract: Contract, name: str) -> Contract:
    return dict.__getitem__(contract["components"]["schemas"], name)


def parameter(contract: Contract, path: str, name: str) -> Contract:
    found: list[Contract] = contract["paths"][path]["get"]["parameters"]
    return next(each for each in found if each["name"] == name)


BREAKING: dict[str, Callable[[Contract], Any]] = {
    "a path is gone": lambda it: it["paths"].pop(CANCEL),
    "a method is gone": lambda it: it["paths"]["/api/v1/runs/{run_id}"].pop("delete"),
    "an answer lacks a field": lambda it: schema(it, "Run")["properties"].pop("run_hash"),
    "a field is of another type": lambda it: schema(it, "Run")["properties"]["status"].update(type="integer"),
    "a request needs a new field": lambda it: schema(it, "NewScenario")["required"].append("description"),
    "a parameter is required": lambda it: parameter(it, RUNS, "text").update(required=True),
    "a maximum is lower": lambda it: schema(it, "RunOptions")["properties"]["priority"].update(maximum=5),
    "a request may say less": lambda it: parameter(it, "/api/v1/outputs", "format")["schema"]["anyOf"][0][
        "enum"
    ].remove("csv"),
    "a state is another one": lambda it: it["paths"][CANCEL]["post"]["responses"].update(
        {"201": it["paths"][CANCEL]["post"]["responses"].pop("200")}
    ),
}
HARMLESS: dict[str, Callable[[Contract], Any]] = {
    "a path more": lambda it: it["paths"].update({"/api/v1/more": copy.deepcopy(it["paths"]["/api/v1/me"])}),
    "a parameter more": lambda it: it["paths"][RUNS]["get"]["parameters"].append(
        {"name": "more", "in": "query", "required": False, "schema": {"type": "string"}}
    ),
    "a field more in an answer": lambda it: schema(it, "Run")["properties"].update(more={"type": "string"}),
    "other words": lambda it: it["paths"][RUNS]["get"].update(summary="Runs, listed"),
}


def plain(part: Any) -> Any:
    """Return a contract without "or null": what may be null is otherwise not looked into."""
    if isinstance(part, list):
        return [plain(each) for each in part]
    if not isinstance(part, dict):
        return part
    others = [each for each in part.get("anyOf", ()) if each != {"type": "null"}]
    if len(others) == 1:
        part = {**{name: each for name, each in part.items() if name != "anyOf"}, **others[0]}
    return {name: plain(each) for name, each in part.items()}


def breaks(old: Contract, new: Contract) -> list[str]:
    found = diff_specs(plain(old), plain(new)).breaking_changes
    return [f"{each.location}: {each.message}" for each in found]


def changed(plant: Callable[[Contract], Any]) -> Contract:
    contract = copy.deepcopy(CONTRACT)
    plant(contract)
    return contract


@pytest.mark.parametrize("plant", BREAKING.values(), ids=BREAKING)
def test_what_breaks_clients_is_seen(plant: Callable[[Contract], Any]) -> None:
    assert breaks(CONTRACT, changed(plant))


@pytest.mark.parametrize("plant", HARMLESS.values(), ids=HARMLESS)
def test_what_breaks_nobody_is_let_through(plant: Callable[[Contract], Any]) -> None:
    new = changed(plant)

    assert new != CONTRACT
    assert breaks(CONTRACT, new) == []


def test_nothing_breaks_since_the_last_release() -> None:
    def git(*words: str) -> str:
        command = ["git", "-C", str(ROOT), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()

    released = git("describe", "--tags", "--abbrev=0")
    if released and git("ls-tree", released, PLACE):
        assert breaks(json.loads(git("show", f"{released}:{PLACE}")), CONTRACT) == []
    else:  # nobody was given another one yet: then this one is the first
        assert CONTRACT["info"]["version"] == "1.0.0"
