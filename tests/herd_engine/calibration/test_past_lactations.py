"""Lactations that ended, as events tell them: by hand, and in the estimates of sample farms."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from herd_engine.calibration.audit import Estimate, estimator_audit
from herd_engine.calibration.habits import habits_of
from herd_engine.calibration.lactations import rebuild_lactations
from herd_engine.calibration.past_lactations import past_lactations
from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.model.animals import NO_DAY, AnimalRecords
from herd_engine.model.events import AnimalEvents, EventKind, no_events
from herd_engine.sample import make_sample

EVERYTHING = -100_000
DAYS = ("birth", "archive", "calving", "conception", "dry_off", "insemination", "expected_dry_off",
        "expected_calving")  # fmt: skip


def cow(lactation: int, calving: int, *events: tuple[EventKind, int], birth: int = -3000) -> AnimalRecords:
    days = {name: np.array([NO_DAY], np.int32) for name in DAYS}
    days |= {"birth": np.array([birth], np.int32), "calving": np.array([calving], np.int32)}
    kinds = np.array([kind for kind, _ in events], np.int8)
    return AnimalRecords(
        report_date=date(2026, 3, 1),
        animal_ids=np.array(["1"], object),
        lactation=np.array([lactation], np.int32),
        presence=np.zeros(1, np.int8),
        events=AnimalEvents(
            animal=np.zeros(len(events), np.int64), kind=kinds, day=np.array([day for _, day in events])
        ),
        complete_from=EVERYTHING,
        **days,
    )


def told(records: AnimalRecords) -> list[tuple[int, ...]]:
    past = past_lactations(records)
    columns = (past.number, past.start, past.conception, past.dry_off, past.next_calving)
    return sorted(zip(*(column.tolist() for column in columns), strict=True))


def test_each_calving_before_the_last_began_a_lactation() -> None:
    records = cow(
        3, -100,
        (EventKind.INSEMINATION, -1200), (EventKind.CALVING, -920), (EventKind.INSEMINATION, -850),
        (EventKind.INSEMINATION, -820), (EventKind.DRY_OFF, -600), (EventKind.CALVING, -540),
        (EventKind.INSEMINATION, -378), (EventKind.INSEMINATION, -300), (EventKind.CALVING, -100),
    )  # fmt: skip

    assert told(records) == [
        (0, -3000, -1200, NO_DAY, -920),
        (1, -920, -820, -600, -540),
        (2, -540, -378, NO_DAY, -100),  # the service 200 days before the calving did not lead to it
    ]


def test_the_first_calving_ends_the_time_since_birth() -> None:
    records = cow(
        2, -100, (EventKind.INSEMINATION, -800), (EventKind.CALVING, -520), (EventKind.CALVING, -100),
        birth=-1300,
    )  # fmt: skip

    assert told(records)[0] == (0, -1300, -800, NO_DAY, -520)


def test_a_lactation_whose_beginning_is_not_on_file_is_not_told() -> None:
    assert told(cow(5, -100, (EventKind.INSEMINATION, -380), (EventKind.CALVING, -100))) == []
    assert told(cow(1, -100)) == []


@pytest.fixture(scope="module")
def farm() -> tuple[AnimalRecords, AnimalRecords]:
    return with_and_without_events(3, 800)


def with_and_without_events(seed: int, animals: int) -> tuple[AnimalRecords, AnimalRecords]:
    """Return a sample farm's records, with its events and without."""
    made = make_sample(animals=animals, seed=seed, with_events=True)
    records = read_herd_bytes(made.csv, "farm.csv").records
    row_of = {number: row for row, number in enumerate(records.animal_ids.tolist())}
    row = np.array([row_of[str(number)] for number in made.herd.ids.tolist()])
    written = made.herd.events
    events = AnimalEvents(animal=row[written.animal], kind=written.kind, day=written.day).ordered()
    return replace(records, events=events, complete_from=EVERYTHING), records


def test_what_is_on_file_takes_the_place_of_what_would_be_drawn(
    farm: tuple[AnimalRecords, AnimalRecords],
) -> None:
    records, _ = farm
    habits = habits_of(records)
    rebuilt, again = (rebuild_lactations(records, habits, imputation) for imputation in (0, 1))
    calvings = set(zip(records.events.animal.tolist(), records.events.day.tolist(), strict=True))
    cows = (rebuilt.number > 0) & (rebuilt.steps_back > 0)

    assert cows.sum() > 200
    assert set(zip(rebuilt.animal[cows].tolist(), rebuilt.start[cows].tolist(), strict=True)) <= calvings
    for name in ("start", "conception", "dry_off", "next_calving"):
        assert np.array_equal(getattr(rebuilt, name), getattr(again, name))


def estimates(records: AnimalRecords) -> dict[tuple[str, str], Estimate]:
    return {(one.quantity.value, one.group): one for one in estimator_audit(records)}


def test_events_make_intervals_of_conceptions_narrower_and_leave_them_where_they_are() -> None:
    widths, shifts = [], []
    for seed in (1, 2, 3):
        told, untold = (estimates(records) for records in with_and_without_events(seed, 800))
        for key in (("first_cycle", group) for group in ("heifers", "1", "2", "3+")):
            width = untold[key].high - untold[key].low
            widths.append((told[key].high - told[key].low) / width)
            shifts.append((told[key].value - untold[key].value) / (width / 3.29))

    assert np.mean(widths) < 0.7  # three times the conceptions: 0.58
    assert abs(np.mean(shifts)) < 2 / np.sqrt(len(shifts))


def test_events_leave_rates_of_leaving_where_they_are(farm: tuple[AnimalRecords, AnimalRecords]) -> None:
    told, untold = (estimates(records) for records in farm)

    for group in ("1", "2", "3", "4", "5+"):
        key = ("cow_exits", group)
        assert told[key].events == untold[key].events
        assert untold[key].low < told[key].value < untold[key].high


def test_without_events_nothing_changes(farm: tuple[AnimalRecords, AnimalRecords]) -> None:
    _, untold = farm

    assert len(no_events()) == len(untold.events) == 0
    assert estimator_audit(replace(untold, complete_from=EVERYTHING)) == estimator_audit(untold)
