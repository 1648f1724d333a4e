"""Policies: read whole or refused with lines; the last good ones stay."""

from datetime import timedelta
from pathlib import Path

import pytest

from herd_engine.errors import PoliciesError
from herd_engine.monitoring.alerts.policy import AlertSeverity, Policy
from herd_engine.monitoring.alerts.policy_files import PolicyBook, read_policies
from herd_engine.runs.kept import KeptRuns
from herd_engine.storage.alerts import AlertTable

GOOD = """
version: 1
policies:
  - id: milking_floor
    title: {en: "Too few cows in milk", ru: "Мало дойных коров"}
    severity: HIGH
    metric: forecast_below
    with: {output: milking_count, level: 400, months: [1, 12], probability: 0.2}
    keep_firing_for: 1h
    channels: [barn-mail]
  - {id: stale_export, metric: snapshot_age_days, operator: ">", threshold: 35, for: 1d}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "alerts"
    folder.mkdir()
    path = folder / "farm.yaml"
    path.write_text(GOOD, encoding="utf-8")
    return path


def test_a_file_says_what_it_says(file: Path) -> None:
    floor, stale = read_policies(file).policies

    assert floor.severity is AlertSeverity.HIGH
    assert floor.keep_firing_for == timedelta(hours=1)
    assert (floor.name("ru"), stale.name("ru")) == ("Мало дойных коров", "stale_export")
    assert stale.for_ == timedelta(days=1)
    assert Policy.model_validate(floor.as_plain()) == floor


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("probability: 0.2", "probability: 2", r"probability.*\(line 8\)"),
        ("threshold: 35, ", "", r"needs a threshold"),
        ("for: 1d", "for: soon", r"such as 10m"),
        ("id: stale_export", "id: milking_floor", r"twice there: milking_floor"),
        ("metric: snapshot_age_days", "metric: moon", r"metric"),
        ("severity: HIGH", "severity: LOUD", r"severity.*\(line 6\)"),
        ("months: [1, 12]", "months: [12, 1]", r"months must be"),
        ("channels: [barn-mail]", "chanels: [barn-mail]", r"chanels"),
        ("version: 1", "version: &a [*a]", r"."),
    ],
)
def test_a_file_with_a_mistake_is_refused_whole(file: Path, old: str, new: str, said: str) -> None:
    file.write_text(GOOD.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(PoliciesError, match=said):
        read_policies(file)


def test_the_last_good_policies_stay_and_the_fault_is_told(file: Path, kept: KeptRuns) -> None:
    book = PolicyBook(file.parents[1], AlertTable(kept.store.database))
    assert [item.policy.id for item in book.held()] == ["milking_floor", "stale_export"]

    file.write_text("version: 1\npolicies: [", encoding="utf-8")
    assert [item.policy.id for item in book.held()] == ["milking_floor", "stale_export"]
    assert list(book.faults) == ["farm.yaml"]

    file.write_text(GOOD.partition("  - {id: stale")[0], encoding="utf-8")
    assert [item.policy.id for item in book.held()] == ["milking_floor"]
    assert not book.faults

    file.unlink()
    assert book.held() == ()
