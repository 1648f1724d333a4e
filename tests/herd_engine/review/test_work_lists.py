"""The daily sheet, by hand."""

from datetime import date
from typing import Any

from herd_engine.model.animals import Presence
from herd_engine.model.targets import FarmTargets
from herd_engine.review.work_lists import DailySheet, WorkListName, daily_sheet
from tests.herd_engine.review.filed import cow, in_calf, records

TARGETS = FarmTargets(vwp=60, heifer_first_service=390)
HEIFER = {"lactation": 0}


def sheet_of(*animals: dict[str, Any], days: int = 7) -> DailySheet:
    return daily_sheet(records(*animals), TARGETS, days)


def names(sheet: DailySheet, name: WorkListName) -> list[str]:
    return [row.animal for row in sheet.of(name)]


def test_who_was_never_inseminated_is_to_be_bred_from_the_farm_s_first_day() -> None:
    sheet = sheet_of(
        cow(52),  # A000: 60 days in 8 days
        cow(53),  # A001: in 7
        cow(90),  # A002: 30 days late
        cow(90, insemination=-5),  # inseminated
        cow(90, presence=Presence.CULL_FLAGGED),
        HEIFER | {"birth": -395},  # A005: 5 days late
        HEIFER | {"birth": -300},
    )

    assert names(sheet, WorkListName.BREED) == ["A002", "A005", "A001"]
    # 26 February 2026 and 7 days; 60 days after the calving.
    assert sheet.of(WorkListName.BREED)[2].day == date(2026, 3, 5)


def test_who_was_inseminated_as_long_ago_as_the_farm_needs_to_know_is_to_be_checked() -> None:
    sheet = sheet_of(cow(120, insemination=-39), cow(120, insemination=-40), cow(200, insemination=-90))

    assert names(sheet, WorkListName.CHECK) == ["A002", "A001"]


def test_dry_offs_and_calvings_are_those_of_the_plan_else_of_gestation() -> None:
    sheet = sheet_of(
        in_calf(300, 214, expected_dry_off=7, expected_calving=64),
        in_calf(300, 214, expected_dry_off=8, expected_calving=64),
        in_calf(300, 215),  # no plan: calving in 63 days, dry-off 57 before
        in_calf(400, 271, dry_off=-50),  # 278 days: in 7 days
        HEIFER | {"conception": -281, "expected_calving": -3},
    )

    assert names(sheet, WorkListName.DRY_OFF) == ["A002", "A000"]
    assert [(row.animal, row.measured) for row in sheet.of(WorkListName.CALVE)] == [("A004", 3), ("A003", -7)]


def test_who_is_marked_is_still_to_be_sold_unless_in_calf() -> None:
    sheet = sheet_of(
        cow(400, presence=Presence.CULL_FLAGGED),
        cow(500, presence=Presence.CULL_FLAGGED, archive=-1),  # has left
        in_calf(300, 200, presence=Presence.CULL_FLAGGED),
        HEIFER | {"birth": -600, "presence": Presence.CULL_FLAGGED},
    )

    told = [(row.animal, row.reason, row.measured) for row in sheet.of(WorkListName.SELL)]
    assert told == [("A003", "marked_heifer", 600), ("A000", "marked", 400), ("A002", "marked_in_calf", 200)]


def test_lists_are_in_one_order_and_can_be_taken_alone() -> None:
    sheet = sheet_of(cow(400), cow(90), in_calf(300, 275))

    assert [row.list for row in sheet.rows] == ["breed", "breed", "dry_off", "calve", "look"]
    assert {row.list for row in sheet.only(frozenset({WorkListName.LOOK})).rows} == {"look"}
    assert sheet.document()["counts"] == {
        "breed": 2, "check": 0, "dry_off": 1, "calve": 1, "look": 1, "sell": 0,
    }  # fmt: skip
