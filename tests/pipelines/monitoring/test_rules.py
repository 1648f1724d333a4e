"""Each rule fires, keeps quiet, and bears series that are missing: judged by `promtool test rules`."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from herd_engine.errors import OutputError
from pipelines.monitoring.dashboard import COLUMNS
from pipelines.monitoring.export import export_monitoring
from tests.stores import absent

I = 'instance="a"'  # noqa: E741 - the one instance of the cases
TICK = "herd_scheduler_last_tick_timestamp_seconds"
ROUTE = f'{I},method="GET",route="/api/v1/runs"'
SLOW = {
    f'herd_http_request_duration_seconds_bucket{{{ROUTE},le="1"}}': "0+1x60",
    f'herd_http_request_duration_seconds_bucket{{{ROUTE},le="5"}}': "0+60x60",
    f'herd_http_request_duration_seconds_bucket{{{ROUTE},le="+Inf"}}': "0+60x60",
}
QUICK = dict.fromkeys(SLOW, "0+60x60")
SENT = f'herd_notification_delivery_seconds_bucket{{{I},channel="hub",le="%s"}}'
# Rule: (minute, what fires then, what keeps quiet). A value a minute, as promtool writes series.
CASES = {
    "HerdApiDown": (2, {f'up{{job="herd",{I}}}': "0x60"}, {f'up{{job="herd",{I}}}': "1x60"}),
    "HerdMetricsMissing": (6, {f'up{{job="herd",{I}}}': "1x60"}, {f"herd_build_info{{{I}}}": "1x60"}),
    "HerdDatabaseDown": (3, {f"herd_database_up{{{I}}}": "0x60"}, {f"herd_database_up{{{I}}}": "1x60"}),
    "HerdNoRunner": (
        3,
        {f"herd_queue_length{{{I}}}": "1x60", f"herd_runners_alive{{{I}}}": "0x60"},
        {f"herd_queue_length{{{I}}}": "1x60", f"herd_runners_alive{{{I}}}": "1x60"},
    ),
    "HerdQueueOld": (
        6,
        {f"herd_queue_oldest_age_seconds{{{I}}}": "901x60"},
        {f"herd_queue_oldest_age_seconds{{{I}}}": "900x60"},
    ),
    "HerdRunFailures": (
        60,
        {
            f'herd_runs_total{{{I},status="failed"}}': "0+0.1x60",
            f'herd_runs_total{{{I},status="succeeded"}}': "0+0.1x60",
        },
        {f'herd_runs_total{{{I},status="failed"}}': "0+0.05x60"},  # three an hour: too few to judge
    ),
    "HerdErrorRatio": (
        12,
        {
            f'herd_http_requests_total{{{I},status="500"}}': "0+10x60",
            f'herd_http_requests_total{{{I},status="200"}}': "0+100x60",
        },
        {
            f'herd_http_requests_total{{{I},status="500"}}': "0+1x60",
            f'herd_http_requests_total{{{I},status="200"}}': "0+100x60",
        },
    ),
    "HerdSlowReads": (20, SLOW, QUICK),
    "HerdOutboxBacklog": (
        11,
        {f'herd_outbox_messages{{{I},state="PENDING"}}': "21x60"},
        {
            f'herd_outbox_messages{{{I},state="PENDING"}}': "20x60",
            f'herd_outbox_messages{{{I},state="SENT"}}': "900x60",
        },
    ),
    "HerdOutboxDead": (
        2,
        {f'herd_outbox_messages{{{I},state="DEAD"}}': "1x60"},
        {f'herd_outbox_messages{{{I},state="DEAD"}}': "0x60"},
    ),
    "HerdChannelDisabled": (
        2,
        {f'herd_notification_channel_disabled{{{I},channel="hub"}}': "1x60"},
        {f'herd_notification_channel_disabled{{{I},channel="hub"}}': "0x60"},
    ),
    "HerdDeliverySlow": (
        25,
        {SENT % "5": "0+1x60", SENT % "10": "0+60x60", SENT % "+Inf": "0+60x60"},
        {SENT % "5": "0+60x60", SENT % "10": "0+60x60", SENT % "+Inf": "0+60x60"},
    ),
    "HerdSchedulerStale": (
        8,
        {f'{TICK}{{{I},task="alerts"}}': "60x60"},
        {f'{TICK}{{{I},task="alerts"}}': "60+60x60", f'{TICK}{{{I},task="retention"}}': "60x60"},
    ),
    "HerdSchedulerNeverTicked": (
        11,
        {f'{TICK}{{{I},task="alerts"}}': "0x60"},
        {f'{TICK}{{{I},task="alerts"}}': "60+60x60"},
    ),
    "HerdHighAlert": (
        21,
        {f'herd_alerts_active{{{I},severity="HIGH",status="FIRING"}}': "1x60"},
        {f'herd_alerts_active{{{I},severity="MEDIUM",status="FIRING"}}': "9x60"},
    ),
    "HerdPoliciesInvalid": (
        2,
        {f"herd_alert_policies_invalid{{{I}}}": "1x60"},
        {f"herd_alert_policies_invalid{{{I}}}": "0x60"},
    ),
    "HerdJwksStale": (
        6,
        {f"herd_jwks_age_seconds{{{I}}}": "3601x60"},
        {f"herd_jwks_age_seconds{{{I}}}": "3600x60"},
    ),
    "HerdDiskLow": (
        11,
        {f"herd_disk_free_bytes{{{I}}}": "9x60", f"herd_disk_size_bytes{{{I}}}": "100x60"},
        {f"herd_disk_free_bytes{{{I}}}": "11x60", f"herd_disk_size_bytes{{{I}}}": "100x60"},
    ),
    "HerdBlocked": (
        8,
        {f'herd_preflight_blocked_total{{{I},source="herd_export"}}': "0x5 1x60"},
        {f'herd_preflight_blocked_total{{{I},source="herd_export"}}': "1x60"},
    ),
    "HerdAuthDisabled": (
        1,
        {f'herd_auth_mode{{{I},mode="off"}}': "1x60"},
        {f'herd_auth_mode{{{I},mode="key"}}': "1x60"},
    ),
}
CHECK_CONFIG = ("promtool", "check", "config", "prometheus.yml")
CHECK_ROUTES = ("amtool", "check-config", "alertmanager.yml")
SPEAK_OF_WHAT_IS_MISSING = {"HerdMetricsMissing", "HerdSchedulerNeverTicked"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    written = tmp_path_factory.mktemp("monitoring")
    export_monitoring(written)
    return written


def program(name):
    return shutil.which(name) or absent(f"{name} is not installed (apt-get install prometheus-alertmanager)")


def checked(folder, *command):
    done = subprocess.run(
        [program(command[0]), *command[1:]], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def rules(folder):
    (group,) = yaml.safe_load((folder / "rules.yml").read_text())["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


def judged(folder, name, minute, series, n_firing):
    """Let promtool count how often a rule fires at a minute."""
    asked = {
        "expr": f'count(ALERTS{{alertname="{name}",alertstate="firing"}}) or vector(0)',
        "eval_time": f"{minute}m",
        "exp_samples": [{"labels": "{}", "value": n_firing}],
    }
    given = [{"series": each, "values": values} for each, values in series.items()]
    case = {"interval": "1m", "input_series": given, "promql_expr_test": [asked]}
    test = folder / f"{name}.test.yml"
    test.write_text(yaml.safe_dump({"rule_files": ["rules.yml"], "tests": [case]}, width=1000))
    return checked(folder, "promtool", "test", "rules", test.name)


def test_every_rule_has_cases(folder):
    assert set(rules(folder)) == {*CASES, "HerdWatchdog"}


@pytest.mark.parametrize("name", CASES)
def test_a_rule_fires_and_keeps_quiet(folder, name):
    minute, fires, quiet = CASES[name]
    missing = int(name in SPEAK_OF_WHAT_IS_MISSING)

    verdicts = [
        judged(folder, name, minute, fires, 1),
        judged(folder, name, minute, quiet, 0),
        judged(folder, name, minute, {f"other{{{I}}}": "1x60"}, missing),
        judged(folder, name, minute, fires, 0),  # the judge is one: a wrong claim is refused
    ]

    assert [code for code, _ in verdicts] == [0, 0, 0, 1], verdicts


def test_prometheus_and_alertmanager_accept_the_files(folder):
    assert checked(folder, "promtool", "check", "config", "prometheus.yml")[0] == 0
    assert checked(folder, "amtool", "check-config", "alertmanager.yml")[0] == 0


@pytest.mark.parametrize(
    ("severity", "receiver"),
    [("critical", "page"), ("warning", "desk"), ("info", "log"), ("watchdog", "log"), ("unheard-of", "log")],
)
def test_alerts_go_where_they_should(folder, severity, receiver):
    asked = ("config", "routes", "test", "--config.file=alertmanager.yml", f"severity={severity}")

    code, said = checked(folder, "amtool", *asked)

    assert (code, said.split()[0]) == (0, receiver)


@pytest.mark.parametrize(
    ("name", "planted", "command"),
    [
        ("rules.yml", ("up{job", "up{{job"), ("promtool", "check", "rules", "rules.yml")),
        ("prometheus.yml", ("scrape_interval", "scrape_intervall"), CHECK_CONFIG),
        ("alertmanager.yml", ("receiver: page", "receiver: pager"), CHECK_ROUTES),
    ],
)
def test_a_planted_fault_is_found(tmp_path, name, planted, command):
    export_monitoring(tmp_path)
    path = tmp_path / name
    text = path.read_text()
    assert planted[0] in text
    path.write_text(text.replace(*planted, 1))

    assert checked(tmp_path, *command)[0] != 0


def test_every_rule_leads_to_a_heading_of_the_runbook(folder):
    headings = re.findall(r"^## (\S+)$", (folder / "RUNBOOK.md").read_text(), re.MULTILINE)
    anchors = {f"RUNBOOK.md#{heading.lower()}" for heading in headings}

    said = {rule["annotations"]["runbook_url"] for rule in rules(folder).values()}

    assert said <= anchors
    assert len(said) == len(rules(folder))
    assert all({"summary", "description"} <= set(rule["annotations"]) for rule in rules(folder).values())
    assert all(rule["labels"]["subsystem"] for rule in rules(folder).values())


def faults_of(dashboard, folder):
    """Return what is wrong with a dashboard: our own checks, for no program here has any."""
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    ids = [panel["id"] for panel in dashboard["panels"]]
    found = [] if len(set(ids)) == len(ids) else ["ids"]
    for panel in panels:
        place = panel["gridPos"]
        if place["x"] + place["w"] > COLUMNS:
            found.append("grid")
        if not (panel["description"] and panel["fieldConfig"]["defaults"]["unit"]):
            found.append("words")
        if {panel["datasource"]["uid"], *(t["datasource"]["uid"] for t in panel["targets"])} != {"${source}"}:
            found.append("source")
    cells = [
        (x, y)
        for panel in dashboard["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    found += [] if len(set(cells)) == len(cells) else ["overlap"]
    exprs = [target["expr"] for panel in panels for target in panel["targets"]]
    recorded = [{"record": f"r:{number}", "expr": expr} for number, expr in enumerate(exprs)]
    (folder / "panels.yml").write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": recorded}]}))
    found += [] if checked(folder, "promtool", "check", "rules", "panels.yml")[0] == 0 else ["expression"]
    return found


def planted(dashboard, change):
    copy = json.loads(json.dumps(dashboard))
    change(copy["panels"])
    return copy


def test_the_dashboard_is_one_and_planted_faults_are_found(folder):
    dashboard = json.loads((folder / "dashboard.json").read_text())
    plants = {
        "ids": lambda panels: panels[1].update(id=panels[2]["id"]),
        "grid": lambda panels: panels[1]["gridPos"].update(w=25),
        "words": lambda panels: panels[1].update(description=""),
        "source": lambda panels: panels[1]["datasource"].update(uid="mine"),
        "overlap": lambda panels: panels[2]["gridPos"].update(panels[1]["gridPos"]),
        "expression": lambda panels: panels[1]["targets"][0].update(expr="sum(rate("),
    }

    assert faults_of(dashboard, folder) == []
    for name, change in plants.items():
        assert name in faults_of(planted(dashboard, change), folder), name


def test_rules_and_pictures_ask_for_families_that_there_are(folder, shown_families):
    asked = set()
    for name in ("rules.yml", "dashboard.json"):
        asked |= set(re.findall(r"\b(?:herd|process)_[a-z_]+", (folder / name).read_text()))
    asked = {re.sub(r"_bucket$", "", name) for name in asked if name != "herd_export"}

    assert asked - shown_families == set()
    assert Path(folder / "rules.yml").stat().st_size > 0


@pytest.fixture
def shown_families(tmp_path):
    """The families that a service over an empty store shows."""
    from herd_engine.workbench import Workbench  # noqa: PLC0415
    from herd_engine.workbench.service_metrics import ServiceMetrics  # noqa: PLC0415

    workbench = Workbench(tmp_path / "home")
    text = ServiceMetrics(workbench, [("GET", "/")], ["read"], "key").render("text/plain")[0].decode()
    workbench.close()
    return set(re.findall(r"^# TYPE (\S+) ", text, re.MULTILINE))


def test_files_for_a_folder_that_cannot_be_are_refused(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file")

    with pytest.raises(OutputError, match="no such folder can be made"):
        export_monitoring(taken)
