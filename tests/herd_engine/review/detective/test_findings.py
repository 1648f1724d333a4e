"""Rules against animals planted by hand, and against what was counted on the two real herds before."""

import json
from typing import Any

import numpy as np
import pytest

from herd_engine.datasets.herd_file import HerdFile
from herd_engine.model.animals import Presence
from herd_engine.model.targets import FarmTargets
from herd_engine.review.detective.findings import findings
from herd_engine.review.detective.rules import NEED_HISTORY
from herd_engine.workbench import Workbench
from tests.herd_engine.review.filed import cow, in_calf, records

TARGETS = FarmTargets(vwp=60, heifer_first_service=390)
"""Lag 40 as usual: a check is overdue after 54 days; late after 85, long open after 130, past 360."""
HEIFER = {"lactation": 0}
PLANTED: dict[str, dict[str, Any]] = {
    "EARLY_SERVICE": cow(80, insemination=-30),  # on day 50 in milk; before 55 is too early
    "LATE_FIRST_SERVICE": cow(86),
    "LONG_DAYS_OPEN": cow(200, insemination=-50),
    "OPEN_PAST_LIMIT": cow(361, insemination=-50),
    "CARRIED_AFTER_DECISION": cow(361, presence=Presence.CULL_FLAGGED),
    "PREG_CHECK_OVERDUE": cow(120, insemination=-55),
    "HEIFER_CHECK_OVERDUE": HEIFER | {"birth": -450, "insemination": -55},
    "DRYOFF_OVERDUE": in_calf(340, 224, expected_dry_off=-4, expected_calving=54),
    "CALVING_OVERDUE": HEIFER | {"birth": -700, "conception": -291, "insemination": -291},
    "DRY_TOO_SHORT": in_calf(340, 250, dry_off=-14, expected_calving=30),
    "DRY_TOO_LONG": in_calf(340, 230, dry_off=-31, expected_calving=40),
    "DRIED_EARLY": in_calf(340, 230, dry_off=-81, expected_calving=40),
    "HEIFER_EARLY": HEIFER | {"birth": -475, "conception": -100, "insemination": -100},
    "HEIFER_LATE": HEIFER | {"birth": -461, "insemination": -45},
}
ON_TIME = [
    cow(60),
    cow(85),
    cow(86, insemination=-30),
    cow(180, insemination=-30),  # waits for a check: perhaps in calf
    cow(360, presence=Presence.CULL_FLAGGED),
    cow(120, insemination=-54),
    in_calf(340, 223, expected_dry_off=-3, expected_calving=55),
    in_calf(340, 280, dry_off=-50, expected_calving=-2),
    in_calf(340, 245, dry_off=-30, expected_calving=40),
    HEIFER | {"birth": -476, "conception": -100, "insemination": -100},  # at 376 days: 390 less 14
    HEIFER | {"birth": -460, "insemination": -45},
    HEIFER | {"birth": -300},
]


def named(animals: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [animal | {"animal_id": name} for name, animal in animals.items()]


def test_each_planted_animal_is_caught_once_by_its_rule_only() -> None:
    found = findings(records(*named(PLANTED), *ON_TIME), TARGETS)

    assert sorted((hit.animal, hit.rule) for hit in found.hits) == sorted((rule, rule) for rule in PLANTED)
    assert found.any_deviation.n == len(PLANTED)
    assert sum(found.families.values()) == len(PLANTED)


def test_the_excess_is_told_in_days() -> None:
    found = findings(records(*named(PLANTED)), TARGETS)
    excess = {hit.rule: hit.excess for hit in found.hits}

    assert excess == {
        "EARLY_SERVICE": 5, "LATE_FIRST_SERVICE": 1, "LONG_DAYS_OPEN": 70, "OPEN_PAST_LIMIT": 1,
        "CARRIED_AFTER_DECISION": 1, "PREG_CHECK_OVERDUE": 1, "HEIFER_CHECK_OVERDUE": 1, "DRYOFF_OVERDUE": 1,
        "CALVING_OVERDUE": 1, "DRY_TOO_SHORT": 1, "DRY_TOO_LONG": 1, "DRIED_EARLY": 1, "HEIFER_EARLY": 1,
        "HEIFER_LATE": 1,
    }  # fmt: skip


def test_the_order_of_rows_changes_nothing(ds2: HerdFile) -> None:
    shuffled = ds2.records.only(np.random.default_rng(1).permutation(ds2.records.n_animals))

    assert findings(shuffled, FarmTargets()).document() == findings(ds2.records, FarmTargets()).document()


def test_of_a_cow_open_for_very_long_the_gravest_rule_counts_alone() -> None:
    # Never inseminated, 400 days in milk: late, and past the limit.
    found = findings(records(cow(400)), TARGETS)

    assert [hit.rule for hit in found.hits] == ["OPEN_PAST_LIMIT"]


def test_what_needs_history_is_null_with_its_reason() -> None:
    document = findings(records(*named(PLANTED), *ON_TIME), TARGETS).document()

    json.dumps(document, allow_nan=False)
    assert document["not_evaluated"] == [{"rule": rule, "reason": "needs_history"} for rule in NEED_HISTORY]
    assert {document["rates"][rule]["value"] for rule in NEED_HISTORY} == {None}


@pytest.mark.parametrize(
    ("name", "counted"),
    [
        (
            "ds1",
            {
                "EARLY_SERVICE": (1, 1110), "LATE_FIRST_SERVICE": (0, 256), "OPEN_PAST_LIMIT": (4, 391),
                "CARRIED_AFTER_DECISION": (34, 68), "PREG_CHECK_OVERDUE": (2, 311),
                "DRYOFF_OVERDUE": (0, 654), "CALVING_OVERDUE": (3, 1243), "CULL_IN_CALF": (89, 1339),
                "HEIFER_SOLD_IN_CALF": (19, 337),
            },
        ),
        (
            "ds2",
            {
                "EARLY_SERVICE": (0, 605), "LATE_FIRST_SERVICE": (12, 190), "OPEN_PAST_LIMIT": (2, 297),
                "CARRIED_AFTER_DECISION": (27, 71), "PREG_CHECK_OVERDUE": (4, 178),
                "CALVING_OVERDUE": (1, 649), "HEIFER_EARLY": (3, 222), "CULL_IN_CALF": (25, 507),
                "HEIFER_SOLD_IN_CALF": (99, 563),
            },
        ),
    ],
)  # fmt: skip
def test_the_real_herds_have_what_was_counted_with_fixed_targets(
    request: pytest.FixtureRequest, name: str, counted: dict[str, tuple[int, int]]
) -> None:
    fixed = FarmTargets(vwp=50, late_first_service=90, open_limit=350, heifer_tolerance=0)
    found = Workbench.open().findings(request.getfixturevalue(name), fixed)
    rates = {each.key: each for each in found.rates}

    assert {rule: (rates[rule].n, rates[rule].of[0]) for rule in counted} == counted


def test_a_farm_that_begins_at_90_days_is_not_late_by_its_own_habit(ds2: HerdFile) -> None:
    own, fixed = (
        {each.key: each.n for each in Workbench.open().findings(ds2, targets).rates}
        for targets in (FarmTargets(), FarmTargets(late_first_service=90))
    )

    assert own["LATE_FIRST_SERVICE"] == 3  # past 115 days
    assert fixed["LATE_FIRST_SERVICE"] == 12


def test_months_with_far_more_calvings_than_usual_are_named() -> None:
    # 4 calvings each 30 days; 7 are due in April 2026, 4 in May.
    past = [cow(15 + 30 * month) for month in range(11) for _ in range(4)]
    april = [HEIFER | {"conception": -240, "expected_calving": 40} for _ in range(7)]
    may = [HEIFER | {"conception": -210, "expected_calving": 70} for _ in range(4)]
    found = findings(records(*past, *april, *may), TARGETS)

    assert [each.document() for each in found.clusters] == [{"month": "2026-04-01", "due": 7, "usual": 4.0}]
