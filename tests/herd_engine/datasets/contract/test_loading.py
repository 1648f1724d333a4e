"""Contracts: those that come with the program, and malformed ones."""

import pytest

from herd_engine.datasets.columns import Column
from herd_engine.datasets.contract.loading import PROFILES, read_contract, shipped_bytes, shipped_contract
from herd_engine.errors import ContractError

SMALL = """\
contract: events
version: 1.0.0
date: 2026-01-31
author: A farm
reason: A try.
description: A row an event.
columns:
  - name: animal_id
    type: text
    aliases: [ID]
  - name: lactation
    type: number
"""


@pytest.mark.parametrize("profile", PROFILES)
def test_a_shipped_contract_is_whole(profile: str) -> None:
    assert shipped_contract(profile).contract == profile


def test_the_columns_of_a_herd_file_are_those_of_its_contract() -> None:
    assert [column.name for column in shipped_contract("herd_export").columns] == [*Column]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("type: text", "type: words", 9),
        ("aliases: [ID]", "aliases: [ID]\n    colour: red", 11),
        ("version: 1.0.0", "version: one", 2),
        ("type: number", "type: number\n  - name: Lactation", 13),
        ("name: lactation", "name: lactation\n    name: parity", 12),
    ],
)
def test_a_malformed_contract_is_refused_with_the_line(old: str, new: str, line: int) -> None:
    with pytest.raises(ContractError, match=f"line {line}: ") as caught:
        read_contract(SMALL.replace(old, new, 1).encode(), "mine.yaml")

    assert line in [problem[0] for problem in caught.value.problems]


def test_a_word_that_means_two_columns_is_refused() -> None:
    text = SMALL.replace("type: number", "type: number\n    aliases: [id]")

    with pytest.raises(ContractError, match="means the column lactation and animal_id"):
        read_contract(text.encode(), "mine.yaml")


def test_aliases_of_yaml_that_would_grow_without_end_are_refused() -> None:
    levels = [b"a0: &a0 [x]"]
    levels += [b"a%d: &a%d [%s]" % (i, i, b", ".join([b"*a%d" % (i - 1)] * 10)) for i in range(1, 8)]
    bomb = b"\n".join(levels)

    with pytest.raises(ContractError, match="aliases"):
        read_contract(bomb, "bomb.yaml")
    with pytest.raises(ContractError, match="deep"):
        read_contract(b"[" * 60 + b"]" * 60, "deep.yaml")
    with pytest.raises(ContractError, match="larger"):
        read_contract(b"#" * (1 << 21), "large.yaml")


def test_every_problem_is_told_at_once() -> None:
    text = SMALL.replace("type: text", "type: words").replace("version: 1.0.0", "version: one")

    with pytest.raises(ContractError) as caught:
        read_contract(text.encode(), "mine.yaml")

    assert [problem[0] for problem in caught.value.problems] == [2, 9]


def test_a_shipped_contract_is_read_from_its_own_bytes() -> None:
    assert read_contract(shipped_bytes("events"), "events.yaml") == shipped_contract("events")
