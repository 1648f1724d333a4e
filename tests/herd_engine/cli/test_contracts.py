"""`herd contracts`."""

import json
from pathlib import Path

import pytest

from herd_engine.datasets.contract.loading import PROFILES, shipped_bytes
from herd_engine.sample import make_sample
from tests.herd_engine.cli.commands import Herd


@pytest.fixture
def stricter(folder: Path) -> Path:
    """A contract of a farm whose cows calve twice at most."""
    path = folder / "stricter.yaml"
    path.write_bytes(shipped_bytes("herd_export").replace(b"min: 0, max: 15", b"min: 0, max: 2"))
    return path


def test_contracts_are_listed_and_shown_as_they_stand(herd: Herd) -> None:
    listed = json.loads(herd("contracts", "list", "--json", "-").out)["contracts"]

    assert [one["contract"] for one in listed] == [*PROFILES]
    assert all(len(one["sha256"]) == 64 for one in listed)
    assert "herd_export" in herd("contracts", "list").out
    assert herd("contracts", "show", "events").out == shipped_bytes("events").decode()


def test_a_file_is_tried_against_another_version(herd: Herd, farm: Path, stricter: Path) -> None:
    kept = json.loads(herd("contracts", "check", farm, "--json", "-").out)
    broken = herd("contracts", "check", farm, "--contract", stricter, "--json", "-")

    assert kept["status"] in ("PASS", "WARN")
    document = json.loads(broken.out)
    failed = {rule["rule_id"] for rule in document["rules"] if rule["status"] == "FAIL"}
    assert (broken.code, document["status"], failed) == (2, "FAIL", {"lactation_is_plausible"})
    assert document["contract"]["sha256"] != kept["contract"]["sha256"]
    told = herd("contracts", "check", farm, "--contract", stricter).out
    assert "FAIL    lactation_is_plausible: lactation: numbers and days lie within bounds" in told


def test_versions_are_compared_and_what_breaks_is_said(herd: Herd, stricter: Path) -> None:
    document = json.loads(herd("contracts", "diff", "herd_export", stricter, "--json", "-").out)

    assert document["is_breaking"]
    assert [one["what"] for one in document["differences"]] == ["rules.lactation_is_plausible"]
    assert herd("contracts", "diff", "events", "events").out == "They say the same.\n"


def test_a_malformed_contract_is_refused_whole_with_its_lines(herd: Herd, folder: Path, farm: Path) -> None:
    broken = shipped_bytes("events").replace(b"type: text", b"type: words", 1)
    (folder / "broken.yaml").write_bytes(broken)
    line = broken[: broken.index(b"type: words")].count(b"\n") + 1

    for arguments in (("show", "broken.yaml"), ("check", farm, "--contract", "broken.yaml")):
        ended = herd("contracts", *arguments)
        assert (ended.code, ended.out) == (2, "")
        assert f"line {line}: " in ended.err


def test_a_farms_own_words_are_kept_by_version_and_read_its_files(herd: Herd, folder: Path) -> None:
    data = make_sample(animals=60).csv.decode("utf-8-sig").replace("Номер животного", "Бирка зет")
    (folder / "own.csv").write_text(data, "utf-8")
    (folder / "layer.yaml").write_text("columns: {animal_id: [Бирка зет]}", "utf-8")
    at_home = ("--home", "home")
    assert herd("datasets", "add", "own.csv", *at_home).code == 2

    saved = herd("contracts", "save", "layer.yaml", "--reason", "Our tags", *at_home)
    again = herd("contracts", "save", "layer.yaml", "--reason", "Once more", *at_home)

    assert saved.out.startswith("version 1 ")
    assert again.out == saved.out
    assert herd("datasets", "add", "own.csv", *at_home).code == 0
    listed = json.loads(herd("contracts", "versions", "--json", "-", *at_home).out)["versions"]
    assert (listed[0]["version"], listed[0]["reason"]) == (1, "Our tags")
    assert [one["version"] for one in listed] == [1, 0]
    assert listed[0]["sha256"] != listed[1]["sha256"]
    assert "Бирка зет" in herd("contracts", "show", "1", *at_home).out
    assert herd("contracts", "check", "own.csv", "--version", "1", *at_home).code == 0
    refused = herd("contracts", "check", "own.csv", "--version", "0", *at_home)
    assert (refused.code, "Бирка зет" in refused.err) == (2, True)


def test_two_versions_of_a_farms_contract_are_compared(herd: Herd, folder: Path) -> None:
    at_home = ("--home", "home")
    for place, most in enumerate((15, 2)):
        rule = f"{{id: lactation_is_plausible, type: between, column: lactation, min: 0, max: {most}}}"
        (folder / f"{place}.yaml").write_text(f"rules: [{rule}]\nsexes: {{male: [Бугай]}}", "utf-8")
        assert herd("contracts", "save", f"{place}.yaml", "--reason", "Try", *at_home).code == 0

    ended = herd("contracts", "diff", "1", "2", "--fail-on-breaking", "--json", "-", *at_home)
    document = json.loads(ended.out)

    assert (ended.code, document["is_breaking"]) == (2, True)
    assert [one["what"] for one in document["differences"]] == ["rules.lactation_is_plausible"]
    assert herd("contracts", "diff", "0", "1", "--fail-on-breaking", *at_home).code == 0
