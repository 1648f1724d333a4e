"""The same wish, sent by many at once: one run, and to each the answer that is due (A7)."""

import asyncio
from typing import Any

import httpx

from tests.herd_engine.api.conftest import PAYLOAD, Start
from tests.herd_engine.api.test_api_keys import READ, RUN, make

RUNS = "/api/v1/runs"


def submissions(answers: list[httpx.Response]) -> set[str]:
    assert {each.status_code for each in answers} == {202}
    return {each.json()["submission"]["id"] for each in answers}


def test_of_twenty_equal_wishes_at_once_one_run_is_made(start: Start, dataset: str) -> None:
    owner = start()
    program = {"Authorization": f"Bearer {make(owner, READ, RUN)['key']}"}
    wish = {"dataset_id": dataset, "payload": PAYLOAD}

    async def story() -> tuple[list[httpx.Response], ...]:
        transport, base = httpx.ASGITransport(owner.app), "http://127.0.0.1:8867"
        async with httpx.AsyncClient(transport=transport, base_url=base, headers=owner.headers) as client:

            async def many(*headers: dict[str, str]) -> list[Any]:
                return list(await asyncio.gather(*(client.post(RUNS, json=wish, headers=h) for h in headers)))

            key = {"Idempotency-Key": "twice"}
            return (
                await many(*[{}] * 20),
                await many(*[{"Idempotency-Key": "once"}] * 20),
                await many(*[key, key | program] * 10),
            )

    plain, keyed, of_two = asyncio.run(story())

    assert {each.json()["run"]["id"] for each in (*plain, *keyed, *of_two)} == {
        owner.get(RUNS).json()["items"][0]["id"]
    }
    assert len(owner.get(RUNS).json()["items"]) == 1
    assert [each.json()["reused"] for each in plain].count(False) == 1
    assert (len(submissions(plain)), len(submissions(keyed)), len(submissions(of_two))) == (20, 1, 2)
    assert len({each.content for each in keyed}) == 1
    assert [each.headers.get("idempotent-replayed") for each in keyed].count("true") == 19
    mine, theirs = of_two[::2], of_two[1::2]
    assert (len({each.content for each in mine}), len({each.content for each in theirs})) == (1, 1)
    assert len(owner.get("/api/v1/me/submissions?limit=100").json()["items"]) == 22


def test_a_key_is_answered_as_at_first_whatever_has_become_of_the_run_since(
    start: Start, dataset: str
) -> None:
    client, key = start(), {"Idempotency-Key": "once"}
    wish = {"dataset_id": dataset, "payload": PAYLOAD}
    first = client.post(RUNS, json=wish, headers=key)
    run = first.json()["run"]["id"]
    client.post(f"{RUNS}/{run}/cancel")
    again = client.post(RUNS, json=wish, headers=key)

    assert client.get(f"{RUNS}/{run}").json()["status"] == "canceled"
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotent-replayed"] == "true"
