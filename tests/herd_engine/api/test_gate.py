"""Who may come in, and what is read of those who may not."""

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from herd_engine import errors
from herd_engine.api.app import new_app
from herd_engine.api.gate import rate_class
from herd_engine.api.problems import STATUS
from herd_engine.api.settings import ApiSettings, Auth
from herd_engine.errors import HerdError, ParameterError
from herd_engine.workbench import Workbench
from tests.herd_engine.api.conftest import KEY, Start, upload

FREE = {"/api/health/live", "/api/health/ready", "/problems/{code}"}


def routes() -> list[tuple[str, str]]:
    app = new_app(ApiSettings(), Workbench())
    return sorted(
        (method.upper(), path) for path, methods in app.openapi()["paths"].items() for method in methods
    )


def path_of(template: str) -> str:
    """Return an address that could be there."""
    known = {"{kind}": "csv", "{version}": "1", "{view}": "review", "{name}": "result.json"}
    for name, value in known.items():
        template = template.replace(name, value)
    return re.sub(r"{\w+}", "00000000-0000-0000-0000-000000000000", template)


class Unread:
    """A body that says whether anybody reads it."""

    def __init__(self) -> None:
        self.read = 0

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(64):
            self.read += 65_536
            yield b" " * 65_536


@pytest.mark.parametrize(("method", "path"), [each for each in routes() if each[1] not in FREE])
def test_nobody_comes_in_without_a_valid_token(start: Start, method: str, path: str) -> None:
    for token, code in ((None, "TOKEN_MISSING"), ("w" * 43, "TOKEN_INVALID")):
        answer = start(token).request(method, path_of(path))
        said = answer.json()
        told = said["code"] if "code" in said else said["detail"]["error_code"]
        assert (answer.status_code, told) == (401, code)
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_the_body_of_who_may_not_come_in_is_not_read(start: Start) -> None:
    answer = start(None).post("/api/v1/datasets", headers={"Content-Length": str(300 << 20)}, content=b"")

    assert answer.status_code == 401


def test_a_body_that_is_too_large_is_refused_declared_or_not(start: Start) -> None:
    client, body = start(largest_body=100_000), Unread()
    declared = client.post("/api/v1/runs", content=b" " * 200_000)
    chunked = client.post("/api/v1/runs", content=iter(body), headers={"Content-Type": "application/json"})

    assert [declared.status_code, chunked.status_code] == [413, 413]
    assert declared.json()["code"] == chunked.json()["code"] == "PAYLOAD_TOO_LARGE"


def test_a_page_of_another_site_or_name_may_not_ask(start: Start, client: TestClient) -> None:
    rebound = client.get("/api/v1/runs", headers={"Host": "evil.example"})
    form = client.post("/api/v1/datasets", headers={"Origin": "http://evil.example"})
    image = client.get("/api/v1/runs", headers={"Sec-Fetch-Site": "cross-site"})
    own = client.get("/api/v1/runs", headers={"Origin": "http://127.0.0.1:8867"})
    listed = start(origins=("https://farm.example",)).get(
        "/api/v1/runs", headers={"Origin": "https://farm.example"}
    )

    assert (rebound.status_code, rebound.json()["code"]) == (421, "HOST_UNKNOWN")
    assert (form.status_code, form.json()["code"]) == (403, "ORIGIN_FORBIDDEN")
    assert image.status_code == 403
    assert (own.status_code, listed.status_code) == (200, 200)


@pytest.mark.parametrize(("auth", "token"), [(Auth.OFF, None), (Auth.KEY, KEY)])
def test_other_pages_and_names_stay_out_whether_tokens_are_asked_for_or_not(
    start: Start, auth: Auth, token: str | None, farm_file: bytes
) -> None:
    client = start(token, auth=auth)
    form = {"files": {"file": ("farm.csv", farm_file, "text/csv")}}
    evil = {"Origin": "http://evil.example"}
    site = {"Sec-Fetch-Site": "cross-site"}
    answers = [
        client.post("/api/v1/datasets", headers={"Host": "evil.example"}, **form),
        client.post("/api/v1/datasets", headers=evil, **form),
        client.post("/api/v1/datasets", headers={"Origin": "null"}, **form),
        client.get("/api/v1/runs", headers=evil),
        client.get("/api/v1/runs", headers=site),
        client.options("/api/v1/runs", headers=evil),
    ]

    assert [each.status_code for each in answers] == [421, 403, 403, 403, 403, 403]
    assert client.get("/api/v1/datasets").json()["items"] == []
    assert all("access-control-allow-origin" not in each.headers for each in answers)


def test_who_says_to_be_elsewhere_is_counted_as_who_they_are(start: Start) -> None:
    client = start()
    wrong = [
        client.get(
            "/api/v1/me",
            headers={
                "Authorization": f"Bearer {n:043}",
                "X-Forwarded-For": f"10.0.0.{n}",
                "Forwarded": f"for=10.0.0.{n}",
            },
        ).status_code
        for n in range(12)
    ]

    assert wrong == [401] * 10 + [429] * 2


def test_what_is_no_bearer_is_no_token_at_all_and_refused(start: Start) -> None:
    for header in ({"Authorization": f"Basic {KEY}"}, {"Authorization": KEY}, {"X-API-Key": "hk_no"}):
        for auth in (Auth.OFF, Auth.OPTIONAL, Auth.KEY):
            answer = start(None, auth=auth).get("/api/v1/me", headers=header)
            assert (answer.status_code, answer.json()["code"]) == (401, "TOKEN_INVALID")
    assert start(None).get("/api/v1/me", headers={"Authorization": f"bearer {KEY}"}).status_code == 200


def test_tokens_are_refused_in_addresses(client: TestClient) -> None:
    assert client.get(f"/api/v1/runs?token={KEY}").json()["code"] == "TOKEN_IN_QUERY"


def test_guessing_is_slowed_even_for_the_right_token(start: Start) -> None:
    client = start()
    wrong = [
        client.get("/api/v1/me", headers={"Authorization": f"Bearer {n:043}"}).status_code for n in range(12)
    ]

    assert wrong == [401] * 10 + [429] * 2
    assert client.get("/api/v1/me").status_code == 429


def test_who_only_may_look_may_not_change(start: Start, farm_file: bytes) -> None:
    anybody = start(None, auth=Auth.OPTIONAL)
    added = upload(anybody, farm_file)
    dataset = added.json()["id"]

    assert anybody.get("/api/v1/me").json()["principal"] == "anonymous"
    for method in ("PATCH", "DELETE"):
        refused = anybody.request(
            method, f"/api/v1/datasets/{dataset}", json={} if method == "PATCH" else None
        )
        assert (refused.status_code, refused.json()["details"]) == (403, {"required_scope": "herd:write"})


def test_a_foreign_farm_and_what_is_not_there_look_alike(client: TestClient, dataset: str) -> None:
    client.post("/api/v1/farms", json={"name": "Other"})
    foreign = client.get(f"/api/v1/datasets/{dataset}", params={"farm": "Other"})
    missing = client.get(f"/api/v1/datasets/{'0' * 36}", params={"farm": "Other"})
    malformed = client.get("/api/v1/datasets/x y", params={"farm": "Other"})
    no_farm = client.get("/api/v1/runs", params={"farm": "Nowhere"})

    assert {each.status_code for each in (foreign, missing, malformed, no_farm)} == {404}
    assert {each.json()["code"] for each in (foreign, missing, malformed, no_farm)} == {"NOT_FOUND"}


def test_limits_are_told_and_held(start: Start, dataset: str) -> None:
    client = start(limits={"submit": "3/minute"})
    wish = {"dataset_id": dataset, "payload": {"mc_runs": 0}}
    answers = [client.post("/api/v1/runs", json=wish) for _ in range(3)]
    while (
        answers[-1].status_code == 422 and len(answers) < 7
    ):  # a minute that ends meanwhile gives three more
        answers.append(client.post("/api/v1/runs", json=wish))

    assert [each.status_code for each in answers[:3]] == [422, 422, 422]
    assert answers[-1].status_code == 429
    assert answers[0].headers["ratelimit-policy"] == '"submit";q=3;w=60'
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert client.get("/api/v1/runs").status_code == 200


def test_head_and_allow_are_answered_as_the_protocol_says(client: TestClient) -> None:
    head = client.head("/api/v1/runs")
    wrong = client.delete("/api/v1/runs")

    assert (head.status_code, head.content) == (200, b"")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, HEAD, OPTIONS, POST")
    assert client.get("/api/v1/runs/").status_code == 404  # no redirect that tells an inner address


def test_every_answer_carries_an_id_and_no_sniffing(client: TestClient) -> None:
    asked = client.get("/api/v1/runs", headers={"X-Request-Id": "my-request-1"})
    odd = client.get("/api/v1/nothing", headers={"X-Request-Id": "a b"})

    assert asked.headers["x-request-id"] == "my-request-1"
    assert odd.json()["request_id"] == odd.headers["x-request-id"] != "a b"
    assert asked.headers["x-content-type-options"] == "nosniff"


def test_every_error_of_ours_has_an_answer() -> None:
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, HerdError)}

    assert kinds == set(STATUS)


def test_what_a_scenario_breaks_is_listed_whole(client: TestClient, dataset: str) -> None:
    wrong = {"dataset_id": dataset, "payload": {"horizon_months": 0, "mc_runs": -1, "nonsense": 1}}
    answer = client.post("/api/v1/runs", json=wrong)

    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert {each["pointer"] for each in answer.json()["errors"]} >= {
        "/horizon_months",
        "/mc_runs",
        "/nonsense",
    }


def test_a_file_that_is_no_herd_file_says_what_is_wrong(client: TestClient) -> None:
    answer = upload(client, b"a;b\n1;2\n")

    assert (answer.status_code, answer.json()["code"]) == (422, "HERD_DATA_INVALID")
    assert answer.json()["errors"]


@pytest.mark.parametrize("auth", [Auth.OFF, Auth.OPTIONAL])
def test_a_service_without_tokens_does_not_start_where_others_reach_it(
    auth: Auth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HERD_API_AUTH", auth)

    assert ApiSettings.from_environment(None, "127.0.0.1").auth is auth
    with pytest.raises(ParameterError):
        ApiSettings.from_environment(None, "0.0.0.0")  # noqa: S104 - that is refused
    monkeypatch.delenv("HERD_API_AUTH")
    assert ApiSettings.from_environment(None, "0.0.0.0").auth is Auth.REQUIRED  # noqa: S104


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/api/v1/runs", "read"),
        ("POST", "/api/v1/runs", "submit"),
        ("POST", "/api/v1/datasets", "upload"),
        ("PATCH", "/api/v1/runs/x", "write"),
        ("GET", "/api/v1/runs/x/export/csv", "heavy"),
        ("POST", "/api/v1/runs/x/verify", "heavy"),
        ("GET", "/api/v1/datasets/x/sensitivity", "heavy"),
        ("GET", "/api/v1/datasets/x/cards", "heavy"),
        ("GET", "/api/v1/datasets/x/values", "heavy"),
        ("POST", "/api/v1/datasets/x/whatif", "heavy"),
        ("POST", "/api/v1/datasets/x/optimize", "heavy"),
        ("GET", "/api/v1/datasets/x/kpis", "read"),
    ],
)
def test_requests_count_as_what_they_cost(method: str, path: str, expected: str) -> None:
    assert rate_class(method, path) == expected


def test_a_status_that_there_is_not_is_refused_not_a_defect(client: TestClient) -> None:
    for path in ("/api/v1/runs", "/api/v1/me/submissions"):
        answer = client.get(path, params={"status": "Ö"})

        assert (answer.status_code, answer.json()["code"]) == (422, "PARAMETER_INVALID")
