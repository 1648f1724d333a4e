"""The benchmark of kept runs, at its smallest."""

from pathlib import Path

import pytest

from herd_engine.cli import bench as bench_command
from pipelines.bench import job
from pipelines.bench.runs_bench import LARGE, SMALL, Size, runs_figures

SMALLEST = Size(repeats=1, first_runs=50, forecast_runs=60, waiting_periods=1)


@pytest.mark.slow
def test_submit_overhead_and_a_sweep_are_measured(tmp_path: Path, farm_file: bytes) -> None:
    file = tmp_path / "farm.csv"
    file.write_bytes(farm_file)

    figures = {figure.name: figure for figure in runs_figures(file, 1, SMALLEST)}

    assert list(figures) == [
        "submit",
        "first_progress",
        "forecast_bare",
        "forecast_kept",
        "overhead",
        "sweep",
    ]
    assert 0 < figures["submit"].value / 1e3 <= figures["first_progress"].value
    assert figures["forecast_bare"].value > 0
    assert figures["forecast_kept"].value > 0
    assert figures["forecast_bare"].definition.startswith("60 runs, ")
    assert figures["sweep"].definition.startswith("5 variants ")


@pytest.mark.parametrize(("option", "size", "stored"), [((), SMALL, 100), (("--large",), LARGE, 1000)])
def test_the_full_size_is_measured_where_it_is_asked_for(
    option: tuple[str, ...], size: Size, stored: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(job, "runs_figures", lambda _file, _cores, size: asked.append(size) or [])
    monkeypatch.setattr(job, "outputs_figures", lambda n: asked.append(n) or [])

    bench_command.app(["runs", __file__, *option, "--json", "-"], standalone_mode=False)

    assert asked == [size, stored]
