"""The families of metrics that the store fills: name, kind, labels, and every label set that can be known."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from herd_engine.model.gate import GateMode
from herd_engine.model.run_status import TERMINAL
from herd_engine.model.scenario import Mode
from herd_engine.model.source import Source
from herd_engine.monitoring.watch_tasks import TaskName
from herd_engine.storage.metric_counts import DELIVERY_BUCKETS, RUN_BUCKETS
from herd_engine.storage.outbox_rows import AttemptOutcome, OutboxState

SEVERITIES = ("HIGH", "MEDIUM", "LOW")
ON = ("PENDING", "FIRING", "NO_DATA")
OUTCOMES = tuple(outcome.value for outcome in AttemptOutcome if outcome is not AttemptOutcome.STARTED)
EVENTS = ("alert.firing", "alert.resolved", "alert.no_data", "run.succeeded", "run.failed",
          "report.succeeded", "report.failed", "channel.disabled", "test.ping")  # fmt: skip
CHANNEL = "channel"
"""A label whose values are the channels of the home."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFamily:
    """A family of metrics.

    Attributes
    ----------
    name : str
        Without ``herd_``, and without the ``_total`` of a counter.
    help : str
    kind : str
        ``counter``, ``gauge`` or ``histogram``.
    labels : mapping of str to the values that can be known
        ``channel`` has those of the home.
    buckets : tuple of float
        Of a histogram: upper borders, seconds.
    """

    name: str
    help: str
    kind: str
    labels: tuple[tuple[str, tuple[str, ...]], ...] = ()
    buckets: tuple[float, ...] = ()

    @property
    def label_names(self) -> tuple[str, ...]:
        """What its labels are called."""
        return tuple(name for name, _ in self.labels)

    def known(self, channels: Iterable[str]) -> list[tuple[str, ...]]:
        """Return every set of label values that can be known before anything happened."""
        told = tuple(channels)
        return list(product(*(told if name == CHANNEL else values for name, values in self.labels)))


def _counter(name: str, text: str, *labels: tuple[str, tuple[str, ...]]) -> StoreFamily:
    return StoreFamily(name=name, help=text, kind="counter", labels=labels)


def _gauge(name: str, text: str, *labels: tuple[str, tuple[str, ...]]) -> StoreFamily:
    return StoreFamily(name=name, help=text, kind="gauge", labels=labels)


_ENDS = ("status", tuple(status.value for status in TERMINAL))
_MODES = ("mode", tuple(Mode))
_SOURCES = ("source", ("herd_export",))
_TASKS = ("task", tuple(TaskName))
_CHANNELS = (CHANNEL, ())

FAMILIES = (
    _counter("runs", "Forecasts that ended; also those deleted since.", _ENDS, ("source", tuple(Source))),
    StoreFamily(
        name="run_duration_seconds",
        help="From the first claim of a forecast to its end.",
        kind="histogram",
        labels=(_ENDS,),
        buckets=RUN_BUCKETS,
    ),
    StoreFamily(
        name="run_wait_seconds",
        help="From the queue to the first claim.",
        kind="histogram",
        labels=(_ENDS,),
        buckets=RUN_BUCKETS,
    ),
    _gauge("queue_length", "Forecasts that wait."),
    _gauge("queue_oldest_age_seconds", "How long the oldest of them has waited."),
    _gauge("runs_running", "Forecasts that are executed."),
    _counter("replicates", "Simulated futures of forecasts that succeeded.", _MODES),
    _gauge("replicates_per_second", "Simulated futures a second of all that are executed."),
    _counter(
        "datasets", "Herd files by the gravest finding.", ("severity", ("error", "warning", "info", "none"))
    ),
    _counter(
        "preflight_runs",
        "Herd files that were examined.",
        _SOURCES,
        ("final_status", ("PASS", "WARN", "FAIL", "SKIPPED")),
        ("mode", tuple(GateMode)),
    ),
    _counter("preflight_blocked", "Herd files that were refused by their contract.", _SOURCES),
    _gauge("preflight_latest_run_timestamp_seconds", "When a file was examined last; 0: never.", _SOURCES),
    _gauge("alerts_active", "Alerts that are on.", ("severity", SEVERITIES), ("status", ON)),
    _counter("alert_transitions", "Changes of alerts.", ("type", ("OK", *ON, "RESOLVED"))),
    _gauge("alert_silences_active", "Silences that hold."),
    _counter("alert_evaluation_errors", "Looks at a policy that failed."),
    _counter(
        "notification_attempts",
        "Attempts at sending that ended.",
        _CHANNELS,
        ("event_type", EVENTS),
        ("outcome", OUTCOMES),
    ),
    StoreFamily(
        name="notification_delivery_seconds",
        help="How long an attempt at sending took.",
        kind="histogram",
        labels=(_CHANNELS,),
        buckets=DELIVERY_BUCKETS,
    ),
    _gauge("outbox_messages", "Messages by state.", ("state", tuple(OutboxState))),
    _gauge("outbox_oldest_pending_age_seconds", "How long the oldest message that waits has waited."),
    _counter("notification_replays", "Messages that were sent once more on a wish.", _CHANNELS),
    _gauge("notification_channel_disabled", "Whether nothing is sent to a channel any more.", _CHANNELS),
    _gauge("scheduler_last_tick_timestamp_seconds", "When a task was done last; 0: never.", _TASKS),
    _gauge("scheduler_lease_epoch", "How often a task came to another process.", _TASKS),
)
