"""The herd at an earlier date: what counts as known, what is rebuilt, and that nothing later leaks in."""

from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from herd_engine.calibration.habits import Habits, habits_of
from herd_engine.calibration.lactations import rebuild_lactations
from herd_engine.calibration.waiting import WaitingHabits
from herd_engine.datasets.herd_file import read_herd_file
from herd_engine.forecasting.backtest.rewind import Rewound, rewind
from herd_engine.model.animals import NO_DAY, PRESENCE_CODES, AnimalRecords, Herd, Presence
from herd_engine.model.events import AnimalEvents
from herd_engine.model.tables import DayDistribution
from tests.herd_engine.forecasting.backtest.farm_at_two_dates import two_exports

REPORT_DATE = date(2026, 2, 26)
N_GROUPS = 11
QUIET = WaitingHabits(
    first_service=(365, 60), share_by_week=np.zeros((N_GROUPS, 10)), flagged_share=np.zeros((N_GROUPS, 2))
)
HABITS = Habits(
    confirmation_lag=35,
    days_open=np.array([100]),
    first_calving_ages=(600, 800),
    conception_to_dry_off=DayDistribution(first_day=220, probability=np.ones(1), n_observed=1),
    calving_plan=280,
    dry_off_plan=220,
    waiting=QUIET,
)
FACTS = ("birth", "archive", "calving", "conception", "dry_off", "insemination")
DAYS = (*FACTS, "expected_dry_off", "expected_calving")


COLUMNS = ("animal_ids", "lactation", "presence", *DAYS)


def with_columns(records: AnimalRecords, columns: dict[str, np.ndarray]) -> AnimalRecords:
    return replace(
        records, **{name: column.astype(getattr(records, name).dtype) for name, column in columns.items()}
    )


def animal(**known: Any) -> AnimalRecords:
    """Return a file of one animal: a cow born 2000 days ago, unless told otherwise."""
    values = {"birth": -2000, "lactation": 2, "presence": Presence.ON_FARM} | known
    return AnimalRecords(
        report_date=REPORT_DATE,
        animal_ids=np.array(["7"], object),
        lactation=np.array([values["lactation"]], np.int32),
        presence=np.array([PRESENCE_CODES.index(values["presence"])], np.int8),
        **{name: np.array([values.get(name, NO_DAY)], np.int32) for name in DAYS},
    )


def at(records: AnimalRecords, days_back: int, habits: Habits = HABITS) -> Rewound:
    origin = records.report_date - timedelta(days=days_back)
    return rewind(records, origin, rebuild_lactations(records, habits), habits)


def facts(records: AnimalRecords) -> dict[str, int]:
    """Return the known days of a file of one animal."""
    return {name: int(getattr(records, name)[0]) for name in DAYS if getattr(records, name)[0] != NO_DAY}


def assert_same(one: object, other: object) -> None:
    for item in fields(one):  # type: ignore[arg-type]
        values = getattr(one, item.name), getattr(other, item.name)
        if isinstance(values[0], AnimalEvents):
            assert_same(*values)
        else:
            assert np.array_equal(*values), item.name


@pytest.mark.parametrize("name", ["ds1.csv", "ds2.csv"])
def test_rewinding_to_the_report_date_gives_the_file_itself(data_dir: Path, name: str) -> None:
    herd_file = read_herd_file(data_dir / name)
    records = herd_file.records
    rewound = at(records, 0, habits_of(records))

    assert_same(rewound.records, records)
    assert_same(replace(rewound.herd, excluded={}), replace(herd_file.herd, excluded={}))
    assert rewound.coverage.share_exact == 1.0


@pytest.mark.parametrize("name", ["ds1.csv", "ds2.csv"])
def test_a_rewound_herd_holds_no_day_after_its_origin(data_dir: Path, name: str) -> None:
    records = read_herd_file(data_dir / name).records
    rewound = at(records, 180, habits_of(records)).records

    for day in FACTS:
        assert getattr(rewound, day).max() <= 0, day


def test_a_cow_in_the_same_lactation_keeps_what_was_known() -> None:
    cow = animal(calving=-300, insemination=-200, conception=-200, dry_off=-10, expected_calving=75)
    rewound = at(cow, 100).records

    assert facts(rewound) == {
        "birth": -1900,
        "calving": -200,
        "insemination": -100,
        "conception": -100,
        "expected_dry_off": 120,
        "expected_calving": 180,
    }


@pytest.mark.parametrize(("days_back", "known"), [(66, False), (65, True)])
def test_a_conception_is_known_once_the_lag_has_passed(days_back: int, known: bool) -> None:
    cow = animal(calving=-200, insemination=-100, conception=-100)
    rewound = at(cow, days_back)

    assert ("conception" in facts(rewound.records)) == known
    assert facts(rewound.records)["insemination"] == days_back - 100
    assert rewound.coverage.pregnancies_hidden == (not known)


def test_an_animal_that_left_since_comes_back() -> None:
    cow = animal(calving=-300, archive=-50, presence=Presence.SOLD)
    rewound = at(cow, 100)

    assert rewound.herd.counts()["milking"] == 1
    assert "archive" not in facts(rewound.records)
    assert rewound.coverage.came_back == 1


def test_an_animal_that_had_left_stays_away_and_keeps_its_end() -> None:
    cow = animal(calving=-300, conception=-170, archive=-150, presence=Presence.SOLD)
    rewound = at(cow, 100)

    assert rewound.herd.n_animals == 0
    assert facts(rewound.records)["archive"] == -50
    assert rewound.records.has_presence(Presence.SOLD).all()
    assert facts(rewound.records)["conception"] == -70  # its record ended knowing that


def test_an_animal_that_was_not_born_is_not_there() -> None:
    rewound = at(animal(birth=-99, lactation=0), 100)

    assert rewound.records.n_animals == 0
    assert rewound.coverage.not_born == 1


def test_a_cow_that_calved_since_was_in_calf_and_dry_by_the_farms_habits() -> None:
    rewound = at(animal(calving=-20, lactation=3, insemination=-1), 40)
    was = facts(rewound.records)

    assert rewound.records.lactation.tolist() == [2]
    assert -300 <= was["conception"] - 20 <= -255  # a gestation before the calving, which is 20 days ahead
    assert was["calving"] == was["conception"] - 100
    assert was["dry_off"] == was["conception"] + 220
    assert was["expected_calving"] == was["conception"] + 280
    assert rewound.herd.counts()["dry"] == 1
    assert rewound.coverage.calving_rebuilt == 1


def test_the_expected_calving_does_not_betray_the_actual_one() -> None:
    n = 400
    cow = animal(calving=-20, lactation=3)
    many = with_columns(cow, {name: np.repeat(getattr(cow, name), n) for name in COLUMNS})
    many = replace(many, animal_ids=np.arange(n).astype(str).astype(object))
    missed = at(many, 100).records.expected_calving - 80

    assert missed.mean() == pytest.approx(280 - 278, abs=4 * 5.5 / np.sqrt(n))
    assert missed.std() == pytest.approx(5.5, rel=0.15)


def test_a_first_calver_was_a_heifer() -> None:
    rewound = at(animal(birth=-750, calving=-20, lactation=1), 100)

    assert rewound.herd.counts()["pregnant_heifer"] == 1
    assert "calving" not in facts(rewound.records)
    assert rewound.coverage.conception_rebuilt == 1


def test_an_earlier_calving_fits_the_animals_age() -> None:
    habits = replace(HABITS, days_open=np.array([40, 100, 500]))
    # Conceived at some 1102 days: 500 days open would mean a first calving at 602, 100 or 40 at over 1000.
    was = facts(at(animal(birth=-1400, calving=-20, lactation=2), 100, habits).records)

    assert was["conception"] - was["calving"] == 500


def test_two_calvings_since_are_undone_both() -> None:
    rewound = at(animal(calving=-20, lactation=4), 20 + 278 + 100 + 30)

    assert rewound.records.lactation.tolist() == [2]
    assert rewound.coverage.two_calvings_since == 1


def test_a_mark_for_culling_is_not_known_before_the_report_date() -> None:
    cow = animal(calving=-300, presence=Presence.CULL_FLAGGED)

    assert at(cow, 0).herd.is_flagged.all()
    assert not at(cow, 1).herd.is_flagged.any()


def test_marks_are_placed_by_the_pattern_of_the_report_date() -> None:
    shares = np.zeros((N_GROUPS, 2))
    shares[-1, 0] = 1.0  # cows open for 350 days and more, not inseminated lately
    habits = replace(HABITS, waiting=replace(QUIET, flagged_share=shares))

    assert at(animal(calving=-500), 100, habits).herd.is_flagged.all()
    assert not at(animal(calving=-400), 100, habits).herd.is_flagged.any()
    assert not at(animal(calving=-500, insemination=-120), 100, habits).herd.is_flagged.any()


def test_an_animal_that_left_on_an_unknown_day_stays_out() -> None:
    rewound = at(animal(calving=-300, presence=Presence.MOVED), 100)

    assert rewound.herd.n_animals == 0
    assert rewound.coverage.unknown_leaving == 1


def later_facts_changed(records: AnimalRecords, habits: Habits, origin: int, seed: int) -> AnimalRecords:
    """Change whatever could only be known after the origin.

    Left alone is one kind of later day: a calving after the origin that tells of the conception, or of the
    calving, before it.
    """
    rng, n = np.random.default_rng(seed), records.n_animals

    def some_later(column: np.ndarray, changes: np.ndarray) -> np.ndarray:
        """Move days past the origin, half of them out of the file."""
        later = np.where(rng.random(n) < 0.5, rng.integers(origin + 1, 1, n), NO_DAY)
        return np.where(changes, later, column)

    had_left = (records.archive != NO_DAY) & (records.archive <= origin)
    ways = [PRESENCE_CODES.index(p) for p in (Presence.SOLD, Presence.DEAD)]
    marks = [PRESENCE_CODES.index(p) for p in (Presence.ON_FARM, Presence.CULL_FLAGGED)]
    archive = some_later(records.archive, ~had_left)
    presence = np.where(archive == NO_DAY, rng.choice(marks, n), rng.choice(ways, n))
    unconfirmed = (records.conception == NO_DAY) | (records.conception > origin - habits.confirmation_lag)
    first_calf = (records.lactation == 1) & (records.calving - 300 > origin)
    changed = {
        "archive": archive,
        "presence": np.where(had_left, records.presence, presence),
        "insemination": some_later(records.insemination, records.insemination > origin),
        "conception": some_later(records.conception, unconfirmed & ~had_left),
        "dry_off": some_later(records.dry_off, records.dry_off > origin),
        "calving": np.where(first_calf, rng.integers(min(origin + 301, 0), 1, n), records.calving),
        "expected_dry_off": rng.integers(-100, 300, n),
        "expected_calving": rng.integers(-100, 300, n),
    }
    vanishes = (records.birth > origin) & (rng.random(n) < 0.5)
    changed = {name: getattr(records, name) for name in COLUMNS} | changed
    return with_columns(records, {name: column[~vanishes] for name, column in changed.items()})


def with_a_newcomer(records: AnimalRecords) -> AnimalRecords:
    """Add a calf that was born yesterday."""
    calf = dict.fromkeys(DAYS, NO_DAY) | {
        "birth": -1,
        "animal_ids": "newcomer",
        "lactation": 0,
        "presence": 0,
    }
    return with_columns(
        records,
        {name: np.append(getattr(records, name), np.array([calf[name]], object)) for name in COLUMNS},
    )


@pytest.mark.parametrize("days_back", [90, 180, 365])
@pytest.mark.parametrize("seed", range(3))
def test_nothing_that_happened_later_changes_the_rewound_herd(days_back: int, seed: int) -> None:
    records = two_exports(200).later.records
    habits = habits_of(records)
    changed = with_a_newcomer(later_facts_changed(records, habits, -days_back, seed))
    before, after = at(records, days_back, habits), at(changed, days_back, habits)

    assert_same(before.records, after.records)
    assert_same(before.herd, after.herd)


def test_what_happened_before_does_change_it() -> None:
    """The test above could see a difference."""
    records = two_exports(200).later.records
    habits = habits_of(records)
    changed = replace(records, archive=np.where(records.archive == NO_DAY, -200, records.archive))

    assert at(changed, 180, habits).herd.n_animals < at(records, 180, habits).herd.n_animals


def test_the_order_of_rows_does_not_matter() -> None:
    records = two_exports(200).later.records
    order = np.random.default_rng(2).permutation(records.n_animals)
    shuffled = with_columns(records, {name: getattr(records, name)[order] for name in COLUMNS})
    habits = habits_of(records)

    def by_id(herd: Herd) -> dict[str, tuple[int, ...]]:
        columns = (herd.state, herd.is_flagged, herd.calving, herd.conception, herd.dry_off)
        return dict(zip(herd.animal_ids, zip(*(c.tolist() for c in columns), strict=True), strict=True))

    assert by_id(at(records, 180, habits).herd) == by_id(at(shuffled, 180, habits_of(shuffled)).herd)
