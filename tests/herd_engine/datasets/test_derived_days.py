"""Days that a file lacks wholly are counted back from its counts of days; what cannot be is asked."""

import csv
import io

import numpy as np
import pytest

from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.errors import HerdDataError
from herd_engine.model.answers import Answers
from herd_engine.sample import make_sample

CALVING, CONCEPTION, DRY_OFF = "Дата начала тек.лакт", "Дата успешного осеменения", "Дата запуска тек.лакт"


@pytest.fixture(scope="module")
def sample() -> list[dict[str, str]]:
    text = make_sample(animals=300, seed=1).csv.decode("utf-8-sig")
    return [*csv.DictReader(io.StringIO(text), delimiter=";")]


def read(rows: list[dict[str, str]], *without: str, accept_losses: bool = False) -> HerdFile:
    text = io.StringIO()
    headers = [header for header in rows[0] if header not in without]
    writer = csv.DictWriter(text, headers, delimiter=";", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    answers = Answers.of(accept_losses=accept_losses)
    return read_herd_bytes(text.getvalue().encode(), "farm.csv", answers=answers)


@pytest.mark.parametrize(
    ("header", "day"), [(CALVING, "calving"), (CONCEPTION, "conception"), (DRY_OFF, "dry_off")]
)
def test_the_herd_is_the_same_without_a_column_that_counts_tell(sample, header: str, day: str) -> None:
    whole, short = read(sample), read(sample, header)

    assert "days_derived" in {issue.code for issue in short.issues}
    assert "days_derived" not in {issue.code for issue in whole.issues}
    assert short.herd.counts() == whole.herd.counts()
    if header != CALVING:  # without calvings the report date is the latest day on file
        np.testing.assert_array_equal(getattr(short.herd, day), getattr(whole.herd, day))


def test_dry_cows_that_nothing_dates_are_asked_about_never_counted_as_milked(sample) -> None:
    with pytest.raises(HerdDataError) as caught:
        read(sample, DRY_OFF, "Дни в доении")

    (question,) = caught.value.questions
    assert question.code == "ask_losses"
    assert "dry" in question.subject.split(", ")
    assert read(sample, DRY_OFF, "Дни в доении", accept_losses=True).herd.counts()["dry"] == 0


def test_heifers_that_count_as_first_calvers_without_a_calving_are_asked_about(sample) -> None:
    rows = [row | {"Лактация": str(int(row["Лактация"]) + 1)} for row in sample]

    with pytest.raises(HerdDataError) as caught:
        read(rows)

    reasons = {sample["reason"]: int(sample["rows"]) for sample in caught.value.questions[0].samples}
    heifers = [row for row in sample if row["Лактация"] == "0" and not row["Дата архива"]]
    assert reasons == {"cow_without_calving": len(heifers)}
