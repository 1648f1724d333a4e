"""Who only looks changes nothing: no GET writes a row (A15)."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy import event
from starlette.testclient import TestClient

from herd_engine.workbench import Workbench
from tests.herd_engine.api.conftest import PAYLOAD, work

WRITING = ("INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER", "REPLACE")


@contextmanager
def statements_of_all_engines() -> Iterator[list[str]]:
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(sa.Engine, "before_cursor_execute", note)


def test_no_get_writes(client: TestClient, bench: Workbench, dataset: str) -> None:
    run = client.post("/api/v1/runs", json={"dataset_id": dataset, "payload": PAYLOAD}).json()
    scenario = client.post("/api/v1/scenarios", json={"name": "Plan", "payload": PAYLOAD}).json()["id"]
    preset = client.post("/api/v1/presets", json={"name": "Mine", "payload": {"seed": 3}}).json()["id"]
    work(bench.kept)
    client.get("/api/v1/outputs")  # the catalogue of the table is opened once
    names = {
        "{run_id}": run["run"]["id"],
        "{dataset_id}": dataset,
        "{scenario_id}": scenario,
        "{preset_id}": preset,
        "{submission_id}": run["submission"]["id"],
        "{job_id}": run["submission"]["id"],
        "{contract_id}": "herd_export",
        "{version}": "1",
        "{kind}": "csv",
        "{view}": "review",
        "{name}": "result.json",
        "{farm_id}": bench.farms.find().id,
    }
    query = {"old": dataset, "new": dataset, "ids": run["run"]["id"], "since": run["run"]["id"]}
    paths = client.get("/api/openapi.json").json()["paths"]
    read, wrote = {}, {}
    for template in (path for path, operations in paths.items() if "get" in operations):
        path = template
        for name, value in names.items():
            path = path.replace(name, value)
        with statements_of_all_engines() as said:
            read[template] = client.get(path, params=query).status_code
        if written := [each for each in said if each.lstrip().upper().startswith(WRITING)]:
            wrote[template] = written

    assert wrote == {}
    assert len(read) > 40
    answered = {template for template, status in read.items() if status == 200}
    assert len(answered) > 35, {each: status for each, status in read.items() if status != 200}
