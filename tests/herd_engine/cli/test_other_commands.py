"""`herd sample`, `herd demo`, `herd bench`, `herd --help`."""

import json
import re
from html import escape
from pathlib import Path

import numpy as np
import pytest

from herd_engine import __version__
from herd_engine.cli import bench as bench_command
from herd_engine.datasets.herd_file import read_herd_file
from herd_engine.forecasting.long_run_check import sanity_line
from herd_engine.i18n.wording import wording
from herd_engine.workbench import Workbench
from pipelines.bench import decide
from pipelines.bench.engine_bench import repeat_herd
from pipelines.bench.figure import best_seconds
from pipelines.bench.pieces import piece_figures
from pipelines.demo import SCENARIO
from tests.herd_engine.cli.commands import Herd, start


def test_equal_seeds_write_equal_samples(folder: Path, herd: Herd) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        herd("sample", f"{name}.csv", "--animals", 150, "--seed", seed)

    files = [(folder / f"{name}.csv").read_bytes() for name in "abc"]
    truths = [(folder / f"{name}.csv.truth.json").read_bytes() for name in "abc"]
    assert (files[0], truths[0]) == (files[1], truths[1])
    assert files[0] != files[2]
    assert json.loads(truths[0])["on_report_date"]["animals_on_farm"] == 150


def test_sample_says_where_the_file_and_the_truth_are(folder: Path, herd: Herd) -> None:
    name = "a_rather_long_name_of_a_herd_file_that_a_narrow_terminal_would_break_in_two.csv"

    ended = herd("sample", name, "--animals", 20)

    assert ended.out == f"Written: {name}, {name}.truth.json\n"


def test_a_sample_with_problems_can_be_forecast(herd: Herd) -> None:
    herd("sample", "a.csv", "--animals", 300, "--problems")

    ended = herd("forecast", "a.csv", "--runs", 10, "--months", 6)

    assert ended.code == 0
    assert ended.out.startswith("Milking cows ")


@pytest.mark.parametrize("animals", [9, 1_000_001])
def test_a_sample_of_impossible_size_is_refused(folder: Path, herd: Herd, animals: int) -> None:
    ended = herd("sample", "a.csv", "--animals", animals)

    assert ended.code == 2
    assert "`animals` must be a whole number within 10 … 1000000" in ended.err
    assert list(folder.iterdir()) == []


def test_demo_prints_the_path_of_a_page_that_exists(folder: Path) -> None:
    ended = start("demo", "--folder", "new/demo", "--runs", 20, "--language", "ru", folder=folder)

    last = ended.out.splitlines()[-1]
    page = Path(last.removeprefix("Open this page in a browser: "))
    assert (ended.code, ended.err) == (0, "")
    assert page == folder / "new/demo/forecast.html"
    assert '<html lang="ru">' in page.read_text(encoding="utf-8")


def test_demo_has_the_sanity_line_on_its_page_and_in_print(folder: Path, herd: Herd) -> None:
    ended = herd("demo", "--folder", "demo", "--runs", 20, "--language", "ru")

    herd_file = read_herd_file(folder / "demo/sample.csv")
    forecast = Workbench.open().forecast(herd_file, SCENARIO, runs=20)
    line = sanity_line(herd_file, forecast)
    assert line is not None
    page = (folder / "demo/forecast.html").read_text("utf-8")
    assert escape(line.sentences(wording("ru"))) in page[page.index('id="provenance"') :]
    assert line.sentences(wording("en")) in " ".join(ended.out.split())


def test_demo_refuses_a_folder_that_is_a_file(farm: Path, herd: Herd) -> None:
    ended = herd("demo", "--folder", farm)

    assert ended.code == 2
    assert "no such folder can be made (File exists)" in ended.err


def test_what_deciding_costs_is_measured(farm: Path, herd: Herd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide, "VARIANTS", 2)
    monkeypatch.setattr(decide, "RUNS", 10)
    monkeypatch.setattr(decide, "GRID", ((0.8, 0.8),))

    figures = json.loads(herd("bench", "decide", farm, "--json", "-").out)["figures"]

    names = "key_figures findings cards tornado lab_line variants optimizer_grid"
    assert [figure["name"] for figure in figures] == names.split()
    assert all(figure["value"] > 0 for figure in figures)


def test_bench_writes_figures_as_json(herd: Herd, monkeypatch: pytest.MonkeyPatch) -> None:
    figures = {
        "figures": [{"name": "run", "value": 0.4931, "unit": "ms", "definition": "one run of [a].csv"}]
    }
    monkeypatch.setattr(bench_command, "bench_engine", lambda _file, **_options: figures)

    as_json, as_table = herd("bench", "engine", "--json", "-"), herd("bench", "engine")

    assert json.loads(as_json.out) == figures
    assert as_table.out.splitlines()[-1].split() == ["run", "0.493", "ms", "one", "run", "of", "[a].csv"]


def test_bench_says_which_extras_are_missing(herd: Herd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_command, "find_spec", lambda _library: None)

    ended = herd("bench", "apps")

    assert ended.code == 2
    assert ended.err.splitlines() == [
        "`herd bench apps` needs voila, playwright: pip install 'herd-workbench[apps,reports]'"
    ]


def test_best_seconds_is_the_shortest_of_all_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([0.0, 5.0, 10.0, 12.0, 20.0, 23.0])  # three tasks of 5, 2 and 3 seconds
    monkeypatch.setattr("time.perf_counter", lambda: next(ticks))

    assert best_seconds(lambda: None, 3) == 2.0


def test_a_repeated_herd_is_the_same_animals_under_other_ids(farm: Path) -> None:
    herd = read_herd_file(farm).herd

    repeated = repeat_herd(herd, 2 * herd.n_animals)

    assert repeated.n_animals == len(set(repeated.animal_ids)) == 600
    assert repeated.counts() == {name: 2 * count for name, count in herd.counts().items()}
    assert repeated.mean_days_in_milk == pytest.approx(herd.mean_days_in_milk)


@pytest.mark.slow
def test_every_piece_of_the_benchmark_has_a_positive_figure_and_a_definition(farm: Path) -> None:
    figures = piece_figures(read_herd_file(farm))

    names = [figure.name for figure in figures]
    assert {"random_block", "inverse_cdf", "exit_search", "month_sums"} <= set(names)
    assert all(np.isfinite(figure.value) and figure.value > 0 for figure in figures)
    assert all(figure.unit == "ns" and figure.definition for figure in figures)


def test_help_names_every_command_with_a_whole_sentence(herd: Herd) -> None:
    listed = herd("--help").out.split("Commands:\n")[1]
    sentences = dict(
        part.split(maxsplit=1) for part in re.split(r"^  (?=\w)", listed, flags=re.MULTILINE)[1:]
    )

    assert {"inspect", "forecast", "sample", "demo", "bench"} <= set(sentences)
    for command, sentence in sentences.items():
        assert re.fullmatch(r"[A-Z].*[^.]\.", sentence.strip(), flags=re.DOTALL), command


def test_version_is_the_version(herd: Herd) -> None:
    ended = herd("--version")

    assert (ended.code, ended.out) == (0, f"herd {__version__}\n")


def test_a_sample_never_replaces_a_file_that_is_no_sample(tmp_path, herd) -> None:
    export = tmp_path / "herd.csv"
    export.write_text("precious", encoding="utf-8")

    ended = herd("sample", export, "--animals", 30)

    assert ended.code == 2
    assert "no sample" in ended.err
    assert export.read_text(encoding="utf-8") == "precious"


def test_bench_of_files_tells_how_fast_exports_are_read_and_events_fold(herd: Herd) -> None:
    report = json.loads(herd("bench", "files", "--events", 2000, "--rows", 2000, "--json", "-").out)
    figures = {figure["name"]: figure for figure in report["figures"]}
    read = {"read_small_seconds", "read_large_seconds", "read_xlsx_seconds"}
    folded = {"events_fold_seconds", "events_fold_peak_mib"}

    assert set(figures) == read | folded
    assert all(figure["value"] > 0 for figure in figures.values())
    assert all("2,000 events" in figures[name]["definition"] for name in folded)
    assert all("rows of" in figures[name]["definition"] for name in read)
