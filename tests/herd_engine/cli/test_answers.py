"""What a file asks is answered by options, remembered for the farm, and not asked again."""

import json
from pathlib import Path

import pytest

from tests.herd_engine.cli.commands import Herd
from tests.herd_engine.datasets.reader.test_reading import COWS, HEIFERS, HERD, gone, written

TOLD = ("--map-status", "Гуляет=sold")


@pytest.fixture(autouse=True)
def home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, in which no process is started beside the test's."""
    monkeypatch.setenv("HERD_HOME", str(folder / "home"))
    monkeypatch.setattr("herd_engine.runs.liveness.start_runner", lambda _home: None)
    return folder / "home"


@pytest.fixture
def january(folder: Path) -> Path:
    path = folder / "january.csv"
    path.write_bytes(written([*COWS, *HEIFERS, *gone("Гуляет")]))
    return path


@pytest.fixture
def february(folder: Path) -> Path:
    """A later file of the farm, with the same word."""
    path = folder / "february.csv"
    path.write_bytes(written([*COWS, *HEIFERS[:-1], *gone("Гуляет")]))
    return path


def questions(said: str) -> list[str]:
    return [question["code"] for question in json.loads(said)["questions"]]


def test_asked_answered_remembered_and_right_the_second_time(
    herd: Herd, january: Path, february: Path
) -> None:
    herd("farms", "add", "North")
    asked = herd("inspect", january, "--farm", "North", "--json", "-")
    assert (asked.code, questions(asked.out)) == (2, ["ask_status"])

    told = json.loads(herd("inspect", january, "--farm", "North", *TOLD, "--json", "-").out)
    again = json.loads(herd("inspect", january, "--farm", "North", "--json", "-").out)
    later = json.loads(herd("inspect", february, "--farm", "north", "--json", "-").out)

    assert told["counts"] == again["counts"] == HERD
    assert later["counts"] == HERD | {"heifer": HERD["heifer"] - 1}
    assert again["dataset"] == told["dataset"]
    assert later["dataset"]["answers"] == {"statuses": {"Гуляет": "sold"}}
    assert "answers_remembered" in {issue["code"] for issue in later["quality"]}


def test_another_farm_and_no_farm_are_asked(herd: Herd, january: Path, home: Path) -> None:
    assert herd("inspect", january, *TOLD).code == 0
    assert not home.exists()  # where no farm is named, nothing is kept
    herd("farms", "add", "North")
    assert herd("datasets", "add", january, "--farm", "North", *TOLD).code == 0

    assert herd("inspect", january).code == 2
    assert herd("inspect", january, "--farm", "My farm").code == 2


@pytest.mark.parametrize(
    "command", [("datasets", "add"), ("runs", "submit"), ("forecast", "--runs", "2", "--farm", "My farm")]
)
def test_every_command_that_takes_a_file_asks_and_remembers(
    herd: Herd, january: Path, command: tuple[str, ...]
) -> None:
    asked = herd(*command, january, "--json", "-")
    assert (asked.code, questions(asked.out)) == (2, ["ask_status"])

    assert herd(*command, january, *TOLD).code == 0
    assert herd(*command, january).code == 0


def test_changes_of_two_files_take_answers(herd: Herd, january: Path, february: Path) -> None:
    assert herd("changes", january, february).code == 2

    found = json.loads(herd("changes", january, february, *TOLD, "--json", "-").out)

    assert (found["balance"]["before"], found["balance"]["after"]) == (30, 29)


def test_answers_are_shown_with_who_gave_them_and_forgotten(
    herd: Herd, january: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HERD_SUBMITTER", "Anna")
    herd("datasets", "add", january, *TOLD)
    shown = json.loads(herd("farms", "answers", "--json", "-").out)
    assert shown["answers"] == {"statuses": {"Гуляет": "sold"}}
    assert [(one["owner"], one["file_name"], one["version"]) for one in shown["versions"]] == [
        ("Anna", "january.csv", 1)
    ]
    assert "Гуляет" in herd("farms", "answers").out

    herd("farms", "answers", "--forget")

    after = json.loads(herd("farms", "answers", "--json", "-").out)
    assert (after["answers"], [one["version"] for one in after["versions"]]) == ({}, [2, 1])
    assert herd("inspect", january, "--farm", "My farm").code == 2


def test_a_sample_with_a_word_for_sold_is_asked_once(herd: Herd, folder: Path) -> None:
    assert herd("sample", "asked.csv", "--animals", 120, "--sold-as", "Выбракована").code == 0
    home = ("--home", "home", "--farm", "North")
    herd("farms", "add", "North", "--home", "home")

    asked = herd("inspect", "asked.csv", *home)
    answered = herd("inspect", "asked.csv", "--map-status", "Выбракована=sold", "--json", "-", *home)
    again = herd("inspect", "asked.csv", "--json", "-", *home)

    assert (asked.code, "Выбракована" in asked.err) == (2, True)
    assert (answered.code, again.code) == (0, 0)
    document = json.loads(again.out)
    assert document["counts"] == json.loads(answered.out)["counts"]
    assert sum(document["counts"].values()) == 120
