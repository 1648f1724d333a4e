"""The check of a long forecast: what it compares, and how it words why a herd leaves its own past."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from herd_engine.engine.exact.long_run import Equilibrium
from herd_engine.forecasting.forecast import make_forecast
from herd_engine.forecasting.long_run_check import Past, SanityLine, late_share, past_of, sanity_line
from herd_engine.i18n.wording import wording
from herd_engine.model.animals import NO_DAY, PRESENCE_CODES, AnimalRecords, Presence
from herd_engine.model.scenario import Mode, Scenario
from tests.herds import herd, open_cow, pregnant_cow
from tests.statistical.sample_farm import sample_farm

ENGLISH, RUSSIAN = wording("en"), wording("ru")
REPORT_DATE = date(2026, 3, 1)
LONG_RUN = Equilibrium(
    yearly_growth=0.0,
    mean_days_in_milk=171.0,
    milking_share=0.87,
    calvings_per_cow_year=1.1,
    first_calving_share=0.35,
    turnover=0.38,
    late_share=0.12,
    lactation_share=np.full(5, 0.2),
    heifers_per_cow=0.9,
    reproduction_number=1.0,
)
STEADY = SanityLine(
    past=Past(days_in_milk=170.0, calvings=100.0),
    years=(172.0, 175.0),
    long_run=LONG_RUN,
    calvings=100.0,
    late_share=0.12,
    bought=0.0,
    is_changed=False,
    tells_exits=True,
)
HIGHER, LOWER = replace(STEADY, years=(185.0, 172.0)), replace(STEADY, years=(172.0, 155.0))


def records(*rows: dict[str, Any]) -> AnimalRecords:
    days = (
        *("birth", "archive", "calving", "conception", "dry_off"),
        *("insemination", "expected_dry_off", "expected_calving"),
    )
    return AnimalRecords(
        report_date=REPORT_DATE,
        animal_ids=np.array([str(i) for i in range(len(rows))], object),
        lactation=np.ones(len(rows), np.int32),
        presence=np.array(
            [PRESENCE_CODES.index(row.get("presence", Presence.ON_FARM)) for row in rows], np.int8
        ),
        **{name: np.array([row.get(name, NO_DAY) for row in rows], np.int32) for name in days},
    )


def test_the_past_is_that_of_the_last_nine_months_with_the_cull_flagged() -> None:
    found = past_of(
        records(
            {"birth": -1400, "calving": -600},
            {"birth": -1300, "calving": -400, "presence": Presence.CULL_FLAGGED},
            {"birth": -1600, "calving": -700, "conception": -660, "dry_off": -450},
        )
    )

    months = [date(2025 + m // 12, m % 12 + 1, 1) for m in range(6, 15)]  # July to March
    day = np.mean([(start - REPORT_DATE).days for start in months])
    assert found is not None
    assert found.days_in_milk == pytest.approx(day + 500)
    assert found.calvings == 0


def test_late_cows_are_those_in_milk_with_more_than_300_days() -> None:
    cows = (open_cow(300), open_cow(301), pregnant_cow(320, 200), open_cow(40))

    assert late_share(herd(*cows)) == 0.5


def test_a_forecast_near_the_past_says_so() -> None:
    assert STEADY.sentences(ENGLISH) == (
        "Mean days in milk, as a check: 170 over the herd's last nine months; 172 in year 1 of the forecast, "
        "175 in year 2 of the forecast; 171 in the long run, if the herd's rates stay and nothing is bought. "
        "The forecast stays within 10 days of the herd's own past."
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (replace(HIGHER, calvings=80.0), "80 calvings a month are expected, fewer than the 100"),
        (replace(HIGHER, late_share=0.05), "only 5 are past day 300 now, 12 will be in the long run"),
        (replace(HIGHER, long_run=replace(LONG_RUN, yearly_growth=-0.031)), "shrinks by 3.1 % a year"),
        (replace(LOWER, calvings=120.0), "120 calvings a month are expected, more than the 100"),
        (replace(LOWER, late_share=0.20), "20 are past day 300 now, only 12 will be in the long run"),
        (replace(LOWER, long_run=replace(LONG_RUN, yearly_growth=0.04)), "grows by 4.0 % a year"),
        (replace(LOWER, bought=31.0), "31 heifers are bought and calve"),
        (HIGHER, "its rates are those of all the years on file"),
        (replace(HIGHER, tells_exits=False), "the file tells too little of leaving"),
        # What pulls the other way is no reason.
        (replace(HIGHER, calvings=120.0, bought=31.0), "its rates are those of all the years on file"),
    ],
)
def test_a_forecast_that_leaves_the_past_says_why(line: SanityLine, reason: str) -> None:
    told = line.sentences(ENGLISH)

    assert "leaves the herd's own past by more than 10 days" in told
    assert reason in told
    assert told.count(";") == 2  # past; years; long run: one reason only
    assert "более чем на 10 дней" in line.sentences(RUSSIAN)


def test_without_a_past_on_file_the_line_says_so() -> None:
    assert "the file does not show" in replace(STEADY, past=None).sentences(ENGLISH)


@pytest.mark.parametrize(
    "long_run",
    [
        replace(LONG_RUN, yearly_growth=-0.76, mean_days_in_milk=14_304.0, late_share=1.0),
        replace(LONG_RUN, yearly_growth=-0.84),
        replace(LONG_RUN, mean_days_in_milk=1.0),
        replace(LONG_RUN, mean_days_in_milk=14_304.0),
    ],
)
def test_a_herd_that_does_not_settle_has_no_long_run(long_run: Equilibrium) -> None:
    for line in (replace(HIGHER, long_run=long_run), replace(STEADY, past=None, long_run=long_run)):
        told = line.sentences(ENGLISH)

        assert "; no long run: at its rates, without purchases, the herd does not settle." in told
        assert "14,304" not in told
        assert "shrinks by" not in told
        assert "долгосрочного итога нет" in line.sentences(RUSSIAN)


def test_only_forecasts_of_a_year_or_more_by_hazards_have_the_line() -> None:
    herd_file, _ = sample_farm()

    def line_of(months: int, mode: Mode) -> SanityLine | None:
        scenario = Scenario(horizon_months=months, mode=mode)
        return sanity_line(herd_file, make_forecast(herd_file, scenario, 20, 1))

    long = line_of(25, Mode.CALIBRATED)
    assert long is not None
    assert long.past is not None
    assert len(long.years) == 2
    assert long.tells_exits
    assert abs(long.furthest) < 40  # a farm in equilibrium, made by a simulator of its own
    assert line_of(11, Mode.CALIBRATED) is None
    assert line_of(25, Mode.EMPIRICAL) is None


def test_a_scenario_that_breeds_or_culls_otherwise_is_named_first() -> None:
    told = replace(HIGHER, is_changed=True).sentences(ENGLISH)

    assert "the scenario breeds or culls otherwise than until now" in told
    assert "the scenario breeds" not in HIGHER.sentences(ENGLISH)
