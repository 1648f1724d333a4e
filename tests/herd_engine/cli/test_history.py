"""`herd changes` and `herd history`, and the forms in which `herd sample` writes a farm."""

import json
import zipfile
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from herd_engine.datasets.importers.writers import FORMS
from herd_engine.model.animals import NO_DAY
from herd_engine.sample import make_sample
from herd_engine.sample.export import export_csv
from tests.herd_engine.cli.commands import Herd


@pytest.fixture
def two_files(folder: Path) -> tuple[str, str]:
    """Write a farm's export, and the same file a day later in which one cow is sold."""
    made = make_sample(animals=60)
    (folder / "old.csv").write_bytes(made.csv)
    rows = made.herd.rows
    cow = int(np.flatnonzero((rows.archive == NO_DAY) & (rows.lactation > 0))[0])
    rows.archive[cow], rows.status[cow] = 0, 0
    (folder / "new.csv").write_bytes(export_csv(made.farm, made.herd, date(2026, 3, 1), {}))
    return "old.csv", str(made.herd.ids[cow])


def test_changes_name_the_animal_that_was_sold(two_files: tuple[str, str], herd: Herd) -> None:
    _, sold = two_files
    told = herd("changes", "old.csv", "new.csv")
    document = json.loads(herd("changes", "old.csv", "new.csv", "--json", "-").out)

    assert "60 animals + 0 came - 1 left = 59" in told.out
    assert sold in told.out
    assert document["balance"] == {"before": 60, "entered": 0, "left": 1, "after": 59}
    assert document["events"]["left"]["sold"] == [sold]
    assert document["events"]["left"]["with_date"] == 1


def test_changes_take_kept_datasets_by_name(two_files: tuple[str, str], herd: Herd, folder: Path) -> None:
    for name in ("old.csv", "new.csv"):
        assert herd("datasets", "add", name, "--home", "home").code == 0
        (folder / name).unlink()

    assert "left = 59" in herd("changes", "old.csv", "new.csv", "--home", "home").out


def test_the_newer_file_may_not_be_the_older(folder: Path, herd: Herd) -> None:
    for name, day in (("a.csv", date(2026, 1, 1)), ("b.csv", date(2026, 2, 1))):
        (folder / name).write_bytes(make_sample(animals=60, report_date=day).csv)
    ended = herd("changes", "b.csv", "a.csv")

    assert ended.code == 2
    assert "no older than OLD, which is of 2026-02-01" in ended.err


def test_history_shows_the_exports_in_order(two_files: tuple[str, str], herd: Herd) -> None:
    assert "No herd file" in herd("history", "--home", "home").out
    for name in ("new.csv", "old.csv"):
        herd("datasets", "add", name, "--home", "home")
    document = json.loads(herd("history", "--home", "home", "--json", "-").out)

    assert [sum(one["counts"].values()) for one in document["exports"]] in ([59, 60], [60, 59])
    assert document["exports"][0]["changes"] is None
    assert document["events"] > 60
    assert "days old" in herd("history", "--home", "home").out


@pytest.mark.parametrize("form", FORMS)
def test_a_sample_is_written_in_every_form(form: str, folder: Path, herd: Herd) -> None:
    assert herd("sample", "farm.zip", "--as", form, "--animals", 20).code == 0
    assert herd("sample", "farm", "--as", form, "--animals", 20).code == 0

    written = folder / "farm"
    files = sorted(written.iterdir()) if written.is_dir() else [written]
    with zipfile.ZipFile(folder / "farm.zip") as archive:
        assert [archive.read(name) for name in sorted(archive.namelist())] == [
            path.read_bytes() for path in files
        ]
    assert json.loads((folder / "farm.truth.json").read_text())["on_report_date"]["animals_on_farm"] == 20


def test_an_unknown_form_is_refused(herd: Herd) -> None:
    ended = herd("sample", "farm.csv", "--as", "vhs")

    assert ended.code == 2
    assert "dc305-events" in ended.err


def test_an_event_list_and_the_item_list_of_a_farm_are_inspected_as_the_same_herd(herd: Herd) -> None:
    documents = []
    for form in ("dc305", "dc305-events"):
        herd("sample", f"{form}.csv", "--as", form, "--animals", 400, "--seed", 3)
        documents.append(json.loads(herd("inspect", f"{form}.csv", "--json", "-").out))
    items, events = documents
    said = [issue["message"] for issue in events["quality"] if issue["code"] == "program_recognised_untried"]

    for name in ("report_date", "counts", "mean_days_in_milk", "cull_flagged"):
        assert items[name] == events[name]
    # An item list has one word for both (SLD/DIE).
    assert items["excluded"]["sold"] == events["excluded"]["sold"] + events["excluded"]["dead"]
    assert said[0].startswith("The file looks like DairyComp 305, event list")


def test_a_farm_without_judged_forecasts_says_how_to_get_one(herd: Herd) -> None:
    assert "herd runs star RUN" in herd("reportcard", "--home", "home").out
    document = json.loads(herd("reportcard", "--home", "home", "--json", "-").out)

    assert document == {"schema": "herd-report-card/1", "coverage": None, "metrics": {}, "forecasts": []}
