"""Two people of one home, each with a key for programs and a browser: each finds their own farm alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from starlette.testclient import TestClient

from herd_engine.api.app import gated, new_app
from herd_engine.api.settings import ApiSettings
from herd_engine.model.source import Source
from herd_engine.model.visitor import Visitor
from herd_engine.sample import make_sample
from herd_engine.workbench import Workbench
from tests.browser.apps_server import PATIENCE_MS, served

expect.set_options(timeout=PATIENCE_MS)
HORIZON = {"anna": 6, "boris": 7}
FARM = {"anna": "North", "boris": "South"}
ROW = ".herd-run-list tbody tr"


@dataclass(frozen=True)
class Person:
    """Somebody with a key for programs, and what they have."""

    client: TestClient
    run: str


@pytest.fixture
def people(tmp_path: Path) -> Iterator[dict[str, Person]]:
    whole, found = Workbench(tmp_path, source=Source.API), {}
    app = gated(new_app(ApiSettings(home=tmp_path, start_runner=False), whole), "k" * 43)
    for name, farm in FARM.items():
        whole.farms.add(farm)
        whole.farms.grant(farm, name, "manager")
        mine = whole.of(Visitor(name=name), farm)
        key = mine.api_keys.create("portal", ["herd:read", "herd:run", "herd:write"]).key
        dataset = mine.datasets.add(make_sample(animals=100).csv, "farm.csv", same_farm=True).dataset.id
        run = mine.runs.submit(dataset, {"mc_runs": 10, "horizon_months": HORIZON[name]}).run.id
        headers = {"Authorization": f"Bearer {key}"}
        found[name] = Person(TestClient(app, base_url="http://127.0.0.1:8867", headers=headers), run)
    yield found
    whole.close()


def test_two_visitors_find_their_own_farms_and_runs_alone_over_the_service_and_in_the_apps(
    browser: Browser, people: dict[str, Person], tmp_path: Path
) -> None:
    for name, other in (("anna", "boris"), ("boris", "anna")):
        client = people[name].client
        assert [farm["name"] for farm in client.get("/api/v1/me").json()["farms"]] == [FARM[name]]
        runs = client.get("/api/v1/runs").json()["items"]
        assert [(run["id"], run["owner"]) for run in runs] == [(people[name].run, name)]
        foreign = [
            client.get(f"/api/v1/runs/{people[other].run}"),
            client.get("/api/v1/runs", params={"farm": FARM[other]}),
            client.post(f"/api/v1/runs/{people[other].run}/cancel"),
        ]
        assert [each.status_code for each in foreign] == [404] * 3

    with served(tmp_path, "--preheat", "0", "--trust-forwarded-user") as apps:
        for name, other in (("anna", "boris"), ("boris", "anna")):
            said = {"X-Forwarded-User": name}
            with apps.visit(browser, f"?farm={FARM[name]}", "history", extra_http_headers=said) as visit:
                expect(visit.page.locator(f"{ROW}:has-text('{HORIZON[name]} months')")).to_have_count(1)
                expect(visit.page.locator(f"{ROW}:has-text('{HORIZON[other]} months')")).to_have_count(0)
            with apps.visit(browser, f"?farm={FARM[other]}", "history", extra_http_headers=said) as visit:
                expect(visit.page.get_by_role("alert").get_by_text(FARM[other]).first).to_be_visible()
                expect(visit.page.locator(ROW)).to_have_count(0)
