"""Whatever the contract lets one ask is answered as the contract says, whatever is asked (A16).

Schemathesis makes requests that fit the contract, and some that do not; both with ids that are there.
"""

import itertools
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from herd_engine.workbench import Workbench
from tests.herd_engine.api.conftest import KEY, PAYLOAD, Start, work

EXAMPLES = 6
"""Of each operation."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    response_schema_conformance,
    content_type_conformance,
]
STREAMS = {"runs_stream"}
"""They do not end."""
SETTINGS = hypothesis.settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    suppress_health_check=list(hypothesis.HealthCheck),
)


class FromEverywhere:
    """Every request comes from another address: wrong tokens are asked for, and nobody is to be slowed.

    Schemathesis calls a service in its own process by a name that the service does not know.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._number = app, itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = [each for each in scope["headers"] if each[0] != b"host"]
            headers.append((b"host", b"127.0.0.1:8867"))
            scope = {**scope, "client": (f"10.{next(self._number)}", 1), "headers": headers}
        await self._app(scope, receive, send)


@pytest.fixture
def ids(client: TestClient, bench: Workbench, dataset: str) -> dict[str, str]:
    """Return what is there, by the name of the parameter of paths."""
    asked = client.post("/api/v1/runs", json={"dataset_id": dataset, "payload": PAYLOAD}).json()
    scenario = client.post("/api/v1/scenarios", json={"name": "Plan", "payload": PAYLOAD}).json()["id"]
    preset = client.post("/api/v1/presets", json={"name": "Mine", "payload": {"seed": 3}}).json()["id"]
    work(bench.kept)
    return {
        "run_id": asked["run"]["id"],
        "dataset_id": dataset,
        "scenario_id": scenario,
        "preset_id": preset,
        "submission_id": asked["submission"]["id"],
        "job_id": asked["submission"]["id"],
        "farm_id": bench.farms.find().id,
        "contract_id": "herd_export",
        "version": "1",
        "kind": "csv",
        "view": "review",
        "part": "series",
        "name": "result.json",
    }


PATIENCE_SECONDS = 300
"""On a crowded machine a search for a plan takes longer than the ten seconds that are usual."""


def operations(contract: dict[str, Any], app: ASGIApp) -> Iterator[Any]:
    schema = schemathesis.openapi.from_dict(contract)
    schema.app = app
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.definition.raw["operationId"] not in STREAMS:
            yield operation


def requests(operation: Any, ids: dict[str, str]) -> st.SearchStrategy[Any]:
    """Return requests that do not fit the contract, and such that do, of things that are there."""
    names = [each.name for each in operation.path_parameters]
    known = {} if operation.method == "delete" else {name: ids[name] for name in names if name in ids}
    chosen = {"path_parameters": known} if len(known) == len(names) > 0 else {}
    meant = operation.as_strategy(GenerationMode.POSITIVE, **chosen).map(lambda case: of_what_is(case, ids))
    return st.one_of(meant, meant, operation.as_strategy(GenerationMode.NEGATIVE))


def of_what_is(case: Any, ids: dict[str, str]) -> Any:
    """Let a request mean the farm and the herd file that are there: others are not found, and that is all."""
    for place, name in ((case.query, "farm"), (case.headers, "herd-farm"), (case.query, "cursor")):
        place.pop(name, None)
    meant = dict.fromkeys(("dataset_id", "old", "new"), ids["dataset_id"]) | {"payload": {}}
    meant |= dict.fromkeys(("ids", "base", "since"), ids["run_id"])
    for place in filter(lambda each: isinstance(each, dict), (case.body, case.query)):
        place.update({name: value for name, value in meant.items() if name in place})
    return case


def findings(operation: Any, ids: dict[str, str]) -> tuple[list[str], set[int]]:
    """Return what was answered otherwise than the contract says, and with which statuses."""
    found: list[str] = []
    statuses: list[int] = []

    @SETTINGS
    @hypothesis.given(case=requests(operation, ids))
    def ask(case: Any) -> None:
        answer = case.call(headers={"Authorization": f"Bearer {KEY}"}, timeout=PATIENCE_SECONDS)
        first = [] if statuses else [ignored_auth]  # it asks three times more
        statuses.append(answer.status_code)
        case.validate_response(answer, checks=CHECKS + first)

    try:
        ask()
    except FailureGroup as error:
        found.append(f"{operation.label}: {error}")
    return found, set(statuses)


@pytest.mark.slow
def test_what_is_asked_is_answered_as_the_contract_says(start: Start, ids: dict[str, str]) -> None:
    client = start()
    contract = client.get("/api/openapi.json").json()
    pairs = contract["components"]["schemas"]["DeliveryStats"]["properties"]["error_codes"]["items"]
    del pairs["prefixItems"]  # as JSON Schema 2020-12 has it, which schemathesis takes for draft 4 here

    asked = operations(contract, FromEverywhere(client.app))
    answered = {operation.label: findings(operation, ids) for operation in asked}

    told = [each for found, _ in answered.values() for each in found]
    assert not told, "\n\n".join(told)
    well = [label for label, (_, statuses) in answered.items() if min(statuses) < 300]
    assert len(well) > len(answered) / 2, sorted(set(answered) - set(well))
