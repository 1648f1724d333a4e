"""What changed between two exports of a farm: against a farm's true lives, and by hand."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from herd_engine.datasets.history import changes, history, joined_events, record_changes
from herd_engine.model.animals import NO_DAY, PRESENCE_CODES, AnimalRecords, Presence
from herd_engine.model.events import AnimalEvents, EventKind
from tests.herd_engine.forecasting.backtest.farm_at_two_dates import two_exports

DAYS_BACK = 90
OLD, NEW = date(2026, 1, 1), date(2026, 4, 1)
SINCE = (NEW - OLD).days
DAYS = ("birth", "archive", "calving", "conception", "dry_off", "insemination", "expected_dry_off",
        "expected_calving")  # fmt: skip


def export(report_date: date, *animals: dict[str, Any]) -> AnimalRecords:
    """Return an export; days of animals count from the newer report date, whichever export it is."""
    shift = (NEW - report_date).days
    rows = [
        {"id": str(place), "lactation": 0, "presence": Presence.ON_FARM, "birth": -900} | animal
        for place, animal in enumerate(animals)
    ]
    days = {
        name: np.array([row[name] + shift if name in row else NO_DAY for row in rows], np.int32)
        for name in DAYS
    }
    return AnimalRecords(
        report_date=report_date,
        animal_ids=np.array([row["id"] for row in rows], object),
        lactation=np.array([row["lactation"] for row in rows], np.int32),
        presence=np.array([PRESENCE_CODES.index(row["presence"]) for row in rows], np.int8),
        **days,
    )


def compared(old: dict[str, Any] | None, new: dict[str, Any] | None) -> dict[str, Any]:
    """Return what happened to one animal, beside another that stays as it is."""
    other = {"id": "other"}
    found = record_changes(
        export(OLD, other, *([{"id": "it"} | old] if old is not None else [])),
        export(NEW, other, *([{"id": "it"} | new] if new is not None else [])),
    )
    assert found.before + found.entered - found.gone == found.after
    names = [
        name for name in found.__slots__ if name not in ("from_date", "to_date", "before", "after", "shared")
    ]
    return {name: getattr(found, name) for name in names if getattr(found, name)}


COW = {"lactation": 2, "calving": -400}
IT = ("it",)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (None, {"birth": -20}, {"born": IT}),
        (None, {"birth": -SINCE - 30}, {"born": IT}),  # registered late
        (None, {"birth": -800}, {"bought": IT}),
        (COW | {"archive": -200, "presence": Presence.SOLD}, COW, {"reappeared": IT}),
        (COW, COW | {"archive": -5, "presence": Presence.SOLD}, {"sold": IT}),
        (COW, COW | {"archive": -5, "presence": Presence.DEAD}, {"dead": IT}),
        (COW, COW | {"archive": -5}, {"left": IT}),
        (COW, COW | {"presence": Presence.SOLD}, {"sold": IT, "undated": IT}),
        (COW, None, {"vanished": IT}),
        (COW, {"lactation": 3, "calving": -10}, {"calved": IT}),
        (COW, {"lactation": 4, "calving": -10}, {"skipped": IT}),
        (
            COW,
            {"lactation": 3, "calving": -30, "archive": -5, "presence": Presence.DEAD},
            {"dead": IT, "calved_and_left": IT},
        ),
        (None, {"birth": -40, "archive": -30, "presence": Presence.DEAD}, {"came_and_left": IT}),
        (COW | {"insemination": -130}, COW | {"insemination": -130, "conception": -130}, {"conceived": IT}),
        (COW | {"insemination": -130}, COW | {"insemination": -50}, {"served": IT}),
        (COW | {"insemination": -130, "conception": -130}, COW | {"insemination": -130}, {"lost": IT}),
        (COW, COW | {"dry_off": -12}, {"dried_off": IT}),
        (COW, COW | {"presence": Presence.CULL_FLAGGED}, {"flagged": IT}),
        (COW | {"presence": Presence.CULL_FLAGGED}, COW, {"unflagged": IT}),
        ({"birth": -900}, {"birth": -20}, {"id_reused": IT, "vanished": IT, "born": IT}),
        (COW, COW, {}),
    ],
)
def test_what_happened_to_one_animal(
    old: dict[str, Any] | None, new: dict[str, Any] | None, told: dict[str, Any]
) -> None:
    assert compared(old, new) == told


def test_a_date_of_an_earlier_lactation_is_no_change_of_this_one() -> None:
    old = {"lactation": 2, "calving": -400, "dry_off": -450, "conception": -700}

    assert compared(old, COW) == {}


def test_facts_that_are_told_otherwise_are_corrections() -> None:
    (birth,) = compared({"birth": -900}, {"birth": -890})["corrected"]
    (lactation,) = compared(COW, COW | {"lactation": 1})["corrected"]

    assert (birth.animal, birth.field) == ("it", "birth")
    assert date.fromisoformat(birth.new) - date.fromisoformat(birth.old) == timedelta(days=10)
    assert (lactation.field, lactation.old, lactation.new) == ("lactation", "2", "1")


def test_the_older_export_comes_first() -> None:
    with pytest.raises(ValueError, match="the older export comes first"):
        record_changes(export(NEW, {}), export(OLD, {}))


def test_the_changes_of_a_farm_are_those_of_its_true_lives() -> None:
    farm = two_exports(DAYS_BACK)
    found = changes(farm.earlier, farm.later)
    here = {str(one) for one in farm.earlier.herd.animal_ids}
    exits: dict[str, bool] = {}
    calvings: dict[str, int] = {}
    for lactation in farm.lactations:
        left = ~lactation.calves_again & (lactation.exit > -DAYS_BACK) & (lactation.exit <= 0)
        left &= lactation.start <= 0
        ids = (lactation.animal[left] + 1).astype(str).tolist()
        exits |= dict(zip(ids, lactation.is_death[left].tolist(), strict=True))
        calved = (lactation.number > 0) & (lactation.start > -DAYS_BACK) & (lactation.start <= 0)
        for number in (lactation.animal[calved] + 1).astype(str).tolist():
            calvings[number] = calvings.get(number, 0) + 1

    assert set(found.dead) == {number for number, died in exits.items() if died and number in here}
    assert set(found.sold) == {number for number, died in exits.items() if not died and number in here}
    assert set(found.calved) == set(calvings) - set(exits)
    assert set(found.calved_and_left) == set(calvings) & set(exits) & here
    assert found.before + found.entered - found.gone == found.after
    assert (found.before, found.after) == (farm.earlier.herd.n_animals, farm.later.herd.n_animals)
    assert (found.vanished, found.bought, found.lost, found.corrected) == ((), (), (), ())


def events_of(events: AnimalEvents, animal: int) -> list[tuple[EventKind, int]]:
    rows = events.animal == animal
    return [(EventKind(kind), day) for kind, day in
            zip(events.kind[rows].tolist(), events.day[rows].tolist(), strict=True)]  # fmt: skip


def test_joined_exports_tell_what_the_last_one_hides() -> None:
    first = export(OLD, {"lactation": 1, "calving": -600, "insemination": -500, "conception": -500})
    second = export(NEW, {"lactation": 2, "calving": -230, "insemination": -30})

    assert events_of(joined_events([first, second]), 0) == [
        (EventKind.CALVING, -600),
        (EventKind.INSEMINATION, -500),
        (EventKind.CALVING, -230),
        (EventKind.PREGNANT, -SINCE),
        (EventKind.INSEMINATION, -30),
    ]


def test_a_pregnancy_that_is_known_no_more_was_lost_by_the_day_of_the_newer_export() -> None:
    pregnant = COW | {"insemination": -200, "conception": -200}
    events = joined_events([export(OLD, pregnant), export(NEW, COW | {"insemination": -20})])

    assert events_of(events, 0)[1:] == [
        (EventKind.INSEMINATION, -200),
        (EventKind.PREGNANT, -SINCE),
        (EventKind.INSEMINATION, -20),
        (EventKind.EMPTY, 0),
    ]


def test_a_history_is_in_order_of_report_dates_and_says_how_old_it_is() -> None:
    farm = two_exports(DAYS_BACK)
    found = history([farm.later, farm.earlier])

    assert [one.report_date for one in found.exports] == [date(2025, 12, 1), date(2026, 3, 1)]
    assert found.exports[0].changes is None
    assert found.exports[1].changes == changes(farm.earlier, farm.later)
    assert found.age(date(2026, 3, 11)) == 10
    assert found.exports[1].counts == farm.later.herd.counts()


def test_a_file_of_other_animals_looks_like_another_farm() -> None:
    farm, other = two_exports(DAYS_BACK), two_exports(DAYS_BACK, seed=6)
    same, strange = (changes(farm.earlier, file) for file in (farm.later, other.later))

    assert same.shared == same.before
    assert not same.is_of_another_farm
    assert strange.is_of_another_farm


def test_what_the_exports_tell_of_the_past_themselves_comes_along() -> None:
    told = AnimalEvents(
        animal=np.array([0]), kind=np.array([EventKind.ABORTION], np.int8), day=np.array([-50])
    )
    first, second = (replace(export(day, COW), events=told) for day in (OLD, NEW))
    found = events_of(joined_events([first, second]), 0)
    days = [day for one, day in found if one == EventKind.ABORTION]

    assert days == [-50 - SINCE, -50]
