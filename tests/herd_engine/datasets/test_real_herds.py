"""The two real herds; expected numbers are those measured when the files were first described.

Where that was done from a report date one day early (A18 and A20 of ds2), every count is off by that day.
"""

import hashlib
from datetime import date
from pathlib import Path

import pytest

from herd_engine.datasets.herd_file import HerdFile


def row_count(file: HerdFile, code: str) -> int:
    return sum(issue.row_count for issue in file.issues if issue.code == code)


def ids_of(file: HerdFile, code: str) -> list[str]:
    """Ids of an issue's sample rows: no row of a real herd is left out, so line 2 is record 0."""
    (issue,) = [issue for issue in file.issues if issue.code == code]
    return [file.records.animal_ids[line - 2] for line in issue.sample_rows]


def test_ds1_is_counted_on_its_report_date(ds1: HerdFile) -> None:
    assert ds1.records.report_date == date(2026, 2, 26)
    assert ds1.herd.counts() == {"milking": 1277, "dry": 145, "heifer": 940, "pregnant_heifer": 444}
    assert ds1.herd.mean_days_in_milk == pytest.approx(181.15, abs=0.005)
    assert ds1.herd.is_flagged.sum() == 93


def test_ds2_is_counted_on_its_report_date(ds2: HerdFile) -> None:
    assert ds2.records.report_date == date(2026, 2, 26)
    assert ds2.herd.counts() == {"milking": 837, "dry": 82, "heifer": 557, "pregnant_heifer": 222}
    assert ds2.herd.mean_days_in_milk == pytest.approx(176.23, abs=0.005)
    assert ds2.herd.is_flagged.sum() == 72


def test_every_row_of_a_real_herd_is_present_or_left_out_for_a_reason(ds1: HerdFile, ds2: HerdFile) -> None:
    assert ds1.n_rows == ds1.records.n_animals == 4485
    assert ds1.herd.excluded == {"sold": 1639, "dead": 38, "moved": 1, "left": 1}
    assert ds2.n_rows == ds2.records.n_animals == 2768
    assert ds2.herd.excluded == {"sold": 1066, "dead": 4}


@pytest.mark.parametrize(
    ("code", "in_ds1", "in_ds2"),
    [
        pytest.param("cull_flagged_animals", 93, 72, id="A1"),
        pytest.param("moved_animals", 1, 0, id="A2"),
        pytest.param("dead_without_archive_date", 2, 0, id="A3"),
        pytest.param("archived_with_present_status", 1, 0, id="A4"),
        pytest.param("overlong_pregnancy", 0, 0, id="A6"),
        pytest.param("negative_days_in_milk", 0, 0, id="A8"),
        pytest.param("archive_before_birth", 0, 0, id="A9"),
        pytest.param("dry_off_without_conception", 1, 9, id="A10"),
        pytest.param("heifer_dry_off", 0, 1, id="A11"),
        pytest.param("dry_status_mismatch", 0, 0, id="A12"),
        pytest.param("unusual_service_period", 10, 0, id="A13"),
        pytest.param("implausible_age_at_calving", 2, 0, id="A14"),
        pytest.param("too_many_lactations_for_age", 34, 0, id="A15"),
        pytest.param("early_heifer_conception", 81, 4, id="A16"),
        pytest.param("conception_differs_from_insemination", 1, 0, id="A17"),
        pytest.param("days_in_milk_mismatch", 0, 0, id="A18: none, counted from the right report date"),
        pytest.param("frozen_days_in_milk_mismatch", 3, 1, id="A19"),
        pytest.param("days_pregnant_mismatch", 2, 0, id="A20: none of ds2 from the right report date"),
        pytest.param("old_open_heifers", 6, 1, id="A22"),
        pytest.param("duplicate_animal_id", 0, 0, id="repeated ids"),
        pytest.param("archive_outside_730_days", 0, 0, id="archive window"),
    ],
)
def test_anomalies_of_real_herds_are_counted(
    ds1: HerdFile, ds2: HerdFile, code: str, in_ds1: int, in_ds2: int
) -> None:
    assert (row_count(ds1, code), row_count(ds2, code)) == (in_ds1, in_ds2)


def test_four_overdue_calvings_are_found_in_ds1(ds1: HerdFile) -> None:
    assert row_count(ds1, "overdue_calving") == 4  # A5


def test_the_two_cows_of_ds1_that_calved_too_young_are_shown(ds1: HerdFile) -> None:
    assert ids_of(ds1, "implausible_age_at_calving") == ["6680", "32170"]  # A14


def test_real_herds_have_no_errors(ds1: HerdFile, ds2: HerdFile) -> None:
    severities = {issue.severity.value for issue in (*ds1.issues, *ds2.issues)}

    assert severities == {"warning", "info"}


def test_statuses_are_counted_as_written(ds1: HerdFile) -> None:
    assert ds1.status_counts["Продана"] == 1639
    assert ds1.status_counts["Брак"] == 93
    assert sum(ds1.status_counts.values()) == 4485


def test_the_content_hash_is_that_of_the_file(ds1: HerdFile, herd_data_dir: Path) -> None:
    data = (herd_data_dir / "ds1.csv").read_bytes()

    assert ds1.sha256 == hashlib.sha256(data).hexdigest()
    assert ds1.name == "ds1.csv"
