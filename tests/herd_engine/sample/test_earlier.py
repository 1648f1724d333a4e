"""Two exports of one farm: the same animals, and between them only what can have happened."""

from datetime import date

import numpy as np
import pytest

from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.datasets.history import changes
from herd_engine.model.animals import NO_DAY
from herd_engine.sample import make_sample

DAYS = 92


@pytest.fixture(scope="module")
def sample():
    return make_sample(animals=600, seed=4, earlier_days=DAYS, with_events=True)


@pytest.fixture(scope="module")
def files(sample):
    return read_herd_bytes(sample.earlier.csv, "old.csv"), read_herd_bytes(sample.csv, "new.csv")


def test_the_later_export_is_what_it_is_without_an_earlier_one(sample) -> None:
    assert make_sample(animals=600, seed=4).csv == sample.csv


def test_the_days_of_the_exports_lie_apart(files) -> None:
    old, new = files

    assert (old.herd.report_date, new.herd.report_date) == (date(2025, 11, 29), date(2026, 3, 1))
    assert new.herd.n_animals == 600
    assert abs(old.herd.n_animals - 600) < 30  # a farm at its equilibrium


def test_an_animal_keeps_its_number_and_its_birth(files) -> None:
    old, new = (
        dict(zip(file.records.animal_ids, file.records.birth.tolist(), strict=True)) for file in files
    )

    both = old.keys() & new.keys()
    assert len(both) > 800
    assert {number for number in both if old[number] - DAYS != new[number]} == set()


def test_whoever_was_there_is_there_still_or_has_left_in_between(files) -> None:
    old, new = files
    archive = dict(zip(new.records.animal_ids, new.records.archive.tolist(), strict=True))

    left = [archive[number] for number in old.herd.animal_ids if archive[number] != NO_DAY]
    assert len(left) > 20
    assert all(-DAYS < day <= 0 for day in left)


def test_lactations_go_up_by_calvings_on_file(files) -> None:
    old, new = files
    now = {number: place for place, number in enumerate(new.records.animal_ids)}
    then = [now[number] for number in old.records.animal_ids if number in now]
    before = np.array([number in now for number in old.records.animal_ids])
    more = new.records.lactation[then] - old.records.lactation[before]
    calved = new.records.calving[then] > -DAYS

    assert more.sum() > 50
    np.testing.assert_array_equal(more > 0, calved)


def test_changes_find_no_animal_that_vanished(files) -> None:
    found = changes(*files)

    assert found.vanished == ()
    assert found.calved
    assert found.sold


def test_events_of_the_earlier_export_are_those_of_the_later_one_until_then(sample) -> None:
    later, earlier = sample.herd.events, sample.earlier.herd.events
    assert (earlier.day <= 0).all()
    ids = sample.herd.ids[later.animal]
    until = {
        (int(number), int(kind), int(day) + DAYS)
        for number, kind, day in zip(ids, later.kind, later.day, strict=True)
        if day <= -DAYS
    }
    found = {
        (int(number), int(kind), int(day))
        for number, kind, day in zip(
            sample.earlier.herd.ids[earlier.animal], earlier.kind, earlier.day, strict=True
        )
        if number in sample.herd.ids
    }
    # A check between the dates may speak of a service before them.
    assert found <= until
    assert len(found) > 0.99 * len(until)
