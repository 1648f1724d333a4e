"""Moments of ICAR ADE are days of the farm: told by its midnights, by offsets, by its zone, or asked."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.datasets.importers.bringing import zipped
from herd_engine.datasets.importers.writers import FORMS
from herd_engine.errors import HerdDataError
from herd_engine.model.answers import NO_ANSWERS, Answers
from herd_engine.sample import Sample, make_sample

MOSCOW, NEW_YORK = "Europe/Moscow", "America/New_York"
Written = Callable[[date, bool], str]


@pytest.fixture(scope="module")
def farm() -> Sample:
    return make_sample(animals=120, seed=5, with_events=True)


def written(farm: Sample, moment: Written) -> bytes:
    """Return the farm's document with every day written by ``moment`` (day, whether it is a birth)."""
    document: dict[str, Any] = json.loads(FORMS["ade"].write(farm)["herd.json"])
    for one in document["member"]:
        for key in {"birthDate", "eventDateTime"} & one.keys():
            day = (datetime.fromisoformat(one[key]) + timedelta(hours=2)).date()
            one[key] = moment(day, key == "birthDate")
    return json.dumps(document).encode()


def at_any_hour(zone: str, *, in_utc: bool, births_too: bool = False) -> Written:
    lucky = np.random.default_rng(4)

    def moment(day: date, is_birth: bool) -> str:
        hour = 0 if is_birth and not births_too else int(lucky.integers(24))
        local = datetime.combine(day, time(hour, 30 if hour else 0), ZoneInfo(zone))
        return local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if in_utc else local.isoformat()

    return moment


def herd_of(file: HerdFile) -> tuple[object, ...]:
    names = ("state", "lactation", "birth", "calving", "conception", "dry_off", "insemination")
    columns = (getattr(file.herd, name).tolist() for name in names)
    return file.herd.report_date, sorted(zip(*columns, strict=True))


def read(data: bytes, zone: str = "") -> HerdFile:
    return read_herd_bytes(data, "herd.json", answers=Answers.of(time_zone=zone) if zone else NO_ANSWERS)


@pytest.fixture(scope="module")
def own(farm: Sample) -> tuple[object, ...]:
    return herd_of(read(written(farm, lambda day, is_birth: day.isoformat())))


@pytest.mark.parametrize(
    "moment",
    [
        at_any_hour(NEW_YORK, in_utc=False),
        at_any_hour(NEW_YORK, in_utc=False, births_too=True),
        at_any_hour(MOSCOW, in_utc=True),  # its midnights are at one hour all year
    ],
)
def test_offsets_and_midnights_tell_the_day_of_any_hour(
    moment: Written, farm: Sample, own: tuple[object, ...]
) -> None:
    assert herd_of(read(written(farm, moment))) == own


@pytest.mark.parametrize("births_too", [False, True])
def test_hours_that_summer_time_leaves_unclear_are_asked_and_read_by_the_zone(
    births_too: bool,
    farm: Sample,
    own: tuple[object, ...],
) -> None:
    data = written(farm, at_any_hour(NEW_YORK, in_utc=True, births_too=births_too))
    with pytest.raises(HerdDataError) as caught:
        read(data)

    assert [question.code for question in caught.value.questions] == ["ask_time_zone"]
    assert herd_of(read(data, NEW_YORK)) == own


def test_a_zone_reaches_the_tables_of_other_programs(farm: Sample) -> None:
    csv = FORMS["lely"].write(farm)
    moscow = {
        name: data.replace(b" 00:00:00", b" 21:30:00Z") for name, data in csv.items()
    }  # 00:30 of the day after
    report = read(zipped(moscow), MOSCOW).herd.report_date
    assert report - read(zipped(csv)).herd.report_date == timedelta(days=1)
