"""The contract in the repository is the one that is served."""

import json
from importlib.resources import files

from herd_engine.api.app import new_app
from herd_engine.api.settings import ApiSettings
from herd_engine.workbench import Workbench

OPENAPI = new_app(ApiSettings(), Workbench()).openapi()


def test_the_published_contract_is_what_is_served() -> None:
    published = json.loads((files("herd_engine.api") / "openapi.json").read_text("utf-8"))

    assert published == json.loads(json.dumps(OPENAPI)), "herd api --openapi > herd_engine/api/openapi.json"


def test_operations_have_short_names_and_a_summary_each() -> None:
    operations = [each for path in OPENAPI["paths"].values() for each in path.values()]
    names = [each["operationId"] for each in operations]

    assert len(names) == len(set(names))
    assert [name for name in names if "_" not in name or "__" in name or "api" in name] == []
    assert all(each.get("summary") and each.get("description") for each in operations)


def test_the_contract_says_how_to_show_who_one_is_and_where_nobody_needs_to() -> None:
    assert {name for each in OPENAPI["security"] for name in each} == set(
        OPENAPI["components"]["securitySchemes"]
    )
    free = {
        path
        for path, methods in OPENAPI["paths"].items()
        if any(each.get("security") == [] for each in methods.values())
    }
    assert free == {"/api/health/live", "/api/health/ready", "/problems/{code}"}


def test_every_operation_says_how_it_refuses_in_the_form_of_its_contract() -> None:
    refused = {
        path: each["responses"]["4XX"]["$ref"].rpartition("/")[2]
        for path, methods in OPENAPI["paths"].items()
        for each in methods.values()
    }
    first = {path for path, name in refused.items() if name == "FirstRefused"}

    assert all(path in first or refused[path] == "Refused" for path in refused)
    assert "/api/forecast/jobs" in first
    assert not [path for path in first if path.startswith("/api/v1")]
    assert "HTTPValidationError" not in json.dumps(OPENAPI)
    assert "IDEMPOTENCY_KEY_REUSED 422" in OPENAPI["components"]["responses"]["Refused"]["description"]
