"""A file that lacks what must have happened is refused, or says what its forecast will lack."""

from datetime import date, timedelta

import numpy as np
import pytest
from scipy.stats import binom

from herd_engine.calibration.calibrate import calibrate
from herd_engine.calibration.calibrated import fit_calibrated
from herd_engine.datasets.completeness import FEWEST_TO_REFUSE, LOW_SHARE, LOWEST_SHARE
from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.errors import HerdDataError
from herd_engine.i18n.wording import wording
from herd_engine.model.answers import NO_ANSWERS, Answers
from herd_engine.model.scenario import Mode, ModelParameters
from herd_engine.sample import make_sample
from herd_engine.sample.farm import SampleFarm

REPORT_DATE = date(2026, 2, 26)
ABOUT_BREEDING = {"no_conceptions_recorded", "few_conceptions_recorded", "few_inseminations_recorded"}
CODES = ABOUT_BREEDING | {
    *("few_calvings_recorded", "few_births_recorded", "exits_close_together"),
    *("few_calving_dates", "few_heifer_conceptions"),
}


def ago(days: int) -> str:
    return (REPORT_DATE - timedelta(days)).strftime("%d.%m.%Y")


def cows(blank, n: int, days: int, *, pregnant: int = 0, dated: bool = True):
    """Return cows that calved so many days ago, the first of them pregnant for 100 days."""
    rows = []
    for number in range(n):
        service = ago(100) if number < pregnant else ""
        rows.append(
            blank
            | {"animal_id": f"{days}-{number}", "lactation_start_date": ago(days), "days_in_milk": str(days)}
            | {"successful_insemination_date": service, "insemination_date": service if dated else ""}
        )
    return rows


@pytest.fixture
def blank(farm):
    return farm()[0] | {"status": "", "birth_date": "01.01.2020", "lactation": "2"}


@pytest.fixture
def read(as_csv):
    return lambda rows, answers=NO_ANSWERS: read_herd_bytes(as_csv(rows), "herd.csv", answers=answers)


def codes_of(herd_file: HerdFile) -> set[str]:
    return {issue.code for issue in herd_file.issues} & CODES


def breeding_codes(herd_file: HerdFile) -> set[str]:
    return codes_of(herd_file) & ABOUT_BREEDING


@pytest.mark.parametrize(("n", "pregnant"), [(10, 0), (10, 1), (100, 19)])
def test_a_herd_with_hardly_a_pregnancy_where_many_must_be_is_refused(blank, read, n, pregnant) -> None:
    with pytest.raises(HerdDataError, match="Export the dates of successful inseminations") as caught:
        read(cows(blank, n, 250, pregnant=pregnant))

    (issue,) = [issue for issue in caught.value.issues if issue.blocking]
    assert issue.code == "no_conceptions_recorded"
    assert issue.params == {"cows": n, "pregnant": pregnant}
    assert "Выгрузите даты успешных осеменений" in wording("ru").issue(issue)


@pytest.mark.parametrize(
    ("n", "pregnant", "told"),
    [
        (100, 20, {"few_conceptions_recorded"}),
        (20, 8, {"few_conceptions_recorded"}),
        (20, 9, set()),
        (19, 7, set()),  # too few to tell from bad luck
        (9, 0, set()),
        (100, 90, set()),
    ],
)
def test_a_herd_with_few_pregnancies_is_told_that_some_look_missing(blank, read, n, pregnant, told) -> None:
    assert breeding_codes(read(cows(blank, n, 250, pregnant=pregnant))) == told


def test_the_bounds_are_those_of_a_poor_herd() -> None:
    days = np.arange(200, 330)
    in_calf = (1 - 0.9 ** ((days - 60 - 40) / 21)).mean()  # waits 60 days, confirms after 40

    assert in_calf == pytest.approx(0.55, abs=0.02)
    fewest = FEWEST_TO_REFUSE
    assert binom.cdf(np.ceil(LOWEST_SHARE * fewest) - 1, fewest, in_calf) < 1 / 200
    assert in_calf > LOW_SHARE


@pytest.mark.parametrize("days", [20, 80, 199, 330, 500])
def test_a_herd_after_its_calving_season_is_not_asked_for_pregnancies(blank, read, days) -> None:
    assert breeding_codes(read(cows(blank, 300, days))) == set()


def test_cows_to_be_culled_are_not_bred_and_not_judged(blank, read) -> None:
    assert breeding_codes(read(cows(blank | {"status": "Брак"}, 100, 250))) == set()


def test_pregnancies_without_dates_of_insemination_are_told(blank, read) -> None:
    hidden = read([*cows(blank, 11, 220, pregnant=11, dated=False), *cows(blank, 10, 250, pregnant=10)])
    half = read([*cows(blank, 10, 220, pregnant=10, dated=False), *cows(blank, 10, 250, pregnant=10)])

    assert breeding_codes(hidden) == {"few_inseminations_recorded"}
    assert breeding_codes(half) == set()


def calves(blank, n: int, days: int = 100):
    born = blank | {"lactation": "0", "birth_date": ago(days), "lactation_start_date": "", "days_in_milk": ""}
    return [born | {"animal_id": f"calf {days}-{number}"} for number in range(n)]


@pytest.mark.parametrize(
    ("born", "calved", "told"),
    [
        (91, 100, {"few_calvings_recorded"}),
        (90, 100, set()),  # all served with sexed semen: nine heifers in ten calves
        (19, 1, set()),  # too few to tell from bought calves
        (10, 100, set()),
        (9, 100, {"few_births_recorded"}),
    ],
)
def test_calves_that_the_calvings_cannot_have_borne_are_told(blank, read, born, calved, told) -> None:
    herd_file = read([*calves(blank, born), *cows(blank, calved, 100, pregnant=0)])
    fit = fit_calibrated(herd_file.records)

    assert codes_of(herd_file) == told
    assert (fit.heifer_calves, fit.calvings) == ((0, 0) if born > 0.9 * calved else (born, calved))
    assert calibrate(herd_file.records, Mode.CALIBRATED, ModelParameters()).calibrated.heifer_calf.max() < 0.9


def heifers(blank, n: int, days: int, *, pregnant: int = 0):
    conceived = [{"successful_insemination_date": ago(100)}] * pregnant + [{}] * (n - pregnant)
    return [
        row | {"animal_id": f"heifer {days}-{number}"} | dates
        for number, (row, dates) in enumerate(zip(calves(blank, n, days), conceived, strict=True))
    ]


@pytest.mark.parametrize(
    ("n", "days", "pregnant", "is_told"),
    [
        (20, 600, 9, True),
        (20, 600, 10, False),
        (20, 599, 0, False),  # younger: 101 days before the age at which heifers calve here
        (19, 600, 0, False),  # few: those that stayed open in the last season, or bad luck
    ],
)
def test_heifers_that_must_be_in_calf_and_are_not_are_told(blank, read, n, days, pregnant, is_told) -> None:
    first = blank | {"lactation": "1", "birth_date": ago(800)}  # calved at 700 days of age
    herd_file = read([*cows(first, 95, 100), *heifers(blank, n, days, pregnant=pregnant)])

    assert ("few_heifer_conceptions" in codes_of(herd_file)) == is_told


def test_the_open_heifers_of_a_large_seasonal_herd_are_no_sign_of_missing_dates(blank, read) -> None:
    first = blank | {"lactation": "1", "birth_date": ago(800)}
    herd_file = read([*cows(first, 300, 100), *heifers(blank, 30, 650)])

    assert "few_heifer_conceptions" not in codes_of(herd_file)


@pytest.mark.parametrize(("dated", "is_told"), [(9, True), (10, False)])
def test_cows_without_calving_dates_are_told(blank, read, dated, is_told) -> None:
    unknown = [row | {"animal_id": f"?{i}", "lactation_start_date": "", "days_in_milk": ""}
               for i, row in enumerate(cows(blank, 20 - dated, 100))]  # fmt: skip
    rows = [*cows(blank, dated, 100), *unknown]
    with pytest.raises(HerdDataError, match="cow_without_calving"):
        read(rows)
    herd_file = read(rows, Answers.of(accept_losses=True))

    assert ("few_calving_dates" in codes_of(herd_file)) == is_told


def exits(blank, n: int, first: int, last: int):
    """Return cows that calved two years ago and left on evenly spaced days."""
    days = np.linspace(first, last, n).astype(int)
    sold = blank | {"status": "Продана", "lactation_start_date": ago(700), "days_in_milk": ""}
    return [
        sold | {"animal_id": f"sold {n}-{i}", "archive_date": ago(int(day))} for i, day in enumerate(days)
    ]


@pytest.mark.parametrize("n", [1, 50])
def test_exits_of_one_day_give_no_rate(blank, read, n) -> None:
    """Fifty exits of a hundred cows on one day are no 13,000 exits a year: rates are the usual ones."""
    here = cows(blank, 100, 150)
    herd_file, nobody_left = read([*here, *exits(blank, n, 60, 60)]), read(here)
    found, usual = (fit_calibrated(each.records).exits for each in (herd_file, nobody_left))
    rates, usual_rates = (fit.rates.shape / fit.rates.years for fit in (found, usual))

    assert codes_of(herd_file) == {"exits_close_together", "few_births_recorded"}
    np.testing.assert_array_equal(rates, usual_rates)
    assert found.window_days == 0
    assert found.exits.sum() == 0
    np.testing.assert_array_equal(
        found.rates.shape / found.rates.years, usual.rates.shape / usual.rates.years
    )


def test_exits_of_a_month_give_a_rate(blank, read) -> None:
    herd_file = read([*cows(blank, 100, 150), *exits(blank, 50, 60, 90)])

    assert codes_of(herd_file) == {"few_births_recorded"}
    assert fit_calibrated(herd_file.records).exits.exits.sum() == 49  # the first one begins the record


@pytest.mark.parametrize("animals", [30, 100, 1000])
@pytest.mark.parametrize(
    "farm_kind",
    [
        SampleFarm(),
        # One open cow in ten conceives in 21 days, which is as poor as herds get.
        SampleFarm(
            service_rate=0.35, first_service_rate=0.35, conception_rate_by_lactation=(0.30, 0.28, 0.27)
        ),
    ],
    ids=["usual", "poor fertility"],
)
def test_no_farm_with_whole_records_is_suspected(animals: int, farm_kind: SampleFarm) -> None:
    for seed in range(3):
        sample = make_sample(animals=animals, seed=seed, farm=farm_kind)
        assert codes_of(read_herd_bytes(sample.csv, "sample.csv")) == set()


def test_a_sample_that_tells_nothing_of_conceptions_is_refused() -> None:
    text = make_sample(animals=300, seed=1).csv
    for header in ("Дата успешного осеменения", "Дни стельности", "Дата ожидаемого отела"):
        text = text.replace(header.encode(), b"?")

    with pytest.raises(HerdDataError, match="successful insemination"):
        read_herd_bytes(text, "sample.csv")
