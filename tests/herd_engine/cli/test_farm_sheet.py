"""`herd farms sheet` and `herd farms anonymise`."""

import json
from pathlib import Path

import pytest

from herd_engine.sample import make_sample
from tests.herd_engine.cli.commands import Herd


@pytest.fixture(autouse=True)
def home(folder: Path, monkeypatch: pytest.MonkeyPatch, herd: Herd) -> Path:
    monkeypatch.setenv("HERD_HOME", str(folder / "home"))
    assert herd("farms", "add", "North").code == 0
    return folder / "home"


def test_a_sheet_is_changed_by_versions_and_goes_through_yaml(herd: Herd, folder: Path) -> None:
    herd("farms", "sheet", "North", "--set", "cow_places=420", "--set", "time_zone=Europe/Moscow")
    herd(
        "farms", "sheet", "North", "--set", "cow_places=430", "--set", "time_zone=-", "--set", "currency=EUR"
    )
    document = json.loads(herd("farms", "sheet", "North", "--json", "-").out)

    assert document["sheet"] == {"cow_places": 430, "currency": "EUR"}
    assert [each["version"] for each in document["versions"]] == [2, 1]
    assert document["versions"][1]["sheet"] == {"cow_places": 420, "time_zone": "Europe/Moscow"}
    assert herd("farms", "sheet", "North", "--export", "north.yaml").code == 0
    herd("farms", "add", "South")
    assert herd("farms", "sheet", "South", "--import", "north.yaml").code == 0
    copied = json.loads(herd("farms", "sheet", "South", "--json", "-").out)["sheet"]
    assert copied == document["sheet"]


@pytest.mark.parametrize(
    "said",
    [
        "cow_places=0",
        "cow_places=many",
        "time_zone=Moon",
        "currency=eur",
        "waiting_days=400",
        "cows=3",
        "targets.vwp=5",
        "targets.vpw=70",
        "targets.vwp=70.5",
        "targets=70",
    ],
)
def test_what_no_sheet_can_say_is_refused(herd: Herd, said: str) -> None:
    ended = herd("farms", "sheet", "North", "--set", said)

    assert (ended.code, said.partition("=")[0].removeprefix("targets.") in ended.err) == (2, True)
    assert json.loads(herd("farms", "sheet", "North", "--json", "-").out)["versions"] == []


def test_targets_of_a_farm_hold_for_its_files(herd: Herd, folder: Path) -> None:
    (folder / "a.csv").write_bytes(make_sample(animals=200).csv)
    herd("farms", "sheet", "North", "--set", "waiting_days=65", "--set", "targets.pr21=0.3")

    def stated(*more: str) -> dict[str, object]:
        said = json.loads(herd("review", "a.csv", "--json", "-", *more).out)["targets"]
        return {each["key"]: each["value"] for each in said if not each["is_default"]}

    assert stated() == {}
    assert stated("--farm", "North") == {"vwp": 65, "pr21": 0.3}
    assert stated("--farm", "North", "--target", "vwp=70") == {"vwp": 70, "pr21": 0.3}
    herd("farms", "sheet", "North", "--set", "targets.vwp=80", "--set", "targets.pr21=-")
    assert stated("--farm", "North") == {"vwp": 80}
    assert json.loads(herd("farms", "sheet", "North", "--json", "-").out)["sheet"] == {
        "waiting_days": 65, "targets": {"vwp": 80},
    }  # fmt: skip


def test_anonymised_exports_join_as_the_originals_do(herd: Herd, folder: Path) -> None:
    made = make_sample(animals=60)
    (folder / "a.csv").write_bytes(made.csv)
    assert herd("datasets", "add", "a.csv", "--farm", "North").code == 0
    assert herd("farms", "anonymise", "North", "given").code == 0

    inspected = json.loads(herd("inspect", "given/export-1.csv", "--json", "-").out)
    assert sum(inspected["counts"].values()) == 60
    rows = (folder / "given" / "export-1.csv").read_text().splitlines()[1:]
    assert not {row.partition(",")[0] for row in rows} & set(map(str, made.herd.ids))
    assert herd("farms", "anonymise", "Default", "nothing").code == 2
