"""A farm's own limits and columns count when its files are read, and are part of what a dataset is."""

from datetime import date

import numpy as np
import pytest

from herd_engine.datasets.contract.canonical_table import canonical_table
from herd_engine.datasets.contract.evaluation import evaluate
from herd_engine.datasets.contract.layer import laid_over, read_layer
from herd_engine.datasets.contract.loading import BASE, shipped_contract
from herd_engine.datasets.contract.model import Contract
from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.errors import ContractError, HerdDataError
from tests.herd_engine.datasets.reader.test_reading import COWS, HEADER, HEIFERS, written

BROKEN = [[*COWS[0][:1], "soon", *COWS[0][2:]], *COWS[1:], *HEIFERS]
"""One animal in thirty has no birth date: more than two in a hundred."""


def farm_contract(text: str) -> Contract:
    return laid_over(shipped_contract(BASE), read_layer(text.encode(), "layer.yaml"), "layer.yaml")


def test_a_farm_may_lose_more_than_others() -> None:
    with pytest.raises(HerdDataError, match="accept-losses"):
        read_herd_bytes(written(BROKEN), "farm.csv")
    file = read_herd_bytes(written(BROKEN), "farm.csv", contract=farm_contract("limits: {lost_share: 0.05}"))

    assert file.herd.n_animals == 29


def test_a_farm_may_be_stricter_about_lactations() -> None:
    strict = farm_contract("limits: {highest_lactation: 1}")

    with pytest.raises(HerdDataError, match="accept-losses"):
        read_herd_bytes(written([*COWS, *HEIFERS]), "farm.csv", contract=strict)


def test_a_column_that_the_farm_requires_must_be_there() -> None:
    with pytest.raises(HerdDataError, match="insemination_date"):
        read_herd_bytes(
            written([*COWS, *HEIFERS]), "farm.csv", contract=farm_contract("require: [insemination_date]")
        )


def test_the_contract_is_part_of_what_a_dataset_is() -> None:
    data = written([*COWS, *HEIFERS])
    plain = read_herd_bytes(data, "farm.csv")
    one, other = (
        read_herd_bytes(data, "farm.csv", contract=farm_contract(f"limits: {{lost_share: {share}}}"))
        for share in (0.05, 0.06)
    )

    assert len({plain.sha256, one.sha256, other.sha256}) == 3
    assert one.answers.contract.startswith("herd_export@1.0.0+")
    again = read_herd_bytes(data, "farm.csv", contract=farm_contract("limits: {lost_share: 0.05}"))
    assert again.sha256 == one.sha256


@pytest.mark.parametrize("text", ["limits: {rows: 20000000}", "limits: {lost_share: 2}", "require: [colour]"])
def test_what_protects_the_machine_is_no_limit_of_a_farm(text: str) -> None:
    with pytest.raises(ContractError):
        farm_contract(text)


OWN = """
own:
  vet_check_date: {type: date, words: [Осмотр]}
  milk_kg: {type: number, words: [Удой, Milk yield]}
  note: {type: text, words: [Заметка]}
rules:
  - {id: milk_is_milk, type: between, column: milk_kg, min: 0, max: 80, severity: WARN}
  - {id: seen_in_time, type: between, column: report_date, since: vet_check_date, max: 60, on_null: violate}
"""
OWN_HEADER = [*HEADER, "Удой", "Осмотр", "Заметка"]


def own_file(header: list[str] = OWN_HEADER) -> bytes:
    """Return a farm whose cows give n + 0.5 kg, the last of them too much, and were seen in February."""
    cows = [[*row, f"{row[0]},5", f"{int(row[0]):02}.02.2026", f"cow {row[0]}"] for row in COWS[:-1]]
    last = [*COWS[-1], "812345,5", "01.11.2025", "NULL"]
    return written([*cows, last, *([*row, "", "01.02.2026", ""] for row in HEIFERS)], header=header)


def test_a_farms_own_columns_are_kept_with_their_types_and_asked_by_rules() -> None:
    contract = farm_contract(OWN)
    file = read_herd_bytes(own_file(), "farm.csv", contract=contract)
    table = canonical_table(file)

    assert table.columns["milk_kg"][:2].tolist() == [1.5, 2.5]
    assert np.isnan(table.columns["milk_kg"][-1])
    assert table.columns["vet_check_date"][0] == date(2026, 2, 1).toordinal()
    assert table.columns["note"][[0, 19, 20]].tolist() == ["cow 1", "", ""]
    found = {one.rule_id: (one.status, one.sample) for one in evaluate(contract, table)}
    assert found["milk_is_milk"] == ("WARN", ("20",))
    assert found["seen_in_time"] == ("FAIL", ("20",))
    plain = read_herd_bytes(own_file(), "farm.csv")
    assert plain.herd.counts() == file.herd.counts()
    assert plain.own == {}
    unknown = {code: issue for issue in plain.issues if (code := issue.code) == "unknown_columns"}
    assert unknown["unknown_columns"].params["columns"] == OWN_HEADER[-3:]
    assert "unknown_columns" not in {issue.code for issue in file.issues}


def test_own_values_stay_with_their_animals_when_rows_are_left_out() -> None:
    rows = own_file().decode().splitlines()
    shuffled = "\n".join([rows[0], *rows[:0:-1], rows[5]]).encode()  # the fifth cow twice
    file = read_herd_bytes(shuffled, "farm.csv", contract=farm_contract(OWN))

    told = dict(zip(file.records.animal_ids, file.own["note"], strict=True))
    assert told["5"] == "cow 5"
    assert len(told) == 30


def test_own_columns_that_must_be_there_are_missed_and_others_are_not() -> None:
    must = OWN.replace("words: [Заметка]", "words: [Заметка], required: true")
    without = [*OWN_HEADER[:-1], "Ещё"]

    with pytest.raises(HerdDataError, match=r"note \(Заметка\)"):
        read_herd_bytes(own_file(without), "farm.csv", contract=farm_contract(must))
    file = read_herd_bytes(own_file(without), "farm.csv", contract=farm_contract(OWN))
    assert "note" not in file.own


def test_cells_of_own_columns_that_are_none_are_told() -> None:
    data = own_file().decode().replace("1,5;01.02.2026", "much;soon", 1).encode()
    file = read_herd_bytes(data, "farm.csv", contract=farm_contract(OWN))
    told = {(issue.code, issue.params["column"]) for issue in file.issues if "column" in issue.params}

    assert {("invalid_number_values", "milk_kg"), ("invalid_date_values", "vet_check_date")} <= told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("own: {sex: {type: text, words: [Пол зверя]}}", "is a column of"),
        ("own: {vet_check: {type: date, words: [Осмотр]}}", "ends with _date"),
        ("own: {note_date: {type: text, words: [Заметка]}}", "ends with _date"),
        ("own: {note: {type: text, words: [Статус]}}", "means the column"),
        ("own: {note: {type: text, words: [За*]}}", "whole"),
        ("own: {note: {type: text, words: []}}", "words"),
        ("own: {note: {type: blob, words: [Заметка]}}", "text"),
    ],
)
def test_own_columns_that_cannot_be_are_refused(text: str, told: str) -> None:
    with pytest.raises(ContractError) as refused:
        farm_contract(text)
    assert told in str(refused.value)
