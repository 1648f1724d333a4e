"""Two hundred watchers of a real service: what that costs, and that all of them are told when it ends."""

import asyncio
import json
import os
from pathlib import Path

import pytest

from herd_engine.sample import make_sample
from pipelines.bench import api
from pipelines.bench.api_load import (
    Load,
    LoadRequest,
    mixed_requests,
    open_things,
    settled,
    soaked,
    steady,
    warmed_up,
)

DRAIN_SECONDS = 1.0


@pytest.mark.slow
def test_two_hundred_streams_are_drained_within_a_second(tmp_path: Path) -> None:
    with api.unlimited_service(tmp_path) as service:
        data = make_sample(animals=150, seed=2).csv
        kept = service.ask("POST", "/api/v1/datasets?name=f.csv", data, content_type="text/csv")
        wish = {"dataset_id": kept.document(201)["id"], "payload": api.SHORT}
        run = service.send("/api/v1/runs", wish).document(202)["run"]["id"]

        async def end_while_watched() -> tuple[api.Watchers, float]:
            watchers = await api.opened(service, f"/api/v1/runs/{run}/events/stream")
            return watchers, (await api.drained(service, watchers))[0]

        watchers, seconds = asyncio.run(end_while_watched())

        assert (watchers.n_open, watchers.n_drained) == (200, 200)
        assert service.process.wait() == 0
        # Where others use the machine too, everything takes as much longer as they take of it.
        assert seconds <= DRAIN_SECONDS * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


@pytest.mark.slow
def test_under_load_nothing_breaks_and_afterwards_nothing_is_left_open(tmp_path: Path) -> None:
    """A29 and A30 in small; `herd bench api` measures them in full."""
    with api.unlimited_service(tmp_path) as service:
        data = make_sample(animals=150, seed=2).csv
        dataset = service.ask("POST", "/api/v1/datasets?name=f.csv", data, content_type="text/csv").document(
            201
        )["id"]
        wish = {"dataset_id": dataset, "payload": api.SHORT}
        run = service.send("/api/v1/runs", wish).document(202)["run"]["id"]
        stream, mixed = f"/api/v1/runs/{run}/events/stream", mixed_requests(dataset, run)

        async def load() -> tuple[int, Load, Load]:
            watchers = await api.opened(service, stream, 20)
            submit = LoadRequest("POST", "/api/v1/runs", json.dumps(wish).encode())
            both = await steady(service, f"/api/v1/runs/{run}", submit, seconds=1.0, per_second=50)
            return await watchers.leave(), *both

        lasted, reads, submits = asyncio.run(load())
        asyncio.run(warmed_up(service, mixed))
        before = open_things(api.pid_of(service))
        soak = asyncio.run(soaked(service, mixed, stream, n=180, n_streams=40))
        after = settled(service, api.pid_of(service), before)

        assert (set(reads.statuses), dict(submits.statuses)) == ({200}, {202: 5})
        assert lasted == 20
        assert len(service.ask("GET", "/api/v1/runs").document(200)["items"]) == 6
        assert soak.statuses == {200: 120 + 40, 404: 20, 400: 20, 409: 20}
        assert after.descriptors <= before.descriptors
        assert after.threads <= before.threads
