"""How many heavy requests of a person and a farm are here at once, and how much a farm may send a day."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from starlette.testclient import TestClient

from herd_engine.api.places import HeavyPlaces
from herd_engine.api.problems import Refusal
from herd_engine.api.settings import RATES, rates_of
from herd_engine.workbench import Workbench
from tests.herd_engine.api.conftest import Start

LIMITS = "/api/v1/admin/limits"


def send(client: TestClient, data: bytes) -> Any:
    return client.post("/api/v1/datasets?name=f.csv", content=data, headers={"Content-Type": "text/csv"})


def test_the_usual_limits_are_those_of_the_guide() -> None:
    assert (RATES["heavy_at_once"], RATES["farm_heavy_at_once"]) == ("4", "8")
    assert RATES["farm_upload_kib"] == f"{1024 * 1024}/day"  # 1 GiB
    assert rates_of("farm_heavy_at_once=3") == {"farm_heavy_at_once": "3"}


def test_few_are_carried_out_others_wait_and_more_are_refused() -> None:
    async def story() -> None:
        places, states = HeavyPlaces(1), [{} for _ in range(4)]
        most = {"person anna": 2, "farm 1": 3}
        await places.enter(states[0], most)
        waiting = asyncio.create_task(places.enter(states[1], most))
        await asyncio.sleep(0)
        with pytest.raises(Refusal) as refused:
            await places.enter(states[2], most)
        other = asyncio.create_task(places.enter(states[3], {"person boris": None, "farm 1": 3}))
        await asyncio.sleep(0)
        assert (refused.value.status_code, refused.value.code) == (429, "RATE_LIMITED")
        assert (waiting.done(), other.done(), places.here["farm 1"]) == (False, False, 3)
        with pytest.raises(Refusal):
            await places.enter(states[2], {"person clara": 2, "farm 1": 3})

        other.cancel()  # who goes away while they wait leaves their place
        await asyncio.gather(other, return_exceptions=True)
        places.leave(states[0])
        await waiting
        places.leave(states[1])
        places.leave(states[1])  # what was given back is not given back again
        assert places.here == Counter()
        await places.enter(states[2], most)

    asyncio.run(story())


def test_a_person_and_a_farm_have_so_many_heavy_requests_at_once(
    start: Start, bench: Workbench, dataset: str
) -> None:
    client = start(limits={"heavy_at_once": "4", "farm_heavy_at_once": "8"})
    path, here = f"/api/v1/datasets/{dataset}/file", client.app._app.state.places.here
    farm = f"farm {bench.farms.find().id}"
    for full in ({"person local": 4}, {farm: 8, "person local": 0}):
        here.update(full)
        refused = client.get(path)
        assert (refused.status_code, refused.json()["code"]) == (429, "RATE_LIMITED")
        assert refused.headers["retry-after"] == "1"
        assert client.get("/api/v1/runs").status_code == 200
        here.clear()
    here.update({farm: 8})
    client.put(f"{LIMITS}/My farm/heavy_at_once", json={"rate": "9"})
    assert client.get(path).status_code == 200
    assert here == {farm: 8}
    assert client.get("/api/v1/datasets/none/file").status_code == 404
    assert here == {farm: 8}


def test_a_farm_sends_so_much_a_day(start: Start, farm_file: bytes) -> None:
    kib = -(-len(farm_file) // 1024)
    client = start(limits={"farm_upload_kib": f"{2 * kib}/day"})

    assert [send(client, farm_file).status_code for _ in range(3)] == [201, 200, 429]
    small = send(client, b"x")
    assert (small.status_code, small.json()["code"]) == (429, "RATE_LIMITED")
    assert int(small.headers["retry-after"]) > 60
    form = {"file": ("f.csv", farm_file, "text/csv")}
    assert client.post("/api/v1/runs", files=form).status_code == 429
    assert client.post("/api/v1/runs", json={"dataset_id": "none"}).status_code == 404
    client.put(f"{LIMITS}/My farm/upload_kib", json={"rate": f"{8 * kib}/day"})
    assert send(client, farm_file).status_code == 200
