"""What an address says of a plan: all of it, shortly; and what is said of one that is cut off."""

import base64
import zlib

import pytest

from herd_engine.errors import ParameterError, ScenarioError
from herd_engine.scenarios.schema import complete
from herd_engine.scenarios.short_form import MOST_CHARACTERS, read, written

DEFAULTS = complete({"mc_runs": 1000})


def packed(text: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(text)).decode().rstrip("=")


def test_the_defaults_are_a_plan_too() -> None:
    assert read(written(DEFAULTS, DEFAULTS), DEFAULTS) == DEFAULTS


def test_an_address_gives_back_the_plan_that_was_written_into_it() -> None:
    purchase = {"date_in": "2026-06-01", "count": 25, "days_pregnant": 150, "expected_calving_date": None}
    plan = DEFAULTS | {
        "model": DEFAULTS["model"] | {"culling_intensity": 0.85, "calf_loss": 0.1},
        "seed": 7,
        "purchases": [purchase],
    }

    text = written(plan, DEFAULTS)

    assert read(text, DEFAULTS) == plan
    assert set(text) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


def test_a_plan_of_one_change_is_short_and_of_a_hundred_purchases_fits_an_address() -> None:
    one = DEFAULTS | {"horizon_months": 24}
    purchases = [
        {
            "date_in": f"20{26 + i // 12}-{1 + i % 12:02}-01",
            "count": 20 + i % 7,
            "days_pregnant": 100 + i,
            "expected_calving_date": None,
        }
        for i in range(100)
    ]

    assert len(written(one, DEFAULTS)) < 50
    assert len(written(DEFAULTS | {"purchases": purchases}, DEFAULTS)) < MOST_CHARACTERS


def test_the_herd_that_a_plan_was_made_for_is_not_a_part_of_it() -> None:
    of_a_herd = DEFAULTS | {"dataset_id": "x", "report_date": "2026-02-26"}

    assert written(of_a_herd, DEFAULTS) == written(DEFAULTS, DEFAULTS)


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "not base64!",
        written(DEFAULTS | {"seed": 7}, DEFAULTS)[:-6],
        packed(b"[1, 2]"),
        packed(b"{"),
        packed(b"[" * 100_000),
        packed(b" " * 10**7),
        "A" * (MOST_CHARACTERS + 1),
    ],
)
def test_an_address_that_was_cut_off_or_changed_is_refused(text: str) -> None:
    with pytest.raises(ParameterError, match="`plan`"):
        read(text, DEFAULTS)


@pytest.mark.parametrize("text", [b'{"seed": -1}', b'{"model": 5}', b'{"colour": 1}'])
def test_a_plan_with_a_value_that_is_not_allowed_is_refused_with_its_field(text: bytes) -> None:
    with pytest.raises(ScenarioError):
        read(packed(text), DEFAULTS)
