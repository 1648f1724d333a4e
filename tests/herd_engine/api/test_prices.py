"""Prices over the service."""

from starlette.testclient import TestClient

from herd_engine.workbench import Workbench

V1 = "/api/v1"
SPRING = {"currency": "EUR", "valid_from": "2026-03-01", "milk_per_kg": 0.45, "feed": {"dry_day": 3.0}}


def test_prices_are_stated_listed_and_kept_by_version(client: TestClient, bench: Workbench) -> None:
    assert client.get(f"{V1}/prices").json() == {"price_sets": []}
    first = client.put(f"{V1}/prices/Spring", json=SPRING)
    client.put(f"{V1}/prices/spring", json=SPRING | {"milk_per_kg": 0.47})
    again = client.put(f"{V1}/prices/spring", json=SPRING | {"milk_per_kg": 0.47})
    found = client.get(f"{V1}/prices/SPRING").json()

    assert first.json()["set"] == SPRING | {"name": "Spring"}
    assert again.json()["version"] == 2
    assert [each["version"] for each in found["versions"]] == [2, 1]
    assert "springer_price" in found["missing"]["plan_cost"]
    assert bench.prices.find("spring").prices["milk_per_kg"] == 0.47
    assert client.get(f"{V1}/prices/autumn").status_code == 404
    assert client.put(f"{V1}/prices/x", json=SPRING | {"currency": "QQQ"}).status_code == 422
    assert client.put(f"{V1}/prices/x", json=SPRING | {"milk": 1}).status_code == 422


def test_the_service_tells_what_animals_are_worth(client: TestClient, bench: Workbench, dataset: str) -> None:
    path = f"{V1}/datasets/{dataset}/values"
    bare = client.get(path).json()
    prices = {
        "currency": "EUR", "valid_from": "2026-03-01", "milk_per_kg": 0.45, "springer_price": 1900,
        "feed": {"maintenance_milking_day": 3.0, "per_kg_milk": 0.12, "dry_day": 3.0},
        "cull_cow": {"per_head": 900}, "calf": {"heifer": 150, "bull": 150}, "discount_rate_year": 0.06,
    }  # fmt: skip
    client.put(f"{V1}/prices/spring", json=prices)
    asked = {"prices": "spring", "curve": "milkbot_priors"}
    answer = client.get(path, params=asked)
    cards = client.get(f"{V1}/datasets/{dataset}/cards", params=asked).json()

    assert set(bare["unknown"].values()) == {"needs_prices"}
    herd_file = bench.datasets.load(dataset)
    found = bench.values(herd_file, bench.prices.find("spring"), curve="milkbot_priors")
    assert answer.json() == found.document(limit=500)
    assert cards["price_set"] == "spring@2026-03-01"
    assert client.get(path, params={"prices": "autumn"}).status_code == 404
    bench.prices.use("spring")
    assert client.get(path).json()["unknown"]["rpo"] == "needs_milk"
