"""What is measured of a herd, beside a count by hand of the same file, and of forecasts that were judged."""

import csv
import io
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.model.animals import AnimalState
from herd_engine.model.forecast import Metric
from herd_engine.model.verdicts import JudgedForecast, RecordOfForecasts, Verdict
from herd_engine.monitoring.alerts.all_measures import MEASURES
from herd_engine.monitoring.alerts.herd_measures import coverage, cull_rate, open_share, outside_band
from herd_engine.monitoring.alerts.policy import Watched, With
from herd_engine.sample import make_sample

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def test_shares_of_a_file_are_what_a_count_by_hand_gives(kept):
    file = make_sample(animals=300, seed=4).csv
    kept.add_dataset(file, "farm.csv")
    read = read_herd_bytes(file, "farm.csv")
    rows = list(csv.reader(io.StringIO(file.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) > 300  # a file of rows indeed

    culled, open_long = cull_rate(kept, With(), NOW), open_share(kept, With(), NOW)

    day, records, herd = read.herd.report_date, read.records, read.herd
    left = 0
    for archive, lactation in zip(records.archive, records.lactation, strict=True):
        when = day + timedelta(days=int(archive)) if -100_000 < archive < 100_000 else None
        left += lactation > 0 and when is not None and day - timedelta(days=30) < when <= day
    cows = sum(int(each) > 0 for each in herd.lactation)
    in_milk = [n for n, state in enumerate(herd.is_milking) if state]
    names = [AnimalState(int(each)).name for each in herd.state]
    long_open = sum(names[n] == "OPEN" and -herd.calving[n] > 150 for n in in_milk)
    assert long_open > 0
    assert (culled.facts["cows"], culled.samples) == (left, cows + left)
    assert (open_long.facts["cows"], open_long.samples) == (long_open, len(in_milk))


def test_no_animal_is_named_by_what_is_measured(kept):
    text = make_sample(animals=120, seed=4).csv.decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text), delimiter=";")
    named = io.StringIO()
    csv.writer(named, delimiter=";").writerows([head, *(["QX" + row[0], *row[1:]] for row in rows)])
    kept.add_dataset(text.encode(), "before.csv")
    kept.add_dataset(named.getvalue().encode(), "farm.csv")
    asked = With(output=Metric.MILKING_COUNT, level=50, probability=0.2, rule_id="animal_id_unique")

    said = {metric: measure(kept, asked, NOW) for metric, measure in MEASURES.items()}

    assert set(said) == set(Watched)
    assert said[Watched.SNAPSHOT_AGE_DAYS].facts["name"] == "farm.csv"
    assert [metric for metric, found in said.items() if "QX" in repr(found)] == []


@dataclass
class Judged:
    """What stands for kept runs: their judgements."""

    verdicts: tuple[Verdict, ...]

    @property
    def judging(self):
        return self

    def record(self):
        made = date(2026, 1, 1)
        forecast = JudgedForecast(run_id="r", made=made, judged_by=made, band=0.9, verdicts=self.verdicts)
        return RecordOfForecasts(forecasts=(forecast,) if self.verdicts else ())


def verdict(month, happened, metric=Metric.MILKING_COUNT):
    return Verdict(metric=metric, day=date(2026, month, 1), p50=100, low=90, high=110, happened=happened)


def test_the_last_count_outside_the_band_is_1():
    early_outside = Judged((verdict(1, 120), verdict(2, 110)))
    late_outside = Judged((verdict(1, 100), verdict(2, 110.5), verdict(3, 100, Metric.DRY_COUNT)))

    values = [outside_band(each, With(), NOW).value for each in (early_outside, late_outside, Judged(()))]

    assert values == [0.0, 1.0, None]


@pytest.mark.parametrize(("inside", "share"), [(3, 0.75), (4, 1.0), (0, 0.0)])
def test_coverage_is_the_share_inside(inside, share):
    found = coverage(Judged(tuple(verdict(n + 1, 100 if n < inside else 999) for n in range(4))), With(), NOW)

    assert (found.value, found.samples) == (share, 4)
