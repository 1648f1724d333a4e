"""The plain calibration against hand calculation."""

from datetime import date

import numpy as np
import pytest

from herd_engine.model.animals import NO_DAY, PRESENCE_CODES, AnimalRecords, Presence
from herd_engine.model.scenario import Mode, ModelParameters
from tests.plain_model import calibration
from tests.plain_model.calibration import calibrate


def test_the_model_page_s_gestation_is_symmetric_and_clamped():
    gestation = calibration.gestation(ModelParameters())

    # Days 275 … 280 end at 275.5 … 279.5: (-1, -0.5, 0, 0.5, 1) standard deviations; normal table.
    assert list(gestation) == [275, 276, 277, 278, 279, 280]
    expected = [0.1587, 0.1499, 0.1915, 0.1915, 0.1499, 0.1587]
    assert list(gestation.values()) == pytest.approx(expected, abs=1e-4)


def records(*rows: dict) -> AnimalRecords:
    names = ("birth", "archive", "calving", "conception", "dry_off", "insemination")
    columns = {
        name: np.array([row.get(name, NO_DAY) for row in rows], np.int32)
        for name in (*names, "expected_dry_off", "expected_calving")
    }
    presences = [row.get("presence", Presence.ON_FARM) for row in rows]
    return AnimalRecords(
        report_date=date(2026, 2, 26),
        animal_ids=np.array([str(i) for i in range(len(rows))], object),
        lactation=np.array([row["lactation"] for row in rows], np.int32),
        presence=np.array([PRESENCE_CODES.index(p) for p in presences], np.int8),
        **columns,
    )


HEIFER_ROW = {"lactation": 0, "birth": -500, "conception": -100}
DRY_ROW = {"lactation": 1, "birth": -1000, "calving": -300, "conception": -240, "dry_off": -20}
SOLD_ROW = {"lactation": 1, "birth": -1100, "calving": -400, "archive": -50, "presence": Presence.SOLD}
LOST_ROW = {"lactation": 1, "birth": -900, "calving": -200, "presence": Presence.DEAD}


def test_lists_come_from_all_rows():
    table = calibrate(
        records(HEIFER_ROW, DRY_ROW, SOLD_ROW, LOST_ROW, HEIFER_ROW), Mode.EMPIRICAL, ModelParameters()
    )

    # -100 + 500, twice; 1000 - 300 - 278; 1100 - 400 - 278; 900 - 200 - 278.
    assert table.age_at_conception == pytest.approx({400: 0.4, 422: 0.6})
    assert table.service_period == {60: 1.0}
    assert table.conception_to_dry == {220: 1.0}


def test_leaving_by_lactation_divides_exits_by_days_of_the_current_lactation():
    table = calibrate(records(HEIFER_ROW, DRY_ROW, SOLD_ROW, LOST_ROW), Mode.EMPIRICAL, ModelParameters())

    # Lactation 1: one exit in 300 + 350 days; the dead cow without a date contributes nothing.
    assert table.leaving_by_lactation == pytest.approx({0: 0.0, 1: 1 / 650})
    assert table.lactation_leaving(7) == table.leaving_by_lactation[1]


def test_leaving_by_month_puts_an_exit_and_its_day_into_the_month_of_its_date():
    born, left = -56, -25  # 1 January and 1 February 2026
    rows = (
        {"lactation": 0, "birth": born, "archive": left, "presence": Presence.SOLD},
        {"lactation": 0, "birth": -2, "archive": -2, "presence": Presence.SOLD},
        DRY_ROW | {"birth": 0},
        HEIFER_ROW | {"birth": -1, "conception": 5},
        {"lactation": 1, "birth": NO_DAY, "calving": -500, "archive": -3},
    )

    table = calibrate(records(*rows), Mode.EMPIRICAL, ModelParameters())

    # Days lived: 2 … 31 January and 1 February by the first, 26 February by the fourth.
    assert table.leaving_by_month == [0.0, 1 / 2] + [0.0] * 10


@pytest.mark.parametrize(("n_flagged", "expected"), [(1, 1 / 7), (2, 100 / 365 / 2), (150, 1 / 365)])
def test_flagged_animals_leave_by_little_s_law_within_bounds(n_flagged, expected):
    flagged = {"lactation": 3, "birth": -2000, "calving": -100, "presence": Presence.CULL_FLAGGED}
    sold = SOLD_ROW | {"archive": -364}
    too_early = SOLD_ROW | {"archive": -365}

    table = calibrate(
        records(DRY_ROW, *[flagged] * n_flagged, *[sold] * 100, *[too_early] * 50),
        Mode.EMPIRICAL,
        ModelParameters(),
    )

    assert table.flagged_cow_leaving == pytest.approx(expected)


def test_a_log_normal_by_moments_is_rounded_and_clamped():
    table = calibration.log_normal([90, 100, 110])

    # Variance 100: s**2 = ln(1.01), m = ln 100 - s**2 / 2; P(90) = Phi((ln 90.5 - m) / s) = Phi(-0.951).
    assert list(table) == list(range(90, 111))
    assert table[90] == pytest.approx(0.1709, abs=3e-4)
    assert sum(table.values()) == pytest.approx(1)


def test_the_dry_off_mixture_has_a_normal_peak_and_a_uniform_tail():
    table = calibration.dry_off_mixture([150, 153, 220, 220, 222, 222])

    # Tail 150 … 153 shares 1/3; peak: mean 221, sd sqrt(4/3); P(220) = Phi(-0.5 / 1.1547) = 0.3325.
    assert {day: table[day] for day in range(150, 154)} == pytest.approx(
        dict.fromkeys(range(150, 154), 1 / 12)
    )
    assert table[220] == pytest.approx(2 / 3 * 0.3325, abs=1e-4)
    assert set(table) == {150, 151, 152, 153, 220, 221, 222}


def test_without_any_dry_off_the_theoretical_mode_assumes_one():
    table = calibration.dry_off_mixture([])

    assert (min(table), max(table)) == (34, 239)
    assert table[220] == pytest.approx(0.0399, abs=1e-4)


@pytest.mark.parametrize(
    ("rows", "mode", "name"),
    [
        ([DRY_ROW | {"lactation": 2}], Mode.THEORETICAL, "age at first conception"),
        ([HEIFER_ROW], Mode.THEORETICAL, "service period"),
        ([HEIFER_ROW, DRY_ROW | {"dry_off": NO_DAY}], Mode.EMPIRICAL, "conception to dry-off"),
    ],
)
def test_an_empty_list_is_named(rows, mode, name):
    with pytest.raises(ValueError, match=name):
        calibrate(records(*rows), mode, ModelParameters())
