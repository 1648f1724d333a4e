"""The estimator audit, on hand-made records whose counts are known."""

from datetime import date

import numpy as np
import pytest
from scipy.stats import gamma

from herd_engine.calibration.audit import Estimate, Quantity, estimator_audit
from herd_engine.charts.audit import audited_exits
from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.i18n.catalogue import languages
from herd_engine.model.animals import AnimalRecords
from herd_engine.sample import make_sample

FILE = read_herd_bytes(make_sample(animals=900, seed=5).csv, "farm.csv")
AUDIT = estimator_audit(FILE.records)


def of(quantity: Quantity) -> list[Estimate]:
    return [item for item in AUDIT if item.quantity is quantity]


def nothing_left(records: AnimalRecords) -> AnimalRecords:
    """Return a farm of which nothing is known but births."""
    empty = np.zeros(0)
    columns = {
        name: empty.astype(np.int32)
        for name in (
            "birth", "archive", "calving", "conception", "dry_off",
            "insemination", "expected_dry_off", "expected_calving", "lactation",
        )
    }  # fmt: skip
    return AnimalRecords(
        report_date=date(2026, 2, 26),
        animal_ids=empty.astype(object),
        presence=empty.astype(np.int8),
        **columns,
    )


def test_exits_of_cows_are_those_of_the_file_by_lactation() -> None:
    records = FILE.records
    left = records.archive != np.iinfo(np.int32).min
    expected = [int((left & (records.lactation == number)).sum()) for number in (1, 2, 3, 4)] + [
        int((left & (records.lactation >= 5)).sum())
    ]

    assert [item.events for item in of(Quantity.COW_EXITS)] == expected


def test_a_year_of_cows_at_risk_is_no_more_than_the_window_times_the_cows_that_were_there() -> None:
    cow_years = sum(item.exposure for item in of(Quantity.COW_EXITS))

    cows = (FILE.records.lactation > 0).sum()
    assert 0.5 * cows < cow_years < 2.0 * cows


def test_intervals_hold_their_value_and_priors_count_between_nothing_and_all() -> None:
    for item in AUDIT:
        assert item.low <= item.value <= item.high, item
        assert 0 <= item.prior_weight <= 1, item


def test_the_interval_of_a_single_cell_is_that_of_its_gamma_law() -> None:
    flagged = of(Quantity.FLAGGED_EXITS)[1]
    shape, years = flagged.events + 3.0 * 5.0, flagged.exposure + 5.0

    assert flagged.value == pytest.approx(100 * shape / years)
    assert flagged.low == pytest.approx(100 * gamma.ppf(0.05, shape) / years)
    assert flagged.high == pytest.approx(100 * gamma.ppf(0.95, shape) / years)


def test_the_file_at_its_word_lets_too_many_cows_leave() -> None:
    for item in of(Quantity.COW_EXITS):
        assert item.naive is not None
        assert item.naive > item.value


def test_a_file_without_animals_leaves_what_herds_are_usually_like() -> None:
    audit = estimator_audit(nothing_left(FILE.records))

    exits = [item for item in audit if item.quantity is Quantity.COW_EXITS]
    assert [item.prior_weight for item in exits] == [1.0] * 5
    assert all(np.isfinite(item.value) for item in audit)


@pytest.mark.parametrize("language", languages())
def test_the_table_has_a_row_an_estimate_and_the_figure_a_ring_for_each_naive_rate(language: str) -> None:
    table = audited_exits(AUDIT, language=language).table
    figure = audited_exits(AUDIT, language=language).figure

    assert len(table.rows) == len(AUDIT)
    assert all(len(row) == len(table.columns) for row in table.rows)
    rings = [trace for trace in figure.data if trace.marker.symbol == "circle-open"]
    assert sum(len(trace.x) for trace in rings) == len(of(Quantity.COW_EXITS))
