"""`herd inspect`."""

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from herd_engine.sample import make_sample
from tests.herd_engine.cli.commands import ANSWERS, Herd, start


@pytest.mark.parametrize(
    ("name", "counts", "mean_days_in_milk"),
    # As the specification of the command states them.
    [("ds1.csv", (1277, 145, 940, 444), 181.15), ("ds2.csv", (837, 82, 557, 222), 176.23)],
)
def test_inspect_knows_the_real_herds(
    data_dir: Path, herd: Herd, name: str, counts: tuple[int, ...], mean_days_in_milk: float
) -> None:
    document = json.loads(herd("inspect", data_dir / name, "--json", "-").out)

    assert document["report_date"] == "2026-02-26"
    assert tuple(document["counts"].values()) == counts
    assert document["mean_days_in_milk"] == pytest.approx(mean_days_in_milk, abs=0.005)


def test_inspect_writes_pure_json_with_the_promised_keys(farm: Path) -> None:
    ended = start("inspect", farm, "--json", "-", folder=farm.parent)

    document = json.loads(ended.out)
    assert (ended.code, ended.err) == (0, "")
    promised = {"report_date", "counts", "mean_days_in_milk", "excluded", "quality", "fit"}
    assert promised <= set(document)
    assert list(document["counts"]) == ["milking", "dry", "heifer", "pregnant_heifer"]
    issue_keys = {"code", "severity", "message", "params", "row_count", "sample_rows"}
    assert all(issue_keys <= set(issue) for issue in document["quality"])


def test_inspect_agrees_with_the_truth_of_a_sample(herd: Herd, folder: Path) -> None:
    made = make_sample(animals=800, seed=5)
    (folder / "sample.csv").write_bytes(made.csv)

    document = json.loads(herd("inspect", "sample.csv", "--json", "-").out)

    truth = made.truth["on_report_date"]
    counts, true = document["counts"], truth["true_state"]
    assert document["report_date"] == made.truth["report_date"]
    assert document["dataset"]["rows"] == truth["rows"]
    assert (counts["milking"], counts["dry"]) == (true["milking"], true["dry"])
    assert counts["heifer"] + counts["pregnant_heifer"] == true["heifer"] + true["pregnant_heifer"]
    assert document["mean_days_in_milk"] == pytest.approx(true["average_days_in_milk"], abs=0.001)
    assert document["cull_flagged"] == truth["status_in_file"]["Брак"]
    assert sum(document["excluded"].values()) == truth["rows"] - truth["animals_on_farm"]


def test_inspect_tells_people_the_herd_and_what_was_left_out(farm: Path, herd: Herd) -> None:
    document = json.loads(herd("inspect", farm, "--json", "-").out)

    lines = [line.split() for line in herd("inspect", farm).out.splitlines()]

    assert ["milking", f"{document['counts']['milking']:,}"] in lines
    assert ["all", "on", "the", "farm", f"{sum(document['counts'].values()):,}"] in lines
    assert ["left", "out:", "sold", f"{document['excluded']['sold']:,}"] in lines


def test_every_problem_put_into_a_sample_is_found_on_its_lines(faulty_farm: Path, herd: Herd) -> None:
    # Names of problems of the sample's truth and of the issue that must tell them.
    told_as = {
        "dead_without_archive_date": "dead_without_archive_date",
        "future_date": "future_date",
        "fractional_lactation": "fractional_lactation",
        "negative_lactation": "negative_lactation",
        "missing_birth_date": "missing_birth_date",
        "missing_status": "missing_status",
    }
    problems = {item["kind"]: item for item in make_sample(animals=300, problems=True).truth["problems"]}

    quality = json.loads(herd("inspect", faulty_farm, *ANSWERS, "--json", "-").out)["quality"]

    found = {issue["code"]: set(issue["sample_rows"]) for issue in quality}
    for kind, code in told_as.items():
        lines = problems[kind]["lines"]
        assert lines, kind
        assert found[code] & set(lines), kind


def test_a_file_name_with_brackets_is_only_a_name(farm: Path, herd: Herd) -> None:
    farm.rename("herd [bold] (1).csv")

    ended = herd("inspect", "herd [bold] (1).csv")

    assert ended.code == 0
    assert ended.out.startswith("herd [bold] (1).csv: ")


def test_json_never_replaces_the_herd_file(farm: Path, herd: Herd) -> None:
    before = farm.read_bytes()

    ended = herd("inspect", farm, "--json", farm)

    assert ended.code == 2
    assert "it is the herd file itself" in ended.err
    assert farm.read_bytes() == before


@pytest.mark.parametrize("name", ["left_out.csv", "left_out.xlsx"])
def test_inspect_writes_every_animal_that_was_left_out_and_says_it_first(
    herd: Herd, faulty_farm: Path, folder: Path, name: str
) -> None:
    ended = herd("inspect", faulty_farm, *ANSWERS, "--left-out", name)

    assert (ended.code, ended.out.splitlines()[1][:40]) == (0, "Rows of the file that could not be used:")
    rows = (
        (folder / name).read_text("utf-8-sig").splitlines()
        if name.endswith(".csv")
        else list(load_workbook(folder / name)["Left out"].iter_rows(values_only=True))
    )
    document = json.loads(herd("inspect", faulty_farm, *ANSWERS, "--json", "-").out)
    n_gone = sum(document["excluded"].get(reason, 0) for reason in ("sold", "dead", "moved", "left"))
    assert len(rows) == 1 + sum(document["excluded"].values()) - n_gone
