"""Two people ask one service: what is the one's is not there for the other, at any address."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from herd_engine.api.app import new_app
from herd_engine.model.visitor import Visitor
from herd_engine.workbench import Workbench
from tests.herd_engine.api.conftest import PAYLOAD, SETTINGS, upload
from tests.herd_engine.api.test_gate import FREE, path_of
from tests.herd_engine.runs.conftest import work

MISSING = "00000000-0000-0000-0000-000000000000"
NOT_OF_A_FARM = {"/api/v1/me", "/api/v1/me/api-keys", "/api/v1/me/api-keys/{key_id}", "/api/v1/tickets"}


@dataclass(frozen=True)
class As:
    """The application as somebody sees it whom the gate has let in."""

    app: ASGIApp
    visitor: Visitor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {}).update(principal=self.visitor, request_id="test")
        try:
            await self.app(scope, receive, send)
        finally:
            scope["app"].state.places.leave(scope["state"])  # as the gate does


Asking = Callable[[str], TestClient]


@pytest.fixture
def asking(bench: Workbench) -> Iterator[Asking]:
    """Return the client of a member of the farm North, of South, or of whoever is named."""
    for name, member in (("North", "anna"), ("South", "boris")):
        bench.farms.add(name)
        bench.farms.grant(name, member, "admin" if name == "South" else "manager")
    bench.farms.grant("North", "vera", "viewer")
    app = new_app(SETTINGS, bench)

    def client(name: str) -> TestClient:
        return TestClient(As(app, Visitor(name=name)), base_url="http://127.0.0.1:8867")

    return client


@dataclass(frozen=True)
class Things:
    """What Anna has on her farm."""

    dataset: str
    run: str
    scenario: str
    farm: str
    job: str
    backtest: str


@pytest.fixture
def things(asking: Asking, bench: Workbench, farm_file: bytes) -> Things:
    anna = asking("anna")
    dataset = upload(anna, farm_file).json()["id"]
    asked = anna.post("/api/v1/runs", json={"dataset_id": dataset, "payload": PAYLOAD}).json()
    run, job = asked["run"]["id"], asked["submission"]["id"]
    scenario = anna.post("/api/v1/scenarios", json={"name": "Wide", "payload": {}}).json()["id"]
    backtest = anna.post(f"/api/v1/datasets/{dataset}/backtests").json()["backtest"]["id"]
    work(bench.kept)
    return Things(dataset, run, scenario, bench.farms.find("North").id, job, backtest)


def addresses(client: TestClient, things: Things) -> list[tuple[str, str, str]]:
    """Return method, address and the same with an id that is nobody's, of all that names something."""
    ids = {
        "{run_id}": things.run,
        "{dataset_id}": things.dataset,
        "{scenario_id}": things.scenario,
        "{farm_id}": things.farm,
        "{job_id}": things.job,
        "{submission_id}": things.job,
        "{backtest_id}": things.backtest,
    }
    found = []
    for template, methods in client.app.app.openapi()["paths"].items():  # type: ignore[attr-defined]
        named = next((name for name in ids if name in template), None)
        if named is not None:
            theirs, nobodys = (path_of(template.replace(named, each)) for each in (ids[named], MISSING))
            found += [(method.upper(), theirs, nobodys) for method in methods]
    return found


NOT_THERE = {"NOT_FOUND"} | {f"{noun}_NOT_FOUND" for noun in ("DATASET", "SCENARIO", "JOB", "HISTORY_ITEM")}
"""The longer ones are of the first contract."""


def asked(client: TestClient, method: str, path: str) -> Any:
    body = {"PATCH": {"name": "Mine"}}.get(method)
    return client.request(method, path, json=body, headers={"If-Match": '"1"'})


def told(answer: Any, own_id: str) -> tuple[int, Any]:
    """Return the answer without what must differ: the id that was asked for, and what fills other places."""
    return answer.status_code, json.loads(answer.text.replace(own_id, "ID").replace(MISSING, "ID"))


def code_of(answer: Any) -> str:
    """Return the code of a refusal, in either contract's form."""
    body = answer.json()
    if "code" in body:
        return str(body["code"])
    detail = body["detail"]
    return str(detail["details"].get("code", detail["error_code"]))


def test_what_is_anothers_looks_as_what_is_not_there(
    asking: Asking, things: Things, bench: Workbench
) -> None:
    boris = asking("boris")
    before = bench.of("local", "North").runs.get(things.run)
    everything = addresses(boris, things)
    ids = (things.run, things.dataset, things.scenario, things.farm, things.job, things.backtest)

    for method, theirs, nobodys in everything:
        own = next(each for each in ids if each in theirs)
        for query in ("", "?farm=North", f"?farm={things.farm}", "?farm=South"):
            foreign = asked(boris, method, theirs + query)
            missing = told(asked(boris, method, nobodys + query), MISSING)
            assert told(foreign, own) == missing, (method, theirs, query)
            answer = foreign.status_code, code_of(foreign)
            wants_body = method in {"POST", "PUT"} and answer == (422, "REQUEST_INVALID")
            assert wants_body or (answer[0] == 404 and answer[1] in NOT_THERE), (method, theirs, query)
    assert len(everything) > 20
    assert bench.of("local", "North").runs.get(things.run) == before


def test_lists_and_names_tell_nothing_of_anothers_farm(asking: Asking, things: Things) -> None:
    boris = asking("boris")
    lists = [boris.get(f"/api/v1/{noun}") for noun in ("farms", "datasets", "runs", "scenarios", "me")]

    assert [each.status_code for each in lists] == [200] * 5
    assert [farm["name"] for farm in lists[0].json()["items"]] == ["South"]
    for each in lists:
        assert "North" not in each.text
        assert things.run not in each.text
    stolen = boris.post("/api/v1/runs", json={"dataset_id": things.dataset, "payload": PAYLOAD})
    assert stolen.status_code == 404
    many = boris.post("/api/v1/runs:bulkDelete", json={"ids": [things.run, MISSING]})
    assert {each["reason"] for each in many.json()["skipped"]} == {"not_found"}


def test_sums_comparisons_and_rows_hold_nothing_of_anothers(
    asking: Asking, things: Things, bench: Workbench, farm_file: bytes
) -> None:
    south = bench.of("local", "South").datasets.add(farm_file, "south.csv", same_farm=True).dataset.id
    items = [{"farm": "North", "dataset_id": things.dataset}, {"farm": "South", "dataset_id": south}]
    wish = {"items": items, "payload": PAYLOAD}
    owner, boris = TestClient(As(new_app(SETTINGS, bench), Visitor.at_the_machine())), asking("boris")
    group = owner.post("/api/v1/portfolios", json=wish).json()["group_id"]
    assert owner.get(f"/api/v1/portfolios/{group}").status_code == 200

    foreign = [
        boris.get(f"/api/v1/portfolios/{group}"),
        boris.post("/api/v1/portfolios", json=wish),
        boris.get("/api/v1/runs:compare", params={"ids": f"{things.run},{MISSING}"}),
        boris.get("/api/v1/datasets/compare", params={"old": things.dataset, "new": south}),
        boris.get("/api/v1/outputs", params={"run_id": things.run}),
        boris.post("/api/v1/sweeps", json={"dataset_id": things.dataset, "values": {"mc_runs": [10, 20]}}),
    ]

    assert [(each.status_code, code_of(each)) for each in foreign] == [(404, "NOT_FOUND")] * len(foreign)
    rows = boris.get("/api/v1/outputs")
    assert (rows.status_code, rows.json()["items"]) == (200, [])


def test_every_route_says_which_right_it_needs_and_refuses_who_lacks_it(
    asking: Asking, things: Things, bench: Workbench
) -> None:
    """By walking the contract; a viewer of the farm reads, and does nothing else."""
    vera, boris, nobody = asking("vera"), asking("boris"), asking("nobody")
    paths = vera.app.app.openapi()["paths"]  # type: ignore[attr-defined]
    for template, operations in paths.items():
        for method, operation in operations.items():
            needed = operation["x-scope"]
            if needed in ("none", "any"):
                assert template in FREE | NOT_OF_A_FARM
                continue
            path = path_of(template)
            for stranger in (boris, nobody):
                foreign = stranger.request(method, path, params={"farm": "North"})
                assert (foreign.status_code, code_of(foreign)) == (404, "NOT_FOUND"), path
            refused = vera.request(method, path, params={"farm": "North"})
            if needed == "herd:read":
                assert refused.status_code != 403, path
            else:
                assert (refused.status_code, code_of(refused)) == (403, "FORBIDDEN"), path
                assert f'"required_scope":"{needed}"' in refused.text.replace(" ", "")


def test_a_person_of_several_farms_says_which_one_is_meant(asking: Asking, bench: Workbench) -> None:
    bench.farms.grant("South", "anna", "viewer")
    bench.farms.grant(None, "boss", "viewer")
    anna = asking("anna")

    assert anna.get("/api/v1/runs").json()["code"] == "FARM_REQUIRED"
    assert anna.get("/api/v1/runs", headers={"Herd-Farm": "South"}).status_code == 200
    told_roles = {farm["name"]: farm["role"] for farm in anna.get("/api/v1/me").json()["farms"]}
    assert told_roles == {"North": "manager", "South": "viewer"}


def test_who_has_no_farm_is_told_who_they_are_and_nothing_else(asking: Asking) -> None:
    nobody = asking("nobody")

    assert nobody.get("/api/v1/me").json()["farms"] == []
    assert nobody.get("/api/v1/runs").status_code == 404


def test_a_manager_ends_what_others_asked_for_and_an_adviser_does_not(
    asking: Asking, bench: Workbench, farm_file: bytes
) -> None:
    for name in ("ada", "ivan"):
        bench.farms.grant("North", name, "adviser")
    dataset = upload(asking("anna"), farm_file).json()["id"]
    wish = {"dataset_id": dataset, "payload": PAYLOAD}
    run = asking("ada").post("/api/v1/runs", json=wish).json()["run"]["id"]

    refused = asking("ivan").post(f"/api/v1/runs/{run}/cancel")
    greater = asking("ada").post("/api/v1/runs", json={**wish, "priority": 5})
    ended = asking("anna").post(f"/api/v1/runs/{run}/cancel")

    assert (refused.status_code, greater.status_code) == (403, 403)
    assert (ended.status_code, ended.json()["status"]) == (200, "canceled")


def test_a_farm_is_renamed_by_its_own_admin_alone(asking: Asking, bench: Workbench) -> None:
    bench.farms.grant("South", "anna", "admin")
    farms = {farm.name: farm.id for farm in bench.farms.list()}
    anna = asking("anna")

    own = anna.patch(f"/api/v1/farms/{farms['South']}?farm=South", json={"name": "Far South"})
    other = anna.patch(f"/api/v1/farms/{farms['North']}?farm=Far%20South", json={"name": "Mine"})

    assert own.json()["name"] == "Far South"
    assert (other.status_code, other.json()["details"]) == (403, {"required_scope": "herd:admin"})


def test_a_farm_is_merged_into_another_by_who_may_on_both(
    asking: Asking, bench: Workbench, farm_file: bytes
) -> None:
    bench.farms.grant("South", "anna", "admin")
    farms = {farm.name: farm.id for farm in bench.farms.list()}
    sent = {"file": ("farm.csv", farm_file, "text/csv")}
    dataset = asking("anna").post("/api/v1/datasets?farm=South", files=sent).json()
    path = f"/api/v1/farms/{farms['South']}/merge?farm=South"

    strange = asking("anna").post(path, json={"into": "Nowhere"})
    bench.farms.grant("North", "anna", "viewer")
    refused = asking("anna").post(path, json={"into": farms["North"]})
    itself = asking("anna").post(path, json={"into": "South"})
    bench.farms.grant("North", "anna", "manager")
    merged = asking("anna").post(path, json={"into": "North"})

    assert (strange.status_code, refused.status_code, itself.status_code) == (404, 403, 409)
    assert itself.json()["code"] == "CONFLICT"
    assert merged.json() == {
        "files": 1,
        "scenarios": 0,
        "has_answers": False,
        "has_sheet": False,
        "price_sets": 0,
    }
    listed = asking("anna").get("/api/v1/datasets?farm=North").json()["items"]
    assert [each["sha256"] for each in listed] == [dataset["sha256"]]
    assert "South" not in [farm["name"] for farm in asking("anna").get("/api/v1/farms").json()["items"]]
