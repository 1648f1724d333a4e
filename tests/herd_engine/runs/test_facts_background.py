"""What is kept lands in the tables of facts beside it; what a contract blocks is on record."""

import pytest

from herd_engine.errors import ConflictError
from herd_engine.runs.facts_background import FollowingFacts
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.preflight import PreflightDesk
from herd_engine.sample import make_sample
from herd_engine.workbench.herd_facts import HerdFacts
from tests.herd_engine.runs.conftest import PAYLOAD

TOO_STRICT = b"rules: [{id: a_large_herd, type: row_count_between, min: 100000, severity: FAIL}]"


@pytest.fixture
def row(kept: KeptRuns):
    return kept.add_dataset(make_sample(animals=60, seed=3).csv, "march.csv")


def test_the_tables_follow_the_files_of_every_farm(kept: KeptRuns, row) -> None:
    following = FollowingFacts(kept.store)

    assert following.catch_up() == 1
    assert HerdFacts(kept).check() == ()
    assert HerdFacts(kept).refresh() == 0  # nothing was left to do
    assert following.catch_up() == 0
    kept.add_dataset(make_sample(animals=60, seed=4).csv, "other.csv")
    kept.catalog.datasets.archive(row.id)
    assert following.catch_up() == 2
    assert HerdFacts(kept).check() == ()


def test_a_kept_file_that_is_blocked_is_on_record(
    kept: KeptRuns, row, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.catalog.contracts.save(TOO_STRICT, "layer.yaml", "a test")
    monkeypatch.setenv("HERD_PREFLIGHT_MODE", "enforce")

    with pytest.raises(ConflictError, match="a_large_herd"):
        kept.submit(row.id, PAYLOAD)

    (entry,) = PreflightDesk(kept).registry.latest(kept.scope, 5)
    assert (entry.file_name, entry.mode, entry.status) == ("march.csv", "enforce", "FAIL")
    assert (entry.validation, entry.semantic, entry.block_reason) == ("SKIPPED", "FAIL", "semantic_fail")
    rules = PreflightDesk(kept).registry.rules(kept.scope, entry.id)
    assert [rule.rule_id for rule in rules if rule.status == "FAIL"] == ["a_large_herd"]
