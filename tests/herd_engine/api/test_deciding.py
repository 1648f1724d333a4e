"""What to do about a herd, over the service."""

from starlette.testclient import TestClient

from herd_engine.workbench import Workbench

V1 = "/api/v1"


def test_the_service_tells_the_key_figures_of_a_kept_file(
    client: TestClient, bench: Workbench, dataset: str
) -> None:
    answer = client.get(f"{V1}/datasets/{dataset}/kpis")

    assert answer.status_code == 200
    assert answer.json() == bench.kpis(bench.datasets.load(dataset)).document()
    assert client.get(f"{V1}/datasets/none/kpis").status_code == 404
