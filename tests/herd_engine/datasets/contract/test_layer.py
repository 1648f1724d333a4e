"""A farm's own part of a contract: what it adds, and what of it is refused."""

import pytest

from herd_engine.datasets.contract.comparison import differences
from herd_engine.datasets.contract.layer import laid_over, read_layer
from herd_engine.datasets.contract.loading import BASE, shipped_contract
from herd_engine.errors import ContractError
from herd_engine.guarded_yaml.writer import yaml_text

LAYER = """
columns:
  animal_id: [Бирка зет]
statuses:
  sold: [Ушла совсем]
sexes:
  male: [Бугай]
rules:
  - {id: file_is_fresh, type: freshness_days, max: 90, severity: WARN}
  - {id: few_old_cows, type: between, column: lactation, max: 9, severity: WARN}
without: [herd_is_as_before]
"""


def laid(text: str) -> object:
    return laid_over(shipped_contract(BASE), read_layer(text.encode(), "layer.yaml"), "layer.yaml")


def test_a_layer_adds_words_and_changes_rules() -> None:
    base = shipped_contract(BASE)
    whole = laid_over(base, read_layer(LAYER.encode(), "layer.yaml"), "layer.yaml")
    found = {each.what: (each.new, each.is_breaking) for each in differences(base, whole)}

    assert found["header 'Бирка зет'"] == ("animal_id", False)
    assert found["status word 'Ушла совсем'"] == ("sold", False)
    assert found["sex word 'Бугай'"] == ("male", False)
    assert {what for what in found if what.startswith("rules.")} == {
        "rules.file_is_fresh",
        "rules.few_old_cows",
        "rules.herd_is_as_before",
    }
    assert not any(breaks for _, breaks in found.values())
    assert next(rule.max for rule in whole.rules if rule.id == "file_is_fresh") == 90  # type: ignore[union-attr]


def test_a_farms_words_are_what_the_reader_takes_as_answers() -> None:
    answers = read_layer(LAYER.encode(), "layer.yaml").answers()

    assert answers.columns == (("Бирка зет", "animal_id"),)
    assert answers.statuses == (("Ушла совсем", "sold"),)
    assert answers.sexes == (("Бугай", "male"),)


def test_a_layer_written_is_read_back_the_same() -> None:
    layer = read_layer(LAYER.encode(), "layer.yaml")
    again = read_layer(yaml_text(layer.model_dump(mode="json", exclude_defaults=True)).encode(), "again.yaml")

    assert again == layer


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("columns: {animal_id: [Дата рождения]}", "means the column"),
        ("columns: {nothing: [Бирка]}", "herd_export has no nothing"),
        ("statuses: {sold: [Ушла*]}", "whole"),
        ("statuses: {gone: [Ушла]}", "herd_export has no gone"),
        ("without: [no_such_rule]", "herd_export has no no_such_rule"),
        ("rules: [{id: x, type: between, column: no_column, max: 1}]", "no_column"),
        ("words: {}", "Extra inputs"),
        ("over: events", "herd_export"),
        ("columns: [", "line 2"),
    ],
)
def test_what_no_layer_can_say_is_refused_whole(text: str, told: str) -> None:
    with pytest.raises(ContractError) as refused:
        laid(text)
    assert told in str(refused.value)
