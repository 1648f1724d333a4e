"""Other programs do the whole work against a live service: a client made of the contract alone, and curl."""

import csv
import importlib
import io
import json
import os
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from herd_engine.sample import make_sample
from tests.herd_engine.api.test_process import end_runners, service

NAME = "generated_herd_client"
GENERATOR = "openapi-python-client==0.29.1"
"""In an environment of its own: it wants an older typer than `herd` is made with."""
GUIDE = Path(__file__).parents[3] / "notebooks" / "guide" / "service.ipynb"
Part = Callable[[str], ModuleType]


@pytest.fixture(scope="module")
def generator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the program that makes clients, installed just now."""
    folder = tmp_path_factory.mktemp("generator")
    venv.create(folder, with_pip=True)
    command = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", GENERATOR]
    done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8")
    if done.returncode:
        stop = pytest.fail if os.environ.get("CI") else pytest.skip
        stop(f"{GENERATOR} could not be installed:\n{done.stderr}")
    return folder / "bin" / "openapi-python-client"


@pytest.fixture
def part(tmp_path: Path, generator: Path) -> Iterator[Part]:
    """Return modules of a client that was made just now; nothing of it stays."""
    contract = files("herd_engine.api") / "openapi.json"
    config = tmp_path / "config.yaml"
    config.write_text("post_hooks: []\n")
    options = ["--path", str(contract), "--output-path", str(tmp_path / NAME), "--config", str(config)]
    subprocess.run([generator, "generate", "--meta", "none", *options], check=True, capture_output=True)
    sys.path.insert(0, str(tmp_path))
    yield lambda name: importlib.import_module(f"{NAME}.{name}")
    sys.path.remove(str(tmp_path))
    for name in [each for each in sys.modules if each.partition(".")[0] == NAME]:
        del sys.modules[name]


def ask(part: Part, operation: str, client: Any, *names: str, **wishes: Any) -> Any:
    """Carry out an operation of the client; return what it made of a good answer."""
    answer = part(f"api.{operation}").sync_detailed(*names, client=client, **wishes)
    assert answer.status_code < 300, answer.content
    return answer.parsed


def tell_story(part: Part, client: Any) -> tuple[Any, str]:
    """Upload, submit, wait, read; return the forecast and the same as CSV."""
    models = part("models")
    assert ask(part, "me.me_get", client)["principal"] == "local"
    data = io.BytesIO(make_sample(animals=150, seed=2).csv)
    file = part("types").File(payload=data, file_name="farm.csv", mime_type="text/csv")
    fields = models.DatasetsCreateFilesUploadFields(file=file)
    dataset = ask(part, "herd_files.datasets_create", client, body=fields)
    payload = models.RunsCreateJsonNewRunPayloadType0.from_dict(
        {"horizon_months": 6, "mc_runs": 50, "seed": 7}
    )
    wish = models.RunsCreateJsonNewRun(dataset_id=dataset.id, payload=payload)
    run = ask(part, "runs.runs_create", client, body=wish, idempotency_key="story").run
    for _ in range(20):
        if run.status in {"queued", "running"}:
            run = ask(part, "runs.runs_get", client, run.id, prefer="wait=10")
    assert run.status == "succeeded"
    result = ask(part, "runs.runs_result", client, run.id).to_dict()
    return result, ask(part, "runs.runs_export", client, run.id, "csv")


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Address and key of a service with a runner."""
    home = tmp_path_factory.mktemp("live") / "home"
    try:
        with service(home) as (api, _):
            yield str(api.base_url).rstrip("/"), api.headers["authorization"].removeprefix("Bearer ")
    finally:
        end_runners(home)


@pytest.mark.slow
def test_a_client_made_of_the_contract_tells_the_whole_story(part: Part, live: tuple[str, str]) -> None:
    address, key = live
    new = part("client").AuthenticatedClient
    with new(base_url=address, token=key, timeout=120) as client:
        result, text = tell_story(part, client)
    with new(base_url=address, token="w" * 43) as stranger:
        refused = part("api.runs.runs_get").sync_detailed("nobodys", client=stranger)

    assert len(result["points"]) == 6 + 1  # the day of the file, and six months
    rows = list(csv.reader(io.StringIO(text)))
    dates = {point["date"] for point in result["points"]}
    assert dates <= {cell for row in rows for cell in row}
    assert (refused.status_code, refused.parsed.code) == (401, "TOKEN_INVALID")


@pytest.mark.slow
def test_the_lines_of_the_guide_work_as_they_stand(live: tuple[str, str], tmp_path: Path) -> None:
    cells = json.loads(GUIDE.read_text("utf-8"))["cells"]
    page = "".join(next(each["source"] for each in cells if each["id"] == "curl"))
    script = page.partition("```bash\n")[2].partition("```")[0]
    (tmp_path / "herd.csv").write_bytes(make_sample(animals=150, seed=2).csv)
    told = {"HERD_API_URL": live[0], "HERD_API_TOKEN": live[1]}

    done = subprocess.run(
        ["/bin/bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env={**os.environ, **told},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads((tmp_path / "result.json").read_text("utf-8"))
    assert len(result["points"]) == 12 + 1
    assert "event: succeeded" in done.stdout
    assert (tmp_path / "forecast.xlsx").read_bytes().startswith(b"PK")  # a zip, as every workbook
    *rows, end = (tmp_path / "rows.csv").read_text("utf-8").splitlines()
    assert end == f"END,{len(rows) - 1}"
    assert len(rows) > 12
    assert '"note":"first try"' in done.stdout.rpartition('{"items":')[2]
    compared = json.loads((tmp_path / "compared.json").read_text("utf-8"))
    (other,) = compared["runs"]  # against the first one, the base
    assert other["is_paired"]
