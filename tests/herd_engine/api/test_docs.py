"""The contract to be read: complete, and nothing of it asks another host."""

import re

from starlette.testclient import TestClient


def test_the_page_names_every_operation_and_asks_no_other_host(client: TestClient) -> None:
    answer = client.get("/api/docs")
    contract = client.get("/api/openapi.json").json()
    named = [(method, path) for path, each in contract["paths"].items() for method in each]

    assert len(named) > 20
    assert [each for each in named if f"{each[0].upper()} {each[1]}" not in answer.text] == []
    assert re.findall(r"""(?:src|href)=["']?([^"'>]+)""", answer.text) == ["openapi.json"]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
