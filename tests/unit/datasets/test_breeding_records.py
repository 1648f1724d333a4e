"""A file whose breeding records are missing is refused, or says what its forecast will lack."""

from datetime import date, timedelta

import numpy as np
import pytest
from scipy.stats import binom

from herd_engine.datasets.breeding_records import FEWEST_TO_REFUSE, LOW_SHARE, LOWEST_SHARE
from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.datasets.sample import make_sample
from herd_engine.datasets.sample.farm import SampleFarm
from herd_engine.errors import HerdDataError
from herd_engine.figures.wording import wording

REPORT_DATE = date(2026, 2, 26)
CODES = {"no_conceptions_recorded", "few_conceptions_recorded", "few_inseminations_recorded"}


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
    return lambda rows: read_herd_bytes(as_csv(rows), "herd.csv")


def breeding_codes(herd_file: HerdFile) -> set[str]:
    return {issue.code for issue in herd_file.issues} & CODES


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
        assert breeding_codes(read_herd_bytes(sample.csv, "sample.csv")) == set()


def test_a_sample_without_its_column_of_conceptions_is_refused() -> None:
    renamed = make_sample(animals=300, seed=1).csv.replace("Дата успешного осеменения".encode(), b"?")

    with pytest.raises(HerdDataError, match="successful insemination"):
        read_herd_bytes(renamed, "sample.csv")
