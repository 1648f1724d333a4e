"""Wrong input: exit code 2, the reason on stderr, nothing on stdout, no file."""

import re
from pathlib import Path

import pytest

from herd_engine.sample import make_sample
from herd_engine.sample.export import HEADERS
from tests.herd_engine.cli.commands import Ended, Herd, start

WIDE = ("--map", "Ear tag no=animal_id", "--map", "Lactatn=lactation")


def write_csv(path: Path, headers: list[str], rows: list[dict[str, str]]) -> None:
    lines = [headers, *([row.get(name, "") for name in headers] for row in rows)]
    path.write_text("\n".join(";".join(line) for line in lines), encoding="utf-8")


def assert_refused(ended: Ended, folder: Path, *files: str) -> None:
    assert (ended.code, ended.out) == (2, "")
    assert "Traceback" not in ended.err
    assert {path.name for path in folder.iterdir()} == set(files)


def one_line(ended: Ended) -> str:
    assert ended.err.count("\n") == 1
    return ended.err


def test_all_problems_of_a_refused_file_are_told(folder: Path, herd: Herd) -> None:
    row = {
        "Номер животного": "1", "Дата рождения": "01.02.2020", "Дата архива": "01.02.2026", "Лактация": "1",
        "Дата начала тек.лакт": "01.03.2025", "Статус коровы": "Продана",
    }  # fmt: skip
    rows = [
        row,
        row,  # line 3: the number again
        row | {"Номер животного": ""},
        row | {"Номер животного": "2", "Дата рождения": ""},
        row | {"Номер животного": "3", "Лактация": "1.5"},
        row | {"Номер животного": "4", "Лактация": "-1"},
        row | {"Номер животного": "5", "Дата рождения": "2020-02-01"},
        row | {"Номер животного": "6", "Статус коровы": "Мертвое животное", "Дата архива": ""},
    ]
    write_csv(folder / "gone.csv", list(HEADERS), rows)

    ended = herd("forecast", "gone.csv", "--json", "a.json")

    assert_refused(ended, folder, "gone.csv")
    expected = {
        "error no_animals_present": "",
        "info repeated_rows": "line 3",
        "error missing_animal_id": "line 4",
        "error missing_birth_date": "line 5",
        "error fractional_lactation": "line 6",
        "error negative_lactation": "line 7",
        "warning dead_without_archive_date": "line 9",
    }
    for problem, lines in expected.items():
        assert re.search(rf"^{problem}\b.*{lines}$", ended.err, flags=re.MULTILINE), problem


def test_a_refused_file_ends_a_process_with_2_and_says_nothing_on_stdout(folder: Path) -> None:
    write_csv(folder / "few.csv", ["Номер животного", "Лактация", "Лактация", "Цвет"], [{"Лактация": "1"}])

    ended = start("forecast", "few.csv", "--json", "-", folder=folder)

    assert_refused(ended, folder, "few.csv")
    told = {line.split()[1] for line in ended.err.splitlines() if re.match(r"(error|warning|info) ", line)}
    assert told == {"missing_columns", "duplicate_columns", "missing_optional_columns", "unknown_columns"}
    assert ended.err.startswith("Error HERD_DATA_INVALID ")


@pytest.mark.parametrize("command", ["inspect", "forecast"])
def test_a_missing_file_takes_one_line(folder: Path, herd: Herd, command: str) -> None:
    ended = herd(command, "nowhere.csv", "--json", "-")

    assert_refused(ended, folder)
    assert "nowhere.csv: The file cannot be opened: No such file or directory." in one_line(ended)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty."),
        (bytes(range(256)) * 20, "The file is none of the forms that are read"),
        (b"PK\x03\x04 not a zip file", "The file looks like a workbook but cannot be read"),
        (";".join(HEADERS).encode(), "The file has a header but no animals."),
    ],
    ids=["empty", "binary", "damaged", "header"],
)
def test_a_file_that_is_no_herd_takes_one_line(folder: Path, herd: Herd, content: bytes, reason: str) -> None:
    (folder / "a.csv").write_bytes(content)

    ended = herd("forecast", "a.csv", "--json", "a.json")

    assert_refused(ended, folder, "a.csv")
    assert reason in one_line(ended)


def test_a_folder_is_no_herd_file(folder: Path, herd: Herd) -> None:
    ended = herd("forecast", folder)

    assert_refused(ended, folder)
    assert "The file cannot be opened: it is a folder without files." in one_line(ended)


def test_unknown_columns_are_told_with_the_nearest_match_and_can_be_mapped(folder: Path, herd: Herd) -> None:
    text = make_sample(animals=200).csv.decode("utf-8-sig")
    text = text.replace("Номер животного", "Ear tag no").replace('"Лактация"', '"Lactatn"')
    (folder / "a.csv").write_text(text, encoding="utf-8")

    unmapped = herd("forecast", "a.csv", "--runs", 5)
    mistyped = herd("forecast", "a.csv", "--map", "Ear tag no=animal_id", "--map", "Lactatn=lactatoin")
    mapped = herd("forecast", "a.csv", "--runs", 5, "--months", 3, *WIDE)

    assert_refused(unmapped, folder, "a.csv")
    assert "Found: Ear tag no, Дата рождения," in unmapped.err
    assert "missing: animal_id (Номер животного), lactation (Лактация)" in unmapped.err
    assert re.search(r"Likely: .*Lactatn", unmapped.err)
    assert "lactatoin, which is not one of our columns. Nearest: lactation." in mistyped.err
    assert mapped.code == 0
    assert "Error" not in mapped.err


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--set", "heifer_birth_probb=0.4"], "Did you mean `heifer_birth_prob`?"),
        (["--set", "heifer_birth_prob=1.4"], "`heifer_birth_prob` must be within 0.0 … 1.0; got 1.4."),
        (["--set", "heifer_birth_prob=half"], "`heifer_birth_prob` must be a number; got 'half'."),
        (["--set", "gestation_lo=277.5"], "`gestation_lo` must be a whole number; got '277.5'."),
        (["--set", "gestation_lo=300"], "`gestation_lo` must be at most gestation_hi (280); got 300."),
        (["--set", "gestation_mu=nan"], "`gestation_mu` must be within 240.0 … 320.0; got nan."),
        (
            ["--set", "voluntary_waiting_period=70"],
            "must not be set in the calibrated mode: use waiting_period_change; got 70.",
        ),
        (["--set", "places_head=0"], "`places_head` must be within 1 … 100000; got 0."),
        (["--set", "places_head=many"], "`places_head` must be a whole number; got 'many'."),
        (["--set", "cull_cows=yes"], "`cull_cows` must be true or false; got 'yes'."),
        (["--set", "place_head=90"], "Did you mean `places_head`?"),
        (["--set", "foo"], "`--set` must read NAME=VALUE; got 'foo'."),
        (["--map", "foo"], "`--map` must read NAME=VALUE; got 'foo'."),
        (["--runs", "0"], "`runs` must be within 1 … 50000; got 0."),
        (["--runs", "50001"], "`runs` must be within 1 … 50000; got 50001."),
        (["--seed", "-1"], "`seed` must be within 0 … 9007199254740991; got -1."),
        (["--months", "121"], "`horizon_months` must be within 1 … 120; got 121."),
        (["--confidence", "0.3"], "`confidence_central` must be within 0.5 … 0.99; got 0.3."),
        (["--lead-time", "366"], "`lead_time_days` must be within 1 … 365; got 366."),
        (["--purchase", "2026-09-15:25"], "must read DATE:COUNT:DAYS_PREGNANT or DATE:COUNT:CALVING_DATE"),
        (["--purchase", "2026-09-15:²:10"], "must read DATE:COUNT:DAYS_PREGNANT or DATE:COUNT:CALVING_DATE"),
        (["--purchase", "15.09.2026:25:100"], "must be a date as YYYY-MM-DD; got '15.09.2026'."),
        (["--purchase", "2026-09-15:0:100"], "`count` must be within 1 … 5000; got 0."),
        (["--purchase", "2026-09-15:9:281"], "`days_pregnant` must be within 0 … 280; got 281."),
        (["--purchase", "2026-09-15:9:2026-09-14"], "must not be before the arrival on 2026-09-15"),
        (["--purchase", "2026-02-28:9:100"], "must lie within the forecast, 2026-03-01 … 2029-03-01"),
        (["--purchase", "2029-03-02:9:100"], "must lie within the forecast, 2026-03-01 … 2029-03-01"),
        (["--policy", "auto_counter", "--purchase", "2026-09-15:9:100"], "be empty unless purchase_policy"),
        (["--future-date", "2029-04-01"], "`future_date` must lie within the forecast"),
        (["--future-date", "2026-05-02"], "`future_date` must be the first of a month; got '2026-05-02'."),
        (["--future-date", "May"], "`--future-date` must be a date as YYYY-MM-DD; got 'May'."),
    ],
    ids=lambda value: "" if isinstance(value, str) else " ".join(value[-1:]),
)
def test_a_value_outside_its_rule_takes_one_line(
    farm: Path, herd: Herd, options: list[str], reason: str
) -> None:
    ended = herd("forecast", farm, *options, "--json", "a.json")

    assert_refused(ended, farm.parent, "herd.csv")
    assert reason in one_line(ended)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--policy", "auto"], "--policy': 'auto' is not one of 'manual', 'auto_counter', 'auto_forecast'"),
        (["--mode", "fitted"], "'fitted' is not one of 'empirical', 'theoretical'"),
        (["--language", "de"], "it is one of en, ru"),
        (["--threads", "0"], "'--threads'"),
        (["--months", "1.5"], "'--months'"),
        (["--nosuch", "1"], "No such option: --nosuch"),
        (["--csv", "-"], "only --json can write to the terminal"),
    ],
    ids=lambda value: "" if isinstance(value, str) else " ".join(value),
)
def test_a_wrong_option_shows_the_usage(farm: Path, herd: Herd, options: list[str], reason: str) -> None:
    ended = herd("forecast", farm, *options, "--json", "a.json")

    assert_refused(ended, farm.parent, "herd.csv")
    assert ended.err.startswith("Usage: herd forecast")
    assert reason in ended.err


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--json", "no/a.json"], "the folder no does not exist; create it or choose another"),
        (["--csv", "no/a.csv"], "the folder no does not exist"),
        (["--xlsx", "no/a.xlsx"], "the folder no does not exist"),
        (["--html", "no/a.html"], "the folder no does not exist"),
        (["--html", "."], "it is a folder; name a file in it"),
        (["--json", "a", "--csv", "./a"], "it is the file of another output too; choose another name"),
        (["--csv", "herd.csv"], "it is the herd file itself; choose another name"),
    ],
    ids=lambda value: "" if isinstance(value, str) else " ".join(value),
)
def test_an_output_that_cannot_be_is_told_before_anything_is_read(
    folder: Path, herd: Herd, options: list[str], reason: str
) -> None:
    ended = herd("forecast", "herd.csv", *options)

    assert_refused(ended, folder)  # there is no herd.csv, and nobody noticed
    assert reason in one_line(ended)


def test_a_young_farm_without_dry_offs_is_told_what_is_missing_and_what_helps(
    folder: Path, herd: Herd
) -> None:
    cow = {
        "Дата рождения": "01.02.2024", "Лактация": "1", "Дата начала тек.лакт": "10.12.2025",
        "Дни в доении": "78", "Статус коровы": "Осемененная",
    }  # fmt: skip
    pregnant = {"Статус коровы": "Стельная", "Дата успешного осеменения": "10.02.2026"}
    rows = [cow | {"Номер животного": str(n)} | (pregnant if n % 3 == 0 else {}) for n in range(30)]
    write_csv(folder / "young.csv", list(HEADERS), rows)

    empirical = herd("forecast", "young.csv", "--runs", 5, "--mode", "empirical", "--json", "a.json")
    theoretical = herd("forecast", "young.csv", "--runs", 5, "--months", 12, "--mode", "theoretical")
    by_default = herd("forecast", "young.csv", "--runs", 5, "--months", 12)
    inspection = herd("inspect", "young.csv")

    assert_refused(empirical, folder, "young.csv")
    assert by_default.code == 0
    assert "no conception to dry-off intervals" in one_line(empirical)
    assert "Use theoretical mode." in inspection.out
    assert theoretical.code == 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_farm_of_30_animals_is_forecast(folder: Path, herd: Herd, seed: int) -> None:
    (folder / "small.csv").write_bytes(make_sample(animals=30, seed=seed).csv)

    ended = herd("forecast", "small.csv", "--runs", 20, "--months", 12)

    assert ended.code == 0
    assert ended.out.startswith("Milking cows ")
