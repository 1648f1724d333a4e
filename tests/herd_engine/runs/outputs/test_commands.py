"""`herd outputs`, in a home of its own."""

import csv
import json
from pathlib import Path

import pytest

from herd_engine.runs.outputs_background import keeping_outputs
from herd_engine.workbench import Workbench
from tests.herd_engine.cli.commands import Herd
from tests.herd_engine.cli.conftest import farm, folder, herd  # noqa: F401 - fixtures
from tests.herd_engine.runs.conftest import work

METRICS, MONTHS = 10, 3


@pytest.fixture(autouse=True)
def home(folder: Path, farm: Path, herd: Herd, monkeypatch: pytest.MonkeyPatch) -> Path:  # noqa: F811
    """A home with a run of a kept scenario in the table, and one without that waits for it."""
    monkeypatch.setenv("HERD_HOME", str(folder / "home"))
    monkeypatch.setattr("herd_engine.workbench.runs.ensure_runner", lambda _kept: None)
    settings = ("--set", "mc_runs=10", "--set", f"horizon_months={MONTHS - 1}")
    herd("scenarios", "create", "Plan", *settings, "--tag", "spring")
    herd("runs", "submit", farm, "--scenario-name", "Plan")
    _work(with_table=True)
    herd("runs", "submit", farm, *settings, "--set", "seed=9")
    _work(with_table=False)
    return folder / "home"


def _work(*, with_table: bool) -> None:
    kept = Workbench.open().kept
    if with_table:
        with keeping_outputs(kept.store):
            work(kept)
    else:
        work(kept)
    kept.close()


def test_rows_are_listed_in_pages(herd: Herd) -> None:  # noqa: F811
    first = json.loads(herd("outputs", "query", "--limit", 50, "--json", "-").out)
    second = json.loads(
        herd("outputs", "query", "--limit", 50, "--cursor", first["next_cursor"], "--json", "-").out
    )

    rows = first["outputs"] + second["outputs"]
    assert len(rows) == 2 * METRICS * MONTHS
    assert second["next_cursor"] is None
    assert len({(row["run_id"], row["metric"], row["target_month"]) for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("options", "n_rows"),
    [
        (("--metric", "culls", "--metric", "calvings"), 2 * 2 * MONTHS),
        (("--scenario", "plan"), METRICS * MONTHS),
        (("--tag", "spring", "--metric", "culls"), MONTHS),
        (("--tag", "autumn"), 0),
        (("--month-from", "2026-04-01", "--month-to", "2026-04-30", "--metric", "culls"), 2),
        (("--metric", "milking_count", "--statistic", "p_high", "--min", "1"), 2 * MONTHS),
        (("--max", "-1"), 0),
    ],
)
def test_options_say_which_rows(herd: Herd, options: tuple[str, ...], n_rows: int) -> None:  # noqa: F811
    assert len(
        json.loads(herd("outputs", "query", "--limit", 500, *options, "--json", "-").out)["outputs"]
    ) == (n_rows)


def test_a_run_is_named_by_its_beginning(herd: Herd) -> None:  # noqa: F811
    run = json.loads(herd("runs", "list", "--json", "-").out)["runs"][0]["id"]

    table = herd("outputs", "query", "--run", run[:6], "--metric", "culls").out.splitlines()

    assert len(table) == 1 + MONTHS
    assert all(run[:8] in line for line in table[1:])


def test_latest_shows_one_run_of_each_scenario(herd: Herd) -> None:  # noqa: F811
    rows = json.loads(herd("outputs", "latest", "--limit", 500, "--json", "-").out)["outputs"]
    newest = json.loads(herd("outputs", "latest", "--by-metric", "--json", "-").out)["outputs"]

    assert len(rows) == 2 * METRICS * MONTHS
    assert len(newest) == 2 * METRICS
    assert {row["target_month"] for row in newest} == {"2026-05-01"}


def test_csv_is_written_whole(herd: Herd, folder: Path) -> None:  # noqa: F811
    assert herd("outputs", "csv", "out.csv", "--view", "latest", "--tag", "spring").code == 0

    with (folder / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == METRICS * MONTHS
    least = sorted(float(row["mean"]) for row in rows if row["mean"])[-3]
    assert (
        herd("outputs", "csv", "few.csv", "--tag", "spring", "--statistic", "mean", "--min", least).code == 0
    )
    with (folder / "few.csv").open(encoding="utf-8", newline="") as file:
        assert {float(row["mean"]) >= least for row in csv.DictReader(file)} == {True}
    assert [path for path in folder.iterdir() if path.suffix == ".tmp"] == []


def test_the_table_is_rebuilt_and_maintained(herd: Herd) -> None:  # noqa: F811
    before = herd("outputs", "query", "--limit", 500, "--json", "-").out

    assert herd("outputs", "maintain").out.startswith("1 runs appended, 0 files merged")
    assert herd("outputs", "rebuild").out == "2 runs are in the outputs table.\n"

    assert herd("outputs", "query", "--limit", 500, "--json", "-").out == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("query", "--metric", "milk"), "`metric` must be one of milking_count"),
        (("query", "--month-from", "soon"), "`--month-from` must be a date as YYYY-MM-DD"),
        (("query", "--cursor", "x"), "be the next_cursor of a page of the same list"),
        (("query", "--scenario", "Nobody"), "There is no scenario Nobody"),
        (("csv", "no/folder.csv"), "does not exist"),
    ],
)
def test_what_cannot_be_meant_is_told(herd: Herd, arguments: tuple[str, ...], words: str) -> None:  # noqa: F811
    ended = herd("outputs", *arguments)

    assert ended.code == 2
    assert words in " ".join(ended.err.split())
