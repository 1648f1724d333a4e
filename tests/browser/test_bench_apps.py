"""The benchmark of the apps, at its smallest."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from herd_engine.errors import ServiceError
from herd_engine.sample import make_sample
from pipelines.bench import apps
from pipelines.reports.pdf import find_chromium
from tests.stores import absent

PARTS = ("heading", "widget", "picture")


@pytest.fixture
def farm(tmp_path: Path) -> Path:
    file = tmp_path / "farm.csv"
    file.write_bytes(make_sample(animals=400).csv)
    return file


@pytest.mark.slow
def test_start_slider_and_memory_of_the_studio_are_measured(
    farm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if find_chromium() is None:
        absent("no browser: install Chromium to measure pages")
    for name in ("VISITS", "MOVES"):
        monkeypatch.setattr(apps, name, 1)

    # In a thread of its own: the browser of the other tests may be open in this one.
    with ThreadPoolExecutor(1) as pool:
        figures = {figure.name: figure.value for figure in pool.submit(apps.apps_figures, farm).result()}

    for how in ("cold", "preheated"):
        times = [figures.pop(f"studio_{part}_{how}") for part in PARTS]
        assert 0 < times[0] <= times[1] <= times[2]
    names = ("slider", "slider_bands", "messages", "memory", "memory_private")
    assert set(figures) == {f"studio_{name}" for name in names}
    assert 0 < figures["studio_messages"] <= 10  # about 4 on a machine at rest; more a page can hardly show
    assert 0 < figures["studio_slider"] <= figures["studio_slider_bands"]
    assert figures["studio_slider_bands"] > 1000 * 0.05  # bands wait so long for a newer wish
    assert 0 < figures["studio_memory_private"] <= figures["studio_memory"]


def test_without_a_browser_it_says_so(farm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERD_CHROMIUM", os.devnull)

    with pytest.raises(ServiceError, match="no Chromium was found"):
        apps.apps_figures(farm)
