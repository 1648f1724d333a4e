"""`herd smoke api`: a service that is started for it holds; one that refuses us is named."""

from pathlib import Path

import pytest

from herd_engine.errors import ServiceError
from herd_engine.operations.ports import free_port
from pipelines.smoke_api import smoke_api, smoke_api_document
from tests.herd_engine.api.test_process import service


@pytest.mark.slow
def test_a_service_is_started_tried_and_ended() -> None:
    report = smoke_api_document(smoke_api(runs=20))

    assert [each["fault"] for each in report["steps"] if each["fault"]] == []
    assert (report["schema"], report["holds"], len(report["steps"])) == ("herd-smoke-api/1", True, 10)


@pytest.mark.slow
def test_what_breaks_is_named_and_ends_the_rest(tmp_path: Path) -> None:
    with service(tmp_path / "home", "--no-runner") as (client, _):
        steps = smoke_api(str(client.base_url), "no key")

    assert [each.name for each in steps] == ["it is ready", "a file is kept"]
    assert steps[0].fault == ""
    assert "answered 401" in steps[1].fault


def test_a_service_that_is_not_there_is_no_broken_one() -> None:
    with pytest.raises(ServiceError, match="does not answer"):
        smoke_api(f"http://127.0.0.1:{free_port()}")
