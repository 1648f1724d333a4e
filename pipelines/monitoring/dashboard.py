"""The dashboard for Grafana, made from a table of its panels."""

from itertools import count
from typing import Any, NamedTuple

TITLE, UID = "Herd: operations", "herd-operations"
SOURCE = {"type": "prometheus", "uid": "${source}"}
WIDTH, HEIGHT, COLUMNS = 8, 7, 24


class Panel(NamedTuple):
    """One picture; ``queries`` are what is asked, each with the words of its legend."""

    title: str
    unit: str
    description: str
    queries: tuple[tuple[str, str], ...]


def _quantiles(family: str, by: str = "") -> tuple[tuple[str, str], ...]:
    labels, legend = f"le{by and ', '}{by}", f" {{{{{by}}}}}" if by else ""
    return tuple(
        (f"histogram_quantile({q}, sum by ({labels}) (rate({family}_bucket[5m])))", f"p{100 * q:.0f}{legend}")
        for q in (0.5, 0.95, 0.99)
    )


_FAULTS = 'sum(rate(herd_http_requests_total{status=~"5.."}[5m]))'
_TICK = "time() - (herd_scheduler_last_tick_timestamp_seconds > 0)"
ROWS: dict[str, tuple[Panel, ...]] = {
    "Service": (
        Panel(
            "Requests",
            "reqps",
            "Answers a second by class of their status.",
            (
                (
                    "sum by (class) (label_replace(rate(herd_http_requests_total[5m]), "
                    '"class", "${1}xx", "status", "(.).."))',
                    "{{class}}",
                ),
            ),
        ),
        Panel(
            "How long answers take",
            "s",
            "Half of the answers, 95 % and 99 % are quicker.",
            _quantiles("herd_http_request_duration_seconds"),
        ),
        Panel(
            "Faults",
            "percentunit",
            "Share of answers that are faults of the service.",
            ((f"{_FAULTS} / sum(rate(herd_http_requests_total[5m]))", "faults"),),
        ),
        Panel("Streams", "short", "Streams that somebody reads.", (("sum(herd_http_streams_open)", "open"),)),
    ),
    "Runs": (
        Panel(
            "Queue",
            "short",
            "Forecasts that wait and that are executed.",
            (
                ("herd_queue_length", "queued"),
                ("herd_runs_running", "running"),
                ("herd_runners_alive", "runners"),
            ),
        ),
        Panel(
            "Oldest that waits", "s", "How long it has waited.", (("herd_queue_oldest_age_seconds", "age"),)
        ),
        Panel("Waiting", "s", "From the queue to the first claim.", _quantiles("herd_run_wait_seconds")),
        Panel("Duration", "s", "From the claim to the end.", _quantiles("herd_run_duration_seconds")),
        Panel(
            "Ended",
            "short",
            "Forecasts an hour by how they ended.",
            (("sum by (status) (increase(herd_runs_total[1h]))", "{{status}}"),),
        ),
        Panel(
            "Speed",
            "short",
            "Simulated futures a second.",
            (
                ("herd_replicates_per_second", "now"),
                ("sum by (mode) (rate(herd_replicates_total[5m]))", "{{mode}}"),
            ),
        ),
    ),
    "Herds": (
        Panel(
            "Age of the newest herd file",
            "s",
            "By farm.",
            (("herd_snapshot_age_seconds", "{{farm}}"),),
        ),
        Panel(
            "Files with errors",
            "short",
            "Herd files by the gravest finding.",
            (("herd_datasets_total", "{{severity}}"),),
        ),
        Panel(
            "Examined",
            "short",
            "Files a day by how their preflight ended.",
            (("sum by (final_status) (increase(herd_preflight_runs_total[1d]))", "{{final_status}}"),),
        ),
    ),
    "Alerts": (
        Panel(
            "On",
            "short",
            "Alerts by severity and status.",
            (("sum by (severity, status) (herd_alerts_active)", "{{severity}} {{status}}"),),
        ),
        Panel(
            "Changes",
            "short",
            "Changes of alerts an hour.",
            (("sum by (type) (increase(herd_alert_transitions_total[1h]))", "{{type}}"),),
        ),
        Panel("Silences", "short", "Silences that hold.", (("herd_alert_silences_active", "silences"),)),
    ),
    "Notifications": (
        Panel(
            "Attempts",
            "short",
            "Attempts an hour by how they ended.",
            (
                (
                    "sum by (channel, outcome) (increase(herd_notification_attempts_total[1h]))",
                    "{{channel}} {{outcome}}",
                ),
            ),
        ),
        Panel(
            "How long sending takes",
            "s",
            "By channel.",
            _quantiles("herd_notification_delivery_seconds", "channel"),
        ),
        Panel("Outbox", "short", "Messages by state.", (("herd_outbox_messages", "{{state}}"),)),
        Panel(
            "Closed channels",
            "short",
            "1: nothing is sent there any more.",
            (("herd_notification_channel_disabled", "{{channel}}"),),
        ),
        Panel(
            "Oldest message",
            "s",
            "How long it has waited.",
            (("herd_outbox_oldest_pending_age_seconds", "age"),),
        ),
    ),
    "Schedulers": (
        Panel("Last done", "s", "How long ago each task of `herd watch` was done.", ((_TICK, "{{task}}"),)),
        Panel(
            "Other processes",
            "short",
            "How often a task came to another process.",
            (("herd_scheduler_lease_epoch", "{{task}}"),),
        ),
    ),
    "Machine": (
        Panel(
            "Disk",
            "bytes",
            "Free and whole.",
            (("herd_disk_free_bytes", "free"), ("herd_disk_size_bytes", "size")),
        ),
        Panel("Database", "short", "1: it answers.", (("herd_database_up", "database"),)),
        Panel("Memory", "bytes", "Of the service.", (("process_resident_memory_bytes", "{{instance}}"),)),
    ),
}


def dashboard() -> dict[str, Any]:
    """Return the dashboard as Grafana imports it; which source it reads is chosen there."""
    source = {"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}
    return {
        "title": TITLE,
        "uid": UID,
        "schemaVersion": 36,
        "refresh": "15s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [source]},
        "panels": _panels(),
    }


def _panels() -> list[dict[str, Any]]:
    panels, ids, top = [], count(1), 0
    for row, pictures in ROWS.items():
        place = {"x": 0, "y": top, "w": COLUMNS, "h": 1}
        panels.append({"id": next(ids), "type": "row", "title": row, "gridPos": place, "panels": []})
        top += 1
        for number, picture in enumerate(pictures):
            down, across = divmod(number, COLUMNS // WIDTH)
            place = {"x": across * WIDTH, "y": top + down * HEIGHT, "w": WIDTH, "h": HEIGHT}
            panels.append(_panel(picture, next(ids), place))
        top += HEIGHT * -(-len(pictures) // (COLUMNS // WIDTH))
    return panels


def _panel(picture: Panel, number: int, place: dict[str, int]) -> dict[str, Any]:
    targets = [
        {"refId": chr(ord("A") + n), "expr": expr, "legendFormat": legend, "datasource": SOURCE}
        for n, (expr, legend) in enumerate(picture.queries)
    ]
    return {
        "id": number,
        "type": "timeseries",
        "title": picture.title,
        "description": picture.description,
        "datasource": SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": {"unit": picture.unit}, "overrides": []},
        "targets": targets,
    }
