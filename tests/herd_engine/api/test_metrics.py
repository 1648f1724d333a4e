"""What Prometheus is told: checked by its own programs, against what really happened, on both databases."""

import shutil
import subprocess
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event

from herd_engine.errors import ParameterError, StorageError
from herd_engine.storage import tables
from herd_engine.storage.channel_states import note_failure
from herd_engine.storage.operation_tables import attempt, outbox
from herd_engine.storage.outbox_retention import OutboxRetention
from herd_engine.storage.tables import now
from herd_engine.workbench.service_metrics import ServiceMetrics
from tests.herd_engine.api.conftest import PAYLOAD
from tests.herd_engine.runs.conftest import work
from tests.stores import absent

URL = "/api/v1/diagnostics/metrics"
CHANNELS = "version: 1\nchannels:\n  - {id: archive, kind: folder, folder: told}\n"


@pytest.fixture(autouse=True)
def asked_anew(monkeypatch):
    """No scrape is answered from the one before, and each is waited for."""
    monkeypatch.setattr("herd_engine.monitoring.metrics.collector.REMEMBERED_SECONDS", 0.0)
    monkeypatch.setattr("herd_engine.monitoring.metrics.collector.LONGEST_SECONDS", 60.0)  # a busy machine


def scraped(client):
    """Return what a scrape says: name and labels to value."""
    answer = client.get(URL)
    assert answer.status_code == 200
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def value(found, name, **labels):
    return found[name, tuple(sorted(labels.items()))]


def test_what_was_remembered_is_counted(client):
    def counted():
        found = scraped(client)
        names = ("hits", "misses", "invalidations")
        return [value(found, f"herd_cache_{name}_total", cache="outputs") for name in names]

    before = counted()  # of the process: other tests were here too
    for _ in range(3):
        assert client.get("/api/v1/outputs").status_code == 200

    assert [now - then for now, then in zip(counted(), before, strict=True)] == [2, 1, 0]


def test_promtool_accepts_it(client):
    program = shutil.which("promtool") or absent("promtool is not installed (apt-get install prometheus)")
    text = client.get(URL).text

    checked = subprocess.run(
        [program, "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_the_kind_follows_what_is_accepted(client):
    kinds = [
        client.get(URL, headers={"accept": accept}).headers["content-type"].partition(";")[0]
        for accept in ("text/plain", "application/openmetrics-text; version=1.0.0")
    ]

    assert kinds == ["text/plain", "application/openmetrics-text"]


def test_every_label_set_that_can_be_known_is_there_from_the_first_scrape(client, bench):
    (bench.kept.store.settings.home / "channels.yaml").write_text(CHANNELS)

    found = scraped(client)

    zeros = [
        value(found, "herd_preflight_blocked_total", source="herd_export"),
        value(found, "herd_runs_total", status="timeout", source="plan"),
        value(
            found,
            "herd_notification_attempts_total",
            channel="archive",
            event_type="report.failed",
            outcome="DEAD",
        ),
        value(found, "herd_outbox_messages", state="DEAD"),
        value(found, "herd_scheduler_last_tick_timestamp_seconds", task="alerts"),
        value(found, "herd_http_requests_total", method="GET", route="/api/v1/runs", status="500"),
        value(found, "herd_ratelimited_total", **{"class": "upload"}),
        value(found, "herd_auth_failures_total", reason="invalid"),
        value(found, "herd_alert_evaluation_errors_total"),
    ]
    assert zeros == [0.0] * len(zeros)
    assert value(found, "herd_database_up") == 1.0


def test_what_happened_is_counted(client, bench, dataset):
    before = scraped(client)
    submitted = client.post("/api/v1/runs", json={"dataset_id": dataset, "payload": PAYLOAD})
    assert submitted.status_code in (200, 201, 202), submitted.text
    waiting = scraped(client)
    work(bench.kept)
    after = scraped(client)

    ended = {"status": "succeeded", "source": "api"}
    counts = [value(found, "herd_runs_total", **ended) for found in (before, waiting, after)]
    assert counts == [0.0, 0.0, 1.0]
    assert [value(found, "herd_queue_length") for found in (before, waiting, after)] == [0.0, 1.0, 0.0]
    assert value(after, "herd_replicates_total", mode="calibrated") == PAYLOAD["mc_runs"]
    (run,) = bench.runs.list().items
    took = (run.finished_at - run.started_at).total_seconds()
    assert value(after, "herd_run_duration_seconds_sum", status="succeeded") == pytest.approx(took, abs=0.01)
    assert value(after, "herd_run_duration_seconds_bucket", status="succeeded", le="+Inf") == 1.0
    assert value(after, "herd_http_requests_total", method="POST", route="/api/v1/runs", status="202") == 1.0


def test_what_is_deleted_was_there(client, bench, dataset):
    client.post("/api/v1/runs", json={"dataset_id": dataset, "payload": PAYLOAD})
    work(bench.kept)
    before = scraped(client)
    (run,) = bench.runs.list().items
    bench.runs.delete([run.id], for_everybody=True)
    bench.datasets.delete(dataset)

    after = scraped(client)

    for key in before:
        if key[0].startswith(("herd_runs_total", "herd_run_", "herd_replicates_total", "herd_datasets")):
            assert after[key] == pytest.approx(before[key]), key
    assert before["herd_runs_total", (("source", "api"), ("status", "succeeded"))] == 1.0


def test_attempts_that_are_too_old_to_be_kept_were_made(client, bench):
    store = bench.kept.store
    (store.settings.home / "channels.yaml").write_text(CHANNELS)
    client.post("/api/v1/diagnostics/notifications/channels/archive/test")
    client.post("/api/v1/diagnostics/notifications/dispatch")
    before = scraped(client)
    with store.database.transaction() as connection:
        connection.execute(sa.update(outbox).values(created_at=now() - timedelta(days=401)))
    assert OutboxRetention(store.database).forget() == 1

    after = scraped(client)

    with store.database.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(attempt)).scalar_one() == 0
    labels = {"channel": "archive", "event_type": "test.ping", "outcome": "SENT"}
    key = ("herd_notification_attempts_total", tuple(sorted(labels.items())))
    assert before[key] == 1.0
    (store.settings.home / "channels.yaml").write_text(CHANNELS)
    assert after[key] == 1.0


def test_while_the_database_is_away_the_rest_is_served_and_the_failure_counted(client, bench, monkeypatch):
    def away(*_):
        raise StorageError("The database", "it does not answer")

    monkeypatch.setattr("herd_engine.workbench.service_metrics.store_numbers", away)

    found = [scraped(client), scraped(client)]

    assert [value(each, "herd_database_up") for each in found] == [0.0, 0.0]
    assert [value(each, "herd_metrics_render_errors_total") for each in found] == [1.0, 2.0]
    assert value(found[1], "herd_http_requests_total", method="GET", route=URL, status="200") == 1.0
    assert ("herd_queue_length", ()) not in found[0]


def test_a_scrape_writes_nothing(client, bench):
    scraped(client)
    statements = []
    engine = bench.kept.store.database.engine
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))

    scraped(client)

    changing = ("INSERT", "UPDATE", "DELETE", "CREATE")
    assert [said for said in statements if said.lstrip().upper().startswith(changing)] == []
    assert len(statements) > 10


def test_a_thousand_farms_are_a_hundred_labels(client, bench, dataset):
    database = bench.kept.store.database
    with database.transaction() as connection:
        one = connection.execute(sa.select(tables.dataset)).one()._asdict()
        farms = [
            {"id": str(uuid.uuid4()), "name": f"Farm {n:04}", "name_key": f"{n:04}"} for n in range(1000)
        ]
        more = {"is_default": False, "created_at": one["created_at"]}
        connection.execute(sa.insert(tables.farm), [each | more for each in farms])
        files = [one | {"id": str(uuid.uuid4()), "farm_id": each["id"]} for each in farms]
        connection.execute(sa.insert(tables.dataset), files)

    found = scraped(client)

    assert sum(name == "herd_snapshot_age_seconds" for name, _ in found) == 100
    assert len(found) < 3000


def test_names_that_a_path_invents_are_one(client):
    for number in range(50):
        client.get(f"/api/v1/nothing/{number}")
        client.request("FROBNICATE", f"/api/v1/runs/{number}")
        client.get(f"/api/v1/runs/{number}")

    found = scraped(client)

    routes = {dict(labels)["route"] for name, labels in found if name == "herd_http_requests_total"}
    assert not [route for route in routes if any(letter.isdigit() for letter in route.replace("v1", ""))]
    assert value(found, "herd_http_requests_total", method="GET", route="unknown", status="404") == 50.0


def test_who_is_not_known_and_who_asks_too_much_is_counted(start):
    client = start(limits={"read": "2/minute"})
    stranger = start(token="w" * 43)
    refused = stranger.get("/api/v1/me").status_code
    [client.get("/api/v1/me") for _ in range(3)]

    metrics: ServiceMetrics = client.app._app.state.metrics

    text = metrics.render("text/plain")[0].decode()
    assert refused == 401
    assert 'herd_ratelimited_total{class="read"} 1.0' in text
    other = stranger.app._app.state.metrics.render("text/plain")[0].decode()
    assert 'herd_auth_failures_total{reason="invalid"} 1.0' in other


def test_a_channel_that_is_closed_is_seen_from_the_first_scrape(client, bench):
    store = bench.kept.store
    (store.settings.home / "channels.yaml").write_text(CHANNELS)
    name = "herd_notification_channel_disabled"
    assert value(scraped(client), name, channel="archive") == 0

    with store.database.transaction() as connection:
        note_failure(connection, "archive", now(), "GONE")
    assert value(scraped(client), name, channel="archive") == 1
    bench.deliveries.enable("archive")
    assert value(scraped(client), name, channel="archive") == 0


def test_numbers_of_several_processes_in_one_folder_are_refused(bench, monkeypatch, tmp_path):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))

    with pytest.raises(ParameterError, match="PROMETHEUS_MULTIPROC_DIR"):
        ServiceMetrics(bench, [], [], "off")
