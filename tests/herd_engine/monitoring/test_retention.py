"""Old runs go after they were named; what matters stays; runs and reports are told once."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from herd_engine.errors import ConflictError
from herd_engine.monitoring.notifications.channels import ChannelBook
from herd_engine.monitoring.notifications.run_notices import RunNotices, ToldReport, tell_report
from herd_engine.monitoring.retention import OldRuns
from herd_engine.storage.database_clock import database_now
from herd_engine.storage.log_retention import forget_old
from herd_engine.storage.operation_tables import alert_transition, audit, outbox
from herd_engine.storage.run_retention import note_reported
from herd_engine.storage.tables import judgement, run
from herd_engine.storage.tally import tallied
from tests.herd_engine.runs.conftest import farm_file, kept, settings

__all__ = ["farm_file", "kept", "settings"]
CHANNELS = """
version: 1
channels:
  - {id: all, kind: folder, folder: told, events: ["*"]}
  - {id: usual, kind: folder, folder: told}
"""


def anybody(_):
    """Prove nothing."""


@pytest.fixture
def ended(kept, farm_file):
    """Return eight finished runs, the oldest first, a minute apart."""
    row = kept.add_dataset(farm_file, "farm.csv")
    ids = [
        kept.submit(row.id, {"horizon_months": 3, "mc_runs": 20, "seed": seed}).run.id for seed in range(8)
    ]
    with kept.store.database.transaction() as connection:
        now = database_now(connection)
        for number, run_id in enumerate(ids):
            at = now - timedelta(minutes=60 - number)
            change = sa.update(run).where(run.c.id == run_id)
            status = "failed" if number == 1 else "succeeded"
            connection.execute(change.values(status=status, started_at=at, finished_at=at))
    return ids


def left(kept):
    with kept.store.database.reading() as connection:
        return set(connection.execute(sa.select(run.c.id)).scalars())


def actions(kept):
    with kept.store.database.reading() as connection:
        rows = connection.execute(sa.select(audit).order_by(audit.c.at)).all()
    return [(row.action, set(row.new["runs"])) for row in rows if row.action.startswith("RUNS_")]


def test_what_is_old_is_named_first_and_goes_the_next_time(kept, ended):
    old_runs = OldRuns(kept.store, keep=5)

    looks = [old_runs.look(anybody)]
    between = left(kept)
    looks += [old_runs.look(anybody), old_runs.look(anybody)]

    assert looks == [0, 3, 0]
    assert between == set(ended)
    assert left(kept) == set(ended[3:])
    assert actions(kept) == [("RUNS_PLANNED", set(ended[:3])), ("RUNS_DELETED", set(ended[:3]))]


def test_what_matters_stays(kept, ended):
    kept.pin(ended[0])
    database = kept.store.database
    with database.transaction() as connection:
        at = database_now(connection)
        note_reported(connection, [ended[2], "gone"], "kpis/1", at)
        row = connection.execute(sa.select(run).where(run.c.id == ended[3])).one()
        values = {column.name: 0 for column in judgement.c if not column.nullable}
        texts = {c.name: "x" for c in judgement.c if isinstance(c.type, sa.String | sa.Text)}
        days = {c.name: at.date() for c in judgement.c if isinstance(c.type, sa.Date)}
        moments = {c.name: at for c in judgement.c if "DateTime" in type(c.type).__name__}
        known = {"run_id": row.id, "farm_id": row.farm_id, "dataset_id": row.dataset_id}
        connection.execute(sa.insert(judgement).values(values | texts | days | moments | known))
    kept.star(ended[4])
    old_runs = OldRuns(kept.store, keep=1)
    old_runs.look(anybody)

    assert old_runs.look(anybody) == 3
    assert left(kept) == {ended[0], ended[2], ended[3], ended[4], ended[7]}


def test_what_was_pinned_meanwhile_stays(kept, ended):
    old_runs = OldRuns(kept.store, keep=7)
    old_runs.look(anybody)
    kept.pin(ended[0])

    assert old_runs.look(anybody) == 0
    assert left(kept) == set(ended)


def test_who_lost_the_task_deletes_nothing(kept, ended):
    def lost(_):
        raise ConflictError("Another process does it.", "lease_lost", "retention")

    old_runs = OldRuns(kept.store, keep=5)
    old_runs.look(anybody)

    with pytest.raises(ConflictError):
        old_runs.look(lost)

    assert left(kept) == set(ended)


def messages(kept):
    with kept.store.database.reading() as connection:
        rows = connection.execute(sa.select(outbox).order_by(outbox.c.created_at, outbox.c.id)).all()
    return [(row.channel_id, row.event_type, json.loads(row.payload)["data"]) for row in rows]


def test_runs_that_ended_are_told_once_to_who_wants_them(kept, ended):
    (kept.store.settings.home / "channels.yaml").write_text(CHANNELS)
    notices = RunNotices(kept.store, ChannelBook(kept.store.settings.home), "/herd/test")
    with kept.store.database.reading() as connection:
        now = database_now(connection)
    since = now - timedelta(minutes=57, seconds=30)  # the last three minutes of ten look-backs overlap by one

    counts = [notices.tell(None, anybody), notices.tell(since, anybody), notices.tell(since, anybody)]

    told = messages(kept)
    assert counts[0] == 0  # whoever begins tells of nothing that is over
    assert {(channel, data["run"]["id"]) for channel, _, data in told} == {
        ("all", each) for each in ended[2:]
    }
    assert {kind for _, kind, _ in told} == {"run.succeeded"}
    assert len(told) == 6


def test_a_run_that_failed_is_told_as_such(kept, ended):
    (kept.store.settings.home / "channels.yaml").write_text(CHANNELS)
    with kept.store.database.reading() as connection:
        since = database_now(connection) - timedelta(hours=2)
    RunNotices(kept.store, ChannelBook(kept.store.settings.home), "/herd/test").tell(since, anybody)

    assert [data["run"]["id"] for _, kind, data in messages(kept) if kind == "run.failed"] == [ended[1]]


def test_a_report_names_its_files_by_their_hashes_and_is_told_once(kept, ended):
    (kept.store.settings.home / "channels.yaml").write_text(CHANNELS)
    farm = kept.catalog.farm
    files = {"report.html": "ab" * 32, "report.ipynb": "cd" * 32}
    good = ToldReport(
        id="e1", report="kpis", farm="F", title="T", status="succeeded", runs=[ended[0]], files=files
    )
    bad = ToldReport(
        id="e2", report="kpis", farm="F", title="T", status="failed", runs=[], files={}, error_code="x"
    )
    for told in (good, good, bad):
        tell_report(kept.store, told, (farm.id, farm.name), "/herd/test")

    found = messages(kept)

    assert sorted((channel, kind) for channel, kind, _ in found) == [
        ("all", "report.failed"),
        ("all", "report.succeeded"),
        ("usual", "report.failed"),
    ]
    assert next(data["report"]["files"] for _, kind, data in found if kind == "report.succeeded") == files


def test_what_is_older_than_400_days_goes_and_was_counted(kept):
    database = kept.store.database
    with database.transaction() as connection:
        now = database_now(connection)
        for number, days in enumerate((399, 401, 500)):
            row = {"id": f"t{number}", "alert_id": "a", "policy_id": "p", "severity": "LOW", "old": "OK"}
            row |= {"new": "FIRING", "at": now - timedelta(days=days), "message": {}, "reason": ""}
            connection.execute(sa.insert(alert_transition).values(row))

    gone = [forget_old(database), forget_old(database)]

    with database.reading() as connection:
        ids = connection.execute(sa.select(alert_transition.c.id)).scalars().all()
        counts = tallied(connection)
    assert (gone, ids) == ([2, 0], ["t0"])
    assert counts["alert_transitions", ("FIRING",)] == 2
