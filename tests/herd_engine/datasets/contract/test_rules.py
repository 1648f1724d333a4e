"""Every type of rule on a table of five rows, by hand; malformed rules refused with their lines."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from herd_engine.datasets.contract.canonical_table import CanonicalTable, canonical_table
from herd_engine.datasets.contract.comparison import content_sha256, differences
from herd_engine.datasets.contract.evaluation import Context, RuleResult, evaluate, overall
from herd_engine.datasets.contract.loading import PROFILES, read_contract, shipped_bytes, shipped_contract
from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.errors import ContractError
from herd_engine.i18n.wording import wording
from herd_engine.sample import make_sample

NAN = np.nan
TABLE = CanonicalTable(
    columns={
        "animal_id": np.array(["1", "2", "3", "3", ""], object),
        "status": np.array(["on_farm", "sold", "lost", "", "dead"], object),
        "lactation": np.array([0.0, 1.0, 2.0, 16.0, NAN]),
        "birth_date": np.array([100.0, 100.0, 100.0, 100.0, NAN]),
        "lactation_start_date": np.array([NAN, 900.0, 50.0, 950.0, 950.0]),
        "dryoff_date": np.array([NAN, NAN, 90.0, 940.0, 960.0]),
        "days_in_milk": np.array([NAN, 100.0, 950.0, 49.0, 60.0]),
    },
    report_day=1000,
    counts={"milking": 80, "animals": 90},
)
HERD = """\
contract: herd_export
version: 2.0.0
date: 2026-01-31
author: A farm
reason: A try.
description: An animal a row.
columns:
  - {name: animal_id, type: text}
  - {name: status, type: text}
  - {name: lactation, type: number}
  - {name: birth_date, type: date}
  - {name: lactation_start_date, type: date}
  - {name: dryoff_date, type: date}
  - {name: days_in_milk, type: number}
  - {name: archive_date, type: date}
"""


def contract_with(rule: str) -> bytes:
    """Return a contract with one rule, which stands in line 17."""
    common = shipped_bytes("herd_export").decode()
    parts = common[common.index("dialect:") : common.index("columns:\n")]
    return f"{HERD}rules:\n  - {{id: mine, {rule}}}\n{parts}".encode()


def asked(rule: str, **context: Any) -> RuleResult:
    (result,) = evaluate(read_contract(contract_with(rule), "mine.yaml"), TABLE, Context(**context))
    return result


@pytest.mark.parametrize(
    ("rule", "broken"),
    [
        ("type: between, column: lactation, min: 0, max: 15", [3]),
        ("type: between, column: lactation, max: 15, on_null: violate", [3, 4]),
        ("type: between, column: lactation_start_date, since: birth_date, min: 0", [2]),
        ("type: accepted_values, column: status, values: [on_farm, sold, dead]", [2]),
        ("type: accepted_values, column: status, values: [on_farm, sold, dead], on_null: violate", [2, 3]),
        ("type: accepted_values, column: lactation, values: [0, 1, 2]", [3]),
        ("type: composite_unique, columns: [animal_id]", [2, 3]),
        ("type: composite_unique, columns: [animal_id, lactation]", []),
        ("type: date_order, columns: [birth_date, lactation_start_date, dryoff_date]", [2, 3]),
        ("type: date_order, columns: [birth_date, dryoff_date], on_null: violate", [0, 1, 2, 4]),
        ("type: date_order, columns: [lactation_start_date, report_date]", []),
        ("type: implies, when: {column: lactation, min: 1}, then: {column: dryoff_date, known: true}", [1]),
        ("type: implies, when: {column: status, values: [sold]}, then: {column: lactation, min: 2}", [1]),
        ("type: derived_equals, column: days_in_milk, start: lactation_start_date", [3, 4]),
        ("type: derived_equals, column: days_in_milk, start: lactation_start_date, tolerance: 1", [4]),
    ],
)  # fmt: skip
def test_a_rule_is_broken_by_the_rows_that_break_it(rule: str, broken: list[int]) -> None:
    result = asked(rule)

    assert result.observed["violation_count"] == len(broken)
    assert result.sample == tuple(TABLE.columns["animal_id"][broken])
    assert result.status == ("FAIL" if broken else "PASS")


@pytest.mark.parametrize(
    ("rule", "status"),
    [
        ("type: max_null_ratio, column: lactation, max: 0.2", "PASS"),
        ("type: max_null_ratio, column: dryoff_date, max: 0.2", "FAIL"),
        ("type: row_count_between, min: 5, max: 5", "PASS"),
        ("type: row_count_between, min: 6, severity: WARN", "WARN"),
        ("type: min_event_count, column: lactation_start_date, min: 4", "PASS"),
        ("type: min_event_count, column: lactation_start_date, min: 4, days: 101", "FAIL"),
        ("type: min_event_count, column: archive_date, min: 1", "SKIPPED"),  # the table does not have it
        ("type: freshness_days, max: 35", "PASS"),
        ("type: freshness_days, max: 34", "FAIL"),
        ("type: ratio_between, count: milking, min: 0.8, max: 1.2", "PASS"),
        ("type: ratio_between, count: milking, min: 0.81", "FAIL"),
        ("type: ratio_between, count: dry, min: 0.8", "SKIPPED"),
        ("type: reference, column: animal_id, among: animals", "FAIL"),
        ("type: reference, column: status, among: farms", "SKIPPED"),
    ],
)
def test_a_rule_about_the_whole_file(rule: str, status: str) -> None:
    result = asked(
        rule,
        today=date.fromordinal(1035),
        counts_before={"milking": 100},
        known={"animals": frozenset("12")},
    )

    assert result.status == status
    assert wording("ru").say(result.message)
    assert wording("en").say(result.message)


@pytest.mark.parametrize(
    "rule",
    [
        "type: between, column: lactation",
        "type: between, column: lactation, min: 2, max: 1",
        "type: between, column: lactation, min: 0, pattern: '(a+)+$'",
        "type: matches, column: animal_id, pattern: '(a+)+$'",
        "type: accepted_values, column: status, values: []",
        "type: max_null_ratio, column: lactation, max: 1.5",
        "type: date_order, columns: [birth_date, dryoff_date, birth_date]",
        "type: derived_equals, column: days_in_milk, start: days_in_milk",
        "type: implies, when: {column: lactation}, then: {column: status, known: true}",
        "type: between, column: lactation, min: zero",
        "column: lactation",
    ],
)
def test_a_malformed_rule_is_refused_with_its_line(rule: str) -> None:
    with pytest.raises(ContractError) as caught:
        read_contract(contract_with(rule), "mine.yaml")

    assert {line for line, _, _ in caught.value.problems} == {17}


def test_rules_name_columns_and_have_names_of_their_own() -> None:
    with pytest.raises(ContractError, match="rule mine names colour, which is no column"):
        read_contract(contract_with("type: between, column: colour, min: 1"), "mine.yaml")
    twice = contract_with("type: row_count_between, min: 1}\n  - {id: mine, type: row_count_between, min: 2")
    with pytest.raises(ContractError, match="two rules are called mine"):
        read_contract(twice, "mine.yaml")


def test_a_yaml_that_holds_itself_is_refused() -> None:
    with pytest.raises(ContractError, match="line 2"):
        read_contract(b"contract: herd_export\nrules: &all [*all]\n", "circle.yaml")


def test_a_sample_farm_keeps_the_rules_and_a_broken_one_does_not() -> None:
    contract, context = shipped_contract("herd_export"), Context(today=date(2026, 3, 1))
    sound = read_herd_bytes(make_sample(animals=300, seed=2).csv, "farm.csv")
    results = evaluate(contract, canonical_table(sound), context)
    assert {result.rule_id for result in results if result.status == "FAIL"} == set()
    assert overall(results) in ("PASS", "WARN")

    table = canonical_table(sound)
    old = {**table.columns, "lactation": table.columns["lactation"] + 16}
    broken = CanonicalTable(columns=old, report_day=table.report_day, counts=table.counts)
    assert overall(evaluate(contract, broken, context)) == "FAIL"


def changed(old: str, new: str) -> list[tuple[str, bool]]:
    """Return what differs where a text of the shipped contract is another one."""
    text = shipped_bytes("herd_export").decode()
    assert old in text
    other = read_contract(text.replace(old, new, 1).encode(), "mine.yaml")
    return [(each.what, each.is_breaking) for each in differences(shipped_contract("herd_export"), other)]


@pytest.mark.parametrize(
    ("old", "new", "differ"),
    [
        ("author: Herd Workbench", "author: Somebody", []),
        ("      - Cow ID\n", "      - Cow ID\n      - Kuh\n", [("header 'Kuh'", False)]),
        ("      - Cow ID\n", "", [("header 'Cow ID'", True)]),
        ("lost_share: 0.02", "lost_share: 0.01", [("limits.lost_share", True)]),
        ("lost_share: 0.02", "lost_share: 0.05", [("limits.lost_share", False)]),
        ("min: 0, max: 15", "min: 0, max: 12", [("rules.lactation_is_plausible", True)]),
        ("type: freshness_days, max: 35", "type: freshness_days, max: 10", [("rules.file_is_fresh", False)]),
        (", Euthanasia", "", [("status word 'Euthanasia'", True)]),
    ],
)
def test_two_versions_differ_in_what_was_changed(old: str, new: str, differ: list[tuple[str, bool]]) -> None:
    assert changed(old, new) == differ


def test_the_hash_is_of_what_a_contract_says() -> None:
    text = shipped_bytes("events").decode()
    one = read_contract(text.encode(), "one.yaml")
    other = read_contract(text.replace("author: ", "author: not ").encode(), "other.yaml")

    assert content_sha256(one) == content_sha256(other)
    assert len({content_sha256(shipped_contract(profile)) for profile in PROFILES}) == len(PROFILES)
