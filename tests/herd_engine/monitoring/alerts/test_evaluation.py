"""Alerts on real stores: begun, told once, silenced, ended; by a clock that tests set."""

from datetime import UTC, date, datetime, timedelta
from math import sqrt
from pathlib import Path

import numpy as np
import pytest

from herd_engine.errors import StorageError
from herd_engine.model.draws import Draws
from herd_engine.model.forecast import COUNT_COLUMNS, Metric
from herd_engine.monitoring.alerts import evaluation
from herd_engine.monitoring.alerts.measures import open_months, share_beyond
from herd_engine.monitoring.alerts.policy import Watched, With
from herd_engine.monitoring.alerts.policy_files import PolicyBook
from herd_engine.monitoring.alerts.silencing import new_silence
from herd_engine.runs.kept import KeptRuns
from herd_engine.storage.alerts import AlertRow
from tests.herd_engine.monitoring.alerts.conftest import Watching
from tests.herd_engine.runs.conftest import PAYLOAD, work

DISK = """
version: 1
policies:
  - {id: disk, metric: disk_free_ratio, operator: "<", threshold: 2, channels: [hub]}
"""
QUEUE = {"metric": "queue_length", "operator": ">", "threshold": 0}


@pytest.fixture
def run_id(kept: KeptRuns, farm_file: bytes) -> str:
    """A starred forecast with a result."""
    dataset = kept.add_dataset(farm_file, "farm.csv")
    run = kept.submit(dataset.id, PAYLOAD).run
    work(kept)
    return kept.star(run.id).id


def queue_one(kept: KeptRuns, farm_file: bytes) -> None:
    kept.submit(kept.add_dataset(farm_file, "farm.csv").id, PAYLOAD)


def test_an_alert_begins_is_told_once_and_ends(watching: Watching, kept: KeptRuns, farm_file: bytes) -> None:
    watching.policy(**QUEUE, **{"for": "10m"})
    watching.look()
    assert (watching.alert().state, watching.types) == ("OK", [])

    queue_one(kept, farm_file)
    watching.look(minutes=1)
    assert watching.alert().state == "PENDING"
    watching.look(minutes=9, seconds=59)
    assert watching.alert().state == "PENDING"
    watching.look(seconds=1)
    watching.look()
    watching.look(minutes=1)
    assert (watching.alert().state, watching.alert().firing) == ("FIRING", 1)
    assert watching.types == ["alert.firing"]

    work(kept)
    watching.look(minutes=1)
    watching.look(minutes=1)
    assert watching.types == ["alert.firing", "alert.resolved"]
    assert [(row.old, row.new) for row in reversed(watching.table.history())] == [
        ("OK", "PENDING"),
        ("PENDING", "FIRING"),
        ("FIRING", "RESOLVED"),
    ]
    assert len(watching.table.audits()) == 3


def test_a_policy_that_is_taken_away_ends_its_alert(
    watching: Watching, kept: KeptRuns, farm_file: bytes
) -> None:
    watching.policy(**QUEUE)
    queue_one(kept, farm_file)
    watching.look()

    watching.take_away()
    watching.look(minutes=1)
    watching.look(minutes=1)

    assert watching.alert().state == "RESOLVED"
    assert watching.types == ["alert.firing", "alert.resolved"]
    assert (watching.told[-1].reason, watching.told[-1].channels) == ("policy_removed", ("hub",))


def test_two_farms_have_two_alerts_and_an_archived_one_has_none(watching: Watching, kept: KeptRuns) -> None:
    kept.catalog.farms.add("North")
    watching.policy(metric="fail_count", operator=">=", threshold=0, no_data="ok", min_samples=1)
    watching.policy(metric="run_timeout_count", operator=">=", threshold=0)
    watching.look()

    rows = watching.table.list_alerts()
    assert len({row.id for row in rows}) == len({row.farm_id for row in rows}) == 2
    assert {row.state for row in rows} == {"FIRING"}

    kept.catalog.farms.archive("North")
    watching.look(minutes=1)
    assert sorted(row.state for row in watching.table.list_alerts()) == ["FIRING", "RESOLVED"]


def test_too_few_samples_say_nothing(watching: Watching) -> None:
    watching.policy(metric="run_failure_rate", operator=">", threshold=0.2, min_samples=5)
    watching.look()

    assert (watching.alert().state, watching.alert().has_no_data) == ("NO_DATA", True)
    assert watching.types == []


def test_a_silence_keeps_back_and_its_end_lets_one_through(
    watching: Watching, kept: KeptRuns, farm_file: bytes
) -> None:
    watching.policy(**QUEUE)
    silence = new_silence(
        {"policy": "watched"},
        watching.now + timedelta(hours=1),
        "The queue is being emptied",
        "anna",
        watching.now,
        watching.now,
    )
    with kept.store.database.transaction() as connection:
        watching.table.add_silence(connection, silence)
    queue_one(kept, farm_file)

    watching.look()
    watching.look(minutes=30)
    assert watching.types == ["(alert.firing)"]
    assert watching.alert().muted_by == silence.id

    watching.look(minutes=30)
    watching.look(minutes=1)
    assert watching.types == ["(alert.firing)", "alert.firing"]
    assert watching.alert().muted_by is None


def test_a_silence_that_begins_while_it_fires_keeps_back_the_end_alone(
    watching: Watching, kept: KeptRuns
) -> None:
    watching.policy(**DISK_ALWAYS)
    watching.look()
    until = watching.now + timedelta(hours=2)
    silence = new_silence({"severity": "HIGH"}, until, "It is known", "anna", watching.now, watching.now)
    with kept.store.database.transaction() as connection:
        watching.table.add_silence(connection, silence)
    watching.look(minutes=1)
    assert watching.types == ["alert.firing"]

    watching.policy(**DISK_ALWAYS | {"threshold": -1})
    watching.look(minutes=1)
    watching.look(hours=3)

    assert watching.types == ["alert.firing", "(alert.resolved)"]
    assert watching.told[-1].muted_by == silence.id
    assert [row.new for row in watching.table.history()] == ["RESOLVED", "FIRING"]


DISK_ALWAYS = {"metric": "disk_free_ratio", "operator": "<", "threshold": 2, "severity": "HIGH"}


def test_an_alert_has_labels_of_itself_and_those_of_its_policy(watching: Watching, kept: KeptRuns) -> None:
    watching.policy(id="floor", **floor(400, 0.2), labels={"barn": "2"})
    watching.policy(id="disk", **DISK_ALWAYS)
    watching.look()

    found = {row.policy_id: row.labels for row in watching.table.list_alerts()}
    farm = kept.catalog.farm.name
    assert found["disk"] == {"policy": "disk", "metric": "disk_free_ratio", "severity": "HIGH"}
    assert found["floor"] == {
        "policy": "floor",
        "farm": farm,
        "metric": "forecast_below",
        "output": "milking_count",
        "severity": "MEDIUM",
        "barn": "2",
    }


@pytest.mark.parametrize(
    ("matcher", "told"),
    [
        ({"label.barn": "2"}, ["(alert.firing)"]),
        ({"label.barn": "=~[12]", "label.metric": "disk_free_ratio"}, ["(alert.firing)"]),
        ({"label.barn": "3"}, ["alert.firing"]),
        ({"label.lane": "=~.*"}, ["alert.firing"]),
    ],
)
def test_a_silence_may_be_of_labels(
    watching: Watching, kept: KeptRuns, matcher: dict[str, str], told: list[str]
) -> None:
    watching.policy(**DISK_ALWAYS, labels={"barn": "2"})
    until = watching.now + timedelta(hours=1)
    silence = new_silence(matcher, until, "It is known", "anna", watching.now, watching.now)
    with kept.store.database.transaction() as connection:
        watching.table.add_silence(connection, silence)

    watching.look()

    assert watching.types == told


def test_other_labels_are_another_alert(watching: Watching) -> None:
    watching.policy(**DISK_ALWAYS, labels={"barn": "2"})
    watching.look()
    watching.policy(**DISK_ALWAYS, labels={"barn": "3"})
    watching.look(minutes=1)

    states = {row.labels["barn"]: row.state for row in watching.table.list_alerts()}
    assert states == {"2": "RESOLVED", "3": "FIRING"}
    assert sorted(watching.types) == ["alert.firing", "alert.firing", "alert.resolved"]


def test_a_file_that_was_broken_meanwhile_ends_no_alert(watching: Watching, tmp_path: Path) -> None:
    folder = tmp_path / "alerts"
    folder.mkdir()
    (folder / "disk.yaml").write_text(DISK, encoding="utf-8")
    watching.book = PolicyBook(tmp_path, watching.table)
    watching.look()
    assert watching.alert().state == "FIRING"

    (folder / "disk.yaml").write_text(DISK.replace("threshold: 2", "threshold: two"), encoding="utf-8")
    watching.book = PolicyBook(tmp_path, watching.table)  # a process that begins now knows no better file
    watching.look(minutes=1)
    assert watching.alert().state == "FIRING"

    (folder / "disk.yaml").unlink()
    watching.look(minutes=1)
    assert (watching.alert().state, watching.types) == ("RESOLVED", ["alert.firing", "alert.resolved"])


def test_a_row_that_is_no_policy_any_more_stops_no_other_and_is_told(
    watching: Watching, kept: KeptRuns
) -> None:
    with kept.store.database.transaction() as connection:
        watching.table.put_policy(connection, "old", {"id": "old", "metric": "moon"}, "tester", watching.now)
    watching.policy(**QUEUE)

    watching.look()

    assert watching.alert().policy_id == "watched"
    assert list(watching.book.faults) == ["old"]


@pytest.mark.parametrize("why", [StorageError("disk", "it is away"), ZeroDivisionError("nobody foresaw it")])
def test_a_policy_that_fails_stops_no_other(
    watching: Watching, monkeypatch: pytest.MonkeyPatch, why: Exception
) -> None:
    def broken(*_: object) -> None:
        raise why

    monkeypatch.setattr(evaluation, "MEASURES", {**evaluation.MEASURES, Watched.DISK_FREE_RATIO: broken})
    watching.policy(id="a", metric="disk_free_ratio", operator="<", threshold=2)
    watching.policy(id="b", metric="queue_length", operator=">=", threshold=0)

    looked = watching.look()

    assert looked.failures == {"a": why}
    assert watching.alert().policy_id == "b"


def floor(level: float, probability: float) -> dict[str, object]:
    asked = {"output": "milking_count", "level": level, "months": [1, 12], "probability": probability}
    return {"metric": "forecast_below", "with": asked}


def test_a_floor_fires_where_enough_futures_cross_it(watching: Watching, kept: KeptRuns, run_id: str) -> None:
    watching.now = datetime(2026, 3, 1, 6, tzinfo=UTC)  # of the report date: every month is to come
    lowest = np.sort(kept.draws(run_id).values(Metric.MILKING_COUNT)[:, 1:13].min(axis=1))
    level = float(lowest[len(lowest) // 2])  # about half of the futures fall below it
    share = float((lowest < level).mean())
    low = wilson_low(int((lowest < level).sum()), len(lowest))

    watching.policy(**floor(level, probability=low - 0.01))
    watching.look()
    alert = watching.alert()
    assert alert.state == "FIRING"
    assert alert.last_value == pytest.approx(share)
    assert alert.message["params"]["percent_low"] == pytest.approx(100 * low)
    assert alert.message["params"]["run"] == run_id

    watching.policy(**floor(level, probability=low + 0.01))
    watching.look(minutes=1)
    assert watching.alert().state == "RESOLVED"


@pytest.mark.parametrize(("probability", "state"), [(0.15, "FIRING"), (0.25, "OK")])
def test_400_of_2000_futures_are_20_of_100_and_between_18_and_22(
    watching: Watching,
    kept: KeptRuns,
    run_id: str,
    monkeypatch: pytest.MonkeyPatch,
    probability: float,
    state: str,
) -> None:
    dates = kept.draws(run_id).dates
    counts = np.full((2000, len(dates), len(COUNT_COLUMNS)), 500, np.int32)
    counts[:400, 5, 0] = 399
    draws = Draws(dates=dates, counts=counts, days_in_milk_sum=np.zeros(counts.shape[:2], np.int64))
    monkeypatch.setattr(KeptRuns, "draws", lambda *_: draws)
    watching.now = datetime.combine(dates[0], datetime.min.time(), UTC)

    watching.policy(**floor(400, probability))
    watching.look()

    alert = watching.alert()
    assert (alert.state, alert.last_value) == (state, 0.2)
    # Newcombe (1998), method 3: 400 of 2000 gives 0.1831 to 0.2181.
    found = (alert.message["params"]["percent_low"], alert.message["params"]["percent_high"])
    assert found == pytest.approx((18.31, 21.81), abs=0.005)
    assert alert.message["params"]["worst_date"] == dates[5].isoformat()


def test_equal_runs_give_equal_alerts(watching: Watching, kept: KeptRuns, run_id: str) -> None:
    watching.now = datetime(2026, 3, 1, 6, tzinfo=UTC)
    level = float(np.median(kept.draws(run_id).values(Metric.MILKING_COUNT)[:, 1:13].min(axis=1)))
    watching.policy(**floor(level, probability=0.1))
    watching.look()
    first = watching.alert()
    again = kept.submit(kept.get(run_id).dataset_id, PAYLOAD, force=True).run
    work(kept)
    kept.star(again.id)

    watching.look(minutes=1)

    second = watching.alert()
    assert again.id != run_id
    assert (second.id, second.state, second.last_value) == (first.id, "FIRING", first.last_value)
    assert second.message["params"] == {**first.message["params"], "run": again.id}
    assert watching.types == ["alert.firing"]


def wilson_low(hits: int, n: int) -> float:
    """Return the lower end of Wilson's interval, by his formula (1927)."""
    z, p = 1.959963984540054, hits / n
    middle = p + z * z / (2 * n)
    return float((middle - z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))) / (1 + z * z / n))


def test_a_level_is_crossed_in_any_month_of_the_window() -> None:
    counts = np.full((4, 4, len(COUNT_COLUMNS)), 500, np.int32)
    counts[0, 1, 0] = 399  # month 1
    counts[1, 3, 0] = 399  # month 3
    counts[2, 0, 0] = 399  # the report date itself is no forecast
    dates = tuple(date(2026, month, 1) for month in (3, 4, 5, 6))
    draws = Draws(dates=dates, counts=counts, days_in_milk_sum=np.zeros((4, 4), np.int64))

    def crossed(first: int, last: int) -> tuple[int, int, int]:
        return share_beyond(draws, milking_below_400(first, last), range(first, last + 1), below=True)

    assert crossed(1, 3)[:2] == (2, 4)
    assert crossed(1, 2) == (1, 4, 1)
    assert crossed(3, 3) == (1, 4, 3)


def milking_below_400(first: int, last: int) -> With:
    return With(output=Metric.MILKING_COUNT, level=400, months=(first, last), probability=0.2)


@pytest.mark.parametrize(
    ("today", "window", "watched"),
    [
        (date(2026, 2, 26), (1, 3), [1, 2, 3]),
        (date(2026, 3, 1), (1, 3), [1, 2, 3]),
        (date(2026, 3, 2), (1, 3), [2, 3]),  # the first of March is over
        (date(2026, 4, 1), (1, 3), [2, 3]),
        (date(2026, 4, 2), (1, 3), [3]),
        (date(2026, 4, 2), (1, 2), []),
        (date(2026, 5, 2), (1, 3), []),
    ],
)
def test_months_that_are_past_are_not_watched(
    today: date, window: tuple[int, int], watched: list[int]
) -> None:
    dates = (date(2026, 2, 26), date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1))

    assert list(open_months(dates, milking_below_400(*window), today)) == watched


def test_a_level_that_was_crossed_in_the_past_alone_ends_and_an_old_plan_says_nothing(
    watching: Watching, kept: KeptRuns, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = np.full((10, 4, len(COUNT_COLUMNS)), 500, np.int32)
    counts[:9, 1, 0] = 399  # nine of ten futures in the first month: on the first of April
    counts[:4, 2, 0] = 399  # four of them, still, a month later; none on the first of June
    dates = tuple(date(2026, month, 1) for month in (3, 4, 5, 6))
    draws = Draws(dates=dates, counts=counts, days_in_milk_sum=np.zeros((10, 4), np.int64))
    monkeypatch.setattr(KeptRuns, "draws", lambda *_: draws)
    policy = {"metric": "forecast_below", "with": milking_below_400(1, 3).model_dump(mode="json")}
    watching.policy(**policy | {"no_data": "ok"})

    def look(day: date) -> AlertRow:
        watching.now = datetime(day.year, day.month, day.day, 6, tzinfo=UTC)
        watching.look()
        return watching.alert()

    assert (look(date(2026, 3, 2)).state, watching.alert().last_value) == ("FIRING", 0.9)
    # Wilson's lower end of 4 in 10 is 0.168: less than 0.2.
    assert (look(date(2026, 4, 2)).state, watching.alert().last_value) == ("RESOLVED", 0.4)
    assert (look(date(2026, 5, 2)).state, watching.alert().last_value) == ("OK", 0.0)
    over = look(date(2026, 6, 2))
    assert (over.has_no_data, over.last_value) == (True, None)
    assert (over.message["code"], over.message["params"]["report_date"]) == (
        "alert.months_past",
        "2026-03-01",
    )

    watching.policy(**policy | {"with": milking_below_400(1, 4).model_dump(mode="json")})
    assert look(date(2026, 6, 2)).message["code"] == "alert.plan_too_short"
    kept.star(run_id, starred=False)
    assert look(date(2026, 6, 2)).message["code"] == "alert.no_plan"
