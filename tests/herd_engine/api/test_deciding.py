"""What to do about a herd, over the service."""

from starlette.testclient import TestClient

from herd_engine.model.forecast import Metric
from herd_engine.model.scenario import Scenario
from herd_engine.model.sensitivity import WatchedNumber
from herd_engine.model.whatif import SaidLever
from herd_engine.workbench import Workbench
from tests.herd_engine.api.conftest import work

V1 = "/api/v1"


def test_the_service_tells_the_key_figures_of_a_kept_file(
    client: TestClient, bench: Workbench, dataset: str
) -> None:
    answer = client.get(f"{V1}/datasets/{dataset}/kpis")

    assert answer.status_code == 200
    assert answer.json() == bench.kpis(bench.datasets.load(dataset)).document()
    assert client.get(f"{V1}/datasets/none/kpis").status_code == 404


def test_the_service_tells_rules_and_pages_of_their_animals(
    client: TestClient, bench: Workbench, dataset: str
) -> None:
    whole = bench.findings(bench.datasets.load(dataset)).document()
    page = client.get(f"{V1}/datasets/{dataset}/detective", params={"offset": 1, "limit": 2}).json()

    assert page["rates"] == whole["rates"]
    assert page["hits"]["rows"] == whole["hits"]["rows"][1:3]
    assert page["hits"]["total_rows"] == len(whole["hits"]["rows"])


def test_the_service_gives_the_sheet_in_three_forms(
    client: TestClient, bench: Workbench, dataset: str
) -> None:
    path = f"{V1}/datasets/{dataset}/sheet"
    document = client.get(path).json()
    table = client.get(path, params={"format": "csv", "list": "breed"})
    page = client.get(path, params={"format": "html", "language": "ru"})

    assert document == bench.daily_sheet(bench.datasets.load(dataset)).document()
    assert len(table.text.splitlines()) == 1 + document["counts"]["breed"]
    assert "Лист работ" in page.text
    assert page.headers["content-type"].startswith("text/html")
    assert client.get(path, params={"days": 61}).status_code == 422


def test_the_service_tells_what_moves_a_number(client: TestClient, bench: Workbench, dataset: str) -> None:
    path = f"{V1}/datasets/{dataset}/sensitivity"
    answer = client.get(path, params={"output": "calvings@6"})

    assert answer.status_code == 200
    number = WatchedNumber.parse("calvings@6")
    assert answer.json() == bench.sensitivity(bench.datasets.load(dataset), number).document()
    assert client.get(path, params={"output": "cows@6"}).status_code == 422
    assert client.get(f"{V1}/datasets/none/sensitivity").status_code == 404


def test_the_service_gives_cards_and_their_sum(client: TestClient, bench: Workbench, dataset: str) -> None:
    path = f"{V1}/datasets/{dataset}/cards"
    whole = bench.cards(bench.datasets.load(dataset)).document(limit=500)
    page = client.get(path, params={"format": "html", "list": "check", "language": "ru"})

    assert client.get(path).json() == whole
    assert "Карточки животных" in page.text
    animal = whole["rows"][3]["animal"]
    assert client.get(path, params={"animal": animal}).json()["rows"] == whole["rows"][3:4]
    assert client.get(path, params={"animal": "none"}).status_code == 404


def test_the_service_tells_what_another_plan_changes(
    client: TestClient, bench: Workbench, dataset: str
) -> None:
    path, wish = f"{V1}/datasets/{dataset}/whatif", {"horizon_months": 6, "runs": 20}
    answer = client.post(path, json=wish | {"levers": [{"name": "culling", "number": 0.8}]})

    assert answer.status_code == 200
    base = Scenario(horizon_months=6)
    found = bench.what_if(
        bench.datasets.load(dataset), [SaidLever(name="culling", number=0.8)], base, runs=20
    )
    assert answer.json() == found.document()
    assert client.post(path, json=wish).status_code == 422
    assert client.post(path, json=wish | {"levers": [{"name": "cows", "number": 1}]}).status_code == 422


def test_the_service_finds_a_plan_and_keeps_it(client: TestClient, bench: Workbench, dataset: str) -> None:
    wish = {"keep": "milking>=60", "last": 8, "runs": 100, "save": "Keep 60"}
    answer = client.post(f"{V1}/datasets/{dataset}/optimize", json=wish)

    assert answer.status_code == 200
    assert answer.json()["schema"] == "herd-plan/1"
    kept = bench.scenarios.find("Keep 60")
    assert sum(each["count"] for each in kept.params["purchases"]) == answer.json()["total_bought"]
    assert client.post(f"{V1}/datasets/{dataset}/optimize", json={"keep": "cows>=1"}).status_code == 422


def test_the_service_tells_at_once_what_to_expect_of_a_scenario(
    client: TestClient, bench: Workbench, dataset: str
) -> None:
    path, payload = f"{V1}/datasets/{dataset}:expectation", {"horizon_months": 6, "mc_runs": 200}
    answer = client.post(path, json={"payload": payload}).json()
    run = client.post(f"{V1}/runs", json={"dataset_id": dataset, "payload": payload}).json()["run"]["id"]
    work(bench.kept)
    simulated = bench.runs.forecast(run)
    other = client.post(path, json={"payload": {"mode": "empirical"}})

    assert (answer["available"], answer["reason"]) == (True, None)
    assert answer["dates"] == [each.isoformat() for each in simulated.dates]
    mean = simulated.series[Metric.MILKING_COUNT].mean[-1]
    error = simulated.series[Metric.MILKING_COUNT].mcse_mean[-1]
    # It leaves out what moves all animals together, so that it is near the mean, not equal.
    assert abs(answer["expected"]["milking_count"][-1] - mean) < 5 * error + 0.05 * mean
    assert answer["expected"]["calvings"][0] is None
    assert client.post(f"{V1}/datasets/none:expectation", json={}).status_code == 404
    assert client.post(path, json={"payload": {"horizon_months": 0}}).json()["code"] == "SCENARIO_INVALID"
    assert other.json() == {"available": False, "reason": "simulation_needed", "dates": [], "expected": {}}
